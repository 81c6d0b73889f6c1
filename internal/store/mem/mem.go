// Package mem is the engine that keeps everything in memory: a copy-on-write
// B-tree whose readers work on snapshots and never wait for a writer.
package mem

import (
	"context"
	"iter"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"github.com/waxseal/waxseal/internal/store"
)

type item struct {
	key   string
	value []byte
}

type tree = btree.BTreeG[item]

// degree is that of the B-tree. An update copies the nodes on its path, so
// that small nodes make cheap updates and large ones make cheap scans.
const degree = 16

func newTree() *tree {
	return btree.NewBTreeGOptions(func(a, b item) bool { return a.key < b.key },
		btree.Options{NoLocks: true, Degree: degree})
}

// Engine implements store.Engine.
type Engine struct {
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	writer sync.Mutex
	// latest is the last committed state, of which every update makes its copy.
	// IsoCopy writes to the tree that it copies, so only writers touch it.
	latest *tree
	// published is another copy of the same state, never written to: the readers'.
	published atomic.Pointer[tree]
}

// New is an empty engine.
func New() *Engine {
	e := new(Engine)
	e.commit(newTree())
	return e
}

// commit makes t the state. The caller is the only writer.
func (e *Engine) commit(t *tree) {
	e.latest = t
	e.published.Store(t.IsoCopy())
}

// View implements store.Engine.
func (e *Engine) View(ctx context.Context, read func(store.Reader) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	t := &tx{tree: e.published.Load()}
	defer t.close()
	return t.result(read(t))
}

// Update implements store.Engine. The closure runs once.
func (e *Engine) Update(ctx context.Context, write func(store.Tx) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	e.writer.Lock()
	defer e.writer.Unlock()
	t := &tx{tree: e.latest.IsoCopy()}
	defer t.close()
	if err := t.result(write(t)); err != nil {
		return err
	}
	if t.writes > 0 {
		e.commit(t.tree)
	}
	return nil
}

// Clear implements store.Engine.
func (e *Engine) Clear(ctx context.Context) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	e.writer.Lock()
	defer e.writer.Unlock()
	e.commit(newTree())
	return nil
}

// Close implements store.Engine.
func (e *Engine) Close() error {
	e.close.Do(func() {
		e.open.Lock() // and never unlocked
		e.commit(newTree())
	})
	return nil
}

// enter begins a transaction; where it succeeds the caller unlocks e.open.
func (e *Engine) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !e.open.TryRLock() {
		return store.ErrClosed
	}
	return nil
}

// tx is one transaction, on a tree that is its own or that nobody changes.
type tx struct {
	tree   *tree
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

func (t *tx) Get(key string) []byte {
	t.check()
	i, _ := t.tree.Get(item{key: key})
	return i.value
}

func (t *tx) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		t.check()
		// A write moves what the tree's own iteration stands on: then it is
		// begun anew behind the last key.
		for from, more := max(prefix, from), true; more; {
			more = false
			writes := t.writes
			t.tree.Ascend(item{key: from}, func(i item) bool {
				if !strings.HasPrefix(i.key, prefix) || !yield(i.key, i.value) {
					return false
				}
				if t.writes != writes {
					from, more = i.key+"\x00", true
				}
				return !more
			})
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
	t.tree.Set(item{key, value})
}

func (t *tx) Delete(key string) {
	t.check()
	t.writes++
	t.tree.Delete(item{key: key})
}
