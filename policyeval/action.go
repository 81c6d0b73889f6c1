package policyeval

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// action is what the evaluation rules need to know of a request's action. There
// are few actions and they repeat, so it is computed once for each.
type action struct {
	contextKey        // in lower case
	service    string // before the colon, in lower case
	verb       string // behind it
	// always: allowed to everyone who is authenticated; no policy can deny it.
	always bool
	// trust: on a role, the role's trust policy must allow it.
	trust bool
	// ownerOnly: no policy opens it to another account.
	ownerOnly bool
	// rcp: resource control policies apply to it.
	rcp bool
}

// roleActions are governed by a role's trust policy.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html.
var roleActions = []string{
	"assumerole", "assumerolewithsaml", "assumerolewithwebidentity", "tagsession", "setsourceidentity", "setcontext",
}

// ownerOnly lists the actions that only the account that owns the resource may
// call, whatever the policies say. For KMS the list is reversed: it holds the
// actions that other accounts may call.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html
// and https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html.
var (
	sqsOwnerOnly = []string{
		"addpermission", "cancelmessagemovetask", "createqueue", "deletequeue", "listmessagemovetasks", "listqueues",
		"listqueuetags", "removepermission", "setqueueattributes", "startmessagemovetask", "tagqueue", "untagqueue",
	}
	kmsShared = []string{
		"creategrant", "decapsulate", "decrypt", "derivesharedsecret", "describekey", "encapsulate", "encrypt", "generatedatakey",
		"generatedatakeypair", "generatedatakeypairwithoutplaintext", "generatedatakeywithoutplaintext", "generatemac",
		"getkeyrotationstatus", "getpublickey", "listgrants", "reencryptfrom", "reencryptto", "retiregrant",
		"revokegrant", "sign", "verify", "verifymac",
	}
)

// rcpServices are the prefixes of the services that resource control policies
// apply to, as the guide lists them in 2026.
//
// See https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services.
var rcpServices = strings.Fields(`
	aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch
	cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend
	comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose
	fis fms gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications
	opensearch pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager
	servicediscovery signin sqs sts support swf textract timestream-influxdb transcribe transfer translate
	wafv2 workspaces xray`)

func newAction(name string) *action {
	a := &action{contextKey: makeKey(name)}
	a.service, a.verb, _ = strings.Cut(a.name, ":")
	a.rcp = slices.Contains(rcpServices, a.service) && a.name != "kms:retiregrant"
	switch a.service {
	case "sts":
		a.always = a.verb == "getcalleridentity"
		a.trust = slices.Contains(roleActions, a.verb)
	case "sqs":
		a.ownerOnly = slices.Contains(sqsOwnerOnly, a.verb)
	case "kms":
		a.ownerOnly = !slices.Contains(kmsShared, a.verb)
	}
	return a
}

// maxActions bounds the memory: a client can send any number of different
// actions.
const maxActions = 4096

var (
	knownActions atomic.Pointer[map[string]*action]
	addAction    sync.Mutex
)

// actionOf is the action with a name, which may be in any case.
func actionOf(name string) *action {
	if known := knownActions.Load(); known != nil {
		if a, ok := (*known)[name]; ok {
			return a
		}
	}
	return learnAction(name)
}

func learnAction(name string) *action {
	a := newAction(name)
	addAction.Lock()
	defer addAction.Unlock()
	next := map[string]*action{}
	if known := knownActions.Load(); known != nil {
		if len(*known) >= maxActions {
			return a
		}
		next = maps.Clone(*known)
	}
	next[name] = a
	knownActions.Store(&next)
	return a
}
