package integration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal"
)

// The axes of the table. What a queue's policy and its key mean for a delivery
// stands here; the topic's own encryption and the accounts mean nothing for it
// [B20]-[B22].
var (
	tablePolicies = []struct {
		name    string
		granted func(topic string) string // the source that the policy lets in; nil: no policy
		lets    bool
	}{
		{"no policy", nil, false},
		{"policy of another topic", func(topic string) string { return topic + "-other" }, false},
		{"policy of the topic", func(topic string) string { return topic }, true},
	}
	tableKeys = []struct {
		name string
		make func(*tableCase) string // KmsMasterKeyId; nil: none
		sse  string                  // SqsManagedSseEnabled
		lets bool
	}{
		{"plain queue", nil, "false", true},
		{"SSE-SQS", nil, "true", true},
		{"customer key without the statement for SNS", (*tableCase).customerKey, "", false},
		{"customer key with the statement for SNS", (*tableCase).customerKeyForSNS, "", true},
		{"AWS managed key", func(*tableCase) string { return "alias/aws/sqs" }, "", false},
	}
	tableTopics = []struct {
		name      string
		encrypted bool
	}{{"plain topic", false}, {"encrypted topic", true}}
	tableAccounts = []struct{ name, subscriber string }{
		{"same account", "123456789012"}, {"cross-account", "999888777666"},
	}
)

// tableCase is one row of the table as it is tried.
type tableCase struct {
	t                *testing.T
	cloud            *waxseal.Server
	publisher, owner *clients // of the topic; of the queue, its key and the subscription
	topic            string
	queue, queueARN  string
	letters, deadARN string // the subscription's dead-letter queue
	keyARN           string // of the customer key
}

func (c *tableCase) customerKey() string {
	id, arn := c.owner.key()
	c.keyARN = arn
	return id
}

func (c *tableCase) customerKeyForSNS() string {
	id := c.customerKey()
	c.addToKeyPolicy(id, document(c.t, statement{
		"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"},
		"Action": []string{"kms:GenerateDataKey*", "kms:Decrypt"}, "Resource": "*",
	}))
	return id
}

// addToKeyPolicy adds the statements of a document to those of a key's policy.
func (c *tableCase) addToKeyPolicy(id, policy string) {
	c.t.Helper()
	out, err := c.owner.kms.GetKeyPolicy(c.t.Context(), &kms.GetKeyPolicyInput{KeyId: &id})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.owner.kms.PutKeyPolicy(c.t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: aws.String(joined(c.t, *out.Policy, policy))}); err != nil {
		c.t.Fatal(err)
	}
}

// joined is a document with the statements of two. The first may be empty.
func joined(t *testing.T, first, second string) string {
	t.Helper()
	var statements []map[string]any
	for _, text := range []string{first, second} {
		var d struct{ Statement []map[string]any }
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		statements = append(statements, d.Statement...)
	}
	return document(t, statements...)
}

// TestFanOutTable tries every combination of what a queue's policy, its
// encryption, the topic's encryption and the accounts can be [B20]-[B24] [B28] [D9].
// Where the message does not arrive, what `waxseal explain --message` tells is
// then done to the letter, and the next message arrives.
func TestFanOutTable(t *testing.T) {
	cloud := start(t)
	n := 0
	for _, policy := range tablePolicies {
		for _, key := range tableKeys {
			for _, topic := range tableTopics {
				for _, accounts := range tableAccounts {
					n++
					t.Run(strings.Join([]string{policy.name, key.name, topic.name, accounts.name}, "/"), func(t *testing.T) {
						c := newTableCase(t, cloud, fmt.Sprint("case-", n), topic.encrypted, accounts.subscriber)
						attributes := map[string]string{}
						if key.make != nil {
							attributes["KmsMasterKeyId"] = key.make(c)
						} else {
							attributes["SqsManagedSseEnabled"] = key.sse
						}
						if policy.granted != nil {
							attributes["Policy"] = document(t, allowSNS(c.queueARN, policy.granted(c.topic)))
						}
						c.setAll(attributes)

						var missing []string
						if !policy.lets {
							missing = append(missing, c.queueARN)
						}
						if !key.lets && key.name == "AWS managed key" {
							missing = append(missing, "alias/aws/sqs")
						} else if !key.lets {
							missing = append(missing, c.keyARN)
						}
						c.try("first", missing)
						if len(missing) > 0 {
							c.try("second", nil)
						}
					})
				}
			}
		}
	}
}

func newTableCase(t *testing.T, cloud *waxseal.Server, name string, encrypted bool, subscriber string) *tableCase {
	t.Helper()
	c := &tableCase{t: t, cloud: cloud, publisher: newClients(t, cloud.Config())}
	c.owner = newClients(t, cloud.As("arn:aws:iam::"+subscriber+":root"))
	attributes := map[string]string{}
	if encrypted {
		id, _ := c.publisher.key()
		attributes["KmsMasterKeyId"] = id
	}
	out, err := c.publisher.sns.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(name + "-topic"), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	c.topic = *out.TopicArn
	if subscriber != "123456789012" {
		if _, err := c.publisher.sns.AddPermission(t.Context(), &sns.AddPermissionInput{
			TopicArn: &c.topic, Label: aws.String("partner"), AWSAccountId: []string{subscriber}, ActionName: []string{"Subscribe"},
		}); err != nil {
			t.Fatal(err)
		}
	}
	c.queue, c.queueARN = c.owner.queue(name, nil)
	c.letters, c.deadARN = c.owner.queue(name+"-dead", nil)
	c.owner.setAttribute(c.letters, "Policy", document(t, allowSNS(c.deadARN, c.topic)))
	redrive, err := json.Marshal(map[string]string{"deadLetterTargetArn": c.deadARN})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.owner.sns.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: &c.topic, Protocol: aws.String("sqs"), Endpoint: &c.queueARN, Attributes: map[string]string{"RedrivePolicy": string(redrive)},
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *tableCase) setAll(attributes map[string]string) {
	c.t.Helper()
	for name, value := range attributes {
		c.owner.setAttribute(c.queue, name, value)
	}
}

// tableDelivery is a delivery's record at /_waxseal/deliveries.
type tableDelivery struct {
	MessageID, TopicArn, SubscriptionArn, Protocol, Endpoint, Status, ProviderResponse, DecisionRequestID string
	Attempts                                                                                              int
	DeadLetter                                                                                            *struct{ QueueArn, Status string }
}

// try publishes a message. missing names what keeps it from the queue, first
// what the delivery meets first; none: it arrives. What is missing is then added
// as explain says.
func (c *tableCase) try(text string, missing []string) {
	c.t.Helper()
	out, err := c.publisher.sns.Publish(c.t.Context(), &sns.PublishInput{TopicArn: &c.topic, Message: &text})
	if err != nil {
		c.t.Fatalf("Publish answers %v whatever becomes of the message (B24)", err)
	}
	var arrived, buried []string
	d := c.delivery(*out.MessageId)
	explained := fetch(c.t, c.cloud.URL()+"/_waxseal/explain?message-id="+*out.MessageId)
	if len(missing) > 0 {
		buried = []string{text}
		c.wantRefused(d, missing[0])
		c.wantExplained(explained, missing)
	} else {
		arrived = []string{text}
		if d.Status != "SUCCESS" || d.Attempts != 1 || d.DeadLetter != nil || d.Endpoint != c.queueARN {
			c.t.Errorf("the record of what arrived: %+v", d)
		}
		if !strings.HasPrefix(explained, "SUCCESS  sqs "+c.queueARN+" (1 attempt)\n") || strings.Contains(explained, "In the way") {
			c.t.Errorf("explain of what arrived:\n%s", explained)
		}
	}
	for _, remedy := range remedies(explained) {
		c.follow(remedy)
	}
	if diff := cmp.Diff(arrived, c.owner.notified(c.queue)); diff != "" {
		c.t.Errorf("in the queue (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(buried, c.owner.notified(c.letters)); diff != "" {
		c.t.Errorf("in the dead-letter queue (-want +got):\n%s", diff)
	}
}

func (c *tableCase) delivery(message string) tableDelivery {
	c.t.Helper()
	var answer struct{ Deliveries []tableDelivery }
	if err := json.Unmarshal([]byte(fetch(c.t, c.cloud.URL()+"/_waxseal/deliveries?message-id="+message)), &answer); err != nil {
		c.t.Fatal(err)
	}
	if len(answer.Deliveries) != 1 {
		c.t.Fatalf("deliveries: %+v", answer.Deliveries)
	}
	return answer.Deliveries[0]
}

// wantRefused checks the record of a message that the queue's policy or its key
// refused: tried once [B23], buried [B24], answered as AWS's log shows it ([B16],
// [B28]), and with the decision that denied it.
func (c *tableCase) wantRefused(d tableDelivery, first string) {
	c.t.Helper()
	response, action := "AWS.SimpleQueueService.NonExistentQueue", "sqs:SendMessage"
	if first != c.queueARN {
		response, action = "KMS.AccessDeniedException", "kms:GenerateDataKey"
	}
	if d.Status != "FAILURE" || d.Attempts != 1 || d.Endpoint != c.queueARN || d.TopicArn != c.topic ||
		!strings.Contains(d.ProviderResponse, `"ErrorCode":"`+response+`"`) {
		c.t.Errorf("the record of what was refused: %+v, want the code %s", d, response)
	}
	if d.DeadLetter == nil || d.DeadLetter.Status != "SUCCESS" || d.DeadLetter.QueueArn != c.deadARN {
		c.t.Errorf("the dead letter: %+v", d.DeadLetter)
	}
	var answer struct {
		Decisions []struct{ Principal, Action, Decision string }
	}
	if err := json.Unmarshal([]byte(fetch(c.t, c.cloud.URL()+"/_waxseal/decisions?request-id="+d.DecisionRequestID)), &answer); err != nil {
		c.t.Fatal(err)
	}
	if len(answer.Decisions) != 1 || answer.Decisions[0] != struct{ Principal, Action, Decision string }{"sns.amazonaws.com", action, "Deny"} {
		c.t.Errorf("decisions of %s: %+v, want the denial of %s", d.DecisionRequestID, answer.Decisions, action)
	}
}

// wantExplained checks that the explanation tells of all that is missing, of
// nothing else, and of the layer that denied.
func (c *tableCase) wantExplained(text string, missing []string) {
	c.t.Helper()
	found := remedies(text)
	if len(found) != len(missing) {
		c.t.Fatalf("%d remedies, want %d:\n%s", len(found), len(missing), text)
	}
	for i, what := range missing {
		want := "add to the policy of " + what + ": {"
		if what == "alias/aws/sqs" {
			want = "set KmsMasterKeyId of " + c.queueARN + " to a customer managed key whose policy has: {"
		}
		if !strings.HasPrefix(found[i], want) {
			c.t.Errorf("remedy %d: %s, want %s", i+1, found[i], want)
		}
	}
	if !strings.Contains(text, "resource-based policy  <- decides") {
		c.t.Errorf("no layer decides:\n%s", text)
	}
}

// blockers of an explanation: what stands in the way, and what to do.
var blockers = regexp.MustCompile(`(?m)^  \d+\. (.*)\n     (.*)$`)

// remedies are what an explanation says to do.
func remedies(text string) []string {
	var list []string
	for _, m := range blockers.FindAllStringSubmatch(text, -1) {
		list = append(list, m[2])
	}
	return list
}

var (
	addition   = regexp.MustCompile(`^add to the policy of (\S+): (\{.*\})$`)
	anotherKey = regexp.MustCompile(`^set KmsMasterKeyId of (\S+) to a customer managed key whose policy has: (\{.*\})$`)
)

// follow does what a remedy says, with nothing known but its words.
func (c *tableCase) follow(remedy string) {
	c.t.Helper()
	if m := anotherKey.FindStringSubmatch(remedy); m != nil {
		id := c.customerKey()
		c.addToKeyPolicy(id, `{"Statement":[`+m[2]+`]}`)
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", id)
		return
	}
	m := addition.FindStringSubmatch(remedy)
	if m == nil {
		c.t.Fatalf("who can follow this: %s", remedy)
	}
	policy := `{"Statement":[` + m[2] + `]}`
	if strings.HasPrefix(m[1], "arn:aws:kms:") {
		c.addToKeyPolicy(m[1], policy)
		return
	}
	c.owner.setAttribute(c.queue, "Policy", joined(c.t, c.owner.attribute(c.queue, "Policy"), policy))
}
