package sqs

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
)

// DeleteMessageInput is the input of DeleteMessage.
type DeleteMessageInput struct {
	QueueUrl      string `check:"required"`
	ReceiptHandle string `check:"required"`
}

func (in *DeleteMessageInput) queue() string { return in.QueueUrl }

// DeleteMessageOutput is the output of DeleteMessage.
type DeleteMessageOutput struct{}

// DeleteMessage deletes a received message. Deleting again is no error, nor is
// the handle of an earlier receive, but then the message stays. On a FIFO queue
// a handle expires with its visibility timeout (Q172).
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html.
func (s *Service) DeleteMessage(ctx context.Context, in *DeleteMessageInput) (*DeleteMessageOutput, error) {
	q, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.onReceipts(ctx, q, []string{in.ReceiptHandle}, (*room).delete)[0]; err != nil {
		return nil, err
	}
	return &DeleteMessageOutput{}, nil
}

// held is a message as a receipt handle means it.
type held struct {
	receipt
	handle string
	group  string
	// state is nil where the message is gone.
	state *state
}

// latest reports whether the handle is that of the last receive.
func (h *held) latest() bool { return h.state != nil && h.state.receives == h.receives }

// delete deletes a message.
func (r *room) delete(_ int, h *held) error {
	switch {
	case !h.latest():
		return nil
	case r.q.fifo && h.state.deadline <= r.now:
		return expiredHandle(h.handle)
	}
	r.remove(h.order, h.group, h.state)
	return nil
}

func expiredHandle(handle string) error {
	return badValue(handle, "ReceiptHandle", "The receipt handle has expired.")
}

// onReceipts does something to the messages of receipt handles, in one
// transaction. It answers what became of each; where the whole fails, all fail with that.
func (s *Service) onReceipts(ctx context.Context, q *queue, handles []string, do func(*room, int, *held) error) []error {
	errs := make([]error, len(handles))
	receipts := make([]receipt, len(handles))
	for i, handle := range handles {
		receipts[i], errs[i] = s.handles.open(ctx, q.arn, handle)
	}
	opened := errs
	now := s.Clock.Now()
	err := s.Engine.Update(ctx, func(tx store.Tx) error {
		errs = make([]error, len(handles))
		current, err := s.get(ctx, tx, q.name())
		if err != nil {
			return err
		}
		r := openRoom(tx, current, now)
		for i := range handles {
			if errs[i] = opened[i]; errs[i] == nil {
				errs[i] = do(r, i, r.hold(receipts[i], handles[i]))
			}
		}
		if r.n != r.counts() {
			r.close()
		}
		return nil
	})
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	s.waiters.wake(q.arn)
	return errs
}

// hold is the message of a receipt. One that is too old is gone, though nobody looked yet.
func (r *room) hold(rc receipt, handle string) *held {
	h := &held{receipt: rc, handle: handle}
	if rc.room != r.q.Room || r.expired(rc.order) {
		return h
	}
	if r.q.fifo {
		m := r.message(rc.order)
		if m == nil {
			return h
		}
		h.group = m.Group
	}
	h.state = r.state(rc.order, h.group)
	return h
}
