package draft

import (
	"iter"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/btree"
)

// tx is one transaction: what the engine under the draft holds, and over it
// all writes to the draft.
type tx struct {
	base   store.Reader
	own    *btree.Tree
	failed error
	wrote  bool
	done   bool
}

func (t *tx) check() {
	if t.done {
		panic("store: a transaction is used after its closure has returned")
	}
}

func (t *tx) Get(key string) []byte {
	t.check()
	if value, ok := t.own.Get(key); ok {
		return value
	}
	return t.base.Get(key)
}

// GetMany asks the engine under the draft once, for what was not written.
func (t *tx) GetMany(keys []string) [][]byte {
	t.check()
	values := make([][]byte, len(keys))
	var below []string
	var at []int // where their values belong
	for n, key := range keys {
		if value, ok := t.own.Get(key); ok {
			values[n] = value
			continue
		}
		below, at = append(below, key), append(at, n)
	}
	for n, value := range t.base.GetMany(below) {
		values[at[n]] = value
	}
	return values
}

func (t *tx) Put(key string, value []byte) {
	t.check()
	if err := store.CheckKey(key); err != nil {
		t.Fail(err)
		return
	}
	if value == nil {
		value = []byte{}
	}
	t.own.Set(key, value)
	t.wrote = true
}

func (t *tx) Delete(key string) {
	t.check()
	if store.CheckKey(key) == nil { // no other key is there
		t.own.Set(key, nil)
		t.wrote = true
	}
}

func (t *tx) Fail(err error) {
	t.check()
	if t.failed == nil {
		t.failed = err
	}
}

// Scan goes by the writes as they are when it begins. The engine under the
// draft is not told the limit: the draft may have deleted what it would yield.
func (t *tx) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		t.check()
		left := limit
		t.merge(prefix, from, func(key string, value []byte) bool {
			left--
			return yield(key, value) && left != 0
		})
	}
}

// merge yields what the engine under the draft holds and what was written, in order.
func (t *tx) merge(prefix, from string, yield func(string, []byte) bool) {
	own := newCursor(t.own.Copy(), prefix, max(prefix, from))
	for key, value := range t.base.Scan(prefix, from, store.All) {
		if !own.yieldUntil(key, yield) {
			return
		}
		if own.more() && own.at.Key() == key {
			continue // it was written anew, and its turn comes
		}
		if !yield(key, value) {
			return
		}
	}
	own.yieldUntil("", yield)
}

// cursor walks the writes under a prefix.
type cursor struct {
	at     btree.Place
	prefix string
}

func newCursor(own *btree.Tree, prefix, from string) *cursor {
	return &cursor{own.Seek(from), prefix}
}

func (c *cursor) more() bool { return c.at.Under(c.prefix) }

// yieldUntil yields the puts whose keys are less than end, or all where it is
// empty. It reports whether there is to be more.
func (c *cursor) yieldUntil(end string, yield func(string, []byte) bool) bool {
	for ; c.more() && (end == "" || c.at.Key() < end); c.at.Step() {
		if value := c.at.Value(); value != nil && !yield(c.at.Key(), value) {
			return false
		}
	}
	return true
}
