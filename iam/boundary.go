package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// setBoundary makes a managed policy the permissions boundary; "" is none.
func (s *Service) setBoundary(r store.Reader, account string, p *identity.Permissions, policyARN string) error {
	if policyARN != "" {
		if err := checkPolicyARN(policyARN); err != nil {
			return err
		}
		if s.dir.Managed(r, account, policyARN) == nil {
			return errNoSuchEntity.Withf("Scope ARN: %s does not exist or is not attachable.", policyARN)
		}
	}
	p.Boundary = policyARN
	return nil
}

func (s *Service) editBoundary(ctx context.Context, kind, entity, policyARN string) error {
	return s.editHolder(ctx, kind, entity, func(tx store.Tx, h holder) error {
		return s.setBoundary(tx, h.entity.Account, h.permissions, policyARN)
	})
}

// PutUserPermissionsBoundaryInput is the input of PutUserPermissionsBoundary.
type PutUserPermissionsBoundaryInput struct {
	UserName            string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PermissionsBoundary string `check:"required,min=20,max=2048"`
}

// PutUserPermissionsBoundaryOutput is the output of PutUserPermissionsBoundary.
type PutUserPermissionsBoundaryOutput struct{}

// PutUserPermissionsBoundary sets a user's permissions boundary.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html.
func (s *Service) PutUserPermissionsBoundary(ctx context.Context, in *PutUserPermissionsBoundaryInput) (*PutUserPermissionsBoundaryOutput, error) {
	return new(PutUserPermissionsBoundaryOutput), s.editBoundary(ctx, kindUser, in.UserName, in.PermissionsBoundary)
}

// DeleteUserPermissionsBoundaryInput is the input of DeleteUserPermissionsBoundary.
type DeleteUserPermissionsBoundaryInput struct {
	UserName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// DeleteUserPermissionsBoundaryOutput is the output of DeleteUserPermissionsBoundary.
type DeleteUserPermissionsBoundaryOutput struct{}

// DeleteUserPermissionsBoundary removes a user's permissions boundary, if it has one.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html.
func (s *Service) DeleteUserPermissionsBoundary(ctx context.Context, in *DeleteUserPermissionsBoundaryInput) (*DeleteUserPermissionsBoundaryOutput, error) {
	return new(DeleteUserPermissionsBoundaryOutput), s.editBoundary(ctx, kindUser, in.UserName, "")
}

// PutRolePermissionsBoundaryInput is the input of PutRolePermissionsBoundary.
type PutRolePermissionsBoundaryInput struct {
	RoleName            string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PermissionsBoundary string `check:"required,min=20,max=2048"`
}

// PutRolePermissionsBoundaryOutput is the output of PutRolePermissionsBoundary.
type PutRolePermissionsBoundaryOutput struct{}

// PutRolePermissionsBoundary sets a role's permissions boundary.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html.
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *PutRolePermissionsBoundaryInput) (*PutRolePermissionsBoundaryOutput, error) {
	return new(PutRolePermissionsBoundaryOutput), s.editBoundary(ctx, kindRole, in.RoleName, in.PermissionsBoundary)
}

// DeleteRolePermissionsBoundaryInput is the input of DeleteRolePermissionsBoundary.
type DeleteRolePermissionsBoundaryInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// DeleteRolePermissionsBoundaryOutput is the output of DeleteRolePermissionsBoundary.
type DeleteRolePermissionsBoundaryOutput struct{}

// DeleteRolePermissionsBoundary removes a role's permissions boundary, if it has one.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html.
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *DeleteRolePermissionsBoundaryInput) (*DeleteRolePermissionsBoundaryOutput, error) {
	return new(DeleteRolePermissionsBoundaryOutput), s.editBoundary(ctx, kindRole, in.RoleName, "")
}
