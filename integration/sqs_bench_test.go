package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/server"
	"github.com/waxseal/waxseal/sqs"
)

// BenchmarkSQS is what one client sees over HTTP on the loopback interface, one
// call after the other, of a queue that holds nothing, ten thousand or a million
// messages of 1 KiB, encrypted with SSE-SQS. Package sqs has the same without sockets.
//
//	go test -run '^$' -bench SQS -benchtime 3000x ./integration
func BenchmarkSQS(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(b *testing.B) store.Engine
	}{
		{"mem", func(*testing.B) store.Engine { return mem.New() }},
		{"disk", func(b *testing.B) store.Engine {
			e := disk.Open(b, filepath.Join(b.TempDir(), "waxseal.db"))
			b.Cleanup(func() { _ = e.Close() })
			return e
		}},
	} {
		for _, size := range []int{0, 10_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", engine.name, size), func(b *testing.B) {
				q := newBenchQueue(b, engine.open(b))
				q.stock(b, size)
				b.Run("send", q.benchSend)
				b.Run("receive+delete", q.benchReceive)
				b.Run("ten", q.benchTen)
			})
		}
	}
}

// benchQueue is a queue that is filled without HTTP and measured with it.
type benchQueue struct {
	service  *sqs.Service
	ctx      context.Context
	name     string
	endpoint string
	client   *http.Client
}

var kibibyte = strings.Repeat("x", 1024)

func newBenchQueue(b *testing.B, engine store.Engine) *benchQueue {
	rootKey := hsm.NewRootKey()
	module, err := hsm.New(rootKey)
	if err != nil {
		b.Fatal(err)
	}
	q := &benchQueue{
		service: sqs.New(sqs.Config{Engine: engine, Clock: clock.New(), IDs: ids.New(), HSM: module}),
		name:    "bench",
		client:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}},
		ctx: api.WithRequest(context.Background(), &api.Request{
			Account: server.DefaultAccount, Region: server.DefaultRegion,
			Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: server.DefaultAccount}, UserID: server.DefaultAccount},
		}),
	}
	if _, err := q.service.CreateQueue(q.ctx, &sqs.CreateQueueInput{QueueName: q.name}); err != nil {
		b.Fatal(err)
	}
	s, err := server.New(context.Background(), server.Config{Engine: engine, RootKey: rootKey})
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(ctx, l, 5*time.Second) }()
	b.Cleanup(func() {
		q.client.CloseIdleConnections()
		stop()
		if err := <-stopped; err != nil {
			b.Error(err)
		}
		q.service.Close()
		_ = s.Close()
	})
	q.endpoint = "http://" + l.Addr().String() + "/"
	return q
}

// stock puts n messages into the queue, many at a time: they share the commits
// of an engine that writes to disk.
func (q *benchQueue) stock(b *testing.B, n int) {
	b.Helper()
	in := &sqs.SendMessageBatchInput{QueueUrl: q.name}
	for i := range 10 {
		in.Entries = append(in.Entries, sqs.SendMessageBatchRequestEntry{Id: fmt.Sprint(i), MessageBody: kibibyte})
	}
	batches := make(chan struct{}, (n+9)/10)
	for range (n + 9) / 10 {
		batches <- struct{}{}
	}
	close(batches)
	var wg sync.WaitGroup
	for range min(cap(batches), 1024) {
		wg.Go(func() {
			for range batches {
				if _, err := q.service.SendMessageBatch(q.ctx, in); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// call calls an operation over HTTP. The server takes the access key for the
// root user's and does not verify its signature.
func (q *benchQueue) call(b *testing.B, operation string, in map[string]any, out any) {
	in["QueueUrl"] = q.name
	body, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, q.endpoint, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := q.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var text strings.Builder
	if _, err := copyBody(&text, answer); err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s %v %s", operation, answer.Status, err, text.String())
	}
	if out != nil {
		if err := json.Unmarshal([]byte(text.String()), out); err != nil {
			b.Fatal(err)
		}
	}
}

type benchReceived struct {
	Messages []struct{ ReceiptHandle string }
}

func (q *benchQueue) receive(b *testing.B, n int) (handles []string) {
	var out benchReceived
	q.call(b, "ReceiveMessage", map[string]any{"MaxNumberOfMessages": n}, &out)
	if len(out.Messages) != n {
		b.Fatalf("%d messages, want %d", len(out.Messages), n)
	}
	for _, m := range out.Messages {
		handles = append(handles, m.ReceiptHandle)
	}
	return handles
}

func (q *benchQueue) benchSend(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		q.call(b, "SendMessage", map[string]any{"MessageBody": kibibyte}, nil)
	}
}

// What is received was sent by the benchmark before, or is put there in portions beside the clock.
func (q *benchQueue) benchReceive(b *testing.B) {
	b.ReportAllocs()
	for left := 0; b.Loop(); left-- {
		if left == 0 {
			b.StopTimer()
			left = 1000
			q.stock(b, left)
			b.StartTimer()
		}
		q.call(b, "DeleteMessage", map[string]any{"ReceiptHandle": q.receive(b, 1)[0]}, nil)
	}
}

// An operation is a batch of ten that is sent, received and deleted.
func (q *benchQueue) benchTen(b *testing.B) {
	b.ReportAllocs()
	var send []map[string]any
	for i := range 10 {
		send = append(send, map[string]any{"Id": fmt.Sprint(i), "MessageBody": kibibyte})
	}
	for b.Loop() {
		q.call(b, "SendMessageBatch", map[string]any{"Entries": send}, nil)
		var entries []map[string]any
		for i, handle := range q.receive(b, 10) {
			entries = append(entries, map[string]any{"Id": fmt.Sprint(i), "ReceiptHandle": handle})
		}
		q.call(b, "DeleteMessageBatch", map[string]any{"Entries": entries}, nil)
	}
}
