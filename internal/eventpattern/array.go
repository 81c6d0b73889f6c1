package eventpattern

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

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
func (e *Event) meets(conditions []condition) bool {
	if e.together(conditions) {
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

// together reports whether more than one of the conditions looks into an array.
func (e *Event) together(conditions []condition) bool {
	n := 0
	for i := range conditions {
		if slices.ContainsFunc(e.fields[conditions[i].path], func(f field) bool { return len(f.places) > 0 }) {
			n++
		}
	}
	return n > 1
}

// choice looks for leaves that meet all conditions together: of each array, the leaves of
// one element [N156] [V150].
type choice struct {
	event      *Event
	conditions []condition
	// arrays are those that the conditions from an index on can look into. What was chosen
	// of others does not matter from there.
	arrays []map[int]bool
	// failed are the choices, by index, after which no others were found.
	failed map[string]bool
	steps  int
}

// maxSteps is how many steps the search through an event's arrays may take for one
// pattern. An event that has not matched by then does not match.
const maxSteps = 1 << 20

func newChoice(e *Event, conditions []condition) *choice {
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

// meets reports whether the conditions from i on are met by leaves that can stand together
// with those at the places taken already.
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
		if !compatible(taken, f.places) {
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

// compatible reports whether no array has two different elements in a and b.
func compatible(a, b []place) bool {
	for _, p := range a {
		for _, q := range b {
			if p.array == q.array && p.index != q.index {
				return false
			}
		}
	}
	return true
}
