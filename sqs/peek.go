package sqs

import (
	"context"
	"crypto/md5" //nolint:gosec // the protocol's digest
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"github.com/waxseal/waxseal/internal/store"
)

// Peeked says which messages Peek shows beside those that a receive would get.
type Peeked struct {
	// Invisible are those in flight, and in a FIFO queue those that wait behind one of
	// their group in flight. With it every message says whether it is visible.
	Invisible bool
	// Delayed are those that wait for their delay. With it every message says whether
	// it is delayed.
	Delayed bool
}

// PeekHandle stands in place of the receipt handle of a message that Peek shows. It is
// not a valid handle.
const PeekHandle = "SQS/BACKDOOR/ACCESS"

// Peek shows the messages of a queue in the order of their arrival, with all of
// their attributes, and changes nothing: neither what is visible nor how often a
// message was received. Nothing is authorized, so a body that is encrypted under a
// KMS key is shown as it is stored, in base64, and its MD5 is that of what is shown.
func (s *Service) Peek(ctx context.Context, account, region, queueName string, p Peeked) (*ReceiveMessageOutput, error) {
	var q *queue
	var seen []peekedMessage
	err := s.engine.View(ctx, func(r store.Reader) error {
		seen = nil
		if q = s.queues.Get(r, name{account, region, queueName}.key()); q == nil {
			return ErrQueueDoesNotExist
		}
		v := look(r, q, s.clock.Now())
		seen = v.peek(p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &ReceiveMessageOutput{Messages: make([]Message, 0, len(seen))}
	for i := range seen {
		m, err := s.peeked(q, &seen[i], p)
		if err != nil {
			s.tellDamaged(q, seen[i].order, err)
			continue
		}
		out.Messages = append(out.Messages, m)
	}
	return out, nil
}

// peekedMessage is a message that is shown.
type peekedMessage struct {
	taken
	delayed, inFlight bool
}

// peek are the messages to be shown.
func (v *backlogView) peek(p Peeked) (seen []peekedMessage) {
	held := map[string]bool{} // groups of a FIFO queue one of whose messages is in flight
	for key := range v.r.Scan(v.key(keyMessage, ""), "", store.All) {
		o := order(v.rest(key))
		m := v.message(o)
		if m == nil || v.expired(o) {
			continue
		}
		st := v.state(o, m.Group)
		if st == nil {
			continue
		}
		g := peekedMessage{taken: taken{m, o, v.q.Backlog, *st}}
		g.delayed, g.inFlight = v.waits(st)
		if v.q.fifo && g.inFlight {
			held[m.Group] = true
		}
		hidden := g.inFlight || v.q.fifo && held[m.Group]
		if (p.Delayed || !g.delayed) && (p.Invisible || !hidden) {
			seen = append(seen, g)
		}
	}
	return seen
}

// waits reports whether a message waits now: for its delay, or in flight. A message
// whose deadline has passed does not wait, even if catchUp has not made it ready yet.
func (v *backlogView) waits(st *state) (delayed, inFlight bool) {
	due := st.deadline
	if st.delayed && v.q.fifo {
		due += v.q.delay.Milliseconds() // see fifo.go
	}
	waits := st.deadline != 0 && due > v.now
	return waits && st.delayed, waits && !st.delayed
}

// peeked is a message as Peek shows it. It fails where the message is damaged.
func (s *Service) peeked(q *queue, g *peekedMessage, p Peeked) (Message, error) {
	m := g.message
	out := Message{MessageId: m.ID, MD5OfBody: m.BodyMD5, ReceiptHandle: PeekHandle, Attributes: g.attributes(q, []string{"All"})}
	if m.Encryption == sseKMS {
		out.Body = base64.StdEncoding.EncodeToString(m.Body)
		sum := md5.Sum([]byte(out.Body)) //nolint:gosec // the protocol's digest
		out.MD5OfBody = hex.EncodeToString(sum[:])
	} else {
		var err error
		if out.Body, err = s.open(m, nil); err != nil {
			return out, err
		}
	}
	if p.Invisible {
		out.Attributes["IsVisible"] = strconv.FormatBool(!g.inFlight && !g.delayed)
	}
	if p.Delayed {
		out.Attributes["IsDelayed"] = strconv.FormatBool(g.delayed)
	}
	if len(m.Attributes) > 0 {
		out.MD5OfMessageAttributes = attributesMD5(m.Attributes)
		out.MessageAttributes = make(map[string]MessageAttributeValue, len(m.Attributes))
		for _, a := range m.Attributes {
			out.MessageAttributes[a.Name] = a.value()
		}
	}
	return out, nil
}
