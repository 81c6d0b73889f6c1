package whatif

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// ErrForgotten says that no decision of the request is remembered.
var ErrForgotten = errors.New("no decision of the request is remembered")

// Refusal is a change that cannot be made.
type Refusal struct{ reason string }

func (e *Refusal) Error() string { return e.reason }

func refused(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// Change is what is otherwise than it was.
type Change struct {
	// Principal calls in place of who did: root, role/NAME or user/NAME of the default
	// account, an ARN, a service such as sns.amazonaws.com, or anonymous. Empty: the same.
	Principal string
	// Policies are documents by the keys of their policies (resource.PolicyKey), each in
	// place of the one that there was, if any; where it is nil the policy is taken away.
	Policies map[string]*string
}

// Decide decides a recorded request again. It fails with ErrForgotten, or a *Refusal where
// the change is none that can be made.
func Decide(ctx context.Context, rt *runtime.Runtime, requestID string, change Change) (*trail.Decision, error) {
	x := explain.Explainer{Runtime: rt}
	was := remembered(x, requestID)
	if len(was) == 0 {
		return nil, ErrForgotten
	}
	caller, err := principal(ctx, rt, was[0], change.Principal)
	if err != nil {
		return nil, err
	}
	edits, err := readEdits(rt, change.Policies)
	if err != nil {
		return nil, err
	}
	now := make([]*trail.Decision, len(was))
	for i, d := range was {
		changed := dispatch.Changed{}
		if d.Principal == was[0].Principal {
			changed.Caller = caller
		}
		changed.Policies = func(p *policyeval.Policies) {
			who := &d.Request.Principal
			if changed.Caller != nil {
				who = &changed.Caller.Principal
			}
			edits.apply(ctx, p, d.Decision, who)
		}
		now[i] = rt.Dispatcher.Again(d.Decision, d.call, changed)
	}
	if err := edits.unknown(ctx); err != nil {
		return nil, err
	}
	return now[answer(was, now)], nil
}

// taken is a decision that a request hung on, with the record of its call.
type taken struct {
	*trail.Decision
	call *record.Call // nil: it is forgotten
}

// remembered are the decisions that a request hung on: its own, those that it would have
// needed after them, and those on calls for it.
func remembered(x explain.Explainer, requestID string) (own []taken) {
	call := x.RecordOf(requestID)
	failed := call == nil || call.Failed()
	var inner []taken
	for _, d := range x.DecisionsOf(requestID) {
		switch {
		case d.RequestID == requestID:
			own = append(own, taken{d, call})
		case failed || d.Request.Principal.Type != policyeval.Service:
			inner = append(inner, taken{d, x.RecordOf(d.RequestID)})
		}
	}
	if call != nil && len(own) > 0 {
		for _, d := range call.Rest() {
			own = append(own, taken{d, call})
		}
	}
	return append(own, inner...)
}

// answer is which of the decisions answers for the request.
func answer(was []taken, now []*trail.Decision) int {
	if i := slices.IndexFunc(now, func(d *trail.Decision) bool { return !d.Allowed() }); i >= 0 {
		return i
	}
	return max(0, slices.IndexFunc(was, func(d taken) bool { return !d.Allowed() }))
}

// principal is the caller of a name; nil: no other than there was.
func principal(ctx context.Context, rt *runtime.Runtime, was taken, name string) (*api.Caller, error) {
	if name == "" {
		return nil, nil
	}
	region := ""
	if was.call != nil {
		region = was.call.Request().Region
	}
	caller, err := rt.Identity.Named(ctx, rt.Account(), region, name)
	if errors.Is(err, identity.ErrNotFound) {
		return nil, refused("principal: %v", err)
	}
	return caller, err
}
