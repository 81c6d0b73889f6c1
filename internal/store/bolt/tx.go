package bolt

import (
	"bytes"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// tx is one transaction.
type tx struct {
	bucket *bbolt.Bucket
	writes int
	failed error
	done   bool
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
	t.writes++
	if err := t.bucket.Put([]byte(key), value); err != nil {
		t.Fail(err)
	}
}

func (t *tx) Delete(key string) {
	t.check()
	t.writes++
	if err := t.bucket.Delete([]byte(key)); err != nil {
		t.Fail(err)
	}
}
