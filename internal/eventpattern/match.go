package eventpattern

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/jackson"
)

// condition is what a pattern wants of one path: that one of the matchers takes a value
// there.
type condition struct {
	path     string
	matchers []matcher
	absent   bool // the path's absence will do as well
}

func (c *condition) match(v *value) bool {
	for _, m := range c.matchers {
		if m.match(v) {
			return true
		}
	}
	return false
}

// matcher is one way for a value to match.
type matcher interface{ match(v *value) bool }

// equal matches the value itself: numbers by what they are worth, all else by its text.
type equal struct{ value }

func (m *equal) match(v *value) bool {
	if m.kind != v.kind {
		return false
	}
	if m.ranged && v.ranged {
		return m.number == v.number
	}
	return m.text == v.text
}

// address matches a text that is this IP address, however it is written [V154].
type address struct {
	text string
	ip   netip.Addr
}

func (m *address) match(v *value) bool {
	if v.kind != jackson.String {
		return false
	}
	if v.text == m.text {
		return true
	}
	ip, ok := parseAddress(v.text)
	return ok && ip == m.ip
}

// prefix matches texts that begin so.
type prefix string

func (m prefix) match(v *value) bool {
	return v.kind == jackson.String && strings.HasPrefix(v.text, string(m))
}

// suffix matches texts that end so.
type suffix string

func (m suffix) match(v *value) bool {
	return v.kind == jackson.String && strings.HasSuffix(v.text, string(m))
}

// equalFold matches as SNS ignores case.
type equalFold string

func (m equalFold) match(v *value) bool {
	return v.kind == jackson.String && strings.EqualFold(v.text, string(m))
}

// folded matches as EventBridge ignores case: each character of the pattern stands for
// itself in lower and in upper case [V162].
type folded struct {
	text string
	open bool // a prefix: the value may go on
}

func (m *folded) match(v *value) bool {
	if v.kind != jackson.String {
		return false
	}
	rest := v.text
	for _, c := range m.text {
		var ok bool
		if rest, ok = cutFolded(rest, c); !ok {
			return false
		}
	}
	return m.open || rest == ""
}

// cutFolded is a text without the character that it begins with, in either case.
func cutFolded(text string, c rune) (string, bool) {
	first, n := utf8.DecodeRuneInString(text)
	if n > 0 && (first == c || first == unicode.ToLower(c) || first == unicode.ToUpper(c)) {
		return text[n:], true
	}
	if c == 'ß' {
		return strings.CutPrefix(text, "SS")
	}
	return text, false
}

// foldedSuffix matches texts that end so in either case. It compares from the end.
type foldedSuffix string

func (m foldedSuffix) match(v *value) bool {
	if v.kind != jackson.String {
		return false
	}
	want, rest := string(m), v.text
	for want != "" {
		c, n := utf8.DecodeLastRuneInString(want)
		want = want[:len(want)-n]
		last, size := utf8.DecodeLastRuneInString(rest)
		switch {
		case size > 0 && (last == c || last == unicode.ToLower(c) || last == unicode.ToUpper(c)):
			rest = rest[:len(rest)-size]
		case c == 'ß' && strings.HasSuffix(rest, "SS"):
			rest = rest[:len(rest)-2]
		default:
			return false
		}
	}
	return true
}

// network matches texts that are addresses in it.
type network netip.Prefix

func (m network) match(v *value) bool {
	if v.kind != jackson.String {
		return false
	}
	ip, ok := parseAddress(v.text)
	return ok && netip.Prefix(m).Contains(ip)
}

// wild matches texts in which its parts occur in turn: the first at the beginning, the
// last at the end.
type wild []string

func (parts wild) match(v *value) bool {
	text, last := v.text, len(parts)-1
	if v.kind != jackson.String || last == 0 {
		return v.kind == jackson.String && text == parts[0]
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[last])
}

// exists matches what the dialect takes for present.
type exists struct{ dialect Dialect }

func (m exists) match(v *value) bool { return m.dialect.present(v) }

// span matches numbers from low to high, each of which may be left out.
type span struct {
	low, high         float64
	lowOpen, highOpen bool
}

// endless reports whether the range has no end on one side.
func (m *span) endless() bool { return math.IsInf(m.low, -1) || math.IsInf(m.high, 1) }

func (m *span) match(v *value) bool {
	if v.kind != jackson.Number || !v.ranged {
		return false
	}
	above := v.number > m.low || v.number == m.low && !m.lowOpen
	below := v.number < m.high || v.number == m.high && !m.highOpen
	return above && below
}

// anythingBut matches what none of the matchers matches.
type anythingBut []matcher

func (m anythingBut) match(v *value) bool {
	return !slices.ContainsFunc(m, func(but matcher) bool { return but.match(v) })
}
