package sqs

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"github.com/waxseal/waxseal/internal/store"
)

// counts are a backlog's numbers.
type counts struct {
	seq                        uint64 // of the newest message
	last                       int64  // milliseconds: no later message has an earlier place
	visible, inFlight, delayed int64
	tick                       uint64 // of the newest place in the line of FIFO groups
	grouped                    int64  // messages of a standard queue that have a group
	// What is due needs no look at the indexes before these, in milliseconds: no message
	// came before oldest, none waits for a time before deadline, no record of a FIFO
	// queue's memory expires before stale. 0, which nothing comes before, is not known.
	oldest, deadline, stale int64
}

const (
	countsSize = 10 * 8
	// earlierSize is that of counts of earlier versions, without what is known of the indexes.
	earlierSize = 7 * 8
)

// never is a time that is later than any other, and than the sum of two.
const never = math.MaxInt64 / 4

func (c *counts) encode() []byte {
	b := make([]byte, 0, countsSize)
	for _, n := range [...]uint64{
		c.seq, uint64(c.last), uint64(c.visible), uint64(c.inFlight), uint64(c.delayed), c.tick, uint64(c.grouped),
		uint64(c.oldest), uint64(c.deadline), uint64(c.stale),
	} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

func decodeCounts(raw []byte) counts {
	if len(raw) != countsSize && len(raw) != earlierSize {
		return counts{} // an empty backlog has no record
	}
	n := func(i int) uint64 { return binary.BigEndian.Uint64(raw[8*i:]) }
	c := counts{seq: n(0), last: int64(n(1)), visible: int64(n(2)), inFlight: int64(n(3)), delayed: int64(n(4)), tick: n(5), grouped: int64(n(6))}
	if len(raw) == countsSize {
		c.oldest, c.deadline, c.stale = int64(n(7)), int64(n(8)), int64(n(9))
	}
	return c
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
			n = v.counts()
			due = v.due(&n)
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
