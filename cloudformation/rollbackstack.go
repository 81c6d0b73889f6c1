package cloudformation

import (
	"cmp"
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// RollbackStackInput is the input of RollbackStack.
type RollbackStackInput struct {
	StackName            string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	RoleARN              string `check:"min=20,max=2048"`
	ClientRequestToken   string `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
	RetainExceptOnCreate bool
	DeploymentConfig     *DeploymentConfig
}

// RollbackStackOutput is the output of RollbackStack.
type RollbackStackOutput struct {
	StackId     string
	OperationId string
}

// RollbackStack rolls back a stack whose creation or update failed with rollback disabled.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html.
func (s *Service) RollbackStack(ctx context.Context, in *RollbackStackInput) (*RollbackStackOutput, error) {
	return api.DoChecks(ctx, in, s.rollbackStackChecks, s.rollbackStack)
}

func (s *Service) rollbackStackChecks(ctx context.Context, in *RollbackStackInput) ([]api.Check, *stackRecord, error) {
	target, stack, err := s.resolveStack(ctx, in.StackName, stackMissing)
	target.Keys = (&asked{role: in.RoleARN}).keys
	return checks("cloudformation:RollbackStack", target, in.RoleARN), stack, err
}

func (s *Service) rollbackStack(ctx context.Context, on *stackRecord, in *RollbackStackInput) (*RollbackStackOutput, error) {
	status := map[string]string{createFailed: rollbackInProgress, updateFailed: updateRollback}[on.Status]
	if status == "" {
		return nil, ErrValidation.Withf("Stack:%s is in %s state and can not be rolled back.", on.arn(), on.Status)
	}
	op := s.operation(ctx, "ROLLBACK", in.ClientRequestToken, in.RoleARN)
	o, err := s.beginRollback(ctx, on, op, status, in.RetainExceptOnCreate)
	if err != nil {
		return nil, err
	}
	if status == rollbackInProgress {
		err = o.rollback()
	} else {
		err = o.unroll(nil)
	}
	return &RollbackStackOutput{StackId: on.arn(), OperationId: op.ID}, err
}

// beginRollback notes that a rollback begins.
func (s *Service) beginRollback(ctx context.Context, on *stackRecord, op operationRecord, status string, exceptOnCreate bool) (*run, error) {
	d, err := s.deploymentOf(ctx, &changeSetTarget{stack: on})
	if err != nil {
		return nil, err
	}
	if d != nil {
		op.Role = cmp.Or(op.Role, d.Role)
	}
	calls, err := s.callsFor(ctx, on.id(), op.Role)
	if err != nil {
		return nil, err
	}
	stack, err := s.begin(ctx, op, on, func(tx store.Tx, stack *stackRecord) error {
		stack.RetainExceptOnCreate = stack.RetainExceptOnCreate || exceptOnCreate
		s.turn(tx, stack, status, userInitiated)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.newRun(ctx, stack, d, calls)
}

// ContinueUpdateRollbackInput is the input of ContinueUpdateRollback.
type ContinueUpdateRollbackInput struct {
	StackName          string   `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	RoleARN            string   `check:"min=20,max=2048"`
	ResourcesToSkip    []string `itempattern:"[a-zA-Z0-9]+|[a-zA-Z][-a-zA-Z0-9]*\\.[a-zA-Z0-9]+"`
	ClientRequestToken string   `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
	ForceRollback      bool
}

// ContinueUpdateRollbackOutput is the output of ContinueUpdateRollback.
type ContinueUpdateRollbackOutput struct {
	_ struct{} `out:"result"`
}

// ContinueUpdateRollback goes on with the rollback of an update that failed. Of resources
// that are skipped nothing is changed.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html.
func (s *Service) ContinueUpdateRollback(ctx context.Context, in *ContinueUpdateRollbackInput) (*ContinueUpdateRollbackOutput, error) {
	return api.DoChecks(ctx, in, s.continueUpdateRollbackChecks, s.continueUpdateRollback)
}

func (s *Service) continueUpdateRollbackChecks(ctx context.Context, in *ContinueUpdateRollbackInput) ([]api.Check, *stackRecord, error) {
	target, stack, err := s.resolveStack(ctx, in.StackName, stackMissing)
	target.Keys = (&asked{role: in.RoleARN}).keys
	return checks("cloudformation:ContinueUpdateRollback", target, in.RoleARN), stack, err
}

func (s *Service) continueUpdateRollback(ctx context.Context, on *stackRecord, in *ContinueUpdateRollbackInput) (*ContinueUpdateRollbackOutput, error) {
	if on.Status != updateRollbackFailed {
		return nil, ErrValidation.Withf("Stack:%s is in %s state and can not continue update rollback.", on.arn(), on.Status)
	}
	op := s.operation(ctx, "CONTINUE_ROLLBACK", in.ClientRequestToken, in.RoleARN)
	op.Retain = in.ResourcesToSkip
	o, err := s.beginRollback(ctx, on, op, updateRollback, false)
	if err != nil {
		return nil, err
	}
	return &ContinueUpdateRollbackOutput{}, o.unroll(in.ResourcesToSkip)
}

// CancelUpdateStackInput is the input of CancelUpdateStack.
type CancelUpdateStackInput struct {
	StackName          string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	ClientRequestToken string `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
}

func (in *CancelUpdateStackInput) stack() string { return in.StackName }

// CancelUpdateStackOutput is the output of CancelUpdateStack.
type CancelUpdateStackOutput struct{}

// CancelUpdateStack would cancel an update. It always comes too late: an update is done
// when its call answers.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html.
func (s *Service) CancelUpdateStack(ctx context.Context, in *CancelUpdateStackInput) (*CancelUpdateStackOutput, error) {
	return api.Do(ctx, in, onStack(s, (*CancelUpdateStackInput).stack, stackMissing), s.cancelUpdateStack)
}

func (s *Service) cancelUpdateStack(context.Context, *stackRecord, *CancelUpdateStackInput) (*CancelUpdateStackOutput, error) {
	return nil, ErrValidation.With("CancelUpdateStack cannot be called from current stack status")
}
