package cloudtrail

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// StopLogging delivers what is left with a last digest; StartLogging begins a new chain.
func TestStopLogging(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(61 * time.Minute)
	w.call("DisableKey")
	w.clock.Advance(time.Minute)
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	w.call("EnableKey")
	digests := w.files(true)
	if diff := cmp.Diff([]string{"CreateKey", "DisableKey"}, w.logged()); diff != "" || len(digests) != 2 {
		t.Fatal(diff, digests)
	}
	last := w.digest(digests[1])
	if last.DigestEndTime != "2026-03-01T13:02:00Z" || len(last.LogFiles) != 1 || last.PreviousDigestSignature == nil {
		t.Errorf("the last digest is %+v", last)
	}
	status := w.status("audit")
	if status.IsLogging || status.TimeLoggingStopped != "2026-03-01T13:02:00Z" || !status.StopLoggingTime.Equal(w.clock.Now()) {
		t.Errorf("the status is %+v", status)
	}
	w.turn(2 * time.Hour)
	if got := w.files(true); len(got) != 2 {
		t.Errorf("after the stop: %q", got)
	}
	must[*StartLoggingOutput](t)(w.StartLogging(here(), &StartLoggingInput{Name: "audit"}))
	w.turn(time.Hour)
	digests = w.files(true)
	if len(digests) != 3 || w.digest(digests[2]).PreviousDigestSignature != nil || w.digest(digests[2]).DigestStartTime != "2026-03-01T15:02:00Z" {
		t.Errorf("after the start: %q", digests)
	}
	w.verify(digests)
}

// A trail that is started again while its stop still delivers has the chains of digests
// that its start begins.
func TestStartLoggingWhileItsStopDelivers(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", IsMultiRegionTrail: ptr(true)})
	w.turn(time.Minute)
	w.call("CreateKey")
	w.call("CreateKey", in("eu-west-1"))
	var once sync.Once
	started := make(chan error, 1)
	w.around.whenPut(func() {
		once.Do(func() {
			go func() {
				_, err := w.StartLogging(here(), &StartLoggingInput{Name: "audit"})
				started <- err
			}()
			select {
			case err := <-started: // it should wait until the stop has delivered
				started <- err
			case <-time.After(50 * time.Millisecond):
			}
			w.clock.Advance(59 * time.Minute)
		})
	})
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	w.turn(2 * time.Hour)
	start := w.status("audit").StartLoggingTime.Format(time.RFC3339)
	begun := 0
	for _, key := range w.files(true) {
		if d := w.digest(key); d.DigestStartTime == start && d.DigestEndTime != start {
			begun++
		}
	}
	if begun != 2 {
		t.Errorf("%d chains begin at %s: %q", begun, start, w.files(true))
	}
}

// What a turned clock makes due comes before the last digest, also where the trail is
// stopped at once.
func TestStopLoggingAfterTheClockIsTurned(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.clock.Advance(150 * time.Minute)
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	digests := w.files(true)
	if len(digests) != 3 || w.digest(digests[2]).DigestStartTime != "2026-03-01T14:00:00Z" {
		t.Errorf("%q", digests)
	}
	w.verify(digests)
}

// A clock that is turned by a week makes many digests due. Who stops a trail does not wait
// for those of all the others.
func TestStopLoggingWhileMuchIsDue(t *testing.T) {
	w := newTrailWorld(t)
	names := []string{"a-first", "b-second", "c-stopped"}
	for _, name := range names {
		w.logs(CreateTrailInput{Name: name})
	}
	digestsOf := func(name string) (n int) {
		for _, key := range w.around.list("logs") {
			if strings.Contains(key, "_"+name+"_") {
				n++
			}
		}
		return n
	}
	var once sync.Once
	stopped := make(chan int, 1)
	w.around.whenPut(func() {
		once.Do(func() {
			go func() {
				if _, err := w.StopLogging(here(), &StopLoggingInput{Name: "c-stopped"}); err != nil {
					t.Error(err)
				}
				stopped <- digestsOf("a-first") + digestsOf("b-second")
			}()
		})
		if len(stopped) == 0 {
			time.Sleep(time.Millisecond) // in all a third of a second, in which a busy machine comes to stop the trail
		}
	})
	const hours = 7 * 24
	w.turn(hours * time.Hour)
	if n := <-stopped; n == 2*hours {
		t.Error("the trail was stopped after all digests of the others")
	}
	for _, name := range names {
		if n := digestsOf(name); n != hours {
			t.Errorf("%s has %d digests", name, n)
		}
	}
}

func TestDeletedTrailLeavesNothing(t *testing.T) {
	w := newTrailWorld(t)
	for range 2 {
		w.logs(CreateTrailInput{Name: "audit"})
		w.call("CreateKey")
		w.clock.Advance(time.Minute)
		must[*DeleteTrailOutput](t)(w.DeleteTrail(here(), &DeleteTrailInput{Name: "audit"}))
	}
	if len(w.logged()) != 2 || len(w.files(true)) != 2 {
		t.Errorf("delivered %q", w.keys())
	}
	w.logs(CreateTrailInput{Name: "audit"})
	w.around.close("logs", &api.Error{Code: "AccessDenied"})
	for range 3 {
		w.call("CreateKey")
		w.clock.Advance(time.Minute)
	}
	must[*DeleteTrailOutput](t)(w.DeleteTrail(here(), &DeleteTrailInput{Name: "audit"}))
	w.turn(time.Hour)
	if left := w.leftovers(); len(left) > 0 {
		t.Errorf("it leaves %q", left)
	}
}

// A trail that is multi-region no more ends its chains of other regions.
func TestTrailOfOneRegionAgain(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", IsMultiRegionTrail: ptr(true)})
	w.call("CreateKey", in("eu-west-1"))
	w.clock.Advance(10 * time.Minute)
	must[*UpdateTrailOutput](t)(w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", IsMultiRegionTrail: ptr(false)}))
	w.call("DisableKey", in("eu-west-1"))
	w.turn(2 * time.Hour)
	var ends []string
	for _, key := range w.files(true) {
		if strings.Contains(key, "/eu-west-1/") {
			ends = append(ends, w.digest(key).DigestEndTime)
		}
	}
	if diff := cmp.Diff([]string{"2026-03-01T12:10:00Z"}, ends); diff != "" || len(w.logged()) != 1 {
		t.Error(diff, w.keys())
	}
}
