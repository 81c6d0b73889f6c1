package sqs

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// ReceiveMessageInput is the input of ReceiveMessage.
type ReceiveMessageInput struct {
	QueueUrl                    string   `check:"required"`
	AttributeNames              []string `query:"AttributeName,flat"`
	MessageSystemAttributeNames []string `query:"MessageSystemAttributeName,flat"`
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
	long       bool          // it is a long poll
}

func (in *ReceiveMessageInput) wanted() (wanted, error) {
	w := wanted{max: 1, visibility: -1, wait: -1}
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > 10 {
			return w, badValue(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
		}
		w.max = int(*n)
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
	return w, nil
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
	w, err := in.wanted()
	if err != nil {
		return nil, err
	}
	q, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if w.wait < 0 {
		w.wait = q.wait
	}
	w.long = w.wait > 0
	got, err := s.poll(ctx, q, w)
	if err != nil {
		return nil, err
	}
	messages, err := s.present(ctx, q, in, got)
	if err != nil {
		return nil, err
	}
	return &ReceiveMessageOutput{Messages: messages}, nil
}

// poll receives until it has something or the wait is over. It waits for a
// change of the queue or its next deadline, and ends early with the request or the service.
func (s *Service) poll(ctx context.Context, q *queue, w wanted) (*delivery, error) {
	if !w.long {
		got, _, err := s.receive(ctx, q.name(), w)
		return got, err
	}
	crowd := s.waiters.join(q.arn)
	defer s.waiters.leave(q.arn, crowd)
	end := s.Clock.Now().Add(w.wait)
	for {
		changed := s.waiters.next(crowd)
		got, next, err := s.receive(ctx, q.name(), w)
		if err != nil || len(got.taken) > 0 {
			return got, err
		}
		now := s.Clock.Now()
		if !now.Before(end) {
			return got, nil
		}
		if next.IsZero() || next.After(end) {
			next = end
		}
		timer := s.Clock.NewTimer(next.Sub(now))
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		case <-s.done.Done():
		}
		timer.Stop()
		if ctx.Err() != nil || s.done.Err() != nil {
			return got, nil
		}
	}
}

// delivery is what a receive took.
type delivery struct {
	taken []taken
	keys  keyring
	// woken are the ARNs of queues that something came to, or that may have
	// something sooner: the queue itself, its dead-letter queue.
	woken []string
}

// taken is one message that a receive took, in the state that it then had.
type taken struct {
	message *message
	order   order
	room    uint64
	state   state
}

var errKeysMissing = errors.New("sqs: a candidate's data key is not at hand")

// receive takes messages once, without waiting. Where it finds none it answers
// when it is worth looking again, if that is known.
//
// KMS is never asked within a transaction. The candidates' data keys are
// obtained first; where the transaction then finds a message whose key is not
// at hand it is given up, and begun anew with that key too. So a refusal by KMS
// leaves the queue as it was (A9.2).
func (s *Service) receive(ctx context.Context, n name, w wanted) (*delivery, time.Time, error) {
	got := &delivery{keys: keyring{}}
	for {
		now := s.Clock.Now()
		promising, next, err := s.scout(ctx, n, now, w.max, got.keys)
		if err != nil || !promising {
			return got, next, err
		}
		again := false
		var lacking []*message
		var q *queue
		err = s.Engine.Update(ctx, func(tx store.Tx) (err error) {
			got.taken, got.woken, lacking, again = nil, nil, nil, false
			if q, err = s.get(ctx, tx, n); err != nil {
				return err
			}
			r := openRoom(tx, q, now)
			moreExpired, moreDue := r.settle()
			if moreExpired {
				again = true
				r.close()
				return nil
			}
			again, err = s.take(r, w, got)
			again = again || moreDue && len(got.taken) == 0
			for i := range got.taken {
				if m := got.taken[i].message; got.keys.missing(m) {
					lacking = append(lacking, m)
				}
			}
			if lacking != nil {
				return errKeysMissing
			}
			r.close()
			return err
		})
		switch {
		case errors.Is(err, errKeysMissing):
			for _, m := range lacking {
				if got.keys.missing(m) {
					if err := s.fetch(ctx, q, m, got.keys); err != nil {
						return got, next, err
					}
				}
			}
			again = true
		case err != nil:
			return got, next, err
		}
		if !errors.Is(err, errKeysMissing) {
			for _, arn := range got.woken {
				s.waiters.wake(arn)
			}
		}
		if !again {
			return got, next, nil
		}
	}
}

// scout looks whether there is anything to take, and obtains the data keys of
// what would be taken from an encrypted queue.
func (s *Service) scout(ctx context.Context, n name, now time.Time, limit int, keys keyring) (promising bool, next time.Time, err error) {
	var q *queue
	var candidates []*message
	err = s.Engine.View(ctx, func(r store.Reader) (err error) {
		candidates = nil
		if q, err = s.get(ctx, r, n); err != nil {
			return err
		}
		l := look(r, q, now)
		var at int64
		promising, at = l.prospect()
		if at != 0 {
			next = time.UnixMilli(at).UTC()
		}
		if promising && q.kmsKey != "" {
			for c := range l.candidates {
				if m := l.message(c.o); m != nil && keys.missing(m) && !l.expired(c.o) {
					candidates = append(candidates, m)
				}
				if limit--; limit == 0 {
					break
				}
			}
		}
		return nil
	})
	if err != nil {
		return false, next, err
	}
	for _, m := range candidates {
		if keys.missing(m) {
			if err := s.fetch(ctx, q, m, keys); err != nil {
				return false, next, err
			}
		}
	}
	return promising, next, nil
}

// candidate is a message that is ready.
type candidate struct {
	o     order
	group string
	state *state
}

// candidates yields the messages that are ready in the order of their delivery.
func (l *lookout) candidates(yield func(candidate) bool) {
	if l.q.fifo {
		l.candidatesFIFO(yield)
		return
	}
	for key, raw := range l.r.Scan(l.key(keyReady, ""), "") {
		if !yield(candidate{order(l.rest(key)), "", decodeState(l.r, raw)}) {
			return
		}
	}
}

// take receives up to w.max messages. again says that nothing was taken yet but more may be found.
func (s *Service) take(r *room, w wanted, got *delivery) (again bool, err error) {
	room := maxInFlight - r.n.inFlight
	if room <= 0 {
		if r.q.fifo || w.long {
			return false, nil
		}
		return false, ErrOverLimit.With("Too many messages are in flight for this queue.")
	}
	visibility := w.visibility
	if visibility < 0 {
		visibility = r.q.visibility
	}
	limit := min(w.max, int(room))
	var picked []candidate
	for c := range r.candidates {
		picked = append(picked, c)
		if len(picked) == limit {
			break
		}
	}
	for _, c := range picked {
		m := r.message(c.o)
		if m == nil {
			continue
		}
		st := *c.state
		st.receives++
		st.received = r.now
		if st.first == 0 {
			st.first = r.now
		}
		if visibility > 0 {
			st.deadline = r.now + visibility.Milliseconds()
		}
		r.change(c.o, c.group, c.state, &st)
		got.taken = append(got.taken, taken{m, c.o, r.q.Room, st})
	}
	if len(got.taken) > 0 {
		got.woken = append(got.woken, r.q.arn) // deadlines came nearer, groups moved on
	}
	return false, nil
}

// present is what was taken, in the form in which it was asked for.
func (s *Service) present(ctx context.Context, q *queue, in *ReceiveMessageInput, got *delivery) ([]Message, error) {
	if len(got.taken) == 0 {
		return nil, nil
	}
	aead, err := s.handles.cipher(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Message, len(got.taken))
	for i := range got.taken {
		t := &got.taken[i]
		m := t.message
		body, err := s.open(m, got.keys)
		if err != nil {
			return nil, err
		}
		out[i] = Message{
			MessageId: m.ID, MD5OfBody: m.BodyMD5, Body: body,
			ReceiptHandle: s.handles.seal(aead, q.arn, receipt{t.room, t.order, t.state.receives}),
			Attributes:    t.attributes(q, in),
		}
		if attributes := selectAttributes(m.Attributes, in.MessageAttributeNames); attributes != nil {
			out[i].MD5OfMessageAttributes = attributesMD5(attributes)
			out[i].MessageAttributes = make(map[string]MessageAttributeValue, len(attributes))
			for _, a := range attributes {
				out[i].MessageAttributes[a.Name] = a.value()
			}
		}
	}
	return out, nil
}

// attributes are the message's system attributes that were asked for. Names
// that no message has are ignored.
func (t *taken) attributes(q *queue, in *ReceiveMessageInput) map[string]string {
	if len(in.AttributeNames) == 0 && len(in.MessageSystemAttributeNames) == 0 {
		return nil
	}
	all := slices.Contains(in.AttributeNames, "All") || slices.Contains(in.MessageSystemAttributeNames, "All")
	out := map[string]string{}
	add := func(name, value string) {
		if value != "" && (all || slices.Contains(in.AttributeNames, name) || slices.Contains(in.MessageSystemAttributeNames, name)) {
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
