package integration

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// D1.2: an RCP keeps everybody from outside the organisation away from a
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
			"Sid": "OurOwnAlone", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
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
