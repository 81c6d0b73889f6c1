package sns

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

// newSweepTestbed has a topic with many subscriptions, some of them pending, on a
// service that does nothing in the background.
func newSweepTestbed(t *testing.T, subscriptions int) (w *testbed, confirmed, pending string) {
	t.Helper()
	w = newTestbed(t, func(c *Config) { c.Idle = true })
	w.createTopic("orders")
	err := w.engine.Update(t.Context(), func(tx store.Tx) error {
		for i := range subscriptions - 1 {
			queue := &subscriptionRecord{
				Arn: testTopic + ":" + w.ids.UUID(), TopicArn: testTopic, Protocol: "sqs", Endpoint: fmt.Sprint(testQueue, i),
				Owner: testAccount, Created: testStart,
			}
			w.addSubscription(tx, queue)
			mail := *queue // to whom nothing is sent: signatures take long
			mail.Arn, mail.Protocol, mail.Endpoint = testTopic+":"+w.ids.UUID(), "email", fmt.Sprintf("ada%d@example.com", i)
			mail.Pending, mail.Token, mail.Expires = true, newConfirmation(), testStart.Add(pendingPeriod)
			w.addSubscription(tx, &mail)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, w.subscribe(testTopic, "sqs", testQueue), w.subscribe(testTopic, "email", "ada@example.com")
}

// swept lets the service sweep until nothing is left to be swept.
func (w *testbed) swept() {
	w.t.Helper()
	w.config.Idle = false
	w.restart()
	for range 1000 {
		if !strings.Contains(w.dump(), "sns.remains") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatal("the sweep does not end")
}

// checkOrphans wants the subscriptions of a deleted topic to be seen as what they
// are from then on: for two days, by who owns them, and without any effect.
func (w *testbed) checkOrphans(confirmed, pending, token string, count int) {
	t := w.t
	t.Helper()
	for _, subscription := range []string{confirmed, pending} {
		if got := w.subscriptionOf(subscription); got["TopicArn"] != testTopic || got["PendingConfirmation"] != "false" {
			t.Errorf("%s shows %v", subscription, got)
		}
	}
	if got := must(w.Token(t.Context(), pending)); got != "" {
		t.Errorf("its token is %q", got)
	}
	_, err := w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: token})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Token")
	listed, next := 0, ""
	for more := true; more; more = next != "" {
		out := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{NextToken: next}))
		for _, s := range out.Subscriptions {
			if !strings.HasPrefix(s.SubscriptionArn, testTopic+":") {
				t.Errorf("listed %+v", s)
			}
		}
		listed, next = listed+len(out.Subscriptions), out.NextToken
	}
	if listed != count {
		t.Errorf("%d are listed, want %d", listed, count)
	}
}

// A topic is gone with its deletion, however many subscriptions are swept later.
func TestDeletedTopicIsGoneBeforeItIsSwept(t *testing.T) {
	const many = 250
	w, confirmed, pending := newSweepTestbed(t, many)
	token := must(w.Token(t.Context(), pending))
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	if left := w.dump(); !strings.Contains(left, "sns.remains") || !strings.Contains(left, "sns.subscription") {
		t.Fatal("nothing is left to be swept")
	}
	_, err := w.Publish(request(), &PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	wantError(t, err, "NotFound", "Topic does not exist")
	_, err = w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})
	wantError(t, err, "NotFound", "Topic does not exist")
	w.checkOrphans(confirmed, pending, token, 2*many)
	// One of them can still be ended, and leaves nothing behind.
	must(w.Unsubscribe(request(), &UnsubscribeInput{SubscriptionArn: &pending}))
	if left := w.dump(); strings.Contains(left, pending) || strings.Contains(left, token) {
		t.Error("an orphan that was unsubscribed is still stored")
	}
	w.clock.Advance(48*time.Hour - time.Second)
	if got := w.subscriptionOf(confirmed); got["TopicArn"] != testTopic {
		t.Errorf("within two days: %v", got)
	}
	w.clock.Advance(time.Second)
	if list := must(w.ListSubscriptions(request(), &ListSubscriptionsInput{})).Subscriptions; len(list) != 0 {
		t.Errorf("two days later: %v", list)
	}
}

// A sweep that ended half-way goes on at the next start.
func TestSweepGoesOnAtTheNextStart(t *testing.T) {
	const many = 250
	w, confirmed, pending := newSweepTestbed(t, many)
	token := must(w.Token(t.Context(), pending))
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	w.swept()
	left := w.dump()
	for _, bucket := range []string{"sns.subscription", "sns.endpoint", "sns.token", "sns.tally"} {
		if strings.Contains(left, bucket+"\x00") {
			t.Errorf("the sweep left %s behind", bucket)
		}
	}
	w.checkOrphans(confirmed, pending, token, 2*many)
}

// What is made anew under the name of a deleted topic inherits nothing of it,
// whether or not that was swept.
func TestTopicMadeAnewInheritsNothing(t *testing.T) {
	w, confirmed, pending := newSweepTestbed(t, 250)
	token := must(w.Token(t.Context(), pending))
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	w.createTopic("orders")
	if list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})).Subscriptions; len(list) != 0 {
		t.Errorf("the new topic lists %d subscriptions", len(list))
	}
	w.checkOrphans(confirmed, pending, token, 500)
	again := w.subscribe(testTopic, "sqs", testQueue+"0")
	id := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"}).MessageId
	for _, d := range w.record.all() {
		if d.MessageID == id && d.SubscriptionArn != again {
			t.Errorf("delivered to %s", d.SubscriptionArn)
		}
	}
	if got := w.queues.take(testQueue + "0"); len(got) != 1 {
		t.Errorf("the new subscription got %v", got)
	}
	w.swept()
	if list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})).Subscriptions; len(list) != 1 {
		t.Errorf("after the sweep the new topic lists %v", list)
	}
}

// No transaction of a deletion writes more than a slice of what there is.
func TestDeletionsAreShort(t *testing.T) {
	w := newTestbed(t)
	engine := &storetest.Largest{Engine: w.engine}
	w.config.Engine, w.config.Idle = engine, true
	w.restart()
	w.createTopic("orders")
	for i := range 700 {
		w.subscribe(testTopic, "sqs", fmt.Sprint(testQueue, i))
	}
	fifo := w.createTopic("orders.fifo", "FifoTopic", "true", "ContentBasedDeduplication", "true")
	for i := range 700 {
		w.publish(&PublishInput{TopicArn: &fifo, Message: fmt.Sprint(i), MessageGroupId: "g"})
	}
	application := must(w.CreatePlatformApplication(request(), &CreatePlatformApplicationInput{
		Name: "app", Platform: "GCM", Attributes: map[string]string{"PlatformCredential": "c"},
	})).PlatformApplicationArn
	var device string
	for i := range 700 {
		device = must(w.CreatePlatformEndpoint(request(), &CreatePlatformEndpointInput{
			PlatformApplicationArn: application, Token: fmt.Sprint("token", i),
		})).EndpointArn
	}
	engine.Writes()
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: fifo}))
	must(w.DeletePlatformApplication(request(), &DeletePlatformApplicationInput{PlatformApplicationArn: application}))
	_, err := w.GetEndpointAttributes(request(), &GetEndpointAttributesInput{EndpointArn: device})
	wantError(t, err, "NotFound", "Endpoint does not exist")
	w.swept()
	if most := engine.Writes(); most == 0 || most > store.SweepSize+10 {
		t.Errorf("one update wrote %d keys", most)
	}
	left := w.dump()
	for _, bucket := range []string{"sns.subscription", "sns.endpoint", "sns.dedup", "sns.dedupend", "sns.device", "sns.devicetoken"} {
		if strings.Contains(left, bucket+"\x00") {
			t.Errorf("the sweep left %s behind", bucket)
		}
	}
}
