package bolt

import (
	"bytes"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// tx is one transaction: a View's own, or an update's turn on a batch.
type tx struct {
	bucket *bbolt.Bucket
	// logging: an undo log is kept.
	logging bool
	undo    []undo
	writes  int
	failed  error
	done    bool
}

// undo is the value that a key had before a write; nil: none.
type undo struct {
	key, value []byte
}

// result is the error of the transaction whose closure returned err.
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

// takeBack undoes the writes, the last one first.
func (t *tx) takeBack() {
	for i := len(t.undo) - 1; i >= 0; i-- {
		// These keys and values were all in the bucket before: neither call can fail.
		if u := t.undo[i]; u.value == nil {
			_ = t.bucket.Delete(u.key)
		} else {
			_ = t.bucket.Put(u.key, u.value)
		}
	}
}

// remember notes what key holds before it is written.
func (t *tx) remember(key []byte) {
	t.writes++
	if t.logging {
		t.undo = append(t.undo, undo{key, t.bucket.Get(key)})
	}
}

// Get copies the value: bbolt's own lies in mapped memory, which is gone some
// time after the transaction.
func (t *tx) Get(key string) []byte {
	t.check()
	return bytes.Clone(t.bucket.Get([]byte(key)))
}

func (t *tx) GetMany(keys []string) [][]byte {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = t.Get(key)
	}
	return values
}

func (t *tx) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		t.check()
		c := t.bucket.Cursor()
		under := []byte(prefix)
		k, v := c.Seek([]byte(max(prefix, from)))
		for left := limit; k != nil && bytes.HasPrefix(k, under); {
			key, writes := string(k), t.writes
			if !yield(key, bytes.Clone(v)) {
				return
			}
			if left--; left == 0 {
				return
			}
			if t.writes == writes {
				k, v = c.Next()
			} else { // A write moves what the cursor stands on.
				k, v = c.Seek([]byte(key + "\x00"))
			}
		}
	}
}

func (t *tx) Fail(err error) {
	t.check()
	if t.failed == nil {
		t.failed = err
	}
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
	k := []byte(key)
	t.remember(k)
	if err := t.bucket.Put(k, value); err != nil {
		t.Fail(err)
	}
}

func (t *tx) Delete(key string) {
	t.check()
	k := []byte(key)
	t.remember(k)
	if err := t.bucket.Delete(k); err != nil {
		t.Fail(err)
	}
}
