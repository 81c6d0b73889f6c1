package store

import (
	"fmt"
	"testing"
)

// The decoded records of keys that are gone do not pile up.
func TestTableForgets(t *testing.T) {
	table := NewTable[int]("n")
	for i := range 3 * maxDecoded {
		if got, err := table.record(table.prefix+fmt.Sprint(i), []byte("1")); err != nil || *got.(*int) != 1 {
			t.Fatalf("record %d = %v, %v", i, got, err)
		}
		if n := len(table.decoded); n > maxDecoded {
			t.Fatalf("%d records are kept", n)
		}
	}
	// One that stays is found again after a new start.
	first, err := table.record(table.prefix+"stays", []byte("1"))
	if again, failed := table.record(table.prefix+"stays", []byte("1")); again != first || err != nil || failed != nil {
		t.Errorf("a record is not kept: %v, %v", err, failed)
	}
}
