package schedule

import (
	"slices"
	"strings"
	"time"
)

// anyOf are days that one of several expressions names.
type anyOf []days

func (a anyOf) due(year int, month time.Month, day int) bool {
	return slices.ContainsFunc(a, func(d days) bool { return d.due(year, month, day) })
}

// monthDays are days by their number in the month.
type monthDays set

func (d monthDays) due(_ int, _ time.Month, day int) bool { return d[day] }

// lastDay is the last one of the month: L.
type lastDay struct{}

func (lastDay) due(year int, month time.Month, day int) bool { return day == length(year, month) }

// nearestWeekday is the day from Monday to Friday that is nearest to a day, within its
// month: 15W.
type nearestWeekday int

func (w nearestWeekday) due(year int, month time.Month, day int) bool {
	last := length(year, month)
	if int(w) > last {
		return false
	}
	near := int(w)
	switch weekday(year, month, near) {
	case time.Saturday:
		if near--; near < 1 {
			near = 3
		}
	case time.Sunday:
		if near++; near > last {
			near -= 3
		}
	default:
	}
	return day == near
}

// weekDays are days by their number in the week, of which Sunday is the first.
type weekDays set

func (d weekDays) due(year int, month time.Month, day int) bool {
	return d[int(weekday(year, month, day))+1]
}

// lastWeekday is the last such day of the month: 6L is its last Friday.
type lastWeekday int

func (w lastWeekday) due(year int, month time.Month, day int) bool {
	return int(weekday(year, month, day))+1 == int(w) && day+7 > length(year, month)
}

// nthWeekday is a day of the month's nth week: 3#2 is its second Tuesday.
type nthWeekday struct{ day, n int }

func (w nthWeekday) due(year int, month time.Month, day int) bool {
	return int(weekday(year, month, day))+1 == w.day && (day-1)/7+1 == w.n
}

func weekday(year int, month time.Month, day int) time.Weekday {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
}

func length(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// parseMonthDays reads the third field.
func parseMonthDays(text string) (days, error) {
	var all anyOf
	plain := set{}
	for part := range strings.SplitSeq(text, ",") {
		upper := strings.ToUpper(part)
		before, isNearest := strings.CutSuffix(upper, "W")
		switch day, ok := dayField.value(before); {
		case upper == "L":
			all = append(all, lastDay{})
		case isNearest && ok:
			all = append(all, nearestWeekday(day))
		case isNearest || !dayField.add(plain, part):
			return nil, ErrInvalid
		}
	}
	return append(all, monthDays(plain)), nil
}

// parseWeekDays reads the fifth field.
func parseWeekDays(text string) (days, error) {
	if dayText, nth, ok := strings.Cut(text, "#"); ok { // alone [V130]
		day, known := weekField.value(dayText)
		n, counted := number(nth)
		if !known || !counted || n < 1 || n > 5 {
			return nil, ErrInvalid
		}
		return nthWeekday{day, n}, nil
	}
	var all anyOf
	plain := set{}
	for part := range strings.SplitSeq(text, ",") {
		before, isLast := strings.CutSuffix(strings.ToUpper(part), "L")
		switch day, ok := weekField.value(before); {
		case isLast && before == "":
			plain[weekField.last] = true
		case isLast && ok:
			all = append(all, lastWeekday(day))
		case isLast || !weekField.add(plain, part):
			return nil, ErrInvalid
		}
	}
	return append(all, weekDays(plain)), nil
}
