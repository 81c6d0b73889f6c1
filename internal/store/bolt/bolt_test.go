package bolt

import (
	"errors"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Engine { return start(t, filepath.Join(t.TempDir(), "waxseal.db")) })
}

// start opens a store whose file is checked when the test is over.
func start(t testing.TB, path string) *Engine {
	t.Helper()
	e, err := Open(path)
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

// An update that writes nothing costs no commit.
func TestUpdatesThatOnlyRead(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"))
	update := func(write func(store.Tx)) (commits int) {
		t.Helper()
		if err := e.Update(t.Context(), func(tx store.Tx) error { write(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := e.db.View(func(tx *bbolt.Tx) error { commits = tx.ID(); return nil }); err != nil {
			t.Fatal(err)
		}
		return commits
	}
	before := update(func(tx store.Tx) { tx.Put("a", nil) })
	if after := update(func(tx store.Tx) { tx.Get("a") }); after != before {
		t.Errorf("%d commits after %d", after, before)
	}
	if after := update(func(tx store.Tx) { tx.Put("b", nil) }); after != before+1 {
		t.Errorf("%d commits after %d and a write", after, before)
	}
}

// TestFailedUpdateIsReleasedAfterTheCommit: what an update failed on is there for
// who reads next, also where another update of the same commit wrote it.
func TestFailedUpdateIsReleasedAfterTheCommit(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"))
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
