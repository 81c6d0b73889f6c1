package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	testAccount  = "123456789012"
	otherAccount = "999988887777"
	testRegion   = "us-east-1"
	arnPrefix    = "arn:aws:events:us-east-1:123456789012:"
	testQueue    = "arn:aws:sqs:us-east-1:123456789012:inbox"
	testTopic    = "arn:aws:sns:us-east-1:123456789012:alerts"
)

var testStart = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// testbed is a service with all that it works with in memory.
type testbed struct {
	*Service
	t      *testing.T
	config Config
	clock  *clock.Turnable
	engine store.Engine
	// targets take what is delivered, and record keeps what became of it.
	targets *memTargets
	record  *memRecorder
}

func newTestbed(t *testing.T, changes ...func(*Config)) *testbed {
	t.Helper()
	module, err := hsm.New(bytes.Repeat([]byte{1}, hsm.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	w := &testbed{
		t: t, clock: clock.NewStill(testStart), engine: rerun.New(),
		targets: &memTargets{refuse: map[string]error{}}, record: &memRecorder{byID: map[string]trail.Delivery{}},
	}
	w.config = Config{
		Engine: w.engine, Clock: w.clock, IDs: ids.NewSeeded(1), HSM: module, Targets: w.targets, Recorder: w.record,
		Log: slog.New(slog.DiscardHandler),
	}
	for _, change := range changes {
		change(&w.config)
	}
	w.Service = New(w.config)
	w.Start()
	t.Cleanup(func() { w.Close() })
	return w
}

// restart ends the service and begins another one on the same state.
func (w *testbed) restart() {
	w.Close()
	w.Service = New(w.config)
	w.Start()
}

// request is the environment of a call by the root user of the test account, changed as
// the test wants it.
func request(changes ...func(*api.Request)) context.Context {
	r := &api.Request{ID: "req", Region: testRegion, Time: testStart}
	as(testAccount)(r)
	for _, change := range changes {
		change(r)
	}
	return api.WithRequest(context.Background(), r)
}

func as(account string) func(*api.Request) {
	return func(r *api.Request) {
		r.Account = account
		r.Caller = &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"}}
	}
}

func in(region string) func(*api.Request) { return func(r *api.Request) { r.Region = region } }

// call makes a call with an input in JSON, asking nobody's permission. It answers the
// output in JSON, or the error as CODE: MESSAGE.
func (w *testbed) call(operation, input string, changes ...func(*api.Request)) string {
	w.t.Helper()
	for _, op := range w.API().Operations {
		if op.Name != operation {
			continue
		}
		out, err := w.perform(request(changes...), &op, input)
		if err != nil {
			e, ok := errors.AsType[*api.Error](err)
			if !ok || e.HTTPStatus() != 400 {
				w.t.Fatalf("%s %s: %v", operation, input, err)
			}
			return e.Code + ": " + e.Message
		}
		return string(wire.JSONOf(out))
	}
	w.t.Fatal("there is no operation " + operation)
	return ""
}

func (w *testbed) perform(ctx context.Context, op *api.Operation, input string) (out any, err error) {
	in, violations, refused := wire.DecodeJSON([]byte(input), op.In)
	if refused != nil {
		return nil, refused
	}
	if len(violations) > 0 {
		if e := w.API().Earlier(ctx, in); e != nil {
			return nil, e
		}
		return nil, w.API().Invalid(violations)
	}
	err = api.RetryChanged(func() error {
		resolved, err := op.Resolve(ctx, in)
		if err != nil {
			return err
		}
		if unfit := api.Unfit(resolved.Checks); unfit != nil {
			return unfit
		}
		out, err = op.Call(ctx, in, resolved)
		return err
	})
	return out, err
}

// ok makes a call that must succeed.
func (w *testbed) ok(operation, input string, changes ...func(*api.Request)) string {
	w.t.Helper()
	answer := w.call(operation, input, changes...)
	if !strings.HasPrefix(answer, "{") {
		w.t.Fatalf("%s %s answers %s", operation, input, answer)
	}
	return answer
}

// checks are the decisions that a call needs.
func (w *testbed) checks(operation, input string, changes ...func(*api.Request)) []api.Check {
	w.t.Helper()
	for _, op := range w.API().Operations {
		if op.Name != operation {
			continue
		}
		in, _, refused := wire.DecodeJSON([]byte(input), op.In)
		if refused != nil {
			w.t.Fatal(refused)
		}
		resolved, err := op.Resolve(request(changes...), in)
		if err != nil {
			w.t.Fatal(err)
		}
		return resolved.Checks
	}
	w.t.Fatal("there is no operation " + operation)
	return nil
}

// keysOf are the condition keys that a check sets.
func keysOf(c api.Check) map[string][]string {
	set, keys := policyeval.NewContext(0), map[string][]string{}
	if c.Target.Keys != nil {
		c.Target.Keys(set)
	}
	for key, values := range set.All() {
		keys[key] = values
	}
	return keys
}

// wantJSON compares an answer with JSON, whatever the order of members.
func wantJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal([]byte(want), &w) != nil {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		return
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// text is a text as a JSON string.
func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// answerTo is one call and its answer.
type answerTo struct{ name, operation, input, want string }

func (w *testbed) answers(t *testing.T, cases []answerTo) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantJSON(t, w.call(c.operation, c.input), c.want) })
	}
}

// TestEveryOperationIsGuarded: each asks for a decision, of the action that bears its name.
func TestEveryOperationIsGuarded(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		if len(op.Actions) == 0 || op.Actions[0] != "events:"+op.Name {
			t.Errorf("%s asks for %v", op.Name, op.Actions)
		}
		reads := strings.HasPrefix(op.Name, "Describe") || strings.HasPrefix(op.Name, "List") || strings.HasPrefix(op.Name, "Test")
		if op.ReadOnly != reads {
			t.Errorf("%s: read-only: %v", op.Name, op.ReadOnly)
		}
		if op.Data != (op.Name == "PutEvents") {
			t.Errorf("%s: data event: %v", op.Name, op.Data)
		}
	}
}

func unmarshal(t *testing.T, answer string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(answer), to); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
}
