package policyeval

import (
	"slices"
	"strconv"
	"strings"
)

// Suggestion is the smallest set of changes to policies that turns a denial
// into an allow.
type Suggestion struct{ Changes []Change }

// Change is one statement to add to a policy, or to remove from it.
type Change struct {
	Layer Layer
	// Level is the level of the organization that an SCP or RCP belongs to, from 0.
	Level int
	// Policy is the policy to change; nil: a new one.
	Policy *Policy
	// Add is the statement to add, as JSON; empty: Statement is to be removed.
	Add       string
	Statement int
	// Because are the conditions of the statement to be removed. Instead of
	// removing it, the request could change so that one of them is no longer
	// met.
	Because []Element

	index int // of the policy in its layer and level; -1: a new one
}

// Suggest finds what would have to change for a denied request to be allowed.
// ok is false where it is allowed already, or where no policy could allow it.
// Whether it should be allowed is not considered.
func Suggest(req *Request, policies *Policies) (s Suggestion, ok bool) {
	d := Evaluate(req, policies)
	if d.Allowed || d.run.ownerOnly() {
		return Suggestion{}, false
	}
	for i := range d.Steps {
		if step := &d.Steps[i]; step.Applies() && step.Effect() == Deny && !d.run.ignores(step.Layer) {
			s.Changes = append(s.Changes, d.remove(i))
		}
	}
	widen, ok := s.complete(req, policies, false)
	// Where the resource's policy names the caller itself, its identity-based
	// policies, its boundary and its session policies need not allow.
	if direct, also := s.complete(req, policies, true); also && (!ok || len(direct.Changes) < len(widen.Changes)) {
		return direct, true
	}
	return widen, ok
}

// complete adds the missing allows one by one until the request is allowed.
// direct: the resource's policy is to name the caller itself.
func (s Suggestion) complete(req *Request, policies *Policies, direct bool) (Suggestion, bool) {
	s.Changes = slices.Clone(s.Changes)
	for {
		var r run
		r.start(req, s.Apply(req, policies))
		v := r.decide()
		if v.Allowed {
			return s, true
		}
		c := r.add(v.Layer, policies, direct)
		if slices.ContainsFunc(s.Changes, func(o Change) bool { return o.Layer == c.Layer && o.Level == c.Level && o.Add == c.Add }) {
			return Suggestion{}, false // it was added already and did not help
		}
		s.Changes = append(s.Changes, c)
	}
}

// add is the change that makes a layer allow.
func (r *run) add(l Layer, original *Policies, direct bool) Change {
	if direct && r.nameable() {
		l = r.layer(LayerResource)
	}
	c := Change{Layer: l, Statement: -1, index: -1}
	if l == LayerSCP {
		c.Level = r.lackingLevel()
	}
	list := *original.list(l, c.Level)
	c.index = slices.IndexFunc(list, func(p *Policy) bool {
		return l != LayerIdentity || !strings.HasPrefix(p.Name, "arn:") // managed policies are shared
	})
	if c.index >= 0 {
		c.Policy = list[c.index]
	}
	c.Add = r.grantingStatement(l, direct)
	return c
}

// list is the list of the policies of a layer, at a level of the organization.
func (p *Policies) list(l Layer, level int) *[]*Policy {
	switch l {
	case LayerRCP:
		return &p.RCPs[level]
	case LayerSCP:
		return &p.SCPs[level]
	case LayerEndpoint:
		return &p.Endpoint
	case LayerBlock:
		return &p.Block
	case LayerIdentity:
		return &p.Identity
	case LayerBoundary:
		return &p.Boundary
	case LayerSession:
		return &p.Session
	default:
		var resource []*Policy
		if p.Resource != nil {
			resource = []*Policy{p.Resource}
		}
		return &resource
	}
}

// remove is the change that removes the statement of a step, which denies.
func (d *Decision) remove(step int) Change {
	s := &d.Steps[step]
	c := Change{Layer: s.Layer, Policy: s.Policy, Statement: int(s.Statement)}
	c.Level, c.index = d.place(step)
	for _, e := range s.Elements() {
		if e.Name == "Condition" {
			c.Because = append(c.Because, e)
		}
	}
	return c
}

// place is the position in its layer of the policy of a step. The same policy
// can be there several times, for example where a user and its group both have
// it.
func (d *Decision) place(step int) (level, index int) {
	s := &d.Steps[step]
	before := 0
	for i := range d.Steps[:step] {
		o := &d.Steps[i]
		if o.Layer == s.Layer && o.Policy == s.Policy && o.Statement == s.Statement {
			before++
		}
	}
	var places [][2]int
	for level := range max(1, len(d.run.policies.levels(s.Layer))) {
		for index, p := range *d.run.policies.list(s.Layer, level) {
			if p == s.Policy {
				places = append(places, [2]int{level, index})
			}
		}
	}
	return places[before][0], places[before][1]
}

// levels is the policies of an organization's layer.
func (p *Policies) levels(l Layer) [][]*Policy {
	switch l {
	case LayerSCP:
		return p.SCPs
	case LayerRCP:
		return p.RCPs
	default:
		return nil
	}
}

// nameable reports whether the request would be allowed if the resource's
// policy named the caller itself.
func (r *run) nameable() bool {
	return !r.cross && r.local() && r.limit() == LayerNone && isARN(r.req.Resource) && !r.retires()
}

// lackingLevel is the first level of the organization whose SCPs do not allow.
func (r *run) lackingLevel() int {
	return slices.IndexFunc(r.policies.SCPs, func(level []*Policy) bool {
		var one run
		one.start(r.req, r.policies)
		one.each(LayerSCP, level)
		return one.outcomes[LayerSCP].reach == reachNone
	})
}

// grantingStatement is a statement that allows the request and as little else
// as possible.
func (r *run) grantingStatement(l Layer, direct bool) string {
	var b strings.Builder
	b.WriteString(`{"Effect":"Allow",`)
	switch l {
	case LayerEndpoint:
		b.WriteString(`"Principal":"*",`)
	case LayerResource, LayerTrust:
		b.WriteString(`"Principal":` + r.principalText(direct) + ",")
	default:
	}
	b.WriteString(`"Action":` + quote(r.req.Action))
	if resource := r.resourceText(l); resource != "" {
		b.WriteString(`,"Resource":` + quote(resource))
	}
	if l == LayerResource && r.req.Principal.Type == Service {
		b.WriteString(r.sourceCondition())
	}
	return b.String() + "}"
}

// principalText names the caller. direct: a session rather than its role.
func (r *run) principalText(direct bool) string {
	who := &r.req.Principal
	kind, name := "AWS", who.ARN
	switch {
	case who.Type == Anonymous:
		return `"*"`
	case who.Type == Service:
		kind, name = "Service", who.Service
	case who.Type == WebIdentity:
		kind = "Federated"
	case who.Type == Root:
		name = accountARN(who.ARN, who.Account)
	case who.Type == AssumedRole && !direct && who.IssuerARN != "":
		name = who.IssuerARN
	case who.Type == AssumedRole && !direct:
		played := roleOf(who)
		name = partition(who.ARN) + "iam::" + played.account + ":role/" + played.name
	}
	return "{" + quote(kind) + ":" + quote(name) + "}"
}

// resourceText is the request's resource as it is written in a policy of the
// layer. Characters that have a meaning in a policy become wildcards. EC2 asks about
// what is about to be made as KIND/* [X012]: that stays, for it means whatever is made.
func (r *run) resourceText(l Layer) string {
	switch {
	case l == LayerTrust:
		return ""
	case l == LayerResource && r.rule == keyRule, !isARN(r.req.Resource):
		return "*"
	}
	parts := strings.SplitN(r.req.Resource, ":", arnParts)
	last, made := strings.CutSuffix(parts[arnParts-1], "/*")
	made = made && actionOf(r.req.Action).service == "ec2"
	if !made {
		last = parts[arnParts-1]
	}
	last = strings.NewReplacer("*", "?", "${", "?{").Replace(last)
	if made {
		last += "/*"
	}
	before := strings.Join(parts[:arnParts-1], ":")
	if strings.ContainsAny(before, "*?$") {
		return "*"
	}
	return before + ":" + last
}

// sourceCondition limits a service's permission to the resource on whose behalf
// it calls, where the request names one.
func (r *run) sourceCondition() string {
	var pairs []string
	for _, key := range []string{"aws:SourceArn", "aws:SourceAccount"} {
		e, ok := r.req.Context.find(makeKey(key))
		if ok && e.list == 0 && !strings.Contains(e.value, "${") {
			pairs = append(pairs, quote(key)+":"+quote(e.value))
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return `,"Condition":{"StringEquals":{` + strings.Join(pairs, ",") + "}}"
}

// Apply is a copy of policies with the changes made. policies must be those
// that the suggestion was made from.
func (s Suggestion) Apply(req *Request, policies *Policies) *Policies {
	changed := *policies
	changed.SCPs, changed.RCPs = slices.Clone(policies.SCPs), slices.Clone(policies.RCPs)
	// Statements are removed before any is added, and from the last to the
	// first, so that the numbers of the others stay correct.
	order := slices.Clone(s.Changes)
	slices.SortStableFunc(order, func(a, b Change) int { return b.Statement - a.Statement })
	for _, c := range order {
		if c.Layer == LayerResource || c.Layer == LayerTrust {
			changed.Resource = c.apply(&req.Principal, changed.Resource, req.Resource)
			continue
		}
		list := changed.list(c.Layer, c.Level)
		*list = slices.Clone(*list)
		if c.index >= 0 {
			(*list)[c.index] = c.apply(&req.Principal, (*list)[c.index], "")
		} else {
			*list = append(*list, c.apply(&req.Principal, nil, "suggested"))
		}
	}
	return &changed
}

// apply makes one change to a policy, which counts as set now. name is the name
// of a new policy.
func (c Change) apply(who *Principal, p *Policy, name string) *Policy {
	switch {
	case p == nil:
		return &Policy{Name: name, Document: mustParse(`{"Version":"` + Version + `","Statement":[` + c.Add + `]}`), Epoch: Latest}
	case c.Add == "":
		return &Policy{Name: p.Name, Document: p.asRead(who).Without(c.Statement), Owner: p.Owner, Epoch: Latest}
	}
	return &Policy{Name: p.Name, Document: mustParse(p.asRead(who).with(c.Add)), Owner: p.Owner, Epoch: Latest}
}

// SamePlace reports whether two changes are to the same policy. They must be
// suggestions from the same policies.
func (c Change) SamePlace(o Change) bool {
	return c.Layer == o.Layer && c.Level == o.Level && c.index == o.index
}

// String says what to do.
func (c Change) String() string {
	to := "a new " + c.Layer.String()
	if c.Policy != nil {
		to = "the " + c.Layer.String() + " " + c.Policy.Name
	}
	if c.Layer == LayerSCP || c.Layer == LayerRCP {
		to += " of level " + strconv.Itoa(c.Level+1)
	}
	if c.Add != "" {
		return "add to " + to + ": " + c.Add
	}
	source := c.Policy.Document.statements[c.Statement]
	text := "take statement " + statementName(c.Statement, source.Sid) + " out of " + to
	for i, e := range c.Because {
		if i == 0 {
			text += ", or change the request so that not all of this holds: "
		} else {
			text += "; "
		}
		text += e.condition()
	}
	return text
}

// statementName is a statement's number, from 1, and its Sid.
func statementName(i int, sid string) string {
	name := "#" + strconv.Itoa(i+1)
	if sid != "" {
		name += " " + strconv.Quote(sid)
	}
	return name
}

// condition describes a condition and the value that the request has.
func (e Element) condition() string {
	got := "the request lacks it"
	if e.Got != nil {
		got = "got " + quoted(e.Got)
	}
	return e.Operator + " " + e.Key + " " + quoted(e.Wanted) + " (" + got + ")"
}

func quoted(values []string) string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = strconv.Quote(v)
	}
	return strings.Join(q, ", ")
}
