package sqs

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// ReceiveMessageInput is the input of ReceiveMessage.
type ReceiveMessageInput struct {
	QueueUrl                    string   `check:"required"`
	AttributeNames              []string `query:"AttributeName,flat"`
	MessageSystemAttributeNames []string `query:"MessageSystemAttributeName,flat,unless=AttributeName"` // [Q146]
	MessageAttributeNames       []string `query:"MessageAttributeName,flat"`
	MaxNumberOfMessages         *int32
	VisibilityTimeout           *int32
	WaitTimeSeconds             *int32
	ReceiveRequestAttemptId     *string
}

func (in *ReceiveMessageInput) queue() string { return in.QueueUrl }

// ReceiveMessageOutput is the output of ReceiveMessage.
type ReceiveMessageOutput struct {
	Messages []Message `query:"Message,flat" accept:"messages" trail:"omit"`
}

// Message is a received message.
type Message struct {
	MessageId              string
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string `query:"Attribute,flat,key=Name,value=Value"`
	MD5OfMessageAttributes string
	MessageAttributes      map[string]MessageAttributeValue `query:"MessageAttribute,flat,key=Name,value=Value"`
}

// maxVisibility is the longest visibility timeout, and how long a message can
// be in flight altogether without being received again.
const maxVisibility = 12 * time.Hour

// maxInFlight is how many messages of a queue can be in flight.
const maxInFlight = 120_000

// wanted is what a receive asks for.
type wanted struct {
	max        int
	visibility time.Duration // negative: the queue's
	wait       time.Duration // negative: the queue's
	attempt    string        // ReceiveRequestAttemptId
}

// max is how many messages are asked for.
func (in *ReceiveMessageInput) max() (int, error) {
	n := in.MaxNumberOfMessages
	switch {
	case n == nil:
		return 1, nil
	case *n < 1 || *n > 10:
		return 1, badValue(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
	default:
		return int(*n), nil
	}
}

func (in *ReceiveMessageInput) wanted() (wanted, error) {
	w := wanted{visibility: -1, wait: -1}
	var err error
	if w.max, err = in.max(); err != nil {
		return w, err
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > 20 {
			return w, badValue(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
		}
		w.wait = time.Duration(*n) * time.Second
	}
	if n := in.VisibilityTimeout; n != nil {
		if err := checkVisibility(*n); err != nil {
			return w, err
		}
		w.visibility = time.Duration(*n) * time.Second
	}
	if id := in.ReceiveRequestAttemptId; id != nil {
		if !isID(*id) {
			return w, badID(*id, "ReceiveRequestAttemptId")
		}
		w.attempt = *id
	}
	for _, name := range slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames) {
		if !slices.Contains(receivable, name) && !slices.Contains(readOnly, name) && attributeOf(name) == nil {
			return w, unknownAttribute(name)
		}
	}
	return w, nil
}

// receivable are the system attributes that a receive can ask for. Names of
// queue attributes, which AttributeNames is declared to take, mean nothing.
var receivable = []string{
	"All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
	"SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn",
}

func checkVisibility(seconds int32) error {
	if seconds < 0 || seconds > 43200 {
		return badValue(seconds, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
	}
	return nil
}

// ReceiveMessage takes up to ten messages and hides them from other receives
// for the visibility timeout. With a wait it is a long poll: it answers as soon
// as a message is available, and when the wait is over at the latest.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html.
func (s *Service) ReceiveMessage(ctx context.Context, in *ReceiveMessageInput) (*ReceiveMessageOutput, error) {
	return api.Do(ctx, in, s.onReceiving, s.receiveMessage)
}

func (s *Service) receiveMessage(ctx context.Context, rc *receiving, in *ReceiveMessageInput) (*ReceiveMessageOutput, error) {
	if err := rc.prepare(in); err != nil {
		return nil, err
	}
	if err := rc.poll(ctx); err != nil {
		return nil, err
	}
	for _, o := range rc.damaged {
		s.tellDamaged(rc.q, o, errDamaged)
	}
	messages, err := s.present(ctx, in, rc)
	if err != nil {
		return nil, err
	}
	return &ReceiveMessageOutput{Messages: messages}, nil
}

// present is the messages that were taken, with the attributes that the input asks for.
func (s *Service) present(ctx context.Context, in *ReceiveMessageInput, got *receiving) ([]Message, error) {
	if len(got.taken) == 0 {
		return nil, nil
	}
	signer, err := s.handles.signer(ctx, got.q)
	if err != nil {
		return nil, err
	}
	asked := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	out := make([]Message, 0, len(got.taken))
	for i := range got.taken {
		t := &got.taken[i]
		m := t.message
		body, err := s.open(m, got.keys)
		if err != nil {
			// It waits for its timeout as if it had been received; the others are received.
			s.tellDamaged(got.q, t.order, err)
			continue
		}
		received := Message{
			MessageId: m.ID, MD5OfBody: m.BodyMD5, Body: body,
			ReceiptHandle: signer.handle(receipt{t.backlog, t.order, t.state.receives}),
			Attributes:    t.attributes(got.q, asked),
		}
		if attributes := selectAttributes(m.Attributes, in.MessageAttributeNames); attributes != nil {
			received.MD5OfMessageAttributes = attributesMD5(attributes)
			received.MessageAttributes = make(map[string]MessageAttributeValue, len(attributes))
			for _, a := range attributes {
				received.MessageAttributes[a.Name] = a.value()
			}
		}
		out = append(out, received)
	}
	return out, nil
}

// stored is where a message is stored.
type stored struct {
	backlog uint64
	o       order
}

// tellDamaged logs, once for each, a message that cannot be read from the store.
func (s *Service) tellDamaged(q *queue, o order, err error) {
	if _, told := s.damaged.LoadOrStore(stored{q.Backlog, o}, struct{}{}); !told {
		s.log.Error("a stored message is damaged and is not delivered", "queue", q.arn, "sent", time.UnixMilli(o.at()).UTC(), "cause", err)
	}
}

// attributes are the message's system attributes that were asked for. Those
// that it does not have are left out [Q147].
func (t *taken) attributes(q *queue, asked []string) map[string]string {
	if len(asked) == 0 {
		return nil
	}
	all := slices.Contains(asked, "All")
	out := map[string]string{}
	add := func(name, value string) {
		if value != "" && (all || slices.Contains(asked, name)) {
			out[name] = value
		}
	}
	m := t.message
	add("SenderId", m.Sender)
	add("SentTimestamp", strconv.FormatInt(m.Sent, 10))
	add("ApproximateReceiveCount", strconv.FormatUint(uint64(t.state.receives), 10))
	add("ApproximateFirstReceiveTimestamp", strconv.FormatInt(t.state.first, 10))
	add("AWSTraceHeader", m.Trace)
	add("DeadLetterQueueSourceArn", m.DeadLetterSource)
	add("MessageGroupId", m.Group)
	if q.fifo {
		add("MessageDeduplicationId", m.Deduplication)
		add("SequenceNumber", sequenceNumber(t.order))
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
