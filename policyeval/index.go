package policyeval

import (
	"cmp"
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
		p := newPattern(text, true, false)
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
// others: for most requests only a few of a document's statements matter.
type index struct {
	// exact holds, for each action that the document names without wildcards,
	// all statements that match it. It is sorted by the actions' hashes.
	exact  []exactAction
	hashes []uint32
	// rest are the statements that may match any other action.
	rest candidates
}

type exactAction struct {
	contextKey
	candidates
}

// candidates are statements by effect, each list in the document's order.
type candidates struct{ deny, allow []int }

// maxIndex bounds the work of building an index: the number of a document's
// actions multiplied by the number of those without wildcards.
const maxIndex = 1 << 20

func buildIndex(statements []compiled) index {
	var x index
	done := map[string]bool{}
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
			if done[action] || huge {
				continue
			}
			done[action] = true
			c := exactAction{contextKey: makeKey(action)}
			for j := range statements {
				if statements[j].actions.match(action) {
					c.add(j, statements[j].effect)
				}
			}
			x.exact = append(x.exact, c)
		}
	}
	slices.SortFunc(x.exact, func(a, b exactAction) int { return cmp.Compare(a.hash, b.hash) })
	for _, c := range x.exact {
		x.hashes = append(x.hashes, c.hash)
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
	i, ok := slices.BinarySearch(x.hashes, a.hash)
	for ; ok && i < len(x.hashes) && x.hashes[i] == a.hash; i++ {
		if x.exact[i].name == a.name {
			return x.exact[i].candidates, true
		}
	}
	return x.rest, false
}
