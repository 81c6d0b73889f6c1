package policyeval

import "encoding/json"

// Decision is a verdict and how it came about. It refers to the request and
// the policies it was made from: do not change them while it is in use.
type Decision struct {
	Verdict
	// Steps are all statements of all policies that had a say, and the grants
	// on a key, in the order in which they were asked.
	Steps []Step

	run *run
}

// Evaluate decides as Decide does and explains every statement. The same code
// matches both, so that an explanation never contradicts its decision.
func Evaluate(req *Request, policies *Policies) Decision {
	t := &trace{steps: make([]Step, policies.statements())}
	r := &t.run
	r.trace = t
	r.start(req, policies)
	v := r.decide()
	return Decision{Verdict: v, Steps: t.steps[:t.n], run: r}
}

// statements counts the steps of an evaluation.
func (p *Policies) statements() int {
	n := len(p.Grants)
	for policy := range p.all() {
		n += len(policy.Document.compiled)
	}
	return n
}

// all yields every policy.
func (p *Policies) all() func(func(*Policy) bool) {
	return func(yield func(*Policy) bool) {
		lists := [...][]*Policy{p.Identity, p.Boundary, p.Session, p.Endpoint, nil}
		if p.Resource != nil {
			lists[4] = []*Policy{p.Resource}
		}
		for _, levels := range [][][]*Policy{lists[:], p.SCPs, p.RCPs} {
			for _, list := range levels {
				for _, policy := range list {
					if !yield(policy) {
						return
					}
				}
			}
		}
	}
}

// trace collects the steps of an evaluation.
type trace struct {
	run   run
	steps []Step
	n     int
}

// next is the next step, to be filled in.
func (t *trace) next(l Layer, p *Policy, statement int) *Step {
	s := &t.steps[t.n]
	t.n++
	s.Layer, s.Policy, s.Statement, s.run = l, p, statement, &t.run
	return s
}

// Step is a statement, or a grant, and what became of it.
type Step struct {
	Policy    *Policy // nil for a grant
	Statement int     // in its policy, or the grant in Policies.Grants, from 0
	Layer     Layer

	missed missed
	reach  reach
	run    *run
}

// missed counts what did not match, up to enough: two misses make a statement
// neither match nor nearly match.
type missed uint8

const (
	enough missed = 2
	// otherAction: the statement is about other actions. What else it misses
	// is looked up when somebody asks.
	otherAction missed = 255
)

// tracePolicy looks at every statement of a policy.
func (r *run) tracePolicy(l Layer, p *Policy) {
	o, d, name := &r.outcomes[l], p.Document, r.layer(l)
	found, _ := d.index.find(r.action)
	for i := range d.compiled {
		step := r.trace.next(name, p, i)
		if !found.take(i) {
			step.missed = otherAction
			continue
		}
		s := &d.compiled[i]
		step.missed, step.reach = r.misses(s, l)
		if step.missed == 0 {
			r.denied = r.denied || s.effect == Deny
			o.take(s.effect, step.reach, p, i)
		}
	}
}

// take reports whether statement i is a candidate, and moves on. It is asked
// about all statements in order.
func (c *candidates) take(i int) bool {
	switch {
	case len(c.deny) > 0 && c.deny[0] == i:
		c.deny = c.deny[1:]
	case len(c.allow) > 0 && c.allow[0] == i:
		c.allow = c.allow[1:]
	default:
		return false
	}
	return true
}

// misses counts the elements and conditions that do not match.
func (r *run) misses(s *compiled, l Layer) (n missed, far reach) {
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
	if far = r.principal(s, l); far == reachNone {
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

// near reports whether some entry is of the action's service: another action
// of the same service is a near miss, one of another service is not.
func (a *actions) near(wanted *action) bool {
	for i := range a.services {
		if a.services[i] == wanted.service {
			return true
		}
	}
	return false
}

// Applies reports whether everything in the statement matches, so that it
// allows or denies.
func (s *Step) Applies() bool { return s.missed == 0 }

// Nearly reports whether all but one element or condition matches.
// A statement about other actions does only if they are of the same service.
func (s *Step) Nearly() bool {
	if s.missed == otherAction {
		n, _ := s.run.misses(&s.Policy.Document.compiled[s.Statement], s.asked())
		return n == 1
	}
	return s.missed == 1
}

// asked is the layer as it was asked: a trust policy is a resource's.
func (s *Step) asked() Layer {
	if s.Layer == LayerTrust {
		return LayerResource
	}
	return s.Layer
}

// Delegates reports whether the statement allows the caller's account alone,
// which leaves the decision to the account's identity-based policies.
func (s *Step) Delegates() bool { return s.Applies() && s.reach == reachAccount }

// Source is the statement as its document spells it; nil for a grant.
func (s *Step) Source() *Statement {
	if s.Policy == nil {
		return nil
	}
	return &s.Policy.Document.statements[s.Statement]
}

// Grant is the grant that the step is about; nil for a statement.
func (s *Step) Grant() *Grant {
	if s.Policy != nil {
		return nil
	}
	return &s.run.policies.Grants[s.Statement]
}

// Effect is what the statement does where it applies. Grants allow.
func (s *Step) Effect() Effect {
	if s.Policy == nil {
		return Allow
	}
	return s.Source().Effect
}

// Element is one element or condition of a statement: what it wants and what
// the request has.
type Element struct {
	// Name is the element's: Action, NotAction, Resource, NotResource,
	// Principal, NotPrincipal or Condition; of a grant Operations,
	// GranteePrincipal, RetiringPrincipal or Constraint.
	Name string `json:"element"`
	// Operator and Key are a condition's; Key alone is a constraint's kind.
	Operator string   `json:"operator,omitempty"`
	Key      string   `json:"key,omitempty"`
	Wanted   []string `json:"wanted"`
	// Got is what the request has; nil where it lacks the condition's key.
	Got     []string `json:"got"`
	Matched bool     `json:"matched"`
}

// Elements are the statement's elements and conditions, each with its outcome.
func (s *Step) Elements() []Element {
	if s.Policy == nil {
		return s.grantElements()
	}
	r, c, source := s.run, &s.Policy.Document.compiled[s.Statement], s.Source()
	var elements []Element
	add := func(name string, wanted []string, got string, matched bool) {
		if wanted != nil {
			elements = append(elements, Element{Name: name, Wanted: wanted, Got: []string{got}, Matched: matched})
		}
	}
	l := s.asked()
	principal := r.principal(c, l) != reachNone
	action := c.actions.match(r.action.name)
	resource := r.resource(c, l)
	add("Principal", principalTexts(source.Principal), r.req.Principal.String(), principal)
	add("NotPrincipal", principalTexts(source.NotPrincipal), r.req.Principal.String(), principal)
	add("Action", source.Action, r.req.Action, action)
	add("NotAction", source.NotAction, r.req.Action, action)
	add("Resource", source.Resource, r.req.Resource, resource)
	add("NotResource", source.NotResource, r.req.Resource, resource)
	elements = append(elements, s.absent(c, l)...)
	for i := range c.conditions {
		k := source.Conditions[i]
		e := Element{Name: "Condition", Operator: k.Operator, Key: k.Key, Wanted: k.Values}
		e.Got, _, _ = r.req.Context.Get(k.Key)
		e.Matched = c.conditions[i].met(r.req.Context)
		elements = append(elements, e)
	}
	return elements
}

// absent are the elements that the statement would need and lacks.
func (s *Step) absent(c *compiled, l Layer) []Element {
	var elements []Element
	add := func(name, got string) {
		elements = append(elements, Element{Name: name, Wanted: []string{}, Got: []string{got}})
	}
	if c.principals == nil && s.run.principal(c, l) == reachNone {
		add("Principal", s.run.req.Principal.String())
	}
	if len(c.actions.patterns) == 0 && !c.actions.not {
		add("Action", s.run.req.Action)
	}
	if !c.hasResource && !s.run.resource(c, l) {
		add("Resource", s.run.req.Resource)
	}
	return elements
}

func principalTexts(entries []PrincipalEntry) []string {
	if entries == nil {
		return nil
	}
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = e.Type + ": " + e.Value
	}
	return texts
}

// String names a principal for a person.
func (who Principal) String() string {
	switch who.Type {
	case Anonymous:
		return "anonymous"
	case Service:
		return who.Service
	default:
		return who.ARN
	}
}

// Missed are the elements and conditions that did not match.
func (s *Step) Missed() []Element {
	var missed []Element
	for _, e := range s.Elements() {
		if !e.Matched {
			missed = append(missed, e)
		}
	}
	return missed
}

// stepJSON is a step as the control API prints it.
type stepJSON struct {
	Layer     Layer     `json:"layer"`
	Policy    string    `json:"policy,omitempty"`
	Statement *int      `json:"statement,omitempty"`
	Sid       string    `json:"sid,omitempty"`
	Position  *Position `json:"position,omitempty"`
	Grant     string    `json:"grant,omitempty"`
	Effect    string    `json:"effect"`
	Outcome   string    `json:"outcome"` // applies, nearly or no match
	Delegates bool      `json:"delegates,omitempty"`
	Elements  []Element `json:"elements"`
}

// MarshalJSON prints the step with all its elements.
func (s Step) MarshalJSON() ([]byte, error) {
	j := stepJSON{
		Layer: s.Layer, Effect: s.Effect().String(), Outcome: s.outcome(), Delegates: s.Delegates(), Elements: s.Elements(),
	}
	if s.Policy == nil {
		j.Grant = s.Grant().ID
	} else {
		j.Policy, j.Statement, j.Sid, j.Position = s.Policy.Name, &s.Statement, s.Source().Sid, &s.Source().Begin
	}
	return json.Marshal(j)
}

func (s *Step) outcome() string {
	switch {
	case s.Applies():
		return "applies"
	case s.Nearly():
		return "nearly"
	default:
		return "no match"
	}
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

// By are the statements, or the grants, that the verdict rests on: every deny
// where one denies, else every allow that was enough. A request that nothing
// allows is denied by none.
func (d *Decision) By() []Step {
	by := []Step{}
	for _, s := range d.Steps {
		if s.Applies() && d.counts(&s) {
			by = append(by, s)
		}
	}
	return by
}

// counts reports whether a statement that applies is behind the verdict.
func (d *Decision) counts(s *Step) bool {
	resource := s.Layer == LayerResource || s.Layer == LayerTrust || s.Layer == LayerGrant
	switch d.Reason {
	case ExplicitDeny:
		return s.Effect() == Deny
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
// denies, and where it has to allow, it does. A layer without policies lets
// everything through, except that identity-based and resource-based policies
// allow nothing unless they say so.
func (d *Decision) Passes(l Layer) bool {
	if l == LayerTrust {
		l = LayerResource
	}
	o := &d.run.outcomes[l]
	p := d.run.policies
	switch {
	case o.deny.policy != nil:
		return false
	case l == LayerRCP:
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

func (s *Step) grantElements() []Element {
	r, g := s.run, s.Grant()
	who := []string{r.req.Principal.String()}
	elements := []Element{
		{Name: "Operations", Wanted: g.Operations, Got: []string{r.req.Action}, Matched: g.covers(r.action.verb)},
		{Name: "GranteePrincipal", Wanted: []string{g.Grantee}, Got: who, Matched: granteeReach(g.Grantee, &r.req.Principal) != reachNone},
	}
	for _, c := range g.constraints() {
		elements = append(elements, Element{
			Name: "Constraint", Key: c.name, Wanted: pairTexts(c.pairs), Got: r.contextTexts(), Matched: r.constraintMet(c),
		})
	}
	if r.retires() && g.Retiring != "" {
		retiring := granteeReach(g.Retiring, &r.req.Principal) != reachNone
		elements = append(elements, Element{Name: "RetiringPrincipal", Wanted: []string{g.Retiring}, Got: who, Matched: retiring})
	}
	return elements
}
