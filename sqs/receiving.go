package sqs

import (
	"context"
	"errors"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// receiving is one call of ReceiveMessage.
//
// KMS is never called within a transaction. The candidates' data keys are
// obtained first; where the transaction then finds a message whose key was not
// obtained, it is abandoned, and begun anew with that key too. So a refusal by KMS
// leaves the queue as it was [A9.2].
type receiving struct {
	service *Service
	// q is the queue's record that the call was authorized on. It is confirmed before
	// messages are taken, because it may change while the call waits.
	q *queue
	wanted
	// keys are the KMS data keys that were obtained.
	keys keyring
	// available is what the last look found.
	available

	outcome
}

// available is what can be seen of a queue without taking anything.
type available struct {
	// promising: there may be something to take.
	promising bool
	// next is when something will be due; zero: nothing waits.
	next time.Time
	// candidates are messages that would be taken and whose data keys are not yet in keys.
	candidates []*message
}

// onReceiving resolves an input to its queue, and has a first look at it in the
// same transaction.
func (s *Service) onReceiving(ctx context.Context, in *ReceiveMessageInput) (t api.Target, rc *receiving, err error) {
	n, now := queueName(ctx, in.QueueUrl), s.clock.Now()
	err = s.engine.View(ctx, func(r store.Reader) error {
		q := s.queues.Get(r, n.key())
		t, rc = s.target(ctx, n, q), nil
		if q != nil {
			rc = &receiving{service: s, q: q, keys: keyring{}}
			rc.max, _ = in.max() // one that is not valid is refused once the call is allowed
			rc.look(r, q, now)
		}
		return nil
	})
	return t, rc, err
}

// outcome is what one transaction found.
type outcome struct {
	// timeout is the visibility timeout of what is taken.
	timeout time.Duration
	taken   []taken
	// damaged are messages that were met and cannot be read.
	damaged []order
	// lacking are messages whose data keys are not yet in keys.
	lacking []*message
	// full: too many messages are in flight to take another.
	full bool
	// woken are the ARNs of queues whose long polls are to be woken: a message came, or
	// one becomes ready sooner than they expect.
	woken []string
}

// taken is a message that a receive took, in the state that it then had.
type taken struct {
	message *message
	order   order
	backlog uint64
	state   state
}

var errKeysMissing = errors.New("sqs: a candidate's data key is not at hand")

// prepare checks what is asked for.
func (rc *receiving) prepare(in *ReceiveMessageInput) (err error) {
	if rc.wanted, err = in.wanted(); err != nil {
		return err
	}
	if rc.attempt != "" && !rc.q.fifo {
		return notForThisType(rc.attempt, "ReceiveRequestAttemptId")
	}
	if rc.wait < 0 {
		rc.wait = rc.q.wait
	}
	return nil
}

// poll receives until it has something or the wait is over, which began when the
// request came, however often the call has been decided since.
func (rc *receiving) poll(ctx context.Context) error {
	begin := api.RequestFrom(ctx).Time
	if begin.IsZero() {
		begin = rc.service.clock.Now()
	}
	if err := rc.receive(ctx); err != nil || len(rc.taken) > 0 || rc.wait <= 0 {
		return err
	}
	return rc.await(ctx, begin.Add(rc.wait))
}

// await receives whenever the queue has changed or its next deadline has come, until
// it has something or the wait ends. It ends early with the request or the service.
func (rc *receiving) await(ctx context.Context, end time.Time) error {
	s := rc.service
	pollers := s.waiters.join(rc.q.arn)
	defer s.waiters.leave(rc.q.arn, pollers)
	for {
		changed := s.waiters.next(pollers)
		err := rc.lookAgain(ctx)
		if err == nil {
			err = rc.receive(ctx)
		}
		if err != nil || len(rc.taken) > 0 {
			if ctx.Err() != nil {
				return nil // nobody listens any more
			}
			return err
		}
		now := s.clock.Now()
		if !now.Before(end) {
			return nil
		}
		until := end
		if !rc.next.IsZero() && rc.next.Before(end) {
			until = rc.next
		}
		timer := s.clock.NewTimer(until.Sub(now))
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		case <-s.done.Done():
		}
		timer.Stop()
		if ctx.Err() != nil || s.done.Err() != nil {
			return nil
		}
	}
}

// receive takes what the last look saw, without waiting.
func (rc *receiving) receive(ctx context.Context) error {
	for {
		if err := rc.fetch(ctx, rc.candidates); err != nil || !rc.promising {
			return err
		}
		now := rc.service.clock.Now()
		err := rc.service.engine.Update(ctx, func(tx store.Tx) error { return rc.run(tx, now) })
		switch {
		case errors.Is(err, errKeysMissing):
			err = rc.fetch(ctx, rc.lacking)
		case err == nil:
			for _, arn := range rc.woken {
				rc.service.waiters.wake(arn)
			}
			if len(rc.taken) > 0 || rc.full || len(rc.damaged) > 0 {
				return nil // damaged messages look available every time: without this it would loop
			}
		}
		if err == nil {
			err = rc.lookAgain(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// lookAgain looks whether there is anything to take, in the queue as it is now.
func (rc *receiving) lookAgain(ctx context.Context) error {
	now := rc.service.clock.Now()
	return rc.service.engine.View(ctx, func(r store.Reader) error {
		q, err := rc.service.get(r, rc.q.name())
		if err == nil {
			rc.look(r, q, now)
		}
		return err
	})
}

// look looks whether there is anything to take. In an encrypted queue it collects the
// messages whose data keys have to be obtained.
func (rc *receiving) look(r store.Reader, q *queue, now time.Time) {
	rc.outcome, rc.available = outcome{}, available{}
	v := look(r, q, now)
	promising, next := v.available()
	rc.promising, rc.next = promising, moment(next)
	if promising && q.kmsKey != "" {
		rc.candidates = rc.encrypted(&v)
	}
}

// moment is a time in milliseconds; the zero time for 0.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// encrypted are those of the first candidates whose data keys are not yet in rc.keys.
func (rc *receiving) encrypted(v *backlogView) []*message {
	var out []*message
	n := 0
	deadLetters := rc.service.deadLetterQueue(v)
	for c := range v.candidates {
		if deadLetters.claims(c.state) || v.expired(c.o) {
			continue
		}
		if m := v.message(c.o); m != nil && rc.keys.missing(m) {
			out = append(out, m)
		}
		if n++; n == rc.max {
			break
		}
	}
	return out
}

// fetch obtains the data keys of messages.
func (rc *receiving) fetch(ctx context.Context, messages []*message) error {
	for _, m := range messages {
		if rc.keys.missing(m) {
			if err := rc.service.fetch(ctx, rc.q, m, rc.keys); err != nil {
				return err
			}
		}
	}
	return nil
}

// run is the transaction of a receive.
func (rc *receiving) run(tx store.Tx, now time.Time) error {
	rc.outcome = outcome{}
	if err := confirm(tx, rc.q); err != nil {
		return err
	}
	b := openBacklog(tx, rc.q, now)
	if moreExpired := b.catchUp(); !moreExpired {
		if err := rc.take(b); err != nil {
			return err
		}
	}
	for i := range rc.taken {
		if m := rc.taken[i].message; rc.keys.missing(m) {
			rc.lacking = append(rc.lacking, m)
		}
	}
	if rc.lacking != nil {
		return errKeysMissing
	}
	b.close()
	return nil
}

// candidate is a message that is ready.
type candidate struct {
	o     order
	group string
	state *state
}

// candidates yields the messages that are ready in the order of their delivery.
func (v *backlogView) candidates(yield func(candidate) bool) {
	if v.q.fifo {
		v.candidatesFIFO(yield)
		return
	}
	v.candidatesStandard(yield)
}

// take receives up to max messages. Candidates that were received too often go
// to the dead-letter queue instead.
func (rc *receiving) take(b *backlog) error {
	rc.timeout = rc.visibility
	if rc.timeout < 0 {
		rc.timeout = b.q.visibility
	}
	if b.q.fifo && rc.attempt != "" && rc.repeat(b) {
		return nil
	}
	space := maxInFlight - b.n.inFlight
	if space <= 0 {
		rc.full, rc.next = true, moment(b.next())
		if b.q.fifo || rc.wait > 0 {
			return nil
		}
		return ErrOverLimit.With("Too many messages are in flight for this queue.")
	}
	limit := min(rc.max, int(space))
	deadLetters := rc.service.deadLetterQueue(&b.backlogView)
	var picked, dead []candidate
	var messages []*message // of picked
	for c := range b.candidates {
		m := b.message(c.o)
		switch {
		case m == nil:
			rc.damaged = append(rc.damaged, c.o)
		case deadLetters.claims(c.state):
			dead = append(dead, c)
		default:
			picked, messages = append(picked, c), append(messages, m)
		}
		if len(picked) == limit || len(dead) == dueAtOnce {
			break
		}
	}
	if len(dead) > 0 {
		deadLetters.move(b, dead)
		rc.woken = append(rc.woken, deadLetters.arn)
	}
	for i, c := range picked {
		rc.pick(b, c, messages[i])
	}
	if len(picked) == 0 && len(rc.damaged) > 0 {
		rc.next = moment(b.next())
	}
	if len(picked) > 0 {
		rc.woken = append(rc.woken, b.q.arn) // deadlines came nearer, groups moved on
	}
	if b.q.fifo {
		rc.after(b, picked)
	}
	return nil
}

// pick receives one message.
func (rc *receiving) pick(b *backlog, c candidate, m *message) {
	st := *c.state
	st.receives++
	st.received = b.now
	if st.first == 0 {
		st.first = b.now
	}
	rc.hide(b, c.o, c.group, c.state, st)
	rc.taken = append(rc.taken, taken{m, c.o, b.q.Backlog, st})
}

// hide lets a message that was received be in flight for the visibility timeout. The
// caller calls line for its group then, if the queue is a FIFO queue.
func (rc *receiving) hide(b *backlog, o order, group string, from *state, to state) {
	to.deadline = 0
	if rc.timeout > 0 {
		to.deadline = b.now + rc.timeout.Milliseconds()
	}
	b.shift(o, group, from, &to)
}
