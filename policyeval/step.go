package policyeval

import "encoding/json"

// Applies reports whether everything in the statement matches, so that it
// allows or denies.
func (s *Step) Applies() bool { return s.missed == 0 }

// Nearly reports whether all but one element or condition match. A statement
// about other actions nearly matches only if these are actions of the same
// service.
func (s *Step) Nearly() bool {
	if s.missed == later {
		n, _ := s.run.misses(&s.Policy.Document.compiled[s.Statement], s.asked(), s.Policy.Epoch)
		return n == 1
	}
	return s.missed == 1
}

// asked is the layer in which the step was evaluated: for a trust policy that
// of the resource.
func (s *Step) asked() Layer {
	if s.Layer == LayerTrust {
		return LayerResource
	}
	return s.Layer
}

// Delegates reports whether the statement names only the caller's account,
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
	// Note explains whom a principal's ARN means, where that is not the principal that
	// has it now.
	Note string `json:"note,omitempty"`
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
	principal := r.principal(c, l, s.Policy.Epoch) != reachNone
	action := c.actions.match(r.action.name)
	resource := r.resource(c, l)
	add("Principal", principalTexts(source.Principal), r.req.Principal.String(), principal)
	add("NotPrincipal", principalTexts(source.NotPrincipal), r.req.Principal.String(), principal)
	if c.principals != nil {
		elements[0].Note = r.req.Principal.note(c.principals.names, s.Policy.Epoch)
	}
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

// absent are the elements that the statement lacks although it needs them.
func (s *Step) absent(c *compiled, l Layer) []Element {
	var elements []Element
	add := func(name, got string) {
		elements = append(elements, Element{Name: name, Wanted: []string{}, Got: []string{got}})
	}
	if c.principals == nil && s.run.principal(c, l, s.Policy.Epoch) == reachNone {
		add("Principal", s.run.req.Principal.String())
	}
	if len(c.actions.entries) == 0 && !c.actions.not {
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
	Owner     string    `json:"owner,omitempty"` // of an inline policy
	Statement *int32    `json:"statement,omitempty"`
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
		j.Policy, j.Owner = s.Policy.Name, s.Policy.Owner
		j.Statement, j.Sid, j.Position = &s.Statement, s.Source().Sid, &s.Source().Begin
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

func (s *Step) grantElements() []Element {
	r, g := s.run, s.Grant()
	who := []string{r.req.Principal.String()}
	elements := []Element{
		{Name: "Operations", Wanted: g.Operations, Got: []string{r.req.Action}, Matched: g.covers(r.action.verb)},
		{Name: "GranteePrincipal", Wanted: []string{g.Grantee}, Got: who, Matched: granteeReach(g.Grantee, &r.req.Principal, g.Epoch) != reachNone,
			Note: r.req.Principal.note([]string{g.Grantee}, g.Epoch)},
	}
	for _, c := range g.constraints() {
		elements = append(elements, Element{
			Name: "Constraint", Key: c.name, Wanted: pairTexts(c.pairs), Got: r.contextTexts(), Matched: r.constraintMet(c),
		})
	}
	if r.retires() && g.Retiring != "" {
		retiring := granteeReach(g.Retiring, &r.req.Principal, g.Epoch) != reachNone
		elements = append(elements, Element{Name: "RetiringPrincipal", Wanted: []string{g.Retiring}, Got: who, Matched: retiring, Note: r.req.Principal.note([]string{g.Retiring}, g.Epoch)})
	}
	return elements
}
