package store_test

import (
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

type versioned struct {
	N int
	store.Version
}

// TestCompare: a record is the present one as long as its key holds the form that
// it was read from, whoever reads it, however often, and whatever a table forgets.
func TestCompare(t *testing.T) {
	e := mem.New()
	table := store.NewTable[versioned]("n").Keeping(1)
	put := func(key string, n int) {
		t.Helper()
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			table.Put(tx, key, &versioned{N: n})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	get := func(key string) (record *versioned) {
		t.Helper()
		if err := e.View(t.Context(), func(r store.Reader) error {
			record = table.Get(r, key)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return record
	}
	want := func(when string, record *versioned, there, same bool) {
		t.Helper()
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			if gotThere, gotSame := store.Compare(tx, record); gotThere != there || gotSame != same {
				t.Errorf("%s: %v, %v, want %v, %v", when, gotThere, gotSame, there, same)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	put("a", 1)
	first := get("a")
	want("as it was read", first, true, true)
	for i := range 3 {
		put(fmt.Sprint("other", i), i)
		get(fmt.Sprint("other", i))
	}
	if again := get("a"); again == first {
		t.Fatal("the table keeps more than one record: the test is none")
	}
	want("read again meanwhile", first, true, true)
	put("a", 2)
	want("changed", first, true, false)
	put("a", 1)
	want("changed back", first, true, true)
	if err := e.Update(t.Context(), func(tx store.Tx) error {
		table.Delete(tx, "a")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want("deleted", first, false, false)
	want("made by hand", new(versioned), false, false)
}
