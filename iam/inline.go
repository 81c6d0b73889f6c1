package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// inlineQuota is how many characters the inline policies of one entity may have
// together, white space aside.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
var inlineQuota = map[string]int{kindUser: 2048, kindGroup: 5120, kindRole: 10240}

func (s *Service) putInline(ctx context.Context, kind, entity, name, document string) error {
	if err := s.checkDocument(ctx, policyeval.IdentityPolicy, kind+" "+entity+", policy "+name, document); err != nil {
		return err
	}
	return s.editHolder(ctx, kind, entity, func(_ store.Tx, h holder) error {
		h.permissions.SetInline(name, document)
		size := 0
		for _, i := range h.permissions.Inline {
			size += policySize(i.Document)
		}
		if size > inlineQuota[kind] {
			return errLimitExceeded.Withf("Maximum policy size of %d bytes exceeded for %s %s", inlineQuota[kind], kind, h.entity.Name)
		}
		return nil
	})
}

func (s *Service) getInline(ctx context.Context, kind, entity, name string) (document string, err error) {
	err = s.viewHolder(ctx, kind, entity, func(_ store.Reader, h holder) error {
		i := h.permissions.FindInline(name)
		if i == nil {
			return noSuch(kind+" policy", name)
		}
		document = escape(i.Document)
		return nil
	})
	return document, err
}

func (s *Service) listInline(ctx context.Context, kind, entity, marker string, limit *int) (part []string, next string, err error) {
	var names []string
	err = s.viewHolder(ctx, kind, entity, func(_ store.Reader, h holder) error {
		names = names[:0]
		for _, i := range h.permissions.Inline {
			names = append(names, i.Name)
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return page(names, func(name string) string { return name }, marker, limit)
}

func (s *Service) deleteInline(ctx context.Context, kind, entity, name string) error {
	return s.editHolder(ctx, kind, entity, func(_ store.Tx, h holder) error {
		if !h.permissions.RemoveInline(name) {
			return noSuch(kind+" policy", name)
		}
		return nil
	})
}

// PutUserPolicyInput is the input of PutUserPolicy.
type PutUserPolicyInput struct {
	UserName       string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyName     string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// PutUserPolicyOutput is the output of PutUserPolicy.
type PutUserPolicyOutput struct{}

// PutUserPolicy adds or replaces an inline policy of a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html.
func (s *Service) PutUserPolicy(ctx context.Context, in *PutUserPolicyInput) (*PutUserPolicyOutput, error) {
	return new(PutUserPolicyOutput), s.putInline(ctx, kindUser, in.UserName, in.PolicyName, in.PolicyDocument)
}

// GetUserPolicyInput is the input of GetUserPolicy.
type GetUserPolicyInput struct {
	UserName   string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// GetUserPolicyOutput is the output of GetUserPolicy.
type GetUserPolicyOutput struct {
	UserName       string
	PolicyName     string
	PolicyDocument string
}

// GetUserPolicy shows an inline policy of a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html.
func (s *Service) GetUserPolicy(ctx context.Context, in *GetUserPolicyInput) (*GetUserPolicyOutput, error) {
	document, err := s.getInline(ctx, kindUser, in.UserName, in.PolicyName)
	return &GetUserPolicyOutput{UserName: in.UserName, PolicyName: in.PolicyName, PolicyDocument: document}, err
}

// ListUserPoliciesInput is the input of ListUserPolicies.
type ListUserPoliciesInput struct {
	UserName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListUserPoliciesOutput is the output of ListUserPolicies.
type ListUserPoliciesOutput struct {
	PolicyNames []string
	IsTruncated bool
	Marker      string
}

// ListUserPolicies lists the names of a user's inline policies.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html.
func (s *Service) ListUserPolicies(ctx context.Context, in *ListUserPoliciesInput) (*ListUserPoliciesOutput, error) {
	part, next, err := s.listInline(ctx, kindUser, in.UserName, in.Marker, in.MaxItems)
	return &ListUserPoliciesOutput{PolicyNames: part, Marker: next, IsTruncated: next != ""}, err
}

// DeleteUserPolicyInput is the input of DeleteUserPolicy.
type DeleteUserPolicyInput struct {
	UserName   string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteUserPolicyOutput is the output of DeleteUserPolicy.
type DeleteUserPolicyOutput struct{}

// DeleteUserPolicy deletes an inline policy of a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *DeleteUserPolicyInput) (*DeleteUserPolicyOutput, error) {
	return new(DeleteUserPolicyOutput), s.deleteInline(ctx, kindUser, in.UserName, in.PolicyName)
}

// PutGroupPolicyInput is the input of PutGroupPolicy.
type PutGroupPolicyInput struct {
	GroupName      string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyName     string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// PutGroupPolicyOutput is the output of PutGroupPolicy.
type PutGroupPolicyOutput struct{}

// PutGroupPolicy adds or replaces an inline policy of a group.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html.
func (s *Service) PutGroupPolicy(ctx context.Context, in *PutGroupPolicyInput) (*PutGroupPolicyOutput, error) {
	return new(PutGroupPolicyOutput), s.putInline(ctx, kindGroup, in.GroupName, in.PolicyName, in.PolicyDocument)
}

// GetGroupPolicyInput is the input of GetGroupPolicy.
type GetGroupPolicyInput struct {
	GroupName  string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// GetGroupPolicyOutput is the output of GetGroupPolicy.
type GetGroupPolicyOutput struct {
	GroupName      string
	PolicyName     string
	PolicyDocument string
}

// GetGroupPolicy shows an inline policy of a group.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html.
func (s *Service) GetGroupPolicy(ctx context.Context, in *GetGroupPolicyInput) (*GetGroupPolicyOutput, error) {
	document, err := s.getInline(ctx, kindGroup, in.GroupName, in.PolicyName)
	return &GetGroupPolicyOutput{GroupName: in.GroupName, PolicyName: in.PolicyName, PolicyDocument: document}, err
}

// ListGroupPoliciesInput is the input of ListGroupPolicies.
type ListGroupPoliciesInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker    string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems  *int   `check:"min=1,max=1000"`
}

// ListGroupPoliciesOutput is the output of ListGroupPolicies.
type ListGroupPoliciesOutput struct {
	PolicyNames []string
	IsTruncated bool
	Marker      string
}

// ListGroupPolicies lists the names of a group's inline policies.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html.
func (s *Service) ListGroupPolicies(ctx context.Context, in *ListGroupPoliciesInput) (*ListGroupPoliciesOutput, error) {
	part, next, err := s.listInline(ctx, kindGroup, in.GroupName, in.Marker, in.MaxItems)
	return &ListGroupPoliciesOutput{PolicyNames: part, Marker: next, IsTruncated: next != ""}, err
}

// DeleteGroupPolicyInput is the input of DeleteGroupPolicy.
type DeleteGroupPolicyInput struct {
	GroupName  string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteGroupPolicyOutput is the output of DeleteGroupPolicy.
type DeleteGroupPolicyOutput struct{}

// DeleteGroupPolicy deletes an inline policy of a group.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *DeleteGroupPolicyInput) (*DeleteGroupPolicyOutput, error) {
	return new(DeleteGroupPolicyOutput), s.deleteInline(ctx, kindGroup, in.GroupName, in.PolicyName)
}

// PutRolePolicyInput is the input of PutRolePolicy.
type PutRolePolicyInput struct {
	RoleName       string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyName     string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// PutRolePolicyOutput is the output of PutRolePolicy.
type PutRolePolicyOutput struct{}

// PutRolePolicy adds or replaces an inline policy of a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html.
func (s *Service) PutRolePolicy(ctx context.Context, in *PutRolePolicyInput) (*PutRolePolicyOutput, error) {
	return new(PutRolePolicyOutput), s.putInline(ctx, kindRole, in.RoleName, in.PolicyName, in.PolicyDocument)
}

// GetRolePolicyInput is the input of GetRolePolicy.
type GetRolePolicyInput struct {
	RoleName   string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// GetRolePolicyOutput is the output of GetRolePolicy.
type GetRolePolicyOutput struct {
	RoleName       string
	PolicyName     string
	PolicyDocument string
}

// GetRolePolicy shows an inline policy of a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html.
func (s *Service) GetRolePolicy(ctx context.Context, in *GetRolePolicyInput) (*GetRolePolicyOutput, error) {
	document, err := s.getInline(ctx, kindRole, in.RoleName, in.PolicyName)
	return &GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: document}, err
}

// ListRolePoliciesInput is the input of ListRolePolicies.
type ListRolePoliciesInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListRolePoliciesOutput is the output of ListRolePolicies.
type ListRolePoliciesOutput struct {
	PolicyNames []string
	IsTruncated bool
	Marker      string
}

// ListRolePolicies lists the names of a role's inline policies.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html.
func (s *Service) ListRolePolicies(ctx context.Context, in *ListRolePoliciesInput) (*ListRolePoliciesOutput, error) {
	part, next, err := s.listInline(ctx, kindRole, in.RoleName, in.Marker, in.MaxItems)
	return &ListRolePoliciesOutput{PolicyNames: part, Marker: next, IsTruncated: next != ""}, err
}

// DeleteRolePolicyInput is the input of DeleteRolePolicy.
type DeleteRolePolicyInput struct {
	RoleName   string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteRolePolicyOutput is the output of DeleteRolePolicy.
type DeleteRolePolicyOutput struct{}

// DeleteRolePolicy deletes an inline policy of a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *DeleteRolePolicyInput) (*DeleteRolePolicyOutput, error) {
	return new(DeleteRolePolicyOutput), s.deleteInline(ctx, kindRole, in.RoleName, in.PolicyName)
}
