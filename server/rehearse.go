package server

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// rehearse takes the decisions that a call would need, without making it:
// nothing of them is remembered or counted. action, unless it is empty, is asked
// for in place of the operation's own: another operation on the same target.
func (d *dispatcher) rehearse(ctx context.Context, request *api.Request, to, operation, action string, in any) ([]*trail.Decision, error) {
	s := d.services[to]
	c := &call{service: s, op: s.operations[operation], request: request, in: in}
	ctx = api.WithRequest(ctx, request)
	checks, err := c.op.Checks(ctx, in)
	if err != nil {
		return nil, err
	}
	if action != "" {
		for i := range checks {
			checks[i].Action = action
		}
	}
	return d.decideApart(ctx, c, checks), nil
}

// decideApart takes decisions of which nothing is remembered or counted.
func (d *dispatcher) decideApart(ctx context.Context, c *call, checks []api.Check) []*trail.Decision {
	if len(checks) == 0 {
		return nil
	}
	apart := *d
	apart.decisions = newDecisions()
	apart.coverage = nil
	for i := range checks {
		_ = apart.decide(ctx, c, &checks[i]) // what it came to is in the log
	}
	decisions := slices.Collect(apart.decisions.Newest())
	slices.Reverse(decisions)
	return decisions
}
