package events

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/schedule"
	"github.com/waxseal/waxseal/internal/store"
)

// tickRecord is the next due time of a rule with a schedule. Its key begins with that time.
type tickRecord struct{ Rule storedRule }

// keyForm is a time in keys, whose order is that of time.
const keyForm = "2006-01-02T15:04:05.000000000Z"

func tickKey(due time.Time, id ruleID) string { return due.UTC().Format(keyForm) + nul + id.key() }

// dueOf is the time of tickKey.
func dueOf(key string) (time.Time, error) {
	return time.Parse(keyForm, key[:min(len(key), len(keyForm))])
}

// plan keeps when a rule ticks next, as the rule has become. before is nil for a new rule,
// and after for one that is deleted.
func (s *Service) plan(tx store.Tx, before, after *ruleRecord, now time.Time) {
	if before != nil && !before.Next.IsZero() {
		s.ticks.Delete(tx, tickKey(before.Next, before.id()))
	}
	if after == nil {
		return
	}
	after.Next = time.Time{}
	if after.Schedule == "" || !after.enabled() {
		return
	}
	if parsed, err := schedule.Parse(after.Schedule); err == nil {
		s.planAfter(tx, after, parsed, now)
	}
}

// planAfter lets a rule tick next after a time.
func (s *Service) planAfter(tx store.Tx, l *ruleRecord, parsed *schedule.Schedule, after time.Time) {
	l.Next = time.Time{}
	if next, ok := parsed.Next(l.Begun, after); ok {
		l.Next = next
		s.ticks.Put(tx, tickKey(next, l.id()), &tickRecord{l.id().stored()})
	}
}

// ticker lets the rules tick that are due. It sleeps until the next one is, or until the
// rules change.
type ticker struct {
	service *Service
	woken   chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup
}

func newTicker(s *Service) *ticker {
	return &ticker{service: s, woken: make(chan struct{}, 1), stop: func() {}}
}

func (t *ticker) start() {
	ctx, stop := context.WithCancel(context.Background())
	t.stop = stop
	t.running.Go(func() { t.run(ctx) })
}

func (t *ticker) close() {
	t.stop()
	t.running.Wait()
}

// wake tells that rules have changed.
func (t *ticker) wake() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

func (t *ticker) run(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := t.service.tickDue(ctx)
		if err != nil && ctx.Err() == nil {
			t.service.log.LogAttrs(ctx, slog.LevelError, "events: rules that are due cannot tick", slog.Any("error", err))
			select {
			case <-ctx.Done():
			case <-clock.AfterReal(afterFailure):
			}
			continue
		}
		t.sleep(ctx, next)
	}
}

// afterFailure is how long the ticker leaves a state alone that it could not read or write.
const afterFailure = time.Second

// sleep waits until a time, or without one until it is woken.
func (t *ticker) sleep(ctx context.Context, until time.Time) {
	var due <-chan time.Time
	if c := t.service.clock; !until.IsZero() {
		timer := newTimerAt(c, until)
		defer timer.Stop()
		due = timer.C
		if !c.Now().Before(until) { // it was turned before the timer knew
			return
		}
	}
	select {
	case <-ctx.Done():
	case <-t.woken:
	case <-due:
	}
}

func newTimerAt(c clock.Clock, at time.Time) *clock.Timer { return c.NewTimer(at.Sub(c.Now())) }

// One look finds so many rules that are due, and lets each of them tick so often.
const (
	maxDueRules = 16
	maxTicks    = 64
)

// tickDue lets all rules tick that are due, and answers when one is due next; zero: none is.
func (s *Service) tickDue(ctx context.Context) (next time.Time, err error) {
	for {
		var due []ruleID
		now := s.clock.Now()
		err = s.engine.View(ctx, func(r store.Reader) error {
			due, next = nil, time.Time{}
			for key, t := range s.ticks.Scan(r, "", "", maxDueRules) {
				at, err := dueOf(key)
				if err != nil {
					return err
				}
				if at.After(now) {
					next = at
					break
				}
				due = append(due, t.Rule.id())
			}
			return nil
		})
		if err != nil || len(due) == 0 || ctx.Err() != nil {
			return next, err
		}
		for _, id := range due {
			if err := s.tick(ctx, id, now); err != nil {
				return time.Time{}, err
			}
		}
		s.outbox.Committed()
	}
}

// tick lets a rule tick for its next due times up to now.
func (s *Service) tick(ctx context.Context, id ruleID, now time.Time) error {
	return api.RetryChanged(func() error {
		var l *ruleRecord
		err := s.engine.View(ctx, func(r store.Reader) error {
			l = s.rules.Get(r, id.key())
			return nil
		})
		if err != nil || l == nil || l.Next.IsZero() || l.Next.After(now) { // it was changed meanwhile
			return err
		}
		parsed, err := schedule.Parse(l.Schedule)
		if err != nil {
			return err
		}
		times, last := s.dueTimes(ctx, l, parsed, now)
		var stored []storedJob
		for _, at := range times {
			jobs, err := s.tickJobs(l, at)
			if err != nil {
				return err
			}
			stored = append(stored, jobs...)
		}
		return s.engine.Update(ctx, func(tx store.Tx) error {
			if _, same := store.Compare(tx, l); !same {
				return api.ErrChanged
			}
			edited := s.rules.Edit(tx, id.key())
			s.ticks.Delete(tx, tickKey(l.Next, id))
			s.planAfter(tx, edited, parsed, last)
			s.rules.Put(tx, id.key(), edited)
			for i := range stored {
				s.outbox.Add(tx, now, &stored[i])
			}
			return nil
		})
	})
}

// What a clock that is turned far makes up for, of a rule that ticks every day or more often.
const (
	farTurn = 366 * 24 * time.Hour
	often   = 24 * time.Hour
)

// dueTimes are the next due times of a rule up to now, and the last of them.
func (s *Service) dueTimes(ctx context.Context, l *ruleRecord, parsed *schedule.Schedule, now time.Time) (times []time.Time, last time.Time) {
	at := l.Next
	if missed := now.Add(-farTurn); at.Before(missed) {
		if second, ok := parsed.Next(l.Begun, at); ok && second.Sub(at) <= often {
			s.log.LogAttrs(ctx, slog.LevelWarn, "events: the clock was turned by more than a year: a rule makes up for the last year alone", slog.String("rule", l.id().arn()))
			at = missed
			if next, ok := parsed.Next(l.Begun, at); ok {
				at = next
			}
		}
	}
	last = now
	if len(l.Targets) == 0 {
		return nil, last
	}
	for ok := true; ok && !at.After(now) && len(times) < maxTicks; at, ok = parsed.Next(l.Begun, at) {
		times, last = append(times, at), at
	}
	return times, last
}

// tickJobs are the deliveries of one tick, with the due time in the event [V107].
func (s *Service) tickJobs(l *ruleRecord, at time.Time) ([]storedJob, error) {
	e := &event{
		ID: s.ids.UUID(), DetailType: "Scheduled Event", Source: "aws.events", Account: l.Account, Region: l.Region,
		Time: at, Resources: []string{l.id().arn()}, Detail: "{}",
	}
	var stored []storedJob
	for _, j := range s.newJobs(l, &arrival{event: e, baseURL: l.BaseURL}) {
		sealed, err := s.seal(j)
		if err != nil {
			return nil, err
		}
		stored = append(stored, sealed)
	}
	return stored, nil
}
