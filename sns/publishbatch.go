package sns

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// PublishBatchRequestEntry is one message of a batch.
type PublishBatchRequestEntry struct {
	Id                     string                           `check:"required"`
	Message                string                           `check:"required" trail:"hide"`
	MessageAttributes      map[string]MessageAttributeValue `query:"MessageAttributes,key=Name,value=Value" trail:"hide"`
	MessageDeduplicationId string
	MessageGroupId         string
	MessageStructure       string
	Subject                *string `trail:"hide"`
}

// PublishBatchInput is the input of PublishBatch.
type PublishBatchInput struct {
	PublishBatchRequestEntries []PublishBatchRequestEntry `check:"required"`
	TopicArn                   string                     `check:"required"`
}

func (in *PublishBatchInput) topic() string { return in.TopicArn }

// PublishBatchResultEntry is a message of a batch that was taken.
type PublishBatchResultEntry struct {
	Id             string
	MessageId      string
	SequenceNumber string
}

// BatchResultErrorEntry is a message of a batch that was refused.
type BatchResultErrorEntry struct {
	Code        string
	Id          string
	SenderFault bool
	Message     string
}

// PublishBatchOutput is the output of PublishBatch.
type PublishBatchOutput struct {
	Failed     []BatchResultErrorEntry
	Successful []PublishBatchResultEntry
}

// The limits of a batch.
const (
	maxBatch   = 10
	maxBatchID = 80
)

// PublishBatch sends up to ten messages to the subscribers of a topic. A
// mistake in one of them fails the whole call [N118].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html.
func (s *Service) PublishBatch(ctx context.Context, in *PublishBatchInput) (*PublishBatchOutput, error) {
	return api.Do(ctx, in, s.publishBatchTarget, s.publishBatch)
}

func (s *Service) publishBatch(ctx context.Context, to *audience, in *PublishBatchInput) (*PublishBatchOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	messages := make([]*message, len(in.PublishBatchRequestEntries))
	for i, e := range in.PublishBatchRequestEntries {
		m := &message{
			TopicArn: in.TopicArn, Text: e.Message, Subject: e.Subject, Attributes: e.MessageAttributes,
			GroupID: e.MessageGroupId, DeduplicationID: e.MessageDeduplicationId,
		}
		if err := m.check(e.MessageStructure, ""); err != nil {
			return nil, err
		}
		messages[i] = m
	}
	if err := s.publish(ctx, to, ErrBatchTooLong, messages...); err != nil {
		return nil, err
	}
	out := &PublishBatchOutput{Failed: []BatchResultErrorEntry{}}
	for i, m := range messages {
		out.Successful = append(out.Successful, PublishBatchResultEntry{in.PublishBatchRequestEntries[i].Id, m.ID, m.Sequence})
	}
	return out, nil
}

func (s *Service) publishBatchTarget(ctx context.Context, in *PublishBatchInput) (api.Target, *audience, error) {
	return s.audienceTarget(ctx, in.TopicArn, "TopicArn")
}

// check refuses a batch whose ids or number of entries are wrong [N113]-[N116].
func (in *PublishBatchInput) check() error {
	switch n := len(in.PublishBatchRequestEntries); {
	case n == 0:
		return ErrEmptyBatch
	case n > maxBatch:
		return ErrTooManyEntries
	}
	seen := map[string]bool{}
	for _, e := range in.PublishBatchRequestEntries {
		switch {
		case e.Id == "" || strings.ContainsFunc(e.Id, notInName):
			return ErrInvalidBatchEntryID.With("The Id of a batch entry in the batch request contains an impermissible character: " + e.Id)
		case len(e.Id) > maxBatchID:
			return ErrInvalidBatchEntryID.With("The Id of a batch entry in the batch request is too long: " + e.Id)
		case seen[e.Id]:
			return ErrBatchIDsNotDistinct
		}
		seen[e.Id] = true
	}
	return nil
}
