package integration

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A queue of another region, with a key of that region, is delivered to [N060].
func TestFanOutToAnotherRegion(t *testing.T) {
	cloud := start(t)
	topicSide := newClients(t, cloud.Config())
	elsewhere := cloud.Config()
	elsewhere.Region = "eu-west-1"
	c := newClients(t, elsewhere)
	topic := topicSide.topic("news")
	id, _ := c.key()
	queue, queueARN := c.queue("news", map[string]string{"KmsMasterKeyId": id})
	if !strings.HasPrefix(queueARN, "arn:aws:sqs:eu-west-1:") {
		t.Fatalf("the queue is %s", queueARN)
	}
	row := &tableCase{t: t, cloud: cloud, publisher: topicSide, owner: c, topic: topic, queue: queue, queueARN: queueARN}
	topicSide.subscribe(topic, queueARN)

	found := remedies(row.explained())
	if len(found) != 2 {
		t.Fatalf("remedies: %q, want the queue's policy and the key's", found)
	}
	for _, remedy := range found {
		row.follow(remedy)
	}
	topicSide.publish(topic, "hello")
	if got := c.notified(queue); len(got) != 1 || got[0] != "hello" {
		t.Errorf("in the other region %q arrived", got)
	}
}

// Across the border of an opt-in region SNS comes as its principal of that
// region, and the plain one's permission does not do; within a region it does.
func TestFanOutWithOptInRegions(t *testing.T) {
	cloud := start(t)
	in := func(region string) *clients {
		config := cloud.Config()
		config.Region = region
		return newClients(t, config)
	}
	for _, c := range []struct{ topic, queue, principal string }{
		{"us-east-1", "eu-west-1", "sns.amazonaws.com"},
		{"us-east-1", "ap-east-1", "sns.ap-east-1.amazonaws.com"},
		{"ap-east-1", "us-east-1", "sns.ap-east-1.amazonaws.com"},
		{"ap-east-1", "ap-east-1", "sns.amazonaws.com"},
		{"ap-east-1", "af-south-1", ""}, // AWS does not deliver
	} {
		t.Run(c.topic+" to "+c.queue, func(t *testing.T) {
			publisher, owner := in(c.topic), in(c.queue)
			publisher.t, owner.t = t, t
			topic := publisher.topic("to-" + c.queue)
			queue, queueARN := owner.queue("from-"+c.topic, nil)
			publisher.subscribe(topic, queueARN)
			for _, principal := range []string{"sns.amazonaws.com", "sns.ap-east-1.amazonaws.com", "sns.af-south-1.amazonaws.com"} {
				statement := allowSNS(queueARN, topic)
				statement["Principal"] = map[string]any{"Service": principal}
				owner.setAttribute(queue, "Policy", document(t, statement))
				publisher.publish(topic, "hello")
				if got := owner.notified(queue); (len(got) == 1) != (principal == c.principal) {
					t.Errorf("with the permission of %s %q arrived", principal, got)
				}
			}
		})
	}
}

// A topic's owner who subscribes the queue of another account has that queue
// confirm: the token arrives there, if its policy lets the topic in.
func TestQueueOfAnotherAccountConfirms(t *testing.T) {
	cloud := start(t)
	publisher := newClients(t, cloud.Config())
	partner := newClients(t, cloud.As("arn:aws:iam::999888777666:root"))
	topic := publisher.topic("news")
	queue, queueARN := partner.queue("inbox", nil)
	partner.setAttribute(queue, "Policy", document(t, allowSNS(queueARN, topic)))
	out, err := publisher.sns.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: &queueARN})
	if err != nil {
		t.Fatal(err)
	}
	if *out.SubscriptionArn != "pending confirmation" {
		t.Errorf("Subscribe answers %s", *out.SubscriptionArn)
	}
	publisher.publish(topic, "before the confirmation")
	bodies := partner.bodies(queue)
	if len(bodies) != 1 {
		t.Fatalf("in the queue: %q, want the confirmation alone", bodies)
	}
	var asked struct{ Type, Token, TopicArn, Message string }
	if err := json.Unmarshal([]byte(bodies[0]), &asked); err != nil {
		t.Fatal(err)
	}
	if asked.Type != "SubscriptionConfirmation" || asked.TopicArn != topic ||
		!strings.HasPrefix(asked.Message, "You have chosen to subscribe to the topic "+topic+".\n") { // [N138]
		t.Fatalf("asked to confirm: %+v", asked)
	}
	if _, err := partner.sns.ConfirmSubscription(t.Context(), &sns.ConfirmSubscriptionInput{TopicArn: &topic, Token: &asked.Token}); err != nil {
		t.Fatal(err)
	}
	publisher.publish(topic, "hello")
	if got := partner.notified(queue); len(got) != 1 || got[0] != "hello" {
		t.Errorf("after the confirmation %q arrived", got)
	}
}

// A message's sequence number in the notification is the topic's; the queue
// counts by itself [N121] [N126].
func TestFIFOFanOutHasTwoSequences(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	fifo := map[string]string{"FifoTopic": "true", "ContentBasedDeduplication": "true"}
	created, err := c.sns.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("orders.fifo"), Attributes: fifo})
	if err != nil {
		t.Fatal(err)
	}
	queue, queueARN := c.queue("orders.fifo", map[string]string{"FifoQueue": "true"})
	c.setAttribute(queue, "Policy", document(t, allowSNS(queueARN, *created.TopicArn)))
	c.subscribe(*created.TopicArn, queueARN)
	for _, text := range []string{"first", "second", "first"} { // [N132]: the third is a duplicate
		published, err := c.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: created.TopicArn, Message: &text, MessageGroupId: aws.String("g")})
		if err != nil {
			t.Fatal(err)
		}
		received, err := c.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &queue, MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"SequenceNumber", "MessageGroupId"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(received.Messages) == 0 {
			if text == "first" {
				continue
			}
			t.Fatalf("%s does not arrive", text)
		}
		m := received.Messages[0]
		var n struct{ Message, MessageId, SequenceNumber string }
		if err := json.Unmarshal([]byte(*m.Body), &n); err != nil {
			t.Fatal(err)
		}
		if n.Message != text || n.MessageId != *published.MessageId || n.SequenceNumber != *published.SequenceNumber {
			t.Errorf("the notification %+v of %s: %s", n, text, *published.SequenceNumber)
		}
		if n.MessageId == *m.MessageId || n.SequenceNumber == m.Attributes["SequenceNumber"] || m.Attributes["MessageGroupId"] != "g" {
			t.Errorf("the queue's message %s %v has what is the topic's", *m.MessageId, m.Attributes)
		}
		if err := c.delete(queue, m); err != nil {
			t.Fatal(err)
		}
	}
}

// snsQuery posts to SNS with all parameters in the query string.
func snsQuery(t *testing.T, client *http.Client, base string, query url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// A POST may have all of its parameters in the query string [N001]; an error
// has a Type, a Code and a Message, and the request's id beside them [N002] [N003].
func TestPublishByQueryString(t *testing.T) {
	p := serve(t)
	c := newClients(t, p.config(p.url))
	topic := c.topic("news")
	post := func(topic string) (int, string) {
		t.Helper()
		query := url.Values{"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {topic}, "Message": {"hello"}}
		return snsQuery(t, http.DefaultClient, p.url, query)
	}
	if status, body := post(topic); status != http.StatusOK || !strings.Contains(body, "<PublishResult><MessageId>") {
		t.Errorf("Publish: %d %s", status, body)
	}
	status, body := post(topic + "-absent")
	if status != http.StatusNotFound || !strings.Contains(body, "<Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>") {
		t.Errorf("Publish to a topic that does not exist: %d %s", status, body)
	}
}

// An attribute without a type breaks the request's shape, alone and in a batch [N111].
func TestAttributeWithoutAType(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	topic := c.topic("news")
	// The SDK would not send it: the shape is broken by its Query form.
	status, body := snsQuery(t, cloud.Config().HTTPClient.(*http.Client), "http://localhost", url.Values{
		"Action": {"PublishBatch"}, "Version": {"2010-03-31"}, "TopicArn": {topic},
		"PublishBatchRequestEntries.member.1.Id": {"a"}, "PublishBatchRequestEntries.member.1.Message": {"m"},
		"PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name":              {"attr1"},
		"PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue": {"v"},
	})
	const want = "1 validation error detected: Value null at &#39;publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType&#39; failed to satisfy constraint: Member must not be null"
	if plain := strings.ReplaceAll(strings.ReplaceAll(want, "&#39;", "'"), "&apos;", "'"); status != http.StatusBadRequest ||
		!strings.Contains(body, "<Code>ValidationError</Code>") || !strings.Contains(body, want) && !strings.Contains(body, plain) {
		t.Errorf("PublishBatch: %d %s", status, body)
	}
}

// Unicode passes unchanged [N130], and what no queue takes any more is lost
// while the subscription stays [N136].
func TestSubscriptionOutlivesItsQueue(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	topic := c.topic("news")
	queue, queueARN := c.queue("inbox", nil)
	c.setAttribute(queue, "Policy", document(t, allowSNS(queueARN, topic)))
	c.subscribe(topic, queueARN)
	const text = "ünïcode ☃ 𝄞 \u2028 <tag> & \"quotes\""
	c.publish(topic, text)
	if got := c.notified(queue); len(got) != 1 || got[0] != text {
		t.Errorf("arrived: %q, want %q", got, text)
	}
	if _, err := c.sqs.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &queue}); err != nil {
		t.Fatal(err)
	}
	c.publish(topic, "lost")
	out, err := c.sns.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Subscriptions) != 1 || *out.Subscriptions[0].Endpoint != queueARN {
		t.Errorf("subscriptions: %+v", out.Subscriptions)
	}
}
