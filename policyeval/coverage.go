package policyeval

import (
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// Coverage counts which statements of which documents requests have exercised, like
// code coverage. The zero value is ready to use, and may be used by many goroutines at
// once. Counting a request costs about as much as deciding it. The counts of a document
// are dropped when the document is garbage-collected.
type Coverage struct {
	documents sync.Map // weak.Pointer[Document] -> *documentCounts
	resets    atomic.Uint64
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

// Covered reports whether the statement has applied at all.
func (c Count) Covered() bool { return c.Allowed+c.Denied > 0 }

// documentCounts counts the statements that matched or nearly matched, which is
// rare. Each evaluation of the document that did not count a statement is one
// in which that statement was unmatched.
type documentCounts struct {
	of          *Coverage
	resets      uint64 // how often it had been reset when these counts began
	evaluations atomic.Uint64
	statements  []statementCounts
}

type statementCounts struct{ applied, conditionFailed atomic.Uint64 }

// Observe counts a request against all policies that have a say in it. A nil
// Coverage counts nothing.
func (c *Coverage) Observe(req *Request, policies *Policies) {
	if c == nil {
		return
	}
	var r run
	r.start(req, policies)
	if r.alwaysAllowed() {
		return
	}
	count := func(l Layer, policies []*Policy) {
		for _, p := range policies {
			r.count(c.counts(p.Document), p, l)
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
		r.count(c.counts(p.Document), p, LayerResource)
	}
	if r.local() {
		count(LayerIdentity, policies.Identity)
		count(LayerBoundary, policies.Boundary)
		count(LayerSession, policies.Session)
	}
}

// counts are the counts of a document. The document points to those that were asked for
// last, which nearly always are these.
func (c *Coverage) counts(d *Document) *documentCounts {
	resets := c.resets.Load()
	if last := d.counted.Load(); last != nil && last.of == c && last.resets == resets {
		return last
	}
	key := weak.Make(d)
	fresh := &documentCounts{of: c, resets: resets, statements: make([]statementCounts, len(d.compiled))}
	found, known := c.documents.LoadOrStore(key, fresh)
	counts := found.(*documentCounts)
	switch {
	case !known:
		runtime.AddCleanup(d, func(key weak.Pointer[Document]) { c.documents.Delete(key) }, key)
	case counts.resets != resets && c.documents.CompareAndSwap(key, counts, fresh):
		counts = fresh // those of before were stored during the reset
	}
	d.counted.Store(counts)
	return counts
}

// count counts the statements whose Action may match the request's.
func (r *run) count(counts *documentCounts, p *Policy, l Layer) {
	d := p.Document
	counts.evaluations.Add(1)
	found, exact := d.index.find(r.action)
	for _, list := range [...][]int32{found.deny, found.allow} {
		for _, i := range list {
			s := &d.compiled[i]
			if !exact && !s.actions.match(r.action.name) || !r.resource(s, l) || r.principal(s, l, p.Epoch) == reachNone {
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
	known, ok := c.documents.Load(weak.Make(d))
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

// Reset drops all counts.
func (c *Coverage) Reset() {
	c.resets.Add(1)
	c.documents.Clear()
}
