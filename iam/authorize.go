package iam

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// keyUser is what GetAccessKeyLastUsed acts on: the user or root user whose key it is.
func (s *Service) keyUser(ctx context.Context, in *GetAccessKeyLastUsedInput) ([]api.Check, error) {
	account, region := call(ctx)
	t := api.Target{ARN: arn.Global("iam", region, account, "user/*").String(), Account: account}
	err := s.dir.View(ctx, func(r store.Reader) error {
		k := s.dir.Key(r, in.AccessKeyId)
		if k == nil || k.Account != account {
			return nil
		}
		if k.Principal == account {
			t.ARN = arn.Global("iam", region, account, "root").String()
		}
		if u := s.dir.Users.ByID(r, k.Principal); u != nil {
			aimAt(&t, in, u)
		}
		return nil
	})
	return []api.Check{{Action: "iam:GetAccessKeyLastUsed", Target: t}}, err
}

// listCredentials is what ListServiceSpecificCredentials acts on: a user, or all.
func (s *Service) listCredentials(ctx context.Context, in *ListServiceSpecificCredentialsInput) ([]api.Check, error) {
	t, _, err := s.target(ctx, users, in)
	if in.AllUsers {
		account, region := call(ctx)
		t = api.Target{ARN: arn.Global("iam", region, account, "user/*").String(), Account: account, Keys: t.Keys}
	}
	return []api.Check{{Action: "iam:ListServiceSpecificCredentials", Target: t}}, err
}

// changePassword is what ChangePassword acts on: the calling user. The
// account's password policy can allow users to change their own password.
func (s *Service) changePassword(ctx context.Context, in *ChangePasswordInput) ([]api.Check, error) {
	const action = "iam:ChangePassword"
	t, _, err := s.target(ctx, users, in)
	if err != nil {
		return nil, err
	}
	t.Policy, err = s.ownPassword(ctx, action)
	return []api.Check{{Action: action, Target: t}}, err
}

// readPasswordPolicy is what GetAccountPasswordPolicy acts on. Users who may
// change their own password may also read the policy for it.
func (s *Service) readPasswordPolicy(ctx context.Context, _ *GetAccountPasswordPolicyInput) ([]api.Check, error) {
	const action = "iam:GetAccountPasswordPolicy"
	account, _ := call(ctx)
	policy, err := s.ownPassword(ctx, action)
	return []api.Check{{Action: action, Target: api.Target{ARN: "*", Account: account, Phrase: "resource: *", Policy: policy}}}, err
}

// ownPassword is a policy that allows an action to the calling user; nil where the
// account does not let users change their passwords. It names the user by unique id,
// because another user may have had the ARN before.
func (s *Service) ownPassword(ctx context.Context, action string) (*policyeval.Policy, error) {
	account, _ := call(ctx)
	caller, allows := api.RequestFrom(ctx).Caller, false
	err := s.dir.View(ctx, func(r store.Reader) error {
		p := s.dir.Account(r, account).Passwords
		allows = p != nil && p.UsersChange && caller.Type == policyeval.User
		return nil
	})
	if !allows || err != nil {
		return nil, err
	}
	document, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + caller.ID + `"},"Action":"` + action + `","Resource":"*"}]}`)
	return &policyeval.Policy{Name: "account password policy", Document: document}, err
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

// addRoleChecks is what must be allowed to add a role to an instance profile.
// It includes iam:PassRole, because EC2 gets the role.
func (s *Service) addRoleChecks(ctx context.Context, in *AddRoleToInstanceProfileInput) ([]api.Check, error) {
	profile, _, err := s.target(ctx, profiles, in)
	if err != nil {
		return nil, err
	}
	role, _, err := s.target(ctx, roles, in)
	if err != nil {
		return nil, err
	}
	keys := role.Keys
	role.Keys = func(c *policyeval.Context) {
		keys(c)
		c.Set("iam:PassedToService", "ec2.amazonaws.com"+dnsSuffix(role.ARN))
	}
	return []api.Check{{Action: "iam:AddRoleToInstanceProfile", Target: profile}, {Action: "iam:PassRole", Target: role}}, nil
}

// dnsSuffix is what service principals in the ARN's partition have after
// amazonaws.com.
func dnsSuffix(roleARN string) string {
	if strings.HasPrefix(roleARN, "arn:aws-cn:") {
		return ".cn"
	}
	return ""
}

// getDevice is what GetMFADevice acts on: the user that it names, or else the one
// that has the device, whoever calls.
func (s *Service) getDevice(ctx context.Context, in *GetMFADeviceInput) ([]api.Check, error) {
	t, _, err := s.target(ctx, users, in)
	if err != nil {
		return nil, err
	}
	account, _ := call(ctx)
	err = s.dir.View(ctx, func(r store.Reader) error {
		if d := s.device(r, account, in.SerialNumber); d != nil && in.UserName == "" {
			if u := s.dir.Users.ByID(r, d.Owner); u != nil {
				aimAt(&t, in, u)
			}
		}
		return nil
	})
	return []api.Check{{Action: "iam:GetMFADevice", Target: t}}, err
}
