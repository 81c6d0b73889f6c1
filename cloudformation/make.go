package cloudformation

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// requestedReplacement is the reason of the event with which a replacement begins [C014].
const (
	requestedReplacement = "Requested update requires the creation of a new physical resource; hence creating one."
	initiated            = "Resource creation Initiated" // [C010]
)

// errFailed: a resource failed, which its events tell.
var errFailed = errors.New("cloudformation: a resource failed")

// deploy makes and changes the resources of an instance, in order, until one fails: with
// errFailed, or with the failure that is the stack's.
func (o *run) deploy(instance *template.Instance) error {
	order := 0
	for _, r := range o.records {
		order = max(order, r.Order+1)
	}
	for _, res := range sequence(instance) {
		properties, err := instance.Properties(res.ID, lookup{o})
		if err != nil {
			return o.unresolved(err)
		}
		r := o.records[res.ID]
		if r == nil {
			r = &resourceRecord{LogicalID: res.ID, Type: res.Type, Order: order}
			order++
			o.records[res.ID] = r
		}
		if err := o.describe(instance, r); err != nil {
			return err
		}
		if err := o.settle(r, res, properties); err != nil {
			return err
		}
	}
	return nil
}

// unresolved is why the properties of a resource cannot be resolved, which is the stack's
// failure [C028] [C143].
func (o *run) unresolved(err error) error {
	o.at = template.PlaceOf(err)
	if f, ok := errors.AsType[*template.Error](err); ok {
		return failure(f.Message)
	}
	if f, ok := errors.AsType[*template.AttributeError](err); ok {
		return failure(f.Error())
	}
	return err
}

// describe takes over what is said of a resource beside its properties.
func (o *run) describe(instance *template.Instance, r *resourceRecord) error {
	metadata, err := instance.Metadata(r.LogicalID, lookup{o})
	if err != nil {
		return o.unresolved(err)
	}
	r.Metadata, r.Needs = metadata.JSON(), instance.Dependencies(r.LogicalID)
	return nil
}

// settle makes a resource what it is to be.
func (o *run) settle(r *resourceRecord, res *template.Resource, properties *template.Node) error {
	want := &physical{Type: res.Type, Token: o.token(), DeletionPolicy: res.DeletionPolicy, ReplacePolicy: res.UpdateReplacePolicy}
	resolved := properties.JSON()
	kind := resourcetype.Find(res.Type)
	if _, handled := o.handlerOf(res.Type); !handled || kind == nil {
		return o.leaveOut(r, want, resolved)
	}
	converted, invalid := kind.Convert(properties)
	if invalid == nil {
		want.Properties, want.Tags = converted.JSON(), tagsFor(kind, o.id, o.stackTags, res.ID, converted)
	}
	switch {
	case r.Now == nil:
		r.New, r.Type = true, res.Type
		return o.create(r, want, kind, resolved, invalid)
	case r.Status == createFailed:
		if err := o.remove(r, r.Now, false); err != nil {
			return err
		}
		r.Now, r.New = nil, true
		return o.create(r, want, kind, resolved, invalid)
	case invalid != nil:
		return o.refuse(r, invalid, resolved)
	case r.Now.Type != res.Type:
		return o.replace(r, want, kind, resolved)
	}
	before := r.Now.properties()
	if r.Status != updateFailed && before.Equal(converted) && maps.Equal(r.Now.Tags, want.Tags) { // [C017]
		r.Now.DeletionPolicy, r.Now.ReplacePolicy = want.DeletionPolicy, want.ReplacePolicy
		return o.keep(r)
	}
	if kind.NeedsReplacement(before, converted) {
		if name := kind.NameProperty; name != "" && converted.Get(name) != nil && before.Get(name).Equal(converted.Get(name)) { // [C032]
			return o.refuse(r, failure("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename "+
				converted.Get(name).String()+" and update the stack again."), resolved)
		}
		return o.replace(r, want, kind, resolved)
	}
	return o.amend(r, want, resolved)
}

// create makes a resource that was not there.
func (o *run) create(r *resourceRecord, want *physical, kind *resourcetype.Type, resolved string, invalid error) error {
	if err := o.note(r, eventRecord{Status: createInProgress, Properties: resolved}); err != nil {
		return err
	}
	if invalid == nil {
		invalid = o.claim(want, kind, r.LogicalID)
	}
	if invalid != nil {
		return o.fail(r, createFailed, "create", o.reason(invalid), resolved)
	}
	handler, _ := o.handlerOf(want.Type)
	job := o.job(r, want)
	err := o.handle(handler.Create, job)
	o.made(want, job)
	if want.ID != "" {
		r.Now = want
		if err := o.note(r, eventRecord{Status: createInProgress, Reason: initiated, PhysicalID: want.ID, Properties: resolved}); err != nil {
			return err
		}
	}
	if err != nil {
		return o.unmade(r, want, err, resolved, createFailed, "create")
	}
	return o.note(r, eventRecord{Status: createComplete, Reason: o.partly(r, want), PhysicalID: want.ID, Properties: resolved})
}

// partly is the reason for which not all of a resource is made: what its service has not.
// The log has it, too, once for each kind.
func (o *run) partly(r *resourceRecord, made *physical) string {
	for _, sentence := range made.partly {
		if o.warned.First(sentence) {
			o.log.Warn("a part of a resource is left out", "what", sentence, "stack", o.id.name, "resource", r.LogicalID)
		}
	}
	return strings.Join(made.partly, " ")
}

// replace makes a resource anew. The old one goes at the end [C014].
func (o *run) replace(r *resourceRecord, want *physical, kind *resourcetype.Type, resolved string) error {
	old := *r.Now
	if err := o.note(r, eventRecord{Status: updateInProgress, Reason: requestedReplacement, PhysicalID: old.ID, Properties: resolved}); err != nil {
		return err
	}
	if err := o.claim(want, kind, r.LogicalID); err != nil {
		return o.fail(r, updateFailed, "update", o.reason(err), resolved)
	}
	handler, _ := o.handlerOf(want.Type)
	job := o.job(r, want)
	err := o.handle(handler.Create, job)
	o.made(want, job)
	if want.ID != "" {
		o.remember(r)
		old.ReplacePolicy = want.ReplacePolicy
		r.Replaced = append(r.Replaced, old)
		r.Now, r.Type = want, want.Type
		if err := o.note(r, eventRecord{Status: updateInProgress, Reason: initiated, PhysicalID: want.ID, Properties: resolved}); err != nil {
			return err
		}
	}
	if err != nil {
		return o.unmade(r, want, err, resolved, updateFailed, "update")
	}
	return o.note(r, eventRecord{Status: updateComplete, Reason: o.partly(r, want), PhysicalID: want.ID, Properties: resolved})
}

// unmade notes that a resource could not be made. Its name is free again where nothing is
// left of it.
func (o *run) unmade(r *resourceRecord, want *physical, why error, resolved, status, verb string) error {
	if want.ID == "" {
		err := o.update(func(tx store.Tx) error {
			o.release(tx, want, r.LogicalID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return o.fail(r, status, verb, o.reason(why), resolved)
}

// amend changes a resource in place [C015].
func (o *run) amend(r *resourceRecord, want *physical, resolved string) error {
	o.remember(r)
	before := r.Now
	want.ID, want.Token, want.Attributes = before.ID, before.Token, before.Attributes
	r.Now = want // from here on a rollback has to take back what this may have changed
	if err := o.note(r, eventRecord{Status: updateInProgress, PhysicalID: want.ID, Properties: resolved}); err != nil {
		return err
	}
	err := o.transformTo(r, before, want)
	if err != nil {
		return o.fail(r, updateFailed, "update", o.reason(err), resolved)
	}
	return o.note(r, eventRecord{Status: updateComplete, Reason: o.partly(r, want), PhysicalID: want.ID, Properties: resolved})
}

// transformTo has the handler change a resource from one form to another. Where it fails
// once it has changed something, the resource counts as changed: what of it was, nobody knows.
func (o *run) transformTo(r *resourceRecord, from, to *physical) error {
	handler, _ := o.handlerOf(to.Type)
	job := o.job(r, to)
	job.Before, job.TagsBefore = o.properties(from), from.Tags
	calls := &watchedCalls{Calls: job.Calls}
	job.Calls = calls
	err := o.handle(handler.Update, job)
	o.made(to, job)
	if err != nil && !calls.wrote {
		r.Now = from
	}
	return err
}

// watchedCalls know whether something was written.
type watchedCalls struct {
	provision.Calls

	wrote bool
}

// Call implements provision.Calls.
func (w *watchedCalls) Call(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	out, err := w.Calls.Call(ctx, service, operation, in)
	w.wrote = w.wrote || err == nil && !slices.ContainsFunc(readers, func(verb string) bool { return strings.HasPrefix(operation, verb) })
	return out, err
}

// readers are how the names of operations begin that change nothing.
var readers = []string{"Describe", "Get", "Head", "List"}

// remember keeps what there was before the operation changed it.
func (o *run) remember(r *resourceRecord) {
	if r.Before == nil && !r.New {
		r.Before = r.Now
	}
}

// refuse ends the change of a resource before it has begun.
func (o *run) refuse(r *resourceRecord, why error, resolved string) error {
	if err := o.note(r, eventRecord{Status: updateInProgress, PhysicalID: r.Now.ID, Properties: resolved}); err != nil {
		return err
	}
	return o.fail(r, updateFailed, "update", o.reason(why), resolved)
}

// fail notes that a resource failed.
func (o *run) fail(r *resourceRecord, status, verb, reason, resolved string) error {
	o.failed, o.verb = append(o.failed, r.LogicalID), verb
	if err := o.note(r, eventRecord{Status: status, Reason: reason, PhysicalID: r.physicalID(), Properties: resolved}); err != nil {
		return err
	}
	return errFailed
}

// leaveOut notes a resource of a type that AWS has and that is not emulated.
func (o *run) leaveOut(r *resourceRecord, want *physical, resolved string) error {
	reason := ""
	if want.Type != metadataType {
		reason = "waxseal does not emulate " + want.Type + ": nothing is made of it, and what refers to it gets a name in its form."
		if o.warned.First(want.Type) {
			o.log.Warn("a resource is left out, for its type is not emulated", "type", want.Type, "stack", o.id.name, "resource", r.LogicalID)
		}
	}
	want.Properties, want.LeftOut = resolved, true
	if r.Now != nil && r.Now.LeftOut && r.Now.Type == want.Type {
		if r.Now.Properties == resolved {
			return o.keep(r)
		}
		o.remember(r)
		want.ID, want.Token = r.Now.ID, r.Now.Token
		r.Now = want
		return o.note(r, eventRecord{Status: updateComplete, Reason: reason, PhysicalID: want.ID, Properties: resolved})
	}
	done := createComplete
	if r.Now != nil {
		o.remember(r)
		r.Replaced, done = append(r.Replaced, *r.Now), updateComplete
	} else {
		r.New = true
	}
	want.ID = stored(o.ctx, provision.PlaceholderID(o.job(r, want)))
	r.Now, r.Type = want, want.Type
	return o.note(r, eventRecord{Status: done, Reason: reason, PhysicalID: want.ID, Properties: resolved})
}

// claim notes that a resource has the name that its template gives it. It fails where
// another stack's has it [C031].
func (o *run) claim(want *physical, kind *resourcetype.Type, logicalID string) error {
	key := o.ownerKey(want, kind)
	if key == "" {
		return nil
	}
	return o.update(func(tx store.Tx) error {
		if owner := o.owners.Get(tx, key); owner != nil && (owner.Stack != o.id.arn() || owner.LogicalID != logicalID) {
			return failure(want.properties().Get(kind.NameProperty).String() + " already exists in stack " + owner.Stack)
		}
		o.owners.Put(tx, key, &ownerRecord{Stack: o.id.arn(), LogicalID: logicalID})
		return nil
	})
}

// release gives up the name of a resource that is deleted.
func (o *run) release(tx store.Tx, p *physical, logicalID string) {
	kind := resourcetype.Find(p.Type)
	if kind == nil {
		return
	}
	key := o.ownerKey(p, kind)
	if key == "" {
		return
	}
	if owner := o.owners.Get(tx, key); owner != nil && owner.Stack == o.id.arn() && owner.LogicalID == logicalID {
		o.owners.Delete(tx, key)
	}
}

// shared are the types whose names are unique only in something else: a VPC, a bus.
var shared = []string{"AWS::EC2::SecurityGroup", "AWS::Events::Rule"}

// maxOwned is how long a name may be that anything could have.
const maxOwned = 2048

// ownerKey is the key of the name that a template gives a resource; empty: it gives none.
func (o *run) ownerKey(p *physical, kind *resourcetype.Type) string {
	if kind.NameProperty == "" || slices.Contains(shared, kind.Name) {
		return ""
	}
	name := p.properties().Get(kind.NameProperty)
	if name == nil || len(name.String()) > maxOwned {
		return ""
	}
	return placePrefix(o.id.account, o.id.region) + kind.Name + nul + name.String()
}

// token is the random part of a name: 12 letters and digits [C203].
func (o *run) token() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	random := make([]byte, 0, 12)
	for len(random) < cap(random) {
		u := o.ids.NewUUID()
		for _, b := range []byte{u[0], u[1], u[2], u[3], u[4], u[5]} {
			if len(random) < cap(random) && int(b) < len(letters)*4 {
				random = append(random, letters[int(b)%len(letters)])
			}
		}
	}
	return string(random)
}
