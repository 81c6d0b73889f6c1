package server

import (
	"errors"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

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

// tellRefusal tells the log what the caller is not told.
func (d *dispatcher) tellRefusal(c *call, r *api.Refusal) {
	d.log.Info("a document was refused", "operation", c.service.Name+":"+c.op.Name, "kind", r.Kind, "resource", r.Resource,
		"reason", r.Reason, "line", r.Position.Line, "column", r.Position.Column, "request", c.request.ID)
}

// explainRefusals says why documents were refused in the course of a request;
// empty: none was.
func (w *world) explainRefusals(requestID string) []string {
	var texts []string
	for e := range w.dispatcher.events.Newest() {
		if e.refusal == nil || requestID == "" || e.request.ID != requestID && e.request.Origin != requestID {
			continue
		}
		r, what := e.refusal, "the "+e.refusal.Kind
		if r.Resource != "" {
			what += " of " + r.Resource
		}
		where := ""
		if r.Position.Line > 0 {
			where = fmt.Sprintf("line %d, column %d: ", r.Position.Line, r.Position.Column)
		}
		texts = append(texts, fmt.Sprintf("REFUSED  %s:%s\n  what      %s\n  why       %s%s\n  answered  %s: %s\n",
			e.service.Name, e.op.Name, what, where, r.Reason, e.errorCode, e.errorMessage))
	}
	return texts
}
