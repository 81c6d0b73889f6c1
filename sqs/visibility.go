package sqs

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// ChangeMessageVisibilityInput is the input of ChangeMessageVisibility.
type ChangeMessageVisibilityInput struct {
	QueueUrl          string `check:"required"`
	ReceiptHandle     string `check:"required"`
	VisibilityTimeout *int32 `check:"required"`
}

func (in *ChangeMessageVisibilityInput) queue() string { return in.QueueUrl }

// ChangeMessageVisibilityOutput is the output of ChangeMessageVisibility.
type ChangeMessageVisibilityOutput struct{}

// ChangeMessageVisibility lets a message be in flight for the given seconds
// from now on: with 0 it is available at once. Altogether a message can be in
// flight for 12 hours. One that is not in flight any more stays available.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html.
func (s *Service) ChangeMessageVisibility(ctx context.Context, in *ChangeMessageVisibilityInput) (*ChangeMessageVisibilityOutput, error) {
	return api.Do(ctx, in, onQueue[*ChangeMessageVisibilityInput](s), s.changeMessageVisibility)
}

func (s *Service) changeMessageVisibility(ctx context.Context, q *queue, in *ChangeMessageVisibilityInput) (*ChangeMessageVisibilityOutput, error) {
	timeouts := []time.Duration{time.Duration(*in.VisibilityTimeout) * time.Second}
	if err := s.onReceipt(ctx, q, in.ReceiptHandle, hideFor(timeouts)); err != nil {
		return nil, err
	}
	return &ChangeMessageVisibilityOutput{}, nil
}

// ChangeMessageVisibilityBatchInput is the input of ChangeMessageVisibilityBatch.
type ChangeMessageVisibilityBatchInput struct {
	QueueUrl string                                     `check:"required"`
	Entries  []ChangeMessageVisibilityBatchRequestEntry `query:"ChangeMessageVisibilityBatchRequestEntry,flat"`
}

func (in *ChangeMessageVisibilityBatchInput) queue() string { return in.QueueUrl }

// ChangeMessageVisibilityBatchRequestEntry is one message to hide. Without a
// VisibilityTimeout it is available at once: SDKs leave out a zero.
type ChangeMessageVisibilityBatchRequestEntry struct {
	Id                string
	ReceiptHandle     string
	VisibilityTimeout int32
}

func (e ChangeMessageVisibilityBatchRequestEntry) id() string { return e.Id }

// ChangeMessageVisibilityBatchOutput is the output of ChangeMessageVisibilityBatch.
type ChangeMessageVisibilityBatchOutput struct {
	Successful []ChangeMessageVisibilityBatchResultEntry `query:"ChangeMessageVisibilityBatchResultEntry,flat"`
	Failed     []BatchResultErrorEntry                   `query:"BatchResultErrorEntry,flat"`
}

// ChangeMessageVisibilityBatchResultEntry is a message whose visibility was changed.
type ChangeMessageVisibilityBatchResultEntry struct{ Id string }

// ChangeMessageVisibilityBatch changes the visibility of up to ten messages,
// each as ChangeMessageVisibility does.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html.
func (s *Service) ChangeMessageVisibilityBatch(ctx context.Context, in *ChangeMessageVisibilityBatchInput) (*ChangeMessageVisibilityBatchOutput, error) {
	return api.Do(ctx, in, onQueue[*ChangeMessageVisibilityBatchInput](s), s.changeMessageVisibilityBatch)
}

func (s *Service) changeMessageVisibilityBatch(ctx context.Context, q *queue, in *ChangeMessageVisibilityBatchInput) (*ChangeMessageVisibilityBatchOutput, error) {
	if err := checkBatch(in.Entries, "ChangeMessageVisibilityBatchRequestEntry"); err != nil {
		return nil, err
	}
	handles, timeouts := make([]string, len(in.Entries)), make([]time.Duration, len(in.Entries))
	for i, e := range in.Entries {
		handles[i], timeouts[i] = e.ReceiptHandle, time.Duration(e.VisibilityTimeout)*time.Second
	}
	errs, err := s.onReceipts(ctx, q, handles, hideFor(timeouts))
	if err != nil {
		return nil, err
	}
	out := new(ChangeMessageVisibilityBatchOutput)
	for i, e := range in.Entries {
		if errs[i] != nil {
			out.Failed = append(out.Failed, failed(e.Id, errs[i]))
		} else {
			out.Successful = append(out.Successful, ChangeMessageVisibilityBatchResultEntry{e.Id})
		}
	}
	return out, nil
}

// hideFor hides each message of onReceipts for its timeout.
func hideFor(timeouts []time.Duration) func(*backlog, int, *held) error {
	return func(b *backlog, i int, h *held) error {
		if err := checkVisibility(int32(timeouts[i] / time.Second)); err != nil {
			return err
		}
		return b.hide(h, timeouts[i])
	}
}

// hide lets a message be in flight for timeout from now on. On a standard queue
// any of its handles will do [Q171a]; a message that is not in flight stays
// available, and that is no error [Q176].
func (b *backlog) hide(h *held, timeout time.Duration) error {
	switch {
	case h.state == nil: // [Q175]
		return badValue(h.handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	case h.expired(b):
		return errHandleExpired
	case !h.inFlight(b):
		return nil
	case b.now+timeout.Milliseconds() > h.state.received+maxVisibility.Milliseconds():
		return badValue(int64(timeout/time.Second), "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	st := *h.state
	st.deadline = 0
	if timeout > 0 {
		st.deadline = b.now + timeout.Milliseconds()
	}
	b.change(h.order, h.group, h.state, &st)
	return nil
}
