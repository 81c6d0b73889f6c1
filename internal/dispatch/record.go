package dispatch

import (
	"iter"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
)

// Arrival is a request that came over a connection, and room for the record of its
// call: both are kept for as long as the trail remembers the call, in one piece.
type Arrival struct {
	api.Request
	Record record.Call
}

// record adds the call to the trail.
func (d *Dispatcher) record(c *Call, out any, err error) {
	ended := record.Ended{
		Service: c.Service.Service, Operation: c.Operation, Request: c.Request, Input: c.Input, Output: out, Err: err,
		Checks: c.resolved.Checks, Rest: c.rest, AtEndpoint: c.atEndpoint, TLS: c.TLS, Parameters: d.config.Parameters,
	}
	r := ended.Keep(c.Record)
	if r.Refusal != nil {
		d.logRefusal(c, r.Refusal)
	}
	d.records.Add(r)
	if d.config.Recorded != nil && !r.AtEndpoint {
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
