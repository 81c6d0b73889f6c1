package policyeval

import "strings"

// Decide evaluates a request and allocates nothing.
//
// The rules are AWS's. Any deny decides. Then each limit that is there must
// allow: RCPs, SCPs and the VPC endpoint's policies. Then:
//
//   - Within one account an identity-based policy or a resource-based policy
//     must allow, and the permissions boundary and session policies too,
//     unless the resource-based policy names the caller itself or everyone.
//   - Between accounts both must allow, and boundary and session policies.
//   - For a KMS key and for a role that is assumed, their own policy is always
//     needed: it must name the caller, or its account, which leaves the
//     decision to the identity-based policies. A key's grants count as if its
//     policy named the grantee.
//   - The root user needs no identity-based policy, and a deny in a resource's policy
//     does not stop it from calls that undo this policy. Anonymous callers, services
//     and outside identities have no identity-based policies: a resource-based policy
//     must name them.
//
// Which rule applies follows from the action and the resource.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
func Decide(req *Request, policies *Policies) Verdict {
	var r run
	r.start(req, policies)
	return r.decide()
}

// rule says which additional rule applies to a resource.
type rule uint8

const (
	ordinary rule = iota
	// keyRule: a KMS key. Its key policy must name the caller or its account.
	keyRule
	// trustRule: a role that is assumed. Its trust policy must name the caller
	// or its account.
	trustRule
)

// run is one evaluation.
type run struct {
	req      *Request
	policies *Policies
	action   *action
	rule     rule
	// cross: the resource and the caller belong to different accounts.
	cross bool
	// unlocks: denies in the resource's policy are ignored. See
	// Request.Unlocks.
	unlocks bool
	// denied: some layer denies.
	denied bool
	// outcomes holds the outcome of each layer.
	outcomes [LayerGrant + 1]outcome
	// trace records every statement for an explanation; nil: none is wanted.
	trace *trace
}

// outcome is what the policies of one layer say.
type outcome struct {
	deny, allow ref
	reach       reach // of the allow
	// lacking: a level of the organization has no allow.
	lacking bool
}

// ref is a statement of a policy.
type ref struct {
	policy    *Policy
	statement int
}

// take adds a statement that applies. It keeps the first deny, and the first of the
// allows with the furthest reach.
func (o *outcome) take(e Effect, far reach, policy *Policy, statement int) {
	switch {
	case e == Allow && far > o.reach:
		o.allow, o.reach = ref{policy, statement}, far
	case e == Deny && o.deny.policy == nil:
		o.deny = ref{policy, statement}
	}
}

func (r *run) start(req *Request, policies *Policies) {
	r.req, r.policies = req, policies
	r.action = actionOf(req.Action)
	account := req.ResourceAccount
	if account == "" || r.action.trust || r.action.service == "kms" {
		service, owner, resource := splitARN(req.Resource)
		switch {
		case r.action.trust && service == "iam" && strings.HasPrefix(resource, "role/"):
			r.rule = trustRule
		case r.action.service == "kms" && service == "kms" && strings.HasPrefix(resource, "key/"):
			r.rule = keyRule
		}
		if account == "" {
			account = owner
		}
	}
	// AWS's managed policies and similar resources belong to every account.
	r.cross = account != "" && account != "aws" && account != req.Principal.Account
	r.unlocks = req.Unlocks && req.Principal.Type == Root && !r.cross
}

// ignores reports whether the denies of a layer are ignored.
func (r *run) ignores(l Layer) bool { return l == LayerResource && r.unlocks }

// layers is the order in which a deny is reported.
var layers = [...]Layer{
	LayerRCP, LayerSCP, LayerEndpoint, LayerBlock, LayerResource, LayerIdentity, LayerBoundary, LayerSession,
}

// decide evaluates one layer after the other. The first deny ends the evaluation,
// unless all statements are to be traced.
func (r *run) decide() Verdict {
	if r.alwaysAllowed() {
		return Verdict{Allowed: true, Reason: AllowedAlways, Statement: -1}
	}
	if !r.askAround() && r.local() {
		r.askCaller()
	}
	return r.verdict()
}

func (r *run) alwaysAllowed() bool {
	t := r.req.Principal.Type
	return r.action.always && t != Anonymous && t != WebIdentity
}

// local reports whether the caller belongs to an account, and so can have policies of
// its own.
func (r *run) local() bool { return r.req.Principal.local() }

// linked reports whether the caller is a session of a service-linked role,
// which SCPs do not limit.
func (r *run) linked() bool {
	return strings.Contains(r.req.Principal.IssuerARN, ":role/aws-service-role/")
}

// askAround evaluates the policies that are not the caller's own. It reports
// whether a deny ends the evaluation.
func (r *run) askAround() bool {
	p := r.policies
	if len(p.RCPs) > 0 && r.limitedByRCP() {
		for _, level := range p.RCPs {
			if r.each(LayerRCP, level) {
				return true
			}
		}
	}
	if len(p.SCPs) > 0 && r.limitedBySCP() && r.levels(LayerSCP, p.SCPs) {
		return true
	}
	if r.each(LayerEndpoint, p.Endpoint) || r.each(LayerBlock, p.Block) || p.Resource != nil && r.policy(LayerResource, p.Resource) {
		return true
	}
	if r.retires() {
		r.outcomes[LayerResource].allow, r.outcomes[LayerResource].reach = ref{}, r.ownerReach()
	}
	if r.rule == keyRule || r.action.service == "s3" { // uploads in parts have them, too
		r.grants()
	}
	return false
}

// askCaller evaluates the caller's own policies.
func (r *run) askCaller() {
	p := r.policies
	_ = r.each(LayerIdentity, p.Identity) || r.each(LayerBoundary, p.Boundary) || r.each(LayerSession, p.Session)
}

func (r *run) limitedByRCP() bool {
	return r.action.rcp && !r.linked()
}

func (r *run) limitedBySCP() bool {
	return r.local() && !r.linked()
}

// levels asks each level of an organization; each must allow.
func (r *run) levels(l Layer, levels [][]*Policy) bool {
	o := &r.outcomes[l]
	for _, level := range levels {
		o.allow, o.reach = ref{}, reachNone
		if r.each(l, level) {
			return true
		}
		o.lacking = o.lacking || o.reach == reachNone
	}
	return false
}

// each asks every policy of a layer. It reports whether a deny ends the evaluation.
func (r *run) each(l Layer, policies []*Policy) bool {
	for _, p := range policies {
		if r.policy(l, p) {
			return true
		}
	}
	return false
}

// policy evaluates one policy: first its denies, then its allows until one has
// the furthest reach that there is.
func (r *run) policy(l Layer, p *Policy) bool {
	if r.trace != nil {
		r.tracePolicy(l, p)
		return false
	}
	d, o, resource := p.Document, &r.outcomes[l], r.req.Resource
	found, exact := d.index.find(r.action)
	for _, i := range found.deny {
		s := &d.compiled[i]
		if s.only != nil && s.only.cannotMatch(resource) {
			continue
		}
		if far := r.statement(s, l, p.Epoch, exact); far != reachNone {
			o.take(Deny, far, p, int(i))
			if r.ignores(l) {
				break
			}
			r.denied = true
			return true
		}
	}
	for _, i := range found.allow {
		if o.reach == reachFull {
			break
		}
		s := &d.compiled[i]
		if s.only != nil && s.only.cannotMatch(resource) {
			continue
		}
		if far := r.statement(s, l, p.Epoch, exact); far != reachNone {
			o.take(Allow, far, p, int(i))
		}
	}
	return false
}

// statement evaluates a statement. The result is how it names the caller;
// reachNone where one of its elements does not match.
func (r *run) statement(s *compiled, l Layer, epoch uint64, exact bool) reach {
	if !exact && !s.actions.match(r.action.name) || !r.resource(s, l) {
		return reachNone
	}
	far := r.principal(s, l, epoch)
	if far == reachNone || !r.conditions(s) {
		return reachNone
	}
	return far
}

// conditions reports whether all conditions are met.
func (r *run) conditions(s *compiled) bool {
	for i := range s.conditions {
		if !s.conditions[i].met(r.req.Context) {
			return false
		}
	}
	return true
}

// resource matches Resource or NotResource. A statement with neither is about
// the resource that its policy belongs to, except in a key policy, where it has
// no effect.
func (r *run) resource(s *compiled, l Layer) bool {
	if !s.hasResource {
		return l == LayerResource && r.rule != keyRule
	}
	for i := range s.resources {
		if r.matchResource(&s.resources[i], l) {
			return !s.notResource
		}
	}
	return s.notResource
}

func (r *run) matchResource(p *arnPattern, l Layer) bool {
	if p.kind == arnNever && p.completed != nil && l != LayerResource && l != LayerEndpoint && l != LayerRCP {
		p = p.completed
	}
	return p.matches(r.req.Resource, r.req.Context)
}

// principal matches Principal or NotPrincipal. A statement with neither matches
// nobody in a resource-based policy, and everybody in any other policy.
func (r *run) principal(s *compiled, l Layer, epoch uint64) reach {
	who := &r.req.Principal
	switch {
	case s.principals == nil:
		return reachIf(l != LayerResource, reachFull)
	case s.notPrincipal:
		return reachIf(s.principals.others(who, epoch, s.effect, len(r.policies.Boundary) > 0), reachFull)
	default:
		return s.principals.reach(who, epoch)
	}
}
