package sns

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
)

// detection is a piece of sensitive data: its kind and its place in the text, in bytes.
type detection struct {
	name       string
	start, end int
}

// detectors are the kinds of data that are recognized, by the names of AWS's
// managed data identifiers.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-sensitive-data-types.html.
var detectors = map[string]*detector{
	"EmailAddress": {pattern: regexp.MustCompile(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}`)},
	"PhoneNumber-US": {
		pattern: regexp.MustCompile(`(?:\+?1[-. ]?)?(?:\([2-9][0-9]{2}\)|[2-9][0-9]{2})[-. ]?[2-9][0-9]{2}[-. ]?[0-9]{4}`),
		digits:  true,
	},
	"CreditCardNumber": {pattern: regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,18}`), digits: true, valid: luhn},
	"IpAddress":        {pattern: regexp.MustCompile(`[0-9A-Fa-f:.]*[0-9A-Fa-f:]`), digits: true, valid: isAddress},
}

// detector recognizes one kind of data.
type detector struct {
	pattern *regexp.Regexp
	digits  bool // does not stand directly beside other letters or digits
	valid   func(text string) bool
}

// namedDetector is a detector with its data's name in reports.
type namedDetector struct {
	name string
	*detector
}

// detect finds what the detectors seek in a text.
func detect(text string, seek []namedDetector) []detection {
	var found []detection
	for _, d := range seek {
		for _, at := range d.pattern.FindAllStringIndex(text, -1) {
			match := text[at[0]:at[1]]
			if match == "" {
				continue // of a pattern of the user's own
			}
			if d.digits && (alnumBefore(text, at[0]) || alnumAfter(text, at[1])) || d.valid != nil && !d.valid(match) {
				continue
			}
			found = append(found, detection{d.name, at[0], at[1]})
		}
	}
	return found
}

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func alnumBefore(text string, i int) bool {
	return i > 0 && alnum(rune(text[i-1]))
}

func alnumAfter(text string, i int) bool {
	return i < len(text) && alnum(rune(text[i]))
}

// luhn checks the last digit of a card's number.
func luhn(text string) bool {
	sum, double := 0, false
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] < '0' || text[i] > '9' {
			continue
		}
		n := int(text[i] - '0')
		if double {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum, double = sum+n, !double
	}
	return sum%10 == 0
}

func isAddress(text string) bool {
	if !strings.ContainsAny(text, ".:") || strings.Trim(text, ":") == "" {
		return false
	}
	_, err := netip.ParseAddr(text)
	return err == nil
}
