package policyeval

import (
	"cmp"
	"strings"
	"time"
)

// decimal is a number as its digits, so that no value is rounded.
type decimal struct {
	negative        bool
	whole, fraction string // without leading, or trailing, zeros
}

// parseDecimal reads an integer or decimal number such as -12.50.
func parseDecimal(s string) (d decimal, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	whole, fraction, point := strings.Cut(s, ".")
	if !allDigits(whole) || point && !allDigits(fraction) {
		return decimal{}, false
	}
	d.whole = strings.TrimLeft(whole, "0")
	d.fraction = strings.TrimRight(fraction, "0")
	if d.whole == "" && d.fraction == "" {
		d.negative = false
	}
	return d, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (d decimal) Compare(e decimal) int {
	if d.negative != e.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	order := cmp.Compare(len(d.whole), len(e.whole))
	if order == 0 {
		order = cmp.Or(strings.Compare(d.whole, e.whole), strings.Compare(d.fraction, e.fraction))
	}
	if d.negative {
		return -order
	}
	return order
}

// instant is a point in time, to the nanosecond.
type instant struct{ seconds, nanos int64 }

func (t instant) Compare(u instant) int {
	return cmp.Or(cmp.Compare(t.seconds, u.seconds), cmp.Compare(t.nanos, u.nanos))
}

// parseInstant reads a date in a W3C form of ISO 8601 (2026, 2026-01,
// 2026-01-31, 2026-01-31T12:00Z, 2026-01-31T12:00:00.5+02:00), or as seconds
// since 1970. Four digits are a year. Without a zone it is UTC.
//
// See https://www.w3.org/TR/NOTE-datetime.
func parseInstant(s string) (instant, bool) {
	if len(s) != 4 {
		if seconds, ok := parseSeconds(s); ok {
			return instant{seconds, 0}, true
		}
	}
	r := dateReader{rest: s, ok: true}
	year, month, day, hour, minute, second := r.number(4), 1, 1, 0, 0, 0
	var nanos, offset int
	if r.skip("-") {
		month = r.number(2)
		if r.skip("-") {
			day = r.number(2)
			if r.skip("T") {
				hour = r.number(2)
				r.ok = r.skip(":") && r.ok
				minute = r.number(2)
				if r.skip(":") {
					second = r.number(2)
					nanos = r.fraction()
				}
				offset = r.zone()
			}
		}
	}
	if !r.ok || r.rest != "" || hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1 {
		return instant{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return instant{}, false // the month has no such day
	}
	return instant{t.Unix() - int64(offset), int64(nanos)}, true
}

// parseSeconds reads a whole number of at most 12 digits.
func parseSeconds(s string) (n int64, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if len(digits) > 12 || !allDigits(digits) {
		return 0, false
	}
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

// dateReader reads a date from left to right; ok turns false where it cannot.
type dateReader struct {
	rest string
	ok   bool
}

func (r *dateReader) skip(s string) bool {
	rest, found := strings.CutPrefix(r.rest, s)
	r.rest = rest
	return found
}

// number reads exactly n digits.
func (r *dateReader) number(n int) int {
	if len(r.rest) < n || !allDigits(r.rest[:n]) {
		r.ok = false
		return 0
	}
	value := 0
	for i := range n {
		value = value*10 + int(r.rest[i]-'0')
	}
	r.rest = r.rest[n:]
	return value
}

// fraction reads a decimal fraction of a second, in nanoseconds.
func (r *dateReader) fraction() int {
	if !r.skip(".") {
		return 0
	}
	nanos, unit, digits := 0, 100_000_000, 0
	for ; digits < len(r.rest) && '0' <= r.rest[digits] && r.rest[digits] <= '9'; digits++ {
		nanos += int(r.rest[digits]-'0') * unit
		unit /= 10
	}
	r.ok = r.ok && digits > 0
	r.rest = r.rest[digits:]
	return nanos
}

// zone reads Z, an offset such as +02:00, or nothing, in seconds east of UTC.
func (r *dateReader) zone() int {
	if r.rest == "" || r.skip("Z") {
		return 0
	}
	sign := 1
	if r.skip("-") {
		sign = -1
	} else {
		r.ok = r.skip("+") && r.ok
	}
	hours := r.number(2)
	_ = r.skip(":")
	minutes := 0
	if r.rest != "" {
		minutes = r.number(2)
	}
	if hours > 23 || minutes > 59 {
		r.ok = false
	}
	return sign * (hours*3600 + minutes*60)
}
