// Package clock is the one place that knows what time it is.
//
// Everything in waxseal that expires, waits, rotates or is scheduled asks a
// Clock, so that a test can turn a 14-day retention in a millisecond. Only the
// skew of a request's signature is judged by real time.
package clock

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Clock tells the time and wakes who waits for it.
type Clock interface {
	// Now is the present by this clock, in UTC.
	Now() time.Time
	// NewTimer fires once when d has passed by this clock. A d of zero or less
	// fires at once.
	NewTimer(d time.Duration) *Timer
}

// Timer is one wait. Its channel receives one value, unless it was stopped.
type Timer struct {
	C <-chan time.Time

	c     chan time.Time
	at    time.Time
	real  *time.Timer // nil on a clock that stands still
	clock *Turnable
}

// Stop ends the wait. It reports whether the timer had not yet fired.
func (t *Timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.remove(t)
}

// Turnable is a Clock that can be advanced and set. It runs along with real
// time (New) or stands still between advances (NewStill). The zero value is not usable.
type Turnable struct {
	mu     sync.Mutex
	still  bool
	base   time.Time // the present of a clock that stands still
	offset time.Duration
	timers []*Timer // by deadline
}

// New is a clock that shows real time until it is turned.
func New() *Turnable { return &Turnable{} }

// NewStill is a clock that shows start and moves only when it is turned: for
// tests that count every millisecond.
func NewStill(start time.Time) *Turnable { return &Turnable{still: true, base: start.UTC()} }

// Now implements Clock.
func (c *Turnable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Turnable) now() time.Time {
	base := c.base
	if !c.still {
		// Without its monotonic reading, or a stored deadline would not equal
		// the same deadline still in memory.
		base = time.Now().Round(0).UTC()
	}
	return base.Add(c.offset)
}

// Offset is how far the clock is ahead of real time.
func (c *Turnable) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Advance turns the clock by d and fires, in the order of their deadlines, the
// timers that have thereby run out. A negative d turns it back.
func (c *Turnable) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(c.offset + d)
}

// SetOffset turns the clock to d ahead of real time.
func (c *Turnable) SetOffset(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(d)
}

// Set turns the clock to show t.
func (c *Turnable) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(c.offset + t.Sub(c.now()))
}

func (c *Turnable) turn(offset time.Duration) {
	c.offset = offset
	now := c.now()
	for len(c.timers) > 0 && !c.timers[0].at.After(now) {
		c.fire(c.timers[0], now)
	}
	for _, t := range c.timers {
		if t.real != nil {
			t.real.Reset(t.at.Sub(now))
		}
	}
}

// NewTimer implements Clock.
func (c *Turnable) NewTimer(d time.Duration) *Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	ch := make(chan time.Time, 1)
	t := &Timer{C: ch, c: ch, at: now.Add(d), clock: c}
	i, _ := slices.BinarySearchFunc(c.timers, t, func(a, b *Timer) int {
		// After every timer of the same deadline: first come, first fired.
		return cmp.Or(a.at.Compare(b.at), -1)
	})
	c.timers = slices.Insert(c.timers, i, t)
	switch {
	case d <= 0:
		c.fire(t, now)
	case !c.still:
		t.real = time.AfterFunc(d, func() { c.ring(t) })
	}
	return t
}

// ring is called by real time. The clock may have been turned back meanwhile:
// then the deadline is not reached yet and turn has armed the timer anew.
func (c *Turnable) ring(t *Timer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); !t.at.After(now) {
		c.fire(t, now)
	} else if slices.Contains(c.timers, t) {
		t.real.Reset(t.at.Sub(now))
	}
}

func (c *Turnable) fire(t *Timer, now time.Time) {
	if c.remove(t) {
		t.c <- now
	}
}

func (c *Turnable) remove(t *Timer) bool {
	i := slices.Index(c.timers, t)
	if i < 0 {
		return false
	}
	c.timers = slices.Delete(c.timers, i, i+1)
	if t.real != nil {
		t.real.Stop()
	}
	return true
}

// Real is the real time, whatever the clock shows: for what other machines
// judge too (the skew of a signature, the validity of a certificate, the
// deadline of a connection).
func Real() time.Time { return time.Now() }

// ParseDuration reads a duration as time.ParseDuration does, and days too:
// "5m", "1h30m", "14d", "1d12h".
func ParseDuration(s string) (time.Duration, error) {
	days, rest, ok := strings.Cut(s, "d")
	if !ok {
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration such as 90s, 5m, 12h or 14d", s)
		}
		return d, nil
	}
	n, err := strconv.ParseInt(days, 10, 32)
	d := time.Duration(0)
	if err == nil && rest != "" {
		d, err = time.ParseDuration(rest)
	}
	const day = 24 * time.Hour
	if err != nil || n > int64(math.MaxInt64/day) || n < 0 && rest != "" {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 5m, 12h or 14d", s)
	}
	return time.Duration(n)*day + d, nil
}
