package cloudformation

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/store"
)

// UpdateStackInput is the input of UpdateStack.
type UpdateStackInput struct {
	StackName                   string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	TemplateBody                string `check:"min=1,max=51200" trail:"omit"`
	TemplateURL                 string `check:"min=1,max=5120"`
	UsePreviousTemplate         bool
	StackPolicyDuringUpdateBody string `check:"min=1,max=16384"`
	StackPolicyDuringUpdateURL  string `check:"min=1,max=5120"`
	Parameters                  []Parameter
	Capabilities                []string `itemenum:"CAPABILITY_IAM|CAPABILITY_NAMED_IAM|CAPABILITY_AUTO_EXPAND"`
	ResourceTypes               []string `itemcheck:"min=1,max=256"`
	RoleARN                     string   `check:"min=20,max=2048"`
	RollbackConfiguration       *RollbackConfiguration
	StackPolicyBody             string   `check:"min=1,max=16384"`
	StackPolicyURL              string   `check:"min=1,max=5120"`
	NotificationARNs            []string `check:"max=5"`
	Tags                        []Tag    `check:"max=50"`
	DisableRollback             bool
	ClientRequestToken          string `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
	RetainExceptOnCreate        bool
	DeploymentConfig            *DeploymentConfig
	DisableValidation           bool
}

// UpdateStackOutput is the output of UpdateStack.
type UpdateStackOutput struct {
	StackId     string
	OperationId string
}

// UpdateStack makes a stack what another template, or other parameters, say. It is done
// when it answers.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html.
func (s *Service) UpdateStack(ctx context.Context, in *UpdateStackInput) (*UpdateStackOutput, error) {
	return api.DoChecks(ctx, in, s.updateStackChecks, s.updateStack)
}

func (s *Service) updateStackChecks(ctx context.Context, in *UpdateStackInput) ([]api.Check, *stackRecord, error) {
	target, stack, err := s.resolveStack(ctx, in.StackName, stackMissing)
	a := asked{templateURL: in.TemplateURL, role: in.RoleARN, types: in.ResourceTypes, tags: in.Tags}
	target.Keys = a.keys
	return checks("cloudformation:UpdateStack", target, in.RoleARN), stack, err
}

func (s *Service) updateStack(ctx context.Context, on *stackRecord, in *UpdateStackInput) (*UpdateStackOutput, error) {
	if err := unavailable(in.StackPolicyBody+in.StackPolicyURL+in.StackPolicyDuringUpdateBody+in.StackPolicyDuringUpdateURL, in.RollbackConfiguration); err != nil {
		return nil, err
	}
	if done := repeated(on, "UPDATE_STACK", in.ClientRequestToken); done != "" {
		return &UpdateStackOutput{StackId: on.arn(), OperationId: done}, nil
	}
	if err := cannotUpdate(on); err != nil {
		return nil, err
	}
	current, err := s.deploymentOf(ctx, &changeSetTarget{stack: on})
	if err != nil {
		return nil, err
	}
	prepared, err := s.prepare(ctx, on.id(), &wanted{
		body: in.TemplateBody, url: in.TemplateURL, previous: in.UsePreviousTemplate, parameters: in.Parameters, capabilities: in.Capabilities,
		types: in.ResourceTypes, tags: in.Tags, topics: in.NotificationARNs, role: in.RoleARN,
	}, current)
	if err != nil {
		return nil, err
	}
	if err := s.mustChange(ctx, on, current, prepared); err != nil {
		return nil, err
	}
	calls, err := s.callsFor(ctx, on.id(), prepared.Role)
	if err != nil {
		return nil, err
	}
	disable := in.DisableRollback || in.DeploymentConfig != nil && in.DeploymentConfig.DisableRollback
	stack, err := s.beginUpdate(ctx, on, prepared, s.operation(ctx, "UPDATE_STACK", in.ClientRequestToken, prepared.Role), func(_ store.Tx, stack *stackRecord) {
		stack.ChangeSet, stack.DisableRollback, stack.RetainExceptOnCreate = "", disable, in.RetainExceptOnCreate
	})
	if err != nil {
		return nil, err
	}
	if err := s.runUpdate(ctx, stack, prepared, calls); err != nil {
		return nil, err
	}
	return &UpdateStackOutput{StackId: on.arn(), OperationId: stack.Operation.ID}, nil
}

// repeated is the operation that a request with the same token has begun already; empty:
// there is none.
func repeated(stack *stackRecord, kind, token string) string {
	if token != "" && stack.Operation.Token == token && stack.Operation.Kind == kind {
		return stack.Operation.ID
	}
	return ""
}

// mustChange refuses an update that would change nothing [C033].
func (s *Service) mustChange(ctx context.Context, on *stackRecord, current *deploymentRecord, prepared *ready) error {
	if prepared.Processed != "" {
		return nil // what a transform made counts as changed
	}
	p, err := s.foresee(ctx, on, current, prepared)
	if err != nil {
		return err
	}
	if !p.changes() {
		return errNoUpdates
	}
	return nil
}

// beginUpdate notes that an update begins.
func (s *Service) beginUpdate(ctx context.Context, on *stackRecord, prepared *ready, op operationRecord, change func(store.Tx, *stackRecord)) (*stackRecord, error) {
	return s.begin(ctx, op, on, func(tx store.Tx, stack *stackRecord) error {
		if err := cannotUpdate(on); err != nil {
			return err
		}
		if stack.Stable == "" || stack.Status != updateFailed {
			stack.Stable = stack.Current
		}
		stack.Current, stack.Updated = prepared.ID, s.clock.Now()
		s.deployments.Put(tx, stack.id().below(prepared.ID), prepared.deploymentRecord)
		s.overtake(tx, stack.id(), stack.ChangeSet)
		change(tx, stack)
		s.turn(tx, stack, updateInProgress, userInitiated)
		return nil
	})
}

func (s *Service) runUpdate(ctx context.Context, stack *stackRecord, prepared *ready, calls provision.Calls) error {
	o, err := s.newRun(ctx, stack, prepared.deploymentRecord, calls)
	if err != nil {
		return err
	}
	err = o.carryOut(prepared.instance, false)
	prepared.at = o.at
	return err
}
