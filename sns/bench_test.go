package sns

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	disk "github.com/waxseal/waxseal/internal/store/journal"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/trail"
)

// sink takes everything and keeps nothing.
type sink struct{}

func (sink) Record(trail.Delivery) {}

func (sink) Share(string) QueueBody { return nil }

func (sink) Deliver(context.Context, QueueMessage) (QueueReceipt, error) { return QueueReceipt{}, nil }

func benchService(b testing.TB, subscriptions int, attributes func(i int) map[string]string) *Service {
	b.Helper()
	s := New(Config{
		Engine: mem.New(), Clock: clock.New(), IDs: ids.New(), HSM: must(hsm.New(make([]byte, hsm.KeySize))),
		KMS: newMemKMS(), Queues: sink{}, Recorder: sink{},
	})
	b.Cleanup(s.Close)
	must(s.CreateTopic(request(), &CreateTopicInput{Name: "orders"}))
	for i := range subscriptions {
		must(s.Subscribe(request(), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: fmt.Sprint(testQueue, "-", i), Attributes: attributes(i)}))
	}
	return s
}

// BenchmarkFanOut is what SNS itself costs for a hundred queues.
func BenchmarkFanOut(b *testing.B) {
	s := benchService(b, 100, func(int) map[string]string { return nil })
	ctx := request()
	b.ReportAllocs()
	for b.Loop() {
		must(s.Publish(ctx, &PublishInput{TopicArn: ptr(testTopic), Message: "a message"}))
	}
}

// BenchmarkPublishPastFilters has subscriptions with filter policies, of which one lets the message through.
func BenchmarkPublishPastFilters(b *testing.B) {
	for _, subscriptions := range []int{100, 10_000, 30_000} {
		b.Run(fmt.Sprint(subscriptions), func(b *testing.B) {
			s := benchService(b, subscriptions, func(i int) map[string]string {
				return map[string]string{"RawMessageDelivery": "true", "FilterPolicy": fmt.Sprintf(`{"store":["s%d",{"prefix":"x"}],"price":[{"numeric":[">",%d]}]}`, i, i)}
			})
			ctx := request()
			in := &PublishInput{TopicArn: ptr(testTopic), Message: "a message", MessageAttributes: readAttributes("store=String:s77; price=Number:100")}
			must(s.Publish(ctx, in)) // compiles the policies
			b.ReportAllocs()
			for b.Loop() {
				must(s.Publish(ctx, in))
			}
		})
	}
}

func BenchmarkSignature(b *testing.B) {
	s := benchService(b, 0, nil)
	for b.Loop() {
		if _, _, err := s.signer.sign(request(), "1", []string{"Message", "m"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDeleteTopic deletes a topic with 50,000 subscriptions, and reports the
// longest that another small update had to wait meanwhile.
func BenchmarkDeleteTopic(b *testing.B) {
	const subscriptions = 50_000
	for name, open := range map[string]func() store.Engine{
		"mem":  func() store.Engine { return mem.New() },
		"disk": func() store.Engine { return must(disk.Open(filepath.Join(b.TempDir(), "waxseal.db"), disk.Full)) },
	} {
		b.Run(name, func(b *testing.B) {
			longest := time.Duration(0)
			for b.Loop() {
				b.StopTimer()
				e := open()
				s := New(Config{
					Engine: e, Clock: clock.New(), IDs: ids.New(), HSM: must(hsm.New(make([]byte, hsm.KeySize))),
					KMS: newMemKMS(), Queues: sink{}, Recorder: sink{},
				})
				must(s.CreateTopic(request(), &CreateTopicInput{Name: "orders"}))
				fill(b, s, subscriptions)
				b.StartTimer()
				longest = max(longest, longestWait(b, e, func() {
					if _, err := s.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}); err != nil {
						b.Error(err)
					}
				}))
				s.Close()
				if err := e.Close(); err != nil {
					b.Error(err)
				}
			}
			b.ReportMetric(float64(longest.Microseconds())/1000, "ms-wait")
		})
	}
}

// fill subscribes so many queues, many in one transaction.
func fill(b *testing.B, s *Service, subscriptions int) {
	b.Helper()
	for from := 0; from < subscriptions; from += 1000 {
		err := s.engine.Update(b.Context(), func(tx store.Tx) error {
			for i := range 1000 {
				s.addSubscription(tx, &subscriptionRecord{
					Arn: testTopic + ":" + s.ids.UUID(), TopicArn: testTopic, Protocol: "sqs",
					Endpoint: fmt.Sprint(testQueue, "-", from+i), Owner: testAccount, Created: testStart,
				})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// longestWait runs small updates, one a millisecond, while do runs and what it
// left is swept.
func longestWait(b *testing.B, e store.Engine, do func()) (longest time.Duration) {
	b.Helper()
	done := make(chan bool)
	go func() { do(); close(done) }()
	for deleted, left := false, true; !deleted || left; {
		began := time.Now() //nolint:forbidigo // what is measured is real time
		err := e.Update(b.Context(), func(tx store.Tx) error { tx.Put("other", nil); return nil })
		longest = max(longest, time.Since(began))
		if err != nil {
			b.Fatal(err)
		}
		select {
		case <-done:
			deleted = true
			time.Sleep(time.Millisecond)
		case <-time.After(time.Millisecond):
		}
		err = e.View(b.Context(), func(r store.Reader) error {
			left = false
			for range r.Scan("sns.remains\x00", "", 1) {
				left = true
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return longest
}
