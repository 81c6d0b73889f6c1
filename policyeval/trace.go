package policyeval

import "encoding/json"

// Decision is a verdict with its explanation. It refers to the request and the
// policies it was made from: do not change them while it is in use.
type Decision struct {
	Verdict
	// Steps are all statements of all policies that apply to the request, and
	// the grants on a key, in the order in which they were evaluated.
	Steps []Step

	run *run
}

// Evaluate decides as Decide does and explains every statement. Both run the
// same code, so an explanation never contradicts the decision.
func Evaluate(req *Request, policies *Policies) Decision {
	statements, parts := policies.size()
	t := &trace{steps: make([]Step, statements), parts: make([]part, 0, parts)}
	r := &t.run
	r.trace = t
	r.start(req, policies)
	v := r.decide()
	return Decision{Verdict: v, Steps: t.steps[:t.n], run: r}
}

// size counts the steps of an evaluation, and the policies that they belong to.
func (p *Policies) size() (statements, parts int) {
	statements, parts = len(p.Grants), 1
	p.each(func(policy *Policy) {
		statements += len(policy.Document.compiled)
		parts++
	})
	return statements, parts
}

// each calls f for every policy.
func (p *Policies) each(f func(*Policy)) {
	if p.Resource != nil {
		f(p.Resource)
	}
	for _, list := range [...][]*Policy{p.Identity, p.Boundary, p.Session, p.Endpoint, p.Block} {
		for _, policy := range list {
			f(policy)
		}
	}
	for _, levels := range [...][][]*Policy{p.SCPs, p.RCPs} {
		for _, level := range levels {
			for _, policy := range level {
				f(policy)
			}
		}
	}
}

// trace collects the steps of an evaluation.
type trace struct {
	run   run
	steps []Step
	n     int
	parts []part
}

// next are the steps of the next policy, or of the grants.
func (t *trace) next(p *Policy, l Layer, n int) []Step {
	t.parts = append(t.parts, part{Policy: p, Layer: l, run: &t.run})
	in := &t.parts[len(t.parts)-1]
	t.n += n
	steps := t.steps[t.n-n : t.n]
	for i := range steps {
		steps[i] = Step{part: in, Statement: int32(i), missed: later}
	}
	return steps
}

// Step is a statement, or a grant, and what became of it. A decision has one
// for each statement, so it is kept small.
type Step struct {
	*part
	Statement int32 // in its policy, or the grant in Policies.Grants, from 0

	missed missed
	reach  reach
}

// part is what the steps of one policy, or the grants, have in common.
type part struct {
	Policy *Policy // nil for grants
	Layer  Layer
	run    *run
}

// missed counts the elements that did not match, up to enough: with two misses
// a statement neither matches nor nearly matches.
type missed uint8

const (
	enough missed = 2
	// later: the statement is known not to match. How many elements do not
	// match is computed only when an explanation is asked for.
	later missed = 255
)

// tracePolicy looks at every statement of a policy.
func (r *run) tracePolicy(l Layer, p *Policy) {
	d := p.Document
	steps := r.trace.next(p, r.layer(l), len(d.compiled))
	found, _ := d.index.find(r.action)
	for _, list := range [...][]int32{found.deny, found.allow} {
		for _, i := range list {
			r.traceStatement(l, &steps[i])
		}
	}
}

func (r *run) traceStatement(l Layer, step *Step) {
	s := &step.Policy.Document.compiled[step.Statement]
	if s.only != nil && s.only.cannotMatch(r.req.Resource) {
		return
	}
	step.missed, step.reach = r.misses(s, l, step.Policy.Epoch)
	if step.missed == 0 {
		r.denied = r.denied || s.effect == Deny && !r.ignores(l)
		r.outcomes[l].take(s.effect, step.reach, step.Policy, int(step.Statement))
	}
}

// misses counts the elements and conditions that do not match.
func (r *run) misses(s *compiled, l Layer, epoch uint64) (n missed, far reach) {
	if !s.actions.match(r.action.name) {
		n++
		if !s.actions.near(r.action) {
			n++
		}
	}
	if !r.resource(s, l) {
		n++
	}
	if n >= enough {
		return n, reachNone
	}
	if far = r.principal(s, l, epoch); far == reachNone {
		n++
	}
	for i := range s.conditions {
		if n >= enough {
			break
		}
		if !s.conditions[i].met(r.req.Context) {
			n++
		}
	}
	return n, far
}

// near reports whether some entry names an action of the same service as
// wanted: that is a near miss, while an action of another service is not.
func (a *actions) near(wanted *action) bool {
	for i := range a.entries {
		if a.entries[i].service == wanted.service {
			return true
		}
	}
	return false
}

// MarshalJSON prints the verdict, the statements behind it and all steps.
func (d Decision) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Allowed bool   `json:"allowed"`
		Reason  Reason `json:"reason"`
		Layer   Layer  `json:"layer"`
		By      []Step `json:"by"`
		Steps   []Step `json:"steps"`
	}{d.Allowed, d.Reason, d.Layer, d.By(), d.Steps})
}

// By are the statements or grants that the verdict rests on: all denies if
// there is one, otherwise every allow that was sufficient. It is empty where
// the request is denied because nothing allows it.
func (d *Decision) By() []Step {
	by := []Step{}
	for _, s := range d.Steps {
		if s.Applies() && d.counts(&s) {
			by = append(by, s)
		}
	}
	return by
}

// counts reports whether the verdict rests on a statement that applies.
func (d *Decision) counts(s *Step) bool {
	resource := s.Layer == LayerResource || s.Layer == LayerTrust || s.Layer == LayerGrant
	switch d.Reason {
	case ExplicitDeny:
		return s.Effect() == Deny && !d.run.ignores(s.Layer)
	case AllowedByIdentity:
		return s.Effect() == Allow && s.Layer == LayerIdentity
	case AllowedByResource, AllowedByGrant:
		return s.Effect() == Allow && s.Layer == d.Layer && !s.Delegates()
	case AllowedByBoth:
		return s.Effect() == Allow && (s.Layer == LayerIdentity || resource)
	default:
		return false
	}
}

// Passes reports whether a layer lets the request through: nothing in it
// denies, and it allows where an allow is needed. A layer without policies lets
// everything through, except the identity-based and the resource-based layer,
// which then allow nothing.
func (d *Decision) Passes(l Layer) bool {
	if l == LayerTrust {
		l = LayerResource
	}
	o := &d.run.outcomes[l]
	p := d.run.policies
	switch {
	case o.deny.policy != nil && !d.run.ignores(l):
		return false
	case l == LayerRCP, l == LayerBlock:
		return true
	case l == LayerSCP:
		return !o.lacking
	case l == LayerEndpoint && len(p.Endpoint) == 0, l == LayerBoundary && len(p.Boundary) == 0,
		l == LayerSession && len(p.Session) == 0:
		return true
	default:
		return o.reach != reachNone
	}
}
