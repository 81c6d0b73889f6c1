package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

func (c *clients) topic(name string) (arn string) {
	c.t.Helper()
	out, err := c.sns.CreateTopic(c.t.Context(), &sns.CreateTopicInput{Name: &name})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.TopicArn
}

func (c *clients) subscribe(topic, queueARN string) {
	c.t.Helper()
	if _, err := c.sns.Subscribe(c.t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: &queueARN}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clients) publish(topic, message string) {
	c.t.Helper()
	if _, err := c.sns.Publish(c.t.Context(), &sns.PublishInput{TopicArn: &topic, Message: &message}); err != nil {
		c.t.Fatal(err)
	}
}

// notified are the messages of the notifications in the queue.
func (c *clients) notified(queue string) []string {
	c.t.Helper()
	var messages []string
	for _, body := range c.bodies(queue) {
		var n struct{ Type, TopicArn, Message string }
		if err := json.Unmarshal([]byte(body), &n); err != nil || n.Type != "Notification" {
			c.t.Fatalf("%q is no notification: %v", body, err)
		}
		messages = append(messages, n.Message)
	}
	return messages
}

// allowSNS is the chapter's statement that lets a topic send to a queue.
func allowSNS(queueARN, topicARN string) statement {
	return statement{
		"Sid": "AllowSNSPublish", "Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"},
		"Action": "sqs:SendMessage", "Resource": queueARN,
		"Condition": statement{"ArnEquals": statement{"aws:SourceArn": topicARN}},
	}
}

func TestFanOutNeedsTheQueuePolicy(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	topic, other := c.topic("notification-topic"), c.topic("other-topic")
	queue, queueARN := c.queue("notification-queue", nil)
	c.subscribe(topic, queueARN)

	c.publish(topic, "no policy")
	if got := c.notified(queue); len(got) != 0 {
		t.Errorf("without a queue policy %q arrived", got)
	}
	c.setAttribute(queue, "Policy", document(t, allowSNS(queueARN, other)))
	c.publish(topic, "the policy of another topic")
	if got := c.notified(queue); len(got) != 0 {
		t.Errorf("with the policy of another topic %q arrived", got)
	}
	c.setAttribute(queue, "Policy", document(t, allowSNS(queueARN, topic)))
	c.publish(topic, "hello")
	if got := c.notified(queue); len(got) != 1 || got[0] != "hello" {
		t.Errorf("with the chapter's policy %q arrived", got)
	}
}

func TestFanOutToAnEncryptedQueueNeedsTheKeyPolicy(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	topic := c.topic("notification-topic")
	id, _ := c.key()
	queue, queueARN := c.queue("notification-queue", map[string]string{"KmsMasterKeyId": id})
	c.setAttribute(queue, "Policy", document(t, allowSNS(queueARN, topic)))
	c.subscribe(topic, queueARN)

	c.publish(topic, "the default key policy")
	if got := c.notified(queue); len(got) != 0 {
		t.Errorf("with the default key policy (H9) %q arrived", got)
	}
	if _, err := c.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: aws.String(document(t,
		statement{"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
		statement{"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"}, "Action": []string{"kms:GenerateDataKey*", "kms:Decrypt"}, "Resource": "*"},
	))}); err != nil {
		t.Fatal(err)
	}
	c.publish(topic, "hello")
	if got := c.notified(queue); len(got) != 1 || got[0] != "hello" {
		t.Errorf("with the key policy's statement for SNS %q arrived", got)
	}
}

// A queue without the right policy receives nothing, Publish answers 200, and
// the decision says why.
func TestLostDeliveryIsExplained(t *testing.T) {
	p := serve(t)
	c := newClients(t, p.config(p.url))
	topic := c.topic("notification-topic")
	_, queueARN := c.queue("notification-queue", nil)
	c.subscribe(topic, queueARN)
	c.publish(topic, "hello")

	var denied struct {
		Decisions []struct{ RequestID, Principal, Action, Resource, Decision, Message string }
	}
	if err := json.Unmarshal(p.get("/_waxseal/decisions?decision=Deny"), &denied); err != nil {
		t.Fatal(err)
	}
	if len(denied.Decisions) != 1 {
		t.Fatalf("denials: %+v", denied.Decisions)
	}
	d := denied.Decisions[0]
	if d.Principal != "sns.amazonaws.com" || d.Action != "sqs:SendMessage" || d.Resource != queueARN ||
		!strings.Contains(d.Message, "because no resource-based policy allows the sqs:SendMessage action") {
		t.Errorf("denial: %+v", d)
	}
	var deliveries struct {
		Deliveries []struct{ Status, Endpoint, TopicArn, DecisionRequestID string }
	}
	if err := json.Unmarshal(p.get("/_waxseal/deliveries"), &deliveries); err != nil {
		t.Fatal(err)
	}
	if len(deliveries.Deliveries) != 1 {
		t.Fatalf("deliveries: %+v", deliveries.Deliveries)
	}
	if got := deliveries.Deliveries[0]; got.Status != "FAILURE" || got.Endpoint != queueARN || got.TopicArn != topic || got.DecisionRequestID != d.RequestID {
		t.Errorf("delivery: %+v, want the denial %s", got, d.RequestID)
	}
}
