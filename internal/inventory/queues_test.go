package inventory_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

const root = "arn:aws:iam::123456789012:root"

type object = map[string]any

// Queues are listed with exact counts, however long nobody has looked at them.
func TestQueues(t *testing.T) {
	w := newWorld(t, "")
	c := sqs.NewFromConfig(w.config("123456789012"))
	create := func(name string, attributes map[string]string) *string {
		return must(c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes}))(t).QueueUrl
	}
	create("dead", map[string]string{"SqsManagedSseEnabled": "false"})
	create("sealed.fifo", map[string]string{"FifoQueue": "true", "KmsMasterKeyId": "alias/aws/sqs", "KmsDataKeyReusePeriodSeconds": "600"})
	orders := create("orders", map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":3}`,
		"Policy":        servertest.PolicyText(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:orders"}`),
	})
	for i, delay := range []int32{0, 0, 0, 60} {
		must(c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: orders, MessageBody: aws.String(fmt.Sprint(i)), DelaySeconds: delay}))(t)
	}
	must(c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: orders}))(t)
	other := sqs.NewFromConfig(w.config("210987654321"), func(o *sqs.Options) { o.Region = "eu-west-1" })
	must(other.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("theirs")}))(t)

	entry := func(name string, more object) object {
		q := object{
			"arn": "arn:aws:sqs:us-east-1:123456789012:" + name, "name": name, "account": "123456789012", "region": "us-east-1",
			"fifo": false, "encryption": "SSE-SQS", "visible": 0.0, "inFlight": 0.0, "delayed": 0.0, "hasPolicy": false,
		}
		for k, v := range more {
			q[k] = v
		}
		return q
	}
	theirs := entry("theirs", object{"arn": "arn:aws:sqs:eu-west-1:210987654321:theirs", "account": "210987654321", "region": "eu-west-1"})
	dead := entry("dead", object{"encryption": "none"})
	sealed := entry("sealed.fifo", object{"fifo": true, "encryption": "SSE-KMS", "keyId": "alias/aws/sqs", "reusePeriodSeconds": 600.0})
	ordersNow := func(visible, inFlight, delayed float64) object {
		return entry("orders", object{
			"visible": visible, "inFlight": inFlight, "delayed": delayed,
			"deadLetterTarget": "arn:aws:sqs:us-east-1:123456789012:dead", "hasPolicy": true,
		})
	}
	want := func(query string, queues ...object) {
		t.Helper()
		var got struct{ Queues []object }
		w.get("queues"+query, &got)
		if diff := cmp.Diff(queues, got.Queues); diff != "" {
			t.Errorf("queues%s (-want +got):\n%s", query, diff)
		}
	}
	decided := len(servertest.Decisions(w.Server))
	want("", theirs, dead, ordersNow(2, 1, 1), sealed)
	want("?account=210987654321", theirs)
	want("?region=us-east-1&account=123456789012", dead, ordersNow(2, 1, 1), sealed)
	want("?account=111122223333", []object{}...)
	w.clock.Advance(time.Minute)
	want("?region=us-east-1", dead, ordersNow(4, 0, 0), sealed)
	w.clock.Advance(96 * time.Hour)
	want("?region=us-east-1", dead, ordersNow(0, 0, 0), sealed)
	if n := len(servertest.Decisions(w.Server)); n != decided {
		t.Errorf("%d decisions were taken", n-decided)
	}
	for query, reason := range map[string]string{"name=x": "name", "account=12": "account", "region=us-est-1": "region"} {
		status, body := servertest.Ask(w.Server, http.MethodGet, "/_waxseal/queues?"+query, "")
		servertest.WantAnswer(t, status, body, http.StatusBadRequest, reason)
	}
}

// A list of many queues comes at once, even where something is due in each.
func TestManyQueues(t *testing.T) {
	w := newWorld(t, "")
	w.fill(many)
	for range 2 {
		began := time.Now()
		var got struct{ Queues []json.RawMessage }
		w.get("queues", &got)
		if took := time.Since(began); len(got.Queues) != many || took > slow {
			t.Errorf("%d queues took %s", len(got.Queues), took)
		} else {
			t.Logf("%d queues in %s", many, took)
		}
		w.clock.Advance(time.Minute)
	}
}

// Topics are listed with their subscriptions, also those that wait for confirmation.
func TestTopics(t *testing.T) {
	w := newWorld(t, "")
	c := sns.NewFromConfig(w.config("123456789012"))
	must(sqs.NewFromConfig(w.config("123456789012")).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")}))(t)
	const topic, queue = "arn:aws:sns:us-east-1:123456789012:t", "arn:aws:sqs:us-east-1:123456789012:q"
	must(c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("t"), Attributes: map[string]string{"KmsMasterKeyId": "alias/aws/sns"}}))(t)
	must(c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("a.fifo"), Attributes: map[string]string{
		"FifoTopic": "true",
		"Policy":    servertest.PolicyText(`{"Effect":"Allow","Principal":{"AWS":"` + root + `"},"Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:123456789012:a.fifo"}`),
	}}))(t)
	subscribed := must(c.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: aws.String(topic), Protocol: aws.String("sqs"), Endpoint: aws.String(queue), ReturnSubscriptionArn: true,
		Attributes: map[string]string{"RawMessageDelivery": "true", "FilterPolicy": `{"kind":["cat"]}`, "RedrivePolicy": `{"deadLetterTargetArn":"` + queue + `"}`},
	}))(t)
	pending := must(c.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: aws.String(topic), Protocol: aws.String("email"), Endpoint: aws.String("vet@example.com"), ReturnSubscriptionArn: true,
	}))(t)

	type subscription struct {
		ARN, Protocol, Endpoint, Owner, FilterPolicy, FilterPolicyScope, DeadLetterTarget string
		Pending, Raw                                                                      bool
	}
	type entry struct {
		ARN, Name, Account, Region, KeyID string
		FIFO, HasPolicy                   bool
		Subscriptions                     []subscription
	}
	var got struct{ Topics []entry }
	w.get("topics", &got)
	both := []subscription{
		{ARN: *subscribed.SubscriptionArn, Protocol: "sqs", Endpoint: queue, Owner: "123456789012", FilterPolicy: `{"kind":["cat"]}`, FilterPolicyScope: "MessageAttributes", DeadLetterTarget: queue, Raw: true},
		{ARN: *pending.SubscriptionArn, Protocol: "email", Endpoint: "vet@example.com", Owner: "123456789012", Pending: true},
	}
	if both[1].ARN < both[0].ARN {
		both[0], both[1] = both[1], both[0]
	}
	want := []entry{
		{ARN: "arn:aws:sns:us-east-1:123456789012:a.fifo", Name: "a.fifo", Account: "123456789012", Region: "us-east-1", FIFO: true, HasPolicy: true, Subscriptions: []subscription{}},
		{ARN: topic, Name: "t", Account: "123456789012", Region: "us-east-1", KeyID: "alias/aws/sns", Subscriptions: both},
	}
	if diff := cmp.Diff(want, got.Topics); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	w.clock.Advance(72 * time.Hour) // a subscription waits so long for its confirmation
	w.get("topics", &got)
	if n := len(got.Topics[1].Subscriptions); n != 1 {
		t.Errorf("%d subscriptions, want the confirmed one", n)
	}
}
