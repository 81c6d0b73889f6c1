package sns

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	testAccount  = "123456789012"
	otherAccount = "999988887777"
	testRegion   = "us-east-1"
	testTopic    = "arn:aws:sns:us-east-1:123456789012:orders"
	testQueue    = "arn:aws:sqs:us-east-1:123456789012:orders-queue"
)

var testStart = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// testbed is a service with all that it works with in memory.
type testbed struct {
	*Service
	config Config
	t      *testing.T
	clock  *clock.Turnable
	engine store.Engine
	kms    *memKMS
	queues *memQueues
	record *memRecorder
	web    *memSender
	out    *memOutbox
}

func newTestbed(t *testing.T, changes ...func(*Config)) *testbed {
	t.Helper()
	module := must(newModule(0))
	w := &testbed{
		t: t, clock: clock.NewStill(testStart), engine: rerun.New(),
		kms: newMemKMS(), queues: newMemQueues(), record: new(memRecorder),
		web: newMemSender(), out: new(memOutbox),
	}
	config := Config{
		Engine: w.engine, Clock: w.clock, IDs: ids.NewSeeded(1), HSM: module,
		KMS: w.kms, Queues: w.queues, Recorder: w.record, HTTPSender: w.web, Outbox: w.out,
	}
	for _, change := range changes {
		change(&config)
	}
	w.config = config
	w.Service = New(config)
	t.Cleanup(func() { w.Close() })
	return w
}

// newModule is an HSM whose root key is made of one byte.
func newModule(b byte) (*hsm.Module, error) {
	return hsm.New(bytes.Repeat([]byte{b}, hsm.KeySize))
}

// engineDelete removes a record behind the service's back.
func (w *testbed) engineDelete(key string) {
	w.t.Helper()
	err := w.engine.Update(context.Background(), func(tx store.Tx) error {
		tx.Delete(key)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// restart ends the service and begins another one on the same state.
func (w *testbed) restart() {
	w.Close()
	w.Service = New(w.config)
}

// request is the environment of a call by the root user of the test account,
// changed as the test wants it.
func request(changes ...func(*api.Request)) context.Context {
	r := &api.Request{
		ID:      "req",
		Caller:  &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: testAccount, ARN: "arn:aws:iam::" + testAccount + ":root"}},
		Account: testAccount, Region: testRegion, Time: testStart, BaseURL: "http://localhost:4566",
	}
	for _, change := range changes {
		change(r)
	}
	return api.WithRequest(context.Background(), r)
}

func as(account string) func(*api.Request) {
	return func(r *api.Request) {
		r.Account = account
		r.Caller = &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"}}
	}
}

func in(region string) func(*api.Request) { return func(r *api.Request) { r.Region = region } }

func asService(name string) func(*api.Request) {
	return func(r *api.Request) {
		r.Account = testAccount
		r.Caller = &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: name}}
	}
}

func anonymous(r *api.Request) { r.Account, r.Caller = "", new(api.Caller) }

// wantError fails the test unless err is the given AWS error.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.Query() != code || e.Message != message {
		t.Fatalf("error:\n got %v\nwant %s: %s", err, code, message)
	}
}

// targetOf is the target of what an input is resolved to.
func targetOf[R any](target api.Target, _ R, err error) api.Target { return must(target, err) }

// refusalOf is the error of what an input is resolved to.
func refusalOf[T, R any](_ T, _ R, err error) error { return err }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *testbed) createTopic(name string, attributes ...string) string {
	w.t.Helper()
	in := &CreateTopicInput{Name: name, Attributes: pairs(attributes)}
	out, err := w.CreateTopic(request(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out.TopicArn
}

func (w *testbed) subscribe(topic, protocol, endpoint string, attributes ...string) string {
	w.t.Helper()
	out, err := w.Subscribe(request(), &SubscribeInput{
		TopicArn: topic, Protocol: protocol, Endpoint: endpoint, Attributes: pairs(attributes), ReturnSubscriptionArn: true,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.SubscriptionArn
}

func (w *testbed) publish(in *PublishInput) *PublishOutput {
	w.t.Helper()
	out, err := w.Publish(request(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func pairs(list []string) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := map[string]string{}
	for pair := range slices.Chunk(list, 2) {
		m[pair[0]] = pair[1]
	}
	return m
}

func ptr[T any](v T) *T { return &v }

// memQueues keeps what it is delivered, and refuses as told.
type memQueues struct {
	mu       sync.Mutex
	calls    int
	shared   int
	messages map[string][]QueueMessage // by queue
	refuse   map[string]error          // by queue
}

func newMemQueues() *memQueues {
	return &memQueues{messages: map[string][]QueueMessage{}, refuse: map[string]error{}}
}

// Share makes nothing of a text but counts it.
func (q *memQueues) Share(string) QueueBody {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shared++
	return sharedBody{}
}

type sharedBody struct{}

func (q *memQueues) Deliver(_ context.Context, m QueueMessage) (QueueReceipt, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls++
	receipt := QueueReceipt{RequestID: fmt.Sprint("call-", q.calls)}
	if err := q.refuse[m.QueueArn]; err != nil {
		return receipt, err
	}
	q.messages[m.QueueArn] = append(q.messages[m.QueueArn], m)
	receipt.MessageID = fmt.Sprint("sqs-", q.calls)
	return receipt, nil
}

func (q *memQueues) take(queue string) []QueueMessage {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.messages[queue]
	delete(q.messages, queue)
	return taken
}

// memRecorder keeps the newest record of each delivery, in order.
type memRecorder struct {
	mu   sync.Mutex
	list []trail.Delivery
}

func (r *memRecorder) Record(d trail.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.IndexFunc(r.list, func(e trail.Delivery) bool { return e.ID == d.ID }); i >= 0 {
		r.list[i] = d
		return
	}
	r.list = append(r.list, d)
}

func (r *memRecorder) all() []trail.Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// memKMS wraps data keys by remembering them.
type memKMS struct {
	mu        sync.Mutex
	generated int
	decrypted int
	contexts  []map[string]string
	fail      error
	keys      map[string][]byte
}

func newMemKMS() *memKMS { return &memKMS{keys: map[string][]byte{}} }

func (k *memKMS) GenerateDataKey(_ context.Context, _, keyID string, encryption map[string]string) ([]byte, []byte, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return nil, nil, "", k.fail
	}
	k.generated++
	k.contexts = append(k.contexts, encryption)
	plaintext := []byte(fmt.Sprintf("%032d", k.generated))
	wrapped := fmt.Sprintf("%s/%d/%v", keyID, k.generated, encryption)
	k.keys[wrapped] = slices.Clone(plaintext)
	return plaintext, []byte(wrapped), keyID, nil
}

func (k *memKMS) Decrypt(_ context.Context, wrapped []byte, _ map[string]string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return nil, k.fail
	}
	k.decrypted++
	return slices.Clone(k.keys[string(wrapped)]), nil
}

// members reads a notification and the order of its members.
func members(t *testing.T, body string) (map[string]any, []string) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var order []string
	for line := range strings.SplitSeq(body, "\n") {
		if name, ok := strings.CutPrefix(line, `  "`); ok {
			name, _, _ = strings.Cut(name, `"`)
			order = append(order, name)
		}
	}
	return m, order
}

// memSender answers as told, and lets the test wait for what is posted.
type memSender struct {
	posts  chan Post
	mu     sync.Mutex
	status []int           // of the next answers; 0: none. Then 200.
	dead   map[string]bool // URLs that cannot be connected to
	asked  []string        // URLs that were to be connected to
}

func newMemSender() *memSender { return &memSender{posts: make(chan Post, 1000)} }

func (p *memSender) answer(status ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = append(p.status, status...)
}

func (p *memSender) Reach(_ context.Context, url string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, url)
	if p.dead[url] {
		return errors.New("connection refused")
	}
	return nil
}

func (p *memSender) Post(_ context.Context, post *Post) (PostResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := 200
	if len(p.status) > 0 {
		status, p.status = p.status[0], p.status[1:]
	}
	p.posts <- *post
	if status == 0 {
		return PostResponse{}, errors.New("connection refused")
	}
	return PostResponse{Status: status, Body: fmt.Sprint("status ", status)}, nil
}

// posted waits for the next post.
func (w *testbed) posted() Post {
	w.t.Helper()
	select {
	case p := <-w.web.posts:
		return p
	case <-time.After(time.Minute):
		w.t.Fatal("nothing was posted")
		return Post{}
	}
}

// nothingPosted fails where something was posted or is going to be.
func (w *testbed) nothingPosted() {
	w.t.Helper()
	select {
	case p := <-w.web.posts:
		w.t.Fatalf("posted %+v", p)
	case <-time.After(20 * time.Millisecond):
	}
}

// await waits until the delivery record of a message is as wanted.
func (w *testbed) await(message string, wanted func(trail.Delivery) bool) trail.Delivery {
	w.t.Helper()
	var last trail.Delivery
	if !w.eventually(func() bool {
		return slices.ContainsFunc(w.record.all(), func(d trail.Delivery) bool {
			if d.MessageID != message {
				return false
			}
			last = d
			return wanted(d)
		})
	}) {
		w.t.Fatalf("the delivery stays %+v", last)
	}
	return last
}

// eventually waits until something is so, and reports whether it came to be.
func (w *testbed) eventually(so func() bool) bool {
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// idle waits until no attempt is being made: what is recorded of the last one is
// stored, too, so that a restart finds it.
func (w *testbed) idle() {
	w.t.Helper()
	if !w.eventually(func() bool {
		w.worker.mu.Lock()
		defer w.worker.mu.Unlock()
		return len(w.worker.inProgress) == 0
	}) {
		w.t.Fatal("an attempt goes on")
	}
}

// finished waits until nothing is stored of a message that is delivered: a
// restart before that delivers it again.
func (w *testbed) finished(message string) {
	w.t.Helper()
	if !w.eventually(func() bool { return !strings.Contains(w.dump(), message) }) {
		w.t.Fatal("the delivered message is still in the store")
	}
}

func status(want string, attempts int) func(trail.Delivery) bool {
	return func(d trail.Delivery) bool { return d.Status == want && d.Attempts == attempts }
}

// memOutbox keeps what is captured.
type memOutbox struct {
	mu   sync.Mutex
	list []Captured
}

func (o *memOutbox) Capture(c Captured) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, c)
}

func (o *memOutbox) take() []Captured {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.list
	o.list = nil
	return taken
}

// dump is everything that the store holds.
func (w *testbed) dump() string {
	w.t.Helper()
	var b strings.Builder
	err := w.engine.View(context.Background(), func(r store.Reader) error {
		b.Reset()
		for key, value := range r.Scan("", "", store.All) {
			fmt.Fprintf(&b, "%s=%s\n", key, value)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}
