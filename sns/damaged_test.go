package sns

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// lines is what the log is told, from several goroutines.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// wantOnce wants the log to tell of a damaged record once, and of nothing else.
func (l *lines) wantOnce(t *testing.T, kind string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := l.text.String(); strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, `is damaged and is passed by" kind=`+kind) {
		t.Errorf("the log says\n%s", text)
	}
}

// damage changes the first record of a bucket.
func (w *testbed) damage(bucket string, change func(raw []byte) []byte) {
	w.t.Helper()
	found := false
	err := w.engine.Update(context.Background(), func(tx store.Tx) error {
		for key, raw := range tx.Scan(bucket+"\x00", "", store.All) {
			tx.Put(key, change(bytes.Clone(raw)))
			found = true
			break
		}
		return nil
	})
	if err != nil || !found {
		w.t.Fatal(found, err)
	}
}

func newLoggedTestbed(t *testing.T) (*testbed, *lines) {
	log := new(lines)
	return newTestbed(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) }), log
}

func replacing(old, with string) func([]byte) []byte {
	return func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte(old), []byte(with)) }
}

func TestADamagedDeliveryStopsNoOther(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"no record":     func([]byte) []byte { return []byte("{") },
		"another topic": replacing("arn:aws:sns:", "arn"),
		"another job":   replacing(`"ID":"`, `"ID":"x`),
	} {
		t.Run(name, func(t *testing.T) {
			w, log := newLoggedTestbed(t)
			w.createTopic("orders")
			w.confirmWeb(testTopic)
			w.web.answer(500, 500)
			var ids []string
			for _, text := range []string{"damaged", "whole"} {
				id := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: text}).MessageId
				w.posted()
				w.await(id, status(trail.StatusPending, 1))
				ids = append(ids, id)
				w.clock.Advance(time.Second)
			}
			w.idle()
			w.Close()
			w.damage("sns.outbox", change)
			w.restart()
			w.clock.Advance(time.Minute)
			w.await(ids[1], func(d trail.Delivery) bool { return d.Status == trail.StatusSuccess })
			w.clock.Advance(time.Minute)
			for _, d := range w.record.all() {
				if d.MessageID == ids[0] && d.Status == trail.StatusSuccess {
					t.Errorf("delivered %+v", d)
				}
			}
			log.wantOnce(t, "delivery")
		})
	}
}

func TestADamagedSubscriptionHidesNoOther(t *testing.T) {
	w, log := newLoggedTestbed(t)
	w.createTopic("orders")
	for _, name := range []string{"a", "b", "c"} {
		w.subscribe(testTopic, "sqs", testQueue+name)
	}
	w.damage("sns.subscription", func([]byte) []byte { return []byte("{") })
	for range 2 {
		id := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "x"}).MessageId
		w.finished(id)
	}
	n := 0
	for _, name := range []string{"a", "b", "c"} {
		n += len(w.queues.take(testQueue + name))
	}
	if n != 4 {
		t.Errorf("%d messages arrived", n)
	}
	log.wantOnce(t, "subscription")
	list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic}))
	if len(list.Subscriptions) != 2 {
		t.Errorf("%+v", list.Subscriptions)
	}
	if all := must(w.ListSubscriptions(request(), new(ListSubscriptionsInput))); len(all.Subscriptions) != 2 {
		t.Errorf("%+v", all.Subscriptions)
	}
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	w.createTopic("orders")
	if list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})); len(list.Subscriptions) != 0 {
		t.Errorf("%+v", list.Subscriptions)
	}
	for _, name := range []string{"a", "b", "c"} {
		w.subscribe(testTopic, "sqs", testQueue+name)
	}
	id := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "anew"}).MessageId
	w.finished(id)
	for _, name := range []string{"a", "b", "c"} {
		if got := w.queues.take(testQueue + name); len(got) != 1 {
			t.Errorf("%s got %+v", name, got)
		}
	}
}

func TestADamagedMessageOfTheArchiveHidesNoOther(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"no record":          func([]byte) []byte { return []byte("{") },
		"another ciphertext": replacing(`"Sealed":"`, `"Sealed":"AAAA`),
	} {
		t.Run(name, func(t *testing.T) {
			log := new(lines)
			w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":"30"}`, "KmsMasterKeyId", "alias/k")
			w.log = slog.New(slog.NewTextHandler(log, nil))
			w.archiveMessages(3)
			w.damage("sns.archive", change)
			subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "ReplayPolicy", replayFrom(testStart))
			w.replayed(subscription)
			if got := w.queues.take(fifoQueue); len(got) != 2 {
				t.Errorf("replayed %d", len(got))
			}
			log.wantOnce(t, `"archived message"`)
		})
	}
}
