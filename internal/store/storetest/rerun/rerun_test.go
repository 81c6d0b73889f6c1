package rerun

import (
	"errors"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	for name, wrap := range map[string]func(store.Engine) store.Engine{"twice": Twice, "conflicting": Conflicting} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) store.Engine { return wrap(mem.New()) })
		})
	}
}

// A closure that breaks the rules is found out.
func TestRuns(t *testing.T) {
	for name, wrap := range map[string]func(store.Engine) store.Engine{"twice": Twice, "conflicting": Conflicting} {
		e := wrap(mem.New())
		var seen []string
		err := e.Update(t.Context(), func(tx store.Tx) error {
			seen = append(seen, string(tx.Get("a")))
			tx.Put("a", []byte("written"))
			return nil
		})
		if err != nil || len(seen) != 2 || seen[0] != "" || seen[1] != "" {
			t.Errorf("%s: an update reads %q, %v", name, seen, err)
		}
		runs := 0
		wanted := errors.New("wanted")
		err = e.Update(t.Context(), func(tx store.Tx) error {
			if runs++; runs == 1 {
				return wanted
			}
			return nil
		})
		if runs != 2 || err != nil {
			t.Errorf("%s: %d runs, of which the last succeeds: %v", name, runs, err)
		}
	}
	views := 0
	if err := Twice(mem.New()).View(t.Context(), func(store.Reader) error { views++; return nil }); err != nil || views != 2 {
		t.Errorf("a view ran %d times: %v", views, err)
	}
}

// What an update that conflicts is run on first, others change meanwhile.
func TestConflictingRunsBesideOthers(t *testing.T) {
	e := Conflicting(mem.New())
	var seen []string
	first := true
	err := e.Update(t.Context(), func(tx store.Tx) error {
		seen = append(seen, string(tx.Get("a")))
		if first {
			first = false
			done := make(chan error)
			go func() {
				done <- e.Update(t.Context(), func(tx store.Tx) error { tx.Put("a", []byte("other")); return nil })
			}()
			return <-done
		}
		return nil
	})
	if err != nil || len(seen) != 2 || seen[0] != "" || seen[1] != "other" {
		t.Errorf("read %q, %v", seen, err)
	}
}
