package integration

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const partner = "999988887777"

// denied is SQS's refusal of an action to a principal, for a reason.
func denied(principal, action, resource, reason string) answer {
	action = strings.ToLower(action)
	return answer{http.StatusForbidden, "AccessDenied",
		"User: " + principal + " is not authorized to perform: sqs:" + action + " on resource: " + resource + " " + strings.ReplaceAll(reason, "ACTION", "sqs:"+action)}
}

func allows(t *testing.T, action, resource string) string {
	return document(t, statement{"Effect": "Allow", "Action": action, "Resource": resource})
}

// [D2]: another account's principal needs both the queue's policy and its own.
func TestCrossAccount(t *testing.T) {
	cloud := start(t)
	owner := newClients(t, cloud.Config())
	queue, queueARN := owner.queue("partner-orders", nil)
	theirs := newClients(t, cloud.As("arn:aws:iam::"+partner+":root"))
	theirs.role("partner")
	role := newClients(t, cloud.As("arn:aws:iam::"+partner+":role/partner"))
	const session = "arn:aws:sts::" + partner + ":assumed-role/partner/waxseal"

	want(t, "without either (E1.3)", role.send(queue, "x"), denied(session, "SendMessage", queueARN, "because no resource-based policy allows the ACTION action"))
	if _, err := theirs.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("partner"), PolicyName: aws.String("send"), PolicyDocument: aws.String(allows(t, "sqs:SendMessage", queueARN)),
	}); err != nil {
		t.Fatal(err)
	}
	want(t, "with its own policy alone (E1.3)", role.send(queue, "x"), denied(session, "SendMessage", queueARN, "because no resource-based policy allows the ACTION action"))
	// The chapter's policy for a partner.
	owner.setAttribute(queue, "Policy", document(t, statement{
		"Sid": "AllowPartnerSend", "Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::" + partner + ":root"},
		"Action": "sqs:SendMessage", "Resource": queueARN,
		"Condition": statement{"StringEquals": statement{"aws:PrincipalTag/Environment": "production"}},
	}))
	want(t, "without the tag", role.send(queue, "x"), denied(session, "SendMessage", queueARN, "because no resource-based policy allows the ACTION action"))
	if _, err := theirs.iam.TagRole(t.Context(), tagRole("partner", "Environment", "production")); err != nil {
		t.Fatal(err)
	}
	if err := role.send(queue, "x"); err != nil {
		t.Errorf("with the tag and both policies: %v", err)
	}
	if got := owner.bodies(queue); len(got) != 1 {
		t.Errorf("the owner received %q", got)
	}
}

func TestPermissionsBoundary(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("bounded", nil)
	root.role("bounded", allows(t, "sqs:*", "*"))
	boundary, err := root.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
		PolicyName: aws.String("only-receive"), PolicyDocument: aws.String(allows(t, "sqs:ReceiveMessage", "*")),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String("bounded"), PermissionsBoundary: boundary.Policy.Arn,
	}); err != nil {
		t.Fatal(err)
	}
	role := newClients(t, cloud.As("role/bounded"))
	if _, err := role.receive(queue); err != nil {
		t.Errorf("within the boundary: %v", err)
	}
	err = role.send(queue, "x")
	want(t, "outside the boundary", err, denied("arn:aws:sts::123456789012:assumed-role/bounded/waxseal", "SendMessage", queueARN,
		"because no permissions boundary allows the ACTION action"))
	if text := cloud.Explain(err); !strings.Contains(text, "permissions boundary") || !strings.Contains(text, "only-receive") {
		t.Errorf("Explain does not name the boundary:\n%s", text)
	}
}

// assume assumes a role as the configuration's caller.
func assume(t *testing.T, as aws.Config, in *sts.AssumeRoleInput) (aws.Config, error) {
	t.Helper()
	out, err := sts.NewFromConfig(as).AssumeRole(t.Context(), in)
	if err != nil {
		return aws.Config{}, err
	}
	c := as.Copy()
	c.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return c, nil
}

func TestSessionPolicy(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("scoped", nil)
	root.role("worker", allows(t, "sqs:*", "*"))
	c, err := assume(t, cloud.Config(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/worker"), RoleSessionName: aws.String("scoped"),
		Policy: aws.String(allows(t, "sqs:ReceiveMessage", queueARN)),
	})
	if err != nil {
		t.Fatal(err)
	}
	scoped := newClients(t, c)
	if _, err := scoped.receive(queue); err != nil {
		t.Errorf("within the session policy: %v", err)
	}
	want(t, "outside the session policy", scoped.send(queue, "x"), denied("arn:aws:sts::123456789012:assumed-role/worker/scoped", "SendMessage", queueARN,
		"because no session policy allows the ACTION action"))
}

func TestServiceControlPolicy(t *testing.T) {
	cloud := start(t)
	management := organizations.NewFromConfig(cloud.Config())
	if _, err := management.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	created, err := management.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: aws.String("team"), Email: aws.String("team@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	account := *created.CreateAccountStatus.AccountId
	member := newClients(t, cloud.As("arn:aws:iam::"+account+":root"))
	queue, queueARN := member.queue("limited", nil)
	scp, err := management.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
		Name: aws.String("no-sending"), Description: aws.String(""), Type: orgtypes.PolicyTypeServiceControlPolicy,
		Content: aws.String(document(t, statement{"Sid": "NoSending", "Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := member.send(queue, "before"); err != nil {
		t.Fatalf("before the SCP: %v", err)
	}
	if _, err := management.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: scp.Policy.PolicySummary.Id, TargetId: &account}); err != nil {
		t.Fatal(err)
	}
	err = member.send(queue, "after")
	// [E1.1]: the SCP's ARN follows.
	want(t, "under the SCP, as root", err, denied("arn:aws:iam::"+account+":root", "SendMessage", queueARN,
		"with an explicit deny in a service control policy: "+*scp.Policy.PolicySummary.Arn))
	if text := cloud.Explain(err); !strings.Contains(text, "NoSending") {
		t.Errorf("Explain does not name the statement:\n%s", text)
	}
}

func TestTrustPolicy(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	const roleARN = "arn:aws:iam::123456789012:role/vault"
	if _, err := root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("vault"), AssumeRolePolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:role/trusted"}, "Action": "sts:AssumeRole",
		"Condition": statement{"StringEquals": statement{"sts:ExternalId": "42"}},
	}))}); err != nil {
		t.Fatal(err)
	}
	root.role("trusted")
	root.role("unnamed", allows(t, "sts:AssumeRole", "*"))
	in := func(externalID *string) *sts.AssumeRoleInput {
		return &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("session"), ExternalId: externalID}
	}
	if _, err := assume(t, cloud.As("role/trusted"), in(aws.String("42"))); err != nil {
		t.Errorf("the role that the trust policy names, with the external id: %v", err)
	}
	for name, test := range map[string]struct {
		as         string
		externalID *string
	}{
		"without the external id": {"role/trusted", nil},
		"a role that is not named, whatever its own policies say (D11)": {"role/unnamed", aws.String("42")},
	} {
		_, err := assume(t, cloud.As(test.as), in(test.externalID))
		got := failure(t, err)
		who := "arn:aws:sts::123456789012:assumed-role/" + strings.TrimPrefix(test.as, "role/") + "/waxseal"
		if got.status != http.StatusForbidden || got.code != "AccessDenied" ||
			!strings.HasPrefix(got.message, "User: "+who+" is not authorized to perform: sts:AssumeRole on resource: "+roleARN) {
			t.Errorf("%s: %+v", name, got)
		}
		if text := cloud.Explain(err); !strings.Contains(text, "role trust policy") {
			t.Errorf("%s: Explain does not name the trust policy:\n%s", name, text)
		}
	}
}

// A session is over when it is exactly as old as its duration.
func TestSessionsExpireByTheClock(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, _ := root.queue("q", nil)
	root.role("worker", allows(t, "sqs:*", "*"))
	c, err := assume(t, cloud.Config(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/worker"), RoleSessionName: aws.String("session"), DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		t.Fatal(err)
	}
	worker := sqs.NewFromConfig(c)
	call := func() error {
		_, err := worker.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("x")})
		return err
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	cloud.Advance(900e9)
	if got := failure(t, call()); got.status != http.StatusForbidden || got.code != "ExpiredToken" {
		t.Errorf("after its time: %+v", got)
	}
}

func TestSimulatePrincipalPolicy(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("worker", `{"Version":"2012-10-17","Statement":[
  {"Sid":"Send","Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}
]}`)
	out, err := root.iam.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String("arn:aws:iam::123456789012:role/worker"), ActionNames: []string{"sqs:SendMessage", "sqs:DeleteQueue"},
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(out.EvaluationResults)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.EvaluationResults) != 2 || out.EvaluationResults[0].EvalDecision != "implicitDeny" ||
		strings.Join(out.EvaluationResults[0].MissingContextValues, " ") != "aws:SecureTransport" {
		t.Errorf("without the context: %s", b)
	}
}
