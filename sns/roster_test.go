package sns

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

// A roster finds for each message of the corpus the subscriptions whose filters let it
// through: as many as the corpus has filters, beside one that has none and one whose
// filter is {}. So it does when half of them have gone.
func TestRosterFindsWhatFiltersPass(t *testing.T) {
	cases := readFilters(t, func(_, _, _, _ string) {})
	l := newRoster()
	add := func(f *filter) {
		l.add(&subscriptionRecord{Arn: fmt.Sprintf("%04d", len(l.members)), Protocol: protocolSQS, filter: f})
	}
	add(nil)
	add(must(compileFilter("{}", scopeAttributes)))
	for i, c := range cases {
		if i == 0 || c.filter != cases[i-1].filter {
			add(c.filter)
		}
	}
	if len(l.members) < 50 {
		t.Fatalf("%d filters", len(l.members))
	}
	check := func() {
		t.Helper()
		l.listOpen()
		for _, c := range cases {
			m := c.message()
			var want []*subscriptionRecord
			for _, r := range l.members {
				if m.passes(r) {
					want = append(want, r)
				}
			}
			byArn(want)
			if got := l.match(m); !slices.Equal(got, want) {
				t.Errorf("%s: %d subscriptions, want %d", c.where, len(got), len(want))
			}
		}
	}
	check()
	for arn, r := range l.members {
		if arn[3]%2 == 1 {
			l.remove(r)
		}
	}
	check()
}

// readCounter is an engine that counts the records that are read from a bucket.
type readCounter struct {
	store.Engine
	prefix string
	read   int
}

func (e *readCounter) View(ctx context.Context, read func(store.Reader) error) error {
	return e.Engine.View(ctx, func(r store.Reader) error { return read(countingReader{r, e}) })
}

type countingReader struct {
	store.Reader
	engine *readCounter
}

func (r countingReader) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for key, value := range r.Reader.Scan(prefix, from, limit) {
			if len(key) > len(r.engine.prefix) && key[:len(r.engine.prefix)] == r.engine.prefix {
				r.engine.read++
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

// TestPublishReadsNoSubscriptions: once a topic was published to, its subscriptions are
// read again only when one of them has changed.
func TestPublishReadsNoSubscriptions(t *testing.T) {
	const subscriptions = 1000
	counter := &readCounter{prefix: "sns.subscription\x00"}
	w := newTestbed(t, func(c *Config) { counter.Engine, c.Engine = c.Engine, counter })
	w.createTopic("orders")
	var arns []string
	for i := range subscriptions {
		arns = append(arns, w.subscribe(testTopic, "sqs", fmt.Sprint(testQueue, "-", i), "FilterPolicy", fmt.Sprintf(`{"store":["s%d"]}`, i/3)))
	}
	publish := func(store string, want, read int) {
		t.Helper()
		counter.read, w.queues.calls = 0, 0
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageAttributes: readAttributes("store=String:" + store)})
		if w.queues.calls != want {
			t.Errorf("%d deliveries, want %d", w.queues.calls, want)
		}
		if counter.read != read {
			t.Errorf("%d subscriptions were read, want %d", counter.read, read)
		}
	}
	publish("s7", 3, subscriptions)
	publish("s7", 3, 0)
	publish("none", 0, 0)
	if err := w.setSubscription(arns[500], "FilterPolicy", `{"store":["s7"]}`); err != nil {
		t.Fatal(err)
	}
	publish("s7", 4, subscriptions)
	must(w.Unsubscribe(request(), &UnsubscribeInput{SubscriptionArn: &arns[500]}))
	publish("s7", 3, subscriptions-1)
	publish("s7", 3, 0)
	w.createTopic("another")
	publish("s7", 3, 0)
}

// A message goes to the subscriptions of the moment in which the call was decided or of a
// later one: never to those of an earlier publication.
func TestSubscriptionsThatChangeMeanwhile(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	messages := []*message{{Text: "m"}}
	recipients := func(to *audience, want int) {
		t.Helper()
		if found := must(w.recipients(request(), to, messages)); len(found[0]) != want {
			t.Errorf("%d recipients, want %d", len(found[0]), want)
		}
	}
	resolve := func() *audience {
		_, to, err := w.audienceTarget(request(), testTopic, "TopicArn")
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	w.subscribe(testTopic, "sqs", testQueue+"-1")
	first := resolve()
	recipients(first, 1)
	w.subscribe(testTopic, "sqs", testQueue+"-2")
	recipients(first, 1) // which nobody has asked for yet
	recipients(resolve(), 2)
	recipients(first, 2)
	w.set(t, testTopic, "DisplayName", "x")
	w.subscribe(testTopic, "sqs", testQueue+"-3")
	third := resolve()
	recipients(third, 3)
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	if _, err := w.recipients(request(), third, messages); err == nil {
		t.Error("a deleted topic has recipients")
	}
}
