package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"iter"
	"log/slog"
	"regexp"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/awspolicy"
	"github.com/waxseal/waxseal/internal/store"
)

// awsAccount is the account in the ARNs of AWS's own policies.
const awsAccount = "aws"

// told has the ids and descriptions, which internal/awspolicy lacks, of the AWS
// managed policies that are used most.
var told = map[string]struct{ id, description string }{
	"AWSKeyManagementServicePowerUser": {"ANPAJNPP7PPPPMJRV2SA4", "Provides access to AWS Key Management Service (KMS)."},
	"AWSLambdaBasicExecutionRole":      {"ANPAJNCQGXC42545SKXIK", "Provides write permissions to CloudWatch Logs."},
	"AWSLambdaSQSQueueExecutionRole":   {"ANPAJFWJZI6JNND4TSELK", "Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs."},
	"AdministratorAccess":              {"ANPAIWMBCKSKIEE64ZLYK", "Provides full access to AWS services and resources."},
	"AmazonSNSFullAccess":              {"ANPAJWEKLCXXUNT2SOLSG", "Provides full access to Amazon SNS via the AWS Management Console."},
	"AmazonSNSReadOnlyAccess":          {"ANPAIZGQCQTFOFPMHSB6W", "Provides read only access to Amazon SNS via the AWS Management Console."},
	"AmazonSQSFullAccess":              {"ANPAI65L554VRJ33ECQS6", "Provides full access to Amazon SQS via the AWS Management Console."},
	"AmazonSQSReadOnlyAccess":          {"ANPAIUGSSQY362XGCM6KW", "Provides read only access to Amazon SQS via the AWS Management Console."},
	"IAMFullAccess":                    {"ANPAI7XKCFMBPM3QQRRVQ", "Provides full access to IAM via the AWS Management Console."},
	"IAMReadOnlyAccess":                {"ANPAJKSO7NDY4T57MWDSQ", "Provides read only access to IAM via the AWS Management Console."},
	"PowerUserAccess":                  {"ANPAJYRXTHIB4FOVS3ZXS", "Provides full access to AWS services and resources, but does not allow management of Users and groups."},
	"ReadOnlyAccess":                   {"ANPAILL3HVNFSB6DCOWYQ", "Provides read-only access to AWS services and resources."},
	"SecurityAudit":                    {"ANPAIX2T3QCXHR2OGGCTO", "The security audit template grants access to read security configuration metadata."},
}

// awsPolicies caches AWS managed policies with their documents, by partition
// and name.
var awsPolicies sync.Map

// awsPolicy is AWS's managed policy of that name, or nil.
func awsPolicy(partition, name string) *Policy {
	if p, ok := awsPolicies.Load(partition + "\x00" + name); ok {
		return p.(*Policy)
	}
	found := awspolicy.Find(name)
	if found == nil || !arn.IsPartition(partition) {
		return nil
	}
	p := describeAWS(partition, found)
	// The documents are those of the partition aws.
	document := strings.ReplaceAll(found.Document(), `"arn:aws:`, `"arn:`+partition+`:`)
	p.Versions = []PolicyVersion{{ID: found.Version, Document: document, Created: found.Updated}}
	if err := p.Load(); err != nil {
		panic("identity: " + name + ": " + err.Error()) // which a test rules out
	}
	kept, _ := awsPolicies.LoadOrStore(partition+"\x00"+name, p)
	return kept.(*Policy)
}

// describeAWS is an AWS managed policy without its document. Where its id is
// not known, it is derived from the name, so that it is always the same.
func describeAWS(partition string, found *awspolicy.Policy) *Policy {
	p := &Policy{
		Entity:  Entity{Account: awsAccount, Partition: partition, Path: found.Path, Name: found.Name, Created: found.Created},
		Updated: found.Updated, Default: found.Version,
	}
	known := told[found.Name]
	if p.ID, p.Description = known.id, known.description; p.ID == "" {
		sum := sha256.Sum256([]byte(found.Name))
		p.ID = PolicyPrefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
	}
	return p
}

// Managed is the managed policy of that ARN, of the account or of AWS, or nil.
func (d *Directory) Managed(r store.Reader, account, policyARN string) *Policy {
	a, err := arn.Parse(policyARN)
	if err != nil {
		return nil
	}
	name := lastSegment(a.Resource)
	var p *Policy
	switch a.AccountID {
	case awsAccount:
		p = awsPolicy(a.Partition, name)
	case account:
		p = d.Policies.Get(r, account, name)
	}
	if p == nil || p.ARN() != policyARN {
		return nil
	}
	return p
}

// unlisted is the form of a managed policy's resource.
var unlisted = regexp.MustCompile(`^policy/([!-.0-~]+/)*[\w+=,.@-]{1,128}$`)

// IsUnknownAWS reports whether an ARN has the form of an AWS managed policy
// that waxseal does not know, perhaps a newer one. Such a policy can be
// attached and grants nothing. A known name with another path is not a policy
// of AWS.
func IsUnknownAWS(policyARN string) bool {
	a, err := arn.Parse(policyARN)
	return err == nil && a.Service == "iam" && a.Region == "" && a.AccountID == awsAccount && arn.IsPartition(a.Partition) &&
		unlisted.MatchString(a.Resource) && awspolicy.Find(lastSegment(a.Resource)) == nil
}

// WarnUnknownAWS logs a warning about attached AWS managed policies that waxseal does
// not know.
func WarnUnknownAWS(ctx context.Context, log *slog.Logger, owner string, attached ...string) {
	for _, a := range attached {
		if IsUnknownAWS(a) {
			log.WarnContext(ctx, "a managed policy of AWS is not known here and grants nothing", "policy", a, "attached to", owner, "known are those of", awspolicy.Source())
		}
	}
}

// Attachable reports whether a managed policy can be attached.
func (d *Directory) Attachable(r store.Reader, account, policyARN string) bool {
	return d.Managed(r, account, policyARN) != nil || IsUnknownAWS(policyARN)
}

// AWSPolicies yields AWS's managed policies in the order of their names, without their
// versions. The partition follows from region.
func AWSPolicies(region string) iter.Seq[*Policy] {
	partition := arn.Partition(region)
	return func(yield func(*Policy) bool) {
		for i := range awspolicy.List() {
			if !yield(describeAWS(partition, &awspolicy.List()[i])) {
				return
			}
		}
	}
}

// IsAWS reports whether the policy is one of AWS's own.
func (p *Policy) IsAWS() bool { return p.Account == awsAccount }
