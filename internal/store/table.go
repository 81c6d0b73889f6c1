package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"sync"
)

// Table holds records of one type, as JSON, under a prefix of its own. It is
// for records that are read often and written seldom: a decoded record is kept
// as long as its stored form does not change. It is safe for concurrent use.
type Table[T any] struct {
	prefix string

	mu      sync.RWMutex
	decoded map[string]decoded[T] // by key; at most maxDecoded
}

// decoded is a record and the stored form that it was decoded from. A form
// tells its record wherever it is read, so that what a transaction saw before
// it was discarded, or in an old snapshot, is never taken for the present.
type decoded[T any] struct {
	raw    []byte
	record *T
}

// maxDecoded is how many decoded records a table keeps. One more, and it
// starts anew: so those of deleted keys go, too.
const maxDecoded = 1 << 14

// Loader is implemented by records that derive something from their stored
// form, such as a compiled policy. Load runs once on every decoded record,
// before anybody sees it.
type Loader interface{ Load() error }

// Heir is implemented by records that take over from the record that the key
// had before what both derive alike, such as a compiled policy that did not
// change: who remembers it by its pointer goes on to know it. Inherit runs once,
// after Load, before anybody sees the record. old must not be changed.
type Heir[T any] interface{ Inherit(old *T) }

// NewTable is a table under the bucket of the given name, which no other table of the engine may have.
func NewTable[T any](bucket string) *Table[T] {
	return &Table[T]{prefix: bucket + "\x00", decoded: map[string]decoded[T]{}}
}

// Get is the record of key, or nil. Every reader shares it: it must not be changed.
func (t *Table[T]) Get(r Reader, key string) *T {
	raw := r.Get(t.prefix + key)
	if raw == nil {
		return nil
	}
	return t.record(r, key, raw)
}

// Edit is a copy of the record of key, or nil, for the caller to change and Put.
func (t *Table[T]) Edit(tx Tx, key string) *T {
	raw := tx.Get(t.prefix + key)
	if raw == nil {
		return nil
	}
	return t.decode(tx, key, raw)
}

// Put stores a record.
func (t *Table[T]) Put(tx Tx, key string, record *T) {
	raw, err := json.Marshal(record)
	if err != nil {
		t.fail(tx, key, err)
		return
	}
	tx.Put(t.prefix+key, raw)
}

// Delete removes the record of key, if it is there.
func (t *Table[T]) Delete(tx Tx, key string) {
	tx.Delete(t.prefix + key)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.decoded, key)
}

// Scan yields the records whose keys have the prefix, in the order of their
// keys, from the first key that is not less than from ("" for all). The
// records are shared as those of Get are.
func (t *Table[T]) Scan(r Reader, prefix, from string) iter.Seq2[string, *T] {
	if from != "" {
		from = t.prefix + from
	}
	return func(yield func(string, *T) bool) {
		for key, raw := range r.Scan(t.prefix+prefix, from) {
			key = strings.TrimPrefix(key, t.prefix)
			record := t.record(r, key, raw)
			if record == nil || !yield(key, record) {
				return
			}
		}
	}
}

// record is the shared record of a stored form.
func (t *Table[T]) record(r Reader, key string, raw []byte) *T {
	t.mu.RLock()
	d, ok := t.decoded[key]
	t.mu.RUnlock()
	if ok && bytes.Equal(d.raw, raw) {
		return d.record
	}
	record := t.decode(r, key, raw)
	if record == nil {
		return nil
	}
	return t.keep(key, decoded[T]{raw, record})
}

// keep is the record to share: d's, or that of another reader who was faster.
func (t *Table[T]) keep(key string, d decoded[T]) *T {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, known := t.decoded[key]
	switch heir, ok := any(d.record).(Heir[T]); {
	case known && bytes.Equal(old.raw, d.raw):
		return old.record
	case known && ok:
		heir.Inherit(old.record)
	case !known && len(t.decoded) >= maxDecoded:
		t.decoded = map[string]decoded[T]{}
	}
	t.decoded[key] = d
	return d.record
}

// decode makes a record of a stored form, or fails the transaction.
func (t *Table[T]) decode(r Reader, key string, raw []byte) *T {
	record := new(T)
	if err := json.Unmarshal(raw, record); err != nil {
		t.fail(r, key, err)
		return nil
	}
	if l, ok := any(record).(Loader); ok {
		if err := l.Load(); err != nil {
			t.fail(r, key, err)
			return nil
		}
	}
	return record
}

func (t *Table[T]) fail(r Reader, key string, err error) {
	r.Fail(fmt.Errorf("store: record %q of %q: %w", key, strings.TrimSuffix(t.prefix, "\x00"), err))
}
