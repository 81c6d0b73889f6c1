package mem

import (
	"iter"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/btree"
)

// snapshot is a reading transaction: base does not change while it runs.
type snapshot struct {
	base   *btree.Tree
	failed error
	done   bool
}

// result is the error of the transaction whose closure returned err.
func (s *snapshot) result(err error) error {
	if s.failed != nil {
		return s.failed
	}
	return err
}

func (s *snapshot) close() { s.done = true }

func (s *snapshot) check() {
	if s.done {
		panic("store: a transaction is used after its closure has returned")
	}
}

func (s *snapshot) Get(key string) []byte {
	s.check()
	value, _ := s.base.Get(key)
	return value
}

func (s *snapshot) GetMany(keys []string) [][]byte { return getMany(s, keys) }

func getMany(r store.Reader, keys []string) [][]byte {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = r.Get(key)
	}
	return values
}

func (s *snapshot) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		s.check()
		s.scan(prefix, max(prefix, from), limit, yield)
	}
}

func (s *snapshot) scan(prefix, from string, limit int, yield func(string, []byte) bool) {
	left := limit
	for at := s.base.Seek(from); at.Under(prefix) && yield(at.Key(), at.Value()); at.Step() {
		if left--; left == 0 {
			return
		}
	}
}

func (s *snapshot) Fail(err error) {
	s.check()
	if s.failed == nil {
		s.failed = err
	}
}

// tx is an update: a snapshot and over it the update's own writes.
type tx struct {
	snapshot
	own writes
}

func (t *tx) Get(key string) []byte {
	t.check()
	if value, ok := t.own.get(key); ok {
		return value
	}
	return t.snapshot.Get(key)
}

func (t *tx) GetMany(keys []string) [][]byte { return getMany(t, keys) }

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
	t.own.set(key, value)
}

func (t *tx) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		t.check()
		from, left := max(prefix, from), limit
		if t.own.made == 0 {
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
	t.scan(prefix, from, limit, func(key string, value []byte) bool {
		if !yield(key, value) {
			return false
		}
		left--
		if t.own.made > 0 && left != 0 {
			next = key + "\x00"
		}
		return next == ""
	})
	return next, left
}

func (t *tx) scanBoth(prefix, from string, limit int, yield func(string, []byte) bool) {
	base, own := treeCursor(t.base, prefix, from), t.own.cursor(prefix, from)
	for left := limit; ; {
		made := t.own.made
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
		if t.own.made != made { // which moves what the cursor stands on
			own = t.own.cursor(prefix, next.key+"\x00")
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
