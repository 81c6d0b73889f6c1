// Package bolt is the engine that keeps everything in one bbolt file: an
// update that has returned is on the disk, and survives kill -9.
//
// # Group commit
//
// An fsync costs a hundred times what a closure does, so updates share it. An
// update that finds no other runs and commits on its caller's own goroutine.
// All others queue up, and the committer, a goroutine of the engine, takes what
// has queued up while the last commit ran, runs one closure after the other in
// one bbolt transaction, commits, and releases them all. The committer never
// waits for further updates. Each closure has an undo log, so that its error or
// panic undoes only its own writes.
//
// The panic of a closure that the committer ran continues in the goroutine of
// the Update's caller, without the original stack. (On package mem's engine it
// keeps its stack.)
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
	"sync/atomic"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// Engine implements store.Engine.
type Engine struct {
	db *bbolt.DB
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	turn sync.Mutex // held while closures run and are committed
	// tx is the transaction that updates write in, nil until the first begins
	// it. It belongs to the holder of turn.
	tx *bbolt.Tx
	// wrote: an update that succeeded has written in tx.
	wrote bool

	queue   chan *request // to the committer
	queued  atomic.Int64  // requests that are not done yet
	stopped chan struct{} // closed when the committer has ended

	cleared  chan struct{} // to the sweep: there is something
	closing  chan struct{} // closed when the sweep is to end
	sweeping sync.WaitGroup
}

func newEngine(db *bbolt.DB) *Engine {
	e := &Engine{
		db: db, queue: make(chan *request, maxBatch), stopped: make(chan struct{}),
		cleared: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	go e.commitLoop()
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

// Update implements store.Engine. The closure runs once, perhaps on another
// goroutine.
func (e *Engine) Update(ctx context.Context, write func(store.Tx) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	if e.queued.Load() == 0 && e.turn.TryLock() {
		return e.alone(write)
	}
	return e.enqueue(&request{ctx: ctx, write: write, done: make(chan struct{})})
}

// Durable implements store.Engine.
func (*Engine) Durable() bool { return true }

// Close implements store.Engine.
func (e *Engine) Close() error {
	var err error
	e.close.Do(func() {
		e.open.Lock() // and never unlocked: nobody sends to the queue any more
		close(e.queue)
		<-e.stopped
		close(e.closing)
		e.sweeping.Wait()
		err = e.db.Close()
	})
	return err
}

// alone runs an update that found the turn free, and ends the turn.
func (e *Engine) alone(write func(store.Tx) error) (err error) {
	defer e.turn.Unlock()
	defer func() {
		if failed := e.end(); err == nil {
			err = failed
		}
	}()
	return e.apply(write, false)
}

// apply runs a closure in the current transaction. With undo, where it does
// not succeed its writes are taken back.
func (e *Engine) apply(write func(store.Tx) error, undo bool) error {
	if e.tx == nil {
		btx, err := e.db.Begin(true)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		e.tx = btx
	}
	t := &tx{bucket: e.tx.Bucket(stateBucket), logging: undo}
	defer t.close()
	succeeded := false
	defer func() {
		if !succeeded { // an error, a panic, or the end of the goroutine
			t.takeBack()
		}
	}()
	if err := t.result(write(t)); err != nil {
		return err
	}
	succeeded = true
	e.wrote = e.wrote || t.writes > 0
	return nil
}

// end commits the current transaction, if there is one, or discards it where
// no update that succeeded has written.
func (e *Engine) end() error {
	if e.tx == nil {
		return nil
	}
	tx, wrote := e.tx, e.wrote
	e.tx, e.wrote = nil, false
	var err error
	if wrote {
		err = tx.Commit()
	} else {
		err = tx.Rollback()
	}
	if err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}
