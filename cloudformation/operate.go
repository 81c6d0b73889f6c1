package cloudformation

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// rollbackRequested ends the reason of every rollback of a creation [C019].
const rollbackRequested = "Rollback requested by user."

// carryOut makes a stack what a deployment wants, which has begun. What fails is the
// stack's affair: the error is only of what keeps the operation from being told.
func (o *run) carryOut(instance *template.Instance, creating bool) error {
	err := o.deploy(instance)
	var outputs []outputRecord
	if err == nil {
		outputs, err = o.outputs(instance)
	}
	if err == nil {
		err = o.commit(instance, outputs, creating)
	}
	reason, failed := o.stackReason(err)
	switch {
	case err == nil:
		return o.finish(creating)
	case !failed:
		return err
	case creating:
		return o.abandon(reason)
	default:
		return o.revert(reason)
	}
}

// stackReason is why a stack fails; false: the error is of another kind.
func (o *run) stackReason(err error) (reason string, failed bool) {
	if errors.Is(err, errFailed) {
		return because(o.failed, o.verb), true
	}
	f, failed := errors.AsType[failure](err)
	if !failed {
		return "", false
	}
	return string(f), true
}

// outputs are the outputs of the stack.
func (o *run) outputs(instance *template.Instance) ([]outputRecord, error) {
	values, err := instance.Outputs(lookup{o})
	if err != nil {
		return nil, o.unresolved(err)
	}
	var all []outputRecord
	for _, v := range values {
		if v.ExportName != "" && !exportName.MatchString(v.ExportName) {
			return nil, failure("Template format error: Output " + v.Key + " is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.")
		}
		all = append(all, outputRecord{Key: v.Key, Value: v.Value, Description: v.Description, Export: v.ExportName})
	}
	return all, nil
}

// exportName is what names of exports are made of.
var exportName = regexp.MustCompile(`^[a-zA-Z0-9:-]{1,255}$`)

// commit makes the stack's new outputs those that it has. From here on there is no way back.
func (o *run) commit(instance *template.Instance, outputs []outputRecord, creating bool) error {
	kept := map[string]bool{}
	for _, res := range instance.Resources() {
		kept[res.ID] = true
	}
	return o.change(func(tx store.Tx, stack *stackRecord) error {
		if err := o.setExports(tx, stack, outputs); err != nil {
			return err
		}
		o.keepImports(tx, o.id, o.imports)
		stack.Outputs, stack.Imports = outputs, o.imports
		for name, r := range o.records {
			r.New, r.Before, r.Removed = false, nil, !kept[name]
			o.resources.Put(tx, o.id.below(name), r)
		}
		o.settled(tx, stack)
		if creating {
			o.turn(tx, stack, createComplete, "")
		} else {
			o.turn(tx, stack, updateCleanup, "")
		}
		return nil
	})
}

// settled forgets what an operation could have been rolled back to.
func (o *run) settled(tx store.Tx, stack *stackRecord) {
	stack.Stable = ""
	wanted := map[string]bool{o.id.below(stack.Current): true}
	for _, c := range o.changeSets.Scan(tx, o.id.below(""), "", store.All) {
		wanted[o.id.below(c.Deployment)] = true
	}
	for _, key := range keysOf(o.deployments.Scan(tx, o.id.below(""), "", store.All)) {
		if !wanted[key] {
			o.deployments.Delete(tx, key)
		}
	}
}

// partlyLeft is the reason of a stack of which something could not be deleted.
const partlyLeft = "One or more resources could not be deleted."

// finish ends an operation that has succeeded.
func (o *run) finish(creating bool) error {
	if creating {
		return nil
	}
	return o.finishCleanup(false, updateComplete)
}

func (o *run) finishCleanup(undone bool, status string) error {
	left, err := o.cleanup(undone)
	if err != nil {
		return err
	}
	reason := ""
	if left {
		reason = partlyLeft
	}
	return o.enter(status, reason)
}

// abandon ends a creation that has failed, as OnFailure says [C026].
func (o *run) abandon(reason string) error {
	stack, err := o.stack()
	if err != nil {
		return err
	}
	switch stack.OnFailure {
	case doNothing:
		return o.enter(createFailed, reason)
	case deleteIt:
		if err := o.enter(createFailed, reason); err != nil {
			return err
		}
		return o.tearDown(reason)
	default:
		if err := o.enter(rollbackInProgress, strings.TrimRight(reason, ". ")+". "+rollbackRequested); err != nil {
			return err
		}
		return o.rollback()
	}
}

// What becomes of a stack that cannot be created.
const (
	doNothing = "DO_NOTHING"
	deleteIt  = "DELETE"
)

// rollback deletes what a failed creation has made.
func (o *run) rollback() error {
	o.failed = nil
	err := o.removeAll(func(*resourceRecord) bool { return true }, nil, false, true)
	if errors.Is(err, errFailed) {
		return o.undeleted(rollbackFailed)
	}
	if err != nil {
		return err
	}
	return o.change(func(tx store.Tx, stack *stackRecord) error {
		stack.Deleted = o.clock.Now() // [C052]
		stack.ChangeSet, stack.Outputs = "", nil
		o.keepImports(tx, o.id, nil)
		o.turn(tx, stack, rollbackComplete, "")
		return nil
	})
}

// undeleted ends a deletion that has failed: its time stays [C052].
func (o *run) undeleted(status string) error {
	return o.change(func(tx store.Tx, stack *stackRecord) error {
		stack.Deleted = o.clock.Now()
		o.turn(tx, stack, status, because(o.failed, "delete"))
		return nil
	})
}

// revert ends an update that has failed: everything gets back its former values, unless
// the caller does not want it [C020] [C027].
func (o *run) revert(reason string) error {
	stack, err := o.stack()
	if err != nil {
		return err
	}
	if stack.DisableRollback {
		return o.enter(updateFailed, reason)
	}
	if err := o.enter(updateRollback, reason); err != nil {
		return err
	}
	return o.unroll(nil)
}

// unroll gives the stack back the form that it had before an update.
func (o *run) unroll(skip []string) error {
	o.failed = nil
	err := o.restore(skip)
	if errors.Is(err, errFailed) {
		return o.enter(updateRollbackFailed, because(o.failed, "update"))
	}
	if err != nil {
		return err
	}
	for _, r := range o.records {
		r.New, r.Removed = false, r.New
	}
	err = o.change(func(tx store.Tx, stack *stackRecord) error {
		if stack.Stable != "" {
			stack.Current = stack.Stable
		}
		for name, r := range o.records {
			o.resources.Put(tx, o.id.below(name), r)
		}
		o.keepImports(tx, o.id, stack.Imports)
		o.settled(tx, stack)
		o.turn(tx, stack, updateRollbackCleanup, "")
		return nil
	})
	if err != nil {
		return err
	}
	return o.finishCleanup(true, updateRollbackComplete)
}

// tearDown deletes the stack.
func (o *run) tearDown(reason string) error {
	stack, err := o.stack()
	if err != nil {
		return err
	}
	if err := o.enter(deleteInProgress, reason); err != nil {
		return err
	}
	return o.finishDeletion(stack.Operation.Retain, stack.DeletionMode == forceDelete)
}

const forceDelete = "FORCE_DELETE_STACK"

// finishDeletion deletes what there is of the stack, and then itself.
func (o *run) finishDeletion(retain []string, force bool) error {
	o.failed = nil
	err := o.removeAll(func(*resourceRecord) bool { return true }, retain, force, false)
	if errors.Is(err, errFailed) {
		return o.undeleted(deleteFailed)
	}
	if err != nil {
		return err
	}
	return o.change(func(tx store.Tx, stack *stackRecord) error {
		o.forget(tx, stack)
		return nil
	})
}

// forget notes that a stack is deleted: its name is free, and the change sets that nobody
// has executed are gone [C088].
func (s *Service) forget(tx store.Tx, stack *stackRecord) {
	id := stack.id()
	if n := s.names.Get(tx, id.nameKey()); n != nil && n.UUID == id.uuid {
		s.names.Delete(tx, id.nameKey())
	}
	for _, o := range stack.Outputs {
		if o.Export != "" {
			s.exports.Delete(tx, placePrefix(id.account, id.region)+o.Export)
		}
	}
	s.keepImports(tx, id, nil)
	s.dropChangeSets(tx, id, func(c *changeSetRecord) bool { return !c.executed() })
	stack.Deleted, stack.ChangeSet, stack.Imports = s.clock.Now(), "", nil
	s.turn(tx, stack, deleteComplete, "")
}

// stack is the stack's record as it is now.
func (o *run) stack() (stack *stackRecord, err error) {
	err = o.engine.View(o.ctx, func(r store.Reader) error {
		stack = o.stacks.Get(r, o.id.key())
		return nil
	})
	if err == nil && stack == nil {
		err = errGone
	}
	return stack, err
}

// begin notes, in a transaction, that an operation on a stack begins. It fails where the
// stack is not as the call was decided on.
func (s *Service) begin(ctx context.Context, op operationRecord, on *stackRecord, change func(tx store.Tx, stack *stackRecord) error) (*stackRecord, error) {
	var begun *stackRecord
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, on, stackMissing(on.Name)); err != nil {
			return err
		}
		stack := s.stacks.Edit(tx, on.id().key())
		stack.began(op)
		if err := change(tx, stack); err != nil {
			return err
		}
		s.stacks.Put(tx, stack.id().key(), stack)
		begun = stack
		return nil
	})
	return begun, err
}

// updatable are the states from which a stack can be updated [C034] [C035].
var updatable = []string{createComplete, updateComplete, updateRollbackComplete, updateFailed, "IMPORT_COMPLETE"}

// cannotUpdate refuses an update in a state that does not take it.
func cannotUpdate(stack *stackRecord) error {
	if slices.Contains(updatable, stack.Status) {
		return nil
	}
	return ErrValidation.Withf("Stack:%s is in %s state and can not be updated.", stack.arn(), stack.Status)
}
