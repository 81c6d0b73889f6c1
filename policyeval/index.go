package policyeval

import (
	"cmp"
	"slices"
)

// actions is a compiled Action or NotAction, in lower case: actions are
// compared without regard to case.
type actions struct {
	entries []actionEntry
	not     bool
	// simple is set where there is no NotAction and no wildcard.
	simple bool
}

type actionEntry struct {
	pattern
	service string // the part before the colon
}

// match compares an action in lower case.
func (a *actions) match(action string) bool {
	for i := range a.entries {
		if a.entries[i].matches(action, nil) {
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
	rest stretch
	// order holds the statements of all stretches.
	order []int32
}

type exactAction struct {
	contextKey
	stretch
}

// stretch is a stretch of an index's order: from begin on the denies, from allow to end the
// allows.
type stretch struct{ begin, allow, end int32 }

// candidates are statements by effect, each list in the document's order.
type candidates struct{ deny, allow []int32 }

// maxIndex bounds the work of building an index: the number of a document's
// actions multiplied by the number of those without wildcards.
const maxIndex = 1 << 20

func buildIndex(statements []compiled) index {
	entries, literals := 0, 0
	for i := range statements {
		for j := range statements[i].actions.entries {
			entries++
			if statements[i].actions.entries[j].kind == exactPattern {
				literals++
			}
		}
	}
	x := index{order: make([]int32, 0, len(statements)+literals)}
	huge := entries*literals > maxIndex
	x.rest = x.add(statements, func(a *actions) bool { return huge || !a.simple })
	if huge || literals == 0 {
		return x
	}
	x.exact = make([]exactAction, 0, literals)
	for i := range statements {
		for j := range statements[i].actions.entries {
			if e := &statements[i].actions.entries[j]; e.kind == exactPattern {
				x.name(statements, makeKey(e.text))
			}
		}
	}
	slices.SortFunc(x.exact, func(a, b exactAction) int { return cmp.Compare(a.hash, b.hash) })
	x.hashes = make([]uint32, len(x.exact))
	for i := range x.exact {
		x.hashes[i] = x.exact[i].hash
	}
	return x
}

// name adds an action, unless it is there.
func (x *index) name(statements []compiled, action contextKey) {
	for i := range x.exact {
		if x.exact[i].contextKey == action {
			return
		}
	}
	found := x.add(statements, func(a *actions) bool { return a.match(action.name) })
	x.exact = append(x.exact, exactAction{action, found})
}

// add adds the statements whose actions match.
func (x *index) add(statements []compiled, match func(*actions) bool) (p stretch) {
	at := func() int32 { return int32(len(x.order)) }
	p.begin = at()
	for _, e := range [...]Effect{Deny, Allow} {
		p.allow = at()
		for i := range statements {
			if s := &statements[i]; s.effect == e && match(&s.actions) {
				x.order = append(x.order, int32(i))
			}
		}
	}
	p.end = at()
	return p
}

func (x *index) candidates(p stretch) candidates {
	return candidates{deny: x.order[p.begin:p.allow], allow: x.order[p.allow:p.end]}
}

// find returns the candidates for an action in lower case; exact: their
// actions are known to match.
func (x *index) find(a *action) (c candidates, exact bool) {
	i, ok := slices.BinarySearch(x.hashes, a.hash)
	for ; ok && i < len(x.hashes) && x.hashes[i] == a.hash; i++ {
		if x.exact[i].name == a.name {
			return x.candidates(x.exact[i].stretch), true
		}
	}
	return x.candidates(x.rest), false
}
