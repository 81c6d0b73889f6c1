// Package store keeps waxseal's state: one ordered key-value space with
// transactions, behind interchangeable engines (mem, bolt).
//
// The rules are a distributed engine's, whichever engine runs: an Update
// closure may run more than once, touches nothing but its transaction, never
// blocks and never calls another service.
package store

import (
	"context"
	"iter"
)

// Engine runs transactions. Reads in a transaction see one consistent state;
// an Update sees the effects of every Update that returned before it began.
type Engine interface {
	// View runs a reading closure. It returns the closure's error, or that of
	// a read that failed.
	View(ctx context.Context, read func(Reader) error) error
	// Update runs a writing closure and commits what it wrote, all or nothing;
	// an error from the closure or from a read discards it. When Update
	// returns nil the writes are as durable as the engine makes them.
	Update(ctx context.Context, write func(Tx) error) error
	// Clear deletes every key.
	Clear(ctx context.Context) error
	// Close waits for running transactions and releases what the engine holds.
	Close() error
}

// Reader reads within a transaction. A read that fails answers as if nothing
// were there and fails the transaction with its error whatever the closure
// returns. Values are valid until the closure returns and must not be changed.
type Reader interface {
	// Get is the value of key; nil where there is none.
	Get(key string) []byte
	// Scan yields the keys with the given prefix in order, from the first that
	// is not less than from ("" for all). What a Tx puts or deletes within the
	// prefix while scanning may or may not be seen: collect first, then write.
	Scan(prefix, from string) iter.Seq2[string, []byte]
	// Fail makes the transaction fail with err: a value that cannot be decoded.
	Fail(err error)
}

// Tx reads and writes within a transaction, and sees its own writes.
type Tx interface {
	Reader
	// Put sets the value of key. The transaction keeps value: do not change it
	// afterwards. An empty value is a value.
	Put(key string, value []byte)
	// Delete removes key, if it is there.
	Delete(key string)
}
