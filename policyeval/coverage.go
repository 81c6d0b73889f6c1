package policyeval

import (
	"sync"
	"sync/atomic"
)

// Coverage counts which statements of which documents requests have
// exercised, like code coverage. The zero value is ready to use, and may be
// used by many goroutines at once. Counting a request costs about as much as
// deciding it.
type Coverage struct {
	documents sync.Map // *Document -> *documentCounts
}

// Count is what became of one statement in the requests so far.
type Count struct {
	// Allowed and Denied: it applied, as an Allow or a Deny.
	Allowed uint64 `json:"allowed"`
	Denied  uint64 `json:"denied"`
	// ConditionFailed: all of it matched but its conditions.
	ConditionFailed uint64 `json:"conditionFailed"`
	// Unmatched: something else did not match.
	Unmatched uint64 `json:"unmatched"`
}

// documentCounts keeps only what happens seldom: a statement that is not
// counted is unmatched, in all the evaluations of its document.
type documentCounts struct {
	evaluations atomic.Uint64
	statements  []statementCounts
}

type statementCounts struct{ applied, conditionFailed atomic.Uint64 }

// Observe counts a request against all policies that have a say in it.
func (c *Coverage) Observe(req *Request, policies *Policies) {
	var r run
	r.start(req, policies)
	if r.alwaysAllowed() {
		return
	}
	count := func(l Layer, policies []*Policy) {
		for _, p := range policies {
			r.count(c.counts(p.Document), p.Document, l)
		}
	}
	if r.limitedByRCP() {
		for _, level := range policies.RCPs {
			count(LayerRCP, level)
		}
	}
	if r.limitedBySCP() {
		for _, level := range policies.SCPs {
			count(LayerSCP, level)
		}
	}
	count(LayerEndpoint, policies.Endpoint)
	if p := policies.Resource; p != nil {
		r.count(c.counts(p.Document), p.Document, LayerResource)
	}
	if r.local() {
		count(LayerIdentity, policies.Identity)
		count(LayerBoundary, policies.Boundary)
		count(LayerSession, policies.Session)
	}
}

func (c *Coverage) counts(d *Document) *documentCounts {
	if counts, ok := c.documents.Load(d); ok {
		return counts.(*documentCounts)
	}
	counts, _ := c.documents.LoadOrStore(d, &documentCounts{statements: make([]statementCounts, len(d.compiled))})
	return counts.(*documentCounts)
}

// count looks at the statements that may speak of the request's action.
func (r *run) count(counts *documentCounts, d *Document, l Layer) {
	counts.evaluations.Add(1)
	found, exact := d.index.find(r.action)
	for _, list := range [...][]int{found.deny, found.allow} {
		for _, i := range list {
			s := &d.compiled[i]
			if !exact && !s.actions.match(r.action.name) || !r.resource(s, l) || r.principal(s, l) == reachNone {
				continue
			}
			if r.conditions(s) {
				counts.statements[i].applied.Add(1)
			} else {
				counts.statements[i].conditionFailed.Add(1)
			}
		}
	}
}

// Counts are the counts of a document's statements, in order; all zero for a
// document that no request has met.
func (c *Coverage) Counts(d *Document) []Count {
	result := make([]Count, len(d.statements))
	known, ok := c.documents.Load(d)
	if !ok {
		return result
	}
	counts := known.(*documentCounts)
	for i := range result {
		s, k := &counts.statements[i], &result[i]
		applied := s.applied.Load()
		k.ConditionFailed = s.conditionFailed.Load()
		k.Unmatched = counts.evaluations.Load() - applied - k.ConditionFailed
		if d.statements[i].Effect == Deny {
			k.Denied = applied
		} else {
			k.Allowed = applied
		}
	}
	return result
}

// Forget drops the counts of a document, for one that is no longer in force.
func (c *Coverage) Forget(d *Document) { c.documents.Delete(d) }

// Reset drops all counts.
func (c *Coverage) Reset() { c.documents.Clear() }
