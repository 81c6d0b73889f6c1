package dispatch

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Record is what the trail keeps of a call: its CloudTrail event is made from it when
// somebody asks for it. It holds only what the event shows of input and output.
type Record struct {
	Service   *Service
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
	holds          int // bytes, as Size says
}

// Arrival is a request that came over a connection, and room for the record of its
// call: both are kept for as long as the trail remembers the call, in one piece.
type Arrival struct {
	api.Request
	Record Record
}

// record adds the call to the trail.
func (d *Dispatcher) record(c *Call, out any, err error) {
	var failed *api.Error
	code := ""
	if err != nil {
		failed = api.AsError(err)
		code = errorCode(failed)
	}
	var parameters, response json.RawMessage
	if code != accessDenied {
		parameters = trail.CutParameters("requestParameters", d.config.Parameters(c.Input))
	}
	if err == nil && !c.Operation.ReadOnly {
		response = trail.CutParameters("responseElements", d.config.Parameters(out))
	}
	r, request := c.Record, keptRequest(c.claimant())
	if r == nil || request != c.Request || len(parameters)+len(response) > maxBeside {
		r = new(Record) // the arrival's record would keep the whole arrival in memory
	}
	*r = Record{
		Service: c.Service, Operation: c.Operation, Request: request, tls: c.TLS,
		ErrorCode: code, parameters: parameters, response: response, Rest: c.rest, AtEndpoint: c.atEndpoint,
	}
	if failed != nil {
		r.ErrorMessage = trail.Cut(failed.Message, trail.MaxErrorMessage)
		if r.Refusal = refusalOf(failed); r.Refusal != nil {
			d.logRefusal(c, r.Refusal)
		}
	}
	if code != accessDenied {
		r.resources = resources(r.room[:0], c)
	}
	r.account, r.owner = recipients(c, r)
	r.holds = r.size()
	d.records.Add(r)
	if d.config.Recorded != nil {
		d.config.Recorded(r)
	}
}

// recipients are the accounts whose trails get a record of the call: the caller's and,
// where the service's calls are recorded for the owner too, the owner of what the call
// acted on. A caller of no account, such as a service, acts in that of what it acts on.
func recipients(c *Call, r *Record) (account, owner string) {
	checks := c.resolved.Checks
	if account = r.Request.Account; r.Request.Caller.Account == "" {
		if len(checks) > 0 && checks[0].Target.Account != "" {
			account = checks[0].Target.Account
		}
		return account, ""
	}
	if !c.Service.OwnerRecorded {
		return account, ""
	}
	for i := range r.resources {
		if of := r.resources[i].AccountID; of != account {
			return account, of
		}
	}
	return account, ""
}

// Time is when the call was made, by the clock.
func (c *Record) Time() time.Time { return c.Request.Time }

// Region is awsRegion of the call's event.
func (c *Record) Region() string {
	if c.Service.Global {
		return arn.GlobalRegion(c.Request.Region)
	}
	return c.Request.Region
}

// Global reports whether the call is one of a global service.
func (c *Record) Global() bool { return c.Service.Global }

// Data reports whether the call's event is a data event.
func (c *Record) Data() bool { return c.Operation.Data }

// Accounts are those that get a record of the call; owner is empty where it is one.
func (c *Record) Accounts() (caller, owner string) { return c.account, c.owner }

// Policies are those that the record keeps in memory; nil: none.
func (c *Record) Policies() (all []*policyeval.Policies) {
	if p := &c.Request.Caller.Policies; trail.HasDocuments(p) {
		all = append(all, p)
	}
	for _, d := range c.Rest {
		all = append(all, &d.Policies)
	}
	return all
}

// Events are the call's CloudTrail records: the owner's first, where there is one.
func (c *Record) Events() []*trail.Event {
	event := c.event()
	if ownerEvent := complete(c.Service, event); ownerEvent != nil {
		return []*trail.Event{ownerEvent, event}
	}
	return []*trail.Event{event}
}

// claimant is the request as it was decided: with the identity that its token proves
// as the caller, where it carries one.
func (c *Call) claimant() *api.Request {
	checks := c.resolved.Checks
	if len(checks) == 0 || checks[0].As == nil {
		return c.Request
	}
	as := *c.Request
	as.Caller = checks[0].As
	return &as
}

// resources appends what the call acted on to list.
func resources(list []trail.Resource, c *Call) []trail.Resource {
	kind := c.Service.ResourceType
	for i := range c.resolved.Checks {
		if t := &c.resolved.Checks[i].Target; kind != "" && t.ARN != "*" && t.Missing == nil {
			list = append(list, trail.Resource{AccountID: t.Account, Type: kind, ARN: t.ARN})
		}
	}
	return list
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

// logRefusal logs why a document was refused: AWS's error does not say it.
func (d *Dispatcher) logRefusal(c *Call, r *api.Refusal) {
	d.config.Log.Info("a document was refused", "operation", c.Service.Name+":"+c.Operation.Name, "kind", r.Kind, "resource", r.Resource,
		"reason", r.Reason, "line", r.Position.Line, "column", r.Position.Column, "request", c.Request.ID)
}
