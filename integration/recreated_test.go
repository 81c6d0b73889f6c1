package integration

import (
	"encoding/json"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	appRole = "arn:aws:iam::123456789012:role/app"
	account = "123456789012"
)

// again deletes the role and makes another of the same name. It is the unique
// id of the one that is gone.
func (c *clients) again(role string) string {
	c.t.Helper()
	old, err := c.iam.GetRole(c.t.Context(), &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.iam.DeleteRole(c.t.Context(), &iam.DeleteRoleInput{RoleName: &role}); err != nil {
		c.t.Fatal(err)
	}
	c.role(role)
	return *old.Role.RoleId
}

// naming is a policy that lets a principal do something.
func naming(t *testing.T, principal any, action, resource string) string {
	return document(t, statement{"Sid": "named", "Effect": "Allow", "Principal": statement{"AWS": principal}, "Action": action, "Resource": resource})
}

// named are those of a policy's statement.
func named(t *testing.T, policy string, statement int) string {
	t.Helper()
	var d struct {
		Statement []struct{ Principal, NotPrincipal struct{ AWS json.RawMessage } }
	}
	if err := json.Unmarshal([]byte(policy), &d); err != nil {
		t.Fatalf("%v: %s", err, policy)
	}
	return strings.Trim(string(d.Statement[statement].Principal.AWS), `"`)
}

func (c *clients) topicPolicy(topic string) string {
	c.t.Helper()
	out, err := c.sns.GetTopicAttributes(c.t.Context(), &sns.GetTopicAttributesInput{TopicArn: &topic})
	if err != nil {
		c.t.Fatal(err)
	}
	return out.Attributes["Policy"]
}

// A resource's policy means the role that had the ARN when the policy was set:
// one of the same name that is made later is another, until the policy is set again.
func TestARoleMadeAgainIsAnotherToPolicies(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("q", nil)
	topic := root.topic("t")
	key, keyARN := root.key()
	root.role("app")
	policies := map[string]func(policy string) error{
		naming(t, appRole, "sqs:SendMessage", queueARN): func(policy string) error {
			_, err := root.sqs.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: map[string]string{"Policy": policy}})
			return err
		},
		naming(t, appRole, "sns:Publish", topic): func(policy string) error {
			_, err := root.sns.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &topic, AttributeName: aws.String("Policy"), AttributeValue: &policy})
			return err
		},
		document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": appRole}, "Action": "kms:DescribeKey", "Resource": "*"},
			statement{"Effect": "Allow", "Principal": statement{"AWS": account}, "Action": "kms:*", "Resource": "*"}): func(policy string) error {
			_, err := root.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &key, Policy: &policy})
			return err
		},
	}
	calls := func(allowed bool) {
		t.Helper()
		app := newClients(t, cloud.As("role/app"))
		_, publish := app.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("m")})
		_, describe := app.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &keyARN})
		for action, err := range map[string]error{"sqs:SendMessage": app.send(queue, "m"), "sns:Publish": publish, "kms:DescribeKey": describe} {
			if (err == nil) != allowed {
				t.Errorf("%s: %v, want allowed %v", action, err, allowed)
			} else if err != nil {
				if text := cloud.Denied(err, action); !strings.Contains(unwrapped(text), "which had this ARN when it was set and is gone") {
					t.Errorf("%s: the explanation does not say whom the policy means:\n%s", action, text)
				}
			}
		}
	}
	shown := func() []string {
		t.Helper()
		out, err := root.kms.GetKeyPolicy(t.Context(), &kms.GetKeyPolicyInput{KeyId: &key})
		if err != nil {
			t.Fatal(err)
		}
		return []string{
			named(t, root.attribute(queue, "Policy"), 0), named(t, root.topicPolicy(topic), 0), named(t, *out.Policy, 0),
		}
	}
	for policy, set := range policies {
		if err := set(policy); err != nil {
			t.Fatal(err)
		}
	}
	calls(true)
	gone := root.again("app")
	calls(false)
	for _, principal := range shown() {
		if principal != gone {
			t.Errorf("a policy that names the role that is gone shows %s, want %s", principal, gone)
		}
	}
	for policy, set := range policies {
		if err := set(strings.ReplaceAll(policy, appRole, gone)); err == nil {
			t.Errorf("a policy that names %s, which nobody has, is taken", gone)
		}
		if err := set(policy); err != nil {
			t.Fatal(err)
		}
	}
	calls(true)
	for _, principal := range shown() {
		if principal != appRole {
			t.Errorf("a policy that was set again shows %s", principal)
		}
	}
}

// A name that nobody has is bound to the first who gets it.
func TestANameNobodyHasIsBoundToTheFirst(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("q", nil)
	root.setAttribute(queue, "Policy", naming(t, appRole, "sqs:SendMessage", queueARN))
	root.role("app")
	if err := newClients(t, cloud.As("role/app")).send(queue, "m"); err != nil {
		t.Error("the first role of the name:", err)
	}
	root.again("app")
	if err := newClients(t, cloud.As("role/app")).send(queue, "m"); err == nil {
		t.Error("the second role of the name sends")
	}
}

func TestAUniqueIDOfSomebodyIsShownAsItsARN(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("q", nil)
	root.role("app")
	out, err := root.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	root.setAttribute(queue, "Policy", naming(t, out.Role.RoleId, "sqs:SendMessage", queueARN))
	if err := newClients(t, cloud.As("role/app")).send(queue, "m"); err != nil {
		t.Error(err)
	}
	if got := named(t, root.attribute(queue, "Policy"), 0); got != appRole {
		t.Errorf("shown as %s", got)
	}
}

// A renamed user is the same to policies, and who takes its name is not (the
// IAM guide on renaming users).
func TestARenamedUserIsTheSameToPolicies(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("q", nil)
	user := func(name string) {
		if _, err := root.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	user("bob")
	root.setAttribute(queue, "Policy", naming(t, "arn:aws:iam::123456789012:user/bob", "sqs:SendMessage", queueARN))
	if _, err := root.iam.UpdateUser(t.Context(), &iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("robert"), NewPath: aws.String("/team/")}); err != nil {
		t.Fatal(err)
	}
	user("bob")
	if err := newClients(t, cloud.As("user/team/robert")).send(queue, "m"); err != nil {
		t.Error("the renamed user:", err)
	}
	if err := newClients(t, cloud.As("user/bob")).send(queue, "m"); err == nil {
		t.Error("who took the name sends")
	}
	if got := named(t, root.attribute(queue, "Policy"), 0); got != "arn:aws:iam::123456789012:user/team/robert" {
		t.Errorf("shown as %s", got)
	}
}

// A statement that is added, or taken out, binds no other statement anew.
func TestPermissionsBindNoOtherStatementAnew(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("q", nil)
	topic := root.topic("t")
	root.role("app")
	session := "arn:aws:sts::123456789012:assumed-role/app/waxseal"
	root.setAttribute(queue, "Policy", naming(t, []string{appRole, session}, "sqs:SendMessage", queueARN))
	policy := naming(t, appRole, "sns:Publish", topic)
	if _, err := root.sns.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &topic, AttributeName: aws.String("Policy"), AttributeValue: &policy}); err != nil {
		t.Fatal(err)
	}
	gone := root.again("app")
	for _, label := range []string{"one", "two"} {
		if _, err := root.sqs.AddPermission(t.Context(), &sqs.AddPermissionInput{QueueUrl: &queue, Label: &label, AWSAccountIds: []string{partner}, Actions: []string{"SendMessage"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := root.sns.AddPermission(t.Context(), &sns.AddPermissionInput{TopicArn: &topic, Label: &label, AWSAccountId: []string{partner}, ActionName: []string{"Publish"}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := root.sqs.RemovePermission(t.Context(), &sqs.RemovePermissionInput{QueueUrl: &queue, Label: aws.String("one")}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.sns.RemovePermission(t.Context(), &sns.RemovePermissionInput{TopicArn: &topic, Label: aws.String("one")}); err != nil {
		t.Fatal(err)
	}
	app := newClients(t, cloud.As("role/app"))
	_, err := app.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("m")})
	if app.send(queue, "m") == nil || err == nil {
		t.Error("the statement about the role that is gone means the new one")
	}
	if got, want := named(t, root.attribute(queue, "Policy"), 0), `["`+gone+`","`+gone+`:waxseal"]`; got != want {
		t.Errorf("the queue's policy shows %s, want %s", got, want)
	}
	if got := named(t, root.topicPolicy(topic), 0); got != gone {
		t.Errorf("the topic's policy shows %s", got)
	}
}

// An account is shown as the ARN of its root user.
func TestAccountsAreShownAsTheirRootUsers(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, queueARN := root.queue("q", nil)
	topic := root.topic("t")
	root.setAttribute(queue, "Policy", naming(t, []string{partner, "*"}, "sqs:SendMessage", queueARN))
	policy := naming(t, partner, "sns:Publish", topic)
	if _, err := root.sns.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &topic, AttributeName: aws.String("Policy"), AttributeValue: &policy}); err != nil {
		t.Fatal(err)
	}
	trust := document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": partner}, "Action": "sts:AssumeRole"})
	if _, err := root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	if got := named(t, root.attribute(queue, "Policy"), 0); got != `["arn:aws:iam::`+partner+`:root","*"]` {
		t.Errorf("the queue's policy shows %s", got)
	}
	if got := named(t, root.topicPolicy(topic), 0); got != "arn:aws:iam::"+partner+":root" {
		t.Errorf("the topic's policy shows %s", got)
	}
	if got := named(t, root.trust("r"), 0); got != "arn:aws:iam::"+partner+":root" {
		t.Errorf("the trust policy shows %s", got)
	}
}

// trust is a role's trust policy as it is read back.
func (c *clients) trust(role string) string {
	c.t.Helper()
	out, err := c.iam.GetRole(c.t.Context(), &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := url.PathUnescape(*out.Role.AssumeRolePolicyDocument)
	if err != nil {
		c.t.Fatal(err)
	}
	return text
}

// A trust policy means the role that it was set for, and shows its unique id
// when that role is gone; that id cannot be set again.
func TestTrustInARoleThatIsGone(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("app", allows(t, "sts:AssumeRole", "*"))
	trust := document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": appRole}, "Action": "sts:AssumeRole"})
	if _, err := root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("target"), AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	assume := func() error {
		_, err := sts.NewFromConfig(cloud.As("role/app")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/target"), RoleSessionName: aws.String("again"),
		})
		return err
	}
	if err := assume(); err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("app"), PolicyName: aws.String("policy-a")}); err != nil {
		t.Fatal(err)
	}
	gone := root.again("app")
	if _, err := root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("app"), PolicyName: aws.String("p"), PolicyDocument: aws.String(allows(t, "sts:AssumeRole", "*")),
	}); err != nil {
		t.Fatal(err)
	}
	if err := assume(); err == nil {
		t.Error("the role that was made again is trusted")
	}
	shown := root.trust("target")
	if got := named(t, shown, 0); got != gone {
		t.Errorf("the trust policy shows %s, want %s", got, gone)
	}
	_, err := root.iam.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("target"), PolicyDocument: &shown})
	want(t, "what is shown is set", err, answer{400, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"` + gone + `"`})
	if _, err := root.iam.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("target"), PolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	if err := assume(); err != nil {
		t.Error("trusted again:", err)
	}
}

// A grant is for the role that it was made for, whose unique id it shows when
// that role is gone; the same grant made again is another.
func TestAGrantOfARoleThatIsGone(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	key, keyARN := root.key()
	root.role("app")
	grant := func() string {
		out, err := root.kms.CreateGrant(t.Context(), &kms.CreateGrantInput{
			KeyId: &key, Name: aws.String("g"), GranteePrincipal: aws.String(appRole), RetiringPrincipal: aws.String(appRole),
			Operations: []kmstypes.GrantOperation{kmstypes.GrantOperationDescribeKey},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *out.GrantId
	}
	describe := func() error {
		_, err := kms.NewFromConfig(cloud.As("role/app")).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &keyARN})
		return err
	}
	first := grant()
	if second := grant(); second != first {
		t.Errorf("the same grant made twice is %s and %s", first, second)
	}
	if err := describe(); err != nil {
		t.Fatal(err)
	}
	gone := root.again("app")
	if err := describe(); err == nil {
		t.Error("the role that was made again has the grant")
	}
	retire := func(id string) error {
		_, err := kms.NewFromConfig(cloud.As("role/app")).RetireGrant(t.Context(), &kms.RetireGrantInput{KeyId: &keyARN, GrantId: &id})
		return err
	}
	if err := retire(first); err == nil {
		t.Error("the role that was made again retires the grant")
	}
	listed := func(in kms.ListGrantsInput) (entries []kmstypes.GrantListEntry) {
		in.KeyId = &key
		out, err := root.kms.ListGrants(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return out.Grants
	}
	all := listed(kms.ListGrantsInput{})
	if len(all) != 1 || *all[0].GranteePrincipal != gone || *all[0].RetiringPrincipal != gone {
		t.Errorf("listed are %+v", all)
	}
	if n := len(listed(kms.ListGrantsInput{GranteePrincipal: aws.String(appRole)})); n != 0 {
		t.Errorf("%d grants of the new role", n)
	}
	if n := len(listed(kms.ListGrantsInput{GranteePrincipal: &gone})); n != 1 {
		t.Errorf("%d grants of the role that is gone", n)
	}
	second := grant()
	if second == first || describe() != nil || len(listed(kms.ListGrantsInput{})) != 2 {
		t.Errorf("made again it is %s, %v", second, describe())
	}
	retirable, err := root.kms.ListRetirableGrants(t.Context(), &kms.ListRetirableGrantsInput{RetiringPrincipal: aws.String(appRole)})
	if err != nil || len(retirable.Grants) != 1 || *retirable.Grants[0].GrantId != second {
		t.Errorf("retirable are %+v, %v", retirable, err)
	}
	// The old grant's end does not end what is known of the new one.
	if _, err := root.kms.RevokeGrant(t.Context(), &kms.RevokeGrantInput{KeyId: &key, GrantId: &first}); err != nil {
		t.Fatal(err)
	}
	if third := grant(); third != second {
		t.Errorf("made twice it is %s and %s", second, third)
	}
	if err := retire(second); err != nil {
		t.Error(err)
	}
}

// Whom a policy means outlives the process, and the clock has no say in it.
func TestWhomAPolicyMeansOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, "--data", dir)
	root := newClients(t, p.config(p.url))
	queue, queueARN := root.queue("q", nil)
	root.role("app")
	root.setAttribute(queue, "Policy", naming(t, appRole, "sqs:SendMessage", queueARN))
	gone := root.again("app")
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p = serve(t, "--data", dir)
	root = newClients(t, p.config(p.url))
	if got := named(t, root.attribute(p.url+"/"+account+"/q", "Policy"), 0); got != gone {
		t.Errorf("shown as %s, want %s", got, gone)
	}
}
