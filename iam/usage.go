package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// The ways in which a managed policy is used.
const (
	asPermissions = "PermissionsPolicy"
	asBoundary    = "PermissionsBoundary"
)

// usage counts by ARN how often an account's entities use managed policies.
type usage struct{ attached, boundaries map[string]int }

func (s *Service) usage(r store.Reader, account string) *usage {
	u := &usage{map[string]int{}, map[string]int{}}
	for h := range s.holders(r, account) {
		for _, a := range h.permissions.Attached {
			u.attached[a]++
		}
		if h.permissions.Boundary != "" {
			u.boundaries[h.permissions.Boundary]++
		}
	}
	return u
}

func (u *usage) matches(policyARN string, onlyAttached bool, filter string) bool {
	permissions, boundary := u.attached[policyARN] > 0, u.boundaries[policyARN] > 0
	switch filter {
	case asPermissions:
		return permissions
	case asBoundary:
		return boundary
	default:
		return !onlyAttached || permissions || boundary
	}
}

// ListEntitiesForPolicyInput is the input of ListEntitiesForPolicy.
type ListEntitiesForPolicyInput struct {
	PolicyArn         string `check:"required,min=20,max=2048"`
	EntityFilter      string `enum:"User|Role|Group|LocalManagedPolicy|AWSManagedPolicy"`
	PathPrefix        string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	PolicyUsageFilter string `enum:"PermissionsPolicy|PermissionsBoundary"`
	Marker            string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems          *int   `check:"min=1,max=1000"`
}

// ListEntitiesForPolicyOutput is the output of ListEntitiesForPolicy.
type ListEntitiesForPolicyOutput struct {
	PolicyGroups []PolicyGroup
	PolicyUsers  []PolicyUser
	PolicyRoles  []PolicyRole
	IsTruncated  bool
	Marker       string
}

// ListEntitiesForPolicy lists the users, groups and roles that a managed policy
// is attached to or is the boundary of.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html.
func (s *Service) ListEntitiesForPolicy(ctx context.Context, in *ListEntitiesForPolicyInput) (*ListEntitiesForPolicyOutput, error) {
	account, _ := call(ctx)
	var found []holder
	err := s.dir.View(ctx, func(r store.Reader) error {
		found = found[:0]
		if _, err := s.policy(r, account, in.PolicyArn); err != nil {
			return err
		}
		for h := range s.holders(r, account) {
			if (in.EntityFilter == "" || strings.EqualFold(in.EntityFilter, h.kind)) &&
				strings.HasPrefix(h.entity.Path, in.PathPrefix) && h.uses(in.PolicyArn, in.PolicyUsageFilter) {
				found = append(found, h)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(found, func(h holder) string { return h.kind + "\x00" + h.entity.Name }, in.Marker, in.MaxItems)
	out := &ListEntitiesForPolicyOutput{
		PolicyGroups: []PolicyGroup{}, PolicyRoles: []PolicyRole{}, PolicyUsers: []PolicyUser{},
		Marker: next, IsTruncated: next != "",
	}
	for _, h := range part {
		switch h.kind {
		case kindUser:
			out.PolicyUsers = append(out.PolicyUsers, PolicyUser{UserId: h.entity.ID, UserName: h.entity.Name})
		case kindGroup:
			out.PolicyGroups = append(out.PolicyGroups, PolicyGroup{GroupId: h.entity.ID, GroupName: h.entity.Name})
		default:
			out.PolicyRoles = append(out.PolicyRoles, PolicyRole{RoleId: h.entity.ID, RoleName: h.entity.Name})
		}
	}
	return out, err
}

// uses reports whether the entity uses a managed policy, in the way that filter names, if any.
func (h holder) uses(policyARN, filter string) bool {
	return filter != asBoundary && slices.Contains(h.permissions.Attached, policyARN) ||
		filter != asPermissions && h.permissions.Boundary == policyARN
}
