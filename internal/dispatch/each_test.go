package dispatch

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

type boxesInput struct{ Boxes []string }

type boxesOutput struct{ Emptied []string }

// TestEachIsDecided: a call about many things is decided for each of them, and answers for
// those that were denied without failing; a condition key can hang on the action.
func TestEachIsDecided(t *testing.T) {
	d, _ := mailDispatcher(t, nil)
	d.config.Log = slog.New(slog.DiscardHandler)
	refused := map[string]string{}
	checks := func(_ context.Context, in *boxesInput) ([]api.Check, error) {
		var checks []api.Check
		for _, box := range in.Boxes {
			checks = append(checks, api.Check{
				Action: "post:Empty", Denied: func(e *api.Error) { refused[box] = e.Message },
				Target: api.Target{
					ARN: "arn:aws:post:us-east-1:123456789012:" + box, Account: mailAccount,
					KeysOf: func(c *policyeval.Context, action string) { c.Set("post:does", action+" "+box) },
				},
			})
		}
		return checks, nil
	}
	empty := func(_ context.Context, in *boxesInput) (*boxesOutput, error) {
		return &boxesOutput{slices.DeleteFunc(slices.Clone(in.Boxes), func(box string) bool { return refused[box] != "" })}, nil
	}
	s := d.Register(api.Service{
		Name: "post", Principal: "post.amazonaws.com",
		Denied: func(d *api.Denial) *api.Error {
			return &api.Error{Code: "AccessDenied", Message: d.Verdict.Because(d.Action)}
		},
		Operations: []api.Operation{api.OpChecks("Empty", empty, []string{"post:Empty"}, checks)},
	})
	some := policy(t, "some", `{"Effect":"Allow","Action":"post:Empty","Resource":"*","Condition":{"StringEquals":{"post:does":["post:Empty a","post:Empty c"]}}}`)
	out, err := d.Do(t.Context(), &Call{Service: s, Operation: s.Operation("Empty"), Input: &boxesInput{[]string{"a", "b", "c"}}, Request: throughMail(user(mailAccount, some), nil)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&boxesOutput{[]string{"a", "c"}}, out); diff != "" {
		t.Error(diff)
	}
	if want := map[string]string{"b": "because no identity-based policy allows the post:Empty action"}; !cmp.Equal(want, refused) {
		t.Error(cmp.Diff(want, refused))
	}
	decisions := slices.Collect(d.Decisions().Newest())
	if len(decisions) != 3 || slices.IndexFunc(decisions, func(d *trail.Decision) bool { return !d.Verdict.Allowed }) != 1 {
		t.Errorf("%d decisions are remembered: %+v", len(decisions), decisions)
	}
}
