package dispatch

import (
	"context"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// authorize takes the decisions that a call needs. It answers nil where all allow
// the call and everything that it acts on exists and accepts it. The first denial
// ends it; the other decisions are kept to explain what else is missing.
func (d *Dispatcher) authorize(ctx context.Context, c *Call) *api.Error {
	checks := c.resolved.Checks
	if len(checks) == 0 && c.Request.ThroughEndpoint() {
		checks = []api.Check{passing(c)}
	}
	for i := range checks {
		denied := d.decide(ctx, c, &checks[i])
		if told := checks[i].Denied; told != nil && denied != nil {
			told(denied)
			continue
		}
		if denied != nil {
			c.rest = d.rest(ctx, c, checks[i+1:])
			return denied
		}
	}
	return api.Unfit(checks)
}

// passing is the one decision on a call through a VPC endpoint that otherwise needs
// none, such as GetCallerIdentity: the endpoint's policy lets it pass or does not, and
// no other policy is asked.
func passing(c *Call) api.Check {
	caller := *c.Request.Caller
	caller.Policies = policyeval.Policies{}
	return api.Check{
		Action: c.Service.Name + ":" + c.Operation.Name, As: &caller,
		Target: api.Target{ARN: "*", Account: c.Request.Account, Policy: unguarded, AWSManaged: true},
	}
}

// unguarded is used in place of a resource's policy where anybody may call.
var unguarded = builtin(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`)

// decided is a decision that was taken and what it was taken on, in one piece.
type decided struct {
	trail.Decision
	environment environment
	context     policyeval.Context
}

// taken are decisions whose memory is used again: what the trail keeps is made of them.
var taken = sync.Pool{New: func() any { return new(decided) }}

// again keeps the memory for another decision.
func (d *decided) again() {
	d.Decision, d.environment = trail.Decision{}, environment{}
	d.context.Reset()
	taken.Put(d)
}

// decide takes one decision, remembers it, and words the denial.
func (d *Dispatcher) decide(ctx context.Context, c *Call, check *api.Check) *api.Error {
	taken := taken.Get().(*decided)
	defer taken.again()
	denied, err := d.evaluate(ctx, c, check, taken)
	if err != nil {
		return d.failed(c, err)
	}
	c.atEndpoint = check.Denied == nil && taken.atEndpoint()
	d.decisions.Add(d.keep(c, taken))
	d.coverage.Observe(&taken.Request, &taken.Policies)
	if denied != nil && check.Target.Hidden != nil {
		return check.Target.Hidden
	}
	return denied
}

// keep is a decision as the trail keeps it.
func (d *Dispatcher) keep(c *Call, taken *decided) *record.Decision {
	e := &taken.environment
	return d.keeper.Decision(d.profileOf(c, e.request), &taken.Decision, e.tags)
}

// rest takes the decisions that a call would have needed after the one that denied it, to
// explain what else is missing: they are not counted. One that cannot be taken is left out.
func (d *Dispatcher) rest(ctx context.Context, c *Call, checks []api.Check) (rest []*record.Decision) {
	for i := range checks {
		taken := new(decided)
		if _, err := d.evaluate(ctx, c, &checks[i], taken); err != nil {
			_ = d.failed(c, err) // which logs it
			continue
		}
		rest = append(rest, d.keep(c, taken))
	}
	return rest
}

// atEndpoint reports whether the policy of the VPC endpoint denies what everything
// else allows.
func (d *decided) atEndpoint() bool {
	if d.Verdict.Allowed || d.Verdict.Layer != policyeval.LayerEndpoint {
		return false
	}
	others := d.Policies
	others.Endpoint = nil
	return policyeval.Decide(&d.Request, &others).Allowed
}

// evaluate takes one decision, which it writes into taken, and words the denial, without
// remembering it. It fails where the state cannot be read.
func (d *Dispatcher) evaluate(ctx context.Context, c *Call, check *api.Check, taken *decided) (*api.Error, error) {
	request, target := c.Request, &check.Target
	if check.As != nil {
		as := *request
		as.Caller = check.As
		request = &as
	}
	memberships, err := d.memberships(ctx, c.generation, request, target)
	if err != nil {
		return nil, err
	}
	taken.Decision = trail.Decision{
		RequestID: request.ID, Origin: request.Origin, Time: request.Time, Principal: request.Caller.DisplayName(),
		Request: policyeval.Request{
			Principal:       request.Caller.Principal,
			Action:          check.Action,
			Resource:        target.ARN,
			ResourceAccount: target.Account,
			Unlocks:         target.Unlocks,
		},
		Policies: request.Caller.Policies,
		Missing:  target.Missing != nil,
		Service:  c.Service.Name,
		Phrase:   target.Phrase,

		ResourcePolicy: c.Service.ResourcePolicy,
	}
	taken.environment = environment{request, target.Account, target.Tags}
	taken.setConditionKeys(c.Service.Service, check, memberships)
	decision, policies := &taken.Decision, &taken.Policies
	policies.Resource = target.Policy
	policies.Block = target.Block
	policies.Grants = target.Grants
	if memberships.owner != nil && !target.AWSManaged {
		policies.RCPs = memberships.owner.RCPs
	}
	if request.VPCEndpoint != nil && request.VPCEndpoint.Policy != nil {
		policies.Endpoint = []*policyeval.Policy{request.VPCEndpoint.Policy}
	}
	crossAccount := request.Caller.Account != target.Account
	if target.Missing != nil && target.Policy == nil && !crossAccount {
		policies.Resource = delegating(target.Account, request.Region)
	}
	decision.Verdict = policyeval.Decide(&decision.Request, policies)
	return c.Service.denial(c, check, decision, crossAccount, memberships.sameOrganization(request.Caller)), nil
}

// memberships looks up the memberships of the accounts that a decision involves.
func (d *Dispatcher) memberships(ctx context.Context, generation string, r *api.Request, t *api.Target) (memberships, error) {
	if caller := r.Caller; caller.Type == policyeval.Root && caller.Account == t.Account && caller.OrgID == "" && r.SourceAccount == "" && !throughOwnedEndpoint(r) {
		return memberships{}, nil // only the caller's account is involved, and it is in no organization
	}
	accounts := [3]string{t.Account, r.SourceAccount}
	if throughOwnedEndpoint(r) {
		accounts[2] = r.VPCEndpoint.Account
	}
	found, err := d.config.Identity.Memberships(ctx, generation, accounts)
	return memberships{found[0], found[1], found[2]}, err
}

// denial words a refusal; nil where the call is allowed.
func (s *Service) denial(c *Call, check *api.Check, decision *trail.Decision, crossAccount, sameOrganization bool) *api.Error {
	if decision.Verdict.Allowed {
		return nil
	}
	caller := c.Request.Caller
	if check.As != nil {
		caller = check.As
	}
	denial := &api.Denial{
		Operation: c.Operation.Name, Caller: caller, Action: check.Action,
		Target: &check.Target, Verdict: decision.Verdict, CrossAccount: crossAccount, SameOrganization: sameOrganization,
	}
	if decision.Verdict.Reason == policyeval.OwnerOnlyDeny {
		e := s.OwnerOnly(denial)
		decision.Message = e.Message
		return e
	}
	decision.Message = denial.Text(check.Action)
	return s.Denied(denial)
}

// delegating is used in place of the policy of a resource that does not exist: a
// principal of the account learns that it does not exist if its identity policies
// would allow the call, whatever the rule for the kind of resource.
func delegating(account, region string) *policyeval.Policy {
	root := arn.Global("iam", region, account, "root").String()
	return builtin(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + root + `"},"Action":"*","Resource":"*"}]}`)
}

// builtin is a policy of this package's own, in place of one that a resource lacks.
func builtin(text string) *policyeval.Policy {
	document, err := policyeval.Parse(text)
	if err != nil {
		panic("dispatch: " + err.Error()) // its texts are well-formed
	}
	return &policyeval.Policy{Name: builtinName, Document: document}
}

// builtinName is the name of those.
const builtinName = "default"
