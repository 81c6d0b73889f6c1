package schedule

import (
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse("2006-01-02 15:04:05.999", text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestParse(t *testing.T) { // [V127]-[V133]
	accepted := []string{
		"rate(1 minute)", "rate(2 minutes)", "rate(1 hour)", "rate(5 hours)", "rate(1 day)", "rate(365 days)",
		"cron(0 2 ? * SAT *)", "cron(0 12 * * ? *)", "cron(5,35 14 * * ? *)", "cron(15 10 ? * 6L 2002-2005)", "cron(0 2 ? * SAT#3 *)",
		"cron(* * ? * SAT#3 *)", "cron(0/5 5 ? JAN 1-5 2022)", "cron(0 8 1 * ? *)", "cron(0/30 20-23 ? * MON-FRI *)", "cron(0/30 0-2 ? * MON-FRI *)",
		"cron(0 0 L * ? *)", "cron(0 0 15W * ? *)", "cron(0 0 ? * L *)", "cron(0 0 1,15,L * ? *)", "cron(*/5 * ? * MON,WED-FRI *)",
		"cron(0 22-2 ? * FRI-MON *)", "cron(0 0 1 1/3 ? 2026/2)", "cron(0 0 ? feb mon *)",
	}
	refused := []string{
		"", "rate(10 seconds)", "rate(10 years)", "rate(1 minutes)", "rate(1 hours)", "rate(1 days)", "rate(10 minute)", "rate(10 hour)", "rate(10 day)",
		"rate()", "rate(10)", "rate(foo minutes)", "rate(0 minutes)", "rate(-10 minutes)", "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)",
		"rate(1.5 hours)", "rate(10  minutes)", "rate(99999999999999999999 days)", "at(2026-01-01T00:00:00)", "rate(1 minute) ",
		"cron()", "cron(INVALID)", "cron(0 1 * * * *)", "cron(0 1 ? * ? *)", "cron(0 dummy ? * MON-FRI *)", "cron(7 20 * * NOT *)", "cron(71 8 1 * ? *)",
		"cron(0 12 * * ?)", "cron(0 0 12 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 1 13 ? *)",
		"cron(0 0 ? * 0 *)", "cron(0 0 ? * 8 *)", "cron(0 0 1 1 ? 1969)", "cron(0 0 1 1 ? 2200)", "cron(0 0 ? * MON/2 *)", "cron(0 0 ? * 3#1,6#3 *)",
		"cron(0 0 ? * 3#6 *)", "cron(0 0 ? * #1 *)", "cron(0 0 LW * ? *)", "cron(0 0 ? * 2W *)", "cron(0 0 1#1 * ? *)", "cron(0/0 0 * * ? *)", "cron(0/60 0 * * ? *)",
		"cron(-1 0 * * ? *)", "cron(0, 0 * * ? *)", "cron(0 0 * * ? 2030-2020)", "cron(? 0 * * ? *)", "cron(0 0 * L ? *)", "cron(1- 0 * * ? *)", "cron(0 0 * * ? *",
	}
	for _, expression := range accepted {
		if _, err := Parse(expression); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
	}
	for _, expression := range refused {
		if _, err := Parse(expression); err == nil {
			t.Errorf("%q is accepted", expression)
		}
	}
}

// TestNext follows schedules from a Wednesday on.
func TestNext(t *testing.T) { // [V129] [V130] [V134]
	const begun = "2026-04-01 10:07:30.5"
	for expression, want := range map[string]string{
		"rate(1 minute)":                 "2026-04-01 10:08:30.5, 2026-04-01 10:09:30.5, 2026-04-01 10:10:30.5",
		"rate(12 hours)":                 "2026-04-01 22:07:30.5, 2026-04-02 10:07:30.5, 2026-04-02 22:07:30.5",
		"rate(30 days)":                  "2026-05-01 10:07:30.5, 2026-05-31 10:07:30.5, 2026-06-30 10:07:30.5",
		"cron(* * * * ? *)":              "2026-04-01 10:08:00, 2026-04-01 10:09:00, 2026-04-01 10:10:00",
		"cron(0/20 10-11 * * ? *)":       "2026-04-01 10:20:00, 2026-04-01 10:40:00, 2026-04-01 11:00:00",
		"cron(0 10 * * ? *)":             "2026-04-02 10:00:00, 2026-04-03 10:00:00, 2026-04-04 10:00:00",
		"cron(15 12 ? * MON-FRI *)":      "2026-04-01 12:15:00, 2026-04-02 12:15:00, 2026-04-03 12:15:00",
		"cron(0 0 ? * FRI-MON *)":        "2026-04-03 00:00:00, 2026-04-04 00:00:00, 2026-04-05 00:00:00",
		"cron(0 22-1 ? * 4 *)":           "2026-04-01 22:00:00, 2026-04-01 23:00:00, 2026-04-08 00:00:00",
		"cron(0 0 L * ? *)":              "2026-04-30 00:00:00, 2026-05-31 00:00:00, 2026-06-30 00:00:00",
		"cron(0 0 1W * ? *)":             "2026-05-01 00:00:00, 2026-06-01 00:00:00, 2026-07-01 00:00:00", // 1 August is a Saturday
		"cron(0 0 1W AUG,NOV ? *)":       "2026-08-03 00:00:00, 2026-11-02 00:00:00, 2027-08-02 00:00:00",
		"cron(0 0 31W * ? *)":            "2026-05-29 00:00:00, 2026-07-31 00:00:00, 2026-08-31 00:00:00",
		"cron(0 0 ? * L *)":              "2026-04-04 00:00:00, 2026-04-11 00:00:00, 2026-04-18 00:00:00",
		"cron(0 0 ? * 6L *)":             "2026-04-24 00:00:00, 2026-05-29 00:00:00, 2026-06-26 00:00:00",
		"cron(0 0 ? * SAT#3 *)":          "2026-04-18 00:00:00, 2026-05-16 00:00:00, 2026-06-20 00:00:00",
		"cron(0 0 ? * 7#5 *)":            "2026-05-30 00:00:00, 2026-08-29 00:00:00, 2026-10-31 00:00:00",
		"cron(0 0 29 2 ? *)":             "2028-02-29 00:00:00, 2032-02-29 00:00:00, 2036-02-29 00:00:00",
		"cron(0 0 1 1 ? 2027-2028)":      "2027-01-01 00:00:00, 2028-01-01 00:00:00, never",
		"cron(15 10 ? * 6L 2002-2005)":   "never",
		"cron(0 0 31 2 ? *)":             "never",
		"rate(9999999999 days)":          "never",
		"cron(0 12 1,15 1/6 ? 2026/100)": "2026-07-01 12:00:00, 2026-07-15 12:00:00, 2126-01-01 12:00:00",
	} {
		s, err := Parse(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		var got []string
		after := at(t, begun)
		for range 3 {
			due, ok := s.Next(at(t, begun), after)
			if !ok {
				got = append(got, "never")
				break
			}
			got = append(got, due.Format("2006-01-02 15:04:05.999"))
			after = due
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s:\n got %s\nwant %s", expression, text, want)
		}
	}
}

// TestRateCountsFromItsBeginning, wherever the clock stands.
func TestRateCountsFromItsBeginning(t *testing.T) {
	s, err := Parse("rate(5 minutes)")
	if err != nil {
		t.Fatal(err)
	}
	begun := at(t, "2026-04-01 10:00:00.5")
	for after, want := range map[string]string{
		"2026-03-01 00:00:00":   "2026-04-01 10:05:00.5",
		"2026-04-01 10:00:00.5": "2026-04-01 10:05:00.5",
		"2026-04-01 10:05:00.4": "2026-04-01 10:05:00.5",
		"2026-04-01 10:05:00.5": "2026-04-01 10:10:00.5",
		"2026-04-02 10:02:00":   "2026-04-02 10:05:00.5",
	} {
		if due, ok := s.Next(begun, at(t, after)); !ok || !due.Equal(at(t, want)) {
			t.Errorf("after %s: %s, %t", after, due, ok)
		}
	}
}

// TestADay: a day has as many times as it should, each once.
func TestADay(t *testing.T) {
	for expression, want := range map[string]int{"rate(1 minute)": 1440, "rate(7 minutes)": 205, "cron(0/15 * * * ? *)": 96, "cron(0 8-17 ? * MON-FRI *)": 10} {
		s, err := Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		begun, n := at(t, "2026-04-01 00:00:00"), 0
		for due, ok := s.Next(begun, begun); ok && !due.After(begun.Add(24*time.Hour)); due, ok = s.Next(begun, due) {
			n++
		}
		if n != want {
			t.Errorf("%s: %d times, want %d", expression, n, want)
		}
	}
}
