package eventpattern

import (
	"math"
	"slices"
)

// index has alternatives by what they are found by.
type index struct {
	paths  map[string]*pathIndex
	absent map[string]*bucket // by a path that is not there
	always []int              // those that have no condition left
}

// filed is an alternative as an index has it: its number, and the conditions that it can be
// found by.
type filed struct {
	n          int
	conditions []condition
}

// bucket are alternatives that are found by the same: a few as a list, many by an index over
// what else they want.
type bucket struct {
	size  int
	list  []filed
	below *index
}

// maxListed is how many are looked at one by one.
const maxListed = 16

func (b *bucket) add(f filed) {
	if b.size++; b.below != nil {
		b.below.add(f)
		return
	}
	if b.list = append(b.list, f); len(b.list) > maxListed {
		b.below = newIndex()
		for _, f := range b.list {
			b.below.add(f)
		}
		b.list = nil
	}
}

func (b *bucket) find(e *Event, found numbers) {
	for i := range b.list {
		found.add(b.list[i].n)
	}
	if b.below != nil {
		b.below.find(e, found)
	}
}

func newIndex() *index { return &index{paths: map[string]*pathIndex{}, absent: map[string]*bucket{}} }

// What a condition costs to be found by, before what others it has beside it counts.
const (
	nearlyAll = math.MaxInt / 2 // values meet it by themselves: exists, anything-but
	anyAtAll  = math.MaxInt / 4 // any value meets it
	halfOfAll = anyAtAll - 1    // a range without an end
)

// add files an alternative by the condition that it is best found by: one that names
// values, by which the fewest others are found; else one that nearly everything meets, by
// which the most are, so that it is looked at once for all of them.
func (x *index) add(f filed) {
	if len(f.conditions) == 0 {
		x.always = append(x.always, f.n)
		return
	}
	best, least := 0, math.MaxInt
	for i := range f.conditions {
		if cost := x.cost(&f.conditions[i]); cost < least {
			best, least = i, cost
		}
	}
	c := &f.conditions[best]
	f.conditions = slices.Delete(slices.Clone(f.conditions), best, best+1)
	x.file(f, c)
}

func (x *index) cost(c *condition) int {
	at := x.paths[c.path]
	if at == nil {
		at = &pathIndex{}
	}
	cost, beside := 0, 0
	if b := x.absent[c.path]; c.absent && b != nil {
		beside = b.size
	}
	excepting := c.absent
	for _, m := range c.matchers {
		if but, ok := m.(anythingBut); ok {
			excepting = true
			beside += at.excepting(but)
			continue
		}
		if broad(m) {
			cost = anyAtAll
			continue
		}
		if span, ok := m.(*span); ok && span.endless() {
			cost = max(cost, halfOfAll)
			continue
		}
		if p := at.posting(m, false); p != nil && cost < halfOfAll {
			cost += p.hits.size
		}
	}
	if excepting {
		return nearlyAll - beside
	}
	return cost
}

// file makes that an alternative is found by the condition.
func (x *index) file(f filed, c *condition) {
	if c.absent {
		b := x.absent[c.path]
		if b == nil {
			b = &bucket{}
			x.absent[c.path] = b
		}
		b.add(f)
	}
	if len(c.matchers) == 0 {
		return
	}
	at := x.paths[c.path]
	if at == nil {
		at = &pathIndex{}
		x.paths[c.path] = at
	}
	for _, m := range c.matchers {
		switch but, ok := m.(anythingBut); {
		case ok:
			at.except(but).add(f)
		case broad(m):
			at.any.add(f)
		default:
			at.posting(m, true).hits.add(f)
		}
	}
}

// find adds the alternatives that the event may match.
func (x *index) find(e *Event, found numbers) {
	for _, n := range x.always {
		found.add(n)
	}
	for path, b := range x.absent {
		// Beside what is in one element of a list, other elements may lack it.
		if !slices.ContainsFunc(e.fields[path], func(f field) bool { return len(f.places) == 0 }) {
			b.find(e, found)
		}
	}
	look := func(path string, at *pathIndex) {
		for fields, i := e.fields[path], 0; i < len(fields); i++ {
			at.find(e, &fields[i].value, found)
		}
	}
	if len(x.paths) <= len(e.fields) {
		for path, at := range x.paths {
			look(path, at)
		}
		return
	}
	for path := range e.fields {
		if at := x.paths[path]; at != nil {
			look(path, at)
		}
	}
}
