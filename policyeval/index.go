package policyeval

import (
	"slices"
	"strings"
)

// actions is a compiled Action or NotAction, in lower case: actions are
// compared without regard to case.
type actions struct {
	patterns []pattern
	not      bool
	// services are the entries' parts before the colon.
	services []string
	// literals are the entries of Action without wildcards, simple is set
	// where there are no others.
	literals []string
	simple   bool
}

func compileActions(s *Statement) actions {
	a := actions{not: s.NotAction != nil, simple: s.NotAction == nil}
	for _, text := range slices.Concat(s.Action, s.NotAction) {
		text = strings.ToLower(text)
		service, _, _ := strings.Cut(text, ":")
		a.services = append(a.services, service)
		p := compilePattern(tokenize(text, true, false))
		if literal, ok := p.literal(); ok {
			a.literals = append(a.literals, literal)
		} else {
			a.simple = false
		}
		a.patterns = append(a.patterns, p)
	}
	return a
}

// match compares an action in lower case.
func (a *actions) match(action string) bool {
	for i := range a.patterns {
		if a.patterns[i].matches(action, nil) {
			return !a.not
		}
	}
	return a.not
}

// index finds the statements whose action matches, without looking at the
// others: most requests are decided by few of a document's statements.
type index struct {
	// exact holds, for each action that the document spells out, all
	// statements that match it.
	exact map[string]candidates
	// rest are the statements that may match any other action.
	rest candidates
}

// candidates are statements by effect, each list in the document's order.
type candidates struct{ deny, allow []int }

// maxIndex bounds the work of building an index: the product of a document's
// actions with those it spells out.
const maxIndex = 1 << 20

func buildIndex(statements []compiled) index {
	x := index{exact: map[string]candidates{}}
	patterns, literals := 0, 0
	for i := range statements {
		patterns += len(statements[i].actions.patterns)
		literals += len(statements[i].actions.literals)
	}
	huge := patterns*literals > maxIndex
	for i := range statements {
		a := &statements[i].actions
		if huge || !a.simple {
			x.rest.add(i, statements[i].effect)
		}
		for _, action := range a.literals {
			if _, done := x.exact[action]; done || huge {
				continue
			}
			var c candidates
			for j := range statements {
				if statements[j].actions.match(action) {
					c.add(j, statements[j].effect)
				}
			}
			x.exact[action] = c
		}
	}
	return x
}

func (c *candidates) add(i int, e Effect) {
	if e == Deny {
		c.deny = append(c.deny, i)
	} else {
		c.allow = append(c.allow, i)
	}
}

// find returns the candidates for an action in lower case; exact: their
// actions are known to match.
func (x *index) find(a *action) (c candidates, exact bool) {
	if c, ok := x.exact[a.name]; ok {
		return c, true
	}
	return x.rest, false
}
