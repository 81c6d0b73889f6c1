package cloudformation

import (
	"cmp"
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// ModuleInfo is the module that a resource is from: there are none.
type ModuleInfo struct {
	TypeHierarchy      string
	LogicalIdHierarchy string
}

// StackResourceDriftInformation is whether somebody changed a resource: nobody looks.
type StackResourceDriftInformation struct {
	StackResourceDriftStatus string
	LastCheckTimestamp       time.Time
}

// shownResource reports whether a resource is listed: one that failed to be made, or is
// deleted, is not [C060].
func shownResource(r *resourceRecord) bool {
	switch r.Status {
	case deleteComplete, "":
		return false
	case createFailed:
		return r.Now != nil && r.Now.ID != ""
	default:
		return true
	}
}

func (r *resourceRecord) physicalID() string {
	if r.Now == nil {
		return ""
	}
	return r.Now.ID
}

// resourcesOf are a stack's resources that are listed, by their names.
func (s *Service) resourcesOf(r store.Reader, stack *stackRecord) []*resourceRecord {
	var all []*resourceRecord
	for _, record := range s.resources.Scan(r, stack.id().below(""), "", store.All) {
		if shownResource(record) {
			all = append(all, record)
		}
	}
	return all
}

// DescribeStackResourceInput is the input of DescribeStackResource.
type DescribeStackResourceInput struct {
	StackName         string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	LogicalResourceId string `check:"required"`
}

func (in *DescribeStackResourceInput) stack() string { return in.StackName }

// DescribeStackResourceOutput is the output of DescribeStackResource.
type DescribeStackResourceOutput struct {
	StackResourceDetail *StackResourceDetail
}

// StackResourceDetail is a resource with its metadata [C059].
type StackResourceDetail struct {
	StackName            string
	StackId              string
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	LastUpdatedTimestamp time.Time
	ResourceStatus       string
	ResourceStatusReason string
	Description          string
	Metadata             string
	DriftInformation     *StackResourceDriftInformation
	ModuleInfo           *ModuleInfo
}

// DescribeStackResource describes a resource of a stack.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html.
func (s *Service) DescribeStackResource(ctx context.Context, in *DescribeStackResourceInput) (*DescribeStackResourceOutput, error) {
	return api.Do(ctx, in, onStack(s, (*DescribeStackResourceInput).stack, quotedMissing), s.describeStackResource)
}

func (s *Service) describeStackResource(ctx context.Context, on *stackRecord, in *DescribeStackResourceInput) (*DescribeStackResourceOutput, error) {
	var found *resourceRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		found = s.resources.Get(r, on.id().below(in.LogicalResourceId))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found == nil || !shownResource(found) {
		return nil, resourceMissing(in.LogicalResourceId, on.Name)
	}
	return &DescribeStackResourceOutput{StackResourceDetail: &StackResourceDetail{
		StackName: on.Name, StackId: on.arn(), LogicalResourceId: found.LogicalID, PhysicalResourceId: shown(ctx, found.physicalID()), ResourceType: found.Type,
		LastUpdatedTimestamp: found.Updated, ResourceStatus: found.Status, ResourceStatusReason: shown(ctx, found.Reason), Description: found.Description,
		Metadata:         shown(ctx, cmp.Or(found.Metadata, "{}")),
		DriftInformation: &StackResourceDriftInformation{StackResourceDriftStatus: notChecked},
	}}, nil
}

// DescribeStackResourcesInput is the input of DescribeStackResources.
type DescribeStackResourcesInput struct {
	StackName          string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	LogicalResourceId  string
	PhysicalResourceId string
}

// DescribeStackResourcesOutput is the output of DescribeStackResources.
type DescribeStackResourcesOutput struct {
	StackResources []StackResource
}

// StackResource is a resource of a stack [C058].
type StackResource struct {
	StackName            string
	StackId              string
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	Timestamp            time.Time
	ResourceStatus       string
	ResourceStatusReason string
	Description          string
	DriftInformation     *StackResourceDriftInformation
	ModuleInfo           *ModuleInfo
}

// DescribeStackResources describes the resources of a stack: of the one that is named, or
// to which a physical resource belongs [C061].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html.
func (s *Service) DescribeStackResources(ctx context.Context, in *DescribeStackResourcesInput) (*DescribeStackResourcesOutput, error) {
	return api.Do(ctx, in, s.describeStackResourcesTarget, s.describeStackResources)
}

func (s *Service) describeStackResourcesTarget(ctx context.Context, in *DescribeStackResourcesInput) (api.Target, *stackRecord, error) {
	switch {
	case in.StackName != "" && in.PhysicalResourceId != "":
		return api.Target{}, nil, ErrValidation.With("Specify only one of StackName and PhysicalResourceId.")
	case in.StackName != "":
		return s.resolveStack(ctx, in.StackName, stackIDMissing)
	case in.PhysicalResourceId != "":
		return s.resolveOwner(ctx, in.PhysicalResourceId)
	default:
		return api.Target{}, nil, ErrValidation.With("Specify one of StackName and PhysicalResourceId.")
	}
}

// resolveOwner finds the stack to which a physical resource belongs.
func (s *Service) resolveOwner(ctx context.Context, physicalID string) (api.Target, *stackRecord, error) {
	account, region := place(ctx)
	var owner *stackRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		owner = nil
		for _, n := range s.names.Scan(r, placePrefix(account, region), "", store.All) {
			stack := s.stacks.Get(r, placePrefix(account, region)+n.UUID)
			if stack == nil {
				continue
			}
			for _, record := range s.resourcesOf(r, stack) {
				if record.physicalID() == stored(ctx, physicalID) {
					owner = stack
				}
			}
		}
		return nil
	})
	target, _ := onAnyStack(ctx, physicalID)
	if owner == nil {
		target.Missing = ErrValidation.Withf("Stack for %s does not exist", physicalID)
		return target, nil, err
	}
	target.ARN = owner.arn()
	return target, owner, err
}

// maxDescribed is how many resources DescribeStackResources answers [C063].
const maxDescribed = 100

func (s *Service) describeStackResources(ctx context.Context, on *stackRecord, in *DescribeStackResourcesInput) (*DescribeStackResourcesOutput, error) {
	out := &DescribeStackResourcesOutput{}
	err := s.engine.View(ctx, func(r store.Reader) error {
		out.StackResources = []StackResource{}
		for _, record := range s.resourcesOf(r, on) {
			if in.LogicalResourceId != "" && record.LogicalID != in.LogicalResourceId || len(out.StackResources) == maxDescribed {
				continue
			}
			out.StackResources = append(out.StackResources, StackResource{
				StackName: on.Name, StackId: on.arn(), LogicalResourceId: record.LogicalID, PhysicalResourceId: shown(ctx, record.physicalID()), ResourceType: record.Type,
				Timestamp: record.Updated, ResourceStatus: record.Status, ResourceStatusReason: shown(ctx, record.Reason), Description: record.Description,
				DriftInformation: &StackResourceDriftInformation{StackResourceDriftStatus: notChecked},
			})
		}
		return nil
	})
	if err == nil && in.LogicalResourceId != "" && len(out.StackResources) == 0 {
		return nil, resourceMissing(in.LogicalResourceId, on.Name)
	}
	return out, err
}

// ListStackResourcesInput is the input of ListStackResources.
type ListStackResourcesInput struct {
	StackName string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	NextToken string `check:"min=1,max=1024"`
}

func (in *ListStackResourcesInput) stack() string { return in.StackName }

// ListStackResourcesOutput is the output of ListStackResources.
type ListStackResourcesOutput struct {
	StackResourceSummaries []StackResourceSummary
	NextToken              string
}

// StackResourceSummary is a resource in a list [C059].
type StackResourceSummary struct {
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	LastUpdatedTimestamp time.Time
	ResourceStatus       string
	ResourceStatusReason string
	DriftInformation     *StackResourceDriftInformationSummary
	ModuleInfo           *ModuleInfo
}

// StackResourceDriftInformationSummary is StackResourceDriftInformation in a list.
type StackResourceDriftInformationSummary struct {
	StackResourceDriftStatus string
	LastCheckTimestamp       time.Time
}

// ListStackResources lists the resources of a stack.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html.
func (s *Service) ListStackResources(ctx context.Context, in *ListStackResourcesInput) (*ListStackResourcesOutput, error) {
	return api.Do(ctx, in, onStack(s, (*ListStackResourcesInput).stack, stackIDMissing), s.listStackResources)
}

func (s *Service) listStackResources(ctx context.Context, on *stackRecord, in *ListStackResourcesInput) (*ListStackResourcesOutput, error) {
	var all []*resourceRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		all = s.resourcesOf(r, on)
		return nil
	})
	page, next, valid := resource.Page(all, func(r *resourceRecord) string { return r.LogicalID }, in.NextToken, pageSize)
	if !valid {
		return nil, errToken
	}
	out := &ListStackResourcesOutput{StackResourceSummaries: make([]StackResourceSummary, len(page)), NextToken: next}
	for i, record := range page {
		out.StackResourceSummaries[i] = StackResourceSummary{
			LogicalResourceId: record.LogicalID, PhysicalResourceId: shown(ctx, record.physicalID()), ResourceType: record.Type,
			LastUpdatedTimestamp: record.Updated, ResourceStatus: record.Status, ResourceStatusReason: shown(ctx, record.Reason),
			DriftInformation: &StackResourceDriftInformationSummary{StackResourceDriftStatus: notChecked},
		}
	}
	return out, err
}
