package eventpattern

import (
	"math"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/jackson"
)

// Dialect is the language of one service.
type Dialect byte

const (
	// EventBridge is the dialect of rules and of TestEventPattern.
	EventBridge Dialect = iota
	// SNS is the dialect of filter policies.
	SNS
)

// source is how the dialect's complaints name the document.
func (d Dialect) source() jackson.Source {
	if d == SNS {
		return jackson.Redacted
	}
	return jackson.Quoted
}

// number is a number as patterns compare it; ok is false where it is beyond what they
// can compare. SNS compares six digits after the point, within a billion either way, and
// EventBridge all that a double holds [V152].
func (d Dialect) number(text string) (number float64, ok bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	if d == SNS {
		if f < -1e9 || f > 1e9 {
			return 0, false
		}
		return float64(int64(1e6 * (1e9 + f))), true
	}
	return f + 0, !math.IsInf(f, 0) && !math.IsNaN(f) && exact(text, f) // + 0 makes a zero of a negative zero
}

// exact reports whether a double holds a number as far as it is written out: EventBridge
// compares what has more digits by its text alone.
func exact(text string, f float64) bool {
	if len(text) <= 15 {
		return true
	}
	digits, exponent := decimal(text)
	held, at := decimal(strconv.FormatFloat(f, 'e', -1, 64))
	return digits == held && (exponent == at || digits == "")
}

// decimal is a number's digits, without zeros at either end, and the power of ten of the
// last one.
func decimal(text string) (digits string, exponent int) {
	digits, power, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(text, "-")), "e")
	exponent, _ = strconv.Atoi(power)
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = whole + fraction
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed) - len(fraction)
	return strings.TrimLeft(trimmed, "0"), exponent
}

// leftOver complains of a second operator beside one that takes numbers or exceptions;
// EventBridge's words are about numbers in either case [V173].
func (d Dialect) leftOver() string {
	if d == SNS {
		return onlyOneKey
	}
	return tooManyElements
}

// present reports whether a value counts for exists: to SNS neither null nor "" does, to
// EventBridge both do [V186].
func (d Dialect) present(v *value) bool {
	return d == EventBridge || v.kind != jackson.Null && (v.kind != jackson.String || v.text != "")
}
