package inventory_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

// converse lets a producer send and a consumer receive.
func (w *world) converse() {
	w.Helper()
	servertest.ActAs(w.T, w.Server, "role/producer", "sqs:SendMessage", object{"QueueUrl": ordersURL, "MessageBody": "x"})
	servertest.ActAs(w.T, w.Server, "role/consumer", "sqs:ReceiveMessage", object{"QueueUrl": ordersURL, "MaxNumberOfMessages": 10})
}

// The data keys in memory are listed, with whose they are and how long they are used.
func TestDataKeys(t *testing.T) {
	w := newWorld(t, keyFixtures)
	list := func(query string) []any {
		var got struct{ DataKeys []any }
		w.get("data-keys"+query, &got)
		return got.DataKeys
	}
	if got := list(""); len(got) != 0 {
		t.Errorf("at the start: %v", got)
	}
	w.converse()
	w.clock.Advance(90 * time.Second)
	key := func(requester, purpose, since, renewAt string, left, renewals float64) object {
		return object{"owner": orders, "keyId": ordersKey, "requester": requester, "purpose": purpose, "since": since, "renewAt": renewAt, "secondsLeft": left, "renewals": renewals}
	}
	want := []any{
		key(producer, "encrypt", rfc3339Time, "2026-01-02T03:14:05Z", 510, 0),
		key(consumer, "decrypt", rfc3339Time, "2026-01-02T03:14:05Z", 510, 0),
	}
	if diff := cmp.Diff(want, list("?region=us-east-1")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := list("?region=eu-west-1"); len(got) != 0 {
		t.Errorf("another region has %v", got)
	}
	w.clock.Advance(510 * time.Second) // what is exactly as old as its period has expired
	if got := list(""); len(got) != 0 {
		t.Errorf("after the period: %v", got)
	}
	w.converse()
	want = []any{
		key(producer, "encrypt", "2026-01-02T03:14:05Z", "2026-01-02T03:24:05Z", 600, 1),
		key(consumer, "decrypt", "2026-01-02T03:14:05Z", "2026-01-02T03:24:05Z", 600, 1),
	}
	if diff := cmp.Diff(want, list("")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	servertest.ActAs(t, w.Server, "root", "sqs:DeleteQueue", object{"QueueUrl": ordersURL})
	if got := list(""); len(got) != 0 {
		t.Errorf("of a deleted queue: %v", got)
	}
}

// What a key costs follows AWS's formula and those who were seen, and the calls are those that
// were made.
func TestCost(t *testing.T) {
	w := newWorld(t, keyFixtures)
	c := sns.NewFromConfig(w.config("123456789012"))
	topic := must(c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("t"), Attributes: map[string]string{"KmsMasterKeyId": "alias/orders"}}))(t).TopicArn
	must(c.Publish(t.Context(), &sns.PublishInput{TopicArn: topic, Message: aws.String("x")}))(t)
	w.converse()
	w.converse()
	w.clock.Advance(10 * time.Minute)
	w.converse()
	servertest.ActAs(t, w.Server, "role/consumer", "sqs:SendMessage", object{"QueueUrl": ordersURL, "MessageBody": "x"})
	month := func(period, requests, usd float64) object {
		return object{"reusePeriodSeconds": period, "requests": requests, "usd": usd}
	}
	want := object{
		"usdPer10000": 0.03, "days": 30.0,
		"queues": []any{
			object{
				"arn": orders, "keyId": "alias/orders", "reusePeriodSeconds": 600.0, "producers": []any{consumer, producer}, "consumers": []any{consumer},
				"calls":   object{"GenerateDataKey": 3.0, "Decrypt": 5.0},
				"monthly": []any{month(60, 216000, 0.648), month(300, 43200, 0.1296), month(600, 21600, 0.0648), month(86400, 150, 0.00045)},
			},
			object{
				"arn": *topic, "keyId": "alias/orders", "reusePeriodSeconds": 300.0, "producers": []any{root}, "consumers": []any{},
				"calls":   object{"GenerateDataKey": 1.0, "Decrypt": 1.0},
				"monthly": []any{month(300, 17280, 0.05184)},
			},
		},
	}
	var got object
	w.get("kms-cost", &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if w.get("kms-cost?account=210987654321", &got); len(got["queues"].([]any)) != 0 {
		t.Errorf("another account pays for %v", got["queues"])
	}
}
