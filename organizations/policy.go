package organizations

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// maxAttached is how many policies of one type may be attached to one target.
//
// See https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.
const maxAttached = 5

// PolicySummary is a policy without its content.
type PolicySummary struct {
	Id          string
	Arn         string
	Name        string
	Description string
	Type        string
	AwsManaged  bool
}

// Policy is a policy.
type Policy struct {
	PolicySummary *PolicySummary
	Content       string
}

// PolicyTargetSummary is a root, unit or account that a policy is attached to.
type PolicyTargetSummary struct {
	TargetId string
	Arn      string
	Name     string
	Type     string
}

func summaryShape(c *identity.Control) *PolicySummary {
	return &PolicySummary{Id: c.ID, Arn: c.ARN, Name: c.Name, Description: c.Description, Type: c.Type, AwsManaged: c.AWS}
}

func policyShape(c *identity.Control) *Policy { return &Policy{summaryShape(c), c.Document} }

// checkContent refuses a document that is not valid for its type of policy: an
// SCP has no Principal, an RCP denies everyone, and both have the current
// version of the policy language [D6].
func (s *Service) checkContent(ctx context.Context, policyType, policy, content string) error {
	kind := policyeval.SCP
	if policyType == identity.RCP {
		kind = policyeval.RCP
	}
	d, err := policyeval.Parse(content)
	if err != nil {
		return api.Refused(errMalformed, kind.String(), policy, err)
	}
	problems := policyeval.Validate(d, policyeval.ValidateOptions{Kind: kind})
	switch {
	case len(problems) == 0:
		resource.LintPolicy(ctx, s.log, d, policyeval.LintContext{Kind: kind, Resource: policy})
		return nil
	case problems[0].Code == policyeval.TooLarge:
		return api.Refused(errConstraint.With("You have exceeded the maximum policy size.").Because("POLICY_CONTENT_LIMIT_EXCEEDED"), kind.String(), policy, problems[0])
	default:
		return api.Refused(errMalformed, kind.String(), policy, problems[0])
	}
}

// CreatePolicyInput is the input of CreatePolicy.
type CreatePolicyInput struct {
	Content     string `check:"required,min=1" pattern:"[\\s\\S]*"`
	Description string `check:"required,max=512" pattern:"[\\s\\S]*"`
	Name        string `check:"required,min=1,max=128" pattern:"[\\s\\S]*"`
	Type        string `check:"required" enum:"SERVICE_CONTROL_POLICY|RESOURCE_CONTROL_POLICY|TAG_POLICY|BACKUP_POLICY|AISERVICES_OPT_OUT_POLICY|CHATBOT_POLICY|DECLARATIVE_POLICY_EC2|SECURITYHUB_POLICY|INSPECTOR_POLICY|UPGRADE_ROLLOUT_POLICY|BEDROCK_POLICY|S3_POLICY|NETWORK_SECURITY_DIRECTOR_POLICY"`
	Tags        []Tag
}

// CreatePolicyOutput is the output of CreatePolicy.
type CreatePolicyOutput struct {
	Policy *Policy
}

// CreatePolicy makes a service control policy or resource control policy.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html.
func (s *Service) CreatePolicy(ctx context.Context, in *CreatePolicyInput) (*CreatePolicyOutput, error) {
	out := new(CreatePolicyOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if in.Type != identity.SCP && in.Type != identity.RCP || o.FeatureSet != identity.AllFeatures {
			return errNotAvailable
		}
		if err := s.checkContent(ctx, in.Type, in.Name, in.Content); err != nil {
			return err
		}
		if s.named(tx, o, in.Type, in.Name, "") {
			return errDuplicate
		}
		c := identity.NewControl(o, in.Type, "p-"+s.ids.Hex(8), in.Name, in.Description, in.Content)
		s.dir.PutControl(tx, c)
		if err := s.addTags(tx, o, c.ID, in.Tags); err != nil {
			return err
		}
		out.Policy = policyShape(c)
		return nil
	})
	return out, err
}

// named reports whether another policy of the type has the name.
func (s *Service) named(r store.Reader, o *identity.Organization, kind, name, id string) bool {
	for c := range s.dir.Controls(r, o.ID) {
		if c.Type == kind && c.Name == name && c.ID != id {
			return true
		}
	}
	return false
}

// DescribePolicyInput is the input of DescribePolicy.
type DescribePolicyInput struct {
	PolicyId string `check:"required,max=130" pattern:"^p-[0-9a-zA-Z_]{8,128}$"`
}

// DescribePolicyOutput is the output of DescribePolicy.
type DescribePolicyOutput struct {
	Policy *Policy
}

// DescribePolicy shows a policy with its content.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html.
func (s *Service) DescribePolicy(ctx context.Context, in *DescribePolicyInput) (*DescribePolicyOutput, error) {
	out := new(DescribePolicyOutput)
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		c := s.control(r, o, in.PolicyId)
		if c == nil {
			return errPolicy
		}
		out.Policy = policyShape(c)
		return nil
	})
	return out, err
}

// control is the organization's policy of that id, or nil. AWS's own policies
// exist before their type is enabled.
func (s *Service) control(r store.Reader, o *identity.Organization, id string) *identity.Control {
	if c := s.dir.Control(r, o.ID, id); c != nil {
		return c
	}
	for _, kind := range []string{identity.SCP, identity.RCP} {
		if c := identity.NewFullAccess(o, kind); c.ID == id {
			return c
		}
	}
	return nil
}

// UpdatePolicyInput is the input of UpdatePolicy.
type UpdatePolicyInput struct {
	PolicyId    string  `check:"required,max=130" pattern:"^p-[0-9a-zA-Z_]{8,128}$"`
	Name        string  `check:"min=1,max=128" pattern:"[\\s\\S]*"`
	Description *string `check:"max=512" pattern:"[\\s\\S]*"`
	Content     string  `check:"min=1" pattern:"[\\s\\S]*"`
}

// UpdatePolicyOutput is the output of UpdatePolicy.
type UpdatePolicyOutput struct {
	Policy *Policy
}

// UpdatePolicy changes a policy's name, description or content.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdatePolicy.html.
func (s *Service) UpdatePolicy(ctx context.Context, in *UpdatePolicyInput) (*UpdatePolicyOutput, error) {
	out := new(UpdatePolicyOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		c, err := s.editable(tx, o, in.PolicyId)
		if err != nil {
			return err
		}
		if in.Name != "" {
			if s.named(tx, o, c.Type, in.Name, c.ID) {
				return errDuplicate
			}
			c.Name = in.Name
		}
		if in.Description != nil {
			c.Description = *in.Description
		}
		if in.Content != "" {
			if err := s.checkContent(ctx, c.Type, c.Name, in.Content); err != nil {
				return err
			}
			c.Document = in.Content
		}
		s.dir.PutControl(tx, c)
		out.Policy = policyShape(c)
		return nil
	})
	return out, err
}

// editable is a copy of the organization's own policy of that id.
func (s *Service) editable(tx store.Tx, o *identity.Organization, id string) (*identity.Control, error) {
	switch c := s.control(tx, o, id); {
	case c == nil:
		return nil, errPolicy
	case c.AWS:
		return nil, errInvalid.With("You can't modify an AWS managed policy.").Because("IMMUTABLE_POLICY")
	}
	return s.dir.EditControl(tx, o.ID, id), nil
}

// DeletePolicyInput is the input of DeletePolicy.
type DeletePolicyInput struct {
	PolicyId string `check:"required,max=130" pattern:"^p-[0-9a-zA-Z_]{8,128}$"`
}

// DeletePolicyOutput is the output of DeletePolicy.
type DeletePolicyOutput struct{}

// DeletePolicy deletes a policy that is attached to nothing.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeletePolicy.html.
func (s *Service) DeletePolicy(ctx context.Context, in *DeletePolicyInput) (*DeletePolicyOutput, error) {
	return new(DeletePolicyOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		c, err := s.editable(tx, o, in.PolicyId)
		if err != nil {
			return err
		}
		if len(c.Targets) > 0 {
			return errInUse
		}
		s.dir.PutOrgTags(tx, o.ID, c.ID, nil)
		s.dir.DeleteControl(tx, c)
		return nil
	})
}

// ListPoliciesInput is the input of ListPolicies.
type ListPoliciesInput struct {
	Filter     string `check:"required" enum:"SERVICE_CONTROL_POLICY|RESOURCE_CONTROL_POLICY|TAG_POLICY|BACKUP_POLICY|AISERVICES_OPT_OUT_POLICY|CHATBOT_POLICY|DECLARATIVE_POLICY_EC2|SECURITYHUB_POLICY|INSPECTOR_POLICY|UPGRADE_ROLLOUT_POLICY|BEDROCK_POLICY|S3_POLICY|NETWORK_SECURITY_DIRECTOR_POLICY"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListPoliciesOutput is the output of ListPolicies.
type ListPoliciesOutput struct {
	Policies  []PolicySummary
	NextToken string
}

// ListPolicies lists the policies of a type.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html.
func (s *Service) ListPolicies(ctx context.Context, in *ListPoliciesInput) (*ListPoliciesOutput, error) {
	part, next, err := s.policies(ctx, in.NextToken, in.MaxResults, func(r store.Reader, o *identity.Organization) ([]PolicySummary, error) {
		var all []PolicySummary
		if in.Filter == identity.SCP || in.Filter == identity.RCP {
			all = append(all, *summaryShape(identity.NewFullAccess(o, in.Filter)))
		}
		for c := range s.dir.Controls(r, o.ID) {
			if c.Type == in.Filter && !c.AWS {
				all = append(all, *summaryShape(c))
			}
		}
		return all, nil
	})
	return &ListPoliciesOutput{Policies: part, NextToken: next}, err
}

func (s *Service) policies(ctx context.Context, token string, limit *int, list func(store.Reader, *identity.Organization) ([]PolicySummary, error)) (part []PolicySummary, next string, err error) {
	var all []PolicySummary
	err = s.view(ctx, func(r store.Reader, o *identity.Organization) (err error) {
		all, err = list(r, o)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return page(all, func(p PolicySummary) string { return p.Id }, token, limit)
}

// ListPoliciesForTargetInput is the input of ListPoliciesForTarget.
type ListPoliciesForTargetInput struct {
	TargetId   string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	Filter     string `check:"required" enum:"SERVICE_CONTROL_POLICY|RESOURCE_CONTROL_POLICY|TAG_POLICY|BACKUP_POLICY|AISERVICES_OPT_OUT_POLICY|CHATBOT_POLICY|DECLARATIVE_POLICY_EC2|SECURITYHUB_POLICY|INSPECTOR_POLICY|UPGRADE_ROLLOUT_POLICY|BEDROCK_POLICY|S3_POLICY|NETWORK_SECURITY_DIRECTOR_POLICY"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListPoliciesForTargetOutput is the output of ListPoliciesForTarget.
type ListPoliciesForTargetOutput struct {
	Policies  []PolicySummary
	NextToken string
}

// ListPoliciesForTarget lists the policies of a type that are directly attached
// to a root, unit or account.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html.
func (s *Service) ListPoliciesForTarget(ctx context.Context, in *ListPoliciesForTargetInput) (*ListPoliciesForTargetOutput, error) {
	part, next, err := s.policies(ctx, in.NextToken, in.MaxResults, func(r store.Reader, o *identity.Organization) ([]PolicySummary, error) {
		if s.place(r, o, in.TargetId) == nil {
			return nil, errTarget
		}
		var all []PolicySummary
		for _, c := range s.attached(r, o, in.Filter, in.TargetId) {
			all = append(all, *summaryShape(c))
		}
		return all, nil
	})
	return &ListPoliciesForTargetOutput{Policies: part, NextToken: next}, err
}

// attached are the policies of a type that are attached to a target.
func (s *Service) attached(r store.Reader, o *identity.Organization, kind, target string) (all []*identity.Control) {
	for c := range s.dir.Controls(r, o.ID) {
		if c.Type == kind && slices.Contains(c.Targets, target) {
			all = append(all, c)
		}
	}
	return all
}

// ListTargetsForPolicyInput is the input of ListTargetsForPolicy.
type ListTargetsForPolicyInput struct {
	PolicyId   string `check:"required,max=130" pattern:"^p-[0-9a-zA-Z_]{8,128}$"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListTargetsForPolicyOutput is the output of ListTargetsForPolicy.
type ListTargetsForPolicyOutput struct {
	Targets   []PolicyTargetSummary
	NextToken string
}

// ListTargetsForPolicy lists what a policy is attached to.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html.
func (s *Service) ListTargetsForPolicy(ctx context.Context, in *ListTargetsForPolicyInput) (*ListTargetsForPolicyOutput, error) {
	var targets []PolicyTargetSummary
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		targets = targets[:0]
		c := s.control(r, o, in.PolicyId)
		if c == nil {
			return errPolicy
		}
		for _, id := range c.Targets {
			if p := s.place(r, o, id); p != nil {
				targets = append(targets, PolicyTargetSummary{TargetId: p.id, Arn: p.arn, Name: p.name, Type: p.kind})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(targets, func(t PolicyTargetSummary) string { return t.TargetId }, in.NextToken, in.MaxResults)
	return &ListTargetsForPolicyOutput{Targets: part, NextToken: next}, err
}

// AttachPolicyInput is the input of AttachPolicy.
type AttachPolicyInput struct {
	PolicyId string `check:"required,max=130" pattern:"^p-[0-9a-zA-Z_]{8,128}$"`
	TargetId string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
}

// AttachPolicyOutput is the output of AttachPolicy.
type AttachPolicyOutput struct{}

// AttachPolicy attaches a policy to a root, unit or account, and enables its
// type if it is not enabled.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html.
func (s *Service) AttachPolicy(ctx context.Context, in *AttachPolicyInput) (*AttachPolicyOutput, error) {
	return new(AttachPolicyOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		c, err := s.attachable(tx, o, in.PolicyId, in.TargetId)
		if err != nil {
			return err
		}
		switch {
		case slices.Contains(c.Targets, in.TargetId):
			return errAttached
		case len(s.attached(tx, o, c.Type, in.TargetId)) >= maxAttached:
			return errConstraint.With("You have attached the maximum number of policies to the specified target.").Because("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
		}
		c.Targets = append(c.Targets, in.TargetId)
		s.dir.PutControl(tx, c)
		return nil
	})
}

// attachable checks that the policy and the target exist and enables the policy's type.
// The result is a copy of the policy.
func (s *Service) attachable(tx store.Tx, o *identity.Organization, id, target string) (*identity.Control, error) {
	c := s.control(tx, o, id)
	switch {
	case c == nil:
		return nil, errPolicy
	case s.place(tx, o, target) == nil:
		return nil, errTarget
	}
	if err := s.enable(tx, o, c.Type); err != nil {
		return nil, err
	}
	return s.dir.EditControl(tx, o.ID, id), nil
}

// DetachPolicyInput is the input of DetachPolicy.
type DetachPolicyInput struct {
	PolicyId string `check:"required,max=130" pattern:"^p-[0-9a-zA-Z_]{8,128}$"`
	TargetId string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
}

// DetachPolicyOutput is the output of DetachPolicy.
type DetachPolicyOutput struct{}

// DetachPolicy detaches a policy. The last policy of a type cannot be detached
// from a target.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html.
func (s *Service) DetachPolicy(ctx context.Context, in *DetachPolicyInput) (*DetachPolicyOutput, error) {
	return new(DetachPolicyOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		c := s.control(tx, o, in.PolicyId)
		switch {
		case c == nil:
			return errPolicy
		case s.place(tx, o, in.TargetId) == nil:
			return errTarget
		case !slices.Contains(c.Targets, in.TargetId):
			return errNotAttached
		case c.ID == identity.RCPFullAccess:
			return errInvalid.With("You can't detach the policy RCPFullAWSAccess.").Because("NON_DETACHABLE_POLICY")
		case len(s.attached(tx, o, c.Type, in.TargetId)) == 1:
			return errConstraint.With("You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.").Because("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
		}
		c = s.dir.EditControl(tx, o.ID, c.ID)
		c.Targets = slices.DeleteFunc(c.Targets, func(t string) bool { return t == in.TargetId })
		s.dir.PutControl(tx, c)
		return nil
	})
}
