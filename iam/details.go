package iam

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// GetAccountAuthorizationDetailsInput is the input of GetAccountAuthorizationDetails.
type GetAccountAuthorizationDetailsInput struct {
	Filter   []string `itemenum:"User|Role|Group|LocalManagedPolicy|AWSManagedPolicy"`
	MaxItems *int     `check:"min=1,max=1000"`
	Marker   string   `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
}

// GetAccountAuthorizationDetailsOutput is the output of GetAccountAuthorizationDetails.
type GetAccountAuthorizationDetailsOutput struct {
	UserDetailList  []UserDetail
	GroupDetailList []GroupDetail
	RoleDetailList  []RoleDetail
	Policies        []ManagedPolicyDetail
	IsTruncated     bool
	Marker          string
}

// detail is an item of GetAccountAuthorizationDetails: exactly one of the four.
type detail struct {
	key    string
	user   *UserDetail
	group  *GroupDetail
	role   *RoleDetail
	policy *ManagedPolicyDetail
}

// GetAccountAuthorizationDetails shows the account's users, groups, roles and
// managed policies with everything that says what they may do. AWS's own
// policies are shown where they are used.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html.
func (s *Service) GetAccountAuthorizationDetails(ctx context.Context, in *GetAccountAuthorizationDetailsInput) (*GetAccountAuthorizationDetailsOutput, error) {
	account, region := call(ctx)
	var details []detail
	err := s.dir.View(ctx, func(r store.Reader) error {
		details = details[:0]
		if wants(in.Filter, "User") {
			for u := range s.dir.Users.All(r, account, "") {
				details = append(details, detail{key: "1" + u.Name, user: s.userDetail(r, u)})
			}
		}
		if wants(in.Filter, "Group") {
			for g := range s.dir.Groups.All(r, account, "") {
				details = append(details, detail{key: "2" + g.Name, group: groupDetail(g)})
			}
		}
		if wants(in.Filter, "Role") {
			for role := range s.dir.Roles.All(r, account, "") {
				details = append(details, detail{key: "3" + role.Name, role: s.roleDetail(r, role)})
			}
		}
		used := s.usage(r, account)
		if wants(in.Filter, "LocalManagedPolicy") {
			for p := range s.dir.Policies.All(r, account, "") {
				details = append(details, detail{key: "4" + p.Name, policy: policyDetail(p, used)})
			}
		}
		if wants(in.Filter, "AWSManagedPolicy") {
			for p := range identity.AWSPolicies(region) {
				if used.matches(p.ARN(), true, "") {
					details = append(details, detail{key: "5" + p.Name, policy: policyDetail(s.dir.Managed(r, account, p.ARN()), used)})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(details, func(d detail) string { return d.key }, in.Marker, in.MaxItems)
	out := &GetAccountAuthorizationDetailsOutput{
		UserDetailList: []UserDetail{}, GroupDetailList: []GroupDetail{}, RoleDetailList: []RoleDetail{}, Policies: []ManagedPolicyDetail{},
		Marker: next, IsTruncated: next != "",
	}
	for _, d := range part {
		out.add(d)
	}
	return out, err
}

func wants(filter []string, kind string) bool {
	return len(filter) == 0 || slices.Contains(filter, kind)
}

func (out *GetAccountAuthorizationDetailsOutput) add(d detail) {
	switch {
	case d.user != nil:
		out.UserDetailList = append(out.UserDetailList, *d.user)
	case d.group != nil:
		out.GroupDetailList = append(out.GroupDetailList, *d.group)
	case d.role != nil:
		out.RoleDetailList = append(out.RoleDetailList, *d.role)
	default:
		out.Policies = append(out.Policies, *d.policy)
	}
}

func (s *Service) userDetail(r store.Reader, u *identity.User) *UserDetail {
	d := &UserDetail{
		Arn: u.ARN(), CreateDate: seconds(u.Created), Path: u.Path, UserId: u.ID, UserName: u.Name,
		AttachedManagedPolicies: attachedTo(userHolder(u), ""), PermissionsBoundary: boundaryShape(u.Boundary),
		UserPolicyList: inlineShapes(&u.Permissions), Tags: append([]Tag{}, tagShapes(u.Tags)...), GroupList: []string{},
	}
	for _, g := range s.groupsOf(r, u) {
		d.GroupList = append(d.GroupList, g.Name)
	}
	return d
}

func groupDetail(g *identity.Group) *GroupDetail {
	return &GroupDetail{
		Arn: g.ARN(), CreateDate: seconds(g.Created), Path: g.Path, GroupId: g.ID, GroupName: g.Name,
		AttachedManagedPolicies: attachedTo(groupHolder(g), ""), GroupPolicyList: inlineShapes(&g.Permissions),
	}
}

func (s *Service) roleDetail(r store.Reader, role *identity.Role) *RoleDetail {
	full := s.fullRole(r, role)
	d := &RoleDetail{
		Arn: full.Arn, CreateDate: full.CreateDate, Path: full.Path, RoleId: full.RoleId, RoleName: full.RoleName,
		AssumeRolePolicyDocument: full.AssumeRolePolicyDocument, RoleLastUsed: full.RoleLastUsed, PermissionsBoundary: full.PermissionsBoundary,
		AttachedManagedPolicies: attachedTo(roleHolder(role), ""), RolePolicyList: inlineShapes(&role.Permissions),
		InstanceProfileList: []InstanceProfile{}, Tags: append([]Tag{}, full.Tags...),
	}
	for _, p := range s.profilesOf(r, role) {
		d.InstanceProfileList = append(d.InstanceProfileList, *s.profileShape(r, p))
	}
	return d
}

func policyDetail(p *identity.Policy, used *usage) *ManagedPolicyDetail {
	shape := policyShape(p, used)
	d := &ManagedPolicyDetail{
		Arn: shape.Arn, AttachmentCount: shape.AttachmentCount, CreateDate: shape.CreateDate, DefaultVersionId: shape.DefaultVersionId,
		Description: shape.Description, IsAttachable: true, Path: shape.Path, PolicyId: shape.PolicyId, PolicyName: shape.PolicyName,
		PermissionsBoundaryUsageCount: shape.PermissionsBoundaryUsageCount, UpdateDate: shape.UpdateDate,
	}
	for i := range slices.Backward(p.Versions) {
		d.PolicyVersionList = append(d.PolicyVersionList, *versionShape(p, &p.Versions[i]))
	}
	return d
}

func inlineShapes(p *identity.Permissions) []PolicyDetail {
	shapes := []PolicyDetail{}
	for _, i := range p.Inline {
		shapes = append(shapes, PolicyDetail{PolicyName: i.Name, PolicyDocument: escape(i.Document)})
	}
	return shapes
}
