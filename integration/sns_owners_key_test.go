package integration

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// A key's id or alias on a queue or topic is of the owner's account, whoever
// sends: a partner's own key of the same alias is not meant [A4.9] [A4.10].
func TestPartnerUsesTheOwnersKey(t *testing.T) {
	const partnerRoot = "arn:aws:iam::999888777666:root"
	cloud := start(t)
	owner, partner := newClients(t, cloud.Config()), newClients(t, cloud.As(partnerRoot))
	alias := "alias/pets"
	keyFor := func(c *clients) string {
		id, _ := c.key()
		if _, err := c.kms.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: &id}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := keyFor(owner)
	keyFor(partner)
	queue, queueARN := owner.queue("pets", map[string]string{"KmsMasterKeyId": alias})
	owner.setAttribute(queue, "Policy", document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": partnerRoot}, "Action": "sqs:SendMessage", "Resource": queueARN,
	}))
	topic := owner.topic("pets")
	if _, err := owner.sns.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &topic, AttributeName: aws.String("KmsMasterKeyId"), AttributeValue: &id}); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.sns.AddPermission(t.Context(), &sns.AddPermissionInput{
		TopicArn: &topic, Label: aws.String("partner"), AWSAccountId: []string{"999888777666"}, ActionName: []string{"Publish"},
	}); err != nil {
		t.Fatal(err)
	}
	send := func() error {
		_, err := partner.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("hello")})
		return err
	}
	publish := func() error {
		_, err := partner.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("hello")})
		return err
	}
	if err := send(); err == nil || failure(t, err).code != "KMS.AccessDeniedException" {
		t.Errorf("SendMessage, when the key's policy leaves the partner out: %v", err)
	}
	if err := publish(); err == nil || failure(t, err).code != "KMSAccessDenied" {
		t.Errorf("Publish, when the key's policy leaves the partner out: %v", err)
	}
	if _, err := owner.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: aws.String(document(t,
		statement{"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
		statement{"Effect": "Allow", "Principal": statement{"AWS": partnerRoot}, "Action": []string{"kms:GenerateDataKey", "kms:Decrypt"}, "Resource": "*"},
	))}); err != nil {
		t.Fatal(err)
	}
	if err := send(); err != nil {
		t.Errorf("SendMessage: %v", err)
	}
	if err := publish(); err != nil {
		t.Errorf("Publish: %v", err)
	}
	if got := owner.bodies(queue); len(got) != 1 || got[0] != "hello" {
		t.Errorf("the owner receives %q", got)
	}
}
