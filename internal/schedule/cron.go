package schedule

import (
	"strconv"
	"strings"
	"time"
)

// field is one of cron's, as the set of its values.
type field struct {
	first, last int
	names       []string // of the values from first on
	steps       bool     // takes / [V130]
	wraps       bool     // a range may go over the end
}

var (
	minuteField = field{first: 0, last: 59, steps: true, wraps: true}
	hourField   = field{first: 0, last: 23, steps: true, wraps: true}
	dayField    = field{first: 1, last: 31, steps: true, wraps: true}
	monthField  = field{first: 1, last: 12, steps: true, wraps: true, names: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")}
	weekField   = field{first: 1, last: 7, wraps: true, names: strings.Fields("SUN MON TUE WED THU FRI SAT")}
	yearField   = field{first: 1970, last: lastYear, steps: true}
)

// cron is when the six fields are due [V129].
type cron struct {
	minutes, hours, months, years set
	days                          days
}

// set are the values of a field that are due, by their number.
type set map[int]bool

// days says which days of a month are due.
type days interface {
	due(year int, month time.Month, day int) bool
}

func parseCron(fields []string) (*cron, error) {
	if len(fields) != 6 {
		return nil, ErrInvalid
	}
	c := new(cron)
	var err error
	for _, f := range []struct {
		into *set
		of   field
		text string
	}{{&c.minutes, minuteField, fields[0]}, {&c.hours, hourField, fields[1]}, {&c.months, monthField, fields[3]}, {&c.years, yearField, fields[5]}} {
		if *f.into, err = f.of.parse(f.text); err != nil {
			return nil, err
		}
	}
	switch dayOfMonth, dayOfWeek := fields[2], fields[4]; { // exactly one is ? [V131]
	case (dayOfMonth == "?") == (dayOfWeek == "?"):
		return nil, ErrInvalid
	case dayOfWeek == "?":
		c.days, err = parseMonthDays(dayOfMonth)
	default:
		c.days, err = parseWeekDays(dayOfWeek)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// parse reads a list of values, ranges and steps.
func (f *field) parse(text string) (set, error) {
	s := set{}
	for part := range strings.SplitSeq(text, ",") {
		if !f.add(s, part) {
			return nil, ErrInvalid
		}
	}
	return s, nil
}

// add reads one part of a list.
func (f *field) add(s set, part string) bool {
	reach, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		n, ok := number(stepText)
		if !f.steps || !ok || n < 1 || n > f.last {
			return false
		}
		step = n
	}
	from, to, ok := f.reach(reach, stepped)
	if !ok {
		return false
	}
	size := f.last - f.first + 1
	if to < from {
		if !f.wraps {
			return false
		}
		to += size
	}
	for v := from; v <= to; v += step {
		s[f.first+(v-f.first)%size] = true
	}
	return true
}

// reach is the range of one part: all, a value, or from one value to another. With a step
// a value alone goes on to the end.
func (f *field) reach(text string, stepped bool) (from, to int, ok bool) {
	if text == "*" {
		return f.first, f.last, true
	}
	low, high, isRange := strings.Cut(text, "-")
	if from, ok = f.value(low); !ok {
		return 0, 0, false
	}
	switch {
	case isRange:
		to, ok = f.value(high)
		return from, to, ok
	case stepped:
		return from, f.last, true
	default:
		return from, from, true
	}
}

func (f *field) value(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.first + i, true
		}
	}
	n, ok := number(text)
	return n, ok && n >= f.first && n <= f.last
}

// number reads digits alone.
func number(text string) (int, bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// next is the first due minute after a time.
func (c *cron) next(after time.Time) (time.Time, bool) {
	start := after.Truncate(time.Minute).Add(time.Minute)
	for day := start; day.Year() <= lastYear; {
		switch {
		case !c.years[day.Year()]:
			day = time.Date(day.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
		case !c.months[int(day.Month())]:
			day = time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		default:
			if c.days.due(day.Year(), day.Month(), day.Day()) {
				if due, ok := c.within(day); ok {
					return due, true
				}
			}
			day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, time.UTC)
		}
	}
	return time.Time{}, false
}

// within is the first due minute of a day, from a minute of it on.
func (c *cron) within(from time.Time) (time.Time, bool) {
	minute := from.Minute()
	for hour := from.Hour(); hour < 24; hour++ {
		if c.hours[hour] {
			for ; minute < 60; minute++ {
				if c.minutes[minute] {
					return time.Date(from.Year(), from.Month(), from.Day(), hour, minute, 0, 0, time.UTC), true
				}
			}
		}
		minute = 0
	}
	return time.Time{}, false
}
