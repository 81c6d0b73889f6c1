package journal

import (
	"errors"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	for _, durability := range []Durability{Full, Relaxed} {
		t.Run(string(durability), func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) store.Engine {
				return start(t, filepath.Join(t.TempDir(), "waxseal.db"), durability)
			})
		})
	}
}

// start opens a store whose file is checked when the test is over.
func start(t testing.TB, path string, durability Durability) *Engine {
	t.Helper()
	e, err := Open(path, durability)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		check(t, path)
	})
	return e
}

// check verifies bbolt's own invariants of the file.
func check(t testing.TB, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("bbolt's check: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestFailedUpdateIsReleasedAfterTheCommit: what an update failed on is there for
// who reads next, also where another update of the same commit wrote it.
func TestFailedUpdateIsReleasedAfterTheCommit(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Full)
	taken := errors.New("taken")
	failing := &request{ctx: t.Context(), done: make(chan struct{}), write: func(tx store.Tx) error {
		if tx.Get("name") != nil {
			return taken
		}
		return nil
	}}
	writing := &request{ctx: t.Context(), done: make(chan struct{}), write: func(tx store.Tx) error { tx.Put("name", nil); return nil }}
	last := &request{ctx: t.Context(), done: make(chan struct{}), write: func(store.Tx) error {
		select {
		case <-failing.done:
			t.Error("the update that failed is released before the commit")
		default:
		}
		return nil
	}}
	e.turn.Lock() // until all three are queued
	for _, r := range []*request{writing, failing, last} {
		e.queue <- r
	}
	e.turn.Unlock()
	<-failing.done
	if !errors.Is(failing.err, taken) {
		t.Errorf("the update failed with %v", failing.err)
	}
	if err := e.View(t.Context(), func(r store.Reader) error {
		if r.Get("name") == nil {
			t.Error("what the update failed on is not there")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	<-last.done
}

// A closure that ends the committer's goroutine takes no other update with it.
func TestExitAmongOthers(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Full)
	newRequest := func(write func(store.Tx)) *request {
		return &request{ctx: t.Context(), done: make(chan struct{}), write: func(tx store.Tx) error { write(tx); return nil }}
	}
	first := newRequest(func(tx store.Tx) { tx.Put("first", nil) })
	exiting := newRequest(func(tx store.Tx) { tx.Put("exiting", nil); runtime.Goexit() })
	last := newRequest(func(tx store.Tx) { tx.Put("last", nil) })
	e.turn.Lock() // until all three are queued
	e.queue <- first
	e.queue <- exiting
	e.queue <- last
	e.turn.Unlock()
	<-first.done
	<-exiting.done
	<-last.done
	if exiting.outcome != exited || first.err != nil || last.err != nil {
		t.Errorf("the outcomes: %v, %v, %v", exiting.outcome, first.err, last.err)
	}
	if diff := cmp.Diff([]string{"first", "last"}, keys(t, e)); diff != "" {
		t.Errorf("what was written (-want +got):\n%s", diff)
	}
}
