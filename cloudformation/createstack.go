package cloudformation

import (
	"context"
	"iter"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateStackInput is the input of CreateStack.
type CreateStackInput struct {
	StackName                   string `check:"required,min=1,max=128" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	TemplateBody                string `check:"min=1,max=51200" trail:"omit"`
	TemplateURL                 string `check:"min=1,max=5120"`
	Parameters                  []Parameter
	DisableRollback             *bool
	RollbackConfiguration       *RollbackConfiguration
	TimeoutInMinutes            *int32   `check:"min=1"`
	NotificationARNs            []string `check:"max=5"`
	Capabilities                []string `itemenum:"CAPABILITY_IAM|CAPABILITY_NAMED_IAM|CAPABILITY_AUTO_EXPAND"`
	ResourceTypes               []string `itemcheck:"min=1,max=256"`
	RoleARN                     string   `check:"min=20,max=2048"`
	OnFailure                   string   `enum:"DO_NOTHING|ROLLBACK|DELETE"`
	StackPolicyBody             string   `check:"min=1,max=16384"`
	StackPolicyURL              string   `check:"min=1,max=5120"`
	Tags                        []Tag    `check:"max=50"`
	ClientRequestToken          string   `check:"min=1,max=128" pattern:"[a-zA-Z0-9][-a-zA-Z0-9]*"`
	EnableTerminationProtection bool
	RetainExceptOnCreate        bool
	DeploymentConfig            *DeploymentConfig
	DisableValidation           bool
}

// CreateStackOutput is the output of CreateStack.
type CreateStackOutput struct {
	StackId     string
	OperationId string
}

// CreateStack makes a stack and everything in it. It is done when it answers; whether it
// has succeeded its status tells.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html.
func (s *Service) CreateStack(ctx context.Context, in *CreateStackInput) (*CreateStackOutput, error) {
	if err := unavailable(in.StackPolicyBody+in.StackPolicyURL, in.RollbackConfiguration); err != nil {
		return nil, err
	}
	onFailure, err := in.onFailure()
	if err == nil {
		err = newName(in.StackName)
	}
	if err != nil {
		return nil, err
	}
	account, region := place(ctx)
	id, done, err := s.newStackID(ctx, account, region, in.StackName, in.ClientRequestToken)
	if err != nil || done != nil {
		return done, err
	}
	prepared, err := s.prepare(ctx, id, &wanted{
		body: in.TemplateBody, url: in.TemplateURL, parameters: in.Parameters, capabilities: in.Capabilities,
		types: in.ResourceTypes, tags: in.Tags, topics: in.NotificationARNs, role: in.RoleARN,
	}, nil)
	if err != nil {
		return nil, err
	}
	calls, err := s.callsFor(ctx, id, in.RoleARN)
	if err != nil {
		return nil, err
	}
	stack := &stackRecord{
		Account: account, Region: region, Name: id.name, UUID: id.uuid, Protected: in.EnableTerminationProtection,
		OnFailure: onFailure, DisableRollback: onFailure == doNothing, RetainExceptOnCreate: in.RetainExceptOnCreate, Timeout: value(in.TimeoutInMinutes),
	}
	if p := parentFrom(ctx); p != nil {
		stack.Parent, stack.Root, stack.Protected = p.stack, p.root, false
	}
	stack, err = s.beginCreation(ctx, stack, prepared, s.operation(ctx, "CREATE_STACK", in.ClientRequestToken, in.RoleARN))
	if err != nil {
		return nil, err
	}
	if err := s.runCreation(ctx, stack, prepared, calls); err != nil {
		return nil, err
	}
	return &CreateStackOutput{StackId: id.arn(), OperationId: stack.Operation.ID}, nil
}

func (s *Service) createStackChecks(ctx context.Context, in *CreateStackInput) ([]api.Check, error) {
	account, region := place(ctx)
	a := asked{templateURL: in.TemplateURL, role: in.RoleARN, types: in.ResourceTypes, tags: in.Tags}
	return checks("cloudformation:CreateStack", api.Target{ARN: s.anyARN(account, region, in.StackName), Account: account, Keys: a.keys}, in.RoleARN), nil
}

// newName refuses the name of a new stack that is an id, or too long [C005].
func newName(name string) error {
	constraint := ""
	switch {
	case strings.Contains(name, ":"):
		constraint = "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
	case len(name) > maxStackName:
		constraint = "Member must have length less than or equal to 128"
	default:
		return nil
	}
	return invalid([]api.Violation{{Member: "StackName", Path: "stackName", Value: name, Shown: true, Constraint: constraint}})
}

// onFailure is what becomes of a stack that cannot be created [C026].
func (in *CreateStackInput) onFailure() (string, error) {
	disabled := in.DisableRollback != nil && *in.DisableRollback || in.DeploymentConfig != nil && in.DeploymentConfig.DisableRollback
	switch {
	case in.OnFailure != "" && in.DisableRollback != nil:
		return "", ErrValidation.With("Either DisableRollback or OnFailure can be specified, not both.")
	case disabled:
		return doNothing, nil
	default:
		return in.OnFailure, nil
	}
}

// unavailable refuses what there is nothing for.
func unavailable(policy string, c *RollbackConfiguration) error {
	switch {
	case policy != "":
		return errNoPolicies
	case c != nil && len(c.RollbackTriggers) > 0:
		return errNoTriggers
	default:
		return nil
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// newStackID is the id of a stack that is to be created: that of one in review, if one has
// the name [C036]. done: a request with the same token has made it already.
func (s *Service) newStackID(ctx context.Context, account, region, name, token string) (id stackID, done *CreateStackOutput, err error) {
	id = stackID{account, region, name, s.ids.UUID()}
	err = s.engine.View(ctx, func(r store.Reader) error {
		there := s.find(r, account, region, name)
		switch {
		case there == nil:
		case there.Status == reviewInProgress:
			id = there.id()
		case token != "" && there.Operation.Token == token && there.Operation.Kind == "CREATE_STACK":
			done = &CreateStackOutput{StackId: there.arn(), OperationId: there.Operation.ID}
		default:
			return nameTaken(name)
		}
		return nil
	})
	return id, done, err
}

func nameTaken(name string) error { return ErrAlreadyExists.Withf("Stack [%s] already exists", name) }

// callsFor are the calls of a stack's resources.
func (s *Service) callsFor(ctx context.Context, id stackID, role string) (provision.Calls, error) {
	calls, err := s.world.Calls(ctx, id.arn(), role)
	if err != nil {
		failed := ErrValidation.Withf("Role %s is invalid or cannot be assumed", role) // [C043]
		failed.Cause, failed.RequestID = err, api.AsError(err).RequestID
		return nil, failed
	}
	return calls, nil
}

// operation is an operation that the caller of ctx's request asks for.
func (s *Service) operation(ctx context.Context, kind, token, role string) operationRecord {
	r := api.RequestFrom(ctx)
	return operationRecord{ID: s.ids.UUID(), Kind: kind, Token: token, Principal: r.Caller.DisplayName(), BaseURL: r.BaseURL, Role: role}
}

// beginCreation stores a stack that is to be created.
func (s *Service) beginCreation(ctx context.Context, wanted *stackRecord, prepared *ready, op operationRecord) (*stackRecord, error) {
	id := wanted.id()
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		s.purge(tx, id)
		if n := s.names.Get(tx, id.nameKey()); n != nil {
			there := s.stacks.Get(tx, placePrefix(id.account, id.region)+n.UUID)
			if there == nil || there.Status != reviewInProgress || n.UUID != id.uuid {
				return nameTaken(id.name)
			}
			s.overtake(tx, id, "")
		}
		stack := *wanted
		if stack.Created.IsZero() {
			stack.Created = s.clock.Now()
		}
		stack.Status = ""
		stack.began(op)
		stack.Current = prepared.ID
		s.names.Put(tx, id.nameKey(), &nameRecord{UUID: id.uuid})
		s.deployments.Put(tx, id.below(prepared.ID), prepared.deploymentRecord)
		s.turn(tx, &stack, createInProgress, userInitiated)
		s.stacks.Put(tx, id.key(), &stack)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.stackNow(ctx, id)
}

// purge deletes what is left of stacks that are not shown any more [C038].
func (s *Service) purge(tx store.Tx, near stackID) {
	var old []stackID
	for _, stack := range s.stacks.Scan(tx, placePrefix(near.account, near.region), "", store.All) {
		if s.forgotten(stack) {
			old = append(old, stack.id())
		}
	}
	for _, id := range old {
		s.stacks.Delete(tx, id.key())
		for _, key := range keysOf(s.events.Scan(tx, id.below(""), "", store.All)) {
			s.events.Delete(tx, key)
		}
		for _, key := range keysOf(s.deployments.Scan(tx, id.below(""), "", store.All)) {
			s.deployments.Delete(tx, key)
		}
		s.dropChangeSets(tx, id, func(*changeSetRecord) bool { return true })
	}
}

// keysOf are the keys of a scan, which is then over.
func keysOf[T any](records iter.Seq2[string, *T]) (keys []string) {
	for key := range records {
		keys = append(keys, key)
	}
	return keys
}

// userInitiated is the reason with which operations begin [C010].
const userInitiated = "User Initiated"

// stackNow is the record of a stack that there is.
func (s *Service) stackNow(ctx context.Context, id stackID) (stack *stackRecord, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		stack = s.stacks.Get(r, id.key())
		return nil
	})
	if err == nil && stack == nil {
		err = errGone
	}
	return stack, err
}

func (s *Service) runCreation(ctx context.Context, stack *stackRecord, prepared *ready, calls provision.Calls) error {
	o, err := s.newRun(ctx, stack, prepared.deploymentRecord, calls)
	if err != nil {
		return err
	}
	err = o.carryOut(prepared.instance, true)
	prepared.at = o.at
	return err
}
