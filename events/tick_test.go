package events

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// ticks are the times of the events of schedules that were delivered, once there are n.
func (w *testbed) ticks(n int) (times []string) {
	w.t.Helper()
	for _, c := range w.targets.wait(w.t, n) {
		var e struct{ Time string }
		unmarshal(w.t, c.Body, &e)
		times = append(times, strings.TrimSuffix(strings.TrimPrefix(e.Time, "2026-01-"), "Z"))
	}
	slices.Sort(times)
	return times
}

// settled waits until nothing is due and all that was due is delivered.
func (w *testbed) settled() {
	w.t.Helper()
	eventually(w.t, "rest", func() bool {
		next, err := w.tickDue(w.t.Context())
		return err == nil && (next.IsZero() || next.After(w.clock.Now())) && w.waiting() == 0
	})
}

func scheduled(t *testing.T, expression string) *testbed {
	t.Helper()
	w := newTestbed(t, func(c *Config) { c.Lanes = 8 })
	w.ok("PutRule", `{"Name":"r","ScheduleExpression":"`+expression+`"}`)
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	return w
}

// A schedule's event [V107] [V134].
func TestScheduledEvent(t *testing.T) {
	w := scheduled(t, "rate(1 minute)")
	w.clock.Advance(time.Minute - time.Second)
	w.settled()
	w.targets.wait(t, 0)
	w.clock.Advance(time.Second)
	got := w.targets.wait(t, 1)[0]
	var e struct{ ID string }
	unmarshal(t, got.Body, &e)
	want := `{"version":"0","id":"` + e.ID + `","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012","time":"2026-01-02T03:05:05Z","region":"us-east-1","resources":["` + arnPrefix + `rule/r"],"detail":{}}`
	if got.Body != want || e.ID == "" {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
}

// A clock that is turned over many due times lets each of them tick once, with its time.
func TestSchedulesOfATurnedClock(t *testing.T) {
	w := scheduled(t, "rate(1 minute)")
	w.clock.Advance(24 * time.Hour)
	times := w.ticks(24 * 60)
	if len(slices.Compact(slices.Clone(times))) != 24*60 || times[0] != "02T03:05:05" || times[24*60-1] != "03T03:04:05" {
		t.Errorf("%d ticks from %s to %s", len(times), times[0], times[len(times)-1])
	}
	w.settled()
	w.clock.Advance(-time.Hour) // what ticked does not tick again
	w.clock.Advance(time.Hour)
	w.settled()
	w.ticks(24 * 60)
}

func TestCronTicks(t *testing.T) {
	w := scheduled(t, "cron(0/30 20-22 ? * * *)")
	w.clock.Advance(48 * time.Hour)
	want := []string{}
	for _, day := range []string{"02", "03"} {
		for _, at := range []string{"20:00", "20:30", "21:00", "21:30", "22:00", "22:30"} {
			want = append(want, day+"T"+at+":00")
		}
	}
	if got := w.ticks(12); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// What becomes of a rule decides whether it ticks.
func TestChangedSchedules(t *testing.T) {
	const hour = time.Hour
	for name, c := range map[string]struct {
		change func(w *testbed)
		want   string // the ticks within three hours after the change, which comes after 90 minutes
	}{
		"the same schedule": {func(w *testbed) {
			w.ok("PutRule", `{"Name":"r","ScheduleExpression":"rate(1 hour)","Description":"d"}`)
		}, "05:04 06:04 07:04"},
		"another schedule":     {func(w *testbed) { w.ok("PutRule", `{"Name":"r","ScheduleExpression":"rate(2 hours)"}`) }, "06:34"},
		"a pattern in place":   {func(w *testbed) { w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`}`) }, ""},
		"disabled":             {func(w *testbed) { w.ok("DisableRule", `{"Name":"r"}`) }, ""},
		"disabled and enabled": {func(w *testbed) { w.ok("DisableRule", `{"Name":"r"}`); w.ok("EnableRule", `{"Name":"r"}`) }, "05:04 06:04 07:04"},
		"without targets":      {func(w *testbed) { w.ok("RemoveTargets", `{"Rule":"r","Ids":["1"]}`) }, ""},
		"deleted": {func(w *testbed) {
			w.ok("RemoveTargets", `{"Rule":"r","Ids":["1"]}`)
			w.ok("DeleteRule", `{"Name":"r"}`)
		}, ""},
		"restarted": {func(w *testbed) { w.restart() }, "05:04 06:04 07:04"},
	} {
		t.Run(name, func(t *testing.T) {
			w := scheduled(t, "rate(1 hour)")
			w.clock.Advance(hour)
			w.ticks(1)
			w.clock.Advance(hour / 2)
			c.change(w)
			w.clock.Advance(3 * hour)
			w.settled()
			var got []string
			for _, at := range w.ticks(1 + len(strings.Fields(c.want)))[1:] {
				got = append(got, at[3:8])
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("ticked at %q, want %q", s, c.want)
			}
		})
	}
}

// Rules tick side by side; a clock that is turned by years has an end.
func TestManySchedules(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.Lanes = 8 })
	for i := range 40 { // more than one look finds
		w.ok("PutRule", fmt.Sprintf(`{"Name":"r%d","ScheduleExpression":"rate(1 hour)"}`, i))
		w.ok("PutTargets", fmt.Sprintf(`{"Rule":"r%d","Targets":[{"Id":"1","Arn":"%s"}]}`, i, testQueue))
	}
	w.ok("PutRule", `{"Name":"idle","ScheduleExpression":"rate(1 minute)"}`)
	w.clock.Advance(2 * time.Hour)
	w.ticks(80)
	for i := range 40 {
		w.ok("DisableRule", fmt.Sprintf(`{"Name":"r%d"}`, i))
	}
	w.settled()
	w.ok("PutRule", `{"Name":"daily","ScheduleExpression":"rate(1 day)"}`)
	w.ok("PutRule", `{"Name":"yearly","ScheduleExpression":"cron(0 0 1 1 ? *)"}`)
	for _, name := range []string{"daily", "yearly"} {
		w.ok("PutTargets", `{"Rule":"`+name+`","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	}
	w.clock.Advance(10 * 365 * 24 * time.Hour)
	w.settled()
	if got := len(w.targets.all()) - 80; got != 366+1+9 && got != 366+9 { // the last year's days, and each New Year's Day
		t.Errorf("%d ticks", got)
	}
}

func TestSchedulesThatAreNone(t *testing.T) { // [V126]
	w := newTestbed(t)
	for _, expression := range []string{"rate(10 seconds)", "cron(0 1 * * * *)", "every day"} {
		if got := w.call("PutRule", `{"Name":"r","ScheduleExpression":"`+expression+`"}`); got != "ValidationException: Parameter ScheduleExpression is not valid." {
			t.Errorf("%s: %s", expression, got)
		}
	}
}
