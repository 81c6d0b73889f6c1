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
	prefix  string
	decoded sync.Map // key -> *decoded[T]
}

type decoded[T any] struct {
	raw    []byte
	record *T
}

// Loader is implemented by records that derive something from their stored
// form, such as a compiled policy. Load runs once per stored form, before
// anybody sees the record.
type Loader interface{ Load() error }

// NewTable is a table under the bucket of the given name, which no other table of the engine may have.
func NewTable[T any](bucket string) *Table[T] {
	return &Table[T]{prefix: bucket + "\x00"}
}

// Get is the record of key, or nil. Every reader shares it: it must not be changed.
func (t *Table[T]) Get(r Reader, key string) *T {
	raw := r.Get(t.prefix + key)
	if raw == nil {
		return nil
	}
	return t.record(r, key, raw)
}

func (t *Table[T]) record(r Reader, key string, raw []byte) *T {
	if d, ok := t.decoded.Load(key); ok && bytes.Equal(d.(*decoded[T]).raw, raw) {
		return d.(*decoded[T]).record
	}
	record, err := t.decode(raw)
	if err != nil {
		r.Fail(fmt.Errorf("store: record %q: %w", t.prefix+key, err))
		return nil
	}
	t.decoded.Store(key, &decoded[T]{bytes.Clone(raw), record})
	return record
}

func (t *Table[T]) decode(raw []byte) (*T, error) {
	record := new(T)
	if err := json.Unmarshal(raw, record); err != nil {
		return nil, err
	}
	if l, ok := any(record).(Loader); ok {
		if err := l.Load(); err != nil {
			return nil, err
		}
	}
	return record, nil
}

// Edit is a copy of the record of key, or nil, for the caller to change and Put.
func (t *Table[T]) Edit(tx Tx, key string) *T {
	raw := tx.Get(t.prefix + key)
	if raw == nil {
		return nil
	}
	record, err := t.decode(raw)
	if err != nil {
		tx.Fail(fmt.Errorf("store: record %q: %w", t.prefix+key, err))
		return nil
	}
	return record
}

// Put stores a record.
func (t *Table[T]) Put(tx Tx, key string, record *T) {
	raw, err := json.Marshal(record)
	if err != nil {
		tx.Fail(fmt.Errorf("store: record %q: %w", t.prefix+key, err))
		return
	}
	tx.Put(t.prefix+key, raw)
}

// Delete removes the record of key, if it is there.
func (t *Table[T]) Delete(tx Tx, key string) {
	tx.Delete(t.prefix + key)
	t.decoded.Delete(key)
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
