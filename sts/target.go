package sts

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// onAnything is the target of actions without a resource.
func onAnything[In any](ctx context.Context, _ In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account, Phrase: "resource: *"}, nil
}
