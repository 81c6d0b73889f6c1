package sqs

import (
	"context"
	"crypto/md5" //nolint:gosec // the protocol's digest
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// SendMessageInput is the input of SendMessage.
type SendMessageInput struct {
	QueueUrl                string `check:"required"`
	MessageBody             string `check:"required" trail:"hide"`
	DelaySeconds            *int32
	MessageAttributes       map[string]MessageAttributeValue       `query:"MessageAttribute,flat,key=Name,value=Value,also=MessageAttributes,unnamed" trail:"hide"`
	MessageSystemAttributes map[string]MessageSystemAttributeValue `query:"MessageSystemAttribute,flat,key=Name,value=Value,also=MessageSystemAttributes,unnamed" trail:"hide"`
	MessageDeduplicationId  *string
	MessageGroupId          *string

	shared *Body // MessageBody, where it is sent to many queues; nil: it is not
}

// Body is the text of a message that is sent to many queues: it is checked and digested once.
type Body struct {
	text, md5 string
	invalid   error
}

func (in *SendMessageInput) body() Body {
	if in.shared != nil {
		return *in.shared
	}
	return bodyOf(in.MessageBody)
}

// NewBody is the body of a text.
func NewBody(text string) *Body {
	b := bodyOf(text)
	return &b
}

func bodyOf(text string) Body {
	if err := checkBody(text); err != nil {
		return Body{text: text, invalid: err}
	}
	return Body{text: text, md5: hexMD5(text)}
}

// To is the input that sends the body to a queue.
func (b *Body) To(queueURL string) *SendMessageInput {
	return &SendMessageInput{QueueUrl: queueURL, MessageBody: b.text, shared: b}
}

func (in *SendMessageInput) queue() string { return in.QueueUrl }

// SendMessageOutput is the output of SendMessage.
type SendMessageOutput struct {
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string
	MD5OfMessageSystemAttributes string
	SequenceNumber               string
}

// SendMessage puts a message into a queue.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html.
func (s *Service) SendMessage(ctx context.Context, in *SendMessageInput) (*SendMessageOutput, error) {
	return api.Do(ctx, in, onQueue[*SendMessageInput](s), s.sendMessage)
}

func (s *Service) sendMessage(ctx context.Context, q *queue, in *SendMessageInput) (*SendMessageOutput, error) {
	drafts := singles.Get().(*[1]draft)
	d := &drafts[0]
	if err := d.fill(q, in); err != nil {
		return nil, err
	}
	if d.size > q.maxSize {
		return nil, ErrInvalidParameterValue.Withf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", q.maxSize)
	}
	if err := s.send(ctx, q, drafts[:]); err != nil {
		return nil, err
	}
	out := &SendMessageOutput{
		MessageId: d.accepted.id, MD5OfMessageBody: d.bodyMD5,
		MD5OfMessageAttributes: d.attributesMD5, MD5OfMessageSystemAttributes: d.systemMD5,
		SequenceNumber: d.accepted.sequence,
	}
	*d = draft{}
	singles.Put(drafts)
	return out, nil
}

// singles are drafts of messages that are sent alone, whose memory is used again.
var singles = sync.Pool{New: func() any { return new([1]draft) }}

// draft is a message on its way into a queue.
type draft struct {
	body       string
	attributes []messageAttribute
	trace      string
	delay      time.Duration
	group      string
	// deduplication is the id by which a FIFO queue recognizes duplicates.
	deduplication string

	size                              int // bytes of body and attributes [Q093]
	bodyMD5, attributesMD5, systemMD5 string

	id     string  // which it gets if it is no duplicate
	stored []byte  // what is stored of it then
	key    dataKey // that it was encrypted with
	// accepted is what the sender is answered: the message's id and sequence number,
	// or those of the message that it is a duplicate of.
	accepted struct{ id, sequence string }
}

// fill makes d of a message, which it checks by itself. Its size is left to the caller.
func (d *draft) fill(q *queue, in *SendMessageInput) (err error) {
	if in.MessageBody == "" {
		return missing("MessageBody") // [Q092]
	}
	body := in.body()
	if body.invalid != nil {
		return body.invalid
	}
	d.body, d.bodyMD5 = body.text, body.md5
	if d.attributes, err = userAttributes(in.MessageAttributes); err != nil {
		return err
	}
	d.attributesMD5 = attributesMD5(d.attributes)
	d.size = len(d.body) + attributesSize(d.attributes)
	system, err := systemAttributes(in.MessageSystemAttributes)
	if err != nil {
		return err
	}
	d.systemMD5 = attributesMD5(system)
	for _, a := range system {
		d.trace = string(a.Value) // AWSTraceHeader is the only one
	}
	return d.place(q, in)
}

// place checks a message's delay, group and deduplication id.
func (d *draft) place(q *queue, in *SendMessageInput) error {
	d.delay = q.delay
	if in.DelaySeconds != nil {
		seconds := *in.DelaySeconds
		if seconds < 0 || seconds > 900 {
			return badValue(seconds, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
		}
		if q.fifo && seconds != 0 {
			return notForThisType(seconds, "DelaySeconds") // [Q100]
		}
		if !q.fifo { // [Q101]: a FIFO queue's own delay applies all the same
			d.delay = time.Duration(seconds) * time.Second
		}
	}
	if in.MessageGroupId != nil {
		d.group = *in.MessageGroupId
		if !isID(d.group) {
			return badID(d.group, "MessageGroupId")
		}
	}
	if in.MessageDeduplicationId != nil && !isID(*in.MessageDeduplicationId) {
		return badID(*in.MessageDeduplicationId, "MessageDeduplicationId")
	}
	if q.fifo {
		return d.placeFIFO(q, in)
	}
	if in.MessageDeduplicationId != nil {
		return notForThisType(*in.MessageDeduplicationId, "MessageDeduplicationId")
	}
	return nil
}

func notForThisType(value any, parameter string) error {
	return badValue(value, parameter, "The request include parameter that is not valid for this queue type.")
}

// isID reports whether s is 1 to 128 letters, digits and punctuation characters of ASCII.
func isID(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

func badID(value, parameter string) error {
	return badValue(value, parameter, parameter+" can only include alphanumeric and punctuation characters. 1 to 128 in length.")
}

// send puts drafts into q, all or none, and completes them.
func (s *Service) send(ctx context.Context, q *queue, drafts []draft) error {
	sealer, err := s.sealer(ctx, q)
	if err != nil {
		return err
	}
	sender, trace := senderID(ctx), api.RequestFrom(ctx).TraceHeader
	now := s.clock.Now()
	for i := range drafts {
		d := &drafts[i]
		d.id = s.ids.UUID()
		m := &message{
			ID: d.id, Sent: millis(now), Sender: sender, Group: d.group, Deduplication: d.deduplication,
			Trace: cmpOr(d.trace, trace), Attributes: d.attributes, BodyMD5: d.bodyMD5,
		}
		d.stored, d.key = sealer.seal(m, d.body), m.dataKey
	}
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, q); err != nil {
			return err
		}
		b := openBacklog(tx, q, now)
		for i := range drafts {
			b.enqueue(&drafts[i])
		}
		b.close()
		return nil
	})
	if err == nil {
		s.waiters.wake(q.arn)
	}
	return err
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// enqueue stores one message.
func (b *backlog) enqueue(d *draft) {
	if b.q.fifo && b.duplicate(d) {
		return
	}
	o := b.put(d.group, &d.key, d.stored, d.delay)
	d.accepted.id, d.accepted.sequence = d.id, ""
	if b.q.fifo {
		d.accepted.sequence = sequenceNumber(o)
		b.rememberSent(d, o)
	}
}

// put puts a message that comes now into the backlog, where it waits for the delay.
func (b *backlog) put(group string, key *dataKey, stored []byte, delay time.Duration) order {
	st := new(state)
	o := b.nextOrder()
	if delay > 0 {
		st.delayed = true
		st.deadline = b.now + delay.Milliseconds()
		if b.q.fifo {
			st.deadline = o.at() // a FIFO queue adds its delay when it looks
		}
	}
	b.add(o, group, key, stored, st)
	return o
}

// sequenceNumber is a FIFO message's SequenceNumber: 20 digits that grow with
// every message of the queue.
func sequenceNumber(o order) string { return fmt.Sprintf("188%017d", o.seq()*256) }

// senderID is SenderId: the user's or the role session's id, the account of its
// root user, the address of an anonymous sender.
func senderID(ctx context.Context) string {
	r := api.RequestFrom(ctx)
	switch r.Caller.Type {
	case policyeval.Anonymous:
		return r.SourceIP
	case policyeval.Service:
		return serviceSender(r.Caller.Service)
	default:
		return r.Caller.UserID
	}
}

// serviceSender is the SenderId of an AWS service: on AWS the id of a user of
// the service's own account. Amazon SNS's is the one that it has in us-east-1.
func serviceSender(service string) string {
	if service == "sns.amazonaws.com" {
		return "AIDAIT2UOQQY3AUEKVGXU"
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	sum := md5.Sum([]byte(service)) //nolint:gosec // not a secret
	id := []byte("AIDAI")
	for _, b := range sum {
		id = append(id, alphabet[b%32])
	}
	return string(id)
}

// hexMD5 digests a text piece by piece, which saves a copy of the whole text.
func hexMD5(text string) string {
	h := md5.New() //nolint:gosec // the protocol's digest
	var piece [512]byte
	for len(text) > 0 {
		n := copy(piece[:], text)
		h.Write(piece[:n])
		text = text[n:]
	}
	var digits [2 * md5.Size]byte
	hex.Encode(digits[:], h.Sum(piece[:0]))
	return string(digits[:])
}
