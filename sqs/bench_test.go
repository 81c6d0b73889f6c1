//go:build unix

package sqs

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/journal"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// The cost of an operation does not hang on what is stored: 0, ten thousand or
// a million messages of 1 KiB.
//
//	go test -run '^$' -bench . -benchtime 20000x ./sqs
var (
	benchmarkSizes = []int{0, 10_000, 1_000_000}
	kibibyte       = strings.Repeat("x", 1024)
)

var benchmarkEngines = []struct {
	name string
	open func(b *testing.B) store.Engine
}{
	{"mem", func(*testing.B) store.Engine { return mem.New() }},
	{"journal", func(b *testing.B) store.Engine {
		e, err := journal.Open(filepath.Join(b.TempDir(), "waxseal.db"), journal.Full)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = e.Close() })
		return e
	}},
}

// bench is a queue under a benchmark.
type bench struct {
	*testing.B
	*testbed
	ctx context.Context
	url string
	// besides is the processor time of what does not belong to the operations.
	besides time.Duration
}

// cpu is the processor time that the process has taken: what a busy machine
// does not falsify.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// aside does what does not belong to the operations.
func (w *bench) aside(do func()) {
	w.StopTimer()
	begin := cpu()
	do()
	w.besides += cpu() - begin
	w.StartTimer()
}

func check[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// benchmark runs a benchmark on each engine and size, on a queue that is filled
// once for all its runs.
func benchmark(b *testing.B, sizes []int, fifo bool, run func(*bench)) {
	for _, engine := range benchmarkEngines {
		b.Run(engine.name, func(b *testing.B) {
			for _, size := range sizes {
				b.Run(fmt.Sprint(size), func(b *testing.B) {
					w := &bench{B: b, testbed: newTestbedOn(b, engine.open(b)), ctx: ctx()}
					in := &CreateQueueInput{QueueName: "q"}
					if fifo {
						in = &CreateQueueInput{QueueName: "q.fifo", Attributes: pairs([]string{"FifoQueue", "true"})}
					}
					w.url = check(w.CreateQueue(w.ctx, in)).QueueUrl
					w.stock(size, fifo)
					b.ReportAllocs()
					b.ResetTimer()
					begin := cpu()
					run(w)
					b.ReportMetric(float64(cpu()-begin-w.besides)/float64(b.N), "cpu-ns/op")
				})
			}
		})
	}
}

// stock puts n messages into the queue.
func (w *bench) stock(n int, fifo bool) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n/10, 1024) { // many at a time share the commits of a journal
		wg.Go(func() {
			for i := range next {
				check(w.SendMessageBatch(w.ctx, w.tenMessages(fmt.Sprint("stock", i), fifo)))
			}
		})
	}
	for i := range n / 10 {
		next <- i
	}
	close(next)
	wg.Wait()
}

func (w *bench) tenMessages(id string, fifo bool) *SendMessageBatchInput {
	in := &SendMessageBatchInput{QueueUrl: w.url}
	for i := range 10 {
		e := SendMessageBatchRequestEntry{Id: fmt.Sprint(i), MessageBody: kibibyte}
		if fifo {
			e.MessageGroupId, e.MessageDeduplicationId = p(id), p(id+"-"+e.Id)
		}
		in.Entries = append(in.Entries, e)
	}
	return in
}

func (w *bench) one() *SendMessageInput {
	return &SendMessageInput{QueueUrl: w.url, MessageBody: kibibyte}
}

func (w *bench) receive(n int32) []Message {
	out := check(w.ReceiveMessage(w.ctx, &ReceiveMessageInput{QueueUrl: w.url, MaxNumberOfMessages: &n}))
	if len(out.Messages) != int(n) {
		w.Fatalf("%d messages, want %d", len(out.Messages), n)
	}
	return out.Messages
}

func BenchmarkSend(b *testing.B) {
	benchmark(b, benchmarkSizes, false, func(w *bench) {
		for range w.N {
			check(w.SendMessage(w.ctx, w.one()))
		}
	})
}

func BenchmarkReceiveDelete(b *testing.B) {
	const refill = 1000
	benchmark(b, benchmarkSizes, false, func(w *bench) {
		for i := range w.N {
			if i%refill == 0 {
				w.aside(func() { w.stock(refill, false) })
			}
			m := w.receive(1)[0]
			check(w.DeleteMessage(w.ctx, &DeleteMessageInput{QueueUrl: w.url, ReceiptHandle: m.ReceiptHandle}))
		}
	})
}

// An operation of this benchmark is a batch of ten that is sent, received and deleted.
func BenchmarkBatchOfTen(b *testing.B) {
	benchmark(b, benchmarkSizes, false, func(w *bench) {
		for range w.N {
			check(w.SendMessageBatch(w.ctx, w.tenMessages("", false)))
			del := &DeleteMessageBatchInput{QueueUrl: w.url}
			for i, m := range w.receive(10) {
				del.Entries = append(del.Entries, DeleteMessageBatchRequestEntry{Id: fmt.Sprint(i), ReceiptHandle: m.ReceiptHandle})
			}
			check(w.DeleteMessageBatch(w.ctx, del))
		}
	})
}

// A FIFO queue whose stock lies in groups of ten.
func BenchmarkFIFOCycle(b *testing.B) {
	benchmark(b, benchmarkSizes, true, func(w *bench) {
		for i := range w.N {
			in := w.one()
			in.MessageGroupId, in.MessageDeduplicationId = p(fmt.Sprint("g", i%100)), p(fmt.Sprint(i))
			check(w.SendMessage(w.ctx, in))
			m := w.receive(1)[0]
			check(w.DeleteMessage(w.ctx, &DeleteMessageInput{QueueUrl: w.url, ReceiptHandle: m.ReceiptHandle}))
		}
	})
}

// A change of visibility while many messages are in flight.
func BenchmarkChangeVisibilityInFlight(b *testing.B) {
	benchmark(b, []int{10, 10_000, 100_000}, false, func(w *bench) {
		var handles []string
		w.aside(func() {
			for range w.attributesOf("ApproximateNumberOfMessages") / 10 {
				for _, m := range w.receive(10) {
					handles = append(handles, m.ReceiptHandle)
				}
			}
		})
		for i := range w.N {
			seconds := int32(100 + i%100)
			check(w.ChangeMessageVisibility(w.ctx, &ChangeMessageVisibilityInput{QueueUrl: w.url, ReceiptHandle: handles[i*7919%len(handles)], VisibilityTimeout: &seconds}))
		}
	})
}

func (w *bench) attributesOf(name string) (n int) {
	out := check(w.GetQueueAttributes(w.ctx, &GetQueueAttributesInput{QueueUrl: w.url, AttributeNames: []string{name}}))
	if _, err := fmt.Sscan(out.Attributes[name], &n); err != nil {
		w.Fatal(err)
	}
	return n
}
