package cloudformation_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/wire"
)

// world is CloudFormation and what stacks are made of.
type world struct {
	*runtime.Runtime

	t  *testing.T
	as string // a principal of the account
	// base is the URL by which it reaches the server.
	base  string
	clock *clock.Turnable
	// region is where it calls; empty: the usual one.
	region string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return begin(t, rerun.New())
}

// begin is the services on a state. What was interrupted there is ended.
func begin(t *testing.T, engine store.Engine) *world {
	t.Helper()
	module, err := hsm.New(make([]byte, hsm.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	turnable := clock.New()
	rt := runtime.New(runtime.Config{
		Engine: engine, Clock: turnable, IDs: ids.New(), HSM: module, Account: account, Region: region, Log: slog.New(slog.DiscardHandler),
	})
	rt.CloudFormation.Close()
	t.Cleanup(rt.Close)
	return &world{rt, t, "root", baseURL, turnable, ""}
}

const (
	account = "123456789012"
	region  = "us-east-1"
	baseURL = "http://127.0.0.1:4566"
)

// request is the environment of a call by the world's principal.
func (w *world) request() *api.Request {
	w.t.Helper()
	caller, err := w.Identity.Principal(w.t.Context(), account, cmp.Or(w.region, region), w.as)
	if err != nil {
		w.t.Fatal(err)
	}
	return &api.Request{
		ID: uuid.NewString(), Caller: caller, Account: account, Region: cmp.Or(w.region, region), Time: w.Now(), SecureTransport: true, BaseURL: w.base, SourceIP: "127.0.0.1",
	}
}

// call makes a call with an input as JSON has it.
func (w *world) call(action string, in any) (out object, err error) {
	w.t.Helper()
	service, operation, _ := strings.Cut(action, ":")
	to := w.Dispatcher.Service(service)
	op, request := to.Operation(operation), w.request()
	text, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	value, violations, refused := wire.DecodeJSON(text, op.In)
	if refused == nil && len(violations) > 0 {
		refused = to.InvalidInput(w.t.Context(), request, value, violations)
	}
	if refused != nil {
		return nil, refused
	}
	answer, err := w.Dispatcher.Do(w.t.Context(), &dispatch.Call{Service: to, Operation: op, Request: request, Input: value})
	if err != nil {
		return nil, err
	}
	if text, err = wire.WholeJSONOf(answer); err != nil {
		w.t.Fatal(err)
	}
	if len(text) > 0 {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// ok makes a call of CloudFormation, or of another service, which must succeed.
func (w *world) ok(operation string, in object) object {
	w.t.Helper()
	out, err := w.call(action(operation), in)
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// refused makes a call that must fail, and answers its error as CODE: MESSAGE.
func (w *world) refused(operation string, in object) string {
	w.t.Helper()
	out, err := w.call(action(operation), in)
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.HTTPStatus() >= 500 {
		w.t.Fatalf("%s is not refused: %v, %v", operation, out, err)
	}
	return e.Query() + ": " + e.Message
}

func action(operation string) string {
	if strings.Contains(operation, ":") {
		return operation
	}
	return "cloudformation:" + operation
}

type object = map[string]any

// create creates a stack of a template.
func (w *world) create(name, template string, more ...object) {
	w.t.Helper()
	w.ok("CreateStack", merged(append([]object{{"StackName": name, "TemplateBody": template, "Capabilities": []string{"CAPABILITY_NAMED_IAM"}}}, more...)...))
}

// update updates a stack with a template.
func (w *world) update(name, template string, more ...object) {
	w.t.Helper()
	w.ok("UpdateStack", merged(append([]object{{"StackName": name, "TemplateBody": template, "Capabilities": []string{"CAPABILITY_NAMED_IAM"}}}, more...)...))
}

func merged(all ...object) object {
	whole := object{}
	for _, o := range all {
		maps.Copy(whole, o)
	}
	return whole
}

// stack is a stack as it is described.
func (w *world) stack(name string) object {
	w.t.Helper()
	return w.ok("DescribeStacks", object{"StackName": name})["Stacks"].([]any)[0].(object)
}

// wantStatus holds a stack's state against what is wanted.
func (w *world) wantStatus(name, want string) {
	w.t.Helper()
	if got := w.stack(name)["StackStatus"]; got != want {
		w.t.Errorf("stack %s is in %v, want %s\n%s", name, got, want, w.events(name))
	}
}

// events are the events of a stack, the oldest first, one a line:
// LOGICALID STATUS PHYSICALID? REASON.
func (w *world) events(name string) string {
	w.t.Helper()
	var lines []string
	events := w.ok("DescribeStackEvents", object{"StackName": name})["StackEvents"].([]any)
	for _, e := range events {
		e := e.(object)
		line := fmt.Sprint(e["LogicalResourceId"], " ", e["ResourceStatus"])
		if id := e["PhysicalResourceId"]; id == nil || id == "" {
			line += " -"
		}
		if reason := e["ResourceStatusReason"]; reason != nil {
			line += " " + fmt.Sprint(reason)
		}
		lines = append([]string{line}, lines...)
	}
	return strings.Join(lines, "\n")
}

// outputs are a stack's outputs.
func (w *world) outputs(name string) map[string]string {
	w.t.Helper()
	all := map[string]string{}
	outputs, _ := w.stack(name)["Outputs"].([]any)
	for _, o := range outputs {
		o := o.(object)
		all[fmt.Sprint(o["OutputKey"])] = fmt.Sprint(o["OutputValue"])
	}
	return all
}

// wantLines compares texts line by line.
func wantLines(t *testing.T, got, want string) {
	t.Helper()
	want = strings.TrimSpace(strings.ReplaceAll(want, "\t", ""))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
