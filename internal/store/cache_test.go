package store

import (
	"fmt"
	"iter"
	"testing"
)

// The decoded records of keys that are gone do not pile up.
func TestTableForgets(t *testing.T) {
	table := NewTable[int]("n")
	none := failing{t}
	for i := range 3 * maxDecoded {
		if got := table.record(none, fmt.Sprint(i), []byte("1")); got == nil || *got.(*int) != 1 {
			t.Fatalf("record %d = %v", i, got)
		}
		if n := len(table.decoded); n > maxDecoded {
			t.Fatalf("%d records are kept", n)
		}
	}
	// One that stays is found again after a new start.
	first := table.record(none, "stays", []byte("1"))
	if again := table.record(none, "stays", []byte("1")); again != first {
		t.Error("a record is not kept")
	}
}

// failing is a Reader that must not fail.
type failing struct{ t *testing.T }

func (failing) Get(string) []byte                             { return nil }
func (failing) Scan(string, string) iter.Seq2[string, []byte] { return nil }
func (f failing) Fail(err error)                              { f.t.Error(err) }
