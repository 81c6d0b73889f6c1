// Package mem is the engine that keeps everything in memory: a B-tree whose
// readers work on snapshots.
//
// An update gathers its writes beside the tree; its commit applies them. Where
// no view is running, which is nearly always, they go into the tree itself;
// where one is, into a copy-on-write copy, so that the view does not change. So
// views never wait for the closure of an update, nor updates for that of a
// view: a view waits at most for the few microseconds in which a commit is
// applied, an update only for other updates.
package mem

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/btree"
)

// version is a state that views read.
type version struct {
	tree *btree.Tree
	// views is how many are reading. It grows only while the version is the
	// current one; when it is 0, the tree may be changed.
	views atomic.Int64
}

// Engine implements store.Engine.
type Engine struct {
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	writer sync.Mutex // one update at a time
	memory []item     // memory for the writes of the running update

	// mu guards current and, while it has no views, its tree. No closure runs under it.
	mu      sync.RWMutex
	current *version
}

// New is an empty engine.
func New() *Engine { return &Engine{current: &version{tree: new(btree.Tree)}} }

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

// View implements store.Engine.
func (e *Engine) View(ctx context.Context, read func(store.Reader) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	e.mu.RLock()
	v := e.current
	v.views.Add(1)
	e.mu.RUnlock()
	defer v.views.Add(-1)
	t := &snapshot{base: v.tree}
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
	// Only the holder of writer changes the current version or its tree.
	t := &tx{snapshot{base: e.current.tree}, writes{few: e.memory}}
	defer func() {
		t.close()
		clear(t.own.few)
		e.memory = t.own.few[:0]
	}()
	if err := t.result(write(t)); err != nil {
		return err
	}
	if t.own.made > 0 {
		e.commit(t)
	}
	return nil
}

func (e *Engine) commit(t *tx) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current.views.Load() > 0 {
		e.current = &version{tree: e.current.tree.Copy()}
	}
	t.own.apply(e.current.tree)
}

// Durable implements store.Engine.
func (*Engine) Durable() bool { return false }

// Clear implements store.Engine.
func (e *Engine) Clear(ctx context.Context) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	e.writer.Lock()
	defer e.writer.Unlock()
	e.clear()
	return nil
}

func (e *Engine) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.current = &version{tree: new(btree.Tree)}
}

// Close implements store.Engine.
func (e *Engine) Close() error {
	e.close.Do(func() {
		e.open.Lock() // and never unlocked
		e.clear()
	})
	return nil
}
