package api

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/waxseal/waxseal/policyeval"
)

// LintPolicy tells the log what a policy document says that AWS takes although
// a person hardly meant it, one warning for each finding. Services call it when
// a document of somebody's own is set, not for their default documents. A document
// that a fixture file declares is set by no request, and the warnings name none.
func LintPolicy(ctx context.Context, log *slog.Logger, d *policyeval.Document, c policyeval.LintContext) {
	for _, f := range policyeval.Lint(d, c) {
		attrs := []any{"kind", c.Kind.String(), "resource", c.Resource, "rule", f.Rule, "finding", f.In(placeOf(ctx, f.Position))}
		if id := RequestFrom(ctx).ID; id != "" {
			attrs = append(attrs, "request", id)
		}
		log.WarnContext(ctx, "a policy says what may not be meant", attrs...)
	}
}

type placesKey struct{}

// WithPlaces is a context for setting a policy whose document stands in a file:
// place names the place there of a position in the document.
func WithPlaces(ctx context.Context, place func(policyeval.Position) string) context.Context {
	return context.WithValue(ctx, placesKey{}, place)
}

// placeOf is where a position of the document stands that is being set; empty:
// in the document.
func placeOf(ctx context.Context, p policyeval.Position) string {
	if place, ok := ctx.Value(placesKey{}).(func(policyeval.Position) string); ok {
		return place(p)
	}
	return ""
}

// Place is how a line of a file is named to a person.
func Place(file string, line int) string { return file + ":" + strconv.Itoa(line) }

// PolicyInForce is a policy that requests are decided with, for coverage.
type PolicyInForce struct {
	// Owner is the ARN of what the policy belongs to: a user, group, role, queue,
	// topic or key. A managed policy and one of an organization own themselves.
	Owner string
	// Kind is identity, boundary, trust, resource, scp or rcp.
	Kind string
	// Policy is the very policy that requests are decided with: counts hang on
	// its document.
	Policy *policyeval.Policy
}

// Name tells the owner's policies apart: an inline policy's name, and
// otherwise the kind, of which an owner has one.
func (p PolicyInForce) Name() string {
	if p.Policy.Name == p.Owner {
		return p.Kind
	}
	return p.Policy.Name
}

// SamePolicy is old where both policies say the same, and otherwise policy. A
// record that was stored anew keeps by it the documents that did not change,
// and with them what was counted of them. Either may be nil.
func SamePolicy(policy, old *policyeval.Policy) *policyeval.Policy {
	switch {
	case policy == nil || old == nil || policy.Name != old.Name || policy.Document.Text() != old.Document.Text():
		return policy
	case policy.Epoch != old.Epoch: // it was set anew
		return &policyeval.Policy{Name: old.Name, Document: old.Document, Epoch: policy.Epoch}
	default:
		return old
	}
}
