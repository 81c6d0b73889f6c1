package mem

import (
	"iter"
	"strings"

	"github.com/tidwall/btree"

	"github.com/waxseal/waxseal/internal/store"
)

// tx is one transaction: base, which does not change while it runs, and over
// it an update's own writes.
type tx struct {
	base *tree
	// own are the writes, each key's last one; a nil value deletes. Nil until
	// the first write.
	own    *tree
	writes int
	failed error
	done   bool
}

// result is the transaction's, where its closure returned err.
func (t *tx) result(err error) error {
	if t.failed != nil {
		return t.failed
	}
	return err
}

func (t *tx) close() { t.done = true }

func (t *tx) check() {
	if t.done {
		panic("store: a transaction is used after its closure has returned")
	}
}

// apply writes the transaction's own writes into a tree.
func (t *tx) apply(to *tree) {
	t.own.Scan(func(i item) bool {
		if i.value == nil {
			to.Delete(i)
		} else {
			to.Set(i)
		}
		return true
	})
}

func (t *tx) Get(key string) []byte {
	t.check()
	if t.own != nil {
		if i, ok := t.own.Get(item{key: key}); ok {
			return i.value
		}
	}
	i, _ := t.base.Get(item{key: key})
	return i.value
}

func (t *tx) GetMany(keys []string) [][]byte {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = t.Get(key)
	}
	return values
}

func (t *tx) Put(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	t.write(key, value)
}

func (t *tx) Delete(key string) {
	t.check()
	if store.CheckKey(key) == nil { // no other key is there
		t.write(key, nil)
	}
}

func (t *tx) write(key string, value []byte) {
	t.check()
	if err := store.CheckKey(key); err != nil {
		t.Fail(err)
		return
	}
	if t.own == nil {
		t.own = newTree()
	}
	t.writes++
	t.own.Set(item{key, value})
}

func (t *tx) Fail(err error) {
	t.check()
	if t.failed == nil {
		t.failed = err
	}
}

func (t *tx) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		t.check()
		from, left := max(prefix, from), limit
		if t.own == nil {
			if from, left = t.scanBase(prefix, from, left, yield); from == "" {
				return
			}
		}
		t.scanBoth(prefix, from, left, yield)
	}
}

// scanBase scans while there are no own writes. Where yield has made some, it
// answers where to go on, and the limit then.
func (t *tx) scanBase(prefix, from string, limit int, yield func(string, []byte) bool) (next string, left int) {
	left = limit
	t.base.Ascend(item{key: from}, func(i item) bool {
		if !strings.HasPrefix(i.key, prefix) || !yield(i.key, i.value) {
			return false
		}
		if left--; left == 0 {
			return false
		}
		if t.own != nil {
			next = i.key + "\x00"
		}
		return next == ""
	})
	return next, left
}

func (t *tx) scanBoth(prefix, from string, limit int, yield func(string, []byte) bool) {
	base, own := newCursor(t.base, prefix, from), newCursor(t.own, prefix, from)
	for left := limit; ; {
		writes := t.writes
		next, ok := merge(&base, &own)
		if !ok {
			return
		}
		if next.value != nil {
			if !yield(next.key, next.value) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
		if t.writes != writes { // which moves what the cursor stands on
			own = newCursor(t.own, prefix, next.key+"\x00")
		}
	}
}

// merge steps to the next of two cursors' entries; an own one stands for a
// base one of the same key.
func merge(base, own *cursor) (item, bool) {
	switch {
	case !base.more && !own.more:
		return item{}, false
	case !own.more || base.more && base.at.key < own.at.key:
		return base.step(), true
	case base.more && base.at.key == own.at.key:
		base.step()
	}
	return own.step(), true
}

// cursor walks the entries of a tree under a prefix.
type cursor struct {
	iter   btree.IterG[item]
	prefix string
	at     item
	more   bool // at is one
}

func newCursor(t *tree, prefix, from string) cursor {
	c := cursor{iter: t.Iter(), prefix: prefix}
	c.set(c.iter.Seek(item{key: from}))
	return c
}

func (c *cursor) set(found bool) {
	c.more = false
	if found {
		c.at = c.iter.Item()
		c.more = strings.HasPrefix(c.at.key, c.prefix)
	}
}

// step returns the entry that the cursor is at, and goes to the next.
func (c *cursor) step() item {
	at := c.at
	c.set(c.iter.Next())
	return at
}
