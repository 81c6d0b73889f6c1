package cloudformation

import (
	"errors"
	"slices"

	"github.com/waxseal/waxseal/internal/store"
)

// remove deletes what stands for a resource, and tells it. cleanup: it is not the resource
// as it stands in the stack, but one that was replaced.
func (o *run) remove(r *resourceRecord, p *physical, cleanup bool) error {
	record := r
	if cleanup { // whose state is not the resource's own
		record = clone(r)
		record.Type = p.Type
	}
	note := func(e eventRecord) error {
		e.PhysicalID, e.Type, e.Properties = p.ID, p.Type, p.Properties
		if cleanup {
			return o.told(record, e)
		}
		return o.note(record, e)
	}
	if err := note(eventRecord{Status: deleteInProgress}); err != nil {
		return err
	}
	if handler, handled := o.handlerOf(p.Type); handled && !p.LeftOut && p.ID != "" {
		job := o.job(record, p)
		if err := o.handle(handler.Delete, job); err != nil {
			o.failed, o.verb = append(o.failed, r.LogicalID), "delete"
			if err := note(eventRecord{Status: deleteFailed, Reason: o.reason(err)}); err != nil {
				return err
			}
			return errFailed
		}
	}
	if err := o.update(func(tx store.Tx) error { o.release(tx, p, r.LogicalID); return nil }); err != nil {
		return err
	}
	return note(eventRecord{Status: deleteComplete})
}

// told tells an event without a change of the resource's state.
func (o *run) told(r *resourceRecord, e eventRecord) error {
	return o.update(func(tx store.Tx) error {
		stack := o.stacks.Get(tx, o.id.key())
		if stack == nil {
			return errGone
		}
		e.LogicalID, e.Time = r.LogicalID, o.clock.Now()
		o.tell(tx, stack, e)
		return nil
	})
}

// spare leaves what stands for a resource, as its policy says [C200].
func (o *run) spare(r *resourceRecord, p *physical) error {
	err := o.update(func(tx store.Tx) error { o.release(tx, p, r.LogicalID); return nil })
	if err != nil {
		return err
	}
	return o.told(r, eventRecord{Status: deleteSkipped, PhysicalID: p.ID, Type: p.Type, Properties: p.Properties})
}

// retained reports whether a policy says that what it is of stays; undone: the operation
// that made it is rolled back [C202].
func (o *run) retained(policy string, undone bool) bool {
	switch policy {
	case "Retain", "Snapshot":
		return !undone || !o.exceptOnCreate
	case "RetainExceptOnCreate":
		return !undone
	default:
		return false
	}
}

// removeAll deletes resources, those first that others need last. What a resource needs
// that cannot be deleted stays, too. undone: the operation that made them is rolled back.
func (o *run) removeAll(wanted func(*resourceRecord) bool, retain []string, force, undone bool) error {
	stay := map[string]bool{}
	for _, r := range o.in(false) {
		if !wanted(r) {
			continue
		}
		if stay[r.LogicalID] {
			o.hold(stay, r)
			continue
		}
		err := o.removeOne(r, slices.Contains(retain, r.LogicalID), undone)
		switch {
		case errors.Is(err, errFailed) && force:
			o.failed = o.failed[:len(o.failed)-1]
			err = o.spare(r, r.Now)
		case errors.Is(err, errFailed):
			o.hold(stay, r)
			continue
		}
		if err != nil {
			return err
		}
		if err := o.update(func(tx store.Tx) error { o.drop(tx, r); return nil }); err != nil {
			return err
		}
	}
	if len(o.failed) > 0 {
		return errFailed
	}
	return nil
}

// hold keeps what a resource needs that is still there.
func (o *run) hold(stay map[string]bool, r *resourceRecord) {
	for _, need := range r.Needs {
		stay[need] = true
	}
}

// removeOne deletes all that stands for a resource.
func (o *run) removeOne(r *resourceRecord, retain, undone bool) error {
	for len(r.Replaced) > 0 {
		p := &r.Replaced[0]
		if o.retained(p.ReplacePolicy, false) {
			if err := o.spare(r, p); err != nil {
				return err
			}
		} else if err := o.remove(r, p, true); err != nil {
			return err
		}
		r.Replaced = r.Replaced[1:]
		if err := o.keep(r); err != nil {
			return err
		}
	}
	switch {
	case r.Now == nil && r.Status == "": // it had not begun
		return nil
	case r.Now == nil: // it failed before there was anything to be deleted
		return o.told(r, eventRecord{Status: deleteComplete, Type: r.Type})
	case retain || o.retained(r.Now.DeletionPolicy, undone):
		return o.spare(r, r.Now)
	default:
		return o.remove(r, r.Now, false)
	}
}

// cleanup deletes, at the end of an operation, what it replaced and what is not wanted any
// more. What cannot be deleted is left, and the stack's resource no more [C013].
func (o *run) cleanup(undone bool) (left bool, err error) {
	for _, r := range o.in(false) {
		if !r.Removed {
			continue
		}
		switch err := o.removeOne(r, false, undone); {
		case errors.Is(err, errFailed):
			left = true
		case err != nil:
			return left, err
		}
		if err := o.update(func(tx store.Tx) error { o.drop(tx, r); return nil }); err != nil {
			return left, err
		}
	}
	for _, r := range o.in(false) {
		for len(r.Replaced) > 0 {
			p := r.Replaced[0]
			switch {
			case !undone && o.retained(p.ReplacePolicy, false), undone && o.retained(p.DeletionPolicy, true):
				err = o.spare(r, &p)
			default:
				err = o.remove(r, &p, true)
			}
			if errors.Is(err, errFailed) {
				left = true
			} else if err != nil {
				return left, err
			}
			r.Replaced = r.Replaced[1:]
			if err := o.keep(r); err != nil {
				return left, err
			}
		}
	}
	o.failed = nil
	return left, nil
}

// restore gives the resources back the form that they had before the operation [C020].
func (o *run) restore(skip []string) error {
	for _, r := range o.in(true) {
		if r.Before == nil {
			continue
		}
		err := o.restoreOne(r, slices.Contains(skip, r.LogicalID))
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *run) restoreOne(r *resourceRecord, skip bool) error {
	before, now := r.Before, r.Now
	if err := o.note(r, eventRecord{Status: updateInProgress, PhysicalID: before.ID, Type: before.Type, Properties: before.Properties}); err != nil {
		return err
	}
	switch {
	case before.ID != now.ID || before.Type != now.Type: // it was replaced: the new one goes
		r.Replaced = slices.DeleteFunc(r.Replaced, func(p physical) bool { return p.ID == before.ID && p.Type == before.Type })
		r.Replaced = append(r.Replaced, *now)
		r.Now, r.Type = before, before.Type
	case skip || before.LeftOut:
		r.Now = before
	default:
		restored := *before
		if err := o.transformTo(r, now, &restored); err != nil {
			return o.fail(r, updateFailed, "update", o.reason(err), before.Properties)
		}
		r.Now = &restored
	}
	r.Before = nil
	return o.note(r, eventRecord{Status: updateComplete, PhysicalID: before.ID, Properties: before.Properties})
}
