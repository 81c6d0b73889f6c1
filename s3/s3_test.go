package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
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
	account = "111122223333"
	other   = "444455556666"
	name    = "pettracker-images"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a service with one bucket, on a clock that stands still. Its sweep runs when
// the test says so.
type world struct {
	*Service
	t      *testing.T
	engine store.Engine
	clock  *clock.Turnable
	module *hsm.Module
	ctx    context.Context
}

func newWorld(t *testing.T) *world { return newWorldOn(t, rerun.New()) }

func newWorldOn(t *testing.T, e store.Engine) *world {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, engine: e, clock: clock.NewStill(start), module: module}
	w.open()
	w.ctx = as(account, usEast1)
	w.create(w.ctx, &CreateBucketInput{Bucket: name})
	return w
}

// open is the service anew, on the state as it is.
func (w *world) open() {
	w.Service = New(Config{Engine: w.engine, Clock: w.clock, IDs: ids.NewSeeded(1), HSM: w.module, Idle: true})
	w.listeners = append(w.listeners, func(tx store.Tx, _ *api.Request, c *change) {
		tx.Put(fmt.Sprintf("%s%016x %s %s %d %s", eventPrefix, c.sequence, c.event, c.object.Key, c.object.Size, c.object.VersionID), nil)
	})
	w.t.Cleanup(w.Close)
}

// eventPrefix begins the keys under which the tests keep the changes that they are told of.
const eventPrefix = "test.event\x00"

// events are the changes that happened since the last call: event, key, size, version.
func (w *world) events() (events []string) {
	w.t.Helper()
	for _, key := range w.keys(eventPrefix) {
		_, event, _ := strings.Cut(strings.TrimPrefix(key, eventPrefix), " ")
		events = append(events, event)
	}
	if err := w.engine.Update(w.ctx, func(tx store.Tx) error {
		store.DeleteSome(tx, eventPrefix, 1000)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return events
}

// as is a context of a request by the root user of an account in a region.
func as(account, region string) context.Context {
	return api.WithRequest(context.Background(), &api.Request{
		ID: "request", Account: account, Region: region,
		Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"}},
	})
}

func (w *world) create(ctx context.Context, in *CreateBucketInput) *CreateBucketOutput {
	w.t.Helper()
	out, err := w.CreateBucket(ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func bodyOf(text string) *api.Body {
	return api.NewBody(strings.NewReader(text), int64(len(text)), nil)
}

// put puts an object, as change says.
func (w *world) put(key, body string, change ...func(*PutObjectInput)) *PutObjectOutput {
	w.t.Helper()
	in := &PutObjectInput{Bucket: name, Key: key, Body: bodyOf(body)}
	for _, f := range change {
		f(in)
	}
	out, err := w.PutObject(w.ctx, in)
	if err != nil {
		w.t.Fatalf("put of %q: %v", key, err)
	}
	return out
}

// get reads an object, as change says.
func (w *world) get(key string, change ...func(*GetObjectInput)) (*GetObjectOutput, string, error) {
	w.t.Helper()
	in := &GetObjectInput{Bucket: name, Key: key}
	for _, f := range change {
		f(in)
	}
	out, err := w.GetObject(w.ctx, in)
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(out.Body)
	if err != nil {
		w.t.Errorf("reading %q: %v", key, err)
	}
	if err := out.Body.Close(); err != nil {
		w.t.Error(err)
	}
	return out, string(text), nil
}

// wantBody reads an object and compares its body.
func (w *world) wantBody(key, want string, change ...func(*GetObjectInput)) *GetObjectOutput {
	w.t.Helper()
	out, got, err := w.get(key, change...)
	if err != nil || got != want {
		w.t.Fatalf("the body of %q is %.40q, %v, want %.40q", key, got, err, want)
	}
	return out
}

// failsWith fails the test unless err is the error, its message and details included:
// "Code: Message; Name=Value; …".
func failsWith(t *testing.T, err error, want string) {
	t.Helper()
	if got := wording(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func wording(err error) string {
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		return "no error of S3: " + errorText(err)
	}
	var b strings.Builder
	b.WriteString(e.Code + ": " + e.Message)
	for _, d := range e.Details {
		b.WriteString("; " + d.Name + "=" + d.Value)
	}
	return b.String()
}

func errorText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}

// keys are the keys of the state that begin with a prefix.
func (w *world) keys(prefix string) (keys []string) {
	w.t.Helper()
	err := w.engine.View(w.ctx, func(r store.Reader) error {
		keys = nil
		for key := range r.Scan(prefix, "", store.All) {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return keys
}

// swept sweeps, and counts the pieces of bodies that are left.
func (w *world) swept() int {
	w.t.Helper()
	if err := w.sweep(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	return len(w.keys(chunkPrefix))
}

// raw is all that the state holds.
func (w *world) raw() []byte {
	var b bytes.Buffer
	_ = w.engine.View(w.ctx, func(r store.Reader) error {
		b.Reset()
		for key, value := range r.Scan("", "", store.All) {
			b.WriteString(key)
			b.Write(value)
		}
		return nil
	})
	return b.Bytes()
}

// newInput is an input of an operation that names the bucket.
func newInput(op *api.Operation) any {
	in := reflect.New(op.In)
	in.Elem().FieldByName("Bucket").SetString(name)
	return in.Interface()
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
