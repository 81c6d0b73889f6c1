package server

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// authorise takes the decisions that a call needs. It is nil where all allow
// the call and everything that it acts on exists.
func (d *dispatcher) authorise(c *call) *api.Error {
	for i := range c.checks {
		if denied := d.decide(c, &c.checks[i]); denied != nil {
			return denied
		}
	}
	for i := range c.checks {
		if missing := c.checks[i].Target.Missing; missing != nil {
			return missing
		}
	}
	return nil
}

// decide takes one decision, remembers it, and words the denial.
func (d *dispatcher) decide(c *call, check *api.Check) *api.Error {
	request, target := c.request, &check.Target
	if check.As != nil {
		as := *request
		as.Caller = check.As
		request = &as
	}
	r := &policyeval.Request{
		Principal:       request.Caller.Principal,
		Action:          check.Action,
		Resource:        target.ARN,
		ResourceAccount: target.Account,
		Context:         conditionKeys(request, check),
	}
	policies := request.Caller.Policies
	policies.Resource = target.Policy
	policies.Grants = target.Grants
	if request.VPCEndpoint != nil && request.VPCEndpoint.Policy != nil {
		policies.Endpoint = []*policyeval.Policy{request.VPCEndpoint.Policy}
	}
	crossAccount := request.Caller.Account != target.Account
	if target.Missing != nil && target.Policy == nil && !crossAccount {
		policies.Resource = delegating(target.Account, request.Region)
	}

	decision := &trail.Decision{
		RequestID: request.ID, Origin: request.Origin, Time: request.Time, Principal: principalName(request.Caller),
		Request: r, Policies: &policies,
		Verdict: policyeval.Decide(r, &policies),
	}
	denial := &api.Denial{
		Operation: c.op.Name, Caller: request.Caller, Action: check.Action,
		Target: target, Verdict: decision.Verdict, CrossAccount: crossAccount,
	}
	var denied *api.Error
	switch {
	case !decision.Verdict.Allowed:
		denied = c.service.Denied(denial)
		decision.Message = denial.Text(check.Action)
	case c.op.OwnerOnly && crossAccount:
		denied = c.service.OwnerOnly(denial)
		decision.Message = denied.Message
	}
	d.decisions.Add(decision)
	if denied != nil && target.Hidden != nil {
		return target.Hidden
	}
	return denied
}

// delegating stands in for the policy of a resource that does not exist: the
// account's own principals are told so where their identity policies would
// allow the call, whatever the rule for the kind of resource.
func delegating(account, region string) *policyeval.Policy {
	root := arn.Global("iam", region, account, "root").String()
	document, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + root + `"},"Action":"*","Resource":"*"}]}`)
	if err != nil {
		panic("server: " + err.Error()) // the document above is well-formed for every account
	}
	return &policyeval.Policy{Name: "default", Document: document}
}

// principalName is how the control API and the log name a caller.
func principalName(c *api.Caller) string {
	switch c.Type {
	case policyeval.Anonymous:
		return "anonymous"
	case policyeval.Service:
		return c.Service
	default:
		return c.ARN
	}
}
