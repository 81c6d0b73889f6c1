package cloudformation

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// ExecuteChangeSetInput is the input of ExecuteChangeSet.
type ExecuteChangeSetInput struct {
	ChangeSetName        string `check:"required,min=1,max=1600" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*"`
	StackName            string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	ClientRequestToken   string `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
	DisableRollback      *bool
	RetainExceptOnCreate bool
}

func (in *ExecuteChangeSetInput) changeSet() (stack, name string) {
	return in.StackName, in.ChangeSetName
}

// ExecuteChangeSetOutput is the output of ExecuteChangeSet.
type ExecuteChangeSetOutput struct {
	_ struct{} `out:"result"`
}

// ExecuteChangeSet carries out a change set. It is done when it answers.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html.
func (s *Service) ExecuteChangeSet(ctx context.Context, in *ExecuteChangeSetInput) (*ExecuteChangeSetOutput, error) {
	return api.Do(ctx, in, onChangeSet(s, (*ExecuteChangeSetInput).changeSet), s.executeChangeSet)
}

func (s *Service) executeChangeSet(ctx context.Context, on *changeSetTarget, in *ExecuteChangeSetInput) (*ExecuteChangeSetOutput, error) {
	set, id := on.changeSet, on.stack.id()
	switch {
	case set.Status != setComplete:
		return nil, ErrInvalidChangeSetStatus.Withf("ChangeSet [%s] cannot be executed in its current status of [%s]", on.arn(), set.Status) // [C074]
	case set.ExecutionStatus != setAvailable:
		return nil, ErrInvalidChangeSetStatus.Withf("ChangeSet [%s] cannot be executed in its current execution status of [%s]", on.arn(), set.ExecutionStatus)
	}
	d, err := s.deploymentOf(ctx, on)
	if err != nil {
		return nil, err
	}
	prepared, err := s.reopen(ctx, id, d)
	if err != nil {
		return nil, err
	}
	calls, err := s.callsFor(ctx, id, d.Role)
	if err != nil {
		return nil, err
	}
	creating := on.stack.Status == reviewInProgress
	kind := "UPDATE_STACK"
	if creating {
		kind = "CREATE_STACK"
	}
	op := s.operation(ctx, kind, in.ClientRequestToken, d.Role)
	stack, err := s.beginChangeSet(ctx, on, in, prepared, op, creating)
	if err != nil {
		return nil, err
	}
	if creating {
		err = s.runCreation(ctx, stack, prepared, calls)
	} else {
		err = s.runUpdate(ctx, stack, prepared, calls)
	}
	if err != nil {
		return nil, err
	}
	return &ExecuteChangeSetOutput{}, s.endChangeSet(context.WithoutCancel(ctx), id, set)
}

func (s *Service) beginChangeSet(ctx context.Context, on *changeSetTarget, in *ExecuteChangeSetInput, prepared *ready, op operationRecord, creating bool) (*stackRecord, error) {
	set := on.changeSet
	change := func(tx store.Tx, stack *stackRecord) {
		disable := value(in.DisableRollback)
		stack.ChangeSet, stack.RetainExceptOnCreate, stack.DisableRollback = on.arn(), in.RetainExceptOnCreate, disable
		stack.OnFailure = set.OnStackFailure
		if disable {
			stack.OnFailure = doNothing
		}
		s.overtake(tx, stack.id(), on.arn())
		executing := *set
		executing.ExecutionStatus = setExecuting
		s.changeSets.Put(tx, stack.id().below(set.UUID), &executing)
	}
	if !creating {
		return s.beginUpdate(ctx, on.stack, prepared, op, change)
	}
	return s.begin(ctx, op, on.stack, func(tx store.Tx, stack *stackRecord) error {
		stack.Current, stack.Updated = prepared.ID, s.clock.Now() // [C051]
		change(tx, stack)
		s.turn(tx, stack, createInProgress, userInitiated)
		return nil
	})
}

// endChangeSet notes what became of the execution of a change set [C073].
func (s *Service) endChangeSet(ctx context.Context, id stackID, set *changeSetRecord) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		c := s.changeSets.Edit(tx, id.below(set.UUID))
		stack := s.stacks.Get(tx, id.key())
		if c == nil || stack == nil {
			return nil
		}
		c.ExecutionStatus = setExecuteFailed
		if stack.Status == createComplete || stack.Status == updateComplete {
			c.ExecutionStatus = setExecuted
		}
		s.changeSets.Put(tx, id.below(set.UUID), c)
		return nil
	})
}

// DeleteChangeSetInput is the input of DeleteChangeSet.
type DeleteChangeSetInput struct {
	ChangeSetName string `check:"required,min=1,max=1600" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*"`
	StackName     string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
}

// DeleteChangeSetOutput is the output of DeleteChangeSet.
type DeleteChangeSetOutput struct {
	_ struct{} `out:"result"`
}

// DeleteChangeSet forgets a change set; its stack stays [C087]. One that a stack does not
// have is deleted already [C086].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html.
func (s *Service) DeleteChangeSet(ctx context.Context, in *DeleteChangeSetInput) (*DeleteChangeSetOutput, error) {
	return api.Do(ctx, in, s.deleteChangeSetTarget, s.deleteChangeSet)
}

func (s *Service) deleteChangeSetTarget(ctx context.Context, in *DeleteChangeSetInput) (api.Target, *changeSetTarget, error) {
	target, on, err := s.resolveChangeSet(ctx, in.StackName, in.ChangeSetName)
	if on != nil {
		target.Missing = nil
	}
	return target, on, err
}

func (s *Service) deleteChangeSet(ctx context.Context, on *changeSetTarget, _ *DeleteChangeSetInput) (*DeleteChangeSetOutput, error) {
	if on.changeSet == nil {
		return &DeleteChangeSetOutput{}, nil
	}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		id := on.stack.id()
		c := s.changeSets.Get(tx, id.below(on.changeSet.UUID))
		switch {
		case c == nil:
			return nil
		case c.ExecutionStatus == setExecuting:
			return ErrInvalidChangeSetStatus.Withf("ChangeSet [%s] cannot be deleted in its current execution status of [%s]", on.arn(), c.ExecutionStatus)
		}
		s.dropChangeSet(tx, id, c)
		stack := s.stacks.Get(tx, id.key())
		if stack != nil && stack.Current != c.Deployment && stack.Stable != c.Deployment {
			s.deployments.Delete(tx, id.below(c.Deployment))
		}
		return nil
	})
	return &DeleteChangeSetOutput{}, err
}
