package inventory

import (
	"context"

	"github.com/waxseal/waxseal/cloudtrail"
	"github.com/waxseal/waxseal/events"
)

// Trails are the trails of CloudTrail, by ARN.
func (x Inventory) Trails(ctx context.Context, of Scope) ([]cloudtrail.Summary, error) {
	list, err := x.CloudTrail.Summaries(ctx, of)
	return byKey(list, err, func(t *cloudtrail.Summary) string { return t.ARN })
}

// Rules are the rules of EventBridge, by ARN.
func (x Inventory) Rules(ctx context.Context, of Scope) ([]events.Summary, error) {
	list, err := x.Events.Summaries(ctx, of)
	return byKey(list, err, func(r *events.Summary) string { return r.ARN })
}
