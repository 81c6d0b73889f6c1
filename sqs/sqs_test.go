package sqs

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	baseURL = "http://127.0.0.1:4566"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fakeKMS is a KMS with one key for every name, that writes down who called what.
type fakeKMS struct {
	mu    sync.Mutex
	data  map[string][]byte // by wrapped
	texts map[string]string // the encryption context by wrapped
	calls []string
	// deny answers the error of a call, if it has one.
	deny func(caller, operation string) error
	// denyKey is a wrapped data key whose KMS key is disabled.
	denyKey []byte
}

func (k *fakeKMS) record(ctx context.Context, operation string) error {
	caller := api.RequestFrom(ctx).Caller.Requester()
	k.calls = append(k.calls, caller+" "+operation)
	if k.deny != nil {
		return k.deny(caller, operation)
	}
	return nil
}

func (k *fakeKMS) GenerateDataKey(ctx context.Context, _, keyID string, encryptionContext map[string]string) ([]byte, []byte, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.record(ctx, "GenerateDataKey"); err != nil {
		return nil, nil, "", err
	}
	plaintext, wrapped := make([]byte, 32), make([]byte, 40)
	rand.Read(plaintext)
	rand.Read(wrapped)
	if k.data == nil {
		k.data, k.texts = map[string][]byte{}, map[string]string{}
	}
	k.data[string(wrapped)], k.texts[string(wrapped)] = bytes.Clone(plaintext), fmt.Sprint(encryptionContext)
	return plaintext, wrapped, "arn:aws:kms:" + region + ":" + account + ":key/" + keyID, nil
}

func (k *fakeKMS) Decrypt(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.record(ctx, "Decrypt"); err != nil {
		return nil, err
	}
	if bytes.Equal(wrapped, k.denyKey) {
		return nil, &api.Error{Code: "DisabledException"}
	}
	if k.texts[string(wrapped)] != fmt.Sprint(encryptionContext) {
		return nil, &api.Error{Code: "InvalidCiphertextException"}
	}
	return bytes.Clone(k.data[string(wrapped)]), nil
}

func (k *fakeKMS) take() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	calls := k.calls
	k.calls = nil
	return calls
}

// testbed is a service on a clock that stands still.
type testbed struct {
	*testing.T
	*Service
	Config // what the service was made of
	clock  *clock.Turnable
	kms    *fakeKMS
	first  []Message // what a test received first
}

func newTestbed(t *testing.T, options ...func(*Config)) *testbed {
	return newTestbedOn(t, rerun.New(), options...)
}

func newTestbedOn(t testing.TB, engine store.Engine, options ...func(*Config)) *testbed {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &testbed{clock: clock.NewStill(start), kms: new(fakeKMS)}
	w.T, _ = t.(*testing.T)
	c := Config{Engine: engine, Clock: w.clock, IDs: ids.New(), HSM: module, KMS: w.kms}
	for _, option := range options {
		option(&c)
	}
	w.Service, w.Config = New(c), c
	t.Cleanup(w.Close)
	return w
}

// ctx is a request of the account's root user.
func ctx() context.Context { return as(root(account)) }

func root(account string) *api.Caller {
	return &api.Caller{
		Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"},
		UserID:    account,
	}
}

func user(name string) *api.Caller {
	return &api.Caller{
		Principal: policyeval.Principal{Type: policyeval.User, Account: account, ARN: "arn:aws:iam::" + account + ":user/" + name},
		UserID:    "AIDA" + name,
	}
}

func as(caller *api.Caller) context.Context {
	return api.WithRequest(context.Background(), &api.Request{
		ID: "request", Caller: caller, Account: caller.Account, Region: region, BaseURL: baseURL,
	})
}

func p[T any](v T) *T { return &v }

// must is the result of an operation that succeeds.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantError is an error with a code as the Query protocol names it, and a text.
func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want %s", err, code)
	}
	if e.Query() != code || text != "" && e.Message != text {
		t.Fatalf("error %s %q, want %s %q", e.Query(), e.Message, code, text)
	}
}

func (w *testbed) create(name string, attributes ...string) string {
	w.Helper()
	in := &CreateQueueInput{QueueName: name, Attributes: pairs(attributes)}
	return must[*CreateQueueOutput](w.T)(w.CreateQueue(ctx(), in)).QueueUrl
}

func pairs(list []string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

func (w *testbed) sendTo(url, body string) *SendMessageOutput {
	w.Helper()
	return must[*SendMessageOutput](w.T)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: body}))
}

func (w *testbed) receiveFrom(url string, n int32) []Message {
	w.Helper()
	in := &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: &n, AttributeNames: []string{"All"}, MessageAttributeNames: []string{"All"}}
	return must[*ReceiveMessageOutput](w.T)(w.ReceiveMessage(ctx(), in)).Messages
}

func (w *testbed) delete(url, handle string) {
	w.Helper()
	must[*DeleteMessageOutput](w.T)(w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle}))
}

func (w *testbed) attributes(url string) map[string]string {
	w.Helper()
	in := &GetQueueAttributesInput{QueueUrl: url, AttributeNames: []string{"All"}}
	return must[*GetQueueAttributesOutput](w.T)(w.GetQueueAttributes(ctx(), in)).Attributes
}

func (w *testbed) set(url string, attributes ...string) {
	w.Helper()
	must[*SetQueueAttributesOutput](w.T)(w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: pairs(attributes)}))
}

func bodies(messages []Message) []string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Body)
	}
	return out
}

func wantBodies(t *testing.T, got []Message, want ...string) {
	t.Helper()
	if fmt.Sprint(bodies(got)) != fmt.Sprint(want) {
		t.Fatalf("received %q, want %q", bodies(got), want)
	}
}

// wantCounts are the counts of ready, in flight and delayed messages.
func (w *testbed) wantCounts(url string, visible, inFlight, delayed int) {
	w.Helper()
	a := w.attributes(url)
	got := a["ApproximateNumberOfMessages"] + " " + a["ApproximateNumberOfMessagesNotVisible"] + " " + a["ApproximateNumberOfMessagesDelayed"]
	if want := fmt.Sprint(visible, inFlight, delayed); got != want {
		w.Fatalf("counts %s, want %s", got, want)
	}
}

// records is how many records the store holds.
func (w *testbed) records() (n int) {
	w.Helper()
	err := w.Engine.View(context.Background(), func(r store.Reader) error {
		n = 0
		for range r.Scan("", "", store.All) {
			n++
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}
