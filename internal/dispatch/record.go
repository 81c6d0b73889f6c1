package dispatch

import (
	"iter"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
)

// profileOf is the profile of a request of the call, for its record or for a decision that
// another than its caller needs.
func (d *Dispatcher) profileOf(c *Call, r *api.Request) *record.Profile {
	if r != c.Request {
		return d.keeper.Profile(r, c.TLS)
	}
	if c.profile == nil {
		c.profile = d.keeper.Profile(r, c.TLS)
	}
	return c.profile
}

// record adds the call to the trail.
func (d *Dispatcher) record(c *Call, out any, err error) {
	request := record.Claimant(c.Request, c.resolved.Checks)
	r := d.keeper.Call(&record.Ended{
		Service: c.Service.Service, Operation: c.Operation, Request: request, Profile: d.profileOf(c, request), Input: c.Input, Output: out, Err: err,
		Checks: c.resolved.Checks, Rest: c.rest, AtEndpoint: c.atEndpoint,
	})
	if refusal := r.Refusal(); refusal != nil {
		d.logRefusal(c, refusal)
	}
	d.records.Add(r)
	if d.config.Recorded != nil && !r.AtEndpoint() {
		d.config.Recorded(r)
	}
}

// Events are the CloudTrail records of the calls, newest first.
func (d *Dispatcher) Events() iter.Seq[*trail.Event] {
	records := d.records.Newest()
	return func(yield func(*trail.Event) bool) {
		for r := range records {
			for _, event := range r.Events() {
				if !yield(event) {
					return
				}
			}
		}
	}
}

// logRefusal logs why a document was refused: AWS's error does not say it.
func (d *Dispatcher) logRefusal(c *Call, r *api.Refusal) {
	d.config.Log.Info("a document was refused", "operation", c.Service.Name+":"+c.Operation.Name, "kind", r.Kind, "resource", r.Resource,
		"reason", r.Reason, "line", r.Position.Line, "column", r.Position.Column, "request", c.Request.ID)
}
