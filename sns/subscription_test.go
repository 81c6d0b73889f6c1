package sns

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

func TestSubscribeQueue(t *testing.T) { // [N047] [N052] [N053]
	w := newTestbed(t)
	w.createTopic("orders")
	first := w.subscribe(testTopic, "sqs", testQueue)
	id, ok := strings.CutPrefix(first, testTopic+":")
	if !ok || len(id) != 36 {
		t.Errorf("the subscription's ARN is %s", first)
	}
	for _, attributes := range [][]string{nil, {"RawMessageDelivery", "false"}} {
		if again := w.subscribe(testTopic, "sqs", testQueue, attributes...); again != first {
			t.Errorf("%v: %s, want %s", attributes, again, first)
		}
	}
	if got := w.attributesOf(t, testTopic)["SubscriptionsConfirmed"]; got != "1" {
		t.Errorf("%s subscriptions are confirmed", got)
	}
}

func TestSubscribeRefuses(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("orders.fifo", "FifoTopic", "true")
	w.subscribe(testTopic, "sqs", testQueue)
	for name, c := range map[string]struct {
		in            SubscribeInput
		code, message string
	}{
		"N045":                    {SubscribeInput{Protocol: "test-protocol", Endpoint: "x"}, "InvalidParameter", "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol"},
		"N046 URL":                {SubscribeInput{Protocol: "sqs", Endpoint: "http://localhost:4566/123456789012/q"}, "InvalidParameter", "Invalid parameter: SQS endpoint ARN"},
		"N046 text":               {SubscribeInput{Protocol: "sqs", Endpoint: "q"}, "InvalidParameter", "Invalid parameter: SQS endpoint ARN"},
		"N046 of another service": {SubscribeInput{Protocol: "sqs", Endpoint: testTopic}, "InvalidParameter", "Invalid parameter: SQS endpoint ARN"},
		"N058":                    {SubscribeInput{Protocol: "sqs", Endpoint: testQueue + ".fifo"}, "InvalidParameter", "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"},
		"N054":                    {SubscribeInput{Protocol: "sqs", Endpoint: testQueue, Attributes: map[string]string{"RawMessageDelivery": "true"}}, "InvalidParameter", "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"},
		"N055":                    {SubscribeInput{Protocol: "sqs", Endpoint: testQueue, Attributes: map[string]string{"RawMessageDelivery": "wrongvalue"}}, "InvalidParameter", "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false."},
		"N007":                    {SubscribeInput{TopicArn: testTopic + "x", Protocol: "sqs", Endpoint: testQueue}, "NotFound", "Topic does not exist"},
	} {
		if c.in.TopicArn == "" {
			c.in.TopicArn = testTopic
		}
		_, err := w.Subscribe(request(), &c.in)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.code, c.message) })
	}
	w.subscribe(testTopic+".fifo", "sqs", testQueue)                              // [N059]
	w.subscribe(testTopic, "sqs", "arn:aws:sqs:eu-west-1:999988887777:elsewhere") // [N060]
}

func TestUnsubscribe(t *testing.T) { // [N077]
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.subscribe(testTopic, "sqs", testQueue)
	for range 2 {
		must(w.Unsubscribe(request(), &UnsubscribeInput{SubscriptionArn: ptr(subscription)}))
	}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if got := w.queues.take(testQueue); got != nil {
		t.Errorf("delivered %v after Unsubscribe", got)
	}
	attributes := w.attributesOf(t, testTopic)
	if attributes["SubscriptionsConfirmed"] != "0" || attributes["SubscriptionsDeleted"] != "1" {
		t.Errorf("the topic shows %v", attributes)
	}
	if again := w.subscribe(testTopic, "sqs", testQueue); again == subscription {
		t.Error("the same subscription again")
	}
}

func TestUnsubscribeARNs(t *testing.T) { // [N078]-[N081]
	w := newTestbed(t)
	_, _, err := w.unsubscribeChecks(request(), &UnsubscribeInput{})
	wantError(t, err, "InvalidParameter", "Invalid parameter: SubscriptionArn Reason: no value for required parameter")
	for arn, message := range map[string]string{
		"":                             "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1",
		"randomstring":                 "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1",
		"arn:aws:sns:us-east-1:random": "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 5",
		"pending confirmation":         "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1",
		testTopic:                      "Invalid parameter: SubscriptionId",
	} {
		_, _, err := w.unsubscribeChecks(request(), &UnsubscribeInput{SubscriptionArn: ptr(arn)})
		t.Run(arn, func(t *testing.T) { wantError(t, err, "InvalidParameter", message) })
	}
}

func TestWhoMayUnsubscribe(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	own := w.subscribe(testTopic, "sqs", testQueue)
	theirs := must(w.Subscribe(request(as(otherAccount)), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: "arn:aws:sqs:us-east-1:999988887777:q"})).SubscriptionArn
	for _, c := range []struct {
		who, subscription string
		by                func(*api.Request)
		account           string // that must let it; "": nobody is asked
	}{
		{"the owner of both", own, as(testAccount), testAccount},
		{"the topic's owner", theirs, as(testAccount), testAccount},
		{"the subscription's owner", theirs, as(otherAccount), otherAccount},
		{"another account", own, as(otherAccount), testAccount},
		{"another account than both", theirs, as("111111111111"), otherAccount},
		{"the link", own, anonymous, ""},
	} {
		checks, _, err := w.unsubscribeChecks(request(c.by), &UnsubscribeInput{SubscriptionArn: ptr(c.subscription)})
		if err != nil {
			t.Fatal(err)
		}
		if c.account == "" {
			if len(checks) != 0 {
				t.Errorf("%s: %v", c.who, checks)
			}
			continue
		}
		if len(checks) != 1 || checks[0].Action != "sns:Unsubscribe" || checks[0].Target.Account != c.account || checks[0].Target.Policy != nil {
			t.Errorf("%s: %+v", c.who, checks)
		}
	}
}

func TestSubscribeConditionKeys(t *testing.T) { // [D7]
	w := newTestbed(t)
	w.createTopic("orders")
	target, _, err := w.subscribeTarget(request(), &SubscribeInput{TopicArn: testTopic, Protocol: "https", Endpoint: "https://example.com/x"})
	if err != nil {
		t.Fatal(err)
	}
	c := new(policyeval.Context)
	target.Keys(c)
	for key, want := range map[string]string{"sns:Endpoint": "https://example.com/x", "sns:Protocol": "https"} {
		if got, multi, ok := c.Get(key); !ok || multi || len(got) != 1 || got[0] != want {
			t.Errorf("%s is %v", key, got)
		}
	}
}
