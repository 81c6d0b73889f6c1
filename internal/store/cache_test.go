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
	// One that stays is found again.
	first, err := table.record(table.prefix+"stays", []byte("1"))
	if again, failed := table.record(table.prefix+"stays", []byte("1")); again != first || err != nil || failed != nil {
		t.Errorf("a record is not kept: %v, %v", err, failed)
	}
}

// Where a few more records are in use than a table keeps, nearly all are still found.
func TestTableKeepsMost(t *testing.T) {
	const records, kept = 1100, 1000
	table, decoded := NewTable[int]("n").Keeping(kept), 0
	table.fresh = func() any { decoded++; return new(int) }
	const rounds = 20
	for range rounds {
		for i := range records {
			if _, err := table.record(table.prefix+fmt.Sprint(i), []byte("1")); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Of each round's records a tenth must be decoded anew, and those that these displace.
	if most := records * rounds / 2; decoded > most {
		t.Errorf("of %d reads %d decoded their record, at most %d should", records*rounds, decoded, most)
	}
}
