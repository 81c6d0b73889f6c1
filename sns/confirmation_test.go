package sns

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

const testURL = "http://subscriber.example/hook"

// subscribeWeb subscribes an HTTP endpoint and answers its ARN and token.
func (w *testbed) subscribeWeb(topic string, attributes ...string) (subscription, token string) {
	w.t.Helper()
	subscription = w.subscribe(topic, "http", testURL, attributes...)
	body, _ := members(w.t, w.posted().Body)
	w.finished(body["MessageId"].(string))
	return subscription, body["Token"].(string)
}

// confirmWeb subscribes an HTTP endpoint that confirms.
func (w *testbed) confirmWeb(topic string, attributes ...string) string {
	w.t.Helper()
	subscription, token := w.subscribeWeb(topic, attributes...)
	out, err := w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: topic, Token: token})
	if err != nil || out.SubscriptionArn != subscription {
		w.t.Fatalf("confirmed %+v, %v", out, err)
	}
	return subscription
}

func (w *testbed) subscriptionOf(subscription string) map[string]string {
	w.t.Helper()
	out, err := w.GetSubscriptionAttributes(request(), &GetSubscriptionAttributesInput{SubscriptionArn: subscription})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Attributes
}

// What SNS sends to others does not lead them through the VPC endpoint by which the
// caller came: they are outside of its VPC.
func TestURLsOfMessagesArePublic(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	through := request(func(r *api.Request) {
		r.BaseURL = "http://localhost:4566/_vpce/vpce-1"
		r.VPCEndpoint = &api.VPCEndpoint{ID: "vpce-1", PublicURL: "http://localhost:4566"}
	})
	must(w.Subscribe(through, &SubscribeInput{TopicArn: testTopic, Protocol: "http", Endpoint: testURL}))
	asked, _ := members(t, w.posted().Body)
	must(w.ConfirmSubscription(through, &ConfirmSubscriptionInput{TopicArn: testTopic, Token: asked["Token"].(string)}))
	must(w.Publish(through, &PublishInput{TopicArn: ptr(testTopic), Message: "hello"}))
	notified, _ := members(t, w.posted().Body)
	for name, want := range map[string]string{
		asked["SubscribeURL"].(string): "http://localhost:4566/?Action=", asked["SigningCertURL"].(string): "https://localhost:4566/Simple",
		notified["UnsubscribeURL"].(string): "https://localhost:4566/?Action=", notified["SigningCertURL"].(string): "https://localhost:4566/Simple",
	} {
		if !strings.HasPrefix(name, want) {
			t.Errorf("%s does not begin with %s", name, want)
		}
	}
}

func TestHandshake(t *testing.T) { // [N051] [N137]-[N140] [N145]
	w := newTestbed(t)
	w.createTopic("orders")
	out := must(w.Subscribe(request(), &SubscribeInput{TopicArn: testTopic, Protocol: "http", Endpoint: testURL, Attributes: map[string]string{"RawMessageDelivery": "true", "DeliveryPolicy": `{"requestPolicy":{"headerContentType":"application/json"}}`}}))
	if out.SubscriptionArn != "pending confirmation" {
		t.Errorf("Subscribe answers %s", out.SubscriptionArn)
	}
	post := w.posted()
	body, order := members(t, post.Body)
	if diff := cmp.Diff([]string{"Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"}, order); diff != "" {
		t.Error(diff)
	}
	w.verify(t, body, "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
	wantHeader := map[string]string{
		"x-amz-sns-message-type": "SubscriptionConfirmation", "x-amz-sns-message-id": body["MessageId"].(string),
		"x-amz-sns-topic-arn": testTopic, "Content-Type": "text/plain; charset=UTF-8", // [N142]
		"User-Agent": "Amazon Simple Notification Service Agent", "Accept-Encoding": "gzip,deflate", "Connection": "Keep-Alive",
	}
	if diff := cmp.Diff(wantHeader, post.Header); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{
		"Type": "SubscriptionConfirmation", "TopicArn": testTopic,
		"Message":      "You have chosen to subscribe to the topic " + testTopic + ".\nTo confirm the subscription, visit the SubscribeURL included in this message.",
		"SubscribeURL": "http://localhost:4566/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:orders&Token=" + body["Token"].(string),
	}
	for name, value := range want {
		if body[name] != value {
			t.Errorf("%s is %v", name, body[name])
		}
	}
	list := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{})).Subscriptions
	if diff := cmp.Diff([]Subscription{{testURL, testAccount, "http", "PendingConfirmation", testTopic}}, list); diff != "" { // [N043] [N044]
		t.Error(diff)
	}
	attributes := w.attributesOf(t, testTopic)
	if attributes["SubscriptionsPending"] != "1" || attributes["SubscriptionsConfirmed"] != "0" {
		t.Errorf("the topic counts %v", attributes)
	}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "too early"})
	w.nothingPosted()

	confirm := &ConfirmSubscriptionInput{TopicArn: testTopic, Token: body["Token"].(string)}
	confirmed := must(w.ConfirmSubscription(request(anonymous), confirm))
	if again := must(w.ConfirmSubscription(request(anonymous), confirm)); again.SubscriptionArn != confirmed.SubscriptionArn { // [N084]
		t.Errorf("confirmed again as %s", again.SubscriptionArn)
	}
	state := w.subscriptionOf(confirmed.SubscriptionArn)
	if state["PendingConfirmation"] != "false" || state["ConfirmationWasAuthenticated"] != "false" {
		t.Errorf("the subscription shows %v", state)
	}
	attributes = w.attributesOf(t, testTopic)
	if attributes["SubscriptionsPending"] != "0" || attributes["SubscriptionsConfirmed"] != "1" {
		t.Errorf("the topic counts %v", attributes)
	}
	published := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "now"})
	post = w.posted()
	wantHeader = map[string]string{
		"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": published.MessageId,
		"x-amz-sns-topic-arn": testTopic, "x-amz-sns-subscription-arn": confirmed.SubscriptionArn,
		"x-amz-sns-rawdelivery": "true", "Content-Type": "application/json", // [N141] [N142]
		"User-Agent": "Amazon Simple Notification Service Agent", "Accept-Encoding": "gzip,deflate", "Connection": "Keep-Alive",
	}
	if diff := cmp.Diff(Post{testURL, wantHeader, "now"}, post); diff != "" {
		t.Error(diff)
	}
}

func TestSubscribeAgainWhilePending(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	first, token := w.subscribeWeb(testTopic)
	second, again := w.subscribeWeb(testTopic)
	if first != second || token != again {
		t.Errorf("%s with %s, then %s with %s", first, token, second, again)
	}
}

func TestTokens(t *testing.T) { // [N082] [N083] [N085]
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("other")
	subscription, token := w.subscribeWeb(testTopic)
	unknown := strings.Repeat("51b2ff3edb475b7d", 18)
	for name, c := range map[string]struct {
		topic, token string
		change       func(*api.Request)
		message      string
	}{
		"unknown":                     {testTopic, unknown, anonymous, "Invalid parameter: Token"},
		"N085 a short one":            {testTopic, "abc123", anonymous, "Invalid parameter: Token"},
		"empty":                       {testTopic, "", anonymous, "Invalid token"},
		"another shape":               {testTopic, "randomtoken", anonymous, "Invalid token"},
		"not hexadecimal":             {testTopic, strings.Repeat("z", 288), anonymous, "Invalid token"},
		"unknown for another topic":   {testTopic + "x", unknown, anonymous, "Invalid parameter: Token"},
		"no ARN":                      {"orders", token, anonymous, "Invalid parameter: Topic"},
		"of another region":           {"arn:aws:sns:us-west-2:123456789012:orders", token, anonymous, "Invalid parameter: Topic"},
		"asked for in another region": {"arn:aws:sns:us-west-2:123456789012:orders", token, func(r *api.Request) { anonymous(r); r.Region = "us-west-2" }, "Invalid parameter: Token"},
	} {
		in := &ConfirmSubscriptionInput{TopicArn: c.topic, Token: c.token}
		_, err := w.confirmChecks(request(c.change), in)
		if err == nil {
			_, err = w.ConfirmSubscription(request(c.change), in)
		}
		t.Run(name, func(t *testing.T) { wantError(t, err, "InvalidParameter", c.message) })
	}
	out := must(w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: strings.Replace(testTopic, "orders", "other", 1), Token: token}))
	if out.SubscriptionArn != subscription {
		t.Errorf("confirmed %s", out.SubscriptionArn)
	}
}

func TestWhoMayConfirm(t *testing.T) {
	w := newTestbed(t)
	in := &ConfirmSubscriptionInput{TopicArn: testTopic, Token: strings.Repeat("a", 288)}
	if checks := must(w.confirmChecks(request(anonymous), in)); len(checks) != 0 {
		t.Errorf("an unsigned request: %v", checks)
	}
	checks := must(w.confirmChecks(request(as(otherAccount)), in))
	if len(checks) != 1 || checks[0].Action != "sns:ConfirmSubscription" || checks[0].Target.ARN != testTopic || checks[0].Target.Account != otherAccount {
		t.Errorf("a signed request: %+v", checks)
	}
}

func TestPendingSubscriptionsExpire(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	first, token := w.subscribeWeb(testTopic)
	w.clock.Advance(48*time.Hour - time.Nanosecond)
	w.subscriptionOf(first)
	w.clock.Advance(time.Nanosecond)
	_, err := w.GetSubscriptionAttributes(request(), &GetSubscriptionAttributesInput{SubscriptionArn: first})
	wantError(t, err, "NotFound", "Subscription does not exist")
	_, err = w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: token})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Token")
	if list := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{})).Subscriptions; len(list) != 0 {
		t.Errorf("listed %v", list)
	}
	if pending := w.attributesOf(t, testTopic)["SubscriptionsPending"]; pending != "0" {
		t.Errorf("%s are pending", pending)
	}
	second, _ := w.subscribeWeb(testTopic)
	if first == second {
		t.Error("the expired subscription is there again")
	}
	if list := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{})).Subscriptions; len(list) != 1 {
		t.Errorf("listed %v", list)
	}
}

func TestUnsubscribeByLink(t *testing.T) { // [N129] [N144] [N146]
	w := newTestbed(t)
	w.createTopic("orders")
	dlq := testQueue + "-dead"
	subscription := w.confirmWeb(testTopic, "RedrivePolicy", `{"deadLetterTargetArn":"`+dlq+`"}`)
	w.web.answer(404)
	must(w.Unsubscribe(request(anonymous), &UnsubscribeInput{SubscriptionArn: ptr(subscription)}))
	post := w.posted()
	body, _ := members(t, post.Body)
	if body["Type"] != "UnsubscribeConfirmation" || post.Header["x-amz-sns-message-type"] != "UnsubscribeConfirmation" ||
		body["Message"] != "You have chosen to deactivate subscription "+subscription+".\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message." {
		t.Errorf("posted %v", body)
	}
	w.verify(t, body, "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
	w.await(body["MessageId"].(string), status(trail.StatusFailure, 1))
	if got := w.queues.take(dlq); got != nil {
		t.Errorf("the dead-letter queue got %v", got)
	}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	w.nothingPosted()
	_, err := w.GetSubscriptionAttributes(request(), &GetSubscriptionAttributesInput{SubscriptionArn: subscription})
	wantError(t, err, "NotFound", "Subscription does not exist")

	restored := must(w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: body["Token"].(string)}))
	if restored.SubscriptionArn != subscription {
		t.Errorf("restored %s", restored.SubscriptionArn)
	}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "again"})
	w.posted()
}

func TestUnsubscribeBySignedRequestTellsNobody(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.confirmWeb(testTopic)
	must(w.Unsubscribe(request(), &UnsubscribeInput{SubscriptionArn: ptr(subscription)}))
	w.nothingPosted()
}

func TestAuthenticateOnUnsubscribe(t *testing.T) {
	for name, c := range map[string]struct {
		confirmedBy func(*api.Request)
		refused     bool
	}{
		"signed":   {as(testAccount), true},
		"unsigned": {anonymous, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
			w.createTopic("orders")
			subscription, token := w.subscribeWeb(testTopic)
			must(w.ConfirmSubscription(request(c.confirmedBy), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: token, AuthenticateOnUnsubscribe: "true"}))
			_, _, err := w.unsubscribeChecks(request(anonymous), &UnsubscribeInput{SubscriptionArn: ptr(subscription)})
			if c.refused {
				wantError(t, err, "AuthorizationError", "Only the owner of the topic or of the subscription may unsubscribe, by a signed request")
			} else if err != nil {
				t.Error(err)
			}
			if want := map[bool]string{true: "true", false: "false"}[c.refused]; w.subscriptionOf(subscription)["ConfirmationWasAuthenticated"] != want {
				t.Errorf("the subscription shows %v", w.subscriptionOf(subscription))
			}
		})
	}
}

func TestQueueOfAnotherAccountConfirms(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	theirs := "arn:aws:sqs:us-east-1:" + otherAccount + ":q"
	out := must(w.Subscribe(request(), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: theirs}))
	if out.SubscriptionArn != "pending confirmation" {
		t.Errorf("Subscribe answers %s", out.SubscriptionArn)
	}
	got := w.queues.take(theirs)
	if len(got) != 1 {
		t.Fatalf("the queue got %v", got)
	}
	body, _ := members(t, got[0].Body)
	must(w.ConfirmSubscription(request(as(otherAccount)), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: body["Token"].(string)}))
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if got := w.queues.take(theirs); len(got) != 1 {
		t.Errorf("after confirmation the queue got %v", got)
	}
	// Its own owner need not confirm.
	own := must(w.Subscribe(request(as(otherAccount)), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: theirs + "2"}))
	if !strings.HasPrefix(own.SubscriptionArn, testTopic+":") {
		t.Errorf("Subscribe by the queue's owner answers %s", own.SubscriptionArn)
	}
}

func TestDeletedTopicsSubscriptions(t *testing.T) { // [N021]
	w := newTestbed(t)
	w.createTopic("orders")
	confirmed := w.subscribe(testTopic, "sqs", testQueue)
	pending, token := w.subscribeWeb(testTopic)
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	for _, subscription := range []string{confirmed, pending} {
		if got := w.subscriptionOf(subscription); got["TopicArn"] != testTopic {
			t.Errorf("%s shows %v", subscription, got)
		}
	}
	if list := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{})).Subscriptions; len(list) != 2 {
		t.Errorf("listed %v", list)
	}
	w.createTopic("orders")
	_, err := w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: token})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Token")
	if list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})).Subscriptions; len(list) != 0 {
		t.Errorf("the new topic lists %v", list)
	}
	w.clock.Advance(48 * time.Hour)
	if list := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{})).Subscriptions; len(list) != 0 {
		t.Errorf("two days later: %v", list)
	}
}

// TestLinksNameNoRegion: what a message's links do, they do for topics of all regions.
func TestLinksNameNoRegion(t *testing.T) {
	w := newTestbed(t)
	far := in("eu-west-1")
	topic := must(w.CreateTopic(request(far), &CreateTopicInput{Name: "orders"})).TopicArn
	subscription := must(w.Subscribe(request(far), &SubscribeInput{TopicArn: topic, Protocol: "http", Endpoint: testURL, ReturnSubscriptionArn: true})).SubscriptionArn
	body, _ := members(t, w.posted().Body)
	confirm := &ConfirmSubscriptionInput{TopicArn: topic, Token: body["Token"].(string)}
	_, err := w.confirmChecks(request(), confirm) // signed for another region
	wantError(t, err, "InvalidParameter", "Invalid parameter: Topic")
	must(w.confirmChecks(request(anonymous), confirm))
	if got := must(w.ConfirmSubscription(request(anonymous), confirm)).SubscriptionArn; got != subscription {
		t.Errorf("confirmed %s", got)
	}
	if err := refusalOf(w.unsubscribeChecks(request(anonymous), &UnsubscribeInput{SubscriptionArn: ptr(subscription)})); err != nil {
		t.Error(err)
	}
	err = refusalOf(w.unsubscribeChecks(request(), &UnsubscribeInput{SubscriptionArn: ptr(subscription)}))
	wantError(t, err, "InvalidParameter", "Invalid parameter: SubscriptionArn")
	must(w.Unsubscribe(request(anonymous), &UnsubscribeInput{SubscriptionArn: ptr(subscription)}))
	_, err = w.GetSubscriptionAttributes(request(far), &GetSubscriptionAttributesInput{SubscriptionArn: subscription})
	wantError(t, err, "NotFound", "Subscription does not exist")
}

// TestUnreachableEndpoint: an HTTP endpoint that would have to confirm and
// cannot be connected to is not subscribed.
func TestUnreachableEndpoint(t *testing.T) {
	var log bytes.Buffer
	w := newTestbed(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	w.createTopic("orders")
	const dead = "https://ada:secret@gone.example/hook"
	w.web.dead = map[string]bool{dead: true, testURL: false}
	before := w.dump()
	in := &SubscribeInput{TopicArn: testTopic, Protocol: "https", Endpoint: dead}
	_, err := w.Subscribe(request(), in)
	wantError(t, err, "InvalidParameter", "Invalid parameter: Unreachable Endpoint")
	if after := w.dump(); after != before {
		t.Error("the refusal changed the state")
	}
	w.nothingPosted()
	if text := log.String(); !strings.Contains(text, "gone.example") || strings.Contains(text, "secret") {
		t.Errorf("logged %q", text)
	}
	// What a fixture declares is not asked, so it need not be up yet.
	if err := w.ApplySubscription(request(), "", in); err != nil {
		t.Error(err)
	}
	// Nor is what has confirmed before.
	w.confirmWeb(testTopic)
	w.web.dead[testURL] = true
	w.subscribe(testTopic, "http", testURL)
	// Another mistake is reported first, and other protocols connect to nothing.
	w.web.asked = nil
	_, err = w.Subscribe(request(), &SubscribeInput{TopicArn: testTopic + "x", Protocol: "https", Endpoint: dead})
	wantError(t, err, "NotFound", "Topic does not exist")
	w.subscribe(testTopic, "email", "ada@gone.example")
	if w.web.asked != nil {
		t.Errorf("asked %q", w.web.asked)
	}
}
