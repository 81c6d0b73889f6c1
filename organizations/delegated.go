package organizations

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// DelegatedAdministrator is an account that administers services of the organization.
type DelegatedAdministrator struct {
	Id                    string
	Arn                   string
	Email                 string `sensitive:"true"`
	Name                  string `sensitive:"true"`
	Status                string
	State                 string
	JoinedMethod          string
	JoinedTimestamp       time.Time
	DelegationEnabledDate time.Time
}

// DelegatedService is a service that an account administers.
type DelegatedService struct {
	ServicePrincipal      string
	DelegationEnabledDate time.Time
}

// RegisterDelegatedAdministratorInput is the input of RegisterDelegatedAdministrator.
type RegisterDelegatedAdministratorInput struct {
	AccountId        string `check:"required,max=12" pattern:"^\\d{12}$"`
	ServicePrincipal string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]*"`
}

// RegisterDelegatedAdministratorOutput is the output of RegisterDelegatedAdministrator.
type RegisterDelegatedAdministratorOutput struct{}

// RegisterDelegatedAdministrator lets an account administer a service that has
// access. It may then call the read operations of Organizations.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html.
func (s *Service) RegisterDelegatedAdministrator(ctx context.Context, in *RegisterDelegatedAdministratorInput) (*RegisterDelegatedAdministratorOutput, error) {
	now := api.RequestFrom(ctx).Time
	return new(RegisterDelegatedAdministratorOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if err := checkService(in.ServicePrincipal); err != nil {
			return err
		}
		m := s.member(tx, o, in.AccountId)
		switch {
		case m == nil:
			return errAccount
		case in.AccountId == o.Management:
			return errDelegateMaster
		case m.State(now) != identity.AccountActive:
			return errDelegateSuspended
		case !o.Trusts(in.ServicePrincipal):
			return errNoServiceAccess
		case o.Delegates(in.AccountId, in.ServicePrincipal):
			return errRegistered
		}
		o.Delegated = append(o.Delegated, identity.Delegation{Account: in.AccountId, Service: in.ServicePrincipal, Since: now})
		s.dir.PutOrganization(tx, o)
		return nil
	})
}

// DeregisterDelegatedAdministratorInput is the input of DeregisterDelegatedAdministrator.
type DeregisterDelegatedAdministratorInput struct {
	AccountId        string `check:"required,max=12" pattern:"^\\d{12}$"`
	ServicePrincipal string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]*"`
}

// DeregisterDelegatedAdministratorOutput is the output of DeregisterDelegatedAdministrator.
type DeregisterDelegatedAdministratorOutput struct{}

// DeregisterDelegatedAdministrator ends an account's administration of a service.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html.
func (s *Service) DeregisterDelegatedAdministrator(ctx context.Context, in *DeregisterDelegatedAdministratorInput) (*DeregisterDelegatedAdministratorOutput, error) {
	return new(DeregisterDelegatedAdministratorOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if err := checkService(in.ServicePrincipal); err != nil {
			return err
		}
		switch {
		case s.member(tx, o, in.AccountId) == nil:
			return errAccount
		case !o.Delegates(in.AccountId, in.ServicePrincipal):
			return errNotRegistered
		}
		o.Delegated = slices.DeleteFunc(o.Delegated, func(d identity.Delegation) bool {
			return d.Account == in.AccountId && d.Service == in.ServicePrincipal
		})
		s.dir.PutOrganization(tx, o)
		return nil
	})
}

// ListDelegatedAdministratorsInput is the input of ListDelegatedAdministrators.
type ListDelegatedAdministratorsInput struct {
	ServicePrincipal string `check:"min=1,max=128" pattern:"[\\w+=,.@-]*"`
	NextToken        string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults       *int   `check:"min=1,max=20"`
}

// ListDelegatedAdministratorsOutput is the output of ListDelegatedAdministrators.
type ListDelegatedAdministratorsOutput struct {
	DelegatedAdministrators []DelegatedAdministrator
	NextToken               string
}

// ListDelegatedAdministrators lists the accounts that administer a service, or any.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html.
func (s *Service) ListDelegatedAdministrators(ctx context.Context, in *ListDelegatedAdministratorsInput) (*ListDelegatedAdministratorsOutput, error) {
	now := api.RequestFrom(ctx).Time
	var administrators []DelegatedAdministrator
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		administrators = administrators[:0]
		if in.ServicePrincipal != "" {
			if err := checkService(in.ServicePrincipal); err != nil {
				return err
			}
		}
		for m := range s.dir.Members(r, o.ID) {
			i := slices.IndexFunc(o.Delegated, func(d identity.Delegation) bool {
				return d.Account == m.Account && (in.ServicePrincipal == "" || d.Service == in.ServicePrincipal)
			})
			if i < 0 {
				continue
			}
			a := s.accountShape(r, o, m, now)
			administrators = append(administrators, DelegatedAdministrator{
				Id: a.Id, Arn: a.Arn, Email: a.Email, Name: a.Name, Status: a.Status, State: a.State,
				JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.JoinedTimestamp, DelegationEnabledDate: o.Delegated[i].Since,
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(administrators, func(d DelegatedAdministrator) string { return d.Id }, in.NextToken, in.MaxResults)
	return &ListDelegatedAdministratorsOutput{DelegatedAdministrators: part, NextToken: next}, err
}

// ListDelegatedServicesForAccountInput is the input of ListDelegatedServicesForAccount.
type ListDelegatedServicesForAccountInput struct {
	AccountId  string `check:"required,max=12" pattern:"^\\d{12}$"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListDelegatedServicesForAccountOutput is the output of ListDelegatedServicesForAccount.
type ListDelegatedServicesForAccountOutput struct {
	DelegatedServices []DelegatedService
	NextToken         string
}

// ListDelegatedServicesForAccount lists the services that an account administers.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedServicesForAccount.html.
func (s *Service) ListDelegatedServicesForAccount(ctx context.Context, in *ListDelegatedServicesForAccountInput) (*ListDelegatedServicesForAccountOutput, error) {
	var services []DelegatedService
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		services = nil
		if s.member(r, o, in.AccountId) == nil {
			return errAccount
		}
		for _, d := range o.Delegated {
			if d.Account == in.AccountId {
				services = append(services, DelegatedService{ServicePrincipal: d.Service, DelegationEnabledDate: d.Since})
			}
		}
		if services == nil {
			return errNotRegistered
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(services, func(d DelegatedService) string { return d.ServicePrincipal }, in.NextToken, in.MaxResults)
	return &ListDelegatedServicesForAccountOutput{DelegatedServices: part, NextToken: next}, err
}
