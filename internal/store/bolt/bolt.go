// Package bolt is the engine that keeps everything in one bbolt file: an
// update that has returned is on the disk, and survives kill -9. Each update
// costs a commit; package journal has an engine over it whose updates cost less.
//
// # What stays in the file
//
// A deleted record is no longer read, but its bytes remain in the file's free
// pages until something else is written there. So whatever must never be
// readable on the disk must never be put into the store.
package bolt

import (
	"context"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// Engine implements store.Engine.
type Engine struct {
	db *bbolt.DB
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	cleared  chan struct{} // to the sweep: there is something
	closing  chan struct{} // closed when the sweep is to end
	sweeping sync.WaitGroup
}

func newEngine(db *bbolt.DB) *Engine {
	e := &Engine{db: db, cleared: make(chan struct{}, 1), closing: make(chan struct{})}
	e.sweeping.Go(e.sweepLoop)
	return e
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

// View implements store.Engine.
func (e *Engine) View(ctx context.Context, read func(store.Reader) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	btx, err := e.db.Begin(false)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() { _ = btx.Rollback() }() // fails only where the transaction is over
	t := &tx{bucket: btx.Bucket(stateBucket)}
	defer t.close()
	return t.result(read(t))
}

// Update implements store.Engine. The closure runs once.
func (e *Engine) Update(ctx context.Context, write func(store.Tx) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	btx, err := e.db.Begin(true)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() { _ = btx.Rollback() }() // fails only where the transaction is over
	t := &tx{bucket: btx.Bucket(stateBucket)}
	defer t.close()
	if err := t.result(write(t)); err != nil || t.writes == 0 {
		return err
	}
	if err := btx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// Durable implements store.Engine.
func (*Engine) Durable() bool { return true }

// Close implements store.Engine.
func (e *Engine) Close() error {
	var err error
	e.close.Do(func() {
		e.open.Lock() // and never unlocked
		close(e.closing)
		e.sweeping.Wait()
		err = e.db.Close()
	})
	return err
}
