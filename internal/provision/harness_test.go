package provision_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/template"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/server"
)

const region = server.DefaultRegion

// world is a stack on the real services, which are asked what became of its resources.
type world struct {
	t      *testing.T
	rt     *runtime.Runtime
	caller string // a principal of the default account
	stack  provision.Stack
	made   int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{
		t: t, rt: servertest.New(t, server.Config{}).Runtime(), caller: "root",
		stack: provision.Stack{
			Name: "stack", ID: "arn:aws:cloudformation:" + region + ":" + server.DefaultAccount + ":stack/stack/uuid",
			Account: server.DefaultAccount, Region: region, Partition: "aws",
		},
	}
}

// Call makes a call as the world's caller.
func (w *world) Call(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	to := w.rt.Dispatcher.Service(service)
	if to == nil || to.Operation(operation) == nil {
		w.t.Fatalf("there is no operation %s:%s", service, operation)
	}
	op := to.Operation(operation)
	in2, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	at := provision.RegionOf(ctx, w.stack)
	caller, err := w.rt.Identity.Principal(ctx, w.stack.Account, at, w.caller)
	if err != nil {
		return nil, err
	}
	request := &api.Request{
		ID: fmt.Sprintf("request-%s-%s", service, operation), Region: at, Account: w.stack.Account, Caller: caller,
		SystemTags: true, SecureTransport: true, BaseURL: "http://localhost:4566", SourceIP: "127.0.0.1",
	}
	input, violations, bad := wire.DecodeJSON(in2, op.In)
	if bad == nil && len(violations) > 0 {
		bad = to.InvalidInput(ctx, request, input, violations)
	}
	if bad != nil {
		return nil, bad
	}
	output, err := w.rt.Dispatcher.Do(ctx, &dispatch.Call{Service: to, Operation: op, Request: request, Input: input})
	if err != nil {
		return nil, err
	}
	answer, err := wire.WholeJSONOf(output)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(answer, &out)
}

// ask makes a call that must succeed.
func (w *world) ask(service, operation string, in map[string]any) map[string]any {
	w.t.Helper()
	out, err := w.Call(w.t.Context(), service, operation, in)
	if err != nil {
		w.t.Fatalf("%s:%s: %v", service, operation, err)
	}
	return out
}

// resource is one that a handler made.
type resource struct {
	*provision.Job

	w    *world
	tags map[string]string
}

// job is one for properties that are written as JSON.
func (w *world) job(kind, id, properties string) *provision.Job {
	w.t.Helper()
	w.made++
	return &provision.Job{
		Calls: w, Stack: w.stack, LogicalID: id, Type: kind, Properties: w.properties(kind, properties),
		Token: fmt.Sprintf("Token%07d", w.made),
	}
}

func (w *world) properties(kind, text string) *template.Node {
	w.t.Helper()
	parsed, err := template.ParseJSON(text)
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	converted, err := resourcetype.Find(kind).Convert(parsed)
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return converted
}

// create makes a resource.
func (w *world) create(kind, id, properties string) *resource {
	w.t.Helper()
	return w.createTagged(kind, id, properties, nil)
}

func (w *world) createTagged(kind, id, properties string, tags map[string]string) *resource {
	w.t.Helper()
	j := w.job(kind, id, properties)
	j.Tags = tags
	if err := w.handler(kind).Create(w.t.Context(), j); err != nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	if j.PhysicalID == "" {
		w.t.Fatalf("%s has no physical id", id)
	}
	return &resource{j, w, tags}
}

// refuses says why a resource cannot be made. What there is of it is deleted.
func (w *world) refuses(kind, id, properties string) string {
	w.t.Helper()
	j := w.job(kind, id, properties)
	err := w.handler(kind).Create(w.t.Context(), j)
	if err == nil {
		w.t.Errorf("%s was made of %s", id, properties)
	}
	if j.PhysicalID != "" {
		if err := w.handler(kind).Delete(w.t.Context(), j); err != nil {
			w.t.Errorf("%s: rolled back: %v", id, err)
		}
	}
	if err == nil {
		return ""
	}
	return provision.Reason(err, "TOKEN")
}

func (w *world) handler(kind string) provision.Handler {
	w.t.Helper()
	h, ok := provision.Find(kind)
	if !ok {
		w.t.Fatalf("%s has no handler", kind)
	}
	return h
}

// update changes a resource.
func (r *resource) update(properties string) {
	r.w.t.Helper()
	r.updateTagged(properties, r.tags)
}

func (r *resource) updateTagged(properties string, tags map[string]string) {
	r.w.t.Helper()
	if err := r.tryUpdate(properties, tags); err != nil {
		r.w.t.Fatalf("%s: %v", r.LogicalID, err)
	}
}

// cannotUpdate says why a resource cannot be changed.
func (r *resource) cannotUpdate(properties string) string {
	r.w.t.Helper()
	before := r.Properties
	err := r.tryUpdate(properties, r.tags)
	r.Properties = before
	if err == nil {
		r.w.t.Errorf("%s was changed to %s", r.LogicalID, properties)
		return ""
	}
	return provision.Reason(err, "TOKEN")
}

func (r *resource) tryUpdate(properties string, tags map[string]string) error {
	r.w.t.Helper()
	id := r.PhysicalID
	r.Before, r.TagsBefore = r.Properties, r.tags
	r.Properties, r.Tags = r.w.properties(r.Type, properties), tags
	if err := r.w.handler(r.Type).Update(r.w.t.Context(), r.Job); err != nil {
		return err
	}
	if r.tags = tags; r.PhysicalID != id {
		r.w.t.Errorf("%s: the physical id %s became %s", r.LogicalID, id, r.PhysicalID)
	}
	return nil
}

// delete deletes a resource, and once more, for what is gone may be deleted.
func (r *resource) delete() {
	r.w.t.Helper()
	for range 2 {
		if err := r.w.handler(r.Type).Delete(r.w.t.Context(), r.Job); err != nil {
			r.w.t.Fatalf("%s: %v", r.LogicalID, err)
		}
	}
}

// get is what Fn::GetAtt yields, as JSON; a text is itself.
func (r *resource) get(attribute string) string {
	r.w.t.Helper()
	if !resourcetype.Find(r.Type).HasAttribute(attribute) {
		r.w.t.Errorf("%s has no attribute %s", r.Type, attribute)
	}
	n := r.Attributes[attribute]
	switch {
	case n == nil:
		return ""
	case n.Kind == template.String:
		return n.Text
	default:
		return n.JSON()
	}
}

// has compares a member of an answer with JSON.
func has(t *testing.T, out map[string]any, member, want string) {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(want), &value); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if !reflect.DeepEqual(out[member], value) {
		got, _ := json.Marshal(out[member])
		t.Errorf("%s is %s, not %s", member, got, want)
	}
}

// wants compares text.
func wants(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
