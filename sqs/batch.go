package sqs

import (
	"github.com/waxseal/waxseal/internal/api"
)

// maxEntries is how many entries a batch may have.
const maxEntries = 10

// BatchResultErrorEntry is an entry of a batch that failed.
type BatchResultErrorEntry struct {
	Id          string
	SenderFault bool
	Code        string
	Message     string
}

// failed is the result of an entry that failed with err.
func failed(id string, err error) BatchResultErrorEntry {
	e := api.AsError(err)
	return BatchResultErrorEntry{Id: id, SenderFault: e.Fault == api.Sender, Code: e.Query(), Message: e.Message}
}

// checkBatch refuses a batch for its number of entries or their ids.
func checkBatch[E interface{ id() string }](entries []E, kind string) error {
	switch {
	case len(entries) == 0:
		return ErrEmptyBatch.Withf("There should be at least one %s in the request.", kind)
	case len(entries) > maxEntries:
		return ErrTooManyEntries.Withf("Maximum number of entries per request are %d. You have sent %d.", maxEntries, len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		id := e.id()
		if !isName(id) || len(id) > 80 {
			return ErrBatchEntryID
		}
		if seen[id] {
			return ErrNotDistinct.Withf("Id %s repeated.", id) // [M006]
		}
		seen[id] = true
	}
	return nil
}
