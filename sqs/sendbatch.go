package sqs

import (
	"context"
	"errors"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
)

// SendMessageBatchInput is the input of SendMessageBatch.
type SendMessageBatchInput struct {
	QueueUrl string                         `check:"required"`
	Entries  []SendMessageBatchRequestEntry `query:"SendMessageBatchRequestEntry,flat"`
}

func (in *SendMessageBatchInput) queue() string { return in.QueueUrl }

// SendMessageBatchRequestEntry is one message to send.
type SendMessageBatchRequestEntry struct {
	Id                      string
	MessageBody             string `trail:"hide"`
	DelaySeconds            *int32
	MessageAttributes       map[string]MessageAttributeValue       `query:"MessageAttribute,flat,key=Name,value=Value,also=MessageAttributes,unnamed" trail:"hide"`
	MessageSystemAttributes map[string]MessageSystemAttributeValue `query:"MessageSystemAttribute,flat,key=Name,value=Value,also=MessageSystemAttributes,unnamed" trail:"hide"`
	MessageDeduplicationId  *string
	MessageGroupId          *string
}

func (e SendMessageBatchRequestEntry) id() string { return e.Id }

func (e *SendMessageBatchRequestEntry) single() SendMessageInput {
	return SendMessageInput{
		MessageBody: e.MessageBody, DelaySeconds: e.DelaySeconds,
		MessageAttributes: e.MessageAttributes, MessageSystemAttributes: e.MessageSystemAttributes,
		MessageDeduplicationId: e.MessageDeduplicationId, MessageGroupId: e.MessageGroupId,
	}
}

// size is what counts of a message's size, whether or not the message is valid.
func (e *SendMessageBatchRequestEntry) size() int {
	n := len(e.MessageBody)
	for name, v := range e.MessageAttributes {
		n += len(name) + len(v.DataType) + len(v.StringValue) + len(v.BinaryValue)
	}
	return n
}

// SendMessageBatchOutput is the output of SendMessageBatch.
type SendMessageBatchOutput struct {
	Successful []SendMessageBatchResultEntry `query:"SendMessageBatchResultEntry,flat"`
	Failed     []BatchResultErrorEntry       `query:"BatchResultErrorEntry,flat"`
}

// SendMessageBatchResultEntry is a message that was sent.
type SendMessageBatchResultEntry struct {
	Id                           string
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string
	MD5OfMessageSystemAttributes string
	SequenceNumber               string
}

// SendMessageBatch sends up to ten messages of together at most 1 MiB. An entry
// that is not valid fails alone. A missing group or deduplication id in a FIFO queue,
// or a refusal by KMS, fails the whole batch [Q129] [Q130] [A7.3].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html.
func (s *Service) SendMessageBatch(ctx context.Context, in *SendMessageBatchInput) (*SendMessageBatchOutput, error) {
	return api.Do(ctx, in, onQueue[*SendMessageBatchInput](s), s.sendMessageBatch)
}

func (s *Service) sendMessageBatch(ctx context.Context, q *queue, in *SendMessageBatchInput) (*SendMessageBatchOutput, error) {
	if err := checkBatch(in.Entries, "SendMessageBatchRequestEntry"); err != nil {
		return nil, err
	}
	total := 0
	for i := range in.Entries {
		total += in.Entries[i].size()
	}
	if total > maxMessageSize {
		return nil, ErrBatchTooLong.Withf("Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessageSize, total)
	}
	out := new(SendMessageBatchOutput)
	drafts := make([]draft, 0, len(in.Entries))
	ids := make([]string, 0, len(in.Entries))
	for i := range in.Entries {
		e := &in.Entries[i]
		d, err := newEntry(q, e)
		switch {
		case err == nil:
			drafts, ids = append(drafts, d), append(ids, e.Id)
		case errors.Is(err, errFIFO):
			return nil, ErrInvalidParameterValue.With(api.AsError(err).Message) // [Q130]: not MissingParameter
		default:
			out.Failed = append(out.Failed, failed(e.Id, err))
		}
	}
	if len(drafts) > 0 {
		if err := s.send(ctx, q, drafts); err != nil {
			return nil, err
		}
	}
	out.Successful = slices.Grow(out.Successful, len(drafts))
	for i := range drafts {
		d := &drafts[i]
		out.Successful = append(out.Successful, SendMessageBatchResultEntry{
			Id: ids[i], MessageId: d.accepted.id, MD5OfMessageBody: d.bodyMD5,
			MD5OfMessageAttributes: d.attributesMD5, MD5OfMessageSystemAttributes: d.systemMD5,
			SequenceNumber: d.accepted.sequence,
		})
	}
	return out, nil
}

func newEntry(q *queue, e *SendMessageBatchRequestEntry) (d draft, err error) {
	in := e.single()
	if err = d.fill(q, &in); err == nil && d.size > q.maxSize {
		// [Q126]: a batch says it in other words than a single send.
		err = ErrInvalidParameterValue.Withf("One or more parameters cannot be validated. Reason: Message must be shorter than %d bytes.", q.maxSize)
	}
	return d, err
}
