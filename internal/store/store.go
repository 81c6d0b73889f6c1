// Package store keeps waxseal's state: one ordered key-value space with
// transactions, behind interchangeable engines (mem, bolt, journal).
//
// The rules are those of a distributed engine, whichever engine is used. A closure may
// run more than once (an engine that finds a conflict at the commit runs it again by
// itself). It uses only its transaction, never blocks and never calls another service.
// Its results it assigns to variables of its caller, completely in every run: it does
// not append to a list that an earlier run has filled. Package storetest/rerun holds
// the services' tests to that.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Engine runs transactions. Reads in a transaction see one consistent state;
// an Update sees the effects of every Update that returned before it began.
// Every method is safe for concurrent use.
//
// A transaction does not begin when its context is done (it fails with the
// context's error) or the engine is closed (ErrClosed). One that has begun is
// completed, because closures are short.
type Engine interface {
	// View runs a reading closure. It returns the closure's error, or that of
	// a read that failed.
	View(ctx context.Context, read func(Reader) error) error
	// Update runs a writing closure, again where it conflicts with another, and commits what it wrote, all or nothing;
	// an error from the closure, from a read or from a write discards it, and
	// so does a panic, which goes on to the caller. When Update returns nil the
	// writes are as durable as the engine makes them.
	Update(ctx context.Context, write func(Tx) error) error
	// Durable reports whether what is written outlives the process.
	Durable() bool
	// Clear deletes every key.
	Clear(ctx context.Context) error
	// Close waits for running transactions and releases what the engine holds.
	// Closing again does nothing.
	Close() error
}

// Reader reads within a transaction. A read that fails returns nothing, as for
// a missing key, and makes the transaction fail with its error, whatever the
// closure returns. A Reader is used by one goroutine, and not after its closure
// has returned: then it panics.
//
// Values must not be changed. They may be kept: no engine reuses their memory.
type Reader interface {
	// Get is the value of key; nil where there is none.
	Get(key string) []byte
	// GetMany is what Get returns for each of the keys, in their order. An
	// engine whose data is on another machine asks for all of them at once.
	GetMany(keys []string) [][]byte
	// Scan yields the keys with the given prefix in order, from the first that
	// is not less than from ("" for all), and no more than limit of them (All
	// for no limit): an engine reads no further than it must. What a Tx puts or
	// deletes within the prefix while scanning may or may not be seen; every
	// other key is, once.
	Scan(prefix, from string, limit int) iter.Seq2[string, []byte]
	// Fail makes the transaction fail with err: a value that cannot be decoded.
	// The first failure counts.
	Fail(err error)
}

// Tx reads and writes within a transaction, and sees its own writes.
type Tx interface {
	Reader
	// Put sets the value of key. The transaction keeps value: do not change it
	// afterwards. An empty value is a value. A key of no bytes or of more than
	// MaxKeySize fails the transaction.
	Put(key string, value []byte)
	// Delete removes key, if it is there.
	Delete(key string)
}

// All is the limit of a scan that has none.
const All = 0

// MaxKeySize is the length of the longest key in bytes.
const MaxKeySize = 32 << 10

// ErrClosed is the error of a transaction on a closed engine.
var ErrClosed = errors.New("store: closed")

// CheckKey is the error of a key that no engine stores.
func CheckKey(key string) error {
	if n := len(key); n == 0 || n > MaxKeySize {
		return fmt.Errorf("store: a key of %d bytes: 1 to %d are allowed", n, MaxKeySize)
	}
	return nil
}
