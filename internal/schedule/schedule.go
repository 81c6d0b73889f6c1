package schedule

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrInvalid is why an expression is refused: AWS does not say more [V126].
const ErrInvalid = invalid("Parameter ScheduleExpression is not valid.")

// invalid is an error in AWS's words.
type invalid string

func (i invalid) Error() string { return string(i) }

// Schedule is a compiled expression.
type Schedule struct {
	minutes int64 // of a rate
	cron    *cron
}

var (
	rateForm = regexp.MustCompile(`^rate\((\d{1,10}) (minute|hour|day)(s?)\)$`)
	cronForm = regexp.MustCompile(`^cron\((\S.*\S)\)$`)
)

// minutesOf are the units of rates.
var minutesOf = map[string]int64{"minute": 1, "hour": 60, "day": 24 * 60}

// Parse reads rate(N UNIT) or cron(FIELDS).
func Parse(expression string) (*Schedule, error) {
	if m := rateForm.FindStringSubmatch(expression); m != nil { // [V127] [V128]
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || n < 1 || (n == 1) != (m[3] == "") {
			return nil, ErrInvalid
		}
		return &Schedule{minutes: n * minutesOf[m[2]]}, nil
	}
	if m := cronForm.FindStringSubmatch(expression); m != nil {
		c, err := parseCron(strings.Fields(m[1]))
		if err != nil {
			return nil, err
		}
		return &Schedule{cron: c}, nil
	}
	return nil, ErrInvalid
}

// lastYear is the last year of cron, and of all that a schedule is due in.
const lastYear = 2199

// Next is the first time after a given one at which a schedule is due that began at begun;
// ok is false where there is none any more.
func (s *Schedule) Next(begun, after time.Time) (due time.Time, ok bool) {
	if s.cron != nil {
		if after.Before(begun) {
			after = begun
		}
		return s.cron.next(after.UTC())
	}
	// In seconds, because a Duration ends after 292 years.
	period, ticks := s.minutes*60, int64(1)
	if passed := after.Unix() - begun.Unix(); passed >= 0 {
		ticks = passed/period + 1
		if passed%period == 0 && after.Nanosecond() < begun.Nanosecond() {
			ticks = max(1, ticks-1)
		}
	}
	due = time.Unix(begun.Unix()+ticks*period, int64(begun.Nanosecond())).UTC()
	return due, due.Year() <= lastYear
}
