package sqs

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/store"
)

// errDue: something in the queue is to be settled first.
var errDue = errors.New("sqs: something is due")

// count is how many messages of a queue are in which state now. What is due and
// was not looked at yet is settled first, so that the counts are exact.
func (s *Service) count(ctx context.Context, q *queue) (counts, error) {
	for {
		var n counts
		var due bool
		now := s.Clock.Now()
		err := s.Engine.View(ctx, func(r store.Reader) error {
			current, err := s.get(ctx, r, q.name())
			if err != nil {
				return err
			}
			l := look(r, current, now)
			n, due = l.counts(), l.due()
			return nil
		})
		if err != nil || !due {
			return n, err
		}
		if err := s.settle(ctx, q.name()); err != nil {
			return n, err
		}
	}
}

// settle settles some of what is due in a queue.
func (s *Service) settle(ctx context.Context, n name) error {
	now := s.Clock.Now()
	return s.Engine.Update(ctx, func(tx store.Tx) error {
		q, err := s.get(ctx, tx, n)
		if err != nil {
			return err
		}
		r := openRoom(tx, q, now)
		r.settle()
		r.close()
		return nil
	})
}
