// Package clock is the one place that knows what time it is.
//
// Everything in waxseal that expires, waits, rotates or is scheduled asks a
// Clock, so that a test can pass a 14-day retention in a millisecond. Only what
// other machines judge too follows real time: see Real.
package clock

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"
)

// Clock tells the time and has timers.
type Clock interface {
	// Now is the present time of this clock, in UTC.
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

// Earliest and Latest bound the times that a clock can show. At the latest time it
// stops, because records hold years of four digits.
var (
	Earliest = time.Unix(0, 0).UTC()
	Latest   = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
)

// ErrRange says that a clock cannot be turned so far.
var ErrRange = errors.New("clock: it goes from 1970-01-01 to 9999-12-31")

// Turnable is a Clock that can be advanced and set. It runs along with real
// time (New) or stands still between advances (NewStill, NewLeaping). The zero value is
// not usable.
type Turnable struct {
	mu     sync.Mutex
	still  bool
	leaps  bool      // to the end of every wait
	base   time.Time // the present of a clock that stands still
	offset Offset
	timers []*Timer // by deadline
}

// New is a clock that shows real time until it is turned.
func New() *Turnable { return &Turnable{} }

// NewStill is a clock that shows start and moves only when it is turned: for
// tests that count every millisecond.
func NewStill(start time.Time) *Turnable { return &Turnable{still: true, base: start.UTC()} }

// NewLeaping is a clock that stands still until somebody waits, and then leaps to the end
// of that wait: for one who acts alone, so that nothing else could happen meanwhile.
func NewLeaping(start time.Time) *Turnable {
	c := NewStill(start)
	c.leaps = true
	return c
}

// Now implements Clock.
func (c *Turnable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Turnable) now() time.Time {
	if now := c.offset.from(c.real()); now.Before(Latest) {
		return now
	}
	return Latest
}

// real is the present time of a clock that was never turned.
func (c *Turnable) real() time.Time {
	if c.still {
		return c.base
	}
	// Without its monotonic reading, or a stored deadline would not equal
	// the same deadline still in memory.
	return time.Now().Round(0).UTC()
}

// Offset is how far the clock is ahead of real time.
func (c *Turnable) Offset() Offset {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Waiting is how many timers have not fired yet. A test uses it to turn the
// clock only when the code under test is waiting for it.
func (c *Turnable) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// Advance turns the clock by d and fires, in the order of their deadlines, the
// timers that have thereby run out. A negative d turns the clock back, so that
// timers fire later. It panics where TryAdvance fails.
func (c *Turnable) Advance(d time.Duration) { must(c.TryAdvance(d)) }

// Set turns the clock to show t. It panics where TrySet fails.
func (c *Turnable) Set(t time.Time) { must(c.TrySet(t)) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TryAdvance is Advance, except that it returns ErrRange, and leaves the clock
// as it is, where the clock cannot show that time.
func (c *Turnable) TryAdvance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set(c.now().Add(d))
}

// TrySet is Set, except that it returns ErrRange, and leaves the clock as it is, where
// the clock cannot show t.
func (c *Turnable) TrySet(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set(t)
}

func (c *Turnable) set(t time.Time) error {
	if t.Before(Earliest) || t.After(Latest.Add(time.Second-1)) {
		return ErrRange
	}
	c.turn(between(c.real(), t))
	return nil
}

// SetOffset turns the clock to o ahead of real time. The zero Offset is real time.
func (c *Turnable) SetOffset(o Offset) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(o)
}

func (c *Turnable) turn(offset Offset) {
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
	case c.leaps:
		c.turn(between(c.real(), t.at))
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

// Real is the real time, whatever the clock shows. It is for what other
// machines judge too (the skew of a signature, the validity of a certificate,
// the deadline of a connection).
func Real() time.Time { return time.Now() }

// AfterReal is a channel that receives once when d of real time has passed, whatever
// the clock shows. It is for what only spreads work over time, and decides nothing.
func AfterReal(d time.Duration) <-chan time.Time { return time.After(d) }
