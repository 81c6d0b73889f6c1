package store

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"sync"
)

// Table holds records of one type, as JSON, under a prefix of its own. It is
// for records that are read often and written seldom: a decoded record is kept
// as long as its stored form does not change. It is safe for concurrent use.
type Table[T any] struct{ table }

// table is a Table without its type parameter, so that its code is compiled
// once and not for every type.
type table struct {
	prefix string
	fresh  func() any // a new record
	// reuse calls Reuse, where the record is a Reuser.
	reuse func(record, old any)

	keeps   int // how many decoded records
	mu      sync.RWMutex
	decoded map[string]decoded // by key; at most keeps
}

// decoded is a record and the stored form that it was decoded from. A reader
// gets this record only if it reads the same stored form. So a record from a
// discarded transaction, or from an old snapshot, is never taken for the
// present one.
type decoded struct {
	raw    []byte
	record any // a pointer to the table's type
}

// maxDecoded is how many decoded records a table keeps by default. When it would keep
// more, it drops any one of them for each new one: of records that are used evenly most
// are still found, however many there are.
const maxDecoded = 1 << 14

// Loader is implemented by records that derive something from their stored
// form, such as a compiled policy. Load runs once on every decoded record,
// before the record is used.
type Loader interface{ Load() error }

// Reuser is implemented by records that keep what they derived before, such as a
// compiled policy, where a change of the record left it as it was: counters that
// hang on its pointer then stay valid. Reuse runs once on a newly decoded record,
// after Load and before anybody sees it, with the record that the key had before,
// which must not be changed.
type Reuser[T any] interface{ Reuse(old *T) }

// NewTable is a table under the bucket of the given name, which no other table of the engine may have.
func NewTable[T any](bucket string) *Table[T] {
	return &Table[T]{table{
		prefix: bucket + "\x00", decoded: map[string]decoded{}, keeps: maxDecoded,
		fresh: func() any { return new(T) },
		reuse: func(record, old any) {
			if reuser, ok := record.(Reuser[T]); ok {
				reuser.Reuse(old.(*T))
			}
		},
	}}
}

// Keeping sets how many decoded records the table keeps, and returns the table.
// It is for records that one call scans many of. The default is 16,384.
func (t *Table[T]) Keeping(n int) *Table[T] {
	t.keeps = n
	return t
}

// Get is the record of key, or nil. Every reader shares it: it must not be changed.
func (t *Table[T]) Get(r Reader, key string) *T {
	record, _ := t.get(r, key).(*T)
	return record
}

// GetMany is what Get answers for each of the keys, in their order.
func (t *Table[T]) GetMany(r Reader, keys []string) []*T {
	return t.GetManyWhole(r, keys, func(_ string, err error) { r.Fail(err) })
}

// GetManyWhole is GetMany for who can do without the records that cannot be
// decoded: they do not fail the transaction, but are nil and told to damaged.
func (t *Table[T]) GetManyWhole(r Reader, keys []string, damaged func(key string, err error)) []*T {
	records := make([]*T, len(keys))
	for i, record := range t.getMany(r, keys, damaged) {
		records[i], _ = record.(*T)
	}
	return records
}

// Edit is a copy of the record of key, or nil, for the caller to change and Put.
func (t *Table[T]) Edit(tx Tx, key string) *T {
	record, _ := t.edit(tx, key).(*T)
	return record
}

// Put stores a record.
func (t *Table[T]) Put(tx Tx, key string, record *T) { t.put(tx, key, record) }

// Scan yields the records whose keys have the prefix, in the order of their
// keys, from the first key that is not less than from ("" for all), and no more
// than limit of them (All for no limit). The records are shared as those of Get are.
func (t *Table[T]) Scan(r Reader, prefix, from string, limit int) iter.Seq2[string, *T] {
	return t.ScanWhole(r, prefix, from, limit, nil)
}

// ScanWhole is Scan for callers that can do without records that cannot be
// decoded: these do not fail the transaction, but are skipped and reported to
// damaged. They do not count for the limit.
func (t *Table[T]) ScanWhole(r Reader, prefix, from string, limit int, damaged func(key string, err error)) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		t.scan(r, prefix, from, limit, damaged, func(key string, record any) bool { return yield(key, record.(*T)) })
	}
}

// Delete removes the record of key, if it is there.
func (t *table) Delete(tx Tx, key string) {
	tx.Delete(t.prefix + key)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.decoded, key)
}

func (t *table) get(r Reader, key string) any {
	stored := t.prefix + key
	raw := r.Get(stored)
	if raw == nil {
		return nil
	}
	record, err := t.record(stored, raw)
	if err != nil {
		r.Fail(err)
	}
	return record
}

func (t *table) getMany(r Reader, keys []string, damaged func(string, error)) []any {
	stored := make([]string, len(keys))
	for i, key := range keys {
		stored[i] = t.prefix + key
	}
	records := make([]any, len(keys))
	for i, raw := range r.GetMany(stored) {
		if raw == nil {
			continue
		}
		var err error
		if records[i], err = t.record(stored[i], raw); err != nil {
			damaged(keys[i], err)
		}
	}
	return records
}

func (t *table) edit(tx Tx, key string) any {
	stored := t.prefix + key
	raw := tx.Get(stored)
	if raw == nil {
		return nil
	}
	record, err := t.decode(stored, raw)
	if err != nil {
		tx.Fail(err)
	}
	return record
}

func (t *table) put(tx Tx, key string, record any) {
	raw, err := Marshal(record)
	if err != nil {
		tx.Fail(t.wrong(key, err))
		return
	}
	tx.Put(t.prefix+key, raw)
}

// scan skips records that cannot be decoded if damaged is not nil.
func (t *table) scan(r Reader, prefix, from string, limit int, damaged func(string, error), yield func(string, any) bool) {
	if from != "" {
		from = t.prefix + from
	}
	for {
		last, passedBy := "", 0
		for stored, raw := range r.Scan(t.prefix+prefix, from, limit) {
			last = stored
			key := strings.TrimPrefix(stored, t.prefix)
			record, err := t.record(stored, raw)
			switch {
			case err == nil:
				if !yield(key, record) {
					return
				}
			case damaged == nil:
				r.Fail(err)
				return
			default:
				damaged(key, err)
				passedBy++
			}
		}
		if limit == All || passedBy == 0 {
			return
		}
		from, limit = last+"\x00", passedBy // others in their place
	}
}

// record is the shared record of a stored key and form; nil, and why, where it
// cannot be decoded.
func (t *table) record(stored string, raw []byte) (any, error) {
	key := stored[len(t.prefix):]
	t.mu.RLock()
	d, ok := t.decoded[key]
	t.mu.RUnlock()
	if ok && bytes.Equal(d.raw, raw) {
		return d.record, nil
	}
	record, err := t.decode(stored, raw)
	if err != nil {
		return nil, err
	}
	return t.keep(key, decoded{raw, record}), nil
}

// keep returns the record to share: d's, or the one that another reader has
// stored meanwhile.
func (t *table) keep(key string, d decoded) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, known := t.decoded[key]
	switch {
	case known && bytes.Equal(old.raw, d.raw):
		return old.record
	case known:
		t.reuse(d.record, old.record)
	case len(t.decoded) >= t.keeps:
		for other := range t.decoded { // in no order
			delete(t.decoded, other)
			break
		}
	}
	t.decoded[key] = d
	return d.record
}

// decode makes a record of a stored key and form.
func (t *table) decode(stored string, raw []byte) (any, error) {
	record := t.fresh()
	if err := unmarshal(raw, record); err != nil {
		return nil, t.wrong(stored[len(t.prefix):], err)
	}
	if v, ok := record.(Versioned); ok {
		*v.version() = Version{stored, raw}
	}
	if l, ok := record.(Loader); ok {
		if err := l.Load(); err != nil {
			return nil, t.wrong(stored[len(t.prefix):], err)
		}
	}
	return record, nil
}

// wrong is the error of a record that cannot be encoded or decoded.
func (t *table) wrong(key string, err error) error {
	return fmt.Errorf("store: record %q of %q: %w", key, strings.TrimSuffix(t.prefix, "\x00"), err)
}
