// Package trial tries out what would happen: on a copy of a Runtime's state, which is
// dropped afterwards, or written back as one transaction.
//
// A trial is made by one goroutine. Its services do nothing in the background: Settle does
// that, so that nobody has to wait and nothing depends on who is faster. Its clock stands
// still until it is turned, and leaps to the end of a wait, such as a long poll, because
// nobody else could end it.
package trial

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/draft"
)

// Trial is a Runtime on a copy of another one's state.
type Trial struct {
	*runtime.Runtime
	Clock *clock.Turnable
	draft *draft.Engine
}

// On runs try with a Trial of the state as it is at one moment, and at that time. Nothing
// that it does is kept, and nothing leaves.
func On(ctx context.Context, rt *runtime.Runtime, try func(*Trial) error) error {
	return rt.Config().Engine.View(ctx, func(r store.Reader) error { return run(rt, draft.Over(r), try) })
}

// Change is On, except that what is done is done to the state, in one transaction with what
// change writes itself; nothing is where change fails. Other writers wait for change, which
// may run again and touches nothing but the Trial and the transaction.
func Change(ctx context.Context, rt *runtime.Runtime, change func(*Trial, store.Tx) error) error {
	err := rt.Config().Engine.Update(ctx, func(tx store.Tx) error {
		changed := draft.Over(tx)
		if err := run(rt, changed, func(t *Trial) error { return change(t, tx) }); err != nil {
			return err
		}
		changed.WriteTo(tx)
		return nil
	})
	for _, s := range rt.Services() {
		if s, ok := s.(interface{ Refresh(context.Context) error }); ok && err == nil {
			err = s.Refresh(ctx)
		}
	}
	return err
}

func run(rt *runtime.Runtime, engine *draft.Engine, do func(*Trial) error) error {
	c := rt.Config()
	c.Engine, c.Clock, c.IDs, c.Log = engine, clock.NewLeaping(rt.Now()), ids.New(), slog.New(slog.DiscardHandler)
	c.Trial = true
	t := &Trial{runtime.New(c), c.Clock, engine}
	defer t.Close()
	return do(t)
}

// maxRounds bounds Settle, for deliveries may go round in circles.
const maxRounds = 100

// Settle does what the services would do in the background, such as deliveries, until
// nothing of it is due.
func (t *Trial) Settle(ctx context.Context) error {
	before := -1
	for range maxRounds {
		if before == t.draft.Updates() {
			break
		}
		before = t.draft.Updates()
		for _, s := range t.Services() {
			if s, ok := s.(interface{ CatchUp(context.Context) error }); ok {
				if err := s.CatchUp(ctx); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
