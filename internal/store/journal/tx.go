package journal

import (
	"iter"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/bolt"
)

// reader reads the front (below), and filed values from the file.
type reader struct {
	below  store.Reader
	file   *bolt.Engine
	failed error
	done   bool
}

// result is the error of the transaction whose closure returned err.
func (r *reader) result(err error) error {
	if r.failed != nil {
		return r.failed
	}
	return err
}

func (r *reader) close() { r.done = true }

func (r *reader) check() {
	if r.done {
		panic("store: a transaction is used after its closure has returned")
	}
}

func (r *reader) Get(key string) []byte {
	r.check()
	return r.whole(key, r.below.Get(key))
}

func (r *reader) GetMany(keys []string) [][]byte {
	r.check()
	values := r.below.GetMany(keys)
	for i, value := range values {
		values[i] = r.whole(keys[i], value)
	}
	return values
}

func (r *reader) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		r.check()
		for key, value := range r.below.Scan(prefix, from, limit) {
			if !yield(key, r.whole(key, value)) {
				return
			}
		}
	}
}

func (r *reader) Fail(err error) {
	r.check()
	if r.failed == nil {
		r.failed = err
	}
}

// tx is an update's own turn in a transaction of the front.
type tx struct {
	reader
	front  store.Tx
	engine *Engine
	begin  int // where the update's own writes begin in the record
	larges int // and the keys of its large values
	// logging: an undo log is kept.
	logging bool
	undo    []undo
}

// undo is the value that a key had before a write; nil: none.
type undo struct {
	key   string
	value []byte
}

func (t *tx) Put(key string, value []byte) {
	t.check()
	if err := store.CheckKey(key); err != nil {
		t.Fail(err)
		return
	}
	t.remember(key)
	t.engine.record.put(key, value)
	if len(value) >= filedSize {
		t.engine.larges = append(t.engine.larges, key)
		t.engine.log.extra += largeWeight * int64(len(value))
	}
	t.front.Put(key, value)
}

func (t *tx) Delete(key string) {
	t.check()
	if store.CheckKey(key) == nil { // no other key is there
		t.remember(key)
		t.engine.record.delete(key)
		t.front.Delete(key)
	}
}

// remember notes what key holds before it is written.
func (t *tx) remember(key string) {
	if t.logging {
		t.undo = append(t.undo, undo{key, t.front.Get(key)})
	}
}

// takeBack undoes the writes, the last one first.
func (t *tx) takeBack() {
	for i := len(t.undo) - 1; i >= 0; i-- {
		if u := t.undo[i]; u.value == nil {
			t.front.Delete(u.key)
		} else {
			t.front.Put(u.key, u.value)
		}
	}
	t.engine.record, t.engine.larges = t.engine.record[:t.begin], t.engine.larges[:t.larges]
}
