package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateRoleInput is the input of CreateRole.
type CreateRoleInput struct {
	AssumeRolePolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	RoleName                 string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Description              string `check:"max=1000" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"`
	MaxSessionDuration       *int   `check:"min=3600,max=43200"`
	Path                     string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	PermissionsBoundary      string `check:"min=20,max=2048"`
	Tags                     []Tag  `check:"max=50"`
}

// CreateRoleOutput is the output of CreateRole.
type CreateRoleOutput struct{ Role *Role }

// CreateRole makes a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
func (s *Service) CreateRole(ctx context.Context, in *CreateRoleInput) (*CreateRoleOutput, error) {
	if err := s.checkTrust(ctx, in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreateRoleOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Roles.Get(tx, account, in.RoleName) != nil {
			return exists("Role", in.RoleName)
		}
		role := &identity.Role{
			Entity:      s.dir.NewEntity(tx, identity.RolePrefix, account, region, in.Path, in.RoleName),
			Description: in.Description, Trust: in.AssumeRolePolicyDocument, MaxSession: defaultSession,
		}
		if in.MaxSessionDuration != nil {
			role.MaxSession = *in.MaxSessionDuration
		}
		if err := s.setBoundary(tx, account, &role.Permissions, in.PermissionsBoundary); err != nil {
			return err
		}
		role.SetTags(tagRecords(in.Tags))
		s.dir.Roles.Put(tx, role)
		out.Role = newRole(role)
		return nil
	})
	return out, err
}

// defaultSession is MaxSessionDuration where a role is made without: an hour.
const defaultSession = 3600

// checkTrust refuses a trust policy that IAM refuses.
func (s *Service) checkTrust(_ context.Context, document string) error {
	return checkDocument(document)
}

// GetRoleInput is the input of GetRole.
type GetRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// GetRoleOutput is the output of GetRole.
type GetRoleOutput struct{ Role *Role }

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
		out.Role = fullRole(role)
		return nil
	})
	return out, err
}

// editRole changes a role.
func (s *Service) editRole(ctx context.Context, name string, edit func(store.Tx, *identity.Role) error) error {
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
