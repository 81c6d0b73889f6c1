package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxAttached is how many managed policies may be attached to one entity.
const maxAttached = 10

func (s *Service) attach(ctx context.Context, kind, entity, policyARN string) error {
	if err := checkPolicyARN(policyARN); err != nil {
		return err
	}
	err := s.editHolder(ctx, kind, entity, func(tx store.Tx, h holder) error {
		if err := ownUse(kind, policyARN); err != nil {
			return err
		}
		if !s.dir.Attachable(tx, h.entity.Account, policyARN) {
			return errNoSuchEntity.Withf("Policy %s does not exist or is not attachable.", policyARN) // [I006]
		}
		if slices.Contains(h.permissions.Attached, policyARN) {
			return nil
		}
		if len(h.permissions.Attached) >= maxAttached {
			return exceeds("PoliciesPer"+title(kind), maxAttached)
		}
		h.permissions.Attached = append(h.permissions.Attached, policyARN)
		return nil
	})
	if err == nil {
		identity.WarnUnknownAWS(ctx, s.log, kind+" "+entity, policyARN)
	}
	return err
}

// ownUse refuses the policies that AWS keeps for its service-linked roles and
// for the tasks of sts:AssumeRoot [I196].
func ownUse(kind, policyARN string) error {
	a, _ := arn.Parse(policyARN) // which is one
	if a.AccountID == "aws" && (strings.HasPrefix(a.Resource, "policy/aws-service-role/") || strings.HasPrefix(a.Resource, "policy/root-task/")) {
		return errNotAttachable.Withf("Cannot attach a Service Role Policy to a Customer %s.", title(kind))
	}
	return nil
}

func title(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] }

func (s *Service) detach(ctx context.Context, kind, entity, policyARN string) error {
	if err := checkPolicyARN(policyARN); err != nil {
		return err
	}
	return s.editHolder(ctx, kind, entity, func(_ store.Tx, h holder) error {
		i := slices.Index(h.permissions.Attached, policyARN)
		if i < 0 {
			return noSuchPolicy(policyARN)
		}
		h.permissions.Attached = slices.Delete(h.permissions.Attached, i, i+1)
		return nil
	})
}

func (s *Service) listAttached(ctx context.Context, kind, entity, prefix, marker string, limit *int) (part []AttachedPolicy, next string, err error) {
	var attached []AttachedPolicy
	err = s.viewHolder(ctx, kind, entity, func(_ store.Reader, h holder) error {
		attached = attachedTo(h, prefix)
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return page(attached, func(a AttachedPolicy) string { return a.PolicyName + "\x00" + a.PolicyArn }, marker, limit)
}

// attachedTo are the managed policies of an entity whose path begins with
// prefix. Their ARNs say all: AWS's policies for service-linked roles are shown
// whether their documents are known here or not.
func attachedTo(h holder, prefix string) []AttachedPolicy {
	attached := []AttachedPolicy{}
	for _, a := range h.permissions.Attached {
		_, path, _ := strings.Cut(a, ":policy")
		if name := path[strings.LastIndexByte(path, '/')+1:]; strings.HasPrefix(path[:len(path)-len(name)], prefix) {
			attached = append(attached, AttachedPolicy{PolicyArn: a, PolicyName: name})
		}
	}
	return attached
}

// AttachUserPolicyInput is the input of AttachUserPolicy.
type AttachUserPolicyInput struct {
	UserName  string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyArn string `check:"required,min=20,max=2048"`
}

// AttachUserPolicyOutput is the output of AttachUserPolicy.
type AttachUserPolicyOutput struct{}

// AttachUserPolicy attaches a managed policy to a user. It may be attached already.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html.
func (s *Service) AttachUserPolicy(ctx context.Context, in *AttachUserPolicyInput) (*AttachUserPolicyOutput, error) {
	return new(AttachUserPolicyOutput), s.attach(ctx, kindUser, in.UserName, in.PolicyArn)
}

// DetachUserPolicyInput is the input of DetachUserPolicy.
type DetachUserPolicyInput struct {
	UserName  string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyArn string `check:"required,min=20,max=2048"`
}

// DetachUserPolicyOutput is the output of DetachUserPolicy.
type DetachUserPolicyOutput struct{}

// DetachUserPolicy detaches a managed policy from a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html.
func (s *Service) DetachUserPolicy(ctx context.Context, in *DetachUserPolicyInput) (*DetachUserPolicyOutput, error) {
	return new(DetachUserPolicyOutput), s.detach(ctx, kindUser, in.UserName, in.PolicyArn)
}

// ListAttachedUserPoliciesInput is the input of ListAttachedUserPolicies.
type ListAttachedUserPoliciesInput struct {
	UserName   string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PathPrefix string `check:"min=1,max=512" pattern:"((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListAttachedUserPoliciesOutput is the output of ListAttachedUserPolicies.
type ListAttachedUserPoliciesOutput struct {
	AttachedPolicies []AttachedPolicy
	IsTruncated      bool
	Marker           string
}

// ListAttachedUserPolicies lists the managed policies that are attached to a user, by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *ListAttachedUserPoliciesInput) (*ListAttachedUserPoliciesOutput, error) {
	part, next, err := s.listAttached(ctx, kindUser, in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
	return &ListAttachedUserPoliciesOutput{AttachedPolicies: part, Marker: next, IsTruncated: next != ""}, err
}

// AttachGroupPolicyInput is the input of AttachGroupPolicy.
type AttachGroupPolicyInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyArn string `check:"required,min=20,max=2048"`
}

// AttachGroupPolicyOutput is the output of AttachGroupPolicy.
type AttachGroupPolicyOutput struct{}

// AttachGroupPolicy attaches a managed policy to a group. It may be attached already.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *AttachGroupPolicyInput) (*AttachGroupPolicyOutput, error) {
	return new(AttachGroupPolicyOutput), s.attach(ctx, kindGroup, in.GroupName, in.PolicyArn)
}

// DetachGroupPolicyInput is the input of DetachGroupPolicy.
type DetachGroupPolicyInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyArn string `check:"required,min=20,max=2048"`
}

// DetachGroupPolicyOutput is the output of DetachGroupPolicy.
type DetachGroupPolicyOutput struct{}

// DetachGroupPolicy detaches a managed policy from a group.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *DetachGroupPolicyInput) (*DetachGroupPolicyOutput, error) {
	return new(DetachGroupPolicyOutput), s.detach(ctx, kindGroup, in.GroupName, in.PolicyArn)
}

// ListAttachedGroupPoliciesInput is the input of ListAttachedGroupPolicies.
type ListAttachedGroupPoliciesInput struct {
	GroupName  string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PathPrefix string `check:"min=1,max=512" pattern:"((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListAttachedGroupPoliciesOutput is the output of ListAttachedGroupPolicies.
type ListAttachedGroupPoliciesOutput struct {
	AttachedPolicies []AttachedPolicy
	IsTruncated      bool
	Marker           string
}

// ListAttachedGroupPolicies lists the managed policies that are attached to a group, by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *ListAttachedGroupPoliciesInput) (*ListAttachedGroupPoliciesOutput, error) {
	part, next, err := s.listAttached(ctx, kindGroup, in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
	return &ListAttachedGroupPoliciesOutput{AttachedPolicies: part, Marker: next, IsTruncated: next != ""}, err
}

// AttachRolePolicyInput is the input of AttachRolePolicy.
type AttachRolePolicyInput struct {
	RoleName  string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyArn string `check:"required,min=20,max=2048"`
}

// AttachRolePolicyOutput is the output of AttachRolePolicy.
type AttachRolePolicyOutput struct{}

// AttachRolePolicy attaches a managed policy to a role. It may be attached already.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html.
func (s *Service) AttachRolePolicy(ctx context.Context, in *AttachRolePolicyInput) (*AttachRolePolicyOutput, error) {
	return new(AttachRolePolicyOutput), s.attach(ctx, kindRole, in.RoleName, in.PolicyArn)
}

// DetachRolePolicyInput is the input of DetachRolePolicy.
type DetachRolePolicyInput struct {
	RoleName  string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyArn string `check:"required,min=20,max=2048"`
}

// DetachRolePolicyOutput is the output of DetachRolePolicy.
type DetachRolePolicyOutput struct{}

// DetachRolePolicy detaches a managed policy from a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html.
func (s *Service) DetachRolePolicy(ctx context.Context, in *DetachRolePolicyInput) (*DetachRolePolicyOutput, error) {
	return new(DetachRolePolicyOutput), s.detach(ctx, kindRole, in.RoleName, in.PolicyArn)
}

// ListAttachedRolePoliciesInput is the input of ListAttachedRolePolicies.
type ListAttachedRolePoliciesInput struct {
	RoleName   string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PathPrefix string `check:"min=1,max=512" pattern:"((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListAttachedRolePoliciesOutput is the output of ListAttachedRolePolicies.
type ListAttachedRolePoliciesOutput struct {
	AttachedPolicies []AttachedPolicy
	IsTruncated      bool
	Marker           string
}

// ListAttachedRolePolicies lists the managed policies that are attached to a role, by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *ListAttachedRolePoliciesInput) (*ListAttachedRolePoliciesOutput, error) {
	part, next, err := s.listAttached(ctx, kindRole, in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
	return &ListAttachedRolePoliciesOutput{AttachedPolicies: part, Marker: next, IsTruncated: next != ""}, err
}
