package cloudtrail

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// onAny is the target of operations without a resource [T081].
func onAny[In any](ctx context.Context, _ In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account, Phrase: "resource: *"}, nil
}
