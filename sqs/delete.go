package sqs

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
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

// DeleteMessage deletes a received message. Deleting again is no error. A
// standard queue deletes by the handle of any receive, whoever has received the
// message since ([Q171] [Q171a]); on a FIFO queue a handle expires with its
// visibility timeout [Q172].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html.
func (s *Service) DeleteMessage(ctx context.Context, in *DeleteMessageInput) (*DeleteMessageOutput, error) {
	return api.Do(ctx, in, onQueue[*DeleteMessageInput](s), s.deleteMessage)
}

func (s *Service) deleteMessage(ctx context.Context, q *queue, in *DeleteMessageInput) (*DeleteMessageOutput, error) {
	if err := s.onReceipt(ctx, q, in.ReceiptHandle, (*backlog).delete); err != nil {
		return nil, err
	}
	return &DeleteMessageOutput{}, nil
}

// DeleteMessageBatchInput is the input of DeleteMessageBatch.
type DeleteMessageBatchInput struct {
	QueueUrl string                           `check:"required"`
	Entries  []DeleteMessageBatchRequestEntry `query:"DeleteMessageBatchRequestEntry,flat"`
}

func (in *DeleteMessageBatchInput) queue() string { return in.QueueUrl }

// DeleteMessageBatchRequestEntry is one message to delete.
type DeleteMessageBatchRequestEntry struct {
	Id            string
	ReceiptHandle string
}

func (e DeleteMessageBatchRequestEntry) id() string { return e.Id }

// DeleteMessageBatchOutput is the output of DeleteMessageBatch.
type DeleteMessageBatchOutput struct {
	Successful []DeleteMessageBatchResultEntry `query:"DeleteMessageBatchResultEntry,flat"`
	Failed     []BatchResultErrorEntry         `query:"BatchResultErrorEntry,flat"`
}

// DeleteMessageBatchResultEntry is a message that was deleted.
type DeleteMessageBatchResultEntry struct{ Id string }

// DeleteMessageBatch deletes up to ten messages, each as DeleteMessage does.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html.
func (s *Service) DeleteMessageBatch(ctx context.Context, in *DeleteMessageBatchInput) (*DeleteMessageBatchOutput, error) {
	return api.Do(ctx, in, onQueue[*DeleteMessageBatchInput](s), s.deleteMessageBatch)
}

func (s *Service) deleteMessageBatch(ctx context.Context, q *queue, in *DeleteMessageBatchInput) (*DeleteMessageBatchOutput, error) {
	if err := checkBatch(in.Entries, "DeleteMessageBatchRequestEntry"); err != nil {
		return nil, err
	}
	handles := make([]string, len(in.Entries))
	for i, e := range in.Entries {
		handles[i] = e.ReceiptHandle
	}
	errs, err := s.onReceipts(ctx, q, handles, (*backlog).delete)
	if err != nil {
		return nil, err
	}
	out := new(DeleteMessageBatchOutput)
	for i, e := range in.Entries {
		if errs[i] != nil {
			out.Failed = append(out.Failed, failed(e.Id, errs[i]))
		} else {
			out.Successful = append(out.Successful, DeleteMessageBatchResultEntry{e.Id})
		}
	}
	return out, nil
}

// held is the message that a receipt handle means, with the receipt.
type held struct {
	receipt
	handle string
	group  string
	// state is nil where the message is gone.
	state *state
}

// inFlight reports whether the message is in flight, by that receive or by a later one.
func (h *held) inFlight(b *backlog) bool { return h.state.deadline > b.now }

// expired reports whether the handle has expired: on a FIFO queue it does so
// with the visibility timeout of its receive, on a standard queue never.
func (h *held) expired(b *backlog) bool {
	return b.q.fifo && (h.state.receives != h.receives || !h.inFlight(b))
}

// delete deletes a message.
func (b *backlog) delete(_ int, h *held) error {
	switch {
	case h.state == nil: // [Q153] [Q170]
	case h.expired(b):
		return errHandleExpired
	default:
		b.remove(h.order, h.group, h.state)
	}
	return nil
}

// errHandleExpired is the error of a batch's entry with an expired handle [Q171b].
// An operation on one message answers another [Q172].
var errHandleExpired = ErrReceiptHandle.With("The receipt handle has expired")

// onReceipt does something to the message of one receipt handle.
func (s *Service) onReceipt(ctx context.Context, q *queue, handle string, do func(*backlog, int, *held) error) error {
	errs, err := s.onReceipts(ctx, q, []string{handle}, do)
	if err != nil {
		return err
	}
	if e, _ := errors.AsType[*api.Error](errs[0]); e == errHandleExpired {
		return badValue(handle, "ReceiptHandle", "The receipt handle has expired.")
	}
	return errs[0]
}

// onReceipts does something to the messages of receipt handles, in one
// transaction. It answers each one's error.
func (s *Service) onReceipts(ctx context.Context, q *queue, handles []string, do func(*backlog, int, *held) error) ([]error, error) {
	signer, err := s.handles.signer(ctx, q)
	if err != nil {
		return nil, err
	}
	receipts, bad := make([]receipt, len(handles)), make([]error, len(handles))
	for i, handle := range handles {
		if handle == "" {
			bad[i] = missing("ReceiptHandle")
			continue
		}
		receipts[i], bad[i] = signer.receipt(handle)
	}
	var errs []error
	now := s.clock.Now()
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		errs = make([]error, len(handles))
		if err := confirm(tx, q); err != nil {
			return err
		}
		b := openBacklog(tx, q, now)
		for i := range handles {
			if errs[i] = bad[i]; errs[i] == nil {
				errs[i] = do(b, i, b.hold(receipts[i], handles[i]))
			}
		}
		b.close()
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.waiters.wake(q.arn) // a group is free, or a deadline nearer
	return errs, nil
}

// hold is the message of a receipt. A message that is too old counts as gone, even if
// it was not removed yet.
func (b *backlog) hold(rc receipt, handle string) *held {
	h := &held{receipt: rc, handle: handle}
	if rc.backlog != b.q.Backlog || b.expired(rc.order) {
		return h
	}
	if b.q.fifo || b.n.grouped > 0 {
		var found bool
		if h.group, found = groupOf(b.tx.Get(b.key(keyMessage, string(rc.order)))); !found {
			return h
		}
	}
	h.state = b.state(rc.order, h.group)
	return h
}
