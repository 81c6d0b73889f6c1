package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// rootAdministered is the organization whose central root access the calling
// account may manage: as its management account, or as delegated administrator
// for IAM.
func (s *Service) rootAdministered(ctx context.Context, r store.Reader) (*identity.Organization, error) {
	account, _ := call(ctx)
	o := s.dir.OrganizationOf(r, account)
	switch {
	case o == nil:
		return nil, errNoOrganization.Withf("Input account %s is not in an organization.", account)
	case o.FeatureSet != identity.AllFeatures:
		return nil, errNotAllFeatures.Withf("Organization of input account %s does not have all features enabled.", account)
	case !o.Trusts(identity.IAMService):
		return nil, errNotTrusted.Withf("Trusted Access for IAM not enabled by organization of input account %s.", account)
	case o.Management != account && !o.Delegates(account, identity.IAMService):
		return nil, errNotAdministrator.Withf("Input account %s is neither management account nor delegated admin.", account)
	}
	return o, nil
}

// setRootFeature turns a feature on, which only the management account may, or
// off. It may be so already.
func (s *Service) setRootFeature(ctx context.Context, feature string, on bool) (id string, enabled []string, err error) {
	account, _ := call(ctx)
	err = s.dir.Update(ctx, func(tx store.Tx) error {
		o, err := s.rootAdministered(ctx, tx)
		if err != nil {
			return err
		}
		if on && o.Management != account {
			return errNotManagement.Withf("Caller account %s is not management account of the organization and cannot enable IAM features.", account)
		}
		o = s.dir.EditOrganization(tx, o.ID)
		o.SetRootFeature(feature, on)
		s.dir.PutOrganization(tx, o)
		id, enabled = o.ID, featureList(o)
		return nil
	})
	return id, enabled, err
}

// featureList are the features that are on; an empty list where none is.
func featureList(o *identity.Organization) []string {
	return append([]string{}, o.RootFeatures...)
}

// EnableOrganizationsRootSessionsInput is the input of EnableOrganizationsRootSessions.
type EnableOrganizationsRootSessionsInput struct{}

// EnableOrganizationsRootSessionsOutput is the output of EnableOrganizationsRootSessions.
type EnableOrganizationsRootSessionsOutput struct {
	EnabledFeatures []string
	OrganizationId  string
}

// EnableOrganizationsRootSessions lets the policies of queues and buckets of
// members be unlocked with sts:AssumeRoot.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootSessions.html.
func (s *Service) EnableOrganizationsRootSessions(ctx context.Context, _ *EnableOrganizationsRootSessionsInput) (*EnableOrganizationsRootSessionsOutput, error) {
	id, enabled, err := s.setRootFeature(ctx, identity.RootSessions, true)
	return &EnableOrganizationsRootSessionsOutput{EnabledFeatures: enabled, OrganizationId: id}, err
}

// DisableOrganizationsRootSessionsInput is the input of DisableOrganizationsRootSessions.
type DisableOrganizationsRootSessionsInput struct{}

// DisableOrganizationsRootSessionsOutput is the output of DisableOrganizationsRootSessions.
type DisableOrganizationsRootSessionsOutput struct {
	EnabledFeatures []string
	OrganizationId  string
}

// DisableOrganizationsRootSessions undoes EnableOrganizationsRootSessions. Existing
// sessions stay valid.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOrganizationsRootSessions.html.
func (s *Service) DisableOrganizationsRootSessions(ctx context.Context, _ *DisableOrganizationsRootSessionsInput) (*DisableOrganizationsRootSessionsOutput, error) {
	id, enabled, err := s.setRootFeature(ctx, identity.RootSessions, false)
	return &DisableOrganizationsRootSessionsOutput{EnabledFeatures: enabled, OrganizationId: id}, err
}

// EnableOrganizationsRootCredentialsManagementInput is the input of EnableOrganizationsRootCredentialsManagement.
type EnableOrganizationsRootCredentialsManagementInput struct{}

// EnableOrganizationsRootCredentialsManagementOutput is the output of EnableOrganizationsRootCredentialsManagement.
type EnableOrganizationsRootCredentialsManagementOutput struct {
	EnabledFeatures []string
	OrganizationId  string
}

// EnableOrganizationsRootCredentialsManagement lets the credentials of the root
// users of members be looked after with sts:AssumeRoot.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html.
func (s *Service) EnableOrganizationsRootCredentialsManagement(ctx context.Context, _ *EnableOrganizationsRootCredentialsManagementInput) (*EnableOrganizationsRootCredentialsManagementOutput, error) {
	id, enabled, err := s.setRootFeature(ctx, identity.RootCredentials, true)
	return &EnableOrganizationsRootCredentialsManagementOutput{EnabledFeatures: enabled, OrganizationId: id}, err
}

// DisableOrganizationsRootCredentialsManagementInput is the input of DisableOrganizationsRootCredentialsManagement.
type DisableOrganizationsRootCredentialsManagementInput struct{}

// DisableOrganizationsRootCredentialsManagementOutput is the output of DisableOrganizationsRootCredentialsManagement.
type DisableOrganizationsRootCredentialsManagementOutput struct {
	EnabledFeatures []string
	OrganizationId  string
}

// DisableOrganizationsRootCredentialsManagement undoes
// EnableOrganizationsRootCredentialsManagement. Existing sessions stay valid.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOrganizationsRootCredentialsManagement.html.
func (s *Service) DisableOrganizationsRootCredentialsManagement(ctx context.Context, _ *DisableOrganizationsRootCredentialsManagementInput) (*DisableOrganizationsRootCredentialsManagementOutput, error) {
	id, enabled, err := s.setRootFeature(ctx, identity.RootCredentials, false)
	return &DisableOrganizationsRootCredentialsManagementOutput{EnabledFeatures: enabled, OrganizationId: id}, err
}

// ListOrganizationsFeaturesInput is the input of ListOrganizationsFeatures.
type ListOrganizationsFeaturesInput struct{}

// ListOrganizationsFeaturesOutput is the output of ListOrganizationsFeatures.
type ListOrganizationsFeaturesOutput struct {
	EnabledFeatures []string
	OrganizationId  string
}

// ListOrganizationsFeatures tells what of central root access is on.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html.
func (s *Service) ListOrganizationsFeatures(ctx context.Context, _ *ListOrganizationsFeaturesInput) (*ListOrganizationsFeaturesOutput, error) {
	out := new(ListOrganizationsFeaturesOutput)
	return out, s.dir.View(ctx, func(r store.Reader) error {
		o, err := s.rootAdministered(ctx, r)
		if err == nil {
			out.EnabledFeatures, out.OrganizationId = featureList(o), o.ID
		}
		return err
	})
}
