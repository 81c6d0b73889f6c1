package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// run is an operation on a stack that is going on. All that it has done is stored at once,
// so that another process can go on with it, or roll it back.
type run struct {
	*Service
	ctx   context.Context
	id    stackID
	calls provision.Calls
	// stackTags are those of the deployment.
	stackTags    []resource.Tag
	capabilities []string
	topics       []string
	role         string
	// retainNew: what the operation makes goes when it is rolled back, whatever the
	// template says [C202].
	exceptOnCreate bool
	// records are the stack's resources by their names.
	records map[string]*resourceRecord
	// imports are the exports that were used.
	imports []string
	// at is where in the template stands why the stack fails.
	at template.Position
	// failed are the resources that failed, and verb what was tried with them.
	failed []string
	verb   string
}

// failure is why something ended, in the words of the events.
type failure string

func (f failure) Error() string { return string(f) }

// newRun is an operation on a stack, which has begun. It goes on when its caller does not
// wait for it any more.
func (s *Service) newRun(ctx context.Context, stack *stackRecord, d *deploymentRecord, calls provision.Calls) (*run, error) {
	o := &run{
		Service: s, ctx: context.WithoutCancel(ctx), id: stack.id(), calls: calls, exceptOnCreate: stack.RetainExceptOnCreate,
	}
	if d != nil {
		o.stackTags, o.capabilities, o.topics, o.role = d.Tags, d.Capabilities, d.Topics, d.Role
	}
	err := s.engine.View(o.ctx, func(r store.Reader) error {
		o.records = map[string]*resourceRecord{}
		for _, record := range s.resources.Scan(r, o.id.below(""), "", store.All) {
			o.records[record.LogicalID] = clone(record)
		}
		return nil
	})
	return o, err
}

// clone is a copy of a record that can be changed.
func clone(r *resourceRecord) *resourceRecord {
	c := *r
	c.Replaced = slices.Clone(r.Replaced)
	return &c
}

// update makes a transaction of the operation.
func (o *run) update(write func(store.Tx) error) error { return o.engine.Update(o.ctx, write) }

// change changes the stack's record.
func (o *run) change(change func(tx store.Tx, stack *stackRecord) error) error {
	return o.update(func(tx store.Tx) error {
		stack := o.stacks.Edit(tx, o.id.key())
		if stack == nil {
			return errGone
		}
		if err := change(tx, stack); err != nil {
			return err
		}
		o.stacks.Put(tx, o.id.key(), stack)
		return nil
	})
}

var errGone = errors.New("cloudformation: the stack is gone")

// enter gives the stack another status.
func (o *run) enter(status, reason string) error {
	return o.change(func(tx store.Tx, stack *stackRecord) error {
		o.turn(tx, stack, status, reason)
		return nil
	})
}

// note stores a resource with a new status, and tells it.
func (o *run) note(r *resourceRecord, e eventRecord) error {
	return o.update(func(tx store.Tx) error {
		stack := o.stacks.Get(tx, o.id.key())
		if stack == nil {
			return errGone
		}
		now := o.clock.Now()
		r.Status, r.Reason, r.Updated = e.Status, e.Reason, now
		e.LogicalID, e.Time = r.LogicalID, now
		if e.Type == "" {
			e.Type = r.Type
		}
		o.resources.Put(tx, o.id.below(r.LogicalID), r)
		o.tell(tx, stack, e)
		return nil
	})
}

// keep stores a resource without telling anybody.
func (o *run) keep(r *resourceRecord) error {
	return o.update(func(tx store.Tx) error {
		o.resources.Put(tx, o.id.below(r.LogicalID), r)
		return nil
	})
}

// drop forgets a resource.
func (o *run) drop(tx store.Tx, r *resourceRecord) {
	o.resources.Delete(tx, o.id.below(r.LogicalID))
	delete(o.records, r.LogicalID)
}

// job is a job of a handler, for a resource.
func (o *run) job(r *resourceRecord, p *physical) *provision.Job {
	job := &provision.Job{
		Calls: o.calls, LogicalID: r.LogicalID, Type: p.Type, Token: p.Token, PhysicalID: o.called(p.ID),
		Properties: o.properties(p), Tags: p.Tags, Attributes: map[string]*template.Node{},
		Stack: provision.Stack{
			Name: o.id.name, ID: o.id.arn(), Account: o.id.account, Region: o.id.region, Partition: arn.Partition(o.id.region),
		},
	}
	for name, text := range p.Attributes {
		if n := o.node(text); n != nil {
			job.Attributes[name] = n
		}
	}
	return job
}

// properties are those that a resource was made with.
func (o *run) properties(p *physical) *template.Node {
	if n := o.node(p.Properties); n != nil {
		return n
	}
	return &template.Node{Kind: template.Map}
}

// made takes over what a handler says of the resource.
func (o *run) made(p *physical, job *provision.Job) {
	p.ID = stored(o.ctx, job.PhysicalID)
	p.Attributes = map[string]string{}
	for name, value := range job.Attributes {
		p.Attributes[name] = stored(o.ctx, value.JSON())
	}
	p.partly = job.LeftOut
}

// handle has a handler do something. A handler that panics has failed: its stack must not
// be stuck.
func (o *run) handle(do func(context.Context, *provision.Job) error, job *provision.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			o.log.Error("panic in a resource handler", "type", job.Type, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("internal failure")
		}
	}()
	if err := do(o.ctx, job); err != nil || len(job.LeftOut) == 0 || !isStrict(o.ctx) {
		return err
	}
	what, _, _ := strings.Cut(job.LeftOut[0], ", and ") // what becomes of it
	return errors.New(what)
}

// handlerOf is the handler of a type; false: the type is left out.
func (o *run) handlerOf(kind string) (provision.Handler, bool) {
	if own, ok := o.own()[kind]; ok {
		return own, true
	}
	return provision.Find(kind)
}

// reason is an error as the reason of an event. What a denial lacks is said in it.
func (o *run) reason(err error) string {
	if f, ok := errors.AsType[failure](err); ok {
		return string(f)
	}
	reason := provision.Reason(err, o.ids.UUID())
	if e, ok := errors.AsType[*provision.CallError](err); ok { // whose status says little: KMS's denials are 400
		return o.world.Explained(o.ctx, reason, e.Err.RequestID)
	}
	return reason
}

// in lists the resources of a stack in order: those that others need come first.
func (o *run) in(forward bool) []*resourceRecord {
	var order []*resourceRecord
	byOrder := make([]*resourceRecord, 0, len(o.records))
	for _, r := range o.records {
		byOrder = append(byOrder, r)
	}
	slices.SortFunc(byOrder, func(a, b *resourceRecord) int { return a.Order - b.Order })
	seen := map[string]bool{}
	var visit func(r *resourceRecord)
	visit = func(r *resourceRecord) {
		if r == nil || seen[r.LogicalID] {
			return
		}
		seen[r.LogicalID] = true
		for _, need := range r.Needs {
			visit(o.records[need])
		}
		order = append(order, r)
	}
	for _, r := range byOrder {
		visit(r)
	}
	if !forward {
		slices.Reverse(order)
	}
	return order
}

// sequence is the order in which the resources of an instance are made [C016].
func sequence(instance *template.Instance) []*template.Resource {
	var order []*template.Resource
	byID, seen := map[string]*template.Resource{}, map[string]bool{}
	for _, r := range instance.Resources() {
		byID[r.ID] = r
	}
	var visit func(r *template.Resource)
	visit = func(r *template.Resource) {
		if r == nil || seen[r.ID] {
			return
		}
		seen[r.ID] = true
		for _, id := range instance.Dependencies(r.ID) {
			visit(byID[id])
		}
		order = append(order, r)
	}
	for _, r := range instance.Resources() {
		visit(r)
	}
	return order
}

// because is the reason of a stack whose resources failed [C019]-[C022].
func because(names []string, verb string) string {
	return "The following resource(s) failed to " + verb + ": [" + strings.Join(names, ", ") + "]. "
}
