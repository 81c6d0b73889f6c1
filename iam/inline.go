package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// PutRolePolicyInput is the input of PutRolePolicy.
type PutRolePolicyInput struct {
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PolicyName     string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	RoleName       string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// PutRolePolicyOutput is the output of PutRolePolicy.
type PutRolePolicyOutput struct{}

// PutRolePolicy adds or replaces an inline policy of a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html.
func (s *Service) PutRolePolicy(ctx context.Context, in *PutRolePolicyInput) (*PutRolePolicyOutput, error) {
	if err := checkDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	return new(PutRolePolicyOutput), s.editRole(ctx, in.RoleName, func(_ store.Tx, role *identity.Role) error {
		return putInline(&role.Permissions, roleQuota, role.Name, in.PolicyName, in.PolicyDocument)
	})
}

// PutUserPolicyInput is the input of PutUserPolicy.
type PutUserPolicyInput struct {
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PolicyName     string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	UserName       string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// PutUserPolicyOutput is the output of PutUserPolicy.
type PutUserPolicyOutput struct{}

// PutUserPolicy adds or replaces an inline policy of a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html.
func (s *Service) PutUserPolicy(ctx context.Context, in *PutUserPolicyInput) (*PutUserPolicyOutput, error) {
	if err := checkDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	return new(PutUserPolicyOutput), s.editUser(ctx, in.UserName, func(_ store.Tx, u *identity.User) error {
		return putInline(&u.Permissions, userQuota, u.Name, in.PolicyName, in.PolicyDocument)
	})
}

// inlineQuota is how many characters all inline policies of one entity may
// have together, white space aside.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
type inlineQuota struct {
	kind string
	size int
}

var (
	userQuota  = inlineQuota{"user", 2048}
	roleQuota  = inlineQuota{"role", 10240}
	groupQuota = inlineQuota{"group", 5120}
)

func putInline(p *identity.Permissions, quota inlineQuota, entity, name, document string) error {
	p.SetInline(name, document)
	size := 0
	for _, i := range p.Inline {
		size += policySize(i.Document)
	}
	if size > quota.size {
		return errLimitExceeded.Withf("Maximum policy size of %d bytes exceeded for %s %s", quota.size, quota.kind, entity)
	}
	return nil
}

// policySize is a document's size as IAM's quotas count it: without white space.
func policySize(document string) int {
	n := 0
	for _, c := range document {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			n++
		}
	}
	return n
}
