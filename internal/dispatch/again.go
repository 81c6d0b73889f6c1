package dispatch

import (
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Changed is how a decision is to be taken again.
type Changed struct {
	// Caller is who calls in place of who did, with the policies that follow it; nil: the same.
	Caller *api.Caller
	// Policies changes a copy of the policies, whose lists it must not change in place; nil:
	// they are as they were.
	Policies func(*policyeval.Policies)
}

// Again takes a remembered decision again: all is as it was then, but for what is changed.
// It is neither remembered nor counted. call is the record of the call that it was taken
// on; nil: that is forgotten.
func (d *Dispatcher) Again(was *trail.Decision, call *record.Call, changed Changed) *trail.Decision {
	c := d.callOf(was, call)
	again := *was
	again.Seq, again.Message = 0, ""
	if changed.Caller != nil {
		c.Request = as(c.Request, changed.Caller)
		again.Principal, again.Request.Principal = changed.Caller.DisplayName(), changed.Caller.Principal
		if was.Request.Resource == "*" && was.Request.ResourceAccount == was.Request.Principal.Account { // in the caller's account
			again.Request.ResourceAccount = changed.Caller.Account
		}
		again.Request.Context = contextOf(&again, c)
		again.Policies = policiesOf(&again, c.Request)
	}
	if changed.Policies != nil {
		changed.Policies(&again.Policies)
	}
	again.Verdict = policyeval.Decide(&again.Request, &again.Policies)
	owner := again.Request.ResourceAccount
	check := api.Check{Action: again.Request.Action, Target: api.Target{ARN: again.Request.Resource, Account: owner, Phrase: was.Phrase}}
	caller := c.Request.Caller
	org, _, _ := again.Request.Context.Get("aws:ResourceOrgID")
	_ = c.Service.denial(c, &check, &again, caller.Account != owner, len(org) == 1 && org[0] == caller.OrgID) // which words again.Message
	return &again
}

// callOf is the call that a decision was taken on, as far as it is remembered.
func (d *Dispatcher) callOf(was *trail.Decision, call *record.Call) *Call {
	_, operation, _ := strings.Cut(was.Request.Action, ":")
	c := &Call{Service: d.byName[was.Service], Operation: &api.Operation{Name: operation}}
	c.Request = &api.Request{ID: was.RequestID, Origin: was.Origin, Time: was.Time, Caller: &api.Caller{Principal: was.Request.Principal}}
	if call != nil {
		c.Operation, c.Request = call.Operation(), call.Request()
	}
	if e, ok := was.Request.Context.Source().(*environment); ok {
		c.Request = e.request
	}
	return c
}

// as is a request as another caller would make it.
func as(r *api.Request, caller *api.Caller) *api.Request {
	request := *r
	request.Caller, request.Generation = caller, ""
	if caller.Type != policyeval.Service {
		request.Account = caller.Account
		request.SourceARN, request.SourceAccount = "", "" // which only services name
	}
	return &request
}

// contextOf is the context of a decision with what it tells of the caller of c in place of
// what it tells of who called.
func contextOf(was *trail.Decision, c *Call) *policyeval.Context {
	now := &environment{c.Request, was.Request.ResourceAccount, nil}
	var saml map[string]string
	if e, ok := was.Request.Context.Source().(*environment); ok {
		now.tags = e.tags
		if session := e.request.Caller.Session; session != nil {
			saml = session.SAML
		}
	}
	service := c.Request.Caller.Type == policyeval.Service
	context := was.Request.Context.With(now, func(key string) bool {
		_, asserted := saml[key]
		return !asserted && !callerKeys[key] && !strings.HasPrefix(key, "aws:principal") && (service || !strings.HasPrefix(key, "aws:source") || sourceKeys[key])
	})
	setCallerKeys(context, c.Service.Service, c.Request)
	return context
}

// callerKeys are the keys that tell of the caller, besides those that begin with aws:principal.
var callerKeys = map[string]bool{
	"aws:userid": true, "aws:username": true, "aws:tokenissuetime": true, "aws:multifactorauthpresent": true, "aws:multifactorauthage": true,
	"aws:sourceidentity": true, "aws:federatedprovider": true, "aws:assumedroot": true, "kms:calleraccount": true,
}

// sourceKeys are the keys that begin with aws:source and tell of the connection, not of the
// resource that a service calls for.
var sourceKeys = map[string]bool{"aws:sourceip": true, "aws:sourcevpc": true, "aws:sourcevpce": true, "aws:sourcevpcarn": true}

// policiesOf are the policies of a decision with those of the caller of r in place of those
// of who called.
func policiesOf(was *trail.Decision, r *api.Request) policyeval.Policies {
	if p := was.Policies.Resource; p != nil && p.Document == unguarded.Document { // a VPC endpoint's policy is all that is asked
		return was.Policies
	}
	now, old := r.Caller.Policies, &was.Policies
	now.Resource, now.Block, now.Grants, now.RCPs, now.Endpoint = old.Resource, old.Block, old.Grants, old.RCPs, old.Endpoint
	if was.Missing && (now.Resource == nil || now.Resource.Name == builtinName) {
		now.Resource = nil
		if r.Caller.Account == was.Request.ResourceAccount {
			now.Resource = delegating(was.Request.ResourceAccount, r.Region)
		}
	}
	return now
}
