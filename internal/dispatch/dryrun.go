package dispatch

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// DryRun takes the decisions that a call would need, without making it: they are
// neither remembered nor counted. One that cannot be taken is left out. action, unless it is empty, is decided on in place
// of the operation's own action.
func (d *Dispatcher) DryRun(ctx context.Context, request *api.Request, to, operation, action string, in any) ([]*trail.Decision, error) {
	s := d.byName[to]
	c := &Call{Service: s, Operation: s.operations[operation], Request: request, Input: in}
	ctx = api.WithRequest(ctx, request)
	resolved, err := c.Operation.Resolve(ctx, in)
	if err != nil {
		return nil, err
	}
	checks := resolved.Checks
	if action != "" {
		for i := range checks {
			checks[i].Action = action
		}
	}
	var decisions []*trail.Decision
	for i := range checks {
		taken := new(decided)
		if _, err := d.evaluate(ctx, c, &checks[i], taken); err != nil {
			_ = d.failed(c, err) // which logs it
			continue
		}
		decisions = append(decisions, &taken.Decision)
	}
	return decisions, nil
}
