package cloudformation

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// pageSize is how many items of a list a call answers [C063].
const pageSize = 100

// Parameter is a template's parameter with its value.
type Parameter struct {
	ParameterKey     string
	ParameterValue   *string `trail:"hide"`
	UsePreviousValue bool    `out:"nonzero"`
	ResolvedValue    string
}

// Tag is a tag of a stack.
type Tag struct {
	Key   string `check:"required,min=1,max=128"`
	Value string `check:"required,min=1,max=256"`
}

func storedTags(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag(t) })
}

func shownTags(tags []resource.Tag) []Tag {
	shown := make([]Tag, len(tags))
	for i, t := range tags {
		shown[i] = Tag(t)
	}
	return shown
}

// RollbackConfiguration are the alarms that roll a stack back. There are none here.
type RollbackConfiguration struct {
	RollbackTriggers        []RollbackTrigger `check:"max=5"`
	MonitoringTimeInMinutes *int32            `check:"min=0,max=180"`
}

// RollbackTrigger is one of them.
type RollbackTrigger struct {
	Arn  string `check:"required"`
	Type string `check:"required"`
}

// DeploymentConfig is how a deployment is made: all are made at once here.
type DeploymentConfig struct {
	Mode            string `enum:"STANDARD|EXPRESS"`
	DisableRollback bool   `out:"nonzero"`
}

// DescribeStacksInput is the input of DescribeStacks.
type DescribeStacksInput struct {
	StackName string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	NextToken string `check:"min=1,max=1024"`
}

// DescribeStacksOutput is the output of DescribeStacks.
type DescribeStacksOutput struct {
	Stacks    []Stack
	NextToken string
}

// Stack is a stack as it is described [C050].
type Stack struct {
	StackId                     string
	StackName                   string
	ChangeSetId                 string
	Description                 string
	Parameters                  []Parameter
	CreationTime                time.Time
	DeletionTime                time.Time
	LastUpdatedTime             time.Time
	RollbackConfiguration       *RollbackConfiguration
	StackStatus                 string
	StackStatusReason           string
	DisableRollback             bool
	DeploymentConfig            *DeploymentConfig
	NotificationARNs            []string
	TimeoutInMinutes            int32 `out:"nonzero"`
	Capabilities                []string
	Outputs                     []Output
	RoleARN                     string
	Tags                        []Tag
	EnableTerminationProtection *bool
	ParentId                    string
	RootId                      string
	DriftInformation            *StackDriftInformation
	RetainExceptOnCreate        bool `out:"nonzero"`
	DeletionMode                string
	DetailedStatus              string
	LastOperations              []OperationEntry
	AliasName                   string
}

// Output is an output of a stack.
type Output struct {
	OutputKey   string
	OutputValue string `out:"always"`
	Description string
	ExportName  string
}

// StackDriftInformation is whether somebody changed a stack's resources: nobody looks.
type StackDriftInformation struct {
	StackDriftStatus   string
	LastCheckTimestamp time.Time
}

// OperationEntry is an operation on a stack.
type OperationEntry struct {
	OperationType string
	OperationId   string
}

// notChecked is what is said of drift.
const notChecked = "NOT_CHECKED"

// DescribeStacks describes a stack, or all that are not deleted.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html.
func (s *Service) DescribeStacks(ctx context.Context, in *DescribeStacksInput) (*DescribeStacksOutput, error) {
	return api.Do(ctx, in, s.describeStacksTarget, s.describeStacks)
}

func (s *Service) describeStacksTarget(ctx context.Context, in *DescribeStacksInput) (api.Target, *stackRecord, error) {
	if in.StackName == "" {
		target, err := onAnyStack(ctx, in)
		return target, nil, err
	}
	return s.resolveStack(ctx, in.StackName, stackIDMissing)
}

func (s *Service) describeStacks(ctx context.Context, on *stackRecord, in *DescribeStacksInput) (*DescribeStacksOutput, error) {
	out := &DescribeStacksOutput{}
	err := s.engine.View(ctx, func(r store.Reader) error {
		if on != nil {
			out.Stacks = []Stack{s.described(ctx, r, on)}
			return nil
		}
		page, next, err := s.stackPage(ctx, r, in.NextToken, func(stack *stackRecord) bool { return !stack.gone() })
		out.Stacks, out.NextToken = make([]Stack, len(page)), next
		for i, stack := range page {
			out.Stacks[i] = s.described(ctx, r, stack)
		}
		return err
	})
	return out, err
}

// stackPage is a page of the caller's stacks, the newest first.
func (s *Service) stackPage(ctx context.Context, r store.Reader, token string, wanted func(*stackRecord) bool) (page []*stackRecord, next string, err error) {
	account, region := place(ctx)
	var all []*stackRecord
	for _, stack := range s.stacks.Scan(r, placePrefix(account, region), "", store.All) {
		if !s.forgotten(stack) && wanted(stack) {
			all = append(all, stack)
		}
	}
	page, next, valid := resource.Page(all, newestFirst, token, pageSize)
	if !valid {
		return nil, "", errToken
	}
	return page, next, nil
}

// newestFirst orders stacks by when they were made.
func newestFirst(stack *stackRecord) string {
	return descending(stack.Created) + stack.UUID
}

// described is a stack as the caller of ctx's request sees it.
func (s *Service) described(ctx context.Context, r store.Reader, stack *stackRecord) Stack {
	described := Stack{
		StackId: stack.arn(), StackName: stack.Name, CreationTime: stack.Created, LastUpdatedTime: stack.Updated, DeletionTime: stack.Deleted,
		StackStatus: stack.Status, StackStatusReason: stack.Reason, DisableRollback: stack.DisableRollback, TimeoutInMinutes: stack.Timeout,
		NotificationARNs: []string{}, RollbackConfiguration: &RollbackConfiguration{}, Tags: []Tag{},
		ParentId: stack.Parent, RootId: stack.Root, RetainExceptOnCreate: stack.RetainExceptOnCreate, DeletionMode: stack.DeletionMode,
		DriftInformation: &StackDriftInformation{StackDriftStatus: notChecked}, LastOperations: shownOperations(stack),
	}
	if !stack.gone() { // [C052]
		described.ChangeSetId, described.EnableTerminationProtection = stack.ChangeSet, &stack.Protected
	}
	for _, o := range stack.Outputs {
		described.Outputs = append(described.Outputs, Output{OutputKey: o.Key, OutputValue: shown(ctx, o.Value), Description: o.Description, ExportName: o.Export})
	}
	d := s.deployments.Get(r, stack.id().below(stack.Current))
	if d == nil { // a stack in review has neither tags nor a description yet [C053]
		return described
	}
	described.Description, described.RoleARN, described.Tags, described.Capabilities = d.Description, d.Role, shownTags(d.Tags), d.Capabilities
	described.Parameters = shownParameters(ctx, d.Parameters)
	if d.Topics != nil {
		described.NotificationARNs = d.Topics
	}
	return described
}

func shownOperations(stack *stackRecord) []OperationEntry {
	var all []OperationEntry
	for _, o := range stack.Operations {
		all = append(all, OperationEntry{OperationType: o.Kind, OperationId: o.ID})
	}
	return all
}

// masked is shown in place of a parameter's value that is not to be seen [C056].
const masked = "****"

func shownParameters(ctx context.Context, parameters []parameterRecord) []Parameter {
	var all []Parameter
	for _, p := range parameters {
		value, resolved := shown(ctx, p.Value), p.Resolved
		if p.Secret {
			value, resolved = masked, ""
		}
		all = append(all, Parameter{ParameterKey: p.Key, ParameterValue: &value, ResolvedValue: resolved})
	}
	return all
}

// ListStacksInput is the input of ListStacks.
type ListStacksInput struct {
	NextToken         string   `check:"min=1,max=1024"`
	StackStatusFilter []string `itemenum:"CREATE_IN_PROGRESS|CREATE_FAILED|CREATE_COMPLETE|ROLLBACK_IN_PROGRESS|ROLLBACK_FAILED|ROLLBACK_COMPLETE|DELETE_IN_PROGRESS|DELETE_FAILED|DELETE_COMPLETE|UPDATE_IN_PROGRESS|UPDATE_COMPLETE_CLEANUP_IN_PROGRESS|UPDATE_COMPLETE|UPDATE_FAILED|UPDATE_ROLLBACK_IN_PROGRESS|UPDATE_ROLLBACK_FAILED|UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS|UPDATE_ROLLBACK_COMPLETE|REVIEW_IN_PROGRESS|IMPORT_IN_PROGRESS|IMPORT_COMPLETE|IMPORT_ROLLBACK_IN_PROGRESS|IMPORT_ROLLBACK_FAILED|IMPORT_ROLLBACK_COMPLETE"`
}

// ListStacksOutput is the output of ListStacks.
type ListStacksOutput struct {
	StackSummaries []StackSummary
	NextToken      string
}

// StackSummary is a stack as it is listed [C062].
type StackSummary struct {
	StackId             string
	StackName           string
	TemplateDescription string
	CreationTime        time.Time
	LastUpdatedTime     time.Time
	DeletionTime        time.Time
	StackStatus         string
	StackStatusReason   string
	ParentId            string
	RootId              string
	DriftInformation    *StackDriftInformationSummary
	LastOperations      []OperationEntry
}

// StackDriftInformationSummary is StackDriftInformation in a list.
type StackDriftInformationSummary struct {
	StackDriftStatus   string
	LastCheckTimestamp time.Time
}

// ListStacks lists the caller's stacks, deleted ones among them.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html.
func (s *Service) ListStacks(ctx context.Context, in *ListStacksInput) (*ListStacksOutput, error) {
	out := &ListStacksOutput{}
	err := s.engine.View(ctx, func(r store.Reader) error {
		page, next, err := s.stackPage(ctx, r, in.NextToken, func(stack *stackRecord) bool {
			return len(in.StackStatusFilter) == 0 || slices.Contains(in.StackStatusFilter, stack.Status)
		})
		out.StackSummaries, out.NextToken = make([]StackSummary, len(page)), next
		for i, stack := range page {
			d := s.described(ctx, r, stack)
			out.StackSummaries[i] = StackSummary{
				StackId: d.StackId, StackName: d.StackName, TemplateDescription: d.Description, CreationTime: d.CreationTime,
				LastUpdatedTime: d.LastUpdatedTime, DeletionTime: d.DeletionTime, StackStatus: d.StackStatus,
				StackStatusReason: d.StackStatusReason, ParentId: d.ParentId, RootId: d.RootId,
				DriftInformation: &StackDriftInformationSummary{StackDriftStatus: notChecked}, LastOperations: d.LastOperations,
			}
		}
		return err
	})
	return out, err
}

// UpdateTerminationProtectionInput is the input of UpdateTerminationProtection.
type UpdateTerminationProtectionInput struct {
	EnableTerminationProtection bool   `check:"required"`
	StackName                   string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
}

func (in *UpdateTerminationProtectionInput) stack() string { return in.StackName }

// UpdateTerminationProtectionOutput is the output of UpdateTerminationProtection.
type UpdateTerminationProtectionOutput struct {
	StackId string
}

// UpdateTerminationProtection says whether a stack may be deleted [C041] [C042].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html.
func (s *Service) UpdateTerminationProtection(ctx context.Context, in *UpdateTerminationProtectionInput) (*UpdateTerminationProtectionOutput, error) {
	return api.Do(ctx, in, onStack(s, (*UpdateTerminationProtectionInput).stack, stackMissing), s.updateTerminationProtection)
}

func (s *Service) updateTerminationProtection(ctx context.Context, on *stackRecord, in *UpdateTerminationProtectionInput) (*UpdateTerminationProtectionOutput, error) {
	switch {
	case on.gone():
		return nil, stackMissing(in.StackName)
	case on.Parent != "":
		return nil, ErrValidation.With("Cannot change termination protection on a nested stack; do it on its root stack.")
	}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, on, stackMissing(in.StackName)); err != nil {
			return err
		}
		stack := s.stacks.Edit(tx, on.id().key())
		stack.Protected = in.EnableTerminationProtection
		s.stacks.Put(tx, on.id().key(), stack)
		return nil
	})
	return &UpdateTerminationProtectionOutput{StackId: on.arn()}, err
}

// GetStackPolicyInput is the input of GetStackPolicy.
type GetStackPolicyInput struct {
	StackName string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
}

func (in *GetStackPolicyInput) stack() string { return in.StackName }

// GetStackPolicyOutput is the output of GetStackPolicy.
type GetStackPolicyOutput struct {
	StackPolicyBody string
}

// GetStackPolicy answers that a stack has no policy: there are none here.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetStackPolicy.html.
func (s *Service) GetStackPolicy(ctx context.Context, in *GetStackPolicyInput) (*GetStackPolicyOutput, error) {
	return api.Do(ctx, in, onStack(s, (*GetStackPolicyInput).stack, stackMissing), s.getStackPolicy)
}

func (s *Service) getStackPolicy(context.Context, *stackRecord, *GetStackPolicyInput) (*GetStackPolicyOutput, error) {
	return &GetStackPolicyOutput{}, nil
}
