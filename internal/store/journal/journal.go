// Package journal is the engine of a data folder. What it holds is in memory, where it
// is read; a log and a bbolt file keep it.
//
// # The log
//
// An update is written to the log before it is seen: one record with all its writes, its
// number and a checksum, at the end of a file. With Full, the record is on the disk when
// the update returns: one fsync, where a commit of bbolt's takes two and writes a path of
// pages besides, which gets longer with what is stored. With Relaxed, the record has been
// given to the operating system, which writes it when it likes. So an update survives
// kill -9 either way, and a crash of the machine only with Full.
//
// # The file
//
// When the log has grown to segmentSize, or to quietSize and nothing is written for a
// while, it goes on in a second file, and a goroutine applies the first to the bbolt file,
// in pieces, each in one transaction that also notes the number of its last record (a
// checkpoint). So a burst of updates does not pay for being written twice while it lasts.
// Then the first file may be overwritten: a record of an earlier round is told by its
// number. Close applies what is left and removes the log, so that the bbolt file alone is
// the state. Open applies what it finds of a log, in the order of the numbers, up to the
// first record that is missing, cut short or damaged: a state that was, whatever the disk
// has kept of the log. The numbers go on far from those of a log that was found, some of
// which may have been lost: none is ever used twice. The bbolt file itself is synced with
// every checkpoint and is never damaged.
//
// # A disk that fails
//
// A record that cannot be written leaves no trace, and the next may fit. One whose sync
// fails may be on the disk or not. No other follows it: what was acknowledged before is
// brought into the bbolt file, and the log begins anew, in new files; until both succeed,
// every update fails. A checkpoint that fails is tried again, when it is quiet or the log is full.
//
// Only one process at a time can have the bbolt file open, and whoever has it owns the log.
//
// # Group commit
//
// An fsync costs a hundred times what a closure does, so with Full updates share it. An
// update that finds no other runs and commits on its caller's own goroutine. All others
// queue up, and the committer, a goroutine of the engine, takes what has queued up while
// the last commit ran, runs one closure after the other in one transaction, writes one
// record, and releases them all. The committer never waits for further updates. Each
// closure has an undo log, so that its error or panic undoes only its own writes.
//
// The panic of a closure that the committer ran continues in the goroutine of the
// Update's caller, without the original stack.
//
// # What stays on the disk
//
// A deleted record is no longer read, but its bytes remain in the log and in the file's
// free pages until something else is written there. So whatever must never be readable
// on the disk must never be put into the store.
package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/bolt"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// Durability says what an update that has returned survives.
type Durability string

const (
	// Full is for a crash of the machine, and a power cut.
	Full Durability = "full"
	// Relaxed is for the end of the process, however it ends.
	Relaxed Durability = "relaxed"
)

// ParseDurability reads the name of one.
func ParseDurability(text string) (Durability, error) {
	switch d := Durability(text); d {
	case Full, Relaxed:
		return d, nil
	default:
		return "", fmt.Errorf("%q is neither full nor relaxed", text)
	}
}

// Engine implements store.Engine.
type Engine struct {
	durability Durability
	front      *mem.Engine  // everything, but for filed values
	file       *bolt.Engine // everything up to the last checkpoint
	mark       mark         // of the file; it belongs to the checkpoint that runs
	// open is held for reading by every transaction and, from Close on, for good.
	open  sync.RWMutex
	close sync.Once

	turn   sync.Mutex // held while closures run and are committed
	record record     // of the running update or group; it belongs to the holder of turn
	larges []string   // keys of the large values in record
	log    *log       // belongs to the holder of turn

	queue   chan *request // to the committer
	queued  atomic.Int64  // requests that are not done yet
	stopped chan struct{} // closed when the committer has ended

	// These two belong to the committer.
	quiet <-chan time.Time // when it is to look whether something is written
	seen  uint64           // the number of the last record when it looked before

	views views
	large large // belongs to the transaction of the front
}

// View implements store.Engine.
func (e *Engine) View(ctx context.Context, read func(store.Reader) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	defer e.views.begin().Done()
	return e.front.View(ctx, func(r store.Reader) error {
		t := &reader{below: r, file: e.file}
		defer t.close()
		return t.result(read(t))
	})
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

// Update implements store.Engine. The closure may run on another goroutine.
func (e *Engine) Update(ctx context.Context, write func(store.Tx) error) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	switch {
	case e.durability == Relaxed: // There is nothing that is worth sharing.
		e.turn.Lock()
	case e.queued.Load() > 0 || !e.turn.TryLock():
		return e.enqueue(&request{ctx: ctx, write: write, done: make(chan struct{})})
	}
	defer e.turn.Unlock()
	if err := e.log.makeRoom(); err != nil {
		return err
	}
	return e.front.Update(ctx, func(front store.Tx) error {
		e.begin()
		if err := e.apply(front, write, false); err != nil {
			return err
		}
		return e.commit()
	})
}

// begin begins a record.
func (e *Engine) begin() {
	e.record.reset()
	e.larges = e.larges[:0]
}

// commit writes the record to the log.
func (e *Engine) commit() error {
	if err := e.log.commit(e.record); err != nil {
		return err
	}
	for _, key := range e.larges {
		e.large[key] = e.log.round
	}
	return nil
}

// apply runs a closure in a transaction of the front. With undo, where it does not
// succeed its writes are taken back.
func (e *Engine) apply(front store.Tx, write func(store.Tx) error, undo bool) error {
	t := &tx{reader: reader{below: front, file: e.file}, front: front, engine: e, logging: undo, begin: len(e.record), larges: len(e.larges)}
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
	return nil
}

// Durable implements store.Engine.
func (*Engine) Durable() bool { return true }

// Clear implements store.Engine.
func (e *Engine) Clear(ctx context.Context) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	e.turn.Lock()
	defer e.turn.Unlock()
	if err := e.log.makeRoom(); err != nil {
		return err
	}
	e.begin()
	e.record.clear()
	ctx = context.WithoutCancel(ctx)
	if err := e.front.Update(ctx, func(store.Tx) error {
		if err := e.commit(); err != nil {
			return err
		}
		clear(e.large)
		return nil
	}); err != nil {
		return err
	}
	return e.front.Clear(ctx)
}

// Close implements store.Engine.
func (e *Engine) Close() error {
	var err error
	e.close.Do(func() {
		e.open.Lock() // and never unlocked: nobody sends to the queue any more
		close(e.queue)
		<-e.stopped
		err = errors.Join(e.log.close(), e.file.Close(), e.front.Close())
	})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
