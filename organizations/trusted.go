package organizations

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// EnabledServicePrincipal is a service that has access to the organization.
type EnabledServicePrincipal struct {
	ServicePrincipal string
	DateEnabled      time.Time
}

// servicePrincipal is the form of a service principal. All are accepted,
// because AWS often adds services that work with Organizations.
var servicePrincipal = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.amazonaws\.com$`)

func checkService(name string) error {
	if !servicePrincipal.MatchString(name) {
		return errInvalid.With("You specified an unrecognized service principal.").Because("UNRECOGNIZED_SERVICE_PRINCIPAL")
	}
	return nil
}

// EnableAWSServiceAccessInput is the input of EnableAWSServiceAccess.
type EnableAWSServiceAccessInput struct {
	ServicePrincipal string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]*"`
}

// EnableAWSServiceAccessOutput is the output of EnableAWSServiceAccess.
type EnableAWSServiceAccessOutput struct{}

// EnableAWSServiceAccess gives a service access to the organization.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html.
func (s *Service) EnableAWSServiceAccess(ctx context.Context, in *EnableAWSServiceAccessInput) (*EnableAWSServiceAccessOutput, error) {
	return new(EnableAWSServiceAccessOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if err := checkService(in.ServicePrincipal); err != nil {
			return err
		}
		if o.FeatureSet != identity.AllFeatures {
			return errFeatures
		}
		if !o.Trusts(in.ServicePrincipal) {
			o.Trusted = append(o.Trusted, identity.Trusted{Service: in.ServicePrincipal, Since: api.RequestFrom(ctx).Time})
			s.dir.PutOrganization(tx, o)
		}
		return nil
	})
}

// DisableAWSServiceAccessInput is the input of DisableAWSServiceAccess.
type DisableAWSServiceAccessInput struct {
	ServicePrincipal string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]*"`
}

// DisableAWSServiceAccessOutput is the output of DisableAWSServiceAccess.
type DisableAWSServiceAccessOutput struct{}

// DisableAWSServiceAccess ends a service's access to the organization.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisableAWSServiceAccess.html.
func (s *Service) DisableAWSServiceAccess(ctx context.Context, in *DisableAWSServiceAccessInput) (*DisableAWSServiceAccessOutput, error) {
	return new(DisableAWSServiceAccessOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if err := checkService(in.ServicePrincipal); err != nil {
			return err
		}
		if slices.ContainsFunc(o.Delegated, func(d identity.Delegation) bool { return d.Service == in.ServicePrincipal }) {
			return errDelegates
		}
		o.Trusted = slices.DeleteFunc(o.Trusted, func(t identity.Trusted) bool { return t.Service == in.ServicePrincipal })
		s.dir.PutOrganization(tx, o)
		return nil
	})
}

// ListAWSServiceAccessForOrganizationInput is the input of ListAWSServiceAccessForOrganization.
type ListAWSServiceAccessForOrganizationInput struct {
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListAWSServiceAccessForOrganizationOutput is the output of ListAWSServiceAccessForOrganization.
type ListAWSServiceAccessForOrganizationOutput struct {
	EnabledServicePrincipals []EnabledServicePrincipal
	NextToken                string
}

// ListAWSServiceAccessForOrganization lists the services that have access to the
// organization.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAWSServiceAccessForOrganization.html.
func (s *Service) ListAWSServiceAccessForOrganization(ctx context.Context, in *ListAWSServiceAccessForOrganizationInput) (*ListAWSServiceAccessForOrganizationOutput, error) {
	var enabled []EnabledServicePrincipal
	err := s.view(ctx, func(_ store.Reader, o *identity.Organization) error {
		enabled = enabled[:0]
		for _, t := range o.Trusted {
			enabled = append(enabled, EnabledServicePrincipal{ServicePrincipal: t.Service, DateEnabled: t.Since})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(enabled, func(e EnabledServicePrincipal) string { return e.ServicePrincipal }, in.NextToken, in.MaxResults)
	return &ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: part, NextToken: next}, err
}
