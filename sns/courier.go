package sns

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/store"
)

// courier makes the deliveries that wait in the outbox, each when it is due by
// the clock, the replays, and the sweep of what was deleted. It sleeps until it is
// woken or something is due.
type courier struct {
	service *Service
	woken   chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	flying map[string]bool      // jobs, replays and the sweep that are being made, by key
	slots  map[string]time.Time // when a throttled subscription may be delivered to next
	parked map[string]bool      // jobs that cannot be made as they are stored
}

// maxFlying is how many deliveries the courier makes at a time.
const maxFlying = 64

func newCourier(s *Service) *courier {
	return &courier{
		service: s, woken: make(chan struct{}, 1),
		stop:   func() {}, // it does not run yet
		flying: map[string]bool{}, slots: map[string]time.Time{}, parked: map[string]bool{},
	}
}

func (c *courier) start() {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.running.Go(func() { c.run(ctx) })
}

// close stops the courier and waits for what it is doing. What was not
// delivered stays in the outbox.
func (c *courier) close() {
	c.stop()
	c.running.Wait()
}

// wake lets the courier look at the outbox again.
func (c *courier) wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c *courier) run(ctx context.Context) {
	for {
		next, err := c.launch(ctx)
		if err != nil && ctx.Err() == nil {
			c.service.log.LogAttrs(ctx, slog.LevelError, "sns: the outbox cannot be read", slog.Any("error", err))
		}
		var timer *clock.Timer
		var due <-chan time.Time
		if !next.IsZero() {
			timer = c.service.clock.NewTimer(next.Sub(c.service.clock.Now()))
			due = timer.C
		}
		select {
		case <-ctx.Done():
		case <-c.woken:
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

// launch starts what is due and answers when something is due next; zero: nothing is.
func (c *courier) launch(ctx context.Context) (time.Time, error) {
	s := c.service
	// What is being done is asked first: a job that ends meanwhile may still be
	// in the transaction's view, but it is over.
	busy := c.busy()
	var ready []*job
	var replays []string
	var next time.Time
	var damaged finds
	left := false
	err := s.engine.View(ctx, func(r store.Reader) error {
		now := s.clock.Now()
		ready, replays, next, damaged, left = nil, nil, time.Time{}, finds{}, false
		for key, j := range s.outbox.scan(r, "", "", damaged.add) {
			if err := j.check(key); err != nil {
				damaged.add(key, err)
				continue
			}
			if j.Due.After(now) {
				next = j.Due
				break
			}
			if len(ready) == maxFlying {
				break // one that ends wakes the courier
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
		c.fly(j.key(), func() { c.deliver(ctx, j) })
	}
	if left && !busy[sweepKey] {
		c.fly(sweepKey, func() { s.sweep(ctx) })
	}
	for _, subscription := range replays {
		if busy[replayKey(subscription)] {
			continue
		}
		c.fly(replayKey(subscription), func() { s.replay(ctx, subscription) })
	}
	return next, nil
}

// busy are the keys of what is being made, or is not to be made again.
func (c *courier) busy() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	busy := maps.Clone(c.flying)
	maps.Copy(busy, c.parked)
	return busy
}

// replayKey is the key of a replay among what is being made.
func replayKey(subscription string) string { return "replay " + subscription }

// park leaves a job alone until the next start.
func (c *courier) park(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parked[key] = true
}

// fly does something that is not being done yet in a goroutine of its own, if
// there are not too many.
func (c *courier) fly(key string, do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flying[key] || len(c.flying) >= maxFlying {
		return
	}
	c.flying[key] = true
	c.running.Go(func() {
		do()
		c.mu.Lock()
		delete(c.flying, key)
		c.mu.Unlock()
		c.wake()
	})
}

// deliver makes one attempt at a job from the outbox.
func (c *courier) deliver(ctx context.Context, j *job) {
	s := c.service
	key := j.key()
	err := s.unseal(j)
	var d Delivery
	if err == nil {
		d, err = c.attempt(ctx, j)
	}
	if ctx.Err() != nil {
		return // the server stops; the job is still in the outbox
	}
	var again *job
	if err == nil && d.Status == StatusPending {
		again, err = s.sealed(j)
	}
	if err == nil {
		s.record(ctx, d) // before it can be launched again
		err = s.engine.Update(ctx, func(tx store.Tx) error {
			s.outbox.delete(tx, key)
			if again != nil {
				s.outbox.put(tx, again.key(), again)
			}
			return nil
		})
	}
	if err != nil {
		c.park(key)
		s.log.LogAttrs(ctx, slog.LevelError, "sns: a delivery cannot be made",
			slog.String("message", j.MessageID), slog.String("subscription", j.Subscription), slog.Any("error", err))
	}
}

// attempt delivers to a subscription that still is.
func (c *courier) attempt(ctx context.Context, j *job) (Delivery, error) {
	s := c.service
	gone := false
	err := s.engine.View(ctx, func(r store.Reader) error {
		gone = j.Kind != typeUnsubscribed && s.subscription(r, j.Subscription) == nil
		return nil
	})
	if err != nil {
		return Delivery{}, err
	}
	if gone {
		return j.record(StatusFailure, Outcome{ProviderResponse: "the subscription was deleted"}, s.clock.Now()), nil
	}
	return s.attempt(s.context(ctx, j), j), nil
}

// slot is when a job may be delivered: at once, unless its subscription is throttled.
func (c *courier) slot(j *job, now time.Time) time.Time {
	if j.rate == 0 {
		return now
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := now
	if next := c.slots[j.Subscription]; next.After(now) {
		at = next
	}
	c.slots[j.Subscription] = at.Add(time.Second / time.Duration(j.rate))
	return at
}
