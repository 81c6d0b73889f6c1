package iam

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// The bounds and default of MaxSessionDuration, in seconds.
const defaultSession = 3600

// CreateRoleInput is the input of CreateRole.
type CreateRoleInput struct {
	Path                     string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	RoleName                 string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	AssumeRolePolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	Description              string `check:"max=1000" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"`
	MaxSessionDuration       *int   `check:"min=3600,max=43200"`
	PermissionsBoundary      string `check:"min=20,max=2048"`
	Tags                     []Tag  `check:"max=50"`
}

// CreateRoleOutput is the output of CreateRole.
type CreateRoleOutput struct {
	Role *Role
}

// CreateRole makes a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
func (s *Service) CreateRole(ctx context.Context, in *CreateRoleInput) (*CreateRoleOutput, error) {
	if err := s.checkTrust(ctx, in.RoleName, in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if strings.HasPrefix(in.Path, identity.LinkedPath) {
		return nil, errInvalidInput.Withf("The path %s is reserved for service-linked roles.", identity.LinkedPath)
	}
	account, region := call(ctx)
	out := new(CreateRoleOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Roles.Get(tx, account, in.RoleName) != nil {
			return exists("Role", in.RoleName)
		}
		if err := checkQuota("Roles", s.dir.Roles.All(tx, account, "")); err != nil {
			return err
		}
		role := &identity.Role{
			Entity:      s.dir.NewEntity(tx, identity.RolePrefix, account, region, in.Path, in.RoleName),
			Description: in.Description, MaxSession: defaultSession,
		}
		if err := s.dir.SetTrust(tx, role, in.AssumeRolePolicyDocument); err != nil {
			return err
		}
		if in.MaxSessionDuration != nil {
			role.MaxSession = *in.MaxSessionDuration
		}
		if err := s.setBoundary(tx, account, &role.Permissions, in.PermissionsBoundary); err != nil {
			return err
		}
		role.SetTags(tagRecords(in.Tags))
		s.dir.Roles.Put(tx, role)
		out.Role = s.newRole(tx, role)
		return nil
	})
	return out, err
}

// GetRoleInput is the input of GetRole.
type GetRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// GetRoleOutput is the output of GetRole.
type GetRoleOutput struct {
	Role *Role
}

// GetRole describes a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html.
func (s *Service) GetRole(ctx context.Context, in *GetRoleInput) (*GetRoleOutput, error) {
	account, _ := call(ctx)
	out := new(GetRoleOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		role := s.dir.Roles.Get(r, account, in.RoleName)
		if role == nil {
			return noSuch("role", in.RoleName)
		}
		out.Role = s.fullRole(r, role)
		return nil
	})
	return out, err
}

// ListRolesInput is the input of ListRoles.
type ListRolesInput struct {
	PathPrefix string `check:"min=1,max=512" pattern:"\\u002F[\\u0021-\\u007F]*"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListRolesOutput is the output of ListRoles.
type ListRolesOutput struct {
	Roles       []Role
	IsTruncated bool
	Marker      string
}

// ListRoles lists the account's roles by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html.
func (s *Service) ListRoles(ctx context.Context, in *ListRolesInput) (*ListRolesOutput, error) {
	account, _ := call(ctx)
	var roles []Role
	err := s.dir.View(ctx, func(r store.Reader) error {
		roles = roles[:0]
		for role := range s.dir.Roles.All(r, account, "") {
			if strings.HasPrefix(role.Path, in.PathPrefix) {
				roles = append(roles, s.roleShape(r, role))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(roles, func(r Role) string { return r.RoleName }, in.Marker, in.MaxItems)
	return &ListRolesOutput{Roles: part, Marker: next, IsTruncated: next != ""}, err
}

// UpdateRoleInput is the input of UpdateRole.
type UpdateRoleInput struct {
	RoleName           string  `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Description        *string `check:"max=1000" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"`
	MaxSessionDuration *int    `check:"min=3600,max=43200"`
}

// UpdateRoleOutput is the output of UpdateRole.
type UpdateRoleOutput struct {
	_ struct{} `out:"result"`
}

// UpdateRole changes a role's description and its MaxSessionDuration, which
// becomes an hour where none is given.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html.
func (s *Service) UpdateRole(ctx context.Context, in *UpdateRoleInput) (*UpdateRoleOutput, error) {
	return new(UpdateRoleOutput), s.editAnyRole(ctx, in.RoleName, func(_ store.Tx, role *identity.Role) error {
		if in.MaxSessionDuration != nil {
			if err := protected(role); err != nil {
				return err
			}
		}
		if in.Description != nil {
			role.Description = *in.Description
		}
		role.MaxSession = defaultSession
		if in.MaxSessionDuration != nil {
			role.MaxSession = *in.MaxSessionDuration
		}
		return nil
	})
}

// UpdateRoleDescriptionInput is the input of UpdateRoleDescription.
type UpdateRoleDescriptionInput struct {
	RoleName    string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Description string `check:"required,max=1000" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"`
}

// UpdateRoleDescriptionOutput is the output of UpdateRoleDescription.
type UpdateRoleDescriptionOutput struct {
	Role *Role
}

// UpdateRoleDescription changes a role's description.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html.
func (s *Service) UpdateRoleDescription(ctx context.Context, in *UpdateRoleDescriptionInput) (*UpdateRoleDescriptionOutput, error) {
	out := new(UpdateRoleDescriptionOutput)
	err := s.editAnyRole(ctx, in.RoleName, func(tx store.Tx, role *identity.Role) error {
		role.Description = in.Description
		out.Role = s.newRole(tx, role)
		return nil
	})
	return out, err
}

// UpdateAssumeRolePolicyInput is the input of UpdateAssumeRolePolicy.
type UpdateAssumeRolePolicyInput struct {
	RoleName       string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// UpdateAssumeRolePolicyOutput is the output of UpdateAssumeRolePolicy.
type UpdateAssumeRolePolicyOutput struct{}

// UpdateAssumeRolePolicy replaces a role's trust policy.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html.
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *UpdateAssumeRolePolicyInput) (*UpdateAssumeRolePolicyOutput, error) {
	if err := s.checkTrust(ctx, in.RoleName, in.PolicyDocument); err != nil {
		return nil, err
	}
	return new(UpdateAssumeRolePolicyOutput), s.editRole(ctx, in.RoleName, func(tx store.Tx, role *identity.Role) error {
		return s.dir.SetTrust(tx, role, in.PolicyDocument)
	})
}

// DeleteRoleInput is the input of DeleteRole.
type DeleteRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// DeleteRoleOutput is the output of DeleteRole.
type DeleteRoleOutput struct{}

// DeleteRole deletes a role that has no policies left and is in no instance profile.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html.
func (s *Service) DeleteRole(ctx context.Context, in *DeleteRoleInput) (*DeleteRoleOutput, error) {
	account, _ := call(ctx)
	return new(DeleteRoleOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		role := s.dir.Roles.Get(tx, account, in.RoleName)
		if role == nil {
			return noSuch("role", in.RoleName)
		}
		if err := protected(role); err != nil {
			return err
		}
		switch {
		case len(role.Attached) > 0:
			return errDeleteConflict.With(mustDetachPolicies)
		case len(role.Inline) > 0:
			return errDeleteConflict.With(mustDeletePolicies)
		case len(s.profilesOf(tx, role)) > 0:
			return errDeleteConflict.With(mustRemoveRoles)
		}
		s.dir.Roles.Delete(tx, role)
		return nil
	})
}

// profilesOf are the instance profiles that a role is in.
func (s *Service) profilesOf(r store.Reader, role *identity.Role) (profiles []*identity.Profile) {
	for p := range s.dir.Profiles.All(r, role.Account, "") {
		if p.Role == role.ID {
			profiles = append(profiles, p)
		}
	}
	return profiles
}

// editRole changes a role that is not service-linked.
func (s *Service) editRole(ctx context.Context, name string, edit func(store.Tx, *identity.Role) error) error {
	return s.editAnyRole(ctx, name, func(tx store.Tx, role *identity.Role) error {
		if err := protected(role); err != nil {
			return err
		}
		return edit(tx, role)
	})
}

// editAnyRole changes a role, or what may be changed of a service-linked one:
// its description and tags.
func (s *Service) editAnyRole(ctx context.Context, name string, edit func(store.Tx, *identity.Role) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		role := s.dir.Roles.Edit(tx, account, name)
		if role == nil {
			return noSuch("role", name)
		}
		if err := edit(tx, role); err != nil {
			return err
		}
		s.dir.Roles.Put(tx, role)
		return nil
	})
}
