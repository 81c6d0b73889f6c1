// Package rerun has engines that hold closures to the rules of package store: an
// engine may run a closure again, so it must do the same the second time.
package rerun

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/draft"
)

// Twice is e with every closure run twice in its transaction; what the first run
// of an update's wrote is discarded, and so is its result.
func Twice(e store.Engine) store.Engine { return twice{e} }

type twice struct{ store.Engine }

// View implements store.Engine.
func (e twice) View(ctx context.Context, read func(store.Reader) error) error {
	return e.Engine.View(ctx, func(r store.Reader) error {
		discard(ctx, within{r}, func(tx store.Tx) error { return read(tx) })
		return read(r)
	})
}

// Update implements store.Engine.
func (e twice) Update(ctx context.Context, write func(store.Tx) error) error {
	return e.Engine.Update(ctx, func(tx store.Tx) error {
		discard(ctx, within{tx}, write)
		return write(tx)
	})
}

// Conflicting is e with every update run as by an engine that finds a conflict
// only when it commits: the first run is of a state that others may have
// changed since, beside their updates, and comes to nothing; the second is in turn.
func Conflicting(e store.Engine) store.Engine { return conflicting{e} }

type conflicting struct{ store.Engine }

// Update implements store.Engine.
func (e conflicting) Update(ctx context.Context, write func(store.Tx) error) error {
	began := false
	discard(ctx, e.Engine, func(tx store.Tx) error {
		began = true
		return write(tx)
	})
	if began { // an update that has begun is carried through
		ctx = context.WithoutCancel(ctx)
	}
	return e.Engine.Update(ctx, write)
}

// discard runs a closure on what e holds. Whatever it did is gone, but for what
// it did elsewhere than in its transaction.
func discard(ctx context.Context, e store.Engine, write func(store.Tx) error) {
	_ = draft.New(e).Update(ctx, write)
}

// within is the engine of what a running transaction sees, for nothing but views.
type within struct{ reader store.Reader }

func (e within) View(_ context.Context, read func(store.Reader) error) error { return read(e.reader) }

func (within) Update(context.Context, func(store.Tx) error) error { panic("rerun: views only") }

func (within) Durable() bool { panic("rerun: views only") }

func (within) Clear(context.Context) error { panic("rerun: views only") }

func (within) Close() error { return nil }
