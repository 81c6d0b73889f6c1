package integration

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// [D1.2]: an RCP keeps everybody from outside the organization away from a
// member's queues and keys, whatever their policies say, and from no topic:
// RCPs do not apply to SNS. The management account's resources are free of it.
func TestResourceControlPolicy(t *testing.T) {
	cloud := start(t)
	ctx := t.Context()
	management := organizations.NewFromConfig(cloud.Config())
	org, err := management.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	if err != nil {
		t.Fatal(err)
	}
	roots, err := management.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	created, err := management.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("team"), Email: aws.String("team@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := management.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: orgtypes.PolicyTypeResourceControlPolicy}); err != nil {
		t.Fatal(err)
	}
	rcp, err := management.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("perimeter"), Description: aws.String(""), Type: orgtypes.PolicyTypeResourceControlPolicy,
		Content: aws.String(document(t, statement{
			"Sid": "OurOwnAlone", "Effect": "Deny", "Principal": "*", "Action": []string{"sqs:*", "kms:*"}, "Resource": "*",
			"Condition": statement{"StringNotEqualsIfExists": statement{"aws:PrincipalOrgID": *org.Organization.Id}, "BoolIfExists": statement{"aws:PrincipalIsAWSService": "false"}},
		})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := management.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: rcp.Policy.PolicySummary.Id, TargetId: roots.Roots[0].Id}); err != nil {
		t.Fatal(err)
	}

	outside := partnerRole(t, cloud)
	theirs := newClients(t, cloud.As("arn:aws:iam::"+partner+":root"))
	const session = "arn:aws:sts::" + partner + ":assumed-role/partner/waxseal"
	open := func(actions ...string) statement {
		return statement{"Effect": "Allow", "Principal": statement{"AWS": partner}, "Action": actions, "Resource": "*"}
	}
	for _, owner := range []struct {
		account string
		denied  bool
	}{{*created.CreateAccountStatus.AccountId, true}, {"123456789012", false}} {
		member := newClients(t, cloud.As("arn:aws:iam::"+owner.account+":root"))
		queue, queueARN := member.queue("open-to-partners", nil)
		member.setAttribute(queue, "Policy", document(t, open("sqs:SendMessage")))
		key, err := member.kms.CreateKey(ctx, &kms.CreateKeyInput{Policy: aws.String(document(t, open("kms:Encrypt"),
			statement{"Effect": "Allow", "Principal": statement{"AWS": owner.account}, "Action": "kms:*", "Resource": "*"}))})
		if err != nil {
			t.Fatal(err)
		}
		topic, err := member.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("open-to-partners")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := member.sns.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: topic.TopicArn, AttributeName: aws.String("Policy"), AttributeValue: aws.String(document(t,
			statement{"Effect": "Allow", "Principal": statement{"AWS": partner}, "Action": "sns:Publish", "Resource": *topic.TopicArn}))}); err != nil {
			t.Fatal(err)
		}
		sent := theirs.send(queue, "x")
		_, encrypted := outside.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: key.KeyMetadata.Arn, Plaintext: []byte("x")})
		_, published := theirs.sns.Publish(ctx, &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("x")})
		if published != nil {
			t.Errorf("%s: Publish: %v", owner.account, published)
		}
		if !owner.denied {
			if sent != nil || encrypted != nil {
				t.Errorf("the management account: %v, %v", sent, encrypted)
			}
			continue
		}
		const reason = "with an explicit deny in a resource control policy"
		want(t, "SendMessage", sent, denied("arn:aws:iam::"+partner+":root", "SendMessage", queueARN, reason))
		want(t, "Encrypt", encrypted, answer{http.StatusBadRequest, "AccessDeniedException",
			"User: " + session + " is not authorized to perform: kms:Encrypt on resource: " + *key.KeyMetadata.Arn + " " + reason})
		if err := member.send(queue, "x"); err != nil {
			t.Errorf("the member itself: %v", err)
		}
	}
}

// RCPs bind neither AWS managed keys nor the retiring of grants.
func TestWhatResourceControlPoliciesDoNotBind(t *testing.T) {
	cloud := start(t)
	ctx := t.Context()
	management := organizations.NewFromConfig(cloud.Config())
	if _, err := management.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	created, err := management.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("team"), Email: aws.String("team@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	team := *created.CreateAccountStatus.AccountId
	member := newClients(t, cloud.As("arn:aws:iam::"+team+":root"))
	key, _ := member.key()
	grant, err := member.kms.CreateGrant(ctx, &kms.CreateGrantInput{
		KeyId: &key, GranteePrincipal: aws.String("arn:aws:iam::" + team + ":root"), Operations: []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt},
	})
	if err != nil {
		t.Fatal(err)
	}
	managed, _ := member.queue("managed", map[string]string{"KmsMasterKeyId": "alias/aws/sqs"})
	own, _ := member.queue("own", map[string]string{"KmsMasterKeyId": key})
	for _, refused := range []string{
		`"Principal":"*","Action":"*"`, `"Principal":"*","Action":"sns:*"`, `"Principal":"*","Action":"k*:Decrypt"`, `"Principal":{"AWS":["*"]},"Action":"kms:*"`,
	} {
		_, err := management.CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Name: aws.String("refused"), Description: aws.String(""), Type: orgtypes.PolicyTypeResourceControlPolicy,
			Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny",` + refused + `,"Resource":"*"}]}`),
		})
		if got := failure(t, err); got.code != "MalformedPolicyDocumentException" {
			t.Errorf("%s: %+v", refused, got)
		}
	}
	rcp, err := management.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("no-kms"), Description: aws.String(""), Type: orgtypes.PolicyTypeResourceControlPolicy,
		Content: aws.String(document(t, statement{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := management.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: rcp.Policy.PolicySummary.Id, TargetId: &team}); err != nil {
		t.Fatal(err)
	}
	if err := member.send(managed, "m"); err != nil {
		t.Error("with the AWS managed key:", err)
	}
	if err := member.send(own, "m"); err == nil {
		t.Error("with a key of its own the RCP does not bind")
	}
	if _, err := member.kms.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &key}); err == nil {
		t.Error("ListGrants is not bound")
	}
	if _, err := member.kms.RetireGrant(ctx, &kms.RetireGrantInput{KeyId: aws.String("arn:aws:kms:us-east-1:" + team + ":key/" + key), GrantId: grant.GrantId}); err != nil {
		t.Error("RetireGrant:", err)
	}
}
