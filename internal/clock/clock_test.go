package clock

import (
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
	if want := start.Add(5 * time.Minute); !c.Now().Equal(want) || c.Offset() != 5*time.Minute {
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
		"1d12h": 36 * time.Hour, "-1d": -24 * time.Hour, "-5m": -5 * time.Minute,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "d", "5", "five minutes", "1d2", "-1d5h", "999999999999d", "2147483647d"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", s, got)
		}
	}
}
