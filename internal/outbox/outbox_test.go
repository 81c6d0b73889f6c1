package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/outbox"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// note is a job of these tests.
type note struct {
	Text     string
	Attempts int
}

// testbed is an outbox whose attempts are told to the test.
type testbed struct {
	t      *testing.T
	engine store.Engine
	clock  *clock.Turnable
	log    *bytes.Buffer
	lanes  int

	mu        sync.Mutex
	attempted []string
	// attempt is what becomes of a job; nil: it is done.
	attempt func(*note) (time.Time, error)
	*outbox.Outbox[note]
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newTestbed(t *testing.T) *testbed {
	w := &testbed{t: t, engine: rerun.New(), clock: clock.NewStill(start), log: new(bytes.Buffer)}
	w.restart()
	return w
}

// restart goes on with another outbox on the same state.
func (w *testbed) restart() {
	if w.Outbox != nil {
		w.Close()
	}
	w.Outbox = outbox.New(outbox.Config[note]{
		Bucket: "test.job", Engine: w.engine, Clock: w.clock, Lanes: w.lanes,
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Attempt: func(_ context.Context, n *note) (again time.Time, err error) {
			n.Attempts++
			if w.attempt != nil {
				again, err = w.attempt(n)
			}
			w.mu.Lock()
			w.attempted = append(w.attempted, n.Text)
			w.mu.Unlock()
			return again, err
		},
	})
	w.Start()
	w.t.Cleanup(w.Close)
}

func (w *testbed) update(write func(store.Tx) error) error {
	err := w.engine.Update(w.t.Context(), write)
	w.Committed()
	return err
}

func (w *testbed) add(due time.Time, texts ...string) {
	w.t.Helper()
	err := w.update(func(tx store.Tx) error {
		for _, text := range texts {
			w.Add(tx, due, &note{Text: text})
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *testbed) waiting() (n int) {
	w.t.Helper()
	if err := w.engine.View(w.t.Context(), func(r store.Reader) error { n = w.Waiting(r); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// eventually waits until so many jobs wait and those are attempted, in any order where
// there are lanes.
func (w *testbed) eventually(waiting int, attempted ...string) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		diff := cmp.Diff(attempted, w.attempted)
		w.mu.Unlock()
		if n := w.waiting(); diff == "" && n == waiting {
			return
		} else if time.Now().After(end) {
			w.t.Fatalf("%d jobs wait, want %d; attempted (-want +got):\n%s", n, waiting, diff)
		}
	}
}

func TestJobsAreDoneInTheOrderOfTheirCommits(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.Close()
	w.add(start, "1", "2", "3")
	w.add(start.Add(-time.Second), "0") // due earlier, though it comes later
	w.restart()
	w.eventually(0, "0", "1", "2", "3")
}

func TestADiscardedTransactionAddsNothing(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	refused := errors.New("no")
	if err := w.update(func(tx store.Tx) error { w.Add(tx, start, &note{Text: "lost"}); return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	w.add(start, "kept")
	w.eventually(0, "kept")
}

func TestAJobWaitsForItsTime(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.add(start.Add(time.Hour), "later")
	w.add(start, "now")
	w.eventually(1, "now")
	w.clock.Advance(time.Hour)
	w.eventually(0, "now", "later")
}

// A clock that is turned over several retries makes all of them.
func TestRetriesKeepWhatTheAttemptChanged(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.attempt = func(n *note) (time.Time, error) {
		n.Text = strings.Repeat("x", n.Attempts)
		if n.Attempts == 3 {
			return time.Time{}, nil
		}
		return start.Add(time.Duration(n.Attempts) * time.Minute), nil
	}
	w.add(start, "")
	w.eventually(1, "x")
	w.clock.Advance(time.Hour)
	w.eventually(0, "x", "xx", "xxx")
}

func TestJobsSurviveARestart(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.add(start.Add(time.Hour), "1", "2")
	w.Close()
	w.clock.Advance(time.Hour)
	w.restart()
	w.eventually(0, "1", "2")
}

// An attempt that ends with the process is made again.
func TestAnAttemptThatIsCutOffIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	began := make(chan struct{})
	w.Close()
	cut := outbox.New(outbox.Config[note]{
		Bucket: "test.job", Engine: w.engine, Clock: w.clock, Log: slog.New(slog.DiscardHandler),
		Attempt: func(ctx context.Context, _ *note) (time.Time, error) {
			close(began)
			<-ctx.Done()
			return time.Time{}, nil
		},
	})
	cut.Start()
	w.add(start, "1")
	cut.Committed()
	<-began
	cut.Close()
	w.restart()
	w.eventually(0, "1")
}

func TestAJobThatCannotBeAttemptedStopsNoOther(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.attempt = func(n *note) (time.Time, error) {
		if n.Text == "bad" {
			return time.Time{}, errors.New("the key is lost")
		}
		return time.Time{}, nil
	}
	if err := w.update(func(tx store.Tx) error {
		tx.Put("test.job\x00a key that tells no time", []byte("{}"))
		tx.Put("test.job\x002026-03-01T11:00:00.000000000Z/1", []byte("no JSON"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.add(start.Add(-time.Minute), "bad")
	w.eventually(3, "bad")
	w.add(start, "good")
	w.eventually(3, "bad", "good")
	w.Close()
	w.attempt = nil
	w.restart()
	w.eventually(2, "bad", "good", "bad")
	w.Close()
	for _, want := range []string{"the key is lost", "a key that tells no time", "invalid character"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, w.log)
		}
	}
}

func TestLanes(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.Close()
	w.lanes = 3
	at, most := 0, 0
	meet := make(chan struct{})
	w.attempt = func(*note) (time.Time, error) {
		w.mu.Lock()
		at++
		most = max(most, at)
		if at == 3 {
			close(meet) // three are attempted together, or this never ends
		}
		w.mu.Unlock()
		<-meet
		return time.Time{}, nil
	}
	w.restart()
	w.add(start, "a", "a", "a")
	w.eventually(0, "a", "a", "a")
	w.mu.Lock()
	defer w.mu.Unlock()
	if most != 3 {
		t.Errorf("%d jobs were attempted together", most)
	}
}

// An outbox that was not started does what is due when it is told to, and that which is due
// then.
func TestDrain(t *testing.T) {
	t.Parallel()
	w := newTestbed(t)
	w.Close()
	w.lanes = 3
	o := outbox.New(outbox.Config[note]{
		Bucket: "test.job", Engine: w.engine, Clock: w.clock, Lanes: 3, Log: slog.New(slog.DiscardHandler),
		Attempt: func(_ context.Context, n *note) (time.Time, error) {
			w.attempted = append(w.attempted, n.Text) // by one at a time
			if n.Attempts++; n.Text == "b" && n.Attempts == 1 {
				return start.Add(-time.Second), nil
			}
			return time.Time{}, nil
		},
	})
	w.add(start, "a", "b", "c")
	w.add(start.Add(time.Hour), "later")
	if err := o.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "b", "c"}, w.attempted); diff != "" || w.waiting() != 1 {
		t.Errorf("%d wait; attempted (-want +got):\n%s", w.waiting(), diff)
	}
}
