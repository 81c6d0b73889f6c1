package inventory

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/ec2"
)

// Endpoints are the VPC endpoints for services that are emulated, by ARN. Those that are
// being deleted take no calls, and are none.
func (x Inventory) Endpoints(ctx context.Context, of Scope) ([]ec2.EndpointSummary, error) {
	list, err := x.EC2.EndpointSummaries(ctx, of)
	list = slices.DeleteFunc(list, func(e ec2.EndpointSummary) bool { return x.Dispatcher.Service(e.Service) == nil })
	return byKey(list, err, func(e *ec2.EndpointSummary) string { return e.ARN })
}
