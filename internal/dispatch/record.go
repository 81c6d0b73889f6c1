package dispatch

import (
	"encoding/json"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
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
	d.records.Add(r)
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
