package iam

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// linkedText is the table of services; it says itself where it comes from.
//
//go:embed servicelinked.txt
var linkedText string

// linkedService is what a service's own role is like.
type linkedService struct {
	role, policy string
	suffix       bool // a role may have one, so that there can be several
}

// linkedServices are the services that service-linked roles can be made for, by
// their principals [I022]-[I024].
var linkedServices = sync.OnceValue(func() map[string]linkedService {
	services := map[string]linkedService{}
	for line := range strings.Lines(linkedText) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		services[f[0]+".amazonaws.com"] = linkedService{role: f[1], policy: f[2], suffix: len(f) > 3}
	}
	return services
})

// linkedName is the role that a request asks for.
func linkedName(service, suffix string) string {
	name := linkedServices()[service].role
	if suffix != "" {
		name += "_" + suffix
	}
	return name
}

// CreateServiceLinkedRoleInput is the input of CreateServiceLinkedRole.
type CreateServiceLinkedRoleInput struct {
	AWSServiceName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Description    string `check:"max=1000" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"`
	CustomSuffix   string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// CreateServiceLinkedRoleOutput is the output of CreateServiceLinkedRole.
type CreateServiceLinkedRoleOutput struct {
	Role *Role
}

// CreateServiceLinkedRole makes the role that a service of AWS acts by.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html.
func (s *Service) CreateServiceLinkedRole(ctx context.Context, in *CreateServiceLinkedRoleInput) (*CreateServiceLinkedRoleOutput, error) {
	service, known := linkedServices()[in.AWSServiceName]
	switch {
	case !known:
		return nil, errInvalidInput.Withf("Service linked roles are not supported for service %s", in.AWSServiceName)
	case in.CustomSuffix != "" && !service.suffix: // [I012]
		return nil, errInvalidInput.Withf("Custom suffix is not allowed for %s", in.AWSServiceName)
	}
	account, region := call(ctx)
	name := linkedName(in.AWSServiceName, in.CustomSuffix)
	out := new(CreateServiceLinkedRoleOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Roles.Get(tx, account, name) != nil { // [I012]
			return errInvalidInput.Withf("Service role name %s has been taken in this account, please try a different suffix.", name)
		}
		if err := checkQuota("Roles", s.dir.Roles.All(tx, account, "")); err != nil {
			return err
		}
		role := &identity.Role{
			Entity:      s.dir.NewEntity(tx, identity.RolePrefix, account, region, identity.LinkedPath+in.AWSServiceName+"/", name),
			Description: in.Description, MaxSession: defaultSession,
		}
		const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sts:AssumeRole"}]}`
		if err := s.dir.SetTrust(tx, role, fmt.Sprintf(trust, in.AWSServiceName)); err != nil {
			return err
		}
		role.Attached = []string{arn.ARN{Partition: role.Partition, Service: "iam", AccountID: "aws", Resource: "policy" + identity.LinkedPath + service.policy}.String()}
		s.dir.Roles.Put(tx, role)
		out.Role = s.newRole(tx, role)
		return nil
	})
	return out, err
}

// DeleteServiceLinkedRoleInput is the input of DeleteServiceLinkedRole.
type DeleteServiceLinkedRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// DeleteServiceLinkedRoleOutput is the output of DeleteServiceLinkedRole.
type DeleteServiceLinkedRoleOutput struct {
	DeletionTaskId string
}

// DeleteServiceLinkedRole deletes the role that a service acts by. AWS asks the
// service whether it is in use, which it never is here, so that the task is done
// as soon as it is made.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html.
func (s *Service) DeleteServiceLinkedRole(ctx context.Context, in *DeleteServiceLinkedRoleInput) (*DeleteServiceLinkedRoleOutput, error) {
	account, _ := call(ctx)
	out := new(DeleteServiceLinkedRoleOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		role := s.dir.Roles.Get(tx, account, in.RoleName)
		switch {
		case role == nil:
			return noSuch("role", in.RoleName)
		case !role.Linked():
			return errInvalidInput.Withf("The role with name %s is not a service-linked role.", role.Name)
		}
		out.DeletionTaskId = s.dir.NewDeletion(tx, role)
		s.dir.Roles.Delete(tx, role)
		return nil
	})
	return out, err
}

// GetServiceLinkedRoleDeletionStatusInput is the input of GetServiceLinkedRoleDeletionStatus.
type GetServiceLinkedRoleDeletionStatusInput struct {
	DeletionTaskId string `check:"required,min=1,max=1000"`
}

// GetServiceLinkedRoleDeletionStatusOutput is the output of GetServiceLinkedRoleDeletionStatus.
type GetServiceLinkedRoleDeletionStatusOutput struct {
	Status string
	// Reason is absent: no deletion fails here.
	Reason *DeletionTaskFailureReasonType
}

// DeletionTaskFailureReasonType says why a service-linked role was not deleted.
type DeletionTaskFailureReasonType struct {
	Reason        string
	RoleUsageList []RoleUsageType
}

// RoleUsageType is what uses a service-linked role in a region.
type RoleUsageType struct {
	Region    string
	Resources []string
}

// GetServiceLinkedRoleDeletionStatus tells how far a deletion is: done.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html.
func (s *Service) GetServiceLinkedRoleDeletionStatus(ctx context.Context, in *GetServiceLinkedRoleDeletionStatusInput) (*GetServiceLinkedRoleDeletionStatusOutput, error) {
	account, _ := call(ctx)
	return &GetServiceLinkedRoleDeletionStatusOutput{Status: "SUCCEEDED"}, s.dir.View(ctx, func(r store.Reader) error {
		if !s.dir.Deleted(r, account, in.DeletionTaskId) {
			return errNoSuchEntity.Withf("Deletion task %s cannot be found.", in.DeletionTaskId)
		}
		return nil
	})
}
