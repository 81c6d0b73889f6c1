package cloudformation

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
)

// The states of change sets [C073].
const (
	setFailed        = "FAILED"
	setComplete      = "CREATE_COMPLETE"
	setUnavailable   = "UNAVAILABLE"
	setAvailable     = "AVAILABLE"
	setExecuting     = "EXECUTE_IN_PROGRESS"
	setExecuted      = "EXECUTE_COMPLETE"
	setExecuteFailed = "EXECUTE_FAILED"
	setObsolete      = "OBSOLETE"
)

// changeSetTarget is what a call about a change set acts on.
type changeSetTarget struct {
	stack *stackRecord
	// changeSet is nil where the call is about the stack alone.
	changeSet *changeSetRecord
}

func (t *changeSetTarget) arn() string { return t.stack.id().changeSetARN(t.changeSet) }

// onChangeSet resolves an input to the change set that it names.
func onChangeSet[In any](s *Service, names func(In) (stack, changeSet string)) func(context.Context, In) (api.Target, *changeSetTarget, error) {
	return func(ctx context.Context, in In) (api.Target, *changeSetTarget, error) {
		stack, changeSet := names(in)
		return s.resolveChangeSet(ctx, stack, changeSet)
	}
}

// resolveChangeSet finds a change set, and the target of a call about it: its stack [C086].
func (s *Service) resolveChangeSet(ctx context.Context, stack, name string) (target api.Target, on *changeSetTarget, err error) {
	uuid := ""
	if a, err := arn.Parse(name); err == nil {
		if parts := strings.Split(a.Resource, "/"); len(parts) == 3 && parts[0] == "changeSet" {
			uuid = parts[2]
		}
	}
	if uuid == "" && stack == "" {
		return target, nil, errChangeSetStack
	}
	account, region := place(ctx)
	if stack == "" {
		err := s.engine.View(ctx, func(r store.Reader) error {
			stack = "*"
			if n := s.sets.Get(r, placePrefix(account, region)+uuid); n != nil {
				if of := s.stacks.Get(r, placePrefix(account, region)+n.UUID); of != nil {
					stack = of.arn()
				}
			}
			return nil
		})
		if err != nil {
			return target, nil, err
		}
	}
	target, of, err := s.resolveStack(ctx, stack, stackMissing)
	target.Keys = (&asked{changeSet: name}).keys
	if stack == "*" {
		target.Missing = changeSetMissing(name)
	}
	if err != nil || of == nil {
		return target, nil, err
	}
	on = &changeSetTarget{stack: of}
	err = s.engine.View(ctx, func(r store.Reader) error {
		on.changeSet = nil
		for _, c := range s.changeSets.Scan(r, of.id().below(""), "", store.All) {
			if uuid != "" && c.UUID == uuid || uuid == "" && c.Name == name && !c.executed() {
				on.changeSet = c
			}
		}
		return nil
	})
	if on.changeSet == nil {
		target.Missing = changeSetMissing(name)
	}
	return target, on, err
}

// executed reports whether the change set was executed, and gave up its name.
func (c *changeSetRecord) executed() bool { return strings.HasPrefix(c.ExecutionStatus, "EXECUTE") }

// CreateChangeSetInput is the input of CreateChangeSet.
type CreateChangeSetInput struct {
	StackName               string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	TemplateBody            string `check:"min=1,max=51200" trail:"omit"`
	TemplateURL             string `check:"min=1,max=5120"`
	UsePreviousTemplate     bool
	Parameters              []Parameter
	Capabilities            []string `itemenum:"CAPABILITY_IAM|CAPABILITY_NAMED_IAM|CAPABILITY_AUTO_EXPAND"`
	ResourceTypes           []string `itemcheck:"min=1,max=256"`
	RoleARN                 string   `check:"min=20,max=2048"`
	RollbackConfiguration   *RollbackConfiguration
	NotificationARNs        []string           `check:"max=5"`
	Tags                    []Tag              `check:"max=50"`
	ChangeSetName           string             `check:"required,min=1,max=128" pattern:"[a-zA-Z][-a-zA-Z0-9]*"`
	ClientToken             string             `check:"min=1,max=128"`
	Description             string             `check:"min=1,max=1024"`
	ChangeSetType           string             `enum:"CREATE|UPDATE|IMPORT"`
	ResourcesToImport       []ResourceToImport `check:"max=200"`
	IncludeNestedStacks     bool
	OnStackFailure          string `enum:"DO_NOTHING|ROLLBACK|DELETE"`
	ImportExistingResources bool
	DeploymentMode          string `enum:"REVERT_DRIFT"`
	DeploymentConfig        *DeploymentConfig
	DisableValidation       bool
}

// ResourceToImport is a resource that is there already and would become a stack's.
type ResourceToImport struct {
	ResourceType       string            `check:"required,min=1,max=256"`
	LogicalResourceId  string            `check:"required"`
	ResourceIdentifier map[string]string `check:"required"`
}

// CreateChangeSetOutput is the output of CreateChangeSet.
type CreateChangeSetOutput struct {
	Id      string
	StackId string
}

// CreateChangeSet keeps what a deployment would do, to be looked at and carried out later
// [C070].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html.
func (s *Service) CreateChangeSet(ctx context.Context, in *CreateChangeSetInput) (*CreateChangeSetOutput, error) {
	if err := unavailable("", in.RollbackConfiguration); err != nil {
		return nil, err
	}
	if in.ChangeSetType == "IMPORT" || len(in.ResourcesToImport) > 0 {
		return nil, errNoImport
	}
	stack, isNew, err := s.changeSetStack(ctx, in)
	if err != nil {
		return nil, err
	}
	id := stack.id()
	current, err := s.deploymentOf(ctx, &changeSetTarget{stack: stack})
	if err != nil {
		return nil, err
	}
	prepared, err := s.prepare(ctx, id, &wanted{
		body: in.TemplateBody, url: in.TemplateURL, previous: in.UsePreviousTemplate, parameters: in.Parameters, capabilities: in.Capabilities,
		types: in.ResourceTypes, tags: in.Tags, topics: in.NotificationARNs, role: in.RoleARN, byChangeSet: true,
	}, current)
	transform, untransformed := errors.AsType[*transformFailed](err)
	if err != nil && !untransformed {
		return nil, err
	}
	set := &changeSetRecord{
		Name: in.ChangeSetName, UUID: s.ids.UUID(), Description: in.Description, Type: cmp.Or(in.ChangeSetType, "UPDATE"), Created: s.clock.Now(),
		Deployment: prepared.ID, IncludeNested: in.IncludeNestedStacks, ImportExisting: in.ImportExistingResources,
		OnStackFailure: in.OnStackFailure, DeploymentMode: in.DeploymentMode, Status: setComplete, ExecutionStatus: setAvailable,
	}
	var found []eventRecord
	if untransformed {
		set.fail(transform.refused.Message)
	} else if found, err = s.fill(ctx, set, stack, current, prepared, !in.DisableValidation); err != nil {
		return nil, err
	}
	op := s.operation(ctx, "CREATE_CHANGESET", in.ClientToken, in.RoleARN)
	if err := s.putChangeSet(ctx, stack, isNew, set, prepared, op, found); err != nil {
		return nil, err
	}
	return &CreateChangeSetOutput{Id: id.changeSetARN(set), StackId: id.arn()}, nil
}

// fail notes that the change set cannot be executed.
func (c *changeSetRecord) fail(reason string) {
	c.Status, c.ExecutionStatus, c.Reason = setFailed, setUnavailable, reason
	c.Changes, c.Outline = nil, nil
}

// fill finds out what a change set would do, and what its validation finds.
func (s *Service) fill(ctx context.Context, set *changeSetRecord, stack *stackRecord, current *deploymentRecord, prepared *ready, validate bool) (found []eventRecord, err error) {
	p, err := s.foresee(ctx, stack, current, prepared)
	if err != nil {
		return nil, err
	}
	set.Changes, set.Warning = p.shown(), p.warning()
	set.Outline = p.outlined(set.Changes)
	if current != nil && !p.changes() {
		set.fail(noChanges)
	}
	if validate {
		found = s.validate(prepared, stack.id().changeSetARN(set))
	}
	if len(found) > 0 {
		set.fail(validationFailed)
	}
	return found, nil
}

const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set." // [C074]

func (s *Service) createChangeSetChecks(ctx context.Context, in *CreateChangeSetInput) ([]api.Check, error) {
	target, _, err := s.resolveStack(ctx, in.StackName, stackMissing)
	target.Missing = nil
	a := asked{templateURL: in.TemplateURL, role: in.RoleARN, types: in.ResourceTypes, tags: in.Tags, changeSet: in.ChangeSetName}
	target.Keys = a.keys
	return checks("cloudformation:CreateChangeSet", target, in.RoleARN), err
}

// changeSetStack is the stack of a new change set, which is new itself where the change
// set is to create it [C070] [C071].
func (s *Service) changeSetStack(ctx context.Context, in *CreateChangeSetInput) (stack *stackRecord, isNew bool, err error) {
	account, region := place(ctx)
	err = s.engine.View(ctx, func(r store.Reader) error {
		stack = s.find(r, account, region, in.StackName)
		return nil
	})
	switch creating := in.ChangeSetType == "CREATE"; {
	case err != nil:
		return nil, false, err
	case creating && stack != nil && stack.Status != reviewInProgress:
		return nil, false, ErrValidation.Withf("Stack [%s] already exists and cannot be created again with the changeSet [%s].", in.StackName, in.ChangeSetName)
	case creating && stack == nil:
		if _, ok := readStackID(in.StackName); ok {
			return nil, false, stackMissing(in.StackName)
		}
		if err := newName(in.StackName); err != nil {
			return nil, false, err
		}
		return &stackRecord{Account: account, Region: region, Name: in.StackName, UUID: s.ids.UUID(), Created: s.clock.Now()}, true, nil
	case creating:
		return stack, false, nil
	case stack == nil || stack.gone() && !strings.HasPrefix(in.StackName, "arn:"):
		return nil, false, stackMissing(in.StackName)
	default:
		return stack, false, cannotUpdate(stack)
	}
}

// putChangeSet stores a change set, with its stack if that is new.
func (s *Service) putChangeSet(ctx context.Context, stack *stackRecord, isNew bool, set *changeSetRecord, prepared *ready, op operationRecord, found []eventRecord) error {
	id := stack.id()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		there := s.stacks.Edit(tx, id.key())
		switch {
		case isNew:
			if s.names.Get(tx, id.nameKey()) != nil {
				return api.ErrChanged
			}
			c := *stack
			there = &c
			there.began(op)
			s.names.Put(tx, id.nameKey(), &nameRecord{UUID: id.uuid})
			s.turn(tx, there, reviewInProgress, userInitiated) // [C011]
		case there == nil || there.Status != stack.Status:
			return api.ErrChanged
		}
		for _, c := range s.changeSets.Scan(tx, id.below(""), "", store.All) {
			switch {
			case c.Name != set.Name || c.executed():
			case c.Status == setFailed:
				s.dropChangeSet(tx, id, c)
			default:
				return ErrAlreadyExists.Withf("ChangeSet %s already exists", set.Name) // [C072]
			}
		}
		set.Operation = op.ID
		if len(found) > 0 {
			telling := *there
			telling.Operation = op
			s.tell(tx, &telling, found...)
		}
		s.stacks.Put(tx, id.key(), there)
		s.deployments.Put(tx, id.below(prepared.ID), prepared.deploymentRecord)
		s.changeSets.Put(tx, id.below(set.UUID), set)
		s.sets.Put(tx, placePrefix(id.account, id.region)+set.UUID, &nameRecord{UUID: id.uuid})
		return nil
	})
}

// The validation before a deployment [C075].
const (
	propertyValidation = "AWS::EarlyValidation::PropertyValidation"
	validationFailed   = "The following hook(s)/validation failed: [" + propertyValidation + "]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."
)

// validate finds what is wrong with the properties of a deployment, and tells it as events
// of a change set [C076].
func (s *Service) validate(prepared *ready, set string) (found []eventRecord) {
	for _, res := range prepared.instance.Resources() {
		kind := resourcetype.Find(res.Type)
		if kind == nil {
			continue
		}
		for _, problem := range kind.Check(res.Properties) {
			found = append(found, eventRecord{
				ID: s.ids.UUID(), LogicalID: res.ID, Type: res.Type, ChangeSet: set,
				Validation: &validationRecord{Name: propertyValidation, Path: "/Resources/" + res.ID + "/Properties" + problem.Path, Reason: problem.Message},
			})
		}
	}
	return found
}

// overtake makes the waiting change sets of a stack obsolete, but for one.
func (s *Service) overtake(tx store.Tx, id stackID, but string) {
	var sets []*changeSetRecord
	for _, c := range s.changeSets.Scan(tx, id.below(""), "", store.All) {
		if id.changeSetARN(c) != but && c.ExecutionStatus == setAvailable {
			sets = append(sets, c)
		}
	}
	for _, c := range sets {
		obsolete := *c
		obsolete.ExecutionStatus = setObsolete
		s.changeSets.Put(tx, id.below(c.UUID), &obsolete)
	}
}

func (s *Service) dropChangeSet(tx store.Tx, id stackID, c *changeSetRecord) {
	s.changeSets.Delete(tx, id.below(c.UUID))
	s.sets.Delete(tx, placePrefix(id.account, id.region)+c.UUID)
}

// dropChangeSets deletes some of a stack's change sets.
func (s *Service) dropChangeSets(tx store.Tx, id stackID, some func(*changeSetRecord) bool) {
	var sets []*changeSetRecord
	for _, c := range s.changeSets.Scan(tx, id.below(""), "", store.All) {
		if some(c) {
			sets = append(sets, c)
		}
	}
	for _, c := range sets {
		s.dropChangeSet(tx, id, c)
	}
}
