package cloudformation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// ListChangeSetsInput is the input of ListChangeSets.
type ListChangeSetsInput struct {
	StackName string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	NextToken string `check:"min=1,max=1024"`
}

func (in *ListChangeSetsInput) stack() string { return in.StackName }

// ListChangeSetsOutput is the output of ListChangeSets.
type ListChangeSetsOutput struct {
	Summaries []ChangeSetSummary
	NextToken string
}

// ChangeSetSummary is a change set in a list [C088].
type ChangeSetSummary struct {
	StackId                 string
	StackName               string
	ChangeSetId             string
	ChangeSetName           string
	ExecutionStatus         string
	Status                  string
	StatusReason            string
	CreationTime            time.Time
	Description             string
	IncludeNestedStacks     bool
	ParentChangeSetId       string
	RootChangeSetId         string
	ImportExistingResources bool `out:"nonzero"`
}

// ListChangeSets lists a stack's change sets that wait to be executed.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html.
func (s *Service) ListChangeSets(ctx context.Context, in *ListChangeSetsInput) (*ListChangeSetsOutput, error) {
	return api.Do(ctx, in, onStack(s, (*ListChangeSetsInput).stack, stackMissing), s.listChangeSets)
}

func (s *Service) listChangeSets(ctx context.Context, on *stackRecord, in *ListChangeSetsInput) (*ListChangeSetsOutput, error) {
	var waiting []*changeSetRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		waiting = nil
		for _, c := range s.changeSets.Scan(r, on.id().below(""), "", store.All) {
			if !c.executed() {
				waiting = append(waiting, c)
			}
		}
		return nil
	})
	page, next, valid := resource.Page(waiting, func(c *changeSetRecord) string { return descending(c.Created) + c.UUID }, in.NextToken, pageSize)
	if !valid {
		return nil, errToken
	}
	out := &ListChangeSetsOutput{Summaries: make([]ChangeSetSummary, len(page)), NextToken: next}
	for i, c := range page {
		out.Summaries[i] = ChangeSetSummary{
			StackId: on.arn(), StackName: on.Name, ChangeSetId: on.id().changeSetARN(c), ChangeSetName: c.Name, ExecutionStatus: c.ExecutionStatus,
			Status: c.Status, StatusReason: c.Reason, CreationTime: c.Created, Description: c.Description, IncludeNestedStacks: c.IncludeNested,
			ImportExistingResources: c.ImportExisting,
		}
	}
	return out, err
}

// DescribeChangeSetInput is the input of DescribeChangeSet.
type DescribeChangeSetInput struct {
	ChangeSetName         string `check:"required,min=1,max=1600" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*"`
	StackName             string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	NextToken             string `check:"min=1,max=1024"`
	IncludePropertyValues bool
}

func (in *DescribeChangeSetInput) changeSet() (stack, name string) {
	return in.StackName, in.ChangeSetName
}

// DescribeChangeSetOutput is the output of DescribeChangeSet [C078].
type DescribeChangeSetOutput struct {
	ChangeSetName           string
	ChangeSetId             string
	StackId                 string
	StackName               string
	Description             string
	Parameters              []Parameter
	CreationTime            time.Time
	ExecutionStatus         string
	Status                  string
	StatusReason            string
	StackDriftStatus        string
	NotificationARNs        []string
	RollbackConfiguration   *RollbackConfiguration
	Capabilities            []string
	Tags                    []Tag
	Changes                 []Change
	NextToken               string
	IncludeNestedStacks     bool
	ParentChangeSetId       string
	RootChangeSetId         string
	OnStackFailure          string
	ImportExistingResources bool `out:"nonzero"`
	DeploymentMode          string
	DeploymentConfig        *DeploymentConfig
}

// Change is a change that a change set would make.
type Change struct {
	Type                string
	HookInvocationCount *int32
	ResourceChange      *ResourceChange
}

// ResourceChange is the change of a resource [C079]-[C082].
type ResourceChange struct {
	PolicyAction                   string
	Action                         string
	LogicalResourceId              string
	PhysicalResourceId             string
	ResourceType                   string
	Replacement                    string
	Scope                          []string
	ResourceDriftStatus            string
	ResourceDriftIgnoredAttributes []ResourceDriftIgnoredAttribute
	Details                        []ResourceChangeDetail
	ChangeSetId                    string
	ModuleInfo                     *ModuleInfo
	BeforeContext                  string
	AfterContext                   string
	PreviousDeploymentContext      string
}

// ResourceDriftIgnoredAttribute is an attribute whose drift does not count.
type ResourceDriftIgnoredAttribute struct {
	Path   string
	Reason string
}

// ResourceChangeDetail is why a resource changes.
type ResourceChangeDetail struct {
	Target        *ResourceTargetDefinition
	Evaluation    string
	ChangeSource  string
	CausingEntity string
}

// ResourceTargetDefinition is what of a resource changes.
type ResourceTargetDefinition struct {
	Attribute           string
	Name                string
	RequiresRecreation  string
	Path                string
	BeforeValue         string
	AfterValue          string
	BeforeValueFrom     string
	AfterValueFrom      string
	Drift               *LiveResourceDrift
	AttributeChangeType string
}

// LiveResourceDrift is how a resource differs from its template.
type LiveResourceDrift struct {
	PreviousValue           string
	ActualValue             string
	DriftDetectionTimestamp time.Time
}

// DescribeChangeSet says what a change set would do.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html.
func (s *Service) DescribeChangeSet(ctx context.Context, in *DescribeChangeSetInput) (*DescribeChangeSetOutput, error) {
	return api.Do(ctx, in, onChangeSet(s, (*DescribeChangeSetInput).changeSet), s.describeChangeSet)
}

func (s *Service) describeChangeSet(ctx context.Context, on *changeSetTarget, in *DescribeChangeSetInput) (*DescribeChangeSetOutput, error) {
	c := on.changeSet
	out := &DescribeChangeSetOutput{
		ChangeSetName: c.Name, ChangeSetId: on.arn(), StackId: on.stack.arn(), StackName: on.stack.Name, Description: c.Description,
		CreationTime: c.Created, ExecutionStatus: c.ExecutionStatus, Status: c.Status, StatusReason: c.Reason, Capabilities: []string{},
		NotificationARNs: []string{}, RollbackConfiguration: &RollbackConfiguration{}, IncludeNestedStacks: c.IncludeNested,
		OnStackFailure: c.OnStackFailure, ImportExistingResources: c.ImportExisting, DeploymentMode: c.DeploymentMode,
	}
	d, err := s.deploymentOf(ctx, on)
	if err != nil {
		return nil, err
	}
	if d != nil {
		out.Parameters = shownParameters(ctx, d.Parameters)
		if d.Topics != nil {
			out.NotificationARNs = d.Topics
		}
		if d.Capabilities != nil {
			out.Capabilities = d.Capabilities
		}
		if len(d.Tags) > 0 {
			out.Tags = shownTags(d.Tags)
		}
	}
	changes := c.Outline
	if in.IncludePropertyValues {
		changes, out.StatusReason = c.Changes, cmp.Or(c.Reason, c.Warning)
	}
	page, next, valid := resource.Page(changes, func(c ResourceChange) string { return c.LogicalResourceId }, in.NextToken, pageSize)
	if !valid {
		return nil, errToken
	}
	out.Changes, out.NextToken = make([]Change, len(page)), next
	for i, change := range page {
		change = asShown(ctx, change)
		out.Changes[i] = Change{Type: "Resource", ResourceChange: &change}
	}
	return out, nil
}

// asShown is a stored change as the caller of ctx's request sees it.
func asShown(ctx context.Context, c ResourceChange) ResourceChange {
	c.PhysicalResourceId, c.BeforeContext, c.AfterContext = shown(ctx, c.PhysicalResourceId), shown(ctx, c.BeforeContext), shown(ctx, c.AfterContext)
	c.Details = slices.Clone(c.Details)
	for i := range c.Details {
		target := *c.Details[i].Target
		target.BeforeValue, target.AfterValue = shown(ctx, target.BeforeValue), shown(ctx, target.AfterValue)
		c.Details[i].Target = &target
	}
	return c
}
