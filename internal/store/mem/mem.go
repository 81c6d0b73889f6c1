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

func newTree() *tree {
	return btree.NewBTreeGOptions(func(a, b item) bool { return a.key < b.key }, btree.Options{NoLocks: true})
}

// Engine implements store.Engine.
type Engine struct {
	writer sync.Mutex
	// current is the last committed state. A published tree is never changed.
	current atomic.Pointer[tree]
}

// New is an empty engine.
func New() *Engine {
	e := new(Engine)
	e.current.Store(newTree())
	return e
}

// View implements store.Engine.
func (e *Engine) View(_ context.Context, read func(store.Reader) error) error {
	t := tx{tree: e.current.Load()}
	err := read(&t)
	if t.failed != nil {
		return t.failed
	}
	return err
}

// Update implements store.Engine. The closure runs once.
func (e *Engine) Update(_ context.Context, write func(store.Tx) error) error {
	e.writer.Lock()
	defer e.writer.Unlock()
	t := tx{tree: e.current.Load().IsoCopy()}
	if err := write(&t); t.failed == nil && err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	e.current.Store(t.tree)
	return nil
}

// Clear implements store.Engine.
func (e *Engine) Clear(context.Context) error {
	e.writer.Lock()
	defer e.writer.Unlock()
	e.current.Store(newTree())
	return nil
}

// Close implements store.Engine. There is nothing to release.
func (e *Engine) Close() error { return nil }

type tx struct {
	tree   *tree
	failed error
}

func (t *tx) Get(key string) []byte {
	i, _ := t.tree.Get(item{key: key})
	return i.value
}

func (t *tx) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		t.tree.Ascend(item{key: max(prefix, from)}, func(i item) bool {
			return strings.HasPrefix(i.key, prefix) && yield(i.key, i.value)
		})
	}
}

func (t *tx) Fail(err error) {
	if t.failed == nil {
		t.failed = err
	}
}

func (t *tx) Put(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	t.tree.Set(item{key, value})
}

func (t *tx) Delete(key string) { t.tree.Delete(item{key: key}) }
