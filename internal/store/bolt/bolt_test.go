package bolt

import (
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
