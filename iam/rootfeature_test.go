package iam_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

const (
	memberAccount, delegateAccount = "222222222222", "333333333333"
	organization                   = "o-abcdefghij"
)

// organization puts account, a member and one who administers IAM into an
// organization that account manages.
func (w *testbed) organization(change func(*identity.Organization)) {
	w.t.Helper()
	err := w.dir.Update(w.t.Context(), func(tx store.Tx) error {
		o := w.dir.EditOrganization(tx, organization)
		if o == nil {
			o = &identity.Organization{
				ID: organization, RootID: "r-abcd", Management: account, Partition: "aws", FeatureSet: "ALL",
				Trusted:   []identity.Trusted{{Service: "iam.amazonaws.com"}},
				Delegated: []identity.Delegation{{Account: delegateAccount, Service: "iam.amazonaws.com"}},
			}
		}
		change(o)
		w.dir.PutOrganization(tx, o)
		for _, a := range []string{account, memberAccount, delegateAccount} {
			w.dir.PutMember(tx, &identity.Member{Account: a, Organization: o.ID, Parent: o.RootID, Joined: start})
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *testbed) rootOf(account string) *api.Caller {
	w.t.Helper()
	c, err := w.dir.Root(w.t.Context(), account, region)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// What of central root access is on: the management account turns it on, who
// administers IAM turns it off as well, and both look.
func TestRootFeatures(t *testing.T) {
	w := newTestbed(t)
	w.organization(func(*identity.Organization) {})
	manager, delegate := w.as(w.rootOf(account)), w.as(w.rootOf(delegateAccount))
	check := func(step string, enabled []string, id string, err error, want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), enabled); diff != "" || id != organization || err != nil {
			t.Errorf("%s: %s %s %v", step, diff, id, err)
		}
	}
	list, err := w.ListOrganizationsFeatures(manager, &iam.ListOrganizationsFeaturesInput{})
	check("at first", list.EnabledFeatures, list.OrganizationId, err)
	for range 2 { // it may be on already
		out, err := w.EnableOrganizationsRootCredentialsManagement(manager, &iam.EnableOrganizationsRootCredentialsManagementInput{})
		check("credentials", out.EnabledFeatures, out.OrganizationId, err, "RootCredentialsManagement")
	}
	on, err := w.EnableOrganizationsRootSessions(manager, &iam.EnableOrganizationsRootSessionsInput{})
	check("both", on.EnabledFeatures, on.OrganizationId, err, "RootSessions", "RootCredentialsManagement")
	list, err = w.ListOrganizationsFeatures(delegate, &iam.ListOrganizationsFeaturesInput{})
	check("seen by who administers IAM", list.EnabledFeatures, list.OrganizationId, err, "RootSessions", "RootCredentialsManagement")
	for range 2 {
		out, err := w.DisableOrganizationsRootCredentialsManagement(delegate, &iam.DisableOrganizationsRootCredentialsManagementInput{})
		check("one off", out.EnabledFeatures, out.OrganizationId, err, "RootSessions")
	}
	off, err := w.DisableOrganizationsRootSessions(manager, &iam.DisableOrganizationsRootSessionsInput{})
	check("both off", off.EnabledFeatures, off.OrganizationId, err)
}

func TestRootFeaturesRefuse(t *testing.T) {
	everybody := []string{account, memberAccount, delegateAccount}
	for name, c := range map[string]struct {
		change   func(*identity.Organization)
		accounts []string
		enabling bool // alone
		code     string
		text     func(account string) string
	}{
		"no organization": {
			nil, []string{"999999999999"}, false, "OrganizationNotFoundException",
			func(a string) string { return "Input account " + a + " is not in an organization." },
		},
		"consolidated billing": {
			func(o *identity.Organization) { o.FeatureSet = "CONSOLIDATED_BILLING" }, everybody, false, "OrganizationNotInAllFeaturesModeException",
			func(a string) string {
				return "Organization of input account " + a + " does not have all features enabled."
			},
		},
		"no access of IAM": {
			func(o *identity.Organization) { o.Trusted = nil }, everybody, false, "ServiceAccessNotEnabledException",
			func(a string) string {
				return "Trusted Access for IAM not enabled by organization of input account " + a + "."
			},
		},
		"another member": {
			nil, []string{memberAccount}, false, "AccountNotManagementOrDelegatedAdministratorException",
			func(a string) string {
				return "Input account " + a + " is neither management account nor delegated admin."
			},
		},
		"who administers something else": {
			func(o *identity.Organization) { o.Delegated[0].Service = "sso.amazonaws.com" }, []string{delegateAccount}, false, "AccountNotManagementOrDelegatedAdministratorException",
			func(a string) string {
				return "Input account " + a + " is neither management account nor delegated admin."
			},
		},
		"who administers IAM turns on": {
			nil, []string{delegateAccount}, true, "CallerIsNotManagementAccountException",
			func(a string) string {
				return "Caller account " + a + " is not management account of the organization and cannot enable IAM features."
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
			w.organization(func(o *identity.Organization) {
				if c.change != nil {
					c.change(o)
				}
			})
			operations := map[string]any{
				"EnableOrganizationsRootSessions":              &iam.EnableOrganizationsRootSessionsInput{},
				"EnableOrganizationsRootCredentialsManagement": &iam.EnableOrganizationsRootCredentialsManagementInput{},
			}
			if !c.enabling {
				operations["DisableOrganizationsRootSessions"] = &iam.DisableOrganizationsRootSessionsInput{}
				operations["DisableOrganizationsRootCredentialsManagement"] = &iam.DisableOrganizationsRootCredentialsManagementInput{}
				operations["ListOrganizationsFeatures"] = &iam.ListOrganizationsFeaturesInput{}
			}
			for _, a := range c.accounts {
				for operation, in := range operations {
					_, err := w.call(w.rootOf(a), operation, in)
					fails(t, err, c.code, 400, c.text(a))
				}
			}
		})
	}
}

// taskSession is the root user of an account in a session of sts:AssumeRoot.
func (w *testbed) taskSession(task string) *api.Caller {
	w.t.Helper()
	c, err := w.dir.NewSession(w.t.Context(), identity.Session{
		Kind: identity.KindTask, Account: memberAccount, Partition: "aws", Principal: memberAccount, Expires: start.Add(15 * time.Minute),
		Organization: organization, PolicyARNs: []string{"arn:aws:iam::aws:policy/root-task/" + task},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Caller
}

// The root user of a member has no password; it is let have one, and deprived of
// it, in sessions of AssumeRoot, which name nobody.
func TestRootLogin(t *testing.T) {
	w := newTestbed(t)
	w.organization(func(*identity.Organization) {})
	create, remove, audit := w.taskSession("IAMCreateRootUserPassword"), w.taskSession("IAMDeleteRootUserCredentials"), w.taskSession("IAMAuditRootUserCredentials")
	summary := func() int {
		t.Helper()
		return must[any](t)(w.call(audit, "GetAccountSummary", &iam.GetAccountSummaryInput{})).(*iam.GetAccountSummaryOutput).SummaryMap["AccountPasswordPresent"]
	}
	none := func() {
		t.Helper()
		_, err := w.call(audit, "GetLoginProfile", &iam.GetLoginProfileInput{})
		fails(t, err, "NoSuchEntity", 404, "Login Profile for User null cannot be found.")
		_, err = w.call(remove, "DeleteLoginProfile", &iam.DeleteLoginProfileInput{})
		fails(t, err, "NoSuchEntity", 404, "Login Profile for User null cannot be found.")
		if summary() != 0 {
			t.Error("the summary tells of a password")
		}
	}
	none()
	_, err := w.call(create, "CreateLoginProfile", &iam.CreateLoginProfileInput{Password: password})
	fails(t, err, "ValidationError", 400, "Must not specify password when calling with root credentials")
	_, err = w.call(create, "CreateLoginProfile", &iam.CreateLoginProfileInput{UserName: "u"})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+memberAccount+":root is not authorized to perform: iam:CreateLoginProfile on resource: arn:aws:iam::"+memberAccount+":user/u"+
		" with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword")

	made := must[any](t)(w.call(create, "CreateLoginProfile", &iam.CreateLoginProfileInput{})).(*iam.CreateLoginProfileOutput)
	got := must[any](t)(w.call(create, "GetLoginProfile", &iam.GetLoginProfileInput{})).(*iam.GetLoginProfileOutput)
	if diff := cmp.Diff(&iam.LoginProfile{CreateDate: start}, made.LoginProfile) + cmp.Diff(made.LoginProfile, got.LoginProfile); diff != "" || summary() != 1 {
		t.Errorf("%s, summary %d", diff, summary())
	}
	_, err = w.call(create, "CreateLoginProfile", &iam.CreateLoginProfileInput{})
	fails(t, err, "EntityAlreadyExists", 409, "Login Profile for account "+memberAccount+" already exists.")
	member := w.as(w.rootOf(memberAccount))
	must[*iam.GenerateCredentialReportOutput](t)(w.GenerateCredentialReport(member, &iam.GenerateCredentialReportInput{}))
	report := string(must[*iam.GetCredentialReportOutput](t)(w.GetCredentialReport(member, &iam.GetCredentialReportInput{})).Content)
	if !strings.Contains(report, ":root,2026-03-01T12:00:00+00:00,true,no_information,2026-03-01T12:00:00+00:00,not_supported,false,") {
		t.Errorf("the report is\n%s", report)
	}
	must[any](t)(w.call(remove, "DeleteLoginProfile", &iam.DeleteLoginProfileInput{}))
	none()
}

// What a root user may have beside a password, and what of it can be seen and
// deleted in sessions of AssumeRoot.
func TestRootCredentialsInATask(t *testing.T) {
	w := newTestbed(t)
	w.organization(func(*identity.Organization) {})
	key := must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(w.as(w.rootOf(memberAccount)), &iam.CreateAccessKeyInput{})).AccessKey.AccessKeyId
	audit, remove := w.taskSession("IAMAuditRootUserCredentials"), w.taskSession("IAMDeleteRootUserCredentials")
	for _, task := range []*api.Caller{audit, remove} {
		keys := must[any](t)(w.call(task, "ListAccessKeys", &iam.ListAccessKeysInput{})).(*iam.ListAccessKeysOutput)
		if len(keys.AccessKeyMetadata) != 1 || keys.AccessKeyMetadata[0].AccessKeyId != key {
			t.Errorf("keys %+v", keys.AccessKeyMetadata)
		}
		must[any](t)(w.call(task, "GetAccessKeyLastUsed", &iam.GetAccessKeyLastUsedInput{AccessKeyId: key}))
		if c := must[any](t)(w.call(task, "ListSigningCertificates", &iam.ListSigningCertificatesInput{})).(*iam.ListSigningCertificatesOutput); len(c.Certificates) != 0 {
			t.Errorf("certificates %+v", c)
		}
		if d := must[any](t)(w.call(task, "ListMFADevices", &iam.ListMFADevicesInput{})).(*iam.ListMFADevicesOutput); len(d.MFADevices) != 0 {
			t.Errorf("devices %+v", d)
		}
		if u := must[any](t)(w.call(task, "GetUser", &iam.GetUserInput{})).(*iam.GetUserOutput).User; u.UserId != memberAccount || u.UserName != "" {
			t.Errorf("user %+v", u)
		}
	}
	_, err := w.call(remove, "DeactivateMFADevice", &iam.DeactivateMFADeviceInput{SerialNumber: "arn:aws:iam::" + memberAccount + ":mfa/x"})
	fails(t, err, "NoSuchEntity", 404, "MFA Device invalid for user.")
	_, err = w.call(remove, "DeleteSigningCertificate", &iam.DeleteSigningCertificateInput{CertificateId: "AAAAAAAAAAAAAAAAAAAAAAAA"})
	fails(t, err, "NoSuchEntity", 404, "The Certificate with id AAAAAAAAAAAAAAAAAAAAAAAA cannot be found.")
	_, err = w.call(audit, "DeleteAccessKey", &iam.DeleteAccessKeyInput{AccessKeyId: key})
	if e := api.AsError(err); e.Code != "AccessDenied" {
		t.Errorf("who audits deletes: %v", err)
	}
	must[any](t)(w.call(remove, "DeleteAccessKey", &iam.DeleteAccessKeyInput{AccessKeyId: key}))
	if c, err := w.dir.Credentials(t.Context(), key); err != nil || c.Status != identity.Deleted {
		t.Errorf("the key deleted: %+v, %v", c, err)
	}
}
