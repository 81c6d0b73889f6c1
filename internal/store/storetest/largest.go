package storetest

import (
	"context"
	"sync/atomic"

	"github.com/waxseal/waxseal/internal/store"
)

// Largest is an engine that notes how many keys its largest update wrote: for
// tests that transactions stay short.
type Largest struct {
	store.Engine
	writes atomic.Int64
}

// Writes is how many puts and deletions the largest update made since the last call.
func (l *Largest) Writes() int { return int(l.writes.Swap(0)) }

// Update implements store.Engine.
func (l *Largest) Update(ctx context.Context, write func(store.Tx) error) error {
	return l.Engine.Update(ctx, func(tx store.Tx) error {
		counted := &countedTx{Tx: tx}
		err := write(counted)
		for before := l.writes.Load(); before < counted.writes && !l.writes.CompareAndSwap(before, counted.writes); {
			before = l.writes.Load()
		}
		return err
	})
}

type countedTx struct {
	store.Tx
	writes int64
}

// Put implements store.Tx.
func (t *countedTx) Put(key string, value []byte) {
	t.writes++
	t.Tx.Put(key, value)
}

// Delete implements store.Tx.
func (t *countedTx) Delete(key string) {
	t.writes++
	t.Tx.Delete(key)
}
