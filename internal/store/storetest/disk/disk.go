// Package disk opens the engine of a data folder for tests.
package disk

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/journal"
)

// Open opens the store at path, which exists or not. The test closes it, to open it again
// as after a restart.
func Open(t testing.TB, path string) store.Engine {
	t.Helper()
	e, err := journal.Open(path, journal.Full)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
