package clock

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration as time.ParseDuration does, and days too:
// "5m", "1h30m", "14d", "1d12h", "-36h", "-1d12h".
func ParseDuration(s string) (time.Duration, error) {
	unsigned, negative := strings.CutPrefix(s, "-")
	if !negative {
		unsigned = strings.TrimPrefix(s, "+")
	}
	days, rest, ok := strings.Cut(unsigned, "d")
	if !ok {
		days, rest = "0", unsigned
	}
	d, err := time.Duration(0), error(nil)
	if rest != "" {
		d, err = time.ParseDuration(rest)
	}
	n, notDays := strconv.ParseUint(days, 10, 32)
	const day = 24 * time.Hour
	total := time.Duration(n)*day + d
	switch {
	case err != nil, notDays != nil, rest == "" && !ok, strings.HasPrefix(rest, "-"), strings.HasPrefix(rest, "+"):
		return 0, fmt.Errorf("%q is not a duration such as 90s, 5m, 12h or 14d", s)
	case total/day < time.Duration(n) || total < d: // it overflowed
		return 0, fmt.Errorf("%q is longer than 292 years", s)
	case negative:
		return -total, nil
	default:
		return total, nil
	}
}
