package sns

import (
	"net/netip"
	"slices"
	"strings"
)

// filter is a compiled filter policy: a message passes if it meets all
// conditions of one of the alternatives.
type filter struct {
	body         bool // looks at the message's text, not at its attributes
	alternatives [][]condition
}

// condition is what a policy wants of one path: one of the patterns.
type condition struct {
	path     string
	patterns []pattern
	absent   bool // the path's absence is one of the patterns
}

// pattern is one way for a value to match.
type pattern interface{ match(v *value) bool }

// match reports whether e passes. A nil event passes no condition.
func (f *filter) match(e *event) bool {
	if !f.conditional() {
		return true
	}
	if e == nil {
		return false
	}
	return slices.ContainsFunc(f.alternatives, func(conditions []condition) bool {
		return meets(conditions, e, nil)
	})
}

// conditional reports whether the policy wants anything: {} is how some take a policy away.
func (f *filter) conditional() bool {
	return len(f.alternatives) != 1 || len(f.alternatives[0]) > 0
}

// meets reports whether e meets the conditions by leaves that can stand
// together with those at the places taken already.
func meets(conditions []condition, e *event, taken []place) bool {
	if len(conditions) == 0 {
		return true
	}
	c, rest := &conditions[0], conditions[1:]
	seen := false
	for i := range e.fields[c.path] {
		f := &e.fields[c.path][i]
		if !together(taken, f.places) {
			continue
		}
		seen = true
		if c.match(&f.value) && meets(rest, e, append(taken[:len(taken):len(taken)], f.places...)) {
			return true
		}
	}
	return c.absent && !seen && meets(rest, e, taken)
}

func (c *condition) match(v *value) bool {
	return slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.match(v) })
}

// together reports whether no array has two different elements in a and b.
func together(a, b []place) bool {
	for _, p := range a {
		for _, q := range b {
			if p.array == q.array && p.index != q.index {
				return false
			}
		}
	}
	return true
}

type exactly struct{ value }

// match compares numbers by their value and all else by its text.
func (p *exactly) match(v *value) bool {
	if p.kind != v.kind {
		return false
	}
	if p.ranged && v.ranged {
		return p.number == v.number
	}
	return p.text == v.text
}

// anythingBut matches what none of the patterns matches.
type anythingBut []pattern

func (p anythingBut) match(v *value) bool {
	return !slices.ContainsFunc(p, func(but pattern) bool { return but.match(v) })
}

// textMatch is a pattern for strings alone.
type textMatch func(text string) bool

func (p textMatch) match(v *value) bool { return v.kind == tokenString && p(v.text) }

func prefixOf(want string) pattern {
	return textMatch(func(text string) bool { return strings.HasPrefix(text, want) })
}

func suffixOf(want string) pattern {
	return textMatch(func(text string) bool { return strings.HasSuffix(text, want) })
}

func ignoringCase(want string) pattern {
	return textMatch(func(text string) bool { return strings.EqualFold(text, want) })
}

func within(network netip.Prefix) pattern {
	return textMatch(func(text string) bool {
		address, err := netip.ParseAddr(text)
		return err == nil && address.Zone() == "" && network.Contains(address)
	})
}

// wild matches texts in which parts occur in turn: the first at the beginning,
// the last at the end.
type wild []string

func (parts wild) match(v *value) bool {
	text, last := v.text, len(parts)-1
	if v.kind != tokenString || last == 0 {
		return v.kind == tokenString && text == parts[0]
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

type exists struct{}

func (exists) match(*value) bool { return true }

// numericRange matches numbers from low to high, each of which may be left out
// of the range itself.
type numericRange struct {
	low, high         int64
	lowOpen, highOpen bool
}

func (p *numericRange) match(v *value) bool {
	if v.kind != tokenNumber || !v.ranged {
		return false
	}
	above := v.number > p.low || v.number == p.low && !p.lowOpen
	below := v.number < p.high || v.number == p.high && !p.highOpen
	return above && below
}
