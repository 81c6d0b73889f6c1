// Package bolt is the engine that keeps everything in one bbolt file: an
// update that has returned is on the disk, and survives kill -9.
//
// # Group commit
//
// An fsync costs a hundred times what a closure does, so updates share it.
// Updates take turns on one bbolt transaction; whoever has had his turn and
// finds nobody waiting behind him commits for all of them. While he does, the
// next ones queue up. A lone writer finds nobody, and commits at once. Each
// closure runs on its caller's own goroutine with an undo log, so that an
// error or a panic takes back its own writes and nobody else's.
//
// # What stays in the file
//
// A deleted record is no longer read, but its bytes remain in the file's free
// pages until something else is written there. What must never be readable on
// the disk must never be put in the store.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// maxBatch bounds how many updates share a commit, so that a crowd of writers
// that never thins out is served too.
const maxBatch = 1024

// Engine implements store.Engine.
type Engine struct {
	db *bbolt.DB
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	waiting atomic.Int64 // updates that want the turn
	turn    sync.Mutex
	batch   *batch // the bbolt transaction that is open; guarded by turn
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
	b, err := e.run(ctx, write)
	if err != nil {
		return err
	}
	<-b.done
	return b.err
}

// run waits for the turn, runs the closure and leaves its writes in the batch
// that it returns.
func (e *Engine) run(ctx context.Context, write func(store.Tx) error) (*batch, error) {
	e.take()
	defer e.pass()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := e.begun()
	if err != nil {
		return nil, err
	}
	t := &tx{bucket: b.state, undo: make([]undo, 0, 8)}
	defer t.close()
	kept := false
	defer func() {
		if !kept { // an error, a panic, or the end of the goroutine
			t.takeBack()
		}
	}()
	if err := t.result(write(t)); err != nil {
		return nil, err
	}
	kept = true
	b.size++
	return b, nil
}

// Clear implements store.Engine.
func (e *Engine) Clear(ctx context.Context) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	e.take()
	defer e.pass()
	e.finish() // what waits to be committed came first
	err := e.db.Update(func(tx *bbolt.Tx) error {
		if err := tx.DeleteBucket(stateBucket); err != nil {
			return err
		}
		_, err := tx.CreateBucket(stateBucket)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Close implements store.Engine.
func (e *Engine) Close() error {
	var err error
	e.close.Do(func() {
		e.open.Lock() // and never unlocked
		err = e.db.Close()
	})
	return err
}

// batch is the writes that are committed together.
type batch struct {
	tx    *bbolt.Tx
	state *bbolt.Bucket
	size  int // updates that succeeded so far
	done  chan struct{}
	err   error // of the commit; read it after done
}

// take waits for the turn to write.
func (e *Engine) take() {
	e.waiting.Add(1)
	e.turn.Lock()
	e.waiting.Add(-1)
}

// pass ends a turn: it commits the batch, or leaves that to those who wait.
func (e *Engine) pass() {
	defer e.turn.Unlock()
	if e.waiting.Load() > 0 && (e.batch == nil || e.batch.size < maxBatch) {
		return
	}
	e.finish()
}

// begun is the batch that is open, or a new one.
func (e *Engine) begun() (*batch, error) {
	if e.batch == nil {
		tx, err := e.db.Begin(true)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		e.batch = &batch{tx: tx, state: tx.Bucket(stateBucket), done: make(chan struct{})}
	}
	return e.batch, nil
}

var errCommit = errors.New("store: the commit did not end")

// finish commits the open batch, if there is one, and releases who waits for it.
func (e *Engine) finish() {
	b := e.batch
	if b == nil {
		return
	}
	e.batch = nil
	b.err = errCommit // in case of a panic
	defer close(b.done)
	if b.size == 0 {
		b.err = b.tx.Rollback()
		return
	}
	if b.err = b.tx.Commit(); b.err != nil {
		b.err = fmt.Errorf("store: commit: %w", b.err)
	}
}
