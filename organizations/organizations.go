package organizations

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what the service needs. All fields are required.
type Config struct {
	Directory *identity.Directory
	IDs       *ids.Source
	// Log gets lint's findings in policies.
	Log *slog.Logger
}

// Service is AWS Organizations.
type Service struct {
	dir *identity.Directory
	ids *ids.Source
	log *slog.Logger
}

// New is the service over the directory's records.
func New(c Config) *Service { return &Service{c.Directory, c.IDs, c.Log} }

// API describes the service.
func (s *Service) API() api.Service {
	denied := func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) }
	return api.Service{
		Name: "organizations", Title: "Organizations", Principal: "organizations.amazonaws.com",
		Dialects: []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "AWSOrganizationsV20161128"}},
		Global:   true,
		Denied:   denied, OwnerOnly: denied,
		Invalid: invalid,
		Operations: []api.Operation{
			onAny("CreateOrganization", s.CreateOrganization),
			onAny("DescribeOrganization", s.DescribeOrganization, api.ReadOnly),
			onAny("DeleteOrganization", s.DeleteOrganization),
			onAny("ListRoots", s.ListRoots, api.ReadOnly),

			onAny("EnableAWSServiceAccess", s.EnableAWSServiceAccess),
			onAny("DisableAWSServiceAccess", s.DisableAWSServiceAccess),
			onAny("ListAWSServiceAccessForOrganization", s.ListAWSServiceAccessForOrganization, api.ReadOnly),
			on(s, "RegisterDelegatedAdministrator", s.RegisterDelegatedAdministrator, func(in *RegisterDelegatedAdministratorInput) []string { return []string{in.AccountId} }),
			on(s, "DeregisterDelegatedAdministrator", s.DeregisterDelegatedAdministrator, func(in *DeregisterDelegatedAdministratorInput) []string { return []string{in.AccountId} }),
			onAny("ListDelegatedAdministrators", s.ListDelegatedAdministrators, api.ReadOnly),
			on(s, "ListDelegatedServicesForAccount", s.ListDelegatedServicesForAccount, func(in *ListDelegatedServicesForAccountInput) []string { return []string{in.AccountId} }, api.ReadOnly),

			onAny("CreateAccount", s.CreateAccount),
			onAny("DescribeCreateAccountStatus", s.DescribeCreateAccountStatus, api.ReadOnly),
			onAny("ListAccounts", s.ListAccounts, api.ReadOnly),
			on(s, "DescribeAccount", s.DescribeAccount, func(in *DescribeAccountInput) []string { return []string{in.AccountId} }, api.ReadOnly),
			on(s, "RemoveAccountFromOrganization", s.RemoveAccountFromOrganization, func(in *RemoveAccountFromOrganizationInput) []string { return []string{in.AccountId} }),
			on(s, "CloseAccount", s.CloseAccount, func(in *CloseAccountInput) []string { return []string{in.AccountId} }),
			on(s, "MoveAccount", s.MoveAccount, func(in *MoveAccountInput) []string {
				return []string{in.AccountId, in.SourceParentId, in.DestinationParentId}
			}),

			on(s, "CreateOrganizationalUnit", s.CreateOrganizationalUnit, func(in *CreateOrganizationalUnitInput) []string { return []string{in.ParentId} }),
			on(s, "DescribeOrganizationalUnit", s.DescribeOrganizationalUnit, func(in *DescribeOrganizationalUnitInput) []string { return []string{in.OrganizationalUnitId} }, api.ReadOnly),
			on(s, "UpdateOrganizationalUnit", s.UpdateOrganizationalUnit, func(in *UpdateOrganizationalUnitInput) []string { return []string{in.OrganizationalUnitId} }),
			on(s, "DeleteOrganizationalUnit", s.DeleteOrganizationalUnit, func(in *DeleteOrganizationalUnitInput) []string { return []string{in.OrganizationalUnitId} }),
			on(s, "ListOrganizationalUnitsForParent", s.ListOrganizationalUnitsForParent, func(in *ListOrganizationalUnitsForParentInput) []string { return []string{in.ParentId} }, api.ReadOnly),
			on(s, "ListAccountsForParent", s.ListAccountsForParent, func(in *ListAccountsForParentInput) []string { return []string{in.ParentId} }, api.ReadOnly),
			on(s, "ListChildren", s.ListChildren, func(in *ListChildrenInput) []string { return []string{in.ParentId} }, api.ReadOnly),
			on(s, "ListParents", s.ListParents, func(in *ListParentsInput) []string { return []string{in.ChildId} }, api.ReadOnly),

			onAny("CreatePolicy", s.CreatePolicy),
			on(s, "DescribePolicy", s.DescribePolicy, func(in *DescribePolicyInput) []string { return []string{in.PolicyId} }, api.ReadOnly),
			on(s, "UpdatePolicy", s.UpdatePolicy, func(in *UpdatePolicyInput) []string { return []string{in.PolicyId} }),
			on(s, "DeletePolicy", s.DeletePolicy, func(in *DeletePolicyInput) []string { return []string{in.PolicyId} }),
			onAny("ListPolicies", s.ListPolicies, api.ReadOnly),
			on(s, "EnablePolicyType", s.EnablePolicyType, func(in *EnablePolicyTypeInput) []string { return []string{in.RootId} }),
			on(s, "DisablePolicyType", s.DisablePolicyType, func(in *DisablePolicyTypeInput) []string { return []string{in.RootId} }),
			on(s, "AttachPolicy", s.AttachPolicy, func(in *AttachPolicyInput) []string { return []string{in.PolicyId, in.TargetId} }),
			on(s, "DetachPolicy", s.DetachPolicy, func(in *DetachPolicyInput) []string { return []string{in.PolicyId, in.TargetId} }),
			on(s, "ListPoliciesForTarget", s.ListPoliciesForTarget, func(in *ListPoliciesForTargetInput) []string { return []string{in.TargetId} }, api.ReadOnly),
			on(s, "ListTargetsForPolicy", s.ListTargetsForPolicy, func(in *ListTargetsForPolicyInput) []string { return []string{in.PolicyId} }, api.ReadOnly),

			on(s, "TagResource", s.TagResource, func(in *TagResourceInput) []string { return []string{in.ResourceId} }),
			on(s, "UntagResource", s.UntagResource, func(in *UntagResourceInput) []string { return []string{in.ResourceId} }),
			on(s, "ListTagsForResource", s.ListTagsForResource, func(in *ListTagsForResourceInput) []string { return []string{in.ResourceId} }, api.ReadOnly),
		},
	}
}

func account(ctx context.Context) string { return api.RequestFrom(ctx).Account }

// of is the organization of an account, or nil.
func (s *Service) of(r store.Reader, account string) *identity.Organization {
	return s.dir.OrganizationOf(r, account)
}

// managed is the organization of which the calling account is the management
// account; an error for other members and for accounts without an organization.
func (s *Service) managed(ctx context.Context, r store.Reader) (*identity.Organization, error) {
	o := s.of(r, account(ctx))
	switch {
	case o == nil:
		return nil, errNotInUse
	case o.Management != account(ctx):
		return nil, errAccessDenied
	}
	return o, nil
}

// view reads the calling account's organization. The account must be its
// management account or a delegated administrator.
func (s *Service) view(ctx context.Context, read func(store.Reader, *identity.Organization) error) error {
	return s.dir.View(ctx, func(r store.Reader) error {
		o := s.of(r, account(ctx))
		if o == nil || !o.Delegates(account(ctx), "") {
			var err error
			if o, err = s.managed(ctx, r); err != nil {
				return err
			}
		}
		return read(r, o)
	})
}

// update changes the calling account's organization, of which it must be the
// management account. write gets a copy to change and put.
func (s *Service) update(ctx context.Context, write func(store.Tx, *identity.Organization) error) error {
	return s.dir.Update(ctx, func(tx store.Tx) error {
		o, err := s.managed(ctx, tx)
		if err != nil {
			return err
		}
		return write(tx, s.dir.EditOrganization(tx, o.ID))
	})
}
