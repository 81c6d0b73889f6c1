package sqs

import (
	"context"
	"time"
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
// flight for 12 hours.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html.
func (s *Service) ChangeMessageVisibility(ctx context.Context, in *ChangeMessageVisibilityInput) (*ChangeMessageVisibilityOutput, error) {
	q, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkVisibility(*in.VisibilityTimeout); err != nil {
		return nil, err
	}
	timeout := time.Duration(*in.VisibilityTimeout) * time.Second
	err = s.onReceipts(ctx, q, []string{in.ReceiptHandle}, func(r *room, _ int, h *held) error {
		return r.hide(h, timeout)
	})[0]
	if err != nil {
		return nil, err
	}
	return &ChangeMessageVisibilityOutput{}, nil
}

// hide lets a message be in flight for timeout from now on. On a standard queue
// that works too when its timeout has run out, unless it was received again (Q176).
func (r *room) hide(h *held, timeout time.Duration) error {
	switch {
	case !h.latest():
		return badValue(h.handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	case r.q.fifo && h.state.deadline <= r.now:
		return expiredHandle(h.handle)
	case r.now+timeout.Milliseconds() > h.state.received+maxVisibility.Milliseconds():
		return badValue(int64(timeout/time.Second), "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	st := *h.state
	st.deadline = 0
	if timeout > 0 {
		st.deadline = r.now + timeout.Milliseconds()
	}
	r.change(h.order, h.group, h.state, &st)
	return nil
}
