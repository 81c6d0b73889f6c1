package sqs

import (
	"context"
	"errors"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// reception is one ReceiveMessage on its way.
//
// KMS is never asked within a transaction. The candidates' data keys are
// obtained first; where the transaction then finds a message whose key is not
// at hand it is given up, and begun anew with that key too. So a refusal by KMS
// leaves the queue as it was [A9.2].
type reception struct {
	service   *Service
	queueName name
	wanted
	// keys are the KMS data keys at hand.
	keys keyring
	// next is when something will be due; zero: nothing waits.
	next time.Time

	outcome
}

// outcome is what one transaction found.
type outcome struct {
	q *queue
	// timeout is the visibility timeout of what is taken.
	timeout time.Duration
	taken   []taken
	// damaged are messages that were met and cannot be read.
	damaged []order
	// lacking are messages whose data keys are not at hand.
	lacking []*message
	// full: too many messages are in flight to take another.
	full bool
	// woken are the ARNs of queues that something came to, or that may have
	// something sooner than was known.
	woken []string
}

// taken is a message that a receive took, in the state that it then had.
type taken struct {
	message *message
	order   order
	room    uint64
	state   state
}

var errKeysMissing = errors.New("sqs: a candidate's data key is not at hand")

// poll receives until it has something or the wait is over.
func (rc *reception) poll(ctx context.Context) error {
	begin := rc.service.Clock.Now()
	if err := rc.receive(ctx); err != nil || len(rc.taken) > 0 || rc.wait <= 0 {
		return err
	}
	return rc.await(ctx, begin.Add(rc.wait))
}

// await receives whenever the queue has changed, or its next deadline has come,
// until it has something or it is the end. It ends early with the request or the service.
func (rc *reception) await(ctx context.Context, end time.Time) error {
	s := rc.service
	arn := rc.queueName.arn()
	crowd := s.waiters.join(arn)
	defer s.waiters.leave(arn, crowd)
	for {
		changed := s.waiters.next(crowd)
		if err := rc.receive(ctx); err != nil || len(rc.taken) > 0 {
			if ctx.Err() != nil {
				return nil // nobody listens any more
			}
			return err
		}
		now := s.Clock.Now()
		if !now.Before(end) {
			return nil
		}
		until := end
		if !rc.next.IsZero() && rc.next.Before(end) {
			until = rc.next
		}
		timer := s.Clock.NewTimer(until.Sub(now))
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

// receive takes what there is, without waiting.
func (rc *reception) receive(ctx context.Context) error {
	for {
		now := rc.service.Clock.Now()
		promising, err := rc.scout(ctx, now)
		if err != nil || !promising {
			return err
		}
		err = rc.service.Engine.Update(ctx, func(tx store.Tx) error { return rc.run(ctx, tx, now) })
		if errors.Is(err, errKeysMissing) {
			if err := rc.fetch(ctx, rc.q, rc.lacking); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		for _, arn := range rc.woken {
			rc.service.waiters.wake(arn)
		}
		if len(rc.taken) > 0 || rc.full || len(rc.damaged) > 0 {
			return nil // what is damaged looks like something to take, again and again
		}
	}
}

// scout looks whether there is anything to take. Of an encrypted queue it
// obtains the data keys of what would be taken.
func (rc *reception) scout(ctx context.Context, now time.Time) (promising bool, err error) {
	var candidates []*message
	err = rc.service.Engine.View(ctx, func(r store.Reader) (err error) {
		rc.outcome, rc.next, candidates = outcome{}, time.Time{}, nil
		if rc.q, err = rc.service.get(ctx, r, rc.queueName); err != nil {
			return err
		}
		if rc.wait < 0 {
			rc.wait = rc.q.wait
		}
		if rc.attempt != "" && !rc.q.fifo {
			return notForThisType(rc.attempt, "ReceiveRequestAttemptId")
		}
		l := look(r, rc.q, now)
		var next int64
		promising, next = l.prospect()
		rc.next = moment(next)
		if promising && rc.q.kmsKey != "" {
			candidates = rc.encrypted(&l)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	return promising, rc.fetch(ctx, rc.q, candidates)
}

// moment is a time in milliseconds; the zero time for 0.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// encrypted are those of the first candidates whose data keys are not at hand.
func (rc *reception) encrypted(l *lookout) []*message {
	var out []*message
	n := 0
	graveyard := rc.service.deadLetterQueue(l)
	for c := range l.candidates {
		if graveyard.claims(c.state) || l.expired(c.o) {
			continue
		}
		if m := l.message(c.o); m != nil && rc.keys.missing(m) {
			out = append(out, m)
		}
		if n++; n == rc.max {
			break
		}
	}
	return out
}

// fetch obtains the data keys of messages.
func (rc *reception) fetch(ctx context.Context, q *queue, messages []*message) error {
	for _, m := range messages {
		if rc.keys.missing(m) {
			if err := rc.service.fetch(ctx, q, m, rc.keys); err != nil {
				return err
			}
		}
	}
	return nil
}

// run is the transaction of a receive.
func (rc *reception) run(ctx context.Context, tx store.Tx, now time.Time) (err error) {
	rc.outcome = outcome{}
	if rc.q, err = rc.service.get(ctx, tx, rc.queueName); err != nil {
		return err
	}
	r := openRoom(tx, rc.q, now)
	if moreExpired := r.settle(); !moreExpired {
		if err := rc.take(r); err != nil {
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
	r.close()
	return nil
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
	l.candidatesStandard(yield)
}

// take receives up to max messages. Candidates that were received too often go
// to the dead-letter queue instead.
func (rc *reception) take(r *room) error {
	rc.timeout = rc.visibility
	if rc.timeout < 0 {
		rc.timeout = r.q.visibility
	}
	if r.q.fifo && rc.attempt != "" && rc.repeat(r) {
		return nil
	}
	space := maxInFlight - r.n.inFlight
	if space <= 0 {
		rc.full, rc.next = true, moment(r.next())
		if r.q.fifo || rc.wait > 0 {
			return nil
		}
		return ErrOverLimit.With("Too many messages are in flight for this queue.")
	}
	limit := min(rc.max, int(space))
	graveyard := rc.service.deadLetterQueue(&r.lookout)
	var picked, dead []candidate
	var messages []*message // of picked
	for c := range r.candidates {
		m := r.message(c.o)
		switch {
		case m == nil:
			rc.damaged = append(rc.damaged, c.o)
		case graveyard.claims(c.state):
			dead = append(dead, c)
		default:
			picked, messages = append(picked, c), append(messages, m)
		}
		if len(picked) == limit || len(dead) == settleChunk {
			break
		}
	}
	if len(dead) > 0 {
		graveyard.bury(r, dead)
		rc.woken = append(rc.woken, graveyard.arn)
	}
	for i, c := range picked {
		rc.pick(r, c, messages[i])
	}
	if len(picked) == 0 && len(rc.damaged) > 0 {
		rc.next = moment(r.next())
	}
	if len(picked) > 0 {
		rc.woken = append(rc.woken, r.q.arn) // deadlines came nearer, groups moved on
	}
	if r.q.fifo {
		rc.after(r, picked)
	}
	return nil
}

// pick receives one message.
func (rc *reception) pick(r *room, c candidate, m *message) {
	st := *c.state
	st.receives++
	st.received = r.now
	if st.first == 0 {
		st.first = r.now
	}
	rc.hide(r, c.o, c.group, c.state, st)
	rc.taken = append(rc.taken, taken{m, c.o, r.q.Room, st})
}

// hide lets a message that was received be in flight for the visibility timeout.
func (rc *reception) hide(r *room, o order, group string, from *state, to state) {
	to.deadline = 0
	if rc.timeout > 0 {
		to.deadline = r.now + rc.timeout.Milliseconds()
	}
	r.change(o, group, from, &to)
}
