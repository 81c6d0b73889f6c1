package cloudtrail

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
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
)

// trailWorld is a service whose trails log and deliver, on a clock that stands still.
type trailWorld struct {
	*world
	engine store.Engine
	root   []byte
	around *around
}

// around is what the trails of a world deliver to: buckets that can be closed, topics that
// note what they are told, and KMS keys of which there is one. It is safe for concurrent use.
type around struct {
	mu       sync.Mutex
	objects  map[string]File       // what buckets hold, by bucket and key
	closed   map[string]*api.Error // by bucket, topic or key
	told     []*Notification
	attempts int
	putting  func() // called for every file; nil: nothing is
}

// whenPut has f called for every file that is put.
func (a *around) whenPut(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.putting = f
}

func (a *around) refusal(name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempts++
	if e := a.closed[name]; e != nil {
		return e
	}
	return nil
}

// close has a bucket, topic or key refuse with an error; nil: it is open again.
func (a *around) close(name string, e *api.Error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed[name] = e
}

type buckets struct{ *around }

func (b buckets) Admits(_ context.Context, _ Behalf, bucket, _ string) error {
	return b.refusal(bucket)
}

func (b buckets) Put(_ context.Context, f *File) error {
	if err := b.refusal(f.Bucket); err != nil {
		return err
	}
	b.mu.Lock()
	putting := b.putting
	b.mu.Unlock()
	if putting != nil {
		putting()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[f.Bucket+"/"+f.Key] = *f
	return nil
}

// list are the keys of a bucket's objects, in order.
func (a *around) list(bucket string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	keys := []string{}
	for name := range a.objects {
		if key, of := strings.CutPrefix(name, bucket+"/"); of {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (a *around) get(bucket, key string) (f File, there bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, there = a.objects[bucket+"/"+key]
	return f, there
}

type topics struct{ *around }

func (a topics) Admits(_ context.Context, _ Behalf, topic string) error { return a.refusal(topic) }

func (a topics) Publish(_ context.Context, n *Notification) error {
	if err := a.refusal(n.Topic); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told = append(a.told, n)
	return nil
}

type kmsKeys struct{ *around }

func (a kmsKeys) Admits(_ context.Context, b Behalf, key string) (string, error) {
	return "arn:aws:kms:" + b.Region + ":" + b.Account + ":key/of-" + strings.TrimPrefix(key, "alias/"), a.refusal(key)
}

func newTrailWorld(t *testing.T) *trailWorld {
	t.Helper()
	w := &trailWorld{
		world:  &world{t: t, clock: clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))},
		engine: rerun.New(), root: hsm.NewRootKey(),
	}
	w.around = &around{objects: map[string]File{}, closed: map[string]*api.Error{}}
	w.open()
	t.Cleanup(func() { w.Close() })
	return w
}

// open begins to use the state, as at the start of a program.
func (w *trailWorld) open() {
	module, err := hsm.New(w.root)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Service = New(Config{
		Engine: w.engine, Clock: w.clock, IDs: ids.NewSeeded(1), Log: slog.New(slog.DiscardHandler), HSM: module,
		Buckets: buckets{w.around}, Topics: topics{w.around}, Keys: kmsKeys{w.around},
	})
	w.Start()
}

// restart is a program that ends and begins again.
func (w *trailWorld) restart() {
	w.Close()
	w.open()
}

// turn turns the clock, and delivers what is due.
func (w *trailWorld) turn(d time.Duration) {
	w.t.Helper()
	w.clock.Advance(d)
	w.delivered()
}

// delivered delivers what is due.
func (w *trailWorld) delivered() {
	w.t.Helper()
	if _, err := w.trails.deliverDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// flush writes what was recorded.
func (w *trailWorld) flush() {
	w.t.Helper()
	if err := w.trails.flush(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// as is a request by an account in a region.
func as(account, region string) context.Context {
	return api.WithRequest(context.Background(), &api.Request{Account: account, Region: region, Caller: &api.Caller{}})
}

// here is a request by the account, in the region.
func here() context.Context { return as(account, region) }

// must is an answer that is no error.
func must[T any](t *testing.T) func(T, error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// logs makes a trail that logs, with validated log files.
func (w *trailWorld) logs(in CreateTrailInput) *CreateTrailOutput {
	w.t.Helper()
	yes := true
	if in.EnableLogFileValidation == nil {
		in.EnableLogFileValidation = &yes
	}
	if in.S3BucketName == "" {
		in.S3BucketName = "logs"
	}
	out := must[*CreateTrailOutput](w.t)(w.CreateTrail(here(), &in))
	must[*StartLoggingOutput](w.t)(w.StartLogging(here(), &StartLoggingInput{Name: in.Name}))
	return out
}

// keys are the keys of the bucket logs, in order.
func (w *trailWorld) keys() []string {
	w.t.Helper()
	return w.around.list("logs")
}

// files are the keys of log files, or of digest files.
func (w *trailWorld) files(digests bool) (keys []string) {
	w.t.Helper()
	for _, key := range w.keys() {
		if strings.Contains(key, "/CloudTrail-Digest/") == digests {
			keys = append(keys, key)
		}
	}
	return keys
}

// content is a file's content, not compressed.
func (w *trailWorld) content(key string) ([]byte, map[string]string) {
	w.t.Helper()
	o, there := w.around.get("logs", key)
	if !there {
		w.t.Fatalf("there is no %s", key)
	}
	r := must[*gzip.Reader](w.t)(gzip.NewReader(bytes.NewReader(o.Body)))
	return must[[]byte](w.t)(io.ReadAll(r)), o.Metadata
}

// logged are the names of the events of the log files, in the order of the files' keys.
func (w *trailWorld) logged() []string {
	w.t.Helper()
	names := []string{}
	for _, key := range w.files(false) {
		content, _ := w.content(key)
		var file struct{ Records []trail.Event }
		if err := json.Unmarshal(content, &file); err != nil {
			w.t.Fatal(err)
		}
		for _, e := range file.Records {
			names = append(names, e.EventName)
		}
	}
	return names
}

func (w *trailWorld) digest(key string) *digest {
	w.t.Helper()
	content, _ := w.content(key)
	d := new(digest)
	if err := json.Unmarshal(content, d); err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *trailWorld) status(name string) *GetTrailStatusOutput {
	w.t.Helper()
	return must[*GetTrailStatusOutput](w.t)(w.GetTrailStatus(here(), &GetTrailStatusInput{Name: name}))
}

// refused fails the test where an error is not of the code, or does not say so.
func refused(t *testing.T, err error, want *api.Error, says string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
		t.Errorf("%v, want %s: %s", err, want.Code, says)
	}
}

func ptr[T any](v T) *T { return &v }

// leftovers are the keys of what is stored of trails.
func (w *trailWorld) leftovers() (keys []string) {
	w.t.Helper()
	err := w.engine.View(w.t.Context(), func(r store.Reader) error {
		keys = nil
		for _, bucket := range []string{"trail", "status", "stream", "pending"} {
			for key := range r.Scan("cloudtrail."+bucket+"\x00", "", store.All) {
				keys = append(keys, key)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return keys
}
