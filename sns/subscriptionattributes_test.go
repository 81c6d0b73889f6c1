package sns

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

func (w *testbed) setSubscription(subscription, name, value string) error {
	_, err := w.SetSubscriptionAttributes(request(), &SetSubscriptionAttributesInput{SubscriptionArn: subscription, AttributeName: name, AttributeValue: value})
	return err
}

func TestSubscriptionAttributes(t *testing.T) { // [N061]-[N066]
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.subscribe(testTopic, "sqs", testQueue)
	want := map[string]string{
		"ConfirmationWasAuthenticated": "true", "Endpoint": testQueue, "Owner": testAccount, "PendingConfirmation": "false",
		"Protocol": "sqs", "RawMessageDelivery": "false", "SubscriptionArn": subscription,
		"SubscriptionPrincipal": "arn:aws:iam::123456789012:root", "TopicArn": testTopic,
	}
	if diff := cmp.Diff(want, w.subscriptionOf(subscription)); diff != "" {
		t.Error(diff)
	}
	steps := []struct {
		name, value string
		shown       map[string]string // the attribute's value after it; empty: not shown
	}{
		{"FilterPolicyScope", "MessageBody", map[string]string{"FilterPolicyScope": ""}}, // [N064]
		{"FilterPolicy", `{"a": {"b":["c"]}}`, map[string]string{"FilterPolicy": `{"a": {"b":["c"]}}`, "FilterPolicyScope": "MessageBody"}},
		{"FilterPolicy", "", map[string]string{"FilterPolicy": "", "FilterPolicyScope": ""}}, // [N065]
		{"FilterPolicyScope", "MessageAttributes", nil},
		{"FilterPolicy", `{"a":["c"]}`, map[string]string{"FilterPolicyScope": "MessageAttributes"}}, // [N063]
		{"RawMessageDelivery", "TrUe", map[string]string{"RawMessageDelivery": "true"}},
		{"RedrivePolicy", `{"deadLetterTargetArn": "` + testQueue + `-dead"}`, map[string]string{"RedrivePolicy": `{"deadLetterTargetArn": "` + testQueue + `-dead"}`}}, // [N066]
		{"RedrivePolicy", "", map[string]string{"RedrivePolicy": ""}},
	}
	for _, step := range steps {
		if err := w.setSubscription(subscription, step.name, step.value); err != nil {
			t.Fatalf("%s=%s: %v", step.name, step.value, err)
		}
		got := w.subscriptionOf(subscription)
		for name, value := range step.shown {
			if got[name] != value {
				t.Errorf("after %s=%s, %s is %q, want %q", step.name, step.value, name, got[name], value)
			}
		}
	}
}

func TestSubscriptionAttributesRefused(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("orders.fifo", "FifoTopic", "true")
	queue := w.subscribe(testTopic, "sqs", testQueue)
	fifo := w.subscribe(testTopic+".fifo", "sqs", testQueue+".fifo")
	standard := w.subscribe(testTopic+".fifo", "sqs", testQueue)
	mail := w.subscribe(testTopic, "email", "a@example.com")
	const p = "Invalid parameter: "
	for _, c := range []struct{ subscription, name, value, message string }{
		{queue, "Nonsense", "x", p + "AttributeName"}, // [N069]
		{queue, "RawMessageDelivery", "test-ValUe", p + "RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false."}, // [N070]
		{queue, "RawMessageDelivery", "", p + "RawMessageDelivery: Invalid value []. Must be true or false."},                     // [N070]
		{queue, "RedrivePolicy", `{"deadLetterTargetArn":"nope"}`, p + "RedrivePolicy: deadLetterTargetArn is an invalid arn"},    // [N071]
		{queue, "RedrivePolicy", `{"deadLetterTargetArn":"` + testQueue + `-dead","maxReceiveCount":3}`, p + "RedrivePolicy: invalid JSON. Attribute maxReceiveCount is unknown."},
		{queue, "RedrivePolicy", `{"deadLetterTargetArn":["` + testQueue + `-dead"]}`, p + "RedrivePolicy: deadLetterTargetArn must be a string"},
		{queue, "RedrivePolicy", `{}`, p + "RedrivePolicy: deadLetterTargetArn is an invalid arn"},                                                                                                 //
		{queue, "RedrivePolicy", `{invalid`, p + "RedrivePolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name"},                     // [N072]
		{queue, "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:d"}`, p + "RedrivePolicy: must reference a queue in the same region and account as the subscription"}, // [B24]
		{queue, "RedrivePolicy", `{"deadLetterTargetArn":"` + testQueue + `.fifo"}`, p + "RedrivePolicy: must use a standard queue as DLQ for a subscription to a standard Topic."},
		{fifo, "RedrivePolicy", `{"deadLetterTargetArn":"` + testQueue + `"}`, p + "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."},                                // [N075]
		{standard, "RedrivePolicy", `{"deadLetterTargetArn":"` + testQueue + `"}`, ""},                                                                                                                    // [N075]
		{queue, "FilterPolicy", `invalid`, p + "FilterPolicy: failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"}, // [N073]
		{queue, "FilterPolicy", `{"key_a":"value"}`, p + `FilterPolicy: "key_a" must be an object or an array`},                                                                                           // [N191]
		{queue, "FilterPolicy", `{"a":{"b":["c"]}}`, p + "Filter policy scope MessageAttributes does not support nested filter policy"},                                                                   // [N190]
		{queue, "FilterPolicyScope", "RandomValue", p + "FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes"},                                             // [N074]
		{queue, "DeliveryPolicy", `{"healthyRetryPolicy":null}`, p + "DeliveryPolicy: Delivery protocol [sqs] does not support delivery policies."},
		{queue, "SubscriptionRoleArn", "x", p + "SubscriptionRoleArn: Invalid value [x]. Must be the ARN of an IAM role."},
		{queue, "ReplayPolicy", `{"PointType":"Timestamp","StartingPoint":"2026-01-01T00:00:00Z"}`, p + "ReplayPolicy: is supported by FIFO topics only."},
		{mail, "RawMessageDelivery", "true", p + "Delivery protocol [email] does not support raw message delivery."},
	} {
		err := w.setSubscription(c.subscription, c.name, c.value)
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			if c.message == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e := api.AsError(err)
			if text, _, _ := strings.Cut(e.Message, "\n"); e.Query() != "InvalidParameter" || text != c.message {
				t.Errorf("\n got %v\nwant %s", err, c.message)
			}
		})
		if c.subscription != queue {
			continue
		}
		_, err = w.Subscribe(request(), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: testQueue + "-new", Attributes: map[string]string{c.name: c.value}})
		if text, _, _ := strings.Cut(api.AsError(err).Message, "\n"); text != strings.Replace(c.message, p, p+"Attributes Reason: ", 1) { // [N076]
			t.Errorf("Subscribe says %v", err)
		}
	}
	_, err := w.GetSubscriptionAttributes(request(), &GetSubscriptionAttributesInput{SubscriptionArn: testTopic + ":00000000-0000-0000-0000-000000000000"})
	wantError(t, err, "NotFound", "Subscription does not exist") // [N068]
	err = w.setSubscription(testTopic+":00000000-0000-0000-0000-000000000000", "RawMessageDelivery", "true")
	wantError(t, err, "NotFound", "Subscription does not exist")
	if list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})).Subscriptions; len(list) != 2 {
		t.Errorf("a refused Subscribe left %v", list)
	}
}

func TestSubscriptionsOfOthers(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	theirs := must(w.Subscribe(request(as(otherAccount)), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: "arn:aws:sqs:us-east-1:" + otherAccount + ":q"})).SubscriptionArn
	_, err := w.GetSubscriptionAttributes(request(), &GetSubscriptionAttributesInput{SubscriptionArn: theirs})
	wantError(t, err, "AuthorizationError", "Not authorized to access this subscription")
	wantError(t, w.setSubscription(theirs, "RawMessageDelivery", "true"), "AuthorizationError", "Not authorized to access this subscription")
	must(w.GetSubscriptionAttributes(request(as(otherAccount)), &GetSubscriptionAttributesInput{SubscriptionArn: theirs}))
	target, _, err := onSubscription(w.Service, func(in *GetSubscriptionAttributesInput) string { return in.SubscriptionArn })(request(), &GetSubscriptionAttributesInput{SubscriptionArn: theirs})
	if err != nil || target.ARN != "arn:aws:sns:us-east-1:123456789012:*" || target.Account != testAccount {
		t.Errorf("the target is %+v, %v", target, err)
	}
}

func TestFiltersDecide(t *testing.T) { // [N151] [N152]
	w := newTestbed(t)
	w.createTopic("orders")
	byAttribute, byBody := testQueue+"-a", testQueue+"-b"
	w.subscribe(testTopic, "sqs", byAttribute, "FilterPolicy", `{"store":["s1"]}`, "RawMessageDelivery", "true")
	w.subscribe(testTopic, "sqs", byBody, "FilterPolicy", `{"store":{"id":["s1"]}}`, "FilterPolicyScope", "MessageBody", "RawMessageDelivery", "true")
	w.subscribe(testTopic, "sqs", testQueue, "FilterPolicy", "", "RawMessageDelivery", "true") // [N056]
	s1 := map[string]MessageAttributeValue{"store": {DataType: "String", StringValue: ptr("s1")}}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "1", MessageAttributes: s1})
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: `{"store":{"id":"s1"}}`})
	must(w.PublishBatch(request(), &PublishBatchInput{TopicArn: testTopic, PublishBatchRequestEntries: []PublishBatchRequestEntry{
		{Id: "a", Message: "2", MessageAttributes: s1}, {Id: "b", Message: "3"},
	}}))
	for queue, want := range map[string][]string{
		byAttribute: {"1", "2"}, byBody: {`{"store":{"id":"s1"}}`}, testQueue: {"1", `{"store":{"id":"s1"}}`, "2", "3"},
	} {
		var got []string
		for _, m := range w.queues.take(queue) {
			got = append(got, m.Body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", queue, diff)
		}
	}
}

// TestBodyFilterSeesTheProtocolsText: what a subscriber filters is what it would get.
func TestBodyFilterSeesTheProtocolsText(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "FilterPolicy", `{"a":["1"]}`, "FilterPolicyScope", "MessageBody")
	w.publish(&PublishInput{TopicArn: ptr(testTopic), MessageStructure: "json", Message: `{"default":"x","sqs":"{\"a\":\"1\"}"}`})
	w.publish(&PublishInput{TopicArn: ptr(testTopic), MessageStructure: "json", Message: `{"default":"{\"a\":\"1\"}","sqs":"x"}`})
	if got := w.queues.take(testQueue); len(got) != 1 {
		t.Errorf("the queue got %d messages", len(got))
	}
}

func TestListSubscriptions(t *testing.T) { // [N041]-[N043]
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("orders2") // a name that begins as the other does
	w.subscribe(testTopic+"2", "sqs", testQueue)
	want := map[string]bool{}
	for i := range 130 {
		want[w.subscribe(testTopic, "sqs", fmt.Sprint(testQueue, "-", i))] = true
	}
	for i := range 20 {
		w.subscribe(testTopic, "email", fmt.Sprintf("a%d@example.com", i))
	}
	var arns []string
	var pages []int
	for token := ""; ; {
		out := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic, NextToken: token}))
		pages = append(pages, len(out.Subscriptions))
		for _, s := range out.Subscriptions {
			if s.TopicArn != testTopic || s.Owner != testAccount {
				t.Errorf("listed %+v", s)
			}
			arns = append(arns, s.SubscriptionArn)
		}
		if token = out.NextToken; token == "" {
			break
		}
	}
	if diff := cmp.Diff([]int{100, 50}, pages); diff != "" {
		t.Error(diff)
	}
	pending := 0
	for _, a := range arns {
		if a == "PendingConfirmation" {
			pending++
		}
		delete(want, a)
	}
	if pending != 20 || len(want) != 0 {
		t.Errorf("%d pending ones are listed, %d confirmed ones are not", pending, len(want))
	}
	first := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{}))
	second := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{NextToken: first.NextToken}))
	if len(first.Subscriptions) != 100 || len(second.Subscriptions) != 51 || second.NextToken != "" {
		t.Errorf("pages of %d and %d", len(first.Subscriptions), len(second.Subscriptions))
	}
	if slices.ContainsFunc(second.Subscriptions, func(s Subscription) bool {
		return slices.Contains(first.Subscriptions, s) && s.SubscriptionArn != "PendingConfirmation"
	}) {
		t.Error("the pages overlap")
	}
	if other := must(w.ListSubscriptions(request(as(otherAccount)), &ListSubscriptionsInput{})); other.Subscriptions == nil || len(other.Subscriptions) != 0 {
		t.Errorf("another account sees %v", other.Subscriptions) // [N005]
	}
	if other := must(w.ListSubscriptions(request(in("eu-west-1")), &ListSubscriptionsInput{})); len(other.Subscriptions) != 0 {
		t.Errorf("another region shows %v", other.Subscriptions)
	}
}

func TestEndpoints(t *testing.T) { // [N049] [N050]
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("orders.fifo", "FifoTopic", "true")
	const p = "Invalid parameter: "
	lambda, firehose := "arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:firehose:us-east-1:123456789012:deliverystream/s"
	role := map[string]string{"SubscriptionRoleArn": "arn:aws:iam::123456789012:role/r"}
	for _, c := range []struct {
		topic, protocol, endpoint string
		attributes                map[string]string
		message                   string
	}{
		{testTopic, "sms", "+1234567890", nil, ""},
		{testTopic, "sms", "+12/34-567.890", nil, ""},
		{testTopic, "sms", "NAA+15551234567", nil, "Invalid SMS endpoint: NAA+15551234567"},
		{testTopic, "sms", "+15--551234567", nil, "Invalid SMS endpoint: +15--551234567"},
		{testTopic, "sms", "+15551234567.", nil, "Invalid SMS endpoint: +15551234567."},
		{testTopic, "sms", "/+15551234567", nil, "Invalid SMS endpoint: /+15551234567"},
		{testTopic, "http", "http://example.com/", nil, ""},
		{testTopic, "https", "https://user:pw@example.com:8443/x?y=z", nil, ""},
		{testTopic, "http", "https://example.com/", nil, p + "Endpoint must match the specified protocol"},
		{testTopic, "https", "http://example.com/", nil, p + "Endpoint must match the specified protocol"},
		{testTopic, "http", "example.com", nil, p + "Endpoint must match the specified protocol"},
		{testTopic, "http", "http://", nil, p + "Endpoint must match the specified protocol"},
		{testTopic, "http", "http://example.com/" + strings.Repeat("x", 2048), nil, p + "Endpoint Reason: must be at most 2048 bytes long"},
		{testTopic, "email", "a@example.com", nil, ""},
		{testTopic, "email-json", "a@example.com", nil, ""},
		{testTopic, "email", "example.com", nil, p + "Email address"},
		{testTopic, "email", "a b@example.com", nil, p + "Email address"},
		{testTopic, "lambda", lambda, nil, ""},
		{testTopic, "lambda", "f", nil, p + "Lambda endpoint ARN"},
		{testTopic, "firehose", firehose, role, ""},
		{testTopic, "firehose", firehose + "2", nil, p + "Attributes Reason: SubscriptionRoleArn: is required for the protocol firehose."},
		{testTopic, "firehose", lambda, role, p + "Firehose endpoint ARN"},
		{testTopic, "application", "x", nil, p + "Application endpoint arn"},
		{testTopic + ".fifo", "lambda", lambda, nil, p + "Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"},
		{testTopic + ".fifo", "http", "http://example.com/", nil, p + "Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"},
		{testTopic + ".fifo", "sqs", testQueue + ".fifo", nil, ""},
	} {
		_, err := w.Subscribe(request(), &SubscribeInput{TopicArn: c.topic, Protocol: c.protocol, Endpoint: c.endpoint, Attributes: c.attributes})
		t.Run(c.protocol+" "+c.endpoint, func(t *testing.T) {
			if c.message != "" {
				wantError(t, err, "InvalidParameter", c.message)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for protocol, confirmed := range map[string]string{"sms": "true", "lambda": "true", "firehose": "true", "http": "false", "email": "false", "email-json": "false"} {
		for _, s := range must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})).Subscriptions {
			if s.Protocol == protocol && (s.SubscriptionArn != "PendingConfirmation") != (confirmed == "true") {
				t.Errorf("%s is listed as %s", protocol, s.SubscriptionArn)
			}
		}
	}
}
