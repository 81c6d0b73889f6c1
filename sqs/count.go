package sqs

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/waxseal/waxseal/internal/store"
)

// counts are a backlog's numbers.
type counts struct {
	seq                        uint64 // of the newest message
	last                       int64  // milliseconds: no later message has an earlier place
	visible, inFlight, delayed int64
	tick                       uint64 // of the newest place in the line of FIFO groups
	grouped                    int64  // messages of a standard queue that have a group
}

const countsSize = 7 * 8

func (c *counts) encode() []byte {
	b := make([]byte, 0, countsSize)
	for _, n := range [...]uint64{c.seq, uint64(c.last), uint64(c.visible), uint64(c.inFlight), uint64(c.delayed), c.tick, uint64(c.grouped)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

func decodeCounts(raw []byte) counts {
	if len(raw) != countsSize {
		return counts{} // an empty backlog has no record
	}
	n := func(i int) uint64 { return binary.BigEndian.Uint64(raw[8*i:]) }
	return counts{n(0), int64(n(1)), int64(n(2)), int64(n(3)), int64(n(4)), n(5), int64(n(6))}
}

// errDue: something in the queue has to be caught up on first.
var errDue = errors.New("sqs: something is due")

// count is how many messages of a queue are in which state now. What is due and
// was not looked at yet is caught up on first, so that the counts are exact.
func (s *Service) count(ctx context.Context, q *queue) (counts, error) {
	for {
		var n counts
		var due bool
		now := s.clock.Now()
		err := s.engine.View(ctx, func(r store.Reader) error {
			v := look(r, q, now)
			n, due = v.counts(), v.due()
			return nil
		})
		if err != nil || !due {
			return n, err
		}
		if err := s.catchUp(ctx, q); err != nil {
			return n, err
		}
	}
}

// catchUp does some of what is due in a queue, by its attributes of now.
func (s *Service) catchUp(ctx context.Context, q *queue) error {
	now := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, q); err != nil {
			return err
		}
		b := openBacklog(tx, q, now)
		b.catchUp()
		b.close()
		return nil
	})
}
