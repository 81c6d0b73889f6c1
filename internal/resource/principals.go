package resource

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// Principals says what becomes of a policy or grant that names a principal who
// does not exist. AWS refuses it; by default it is taken here and the log is
// told, so that resources can be made before those whom they are for.
type Principals struct {
	// Exists reports whether a role, user or account exists. Nil: all do.
	Exists func(ctx context.Context, principal string) bool
	// Strict refuses who does not exist.
	Strict bool
	Log    *slog.Logger
}

// Admit reports whether a document may name the principal, and tells the log of
// one that it may name although there is none. kind is what the document is,
// such as queue policy or grant, and owner the ARN of what it is to belong to.
func (p *Principals) Admit(ctx context.Context, kind, owner, principal string) bool {
	switch {
	case p.exist(ctx, principal):
		return true
	case p.Strict, policyeval.IsUniqueID(principal): // the unique id of nobody will never be anybody's
		return false
	}
	attrs := []any{"resource", owner, "principal", principal}
	if id := api.RequestFrom(ctx).ID; id != "" {
		attrs = append(attrs, "request", id)
	}
	p.Log.WarnContext(ctx, "a "+kind+" names a principal that does not exist", attrs...)
	return true
}

func (p *Principals) exist(ctx context.Context, principal string) bool {
	return p.Exists == nil || p.Exists(ctx, principal)
}
