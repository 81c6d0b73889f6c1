package integration

import (
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const lockedOut = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`

// rootAccess makes an organization with central root access and answers its member.
func rootAccess(t *testing.T, manager aws.Config) string {
	t.Helper()
	o, i := organizations.NewFromConfig(manager), iam.NewFromConfig(manager)
	member := memberAccount(t, o)
	_, err := i.EnableOrganizationsRootSessions(t.Context(), nil)
	want(t, "without access of IAM", err, answer{
		http.StatusBadRequest, "ServiceAccessNotEnabledException", "Trusted Access for IAM not enabled by organization of input account 123456789012.",
	})
	if _, err := o.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	if _, err := i.EnableOrganizationsRootCredentialsManagement(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if out, err := i.EnableOrganizationsRootSessions(t.Context(), nil); err != nil || len(out.EnabledFeatures) != 2 || *out.OrganizationId == "" {
		t.Fatalf("features %+v, %v", out, err)
	}
	return member
}

// as is a configuration with credentials of their own.
func as(c aws.Config, id, secret, token string) aws.Config {
	c.Credentials = credentials.NewStaticCredentialsProvider(id, secret, token)
	return c
}

// rootTask is the root user of the member in a session for a task.
func rootTask(t *testing.T, manager aws.Config, member, task string) aws.Config {
	t.Helper()
	out, err := sts.NewFromConfig(manager).AssumeRoot(t.Context(), &sts.AssumeRootInput{
		TargetPrincipal: &member, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/" + task)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return as(manager, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
}

// A queue whose policy denies everybody is got back by the root user of its
// account: in a session of AssumeRoot, which may look at it and delete the policy
// and nothing else, and by itself.
func TestUnlockingAQueue(t *testing.T) {
	cloud := start(t)
	manager := cloud.Config()
	member := rootAccess(t, manager)
	root := as(manager, member, "test", "")
	mine := sqs.NewFromConfig(root)
	made, err := mine.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	set := func(c *sqs.Client, attributes map[string]string) error {
		_, err := c.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: made.QueueUrl, Attributes: attributes})
		return err
	}
	if err := set(mine, map[string]string{"Policy": lockedOut}); err != nil {
		t.Fatal(err)
	}
	refused := func(what, action string, err error) {
		t.Helper()
		if e := failure(t, err); e.status != http.StatusForbidden || !strings.Contains(e.message, "is not authorized to perform: "+action+" on resource: arn:aws:sqs:us-east-1:"+member+":q with an explicit deny in") {
			t.Errorf("%s: %+v", what, e)
		}
	}
	task := sqs.NewFromConfig(rootTask(t, manager, member, "SQSUnlockQueuePolicy"))
	if _, err := task.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")}); err != nil {
		t.Error(err)
	}
	if _, err := task.ListQueues(t.Context(), nil); err != nil {
		t.Error(err)
	}
	got, err := task.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: made.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"Policy"}})
	if err != nil || got.Attributes["Policy"] != lockedOut {
		t.Errorf("the policy is %+v, %v", got, err)
	}
	refused("another attribute in the session", "sqs:setqueueattributes", set(task, map[string]string{"DelaySeconds": "1"}))
	refused("another attribute beside it", "sqs:setqueueattributes", set(task, map[string]string{"Policy": "", "DelaySeconds": "1"}))
	refused("another policy in the session", "sqs:setqueueattributes", set(task, map[string]string{"Policy": strings.Replace(lockedOut, "sqs:*", "sqs:SendMessage", 1)}))
	_, err = task.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("m")})
	refused("a message from the session", "sqs:sendmessage", err)
	refused("another attribute by the root user", "sqs:setqueueattributes", set(mine, map[string]string{"DelaySeconds": "1"}))
	_, err = mine.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: made.QueueUrl})
	refused("a look by the root user", "sqs:getqueueattributes", err)
	refused("another task", "sqs:setqueueattributes", set(sqs.NewFromConfig(rootTask(t, manager, member, "S3UnlockBucketPolicy")), map[string]string{"Policy": ""}))

	if err := set(task, map[string]string{"Policy": ""}); err != nil {
		t.Fatal(err)
	}
	if told := fetch(t, cloud.URL()+"/_waxseal/decisions?decision=Allow&limit=1"); !strings.Contains(told, "AllowedToUnlock") {
		t.Errorf("the decision is told as %s", told)
	}
	if err := set(mine, map[string]string{"DelaySeconds": "1"}); err != nil {
		t.Error(err)
	}
	if err := set(mine, map[string]string{"Policy": lockedOut}); err != nil {
		t.Fatal(err)
	}
	if err := set(mine, map[string]string{"Policy": strings.Replace(lockedOut, "sqs:*", "sqs:SendMessage", 1)}); err != nil { // the root user by itself edits
		t.Error(err)
	}
}

// An SCP can spare sessions of AssumeRoot when it denies the root users of
// members, and CloudTrail's records tell such sessions apart.
func TestConditionsAndRecordsKnowRootSessions(t *testing.T) {
	cloud := start(t)
	manager := cloud.Config()
	member := rootAccess(t, manager)
	o := organizations.NewFromConfig(manager)
	roots, err := o.ListRoots(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: "SERVICE_CONTROL_POLICY"}); err != nil {
		t.Fatal(err)
	}
	made, err := o.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
		Name: aws.String("no-root"), Description: aws.String(""), Type: "SERVICE_CONTROL_POLICY", Content: aws.String(document(t, statement{
			"Effect": "Deny", "Action": "*", "Resource": "*",
			"Condition": statement{"ArnLike": statement{"aws:PrincipalArn": "arn:aws:iam::*:root"}, "Null": statement{"aws:AssumedRoot": "true"}},
		})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: made.Policy.PolicySummary.Id, TargetId: &member}); err != nil {
		t.Fatal(err)
	}
	keys := func(c aws.Config) error {
		_, err := iam.NewFromConfig(c).ListAccessKeys(t.Context(), nil)
		return err
	}
	if e := failure(t, keys(as(manager, member, "test", ""))); e.code != "AccessDenied" || !strings.Contains(e.message, "explicit deny in a service control policy") {
		t.Errorf("the root user by itself: %+v", e)
	}
	if err := keys(rootTask(t, manager, member, "IAMAuditRootUserCredentials")); err != nil {
		t.Error(err)
	}
	var events struct {
		Events []struct {
			EventName    string
			UserIdentity struct {
				Type, PrincipalID, ARN string
				SessionContext         struct{ AssumedRoot string }
			}
			RequestParameters struct {
				TargetPrincipal string
				TaskPolicyArn   struct{ Arn string }
			}
		}
	}
	if err := json.Unmarshal([]byte(fetch(t, cloud.URL()+"/_waxseal/events?limit=2")), &events); err != nil || len(events.Events) != 2 {
		t.Fatalf("events %+v, %v", events, err)
	}
	for _, e := range events.Events {
		switch e.EventName {
		case "ListAccessKeys":
			if e.UserIdentity.Type != "Root" || e.UserIdentity.PrincipalID != member || e.UserIdentity.ARN != "arn:aws:iam::"+member+":root" || e.UserIdentity.SessionContext.AssumedRoot != "true" {
				t.Errorf("the call is recorded as %+v", e)
			}
		case "AssumeRoot":
			if e.RequestParameters.TargetPrincipal != member || !strings.HasSuffix(e.RequestParameters.TaskPolicyArn.Arn, "IAMAuditRootUserCredentials") {
				t.Errorf("the making of the session is recorded as %+v", e)
			}
		default:
			t.Errorf("event %s", e.EventName)
		}
	}
}

// The features and the sessions are kept over a restart; a closed account's session is refused.
func TestRootSessionsSurviveARestart(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data)
	manager := p.config(p.url)
	member := rootAccess(t, manager)
	task, err := rootTask(t, manager, member, "IAMAuditRootUserCredentials").Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p = serve(t, "--data", data)
	manager = p.config(p.url)
	session := sts.NewFromConfig(as(manager, task.AccessKeyID, task.SecretAccessKey, task.SessionToken))
	who, err := session.GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:iam::"+member+":root" || *who.UserId != member {
		t.Errorf("after the restart it is %+v, %v", who, err)
	}
	rootTask(t, manager, member, "SQSUnlockQueuePolicy")
	if _, err := organizations.NewFromConfig(manager).CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &member}); err != nil {
		t.Fatal(err)
	}
	_, err = session.GetCallerIdentity(t.Context(), nil)
	want(t, "a closed account's session", err, answer{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."})
	_, err = sts.NewFromConfig(manager).AssumeRoot(t.Context(), &sts.AssumeRootInput{
		TargetPrincipal: &member, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy")},
	})
	want(t, "a session of a closed account", err, answer{
		http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::" + member + ":root",
	})
}

// A task has to be named, and lasts for 15 minutes at most.
func TestAssumeRootChecksItsInput(t *testing.T) {
	c := sts.NewFromConfig(start(t).Config())
	_, err := c.AssumeRoot(t.Context(), &sts.AssumeRootInput{TargetPrincipal: aws.String("123456789012"), TaskPolicyArn: &ststypes.PolicyDescriptorType{}})
	want(t, "no task", err, answer{
		http.StatusBadRequest, "ValidationError",
		"1 validation error detected: Value null at 'taskPolicyArn' failed to satisfy constraint: Member must not be null",
	})
	_, err = c.AssumeRoot(t.Context(), &sts.AssumeRootInput{
		TargetPrincipal: aws.String("123456789012"), DurationSeconds: aws.Int32(901),
		TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy")},
	})
	want(t, "too long", err, answer{
		http.StatusBadRequest, "ValidationError",
		"1 validation error detected: Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 900",
	})
}
