package events

import "github.com/waxseal/waxseal/internal/eventpattern"

// patternSet holds the patterns of rules by the names of these. The zero value is empty.
type patternSet struct {
	all map[string]*eventpattern.Pattern
}

// Add adds the pattern of a rule.
func (p *patternSet) Add(name string, x *eventpattern.Pattern) {
	if p.all == nil {
		p.all = map[string]*eventpattern.Pattern{}
	}
	p.all[name] = x
}

// Remove forgets that of a rule.
func (p *patternSet) Remove(name string) { delete(p.all, name) }

// Match are the rules whose patterns match an event.
func (p *patternSet) Match(e *eventpattern.Event) (names []string) {
	for name, x := range p.all {
		if x.Match(e) {
			names = append(names, name)
		}
	}
	return names
}
