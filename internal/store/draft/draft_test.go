package draft

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Engine { return New(mem.New()) })
}

// The engine under the draft may hold what the draft has deleted again.
func TestConformanceOverDeletedKeys(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Engine {
		base := mem.New()
		put(t, base, map[string]string{"a": "1", "k/1": "2", "k/2": "3", "z": "4"})
		e := New(base)
		if err := e.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		return e
	})
}

func put(t *testing.T, e store.Engine, values map[string]string) {
	t.Helper()
	err := e.Update(t.Context(), func(tx store.Tx) error {
		for key, value := range values {
			tx.Put(key, []byte(value))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, e store.Engine) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := e.View(t.Context(), func(r store.Reader) error {
		for key, value := range r.Scan("", "", store.All) {
			got[key] = string(value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What is written to a draft is there for its readers at once, and for those of
// the engine under it only when it is committed.
func TestCommit(t *testing.T) {
	base := mem.New()
	before := map[string]string{"b": "old", "d": "deleted", "f": "kept"}
	put(t, base, before)
	e := New(base)
	put(t, e, map[string]string{"a": "first", "b": "new", "c": "between", "g": "last"})
	if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Delete("d"); return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "first", "b": "new", "c": "between", "f": "kept", "g": "last"}
	if diff := cmp.Diff(want, all(t, e)); diff != "" {
		t.Errorf("the draft (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, all(t, base)); diff != "" {
		t.Errorf("the engine under it before the commit (-want +got):\n%s", diff)
	}
	if err := e.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all(t, base)); diff != "" {
		t.Errorf("the engine under it after the commit (-want +got):\n%s", diff)
	}
}

// A draft over a transaction has what the transaction has written, and gives it what was
// written to the draft.
func TestOver(t *testing.T) {
	base := mem.New()
	put(t, base, map[string]string{"a": "old", "b": "deleted"})
	err := base.Update(t.Context(), func(tx store.Tx) error {
		tx.Put("c", []byte("own"))
		e := Over(tx)
		put(t, e, map[string]string{"a": "new", "d": "added"})
		if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Delete("b"); return nil }); err != nil {
			return err
		}
		if diff := cmp.Diff(map[string]string{"a": "new", "c": "own", "d": "added"}, all(t, e)); diff != "" {
			t.Errorf("the draft (-want +got):\n%s", diff)
		}
		if err := e.Commit(t.Context()); err == nil {
			t.Error("a draft over a transaction was committed")
		}
		e.WriteTo(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "new", "c": "own", "d": "added"}, all(t, base)); diff != "" {
		t.Errorf("the engine (-want +got):\n%s", diff)
	}
}
