// Package record is what is kept of a call that has ended: enough to make its
// CloudTrail records when somebody asks for them, and to explain how it ended. A call
// costs little more than what it holds in memory, which is bounded: see Size.
package record

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Call is what is kept of a call. Of input and output it holds only what its events show.
type Call struct {
	Service   *api.Service
	Operation *api.Operation
	// Request is the request as it was decided, its texts cut where they are large.
	Request *api.Request
	// ErrorCode is CloudTrail's name of the error; it and ErrorMessage are empty
	// where the call succeeded.
	ErrorCode, ErrorMessage string
	// Refusal is why a document in the input, such as a policy, was refused; nil: the
	// call did not fail because of that.
	Refusal *api.Refusal
	// Rest are the decisions that the call would have needed after the one that denied it.
	Rest []*trail.Decision
	// AtEndpoint: nothing denied the call but the policy of the VPC endpoint, which keeps
	// it from the event history and from trails [F9].
	AtEndpoint bool

	tls                  *trail.TLSDetails
	parameters, response json.RawMessage
	resources            []trail.Resource
	room                 [1]trail.Resource // for them: few calls act on more than one
	// account and owner are those that get a record of the call; owner is empty where it
	// is one.
	account, owner string
	size           int
}

// Ended is a call that has ended.
type Ended struct {
	Service       *api.Service
	Operation     *api.Operation
	Request       *api.Request
	Input, Output any // pointers to shapes
	Err           error
	Checks        []api.Check // what had to be allowed
	Rest          []*trail.Decision
	AtEndpoint    bool
	TLS           *trail.TLSDetails // of the caller's own connection; nil: it has none
	// Parameters is an input or output as a CloudTrail record shows it.
	Parameters func(shape any) json.RawMessage
}

// Keep is what is kept of the call: in room, which is allocated in one piece with the
// request, where that is not nil and as small as most are.
func (e *Ended) Keep(room *Call) *Call {
	code := ""
	var failed *api.Error
	if e.Err != nil {
		failed = api.AsError(e.Err)
		code = errorCode(failed)
	}
	var parameters, response json.RawMessage
	if code != accessDenied {
		parameters = trail.CutParameters("requestParameters", e.Parameters(e.Input))
	}
	if e.Err == nil && !e.Operation.ReadOnly {
		response = trail.CutParameters("responseElements", e.Parameters(e.Output))
	}
	c, request := room, keptRequest(e.claimant())
	if c == nil || request != e.Request || len(parameters)+len(response) > maxBeside {
		c = new(Call) // the room would keep the whole arrival in memory
	}
	*c = Call{
		Service: e.Service, Operation: e.Operation, Request: request, tls: e.TLS,
		ErrorCode: code, parameters: parameters, response: response, Rest: e.Rest, AtEndpoint: e.AtEndpoint,
	}
	if failed != nil {
		c.ErrorMessage, c.Refusal = trail.Cut(failed.Message, trail.MaxErrorMessage), refusalOf(failed)
	}
	if code != accessDenied {
		c.resources = e.resources(c.room[:0])
	}
	c.account, c.owner = e.recipients(c)
	c.size = c.measure()
	return c
}

// claimant is the request as it was decided: with the identity that its token proves
// as the caller, where it carries one.
func (e *Ended) claimant() *api.Request {
	if len(e.Checks) == 0 || e.Checks[0].As == nil {
		return e.Request
	}
	as := *e.Request
	as.Caller = e.Checks[0].As
	return &as
}

// resources appends what the call acted on to list.
func (e *Ended) resources(list []trail.Resource) []trail.Resource {
	kind := e.Service.ResourceType
	for i := range e.Checks {
		if t := &e.Checks[i].Target; kind != "" && t.ARN != "*" && t.Missing == nil {
			list = append(list, trail.Resource{AccountID: t.Account, Type: kind, ARN: t.ARN})
		}
	}
	return list
}

// recipients are the accounts whose trails get a record of the call: the caller's and,
// where the service's calls are recorded for the owner too, the owner of what the call
// acted on. A caller of no account, such as a service, acts in that of what it acts on.
func (e *Ended) recipients(c *Call) (account, owner string) {
	if account = c.Request.Account; c.Request.Caller.Account == "" {
		if len(e.Checks) > 0 && e.Checks[0].Target.Account != "" {
			account = e.Checks[0].Target.Account
		}
		return account, ""
	}
	if !e.Service.OwnerRecorded {
		return account, ""
	}
	for i := range c.resources {
		if of := c.resources[i].AccountID; of != account {
			return account, of
		}
	}
	return account, ""
}

// Time is when the call was made, by the clock.
func (c *Call) Time() time.Time { return c.Request.Time }

// Region is awsRegion of the call's event.
func (c *Call) Region() string {
	if c.Service.Global {
		return arn.GlobalRegion(c.Request.Region)
	}
	return c.Request.Region
}

// Global reports whether the call is one of a global service.
func (c *Call) Global() bool { return c.Service.Global }

// Data reports whether the call's event is a data event.
func (c *Call) Data() bool { return c.Operation.Data }

// Accounts are those that get a record of the call; owner is empty where it is one.
func (c *Call) Accounts() (caller, owner string) { return c.account, c.owner }

// Policies are those that it keeps in memory: the caller's, nil if it has none, and
// those of the decisions that were not taken.
func (c *Call) Policies() (callers *policyeval.Policies, decisions []*trail.Decision) {
	if p := &c.Request.Caller.Policies; trail.HasDocuments(p) {
		callers = p
	}
	return callers, c.Rest
}

// Events are the call's CloudTrail records: the owner's first, where there is one.
func (c *Call) Events() []*trail.Event {
	event := c.event()
	if ownerEvent := complete(c.Service, event); ownerEvent != nil {
		return []*trail.Event{ownerEvent, event}
	}
	return []*trail.Event{event}
}

// refusalOf is why a call's document was refused, as the log and the trail keep
// it; nil: the call failed for another reason.
func refusalOf(e *api.Error) *api.Refusal {
	r, ok := errors.AsType[*api.Refusal](e)
	if !ok {
		return nil
	}
	kept := *r
	kept.Resource, kept.Reason = trail.Cut(r.Resource, trail.MaxErrorMessage), trail.Cut(r.Reason, trail.MaxErrorMessage)
	return &kept
}
