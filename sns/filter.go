package sns

import (
	"cmp"
	"encoding/binary"
	"maps"
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

// match reports whether e passes. An event that is nil or empty passes no
// condition, not even that something is absent.
//
// See https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html.
func (f *filter) match(e *event) bool {
	if !f.conditional() {
		return true
	}
	return e != nil && len(e.fields) > 0 && slices.ContainsFunc(f.alternatives, e.meets)
}

// conditional reports whether the policy has any condition: some clients set {} to
// remove a policy.
func (f *filter) conditional() bool {
	return len(f.alternatives) != 1 || len(f.alternatives[0]) > 0
}

// order sorts conditions so that those on members of one array stand together. Among
// them, conditions that absence meets come last, because they depend on the array's
// element that the others have chosen.
func order(conditions []condition) {
	slices.SortStableFunc(conditions, func(a, b condition) int {
		first, _, _ := strings.Cut(a.path, ".")
		second, _, _ := strings.Cut(b.path, ".")
		return cmp.Or(strings.Compare(first, second), compareBool(a.absent, b.absent), strings.Compare(a.path, b.path))
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// meets reports whether the event meets all conditions.
func (e *event) meets(conditions []condition) bool {
	if e.arrays > 0 {
		return newChoice(e, conditions).meets(0, nil)
	}
	for i := range conditions {
		c, fields := &conditions[i], e.fields[conditions[i].path]
		met := c.absent && len(fields) == 0
		for k := range fields {
			met = met || c.match(&fields[k].value)
		}
		if !met {
			return false
		}
	}
	return true
}

// choice looks for leaves that meet all conditions together: of each array, the
// leaves of one element [N156].
type choice struct {
	event      *event
	conditions []condition
	// arrays are those that the conditions from an index on can look into. What
	// was chosen of others does not matter from there.
	arrays []map[int]bool
	// failed are the choices, by index, after which no others were found.
	failed map[string]bool
	steps  int
}

// maxSteps is how many steps the search through a message's arrays may take for one
// policy. A message that has not passed by then does not pass.
const maxSteps = 1 << 20

func newChoice(e *event, conditions []condition) *choice {
	c := &choice{event: e, conditions: conditions, arrays: make([]map[int]bool, len(conditions)+1), failed: map[string]bool{}}
	seen := map[int]bool{}
	for i := len(conditions) - 1; i >= 0; i-- {
		for _, f := range e.fields[conditions[i].path] {
			for _, p := range f.places {
				seen[p.array] = true
			}
		}
		c.arrays[i] = maps.Clone(seen)
	}
	return c
}

// meets reports whether the conditions from i on are met by leaves that can
// stand together with those at the places taken already.
func (c *choice) meets(i int, taken []place) bool {
	if i == len(c.conditions) {
		return true
	}
	taken = slices.DeleteFunc(slices.Clone(taken), func(p place) bool { return !c.arrays[i][p.array] })
	key := placesKey(i, taken)
	condition := &c.conditions[i]
	fields := c.event.fields[condition.path]
	if c.steps += 1 + len(fields); c.steps > maxSteps || c.failed[key] {
		return false
	}
	seen := false
	for k := range fields {
		f := &fields[k]
		if !together(taken, f.places) {
			continue
		}
		seen = true
		if condition.match(&f.value) && c.meets(i+1, append(taken[:len(taken):len(taken)], f.places...)) {
			return true
		}
	}
	if condition.absent && !seen && c.meets(i+1, taken) {
		return true
	}
	c.failed[key] = true
	return false
}

// placesKey is the same for the same places, in whatever order they were taken.
func placesKey(i int, taken []place) string {
	slices.SortFunc(taken, func(a, b place) int { return cmp.Or(a.array-b.array, a.index-b.index) })
	key := binary.AppendUvarint(nil, uint64(i))
	for _, p := range slices.Compact(taken) {
		key = binary.AppendUvarint(binary.AppendUvarint(key, uint64(p.array)), uint64(p.index))
	}
	return string(key)
}

func (c *condition) match(v *value) bool {
	for _, p := range c.patterns {
		if p.match(v) {
			return true
		}
	}
	return false
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

// exists matches all values but null and the empty string.
type exists struct{}

func (exists) match(v *value) bool {
	return v.kind != tokenNull && (v.kind != tokenString || v.text != "")
}

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
