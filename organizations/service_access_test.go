package organizations_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/organizations"
)

func because(t *testing.T, err error, code, reason string) {
	t.Helper()
	fails(t, err, code)
	if e, ok := errors.AsType[*api.Error](err); ok && e.Reason != reason {
		t.Errorf("reason = %q, want %q", e.Reason, reason)
	}
}

func TestServiceAccess(t *testing.T) {
	w := newOrganization(t)
	list := func() []organizations.EnabledServicePrincipal {
		t.Helper()
		return must[*organizations.ListAWSServiceAccessForOrganizationOutput](t)(w.ListAWSServiceAccessForOrganization(w.ctx(), &organizations.ListAWSServiceAccessForOrganizationInput{})).EnabledServicePrincipals
	}
	for range 2 { // the second time nothing changes
		must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(w.ctx(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "sso.amazonaws.com"}))
		must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(w.ctx(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "config.amazonaws.com"}))
	}
	if diff := cmp.Diff([]organizations.EnabledServicePrincipal{{"config.amazonaws.com", start}, {"sso.amazonaws.com", start}}, list()); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		must[*organizations.DisableAWSServiceAccessOutput](t)(w.DisableAWSServiceAccess(w.ctx(), &organizations.DisableAWSServiceAccessInput{ServicePrincipal: "sso.amazonaws.com"}))
	}
	if l := list(); len(l) != 1 || l[0].ServicePrincipal != "config.amazonaws.com" {
		t.Errorf("enabled: %+v", l)
	}
	_, err := w.EnableAWSServiceAccess(w.ctx(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "sso"})
	because(t, err, "InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL")
	_, err = w.EnableAWSServiceAccess(w.as(w.member), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "sso.amazonaws.com"})
	fails(t, err, "AccessDeniedException")
}

func TestDelegatedAdministrators(t *testing.T) {
	w := newOrganization(t)
	const sso, config = "sso.amazonaws.com", "config.amazonaws.com"
	register := func(account, service string) error {
		_, err := w.RegisterDelegatedAdministrator(w.ctx(), &organizations.RegisterDelegatedAdministratorInput{AccountId: account, ServicePrincipal: service})
		return err
	}
	deregister := func(account, service string) error {
		_, err := w.DeregisterDelegatedAdministrator(w.ctx(), &organizations.DeregisterDelegatedAdministratorInput{AccountId: account, ServicePrincipal: service})
		return err
	}
	reads := func(account string) error {
		_, err := w.ListAccounts(w.as(account), &organizations.ListAccountsInput{})
		return err
	}
	because(t, register(w.member, sso), "ConstraintViolationException", "SERVICE_ACCESS_NOT_ENABLED")
	for _, service := range []string{sso, config} {
		must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(w.ctx(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service}))
	}
	because(t, register(management, sso), "ConstraintViolationException", "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	fails(t, register(outside, sso), "AccountNotFoundException")
	fails(t, deregister(w.member, sso), "AccountNotRegisteredException")
	_, err := w.ListDelegatedServicesForAccount(w.ctx(), &organizations.ListDelegatedServicesForAccountInput{AccountId: w.member})
	fails(t, err, "AccountNotRegisteredException")
	fails(t, reads(w.member), "AccessDeniedException")

	for _, service := range []string{sso, config} {
		if err := register(w.member, service); err != nil {
			t.Fatal(err)
		}
	}
	fails(t, register(w.member, sso), "AccountAlreadyRegisteredException")
	_, err = w.RemoveAccountFromOrganization(w.ctx(), &organizations.RemoveAccountFromOrganizationInput{AccountId: w.member})
	because(t, err, "ConstraintViolationException", "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")

	// It reads, and changes nothing.
	if err := reads(w.member); err != nil {
		t.Error(err)
	}
	_, err = w.CreateOrganizationalUnit(w.as(w.member), &organizations.CreateOrganizationalUnitInput{ParentId: w.root, Name: "x"})
	fails(t, err, "AccessDeniedException")

	services := must[*organizations.ListDelegatedServicesForAccountOutput](t)(w.ListDelegatedServicesForAccount(w.as(w.member), &organizations.ListDelegatedServicesForAccountInput{AccountId: w.member})).DelegatedServices
	if diff := cmp.Diff([]organizations.DelegatedService{{config, start}, {sso, start}}, services); diff != "" {
		t.Error(diff)
	}
	for service, n := range map[string]int{"": 1, sso: 1, "ssm.amazonaws.com": 0} {
		l := must[*organizations.ListDelegatedAdministratorsOutput](t)(w.ListDelegatedAdministrators(w.ctx(), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: service})).DelegatedAdministrators
		if len(l) != n || n > 0 && (l[0].Id != w.member || l[0].State != "ACTIVE" || l[0].Email == "" || !l[0].DelegationEnabledDate.Equal(start)) {
			t.Errorf("administrators of %q: %+v", service, l)
		}
	}
	_, err = w.DisableAWSServiceAccess(w.ctx(), &organizations.DisableAWSServiceAccessInput{ServicePrincipal: sso})
	fails(t, err, "ConstraintViolationException") // somebody administers it
	for _, service := range []string{sso, config} {
		if err := deregister(w.member, service); err != nil {
			t.Error(err)
		}
	}
	fails(t, reads(w.member), "AccessDeniedException")
}

func TestChildrenAndNamesOfUnits(t *testing.T) {
	w := newOrganization(t)
	one, two := w.unit(w.root, "one"), w.unit(w.root, "two")
	children := func(parent, kind string) (ids []string) {
		t.Helper()
		for _, c := range must[*organizations.ListChildrenOutput](t)(w.ListChildren(w.ctx(), &organizations.ListChildrenInput{ParentId: parent, ChildType: kind})).Children {
			if c.Type != kind {
				t.Errorf("%+v is not of type %s", c, kind)
			}
			ids = append(ids, c.Id)
		}
		return ids
	}
	if units, accounts := children(w.root, "ORGANIZATIONAL_UNIT"), children(w.root, "ACCOUNT"); len(units) != 2 || len(accounts) != 2 || children(one, "ACCOUNT") != nil {
		t.Errorf("units %v, accounts %v", units, accounts)
	}
	_, err := w.ListChildren(w.ctx(), &organizations.ListChildrenInput{ParentId: "ou-abcd-12345678", ChildType: "ACCOUNT"})
	fails(t, err, "ParentNotFoundException")

	rename := func(id, name string) (*organizations.UpdateOrganizationalUnitOutput, error) {
		return w.UpdateOrganizationalUnit(w.ctx(), &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: id, Name: name})
	}
	if u := must[*organizations.UpdateOrganizationalUnitOutput](t)(rename(one, "first")).OrganizationalUnit; u.Name != "first" || u.Id != one || u.Path == "" {
		t.Errorf("renamed %+v", u)
	}
	if u := must[*organizations.UpdateOrganizationalUnitOutput](t)(rename(one, "")).OrganizationalUnit; u.Name != "first" {
		t.Errorf("without a name %+v", u)
	}
	_, err = rename(two, "first")
	fails(t, err, "DuplicateOrganizationalUnitException")
	_, err = rename("ou-abcd-12345678", "x")
	fails(t, err, "OrganizationalUnitNotFoundException")
}

func TestCloseAccount(t *testing.T) {
	w := newOrganization(t)
	closeIt := func(account string) error {
		_, err := w.CloseAccount(w.ctx(), &organizations.CloseAccountInput{AccountId: account})
		return err
	}
	state := func(after time.Duration) string {
		t.Helper()
		ctx := w.ctx()
		api.RequestFrom(ctx).Time = start.Add(after)
		a := must[*organizations.DescribeAccountOutput](t)(w.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: w.member})).Account
		return a.State + " " + a.Status
	}
	if s := state(0); s != "ACTIVE ACTIVE" {
		t.Errorf("at first %s", s)
	}
	because(t, closeIt(management), "ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	fails(t, closeIt(outside), "AccountNotFoundException")
	if err := closeIt(w.member); err != nil {
		t.Fatal(err)
	}
	if s := state(0); s != "SUSPENDED SUSPENDED" {
		t.Errorf("closed %s", s)
	}
	if s := state(90 * 24 * time.Hour); s != "CLOSED SUSPENDED" {
		t.Errorf("in the end %s", s)
	}
	fails(t, closeIt(w.member), "AccountAlreadyClosedException")
	must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(w.ctx(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: "sso.amazonaws.com"}))
	_, err := w.RegisterDelegatedAdministrator(w.ctx(), &organizations.RegisterDelegatedAdministratorInput{AccountId: w.member, ServicePrincipal: "sso.amazonaws.com"})
	because(t, err, "ConstraintViolationException", "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
}
