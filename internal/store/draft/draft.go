// Package draft is an engine on top of another: it reads what the other holds,
// and keeps all writes to itself until they are committed at once. So
// preparations that fail half-way leave no trace.
//
// Nothing else may write to the other engine meanwhile: a draft would not
// notice, and its Commit would overwrite it. A draft over a transaction (Over)
// does not have that limit: it goes by what the transaction sees.
package draft

import (
	"context"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/btree"
)

// Engine implements store.Engine.
type Engine struct {
	base store.Engine
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	writer sync.Mutex  // one update at a time
	mu     sync.Mutex  // guards own
	own    *btree.Tree // the writes, where a nil value deletes; it is replaced, never changed
	made   int         // updates that wrote
}

// New is an empty draft over base.
func New(base store.Engine) *Engine {
	return &Engine{base: base, own: new(btree.Tree)}
}

// Over is a draft over what a transaction sees, to be used only within the
// transaction's closure. It is not durable: what is written to it is lost, unless
// WriteTo writes it in the end.
func Over(r store.Reader) *Engine { return New(&seen{reader: r}) }

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

// copied is a copy of the writes so far, for the caller alone.
func (e *Engine) copied() *btree.Tree {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.own.Copy()
}

// View implements store.Engine.
func (e *Engine) View(ctx context.Context, read func(store.Reader) error) error {
	_, err := e.run(ctx, func(t *tx) error { return read(t) })
	return err
}

// Update implements store.Engine. The closure runs once.
func (e *Engine) Update(ctx context.Context, write func(store.Tx) error) error {
	e.writer.Lock()
	defer e.writer.Unlock()
	wrote := false
	own, err := e.run(ctx, func(t *tx) error {
		defer func() { wrote = t.wrote }()
		return write(t)
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.own = own
	if wrote {
		e.made++
	}
	return nil
}

// Updates is how many updates have written something. Where it stays the same, nothing
// has changed.
func (e *Engine) Updates() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.made
}

// run runs a transaction and answers the writes with its own among them.
func (e *Engine) run(ctx context.Context, closure func(*tx) error) (*btree.Tree, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.open.RUnlock()
	own := e.copied()
	err := e.base.View(ctx, func(r store.Reader) error {
		t := &tx{base: r, own: own}
		defer func() { t.done = true }()
		err := closure(t)
		if t.failed != nil {
			return t.failed
		}
		return err
	})
	return own, err
}

// Durable implements store.Engine.
func (e *Engine) Durable() bool { return e.base.Durable() }

// Clear implements store.Engine.
func (e *Engine) Clear(ctx context.Context) error {
	return e.Update(ctx, func(tx store.Tx) error {
		for key := range tx.Scan("", "", store.All) {
			tx.Delete(key)
		}
		return nil
	})
}

// Commit writes all that was written to the draft into the engine under it, or
// nothing of it; where nothing was written it does not touch that engine.
func (e *Engine) Commit(ctx context.Context) error {
	own := e.copied()
	if own.Empty() {
		return nil
	}
	return e.base.Update(ctx, func(tx store.Tx) error {
		writeAll(own, tx)
		return nil
	})
}

// WriteTo writes all that was written to the draft in a transaction of another engine,
// such as the one that the draft is over.
func (e *Engine) WriteTo(tx store.Tx) { writeAll(e.copied(), tx) }

func writeAll(own *btree.Tree, tx store.Tx) {
	own.Ascend("", func(key string, value []byte) bool {
		if value == nil {
			tx.Delete(key)
		} else {
			tx.Put(key, value)
		}
		return true
	})
}

// Close implements store.Engine. What was not committed is dropped; the engine
// under it stays open.
func (e *Engine) Close() error {
	e.close.Do(func() { e.open.Lock() }) // and never unlocked
	return nil
}
