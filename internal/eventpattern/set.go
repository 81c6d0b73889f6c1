package eventpattern

import (
	"slices"
	"sync"
)

// Set finds which of many rules an event matches. Each alternative of a pattern is found by
// one of its conditions, the one that seems to let the fewest events by: an index over the
// values at its path leads to it. Where many are found by the same, they are indexed once
// more by their other conditions; what is found at last is looked at whole. Rules that an
// event has nothing to do with cost it next to nothing.
//
// The rules of a Set are of one dialect and have conditions. It may be used by many at once,
// and its zero value is empty.
type Set struct {
	mu    sync.RWMutex
	rules map[string]*Pattern
	index *index
	// alternatives are those of all rules, by the numbers under which the index has them.
	alternatives []alternative
	byRule       map[string][]int
	forgotten    int // alternatives that are still there though their rules are not
}

// alternative is one of a rule's alternatives.
type alternative struct {
	rule       string
	conditions []condition
	forgotten  bool
}

// Add adds a rule, in the place of the one with its id.
func (s *Set) Add(id string, p *Pattern) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(id)
	if s.rules == nil {
		s.rules = map[string]*Pattern{}
		s.begin()
	}
	s.rules[id] = p
	s.file(id, p)
}

func (s *Set) begin() {
	s.index, s.alternatives, s.byRule, s.forgotten = newIndex(), nil, map[string][]int{}, 0
}

func (s *Set) file(id string, p *Pattern) {
	for _, conditions := range p.alternatives {
		n := len(s.alternatives)
		s.alternatives = append(s.alternatives, alternative{rule: id, conditions: conditions})
		s.byRule[id] = append(s.byRule[id], n)
		s.index.add(filed{n, conditions})
	}
}

// Remove removes a rule, if it is there.
func (s *Set) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(id)
}

func (s *Set) remove(id string) {
	if s.rules[id] == nil {
		return
	}
	delete(s.rules, id)
	for _, n := range s.byRule[id] { // their places in the index stay
		s.alternatives[n] = alternative{forgotten: true}
		s.forgotten++
	}
	delete(s.byRule, id)
	if s.forgotten > 64 && s.forgotten > len(s.alternatives)/2 {
		s.begin()
		for id, p := range s.rules {
			s.file(id, p)
		}
	}
}

// Len is how many rules there are.
func (s *Set) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.rules)
}

// Match are the ids of the rules that e matches, in order.
func (s *Set) Match(e *Event) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.rules) == 0 || e.matchless() {
		return nil
	}
	var ids []string
	for n := range s.candidates(e).all() {
		if a := &s.alternatives[n]; !a.forgotten && e.meets(a.conditions) {
			ids = append(ids, a.rule)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// candidates are the alternatives that the event may match: all others it does not.
func (s *Set) candidates(e *Event) numbers {
	found := make(numbers, (len(s.alternatives)+63)/64)
	s.index.find(e, found)
	return found
}
