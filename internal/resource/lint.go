package resource

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// LintPolicy logs a warning for each finding in a policy document: what AWS accepts
// although its author probably did not mean it. Services call it when a caller sets
// a document, not for their default documents. The warnings name the request, which
// a document of a fixture file does not have.
func LintPolicy(ctx context.Context, log *slog.Logger, d *policyeval.Document, c policyeval.LintContext) {
	for _, f := range policyeval.Lint(d, c) {
		attrs := []any{"kind", c.Kind.String(), "resource", c.Resource, "rule", f.Rule, "finding", f.In(placeOf(ctx, f.Position))}
		if id := api.RequestFrom(ctx).ID; id != "" {
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
