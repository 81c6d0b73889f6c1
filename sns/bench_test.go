package sns

import (
	"context"
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// sink takes everything and keeps nothing.
type sink struct{}

func (sink) Record(Delivery) {}

func (sink) Deliver(context.Context, *QueueMessage) (QueueReceipt, error) { return QueueReceipt{}, nil }

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
	for _, subscriptions := range []int{10_000, 30_000} {
		b.Run(fmt.Sprint(subscriptions), func(b *testing.B) {
			s := benchService(b, subscriptions, func(i int) map[string]string {
				return map[string]string{"FilterPolicy": fmt.Sprintf(`{"store":["s%d",{"prefix":"x"}],"price":[{"numeric":[">",%d]}]}`, i, i)}
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
