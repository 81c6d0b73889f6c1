package sns

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

func TestWebNotification(t *testing.T) { // [N140] [N143]
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.confirmWeb(testTopic)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m", Subject: ptr("S")})
	post := w.posted()
	body, order := members(t, post.Body)
	if diff := cmp.Diff([]string{"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL"}, order); diff != "" {
		t.Error(diff)
	}
	w.verify(t, body, "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
	if post.Header["Content-Type"] != "text/plain; charset=UTF-8" || post.Header["x-amz-sns-rawdelivery"] != "" {
		t.Errorf("headers %v", post.Header)
	}
	d := w.await(out.MessageId, status(trail.StatusSuccess, 1))
	d.ID = ""
	want := trail.Delivery{
		Source:    trail.SourceSNS,
		MessageID: out.MessageId, TopicArn: testTopic, SubscriptionArn: subscription, Protocol: "http", Endpoint: testURL,
		Status: trail.StatusSuccess, Attempts: 1, Outcome: trail.Outcome{StatusCode: 200, ProviderResponse: "status 200"}, Published: testStart, Time: testStart,
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
}

// TestWebRetries: three retries, 20 seconds apart, then the dead-letter queue [B23] [B24].
func TestWebRetries(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	dead := testQueue + "-dead"
	w.confirmWeb(testTopic, "RedrivePolicy", `{"deadLetterTargetArn":"`+dead+`"}`)
	w.web.answer(500, 429, 0, 503)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	first := w.posted()
	w.await(out.MessageId, status(trail.StatusPending, 1))
	for attempt := 2; attempt <= 4; attempt++ {
		w.clock.Advance(20*time.Second - time.Nanosecond)
		w.nothingPosted()
		w.clock.Advance(time.Nanosecond)
		if again := w.posted(); again.Body != first.Body {
			t.Errorf("attempt %d posts %s", attempt, again.Body)
		}
		if attempt < 4 {
			d := w.await(out.MessageId, status(trail.StatusPending, attempt))
			if attempt == 3 && (d.StatusCode != 0 || d.ProviderResponse != "connection refused") {
				t.Errorf("no answer is recorded as %+v", d.Outcome)
			}
		}
	}
	d := w.await(out.MessageId, status(trail.StatusFailure, 4))
	if d.DeadLetter == nil || d.DeadLetter.QueueArn != dead || d.DeadLetter.Status != trail.StatusSuccess || d.StatusCode != 503 {
		t.Errorf("recorded %+v, %+v", d, d.DeadLetter)
	}
	got := w.queues.take(dead)
	if len(got) != 1 || got[0].Body != first.Body { // [B25]
		t.Errorf("the dead-letter queue got %v", got)
	}
	w.clock.Advance(24 * time.Hour)
	w.nothingPosted()
}

// TestClockLeaps: turning the clock by an hour makes all the attempts of that hour.
func TestClockLeaps(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.confirmWeb(testTopic)
	w.web.answer(500, 500, 500, 200)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	w.await(out.MessageId, status(trail.StatusPending, 1))
	w.clock.Advance(time.Hour)
	w.await(out.MessageId, status(trail.StatusSuccess, 4))
}

func TestWebRefusalsAreFinal(t *testing.T) { // [B23]
	for _, code := range []int{400, 403, 404, 410, 301} {
		w := newTestbed(t)
		w.createTopic("orders")
		dead := testQueue + "-dead"
		w.confirmWeb(testTopic, "RedrivePolicy", `{"deadLetterTargetArn":"`+dead+`"}`, "RawMessageDelivery", "true")
		w.web.answer(code)
		out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageAttributes: readAttributes("a=String:b")})
		d := w.await(out.MessageId, status(trail.StatusFailure, 1))
		if d.StatusCode != code {
			t.Errorf("%d is recorded as %d", code, d.StatusCode)
		}
		got := w.queues.take(dead)
		if len(got) != 1 || got[0].Body != "m" || got[0].Attributes["a"].text() != "b" { // [B25] [N135]
			t.Errorf("%d: the dead-letter queue got %v", code, got)
		}
	}
}

func TestDeliveryPolicyOfASubscription(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders", "DeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":5,"numRetries":1},"defaultRequestPolicy":{"headerContentType":"text/csv"}}}`)
	w.confirmWeb(testTopic, "DeliveryPolicy", `{"healthyRetryPolicy":{"minDelayTarget":7,"maxDelayTarget":7,"numRetries":2,"numNoDelayRetries":1}}`)
	w.web.answer(500, 500, 500, 500)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if got := w.posted().Header["Content-Type"]; got != "text/csv" { // [N142]
		t.Errorf("Content-Type is %s", got)
	}
	w.posted() // at once
	w.await(out.MessageId, status(trail.StatusPending, 2))
	w.clock.Advance(7*time.Second - time.Nanosecond)
	w.nothingPosted()
	w.clock.Advance(time.Nanosecond)
	w.posted()
	w.await(out.MessageId, status(trail.StatusFailure, 3))
	// The topic may take its subscriptions' policies away.
	w.set(t, testTopic, "DeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":5,"numRetries":0},"disableSubscriptionOverrides":true}}`)
	out = w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	w.posted()
	w.await(out.MessageId, status(trail.StatusFailure, 1))
}

func TestThrottle(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.confirmWeb(testTopic, "DeliveryPolicy", `{"throttlePolicy":{"maxReceivesPerSecond":2}}`, "RawMessageDelivery", "true")
	for i := range 4 {
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: fmt.Sprint(i)})
	}
	for i := range 4 {
		if got := w.posted().Body; got != fmt.Sprint(i) {
			t.Errorf("%s came as number %d", got, i)
		}
		w.nothingPosted()
		w.clock.Advance(500 * time.Millisecond)
	}
}

func TestDeliveriesSurviveARestart(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.confirmWeb(testTopic)
	w.web.answer(500)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m", Subject: ptr("S"), MessageAttributes: readAttributes("a=String:b")})
	first := w.posted()
	w.await(out.MessageId, status(trail.StatusPending, 1))
	w.idle()
	w.restart()
	w.nothingPosted()
	w.clock.Advance(20 * time.Second)
	if diff := cmp.Diff(first, w.posted()); diff != "" {
		t.Error(diff)
	}
	w.await(out.MessageId, status(trail.StatusSuccess, 2))
	w.finished(out.MessageId)
	w.restart()
	w.nothingPosted()
}

// TestStoredMessagesAreEncrypted: what waits for an encrypted topic's
// subscribers is not to be read in the store, and comes back after a restart.
func TestStoredMessagesAreEncrypted(t *testing.T) {
	for key, readable := range map[string]bool{"": true, "alias/k": false} {
		t.Run(key, func(t *testing.T) {
			w := newTestbed(t)
			w.createTopic("orders", "KmsMasterKeyId", key)
			w.confirmWeb(testTopic, "RawMessageDelivery", "true")
			w.web.answer(500)
			out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "the secret text", Subject: ptr("the secret subject"), MessageAttributes: readAttributes("a=String:the secret attribute")})
			w.posted()
			w.await(out.MessageId, status(trail.StatusPending, 1))
			if got := strings.Contains(w.dump(), "secret"); got != readable {
				t.Errorf("the message is readable: %v", got)
			}
			w.idle()
			generated := w.kms.generated
			w.restart()
			w.clock.Advance(20 * time.Second)
			if got := w.posted().Body; got != "the secret text" {
				t.Errorf("posted %q", got)
			}
			w.await(out.MessageId, status(trail.StatusSuccess, 2))
			if w.kms.generated != generated { // [B7]
				t.Error("KMS was asked for a delivery")
			}
		})
	}
}

func TestDeliveryToASubscriptionThatIsGone(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.confirmWeb(testTopic)
	w.web.answer(500)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	w.posted()
	w.await(out.MessageId, status(trail.StatusPending, 1))
	must(w.Unsubscribe(request(), &UnsubscribeInput{SubscriptionArn: ptr(subscription)}))
	w.clock.Advance(20 * time.Second)
	w.await(out.MessageId, status(trail.StatusFailure, 1))
	w.nothingPosted()
}

// TestQueuesThatFail: SQS's own failure is tried again, its refusal is not [B23].
func TestQueuesThatFail(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue)
	w.queues.refuse[testQueue] = api.ErrInternal
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	// Three retries follow at once, the next after a second.
	d := w.await(out.MessageId, status(trail.StatusPending, 4))
	if d.StatusCode != 500 {
		t.Errorf("recorded %+v", d)
	}
	w.queues.mu.Lock()
	delete(w.queues.refuse, testQueue)
	w.queues.mu.Unlock()
	w.clock.Advance(time.Second)
	w.await(out.MessageId, status(trail.StatusSuccess, 5))
	if got := w.queues.take(testQueue); len(got) != 1 {
		t.Errorf("the queue got %v", got)
	}
}

func TestDeadLetterQueueThatRefuses(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	dead := testQueue + "-dead"
	w.subscribe(testTopic, "sqs", testQueue, "RedrivePolicy", `{"deadLetterTargetArn":"`+dead+`"}`, "RawMessageDelivery", "true")
	denied := &api.Error{Code: "AccessDenied", Status: 403, Message: "no"}
	w.queues.refuse[testQueue] = denied
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageAttributes: readAttributes("a=String:b")})
	d := w.await(out.MessageId, status(trail.StatusFailure, 1))
	if got := w.queues.take(dead); len(got) != 1 || got[0].Body != "m" || got[0].Attributes["a"].text() != "b" { // [N135]
		t.Errorf("the dead-letter queue got %v", got)
	}
	if d.DeadLetter == nil || d.DeadLetter.Status != trail.StatusSuccess || d.DeadLetter.DecisionRequestID == d.DecisionRequestID {
		t.Errorf("recorded %+v", d.DeadLetter)
	}
	w.queues.refuse[dead] = denied
	out = w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	d = w.await(out.MessageId, status(trail.StatusFailure, 1))
	want := trail.DeadLetter{QueueArn: dead, Status: trail.StatusFailure, Outcome: trail.Outcome{StatusCode: 403, ProviderResponse: `{"ErrorCode":"AccessDenied","ErrorMessage":"no","sqsRequestId":"Unrecoverable"}`, DecisionRequestID: d.DeadLetter.DecisionRequestID}}
	if diff := cmp.Diff(want, *d.DeadLetter); diff != "" || d.DeadLetter.DecisionRequestID == "" {
		t.Error(diff)
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		w := newTestbed(t)
		w.createTopic("orders")
		w.confirmWeb(testTopic)
		w.web.answer(500)
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
		w.Close()
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, then %d", before, runtime.NumGoroutine())
		}
	}
}

// TestManyDeliveries: more than the worker makes at a time.
func TestManyDeliveries(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.confirmWeb(testTopic, "RawMessageDelivery", "true")
	got := map[string]bool{}
	for i := range 3 * maxInProgress {
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: fmt.Sprint(i)})
	}
	for range 3 * maxInProgress {
		got[w.posted().Body] = true
	}
	if len(got) != 3*maxInProgress {
		t.Errorf("%d different messages were posted", len(got))
	}
	w.nothingPosted()
}

func TestParkedJobs(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders", "KmsMasterKeyId", "alias/k")
	w.confirmWeb(testTopic)
	w.web.answer(500)
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	w.await(out.MessageId, status(trail.StatusPending, 1))
	w.posted()
	// A job whose key cannot be unwrapped is left alone, and others go on.
	w.Close()
	module := must(newModule(1))
	w.config.HSM = module
	w.engineDelete("sns.signer\x00current")
	w.Service = New(w.config)
	w.clock.Advance(20 * time.Second)
	w.nothingPosted()
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m2"})
	w.posted()
}
