package clock

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func fired(t *Timer) bool {
	select {
	case <-t.C:
		return true
	default:
		return false
	}
}

func TestStillClockMovesOnlyWhenTurned(t *testing.T) {
	c := NewStill(start)
	if !c.Now().Equal(start) {
		t.Fatalf("Now = %v", c.Now())
	}
	c.Advance(5 * time.Minute)
	if want := start.Add(5 * time.Minute); !c.Now().Equal(want) || c.Offset().String() != "5m0s" {
		t.Fatalf("after Advance: %v, offset %v", c.Now(), c.Offset())
	}
	c.Set(start)
	if !c.Now().Equal(start) {
		t.Fatalf("after Set: %v", c.Now())
	}
}

func TestAdvanceFiresWhatHasExactlyRunOut(t *testing.T) {
	c := NewStill(start)
	early, late := c.NewTimer(time.Minute), c.NewTimer(time.Minute+1)
	c.Advance(time.Minute)
	if !fired(early) || fired(late) {
		t.Fatal("a timer fires when its time has come, and not before")
	}
	if early.Stop() {
		t.Error("Stop of a timer that fired reports true")
	}
	if !late.Stop() {
		t.Error("Stop of a waiting timer reports false")
	}
	c.Advance(time.Hour)
	if fired(late) {
		t.Error("a stopped timer fired")
	}
}

func TestTimersFireInOrder(t *testing.T) {
	c := NewStill(start)
	// All share one channel's worth of order through their fire times.
	third, first, second := c.NewTimer(3*time.Second), c.NewTimer(time.Second), c.NewTimer(time.Second)
	if c.timers[0] != first || c.timers[1] != second || c.timers[2] != third {
		t.Fatal("timers are kept by deadline, then by age")
	}
	c.Advance(time.Second)
	if !fired(first) || !fired(second) || fired(third) {
		t.Fatal("wrong timers fired")
	}
}

func TestZeroTimerFiresAtOnce(t *testing.T) {
	if !fired(NewStill(start).NewTimer(0)) {
		t.Fatal("a timer of zero has not fired")
	}
}

func TestALeapingClockEndsEveryWait(t *testing.T) {
	c := NewLeaping(start)
	if timer := c.NewTimer(time.Hour); !fired(timer) || !c.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("it shows %v", c.Now())
	}
	c.Advance(time.Minute)
	if want := start.Add(time.Hour + time.Minute); !c.Now().Equal(want) {
		t.Errorf("it shows %v, want %v", c.Now(), want)
	}
}

func TestRunningClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		began := c.Now()
		timer := c.NewTimer(time.Hour)
		<-timer.C
		if got := c.Now().Sub(began); got != time.Hour {
			t.Errorf("a timer of an hour fired after %v", got)
		}

		timer = c.NewTimer(time.Hour)
		c.Advance(59 * time.Minute)
		began = time.Now()
		<-timer.C
		if got := time.Since(began); got != time.Minute {
			t.Errorf("after Advance(59m) the timer took %v of real time", got)
		}

		timer = c.NewTimer(time.Minute)
		c.Advance(-time.Hour)
		began = time.Now()
		<-timer.C
		if got := time.Since(began); got != 61*time.Minute {
			t.Errorf("after turning back an hour the timer took %v of real time", got)
		}
	})
}

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "14d": 14 * 24 * time.Hour,
		"1d12h": 36 * time.Hour, "-1d5h": -29 * time.Hour, "+5m": 5 * time.Minute, "0d": 0, "-1d": -24 * time.Hour, "-5m": -5 * time.Minute,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "d", "5", "five minutes", "1d2", "1d-5h", "--5m", "+-5m", "-", "106752d", "106751d24h", "999999999999d", "2147483647d"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", s, got)
		}
	}
}

func TestTheClockHasBounds(t *testing.T) {
	c := NewStill(start)
	for _, at := range []time.Time{Earliest, Latest, start, time.Date(2500, 1, 1, 0, 0, 0, 5, time.UTC), time.Date(1985, 1, 1, 0, 0, 0, 999, time.UTC)} {
		if err := c.TrySet(at); err != nil || !c.Now().Equal(at) {
			t.Errorf("set to %v: %v, %v", at, c.Now(), err)
		}
		reopened := NewStill(start)
		offset, err := ParseOffset(c.Offset().Append(nil))
		if reopened.SetOffset(offset); err != nil || !reopened.Now().Equal(at) {
			t.Errorf("%v is stored as %v: %v", at, reopened.Now(), err)
		}
	}
	c.Set(start)
	for _, at := range []time.Time{Earliest.Add(-1), Latest.Add(time.Second), {}, time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if err := c.TrySet(at); !errors.Is(err, ErrRange) || !c.Now().Equal(start) {
			t.Errorf("set to %v: %v, %v", at, c.Now(), err)
		}
	}
	for _, d := range []time.Duration{-57 * 365 * 24 * time.Hour, math.MinInt64} {
		if err := c.TryAdvance(d); !errors.Is(err, ErrRange) || !c.Now().Equal(start) {
			t.Errorf("advanced by %v: %v, %v", d, c.Now(), err)
		}
	}
	for range 27 {
		c.Advance(math.MaxInt64) // 292 years
	}
	if err := c.TryAdvance(math.MaxInt64); err != nil && !errors.Is(err, ErrRange) {
		t.Error(err)
	}
	if year := c.Now().Year(); year < 9900 {
		t.Errorf("advanced 27 times by 292 years: %d", year)
	}
}

func TestTheClockStopsAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		c.Set(Latest.Add(-time.Hour))
		time.Sleep(2 * time.Hour)
		if now := c.Now(); !now.Equal(Latest) {
			t.Errorf("it shows %v", now)
		}
	})
}

func TestOffsetAsText(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 5 * time.Minute: "5m0s", -90 * time.Second: "-1m30s", 1500*time.Millisecond + 1: "1.5s", -24 * time.Hour: "-24h0m0s"} {
		if got := between(start, start.Add(d)).String(); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	if got := between(start, start.AddDate(1000, 0, 0)).String(); got != "8765808h0m0s" {
		t.Errorf("a thousand years are %s", got)
	}
	if got := between(start.AddDate(1000, 0, 0), start).String(); got != "-8765808h0m0s" {
		t.Errorf("a thousand years back are %s", got)
	}
}

// A store of an earlier version holds the eight bytes of a time.Duration.
func TestOffsetOfAnEarlierVersion(t *testing.T) {
	for _, d := range []time.Duration{0, 36 * time.Hour, -time.Millisecond} {
		stored := binary.BigEndian.AppendUint64(nil, uint64(d))
		if o, err := ParseOffset(stored); err != nil || o != between(start, start.Add(d)) {
			t.Errorf("%v is read as %v, %v", d, o, err)
		}
	}
	for _, stored := range [][]byte{nil, make([]byte, 9), {0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255}} {
		if o, err := ParseOffset(stored); err == nil {
			t.Errorf("%x is read as %v", stored, o)
		}
	}
}

func TestWaiting(t *testing.T) {
	c := NewStill(time.Unix(0, 0))
	first, second := c.NewTimer(time.Second), c.NewTimer(time.Minute)
	if n := c.Waiting(); n != 2 {
		t.Errorf("%d timers wait, want 2", n)
	}
	c.Advance(time.Second)
	<-first.C
	if n := c.Waiting(); n != 1 {
		t.Errorf("%d timers wait when one has fired, want 1", n)
	}
	second.Stop()
	if n := c.Waiting(); n != 0 {
		t.Errorf("%d timers wait when the other is stopped, want 0", n)
	}
}
