package iam

import (
	"context"
	_ "embed" // servicelinked.txt
	"fmt"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
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
// their principals ([I022] to [I024]).
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
		if err := room("Roles", s.dir.Roles.All(tx, account, "")); err != nil {
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

// linkedTarget is a service-linked role, which need not exist, of that service.
func (s *Service) linkedTarget(ctx context.Context, service, name string) api.Target {
	account, region := call(ctx)
	return api.Target{
		ARN: arn.Global("iam", region, account, "role"+identity.LinkedPath+service+"/"+name).String(), Account: account,
		Keys: func(c *policyeval.Context) { set(c, "iam:AWSServiceName", service) },
	}
}

// createLinked is what CreateServiceLinkedRole acts on: the role by the name
// that it will have.
func (s *Service) createLinked(ctx context.Context, in *CreateServiceLinkedRoleInput) ([]api.Check, error) {
	t := s.linkedTarget(ctx, in.AWSServiceName, linkedName(in.AWSServiceName, in.CustomSuffix))
	return []api.Check{{Action: "iam:CreateServiceLinkedRole", Target: t}}, nil
}

// deleteLinked is what DeleteServiceLinkedRole acts on: the role, with the name
// of its service, which its path holds.
func (s *Service) deleteLinked(ctx context.Context, in *DeleteServiceLinkedRoleInput) ([]api.Check, error) {
	t, _, err := s.target(ctx, roles, in)
	if _, below, linked := strings.Cut(t.ARN, ":role"+identity.LinkedPath); linked {
		keys := t.Keys
		t.Keys = func(c *policyeval.Context) {
			keys(c)
			service, _, _ := strings.Cut(below, "/")
			c.Set("iam:AWSServiceName", service)
		}
	}
	return []api.Check{{Action: "iam:DeleteServiceLinkedRole", Target: t}}, err
}

// deletionStatus is what GetServiceLinkedRoleDeletionStatus acts on: the role
// that the task's id names.
func (s *Service) deletionStatus(ctx context.Context, in *GetServiceLinkedRoleDeletionStatusInput) ([]api.Check, error) {
	account, region := call(ctx)
	role := strings.TrimPrefix(in.DeletionTaskId, "task/")
	if i := strings.LastIndexByte(role, '/'); i >= 0 {
		role = role[:i]
	}
	t := api.Target{ARN: arn.Global("iam", region, account, "role/"+role).String(), Account: account}
	return []api.Check{{Action: "iam:GetServiceLinkedRoleDeletionStatus", Target: t}}, nil
}
