package bolt

import (
	"fmt"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// What was cleared is swept, now or after the next start, and nothing of it is
// seen again.
func TestClearedStatesAreSwept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	const n = 5 * sweepSize
	e, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			for i := range n {
				tx.Put(fmt.Sprintf("%d/%06d", round, i), []byte("value"))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := e.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put("kept", nil); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil { // most likely before all is swept
		t.Fatal(err)
	}
	e = start(t, path)
	for more := true; more; {
		if more, err = e.sweep(); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.db.View(func(tx *bbolt.Tx) error {
		if key, _ := tx.Bucket(clearedBucket).Cursor().First(); key != nil {
			t.Error("a cleared state is left")
		}
		if got := tx.Bucket(stateBucket).Inspect().KeyN; got != 1 {
			t.Errorf("the state has %d keys", got)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
