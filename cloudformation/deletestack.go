package cloudformation

import (
	"cmp"
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// DeleteStackInput is the input of DeleteStack.
type DeleteStackInput struct {
	StackName          string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	RetainResources    []string
	RoleARN            string `check:"min=20,max=2048"`
	ClientRequestToken string `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
	DeletionMode       string `enum:"STANDARD|FORCE_DELETE_STACK"`
	DeploymentConfig   *DeploymentConfig
}

// DeleteStackOutput is the output of DeleteStack.
type DeleteStackOutput struct{}

// DeleteStack deletes a stack and what it made, in the reverse order [C016]. It is done
// when it answers. A stack that does not exist is deleted already [C040].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html.
func (s *Service) DeleteStack(ctx context.Context, in *DeleteStackInput) (*DeleteStackOutput, error) {
	return api.DoChecks(ctx, in, s.deleteStackChecks, s.deleteStack)
}

func (s *Service) deleteStackChecks(ctx context.Context, in *DeleteStackInput) ([]api.Check, *stackRecord, error) {
	target, stack, err := s.resolveStack(ctx, in.StackName, stackMissing)
	target.Missing = nil
	a := asked{role: in.RoleARN}
	target.Keys = a.keys
	return checks("cloudformation:DeleteStack", target, in.RoleARN), stack, err
}

func (s *Service) deleteStack(ctx context.Context, on *stackRecord, in *DeleteStackInput) (*DeleteStackOutput, error) {
	done := &DeleteStackOutput{}
	if on == nil || on.gone() || on.Status == deleteInProgress {
		return done, nil
	}
	if err := s.deletable(ctx, on, in); err != nil {
		return nil, err
	}
	d, err := s.deploymentOf(ctx, &changeSetTarget{stack: on})
	if err != nil {
		return nil, err
	}
	op := s.operation(ctx, "DELETE_STACK", in.ClientRequestToken, in.RoleARN)
	if d != nil {
		op.Role = cmp.Or(in.RoleARN, d.Role)
	}
	op.Retain = in.RetainResources
	calls, err := s.callsFor(ctx, on.id(), op.Role)
	if err != nil {
		return nil, err
	}
	inUse := false
	stack, err := s.begin(ctx, op, on, func(tx store.Tx, stack *stackRecord) error {
		export, by := s.usedExport(tx, stack)
		if inUse = export != ""; inUse { // nothing but an event tells of it [C191]
			s.turn(tx, stack, stack.Status, "Delete canceled. Cannot delete export "+export+" as it is in use by "+by+".")
			return nil
		}
		stack.DeletionMode = in.DeletionMode
		if on.Status == reviewInProgress {
			s.turn(tx, stack, deleteInProgress, userInitiated)
			s.forget(tx, stack)
			return nil
		}
		s.overtake(tx, stack.id(), "")
		s.turn(tx, stack, deleteInProgress, userInitiated)
		return nil
	})
	if err != nil || inUse || stack.gone() {
		return done, err
	}
	o, err := s.newRun(ctx, stack, d, calls)
	if err != nil {
		return nil, err
	}
	return done, o.finishDeletion(in.RetainResources, in.DeletionMode == forceDelete)
}

// deletable refuses to delete a stack that is protected, or that something else is being
// done with.
func (s *Service) deletable(ctx context.Context, on *stackRecord, in *DeleteStackInput) error {
	protected, err := s.protected(ctx, on)
	switch {
	case err != nil:
		return err
	case protected && parentFrom(ctx) == nil:
		return ErrValidation.Withf("Stack [%s] cannot be deleted while TerminationProtection is enabled", on.Name) // [C041]
	case on.Status != reviewInProgress && strings.HasSuffix(on.Status, "IN_PROGRESS"):
		return ErrValidation.Withf("Stack:%s is in %s state and can not be deleted.", on.arn(), on.Status)
	case len(in.RetainResources) > 0 && on.Status != deleteFailed: // [C025]
		return ErrValidation.Withf("Invalid operation on stack [%s]. When you delete a stack, specify which resources to retain only if it is in the %s state.", on.arn(), deleteFailed)
	case in.DeletionMode == forceDelete && on.Status != deleteFailed:
		return ErrValidation.Withf("Invalid operation on stack [%s]. A stack can be deleted by force only if it is in the %s state.", on.arn(), deleteFailed)
	default:
		return nil
	}
}

// protected reports whether the stack, or the root of its nest, must not be deleted.
func (s *Service) protected(ctx context.Context, on *stackRecord) (yes bool, err error) {
	if on.Root == "" {
		return on.Protected, nil
	}
	id, _ := readStackID(on.Root)
	err = s.engine.View(ctx, func(r store.Reader) error {
		root := s.stacks.Get(r, id.key())
		yes = root != nil && root.Protected && !root.gone()
		return nil
	})
	return yes, err
}
