package api

import (
	"errors"
	"fmt"

	"github.com/waxseal/waxseal/policyeval"
)

// Refusal is why a service did not take a document that a request carried: a
// policy, or another attribute that is JSON. AWS's answer seldom says; the log
// and explain do. It is the Cause of the error that is answered.
type Refusal struct {
	Kind     string // of the document, such as queue policy
	Resource string // that the document is for; empty: it does not exist yet
	// Position is where the fault stands in the document; zero: not known.
	Position policyeval.Position
	Reason   string
}

func (r *Refusal) Error() string {
	of, where := "", ""
	if r.Resource != "" {
		of = " of " + r.Resource
	}
	if r.Position.Line > 0 {
		where = fmt.Sprintf("line %d, column %d: ", r.Position.Line, r.Position.Column)
	}
	return "the " + r.Kind + of + " was refused: " + where + r.Reason
}

// Refused is e with the reason why a document was not taken. A cause of
// package policyeval says where in the document.
func Refused(e *Error, kind, resource string, cause error) *Error {
	r := &Refusal{Kind: kind, Resource: resource, Reason: cause.Error()}
	if problem, ok := errors.AsType[policyeval.Problem](cause); ok {
		r.Position, r.Reason = problem.Position, problem.Message
	}
	if syntax, ok := errors.AsType[*policyeval.SyntaxError](cause); ok {
		r.Position, r.Reason = syntax.Position, syntax.Message
	}
	refused := *e
	refused.Cause = r
	return &refused
}
