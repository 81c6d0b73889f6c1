package sns

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// worker does in the background what is due by the clock: waiting deliveries, replays,
// and the sweep after deletions. It sleeps until it is woken or something is due.
type worker struct {
	service *Service
	woken   chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup

	mu         sync.Mutex
	begun      int                  // how much was begun
	inProgress map[string]bool      // jobs, replays and the sweep that are being made, by key
	slots      map[string]time.Time // when a throttled subscription may be delivered to next
	parked     map[string]bool      // jobs that cannot be made as they are stored
}

// maxInProgress is how many deliveries the worker makes at a time.
const maxInProgress = 64

func newWorker(s *Service) *worker {
	return &worker{
		service: s, woken: make(chan struct{}, 1),
		stop:       func() {}, // it does not run yet
		inProgress: map[string]bool{}, slots: map[string]time.Time{}, parked: map[string]bool{},
	}
}

func (w *worker) start() {
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	w.running.Go(func() { w.run(ctx) })
}

// close stops the worker and waits for what it is doing. What was not
// delivered stays stored.
func (w *worker) close() {
	w.stop()
	w.running.Wait()
}

// wake lets the worker look again for what is due.
func (w *worker) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

func (w *worker) run(ctx context.Context) {
	for {
		next, err := w.startDue(ctx)
		if err != nil && ctx.Err() == nil {
			w.service.log.LogAttrs(ctx, slog.LevelError, "sns: the deliveries that wait cannot be read", slog.Any("error", err))
		}
		var timer *clock.Timer
		var due <-chan time.Time
		if !next.IsZero() {
			timer = w.service.clock.NewTimer(next.Sub(w.service.clock.Now()))
			due = timer.C
		}
		select {
		case <-ctx.Done():
		case <-w.woken:
		case <-due:
		}
		if timer != nil {
			timer.Stop()
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// startDue starts what is due and answers when something is due next; zero: nothing is.
func (w *worker) startDue(ctx context.Context) (time.Time, error) {
	s := w.service
	// busy comes before the transaction: a job that ends in between may still be seen in
	// the transaction, and must not be started again.
	busy := w.busy()
	var ready []*job
	var replays []string
	var next time.Time
	var damaged finds
	left := false
	err := s.engine.View(ctx, func(r store.Reader) error {
		now := s.clock.Now()
		ready, replays, next, damaged, left = nil, nil, time.Time{}, finds{}, false
		for key, j := range s.jobs.scan(r, "", "", damaged.add) {
			if err := j.check(key); err != nil {
				damaged.add(key, err)
				continue
			}
			if j.Due.After(now) {
				next = j.Due
				break
			}
			if len(ready) == maxInProgress {
				break // one that ends wakes the worker
			}
			if !busy[key] {
				ready = append(ready, j)
			}
		}
		for key := range s.replays.keys(r, "", "", store.All) {
			replays = append(replays, key)
		}
		for range s.remains.Scan(r, "", "", 1) {
			left = true
		}
		return nil
	})
	if err != nil {
		return next, err
	}
	s.tellDamaged(ctx, "delivery", damaged)
	for _, j := range ready {
		w.begin(j.key(), func() { w.deliver(ctx, j) })
	}
	if left && !busy[sweepKey] {
		w.begin(sweepKey, func() { s.sweep(ctx) })
	}
	for _, subscription := range replays {
		if busy[replayKey(subscription)] {
			continue
		}
		w.begin(replayKey(subscription), func() { s.replay(ctx, subscription) })
	}
	return next, nil
}

// catchUp does what is due, and what becomes due by that.
func (w *worker) catchUp(ctx context.Context) error {
	for begun := -1; begun != w.begun; {
		begun = w.begun
		if _, err := w.startDue(ctx); err != nil {
			return err
		}
		w.running.Wait()
	}
	return ctx.Err()
}

// busy are the keys of what is in progress or parked.
func (w *worker) busy() map[string]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	busy := maps.Clone(w.inProgress)
	maps.Copy(busy, w.parked)
	return busy
}

// replayKey is the key of a replay among what is being made.
func replayKey(subscription string) string { return "replay " + subscription }

// park leaves a job alone until the next start.
func (w *worker) park(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parked[key] = true
}

// begin starts something in a goroutine of its own, unless it is in progress already
// or too much is.
func (w *worker) begin(key string, do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inProgress[key] || len(w.inProgress) >= maxInProgress {
		return
	}
	w.inProgress[key] = true
	w.begun++
	w.running.Go(func() {
		do()
		w.mu.Lock()
		delete(w.inProgress, key)
		w.mu.Unlock()
		w.wake()
	})
}

// deliver makes one attempt at a job.
func (w *worker) deliver(ctx context.Context, j *job) {
	s := w.service
	key := j.key()
	err := s.unseal(j)
	var d trail.Delivery
	if err == nil {
		d, err = w.attempt(ctx, j)
	}
	if ctx.Err() != nil {
		return // the server stops; the job is still stored
	}
	var again *job
	if err == nil && d.Status == trail.StatusPending {
		again, err = s.sealed(j)
	}
	if err == nil {
		s.record(ctx, &d) // before it can be started again
		err = s.engine.Update(ctx, func(tx store.Tx) error {
			s.jobs.delete(tx, key)
			if again != nil {
				s.jobs.put(tx, again.key(), again)
			}
			return nil
		})
	}
	if err != nil {
		w.park(key)
		s.log.LogAttrs(ctx, slog.LevelError, "sns: a delivery cannot be made",
			slog.String("message", j.MessageID), slog.String("subscription", j.Subscription), slog.Any("error", err))
	}
}

// attempt makes a delivery, if its subscription still exists.
func (w *worker) attempt(ctx context.Context, j *job) (trail.Delivery, error) {
	s := w.service
	gone := false
	err := s.engine.View(ctx, func(r store.Reader) error {
		gone = j.Kind != typeUnsubscribed && s.subscription(r, j.Subscription) == nil
		return nil
	})
	if err != nil {
		return trail.Delivery{}, err
	}
	if gone {
		return j.record(trail.StatusFailure, trail.Outcome{ProviderResponse: "the subscription was deleted"}, s.clock.Now()), nil
	}
	return s.attempt(s.context(ctx, j), j), nil
}

// slot is when a job may be delivered: at once, unless its subscription is throttled.
func (w *worker) slot(j *job, now time.Time) time.Time {
	if j.rate == 0 {
		return now
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at := now
	if next := w.slots[j.Subscription]; next.After(now) {
		at = next
	}
	w.slots[j.Subscription] = at.Add(time.Second / time.Duration(j.rate))
	return at
}
