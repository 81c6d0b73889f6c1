package cloudformation

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
)

// recovery is what goes on with the operations that the end of a process interrupted.
type recovery struct{ running sync.WaitGroup }

// Start goes on with what was interrupted: a creation or update is rolled back, and all
// that followed on one, and deletions, are brought to an end.
func (s *Service) Start() {
	if s.idle {
		return
	}
	ctx := context.Background()
	all := s.interrupted(ctx) // before any new operation begins
	s.recover.running.Go(func() {
		for _, stack := range all {
			if err := s.resume(ctx, stack); err != nil {
				s.log.Error("an interrupted operation cannot be ended", "stack", stack.arn(), "status", stack.Status, "cause", err)
			}
		}
	})
}

// Close waits for that.
func (s *Service) Close() { s.recover.running.Wait() }

// interrupted are the stacks in the middle of an operation, nested ones first.
func (s *Service) interrupted(ctx context.Context) (all []*stackRecord) {
	err := s.engine.View(ctx, func(r store.Reader) error {
		all = nil
		for _, stack := range s.stacks.Scan(r, "", "", store.All) {
			if stack.Status != reviewInProgress && strings.HasSuffix(stack.Status, "IN_PROGRESS") {
				all = append(all, stack)
			}
		}
		return nil
	})
	if err != nil {
		s.log.Error("stacks cannot be read", "cause", err)
	}
	slices.SortFunc(all, func(a, b *stackRecord) int { return b.Created.Compare(a.Created) })
	return all
}

const interruption = "The operation was interrupted by the end of the process."

// resume ends an interrupted operation.
func (s *Service) resume(ctx context.Context, stack *stackRecord) error {
	op := &stack.Operation
	d, err := s.deploymentOf(ctx, &changeSetTarget{stack: stack})
	if err != nil {
		return err
	}
	ctx, err = s.world.As(ctx, stack.Account, stack.Region, op.Principal, op.BaseURL)
	if err == nil && stack.Parent != "" {
		ctx = withParent(ctx, &parent{stack: stack.Parent, root: stack.Root})
	}
	o, failed := s.newRun(context.Background(), stack, d, nil)
	if failed == nil {
		failed = o.giveUp()
	}
	if failed != nil {
		return failed
	}
	if err == nil {
		o.ctx = context.WithoutCancel(ctx)
		o.calls, err = s.world.Calls(o.ctx, stack.arn(), op.Role)
	}
	if err != nil { // whoever asked for it is not there any more
		return o.enter(failedStatus(stack.Status), interruption+" It cannot go on: "+err.Error())
	}
	if err := o.discard(); err != nil {
		return err
	}
	if err := o.goOn(stack); err != nil {
		return err
	}
	return s.endInterrupted(ctx, stack)
}

// discard ends the creations that were interrupted before anything was known of them.
func (o *run) discard() error {
	for _, r := range o.in(true) {
		if r.Now == nil && r.Status == createInProgress {
			if err := o.note(r, eventRecord{Status: createFailed, Reason: "Resource creation cancelled"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveUp makes the names free that the stack has claimed for what was not made any more.
func (o *run) giveUp() error {
	kept := map[string]bool{}
	keep := func(p *physical) {
		if p == nil {
			return
		}
		if kind := resourcetype.Find(p.Type); kind != nil {
			kept[o.ownerKey(p, kind)] = true
		}
	}
	for _, r := range o.records {
		keep(r.Now)
		keep(r.Before)
		for i := range r.Replaced {
			keep(&r.Replaced[i])
		}
	}
	return o.update(func(tx store.Tx) error {
		var free []string
		for key, owner := range o.owners.Scan(tx, placePrefix(o.id.account, o.id.region), "", store.All) {
			if owner.Stack == o.id.arn() && !kept[key] {
				free = append(free, key)
			}
		}
		for _, key := range free {
			o.owners.Delete(tx, key)
		}
		return nil
	})
}

func (o *run) goOn(stack *stackRecord) error {
	switch stack.Status {
	case createInProgress:
		return o.abandon(interruption)
	case rollbackInProgress:
		return o.rollback()
	case updateInProgress:
		return o.revert(interruption)
	case updateCleanup:
		return o.finishCleanup(false, updateComplete)
	case updateRollback:
		return o.unroll(stack.Operation.Retain)
	case updateRollbackCleanup:
		return o.finishCleanup(true, updateRollbackComplete)
	default: // a deletion
		return o.finishDeletion(stack.Operation.Retain, stack.DeletionMode == forceDelete)
	}
}

// failedStatus is the state of a stack whose operation cannot go on.
func failedStatus(status string) string {
	switch status {
	case createInProgress:
		return createFailed
	case rollbackInProgress:
		return rollbackFailed
	case updateInProgress:
		return updateFailed
	case updateCleanup:
		return updateComplete
	case updateRollback:
		return updateRollbackFailed
	case updateRollbackCleanup:
		return updateRollbackComplete
	default:
		return deleteFailed
	}
}

// endInterrupted notes what became of the change set by which an operation came.
func (s *Service) endInterrupted(ctx context.Context, stack *stackRecord) error {
	var set *changeSetRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		set = nil
		for _, c := range s.changeSets.Scan(r, stack.id().below(""), "", store.All) {
			if c.ExecutionStatus == setExecuting {
				set = c
			}
		}
		return nil
	})
	if err != nil || set == nil {
		return err
	}
	return s.endChangeSet(ctx, stack.id(), set)
}
