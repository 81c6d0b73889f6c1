package mem

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/store/btree"
)

// item is a key with its value; in writes a nil value deletes the key.
type item struct {
	key   string
	value []byte
}

// writes are an update's own writes, the last one for each key. A few, which is
// nearly always the case, are in a sorted slice, whose memory the engine reuses
// for the next update; more are in a tree.
type writes struct {
	few  []item
	many *btree.Tree // nil: they are few
	made int         // how many writes there were, repeated ones included
}

// fewWrites is how many writes lie in a slice.
const fewWrites = 64

func (w *writes) find(key string) (int, bool) {
	return slices.BinarySearchFunc(w.few, key, func(i item, key string) int { return strings.Compare(i.key, key) })
}

func (w *writes) get(key string) (value []byte, ok bool) {
	if w.many != nil {
		return w.many.Get(key)
	}
	if i, ok := w.find(key); ok {
		return w.few[i].value, true
	}
	return nil, false
}

func (w *writes) set(key string, value []byte) {
	w.made++
	if w.many != nil {
		w.many.Set(key, value)
		return
	}
	i, ok := w.find(key)
	switch {
	case ok:
		w.few[i].value = value
	case len(w.few) < fewWrites:
		w.few = slices.Insert(w.few, i, item{key, value})
	default:
		many := new(btree.Tree)
		for _, i := range w.few {
			many.Set(i.key, i.value)
		}
		many.Set(key, value)
		w.many = many
	}
}

// apply writes all of them into a tree.
func (w *writes) apply(to *btree.Tree) {
	write := func(key string, value []byte) bool {
		if value == nil {
			to.Delete(key)
		} else {
			to.Set(key, value)
		}
		return true
	}
	if w.many != nil {
		w.many.Ascend("", write)
		return
	}
	for _, i := range w.few {
		write(i.key, i.value)
	}
}

// cursor is at the first write under prefix from a key on. A further write
// invalidates it.
func (w *writes) cursor(prefix, from string) cursor {
	if w.many != nil {
		return treeCursor(w.many, prefix, from)
	}
	i, _ := w.find(from)
	left := w.few[i:]
	return newCursor(prefix, func() (next item, ok bool) {
		if len(left) == 0 {
			return item{}, false
		}
		next, left = left[0], left[1:]
		return next, true
	})
}

// cursor walks the entries under a prefix.
type cursor struct {
	prefix string
	next   func() (item, bool)
	at     item
	more   bool // at is one
}

func newCursor(prefix string, next func() (item, bool)) cursor {
	c := cursor{prefix: prefix, next: next}
	c.step()
	return c
}

func treeCursor(t *btree.Tree, prefix, from string) cursor {
	at := t.Seek(from)
	return newCursor(prefix, func() (next item, ok bool) {
		if !at.Under(prefix) {
			return item{}, false
		}
		next = item{at.Key(), at.Value()}
		at.Step()
		return next, true
	})
}

// step returns the entry that the cursor is at, and goes to the next.
func (c *cursor) step() item {
	at := c.at
	c.at, c.more = c.next()
	c.more = c.more && strings.HasPrefix(c.at.key, c.prefix)
	return at
}
