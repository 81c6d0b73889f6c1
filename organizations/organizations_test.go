package organizations_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/organizations"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	management = "123456789012"
	outside    = "999999999999"
	region     = "eu-west-1"

	denySend  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sqs:SendMessage","Resource":"*"}]}`
	onlySNS   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:*","Resource":"*"}]}`
	rcpDenies = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}`
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testbed is Organizations with its records, and what the tests made in it.
type testbed struct {
	*organizations.Service
	t      *testing.T
	dir    *identity.Directory
	member string // account
	root   string // id
}

func newTestbed(t *testing.T) *testbed {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &testbed{t: t}
	source := ids.NewSeeded(1)
	w.dir = identity.New(identity.Config{Engine: rerun.New(), Clock: clock.NewStill(start), IDs: source, HSM: module})
	w.Service = organizations.New(organizations.Config{Directory: w.dir, IDs: source, Log: slog.New(slog.DiscardHandler)})
	return w
}

// newOrganization is a testbed with an organization of two accounts.
func newOrganization(t *testing.T) *testbed {
	t.Helper()
	w := newTestbed(t)
	must[*organizations.CreateOrganizationOutput](t)(w.CreateOrganization(w.ctx(), &organizations.CreateOrganizationInput{}))
	w.member = w.account("first")
	w.root = must[*organizations.ListRootsOutput](t)(w.ListRoots(w.ctx(), &organizations.ListRootsInput{})).Roots[0].Id
	return w
}

func (w *testbed) account(name string) string {
	w.t.Helper()
	out := must[*organizations.CreateAccountOutput](w.t)(w.CreateAccount(w.ctx(), &organizations.CreateAccountInput{AccountName: name, Email: name + "@example.com"}))
	return out.CreateAccountStatus.AccountId
}

func (w *testbed) policy(kind, name, content string) string {
	w.t.Helper()
	out := must[*organizations.CreatePolicyOutput](w.t)(w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: kind, Name: name, Description: "d", Content: content}))
	return out.Policy.PolicySummary.Id
}

func (w *testbed) unit(parent, name string) string {
	w.t.Helper()
	out := must[*organizations.CreateOrganizationalUnitOutput](w.t)(w.CreateOrganizationalUnit(w.ctx(), &organizations.CreateOrganizationalUnitInput{ParentId: parent, Name: name}))
	return out.OrganizationalUnit.Id
}

func (w *testbed) attach(policy, target string) error {
	_, err := w.AttachPolicy(w.ctx(), &organizations.AttachPolicyInput{PolicyId: policy, TargetId: target})
	return err
}

func (w *testbed) detach(policy, target string) error {
	_, err := w.DetachPolicy(w.ctx(), &organizations.DetachPolicyInput{PolicyId: policy, TargetId: target})
	return err
}

func (w *testbed) ctx() context.Context { return w.as(management) }

// as is the context of a call by the root user of an account.
func (w *testbed) as(account string) context.Context {
	w.t.Helper()
	c, err := w.dir.Root(w.t.Context(), account, region)
	if err != nil {
		w.t.Fatal(err)
	}
	return api.WithRequest(w.t.Context(), &api.Request{ID: "r", Caller: c, Account: account, Region: region, Time: start})
}

// may reports whether the root user of an account may do an action, as far as
// the organization goes.
func (w *testbed) may(account, action string) bool {
	w.t.Helper()
	c, err := w.dir.Root(w.t.Context(), account, region)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.decide(c, account, action)
}

// decide decides a call on a resource of an account, with that account's RCPs.
func (w *testbed) decide(c *api.Caller, owner, action string) bool {
	w.t.Helper()
	m, err := w.dir.Membership(w.t.Context(), owner)
	if err != nil {
		w.t.Fatal(err)
	}
	policies := c.Policies
	if m != nil {
		policies.RCPs = m.RCPs
	}
	r := &policyeval.Request{
		Principal: c.Principal, Action: action, Resource: arn.New("sqs", region, owner, "q").String(), ResourceAccount: owner, Context: policyeval.NewContext(0),
	}
	return policyeval.Decide(r, &policies).Allowed
}

func must[T any](t *testing.T) func(out T, err error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func fails(t *testing.T, err error, code string) {
	t.Helper()
	if e, ok := errors.AsType[*api.Error](err); !ok || e.Code != code || e.HTTPStatus() != 400 || e.Message == "" {
		t.Errorf("error = %v, want %s", err, code)
	}
}

func errOf[T any](_ T, err error) error { return err }

func ptr[T any](v T) *T { return &v }

func TestTable(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		for _, shape := range []reflect.Type{op.In, op.Out} {
			if err := wire.Check(shape); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
		reads := strings.HasPrefix(op.Name, "Describe") || strings.HasPrefix(op.Name, "List")
		if reads != op.ReadOnly || len(op.Actions) != 1 || op.Actions[0] != "organizations:"+op.Name {
			t.Errorf("%s: readOnly = %v, actions = %v", op.Name, op.ReadOnly, op.Actions)
		}
	}
}

func TestOrganization(t *testing.T) {
	w := newTestbed(t)
	made := must[*organizations.CreateOrganizationOutput](t)(w.CreateOrganization(w.ctx(), &organizations.CreateOrganizationInput{})).Organization
	want := &organizations.Organization{
		Id: made.Id, Arn: "arn:aws:organizations::" + management + ":organization/" + made.Id, FeatureSet: "ALL",
		MasterAccountId: management, MasterAccountArn: "arn:aws:organizations::" + management + ":account/" + made.Id + "/" + management,
		MasterAccountEmail: made.MasterAccountEmail, AvailablePolicyTypes: []organizations.PolicyTypeSummary{{Type: identity.SCP, Status: "ENABLED"}},
	}
	if diff := cmp.Diff(want, made); diff != "" || !strings.HasPrefix(made.Id, "o-") {
		t.Error(diff)
	}
	_, err := w.CreateOrganization(w.ctx(), &organizations.CreateOrganizationInput{})
	fails(t, err, "AlreadyInOrganizationException")
	member := w.account("first")
	for _, account := range []string{management, member} { // every member may ask
		got := must[*organizations.DescribeOrganizationOutput](t)(w.DescribeOrganization(w.as(account), &organizations.DescribeOrganizationInput{})).Organization
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	_, err = w.DescribeOrganization(w.as(outside), &organizations.DescribeOrganizationInput{})
	fails(t, err, "AWSOrganizationsNotInUseException")
	_, err = w.DeleteOrganization(w.ctx(), &organizations.DeleteOrganizationInput{})
	fails(t, err, "OrganizationNotEmptyException")
	must[*organizations.RemoveAccountFromOrganizationOutput](t)(w.RemoveAccountFromOrganization(w.ctx(), &organizations.RemoveAccountFromOrganizationInput{AccountId: member}))
	must[*organizations.DeleteOrganizationOutput](t)(w.DeleteOrganization(w.ctx(), &organizations.DeleteOrganizationInput{}))
	_, err = w.DescribeOrganization(w.ctx(), &organizations.DescribeOrganizationInput{})
	fails(t, err, "AWSOrganizationsNotInUseException")
	again := must[*organizations.CreateOrganizationOutput](t)(w.CreateOrganization(w.ctx(), &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"})).Organization
	if len(again.AvailablePolicyTypes) != 0 || again.FeatureSet != "CONSOLIDATED_BILLING" {
		t.Errorf("organization = %+v", again)
	}
	_, err = w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: identity.SCP, Name: "p", Content: denySend})
	fails(t, err, "PolicyTypeNotAvailableForOrganizationException")
	_, err = w.AttachPolicy(w.ctx(), &organizations.AttachPolicyInput{PolicyId: identity.FullAccess, TargetId: management})
	fails(t, err, "PolicyTypeNotAvailableForOrganizationException")
}

// Only the management account may do more than ask what organization it is in.
func TestMembersMayNotManage(t *testing.T) {
	w := newOrganization(t)
	svc := w.API()
	for i := range svc.Operations {
		op := &svc.Operations[i]
		if op.Name == "DescribeOrganization" || op.Name == "CreateOrganization" {
			continue
		}
		for account, code := range map[string]string{w.member: "AccessDeniedException", outside: "AWSOrganizationsNotInUseException"} {
			_, err := op.Call(w.as(account), reflect.New(op.In).Interface(), api.Resolved{})
			fails(t, err, code)
		}
	}
}

func TestAccounts(t *testing.T) {
	w := newOrganization(t)
	out := must[*organizations.CreateAccountOutput](t)(w.CreateAccount(w.ctx(), &organizations.CreateAccountInput{AccountName: "second", Email: "second@example.com", RoleName: "Admin"}))
	status := out.CreateAccountStatus
	if status.State != "SUCCEEDED" || !arn.IsAccountID(status.AccountId) || status.AccountName != "second" || !status.CompletedTimestamp.Equal(start) {
		t.Errorf("status = %+v", status)
	}
	got := must[*organizations.DescribeCreateAccountStatusOutput](t)(w.DescribeCreateAccountStatus(w.ctx(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id}))
	if diff := cmp.Diff(status, got.CreateAccountStatus); diff != "" {
		t.Error(diff)
	}
	_, err := w.DescribeCreateAccountStatus(w.ctx(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: "car-none"})
	fails(t, err, "CreateAccountStatusNotFoundException")
	twice := must[*organizations.CreateAccountOutput](t)(w.CreateAccount(w.ctx(), &organizations.CreateAccountInput{AccountName: "x", Email: "second@example.com"})).CreateAccountStatus
	if twice.State != "FAILED" || twice.FailureReason != "EMAIL_ALREADY_EXISTS" || twice.AccountId != "" {
		t.Errorf("status = %+v", twice)
	}
	a := must[*organizations.DescribeAccountOutput](t)(w.DescribeAccount(w.ctx(), &organizations.DescribeAccountInput{AccountId: status.AccountId})).Account
	if a.Name != "second" || a.Email != "second@example.com" || a.Status != "ACTIVE" || a.JoinedMethod != "CREATED" || !strings.HasSuffix(a.Arn, "/"+status.AccountId) {
		t.Errorf("account = %+v", a)
	}
	_, err = w.DescribeAccount(w.ctx(), &organizations.DescribeAccountInput{AccountId: outside})
	fails(t, err, "AccountNotFoundException")

	var listed []string
	in := &organizations.ListAccountsInput{MaxResults: ptr(2)}
	for range 3 {
		out := must[*organizations.ListAccountsOutput](t)(w.ListAccounts(w.ctx(), in))
		for _, a := range out.Accounts {
			listed = append(listed, a.Id)
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	want := []string{management, w.member, status.AccountId}
	slices.Sort(want)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Error(diff)
	}
	_, err = w.ListAccounts(w.ctx(), &organizations.ListAccountsInput{NextToken: "!"})
	fails(t, err, "InvalidInputException")
	_, err = w.RemoveAccountFromOrganization(w.ctx(), &organizations.RemoveAccountFromOrganizationInput{AccountId: management})
	fails(t, err, "MasterCannotLeaveOrganizationException")
	_, err = w.RemoveAccountFromOrganization(w.ctx(), &organizations.RemoveAccountFromOrganizationInput{AccountId: outside})
	fails(t, err, "AccountNotFoundException")

	for account, role := range map[string]string{w.member: "OrganizationAccountAccessRole", status.AccountId: "Admin"} {
		c, err := w.dir.Principal(t.Context(), account, region, "role/"+role)
		if err != nil || len(c.Policies.Identity) != 1 || c.Policies.Identity[0].Name != "arn:aws:iam::aws:policy/AdministratorAccess" {
			t.Errorf("the role %s of %s: %+v, %v", role, account, c, err)
		}
	}
}

func TestSCPOnAnAccount(t *testing.T) {
	w := newOrganization(t)
	if !w.may(w.member, "sqs:SendMessage") {
		t.Fatal("denied before there is a policy")
	}
	p := w.policy(identity.SCP, "deny", denySend)
	if !w.may(w.member, "sqs:SendMessage") {
		t.Error("a policy that is attached to nothing denies")
	}
	if err := w.attach(p, w.member); err != nil {
		t.Fatal(err)
	}
	if w.may(w.member, "sqs:SendMessage") || !w.may(w.member, "sqs:ReceiveMessage") {
		t.Error("the attached policy does not deny what it names, and only that")
	}
	if err := w.attach(p, management); err != nil {
		t.Fatal(err)
	}
	if !w.may(management, "sqs:SendMessage") {
		t.Error("the management account is limited")
	}
	if err := w.detach(p, w.member); err != nil {
		t.Fatal(err)
	}
	if !w.may(w.member, "sqs:SendMessage") {
		t.Error("a detached policy denies")
	}
}

// Each level from the root down must allow.
func TestSCPLevels(t *testing.T) {
	w := newOrganization(t)
	unit := w.unit(w.root, "prod")
	must[*organizations.MoveAccountOutput](t)(w.MoveAccount(w.ctx(), &organizations.MoveAccountInput{AccountId: w.member, SourceParentId: w.root, DestinationParentId: unit}))
	p := w.policy(identity.SCP, "only-sns", onlySNS)
	for _, level := range []string{w.root, unit, w.member} {
		if err := w.attach(p, level); err != nil {
			t.Fatal(err)
		}
		if !w.may(w.member, "sqs:SendMessage") {
			t.Errorf("with FullAWSAccess still at %s: denied", level)
		}
		if err := w.detach(identity.FullAccess, level); err != nil {
			t.Fatal(err)
		}
		if w.may(w.member, "sqs:SendMessage") || !w.may(w.member, "sns:Publish") {
			t.Errorf("with SNS alone allowed at %s: sqs %v, sns %v", level, w.may(w.member, "sqs:SendMessage"), w.may(w.member, "sns:Publish"))
		}
		if err := w.attach(identity.FullAccess, level); err != nil {
			t.Fatal(err)
		}
	}
	if !w.may(w.member, "sqs:SendMessage") {
		t.Error("denied although every level allows")
	}
}

// What is made after a type of policy was enabled has AWS's full access, too.
func TestNewcomersHaveFullAccess(t *testing.T) {
	w := newOrganization(t)
	must[*organizations.EnablePolicyTypeOutput](t)(w.EnablePolicyType(w.ctx(), &organizations.EnablePolicyTypeInput{RootId: w.root, PolicyType: identity.SCP}))
	unit := w.unit(w.root, "u")
	account := w.account("late")
	must[*organizations.MoveAccountOutput](t)(w.MoveAccount(w.ctx(), &organizations.MoveAccountInput{AccountId: account, SourceParentId: w.root, DestinationParentId: unit}))
	if !w.may(account, "sqs:SendMessage") {
		t.Error("a new account below a new unit may do nothing")
	}
}

func TestRCPs(t *testing.T) {
	w := newOrganization(t)
	p := w.policy(identity.RCP, "deny", rcpDenies)
	if err := w.attach(p, w.root); err != nil {
		t.Fatal(err)
	}
	if w.may(w.member, "sqs:SendMessage") || !w.may(w.member, "sqs:ReceiveMessage") {
		t.Error("the member's own queue is not guarded")
	}
	if !w.may(management, "sqs:SendMessage") {
		t.Error("the management account's resources are guarded")
	}
	fails(t, w.detach(identity.RCPFullAccess, w.root), "InvalidInputException")
}

func TestMembership(t *testing.T) {
	w := newOrganization(t)
	outer := w.unit(w.root, "outer")
	inner := w.unit(outer, "inner")
	must[*organizations.MoveAccountOutput](t)(w.MoveAccount(w.ctx(), &organizations.MoveAccountInput{AccountId: w.member, SourceParentId: w.root, DestinationParentId: inner}))
	o := must[*organizations.DescribeOrganizationOutput](t)(w.DescribeOrganization(w.ctx(), &organizations.DescribeOrganizationInput{})).Organization
	m, err := w.dir.Membership(t.Context(), w.member)
	if err != nil {
		t.Fatal(err)
	}
	want := &identity.Membership{OrgID: o.Id, Path: o.Id + "/" + w.root + "/" + outer + "/" + inner + "/"}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	c, err := w.dir.Root(t.Context(), w.member, region)
	if err != nil || c.OrgID != o.Id || c.OrgPath != want.Path {
		t.Errorf("caller = %+v, %v", c, err)
	}
	if m, err := w.dir.Membership(t.Context(), outside); err != nil || m != nil {
		t.Errorf("membership of an account outside = %+v, %v", m, err)
	}
	must[*organizations.RemoveAccountFromOrganizationOutput](t)(w.RemoveAccountFromOrganization(w.ctx(), &organizations.RemoveAccountFromOrganizationInput{AccountId: w.member}))
	if m, err := w.dir.Membership(t.Context(), w.member); err != nil || m != nil {
		t.Errorf("membership of who left = %+v, %v", m, err)
	}
}

func TestPolicyLife(t *testing.T) {
	w := newOrganization(t)
	made := must[*organizations.CreatePolicyOutput](t)(w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: identity.SCP, Name: "deny", Description: "d", Content: denySend})).Policy
	id := made.PolicySummary.Id
	o := must[*organizations.DescribeOrganizationOutput](t)(w.DescribeOrganization(w.ctx(), &organizations.DescribeOrganizationInput{})).Organization
	want := &organizations.Policy{Content: denySend, PolicySummary: &organizations.PolicySummary{
		Id: id, Arn: "arn:aws:organizations::" + management + ":policy/" + o.Id + "/service_control_policy/" + id, Name: "deny", Description: "d", Type: identity.SCP,
	}}
	if diff := cmp.Diff(want, made); diff != "" || len(id) != 10 {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, must[*organizations.DescribePolicyOutput](t)(w.DescribePolicy(w.ctx(), &organizations.DescribePolicyInput{PolicyId: id})).Policy); diff != "" {
		t.Error(diff)
	}
	_, err := w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: identity.SCP, Name: "deny", Content: denySend})
	fails(t, err, "DuplicatePolicyException")
	other := w.policy(identity.SCP, "other", denySend)
	_, err = w.UpdatePolicy(w.ctx(), &organizations.UpdatePolicyInput{PolicyId: other, Name: "deny"})
	fails(t, err, "DuplicatePolicyException")
	_, err = w.UpdatePolicy(w.ctx(), &organizations.UpdatePolicyInput{PolicyId: id, Content: "{"})
	fails(t, err, "MalformedPolicyDocumentException")
	updated := must[*organizations.UpdatePolicyOutput](t)(w.UpdatePolicy(w.ctx(), &organizations.UpdatePolicyInput{PolicyId: id, Name: "new", Description: ptr(""), Content: onlySNS})).Policy
	if updated.PolicySummary.Name != "new" || updated.PolicySummary.Description != "" || updated.Content != onlySNS {
		t.Errorf("policy = %+v", updated)
	}
	list := func(kind string) (names []string) {
		t.Helper()
		for _, p := range must[*organizations.ListPoliciesOutput](t)(w.ListPolicies(w.ctx(), &organizations.ListPoliciesInput{Filter: kind})).Policies {
			names = append(names, fmt.Sprint(p.Name, p.AwsManaged))
		}
		slices.Sort(names)
		return names
	}
	if diff := cmp.Diff([]string{"FullAWSAccesstrue", "newfalse", "otherfalse"}, list(identity.SCP)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"RCPFullAWSAccesstrue"}, list(identity.RCP)); diff != "" {
		t.Error(diff)
	}
	if got := list("TAG_POLICY"); len(got) != 0 {
		t.Errorf("tag policies: %v", got)
	}
	if err := w.attach(id, w.member); err != nil {
		t.Fatal(err)
	}
	fails(t, w.attach(id, w.member), "DuplicatePolicyAttachmentException")
	targets := must[*organizations.ListTargetsForPolicyOutput](t)(w.ListTargetsForPolicy(w.ctx(), &organizations.ListTargetsForPolicyInput{PolicyId: id})).Targets
	if diff := cmp.Diff([]organizations.PolicyTargetSummary{{
		TargetId: w.member, Name: "first", Type: "ACCOUNT", Arn: "arn:aws:organizations::" + management + ":account/" + o.Id + "/" + w.member,
	}}, targets); diff != "" {
		t.Error(diff)
	}
	attached := must[*organizations.ListPoliciesForTargetOutput](t)(w.ListPoliciesForTarget(w.ctx(), &organizations.ListPoliciesForTargetInput{TargetId: w.member, Filter: identity.SCP})).Policies
	if len(attached) != 2 {
		t.Errorf("attached: %+v", attached)
	}
	_, err = w.DeletePolicy(w.ctx(), &organizations.DeletePolicyInput{PolicyId: id})
	fails(t, err, "PolicyInUseException")
	if err := w.detach(id, w.member); err != nil {
		t.Fatal(err)
	}
	fails(t, w.detach(id, w.member), "PolicyNotAttachedException")
	fails(t, w.detach(identity.FullAccess, w.member), "ConstraintViolationException")
	must[*organizations.DeletePolicyOutput](t)(w.DeletePolicy(w.ctx(), &organizations.DeletePolicyInput{PolicyId: id}))
	for _, err := range []error{
		errOf(w.DescribePolicy(w.ctx(), &organizations.DescribePolicyInput{PolicyId: id})),
		errOf(w.UpdatePolicy(w.ctx(), &organizations.UpdatePolicyInput{PolicyId: id})),
		errOf(w.DeletePolicy(w.ctx(), &organizations.DeletePolicyInput{PolicyId: id})),
		errOf(w.ListTargetsForPolicy(w.ctx(), &organizations.ListTargetsForPolicyInput{PolicyId: id})),
		w.attach(id, w.member), w.detach(id, w.member),
	} {
		fails(t, err, "PolicyNotFoundException")
	}
	for _, err := range []error{
		w.attach(other, outside), w.detach(other, outside),
		errOf(w.ListPoliciesForTarget(w.ctx(), &organizations.ListPoliciesForTargetInput{TargetId: "ou-none-12345678", Filter: identity.SCP})),
	} {
		fails(t, err, "TargetNotFoundException")
	}
	for _, err := range []error{
		errOf(w.UpdatePolicy(w.ctx(), &organizations.UpdatePolicyInput{PolicyId: identity.FullAccess, Name: "x"})),
		errOf(w.DeletePolicy(w.ctx(), &organizations.DeletePolicyInput{PolicyId: identity.FullAccess})),
	} {
		fails(t, err, "InvalidInputException")
	}
	_, err = w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: "TAG_POLICY", Name: "t", Content: "{}"})
	fails(t, err, "PolicyTypeNotAvailableForOrganizationException")
}

func TestFivePoliciesOnATarget(t *testing.T) {
	w := newOrganization(t)
	for i := range 5 {
		err := w.attach(w.policy(identity.SCP, fmt.Sprint(i), denySend), w.member)
		if i < 4 && err != nil { // the first of the five is FullAWSAccess
			t.Fatal(err)
		}
		if i == 4 {
			fails(t, err, "ConstraintViolationException")
		}
	}
}

// [D6], and what the two types may say.
func TestContent(t *testing.T) {
	w := newOrganization(t)
	long := strings.Replace(denySend, `"*"`, `"arn:aws:sqs:*:*:`+strings.Repeat("q", 5120)+`"`, 1)
	for name, c := range map[string]struct{ kind, content, code string }{
		"an SCP":                {identity.SCP, denySend, ""},
		"an RCP":                {identity.RCP, rcpDenies, ""},
		"no JSON":               {identity.SCP, "{", "MalformedPolicyDocumentException"},
		"no version":            {identity.SCP, strings.Replace(denySend, `"Version":"2012-10-17",`, "", 1), "MalformedPolicyDocumentException"},
		"the older version":     {identity.SCP, strings.Replace(denySend, "2012", "2008", 1), "MalformedPolicyDocumentException"},
		"an SCP with Principal": {identity.SCP, rcpDenies, "MalformedPolicyDocumentException"},
		"an RCP without":        {identity.RCP, denySend, "MalformedPolicyDocumentException"},
		"an RCP for one":        {identity.RCP, strings.Replace(rcpDenies, `"Principal":"*"`, `"Principal":{"AWS":"123456789012"}`, 1), "MalformedPolicyDocumentException"},
		"an RCP that allows":    {identity.RCP, strings.Replace(rcpDenies, "Deny", "Allow", 1), "MalformedPolicyDocumentException"},
		"an RCP with NotAction": {identity.RCP, strings.Replace(rcpDenies, `"Action"`, `"NotAction"`, 1), "MalformedPolicyDocumentException"},
		"without a resource":    {identity.SCP, strings.Replace(denySend, `,"Resource":"*"`, "", 1), "MalformedPolicyDocumentException"},
		"more than 5,120 signs": {identity.SCP, long, "ConstraintViolationException"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: c.kind, Name: name, Content: c.content})
			if c.code == "" && err != nil {
				t.Error(err)
			}
			if c.code != "" {
				fails(t, err, c.code)
			}
		})
	}
}

func TestPolicyTypes(t *testing.T) {
	w := newOrganization(t)
	enable := func(root, kind string) (*organizations.EnablePolicyTypeOutput, error) {
		return w.EnablePolicyType(w.ctx(), &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: kind})
	}
	disable := func(root, kind string) (*organizations.DisablePolicyTypeOutput, error) {
		return w.DisablePolicyType(w.ctx(), &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: kind})
	}
	if r := must[*organizations.ListRootsOutput](t)(w.ListRoots(w.ctx(), &organizations.ListRootsInput{})).Roots[0]; len(r.PolicyTypes) != 0 || r.Name != "Root" {
		t.Errorf("root at first: %+v", r)
	}
	fails(t, errOf(disable(w.root, identity.SCP)), "PolicyTypeNotEnabledException")
	got := must[*organizations.EnablePolicyTypeOutput](t)(enable(w.root, identity.SCP)).Root
	if diff := cmp.Diff([]organizations.PolicyTypeSummary{{Type: identity.SCP, Status: "ENABLED"}}, got.PolicyTypes); diff != "" {
		t.Error(diff)
	}
	fails(t, errOf(enable(w.root, identity.SCP)), "PolicyTypeAlreadyEnabledException")
	fails(t, errOf(enable("r-none", identity.RCP)), "RootNotFoundException")
	fails(t, errOf(disable("r-none", identity.SCP)), "RootNotFoundException")
	fails(t, errOf(enable(w.root, "TAG_POLICY")), "PolicyTypeNotAvailableForOrganizationException")

	p := w.policy(identity.SCP, "deny", denySend)
	if err := w.attach(p, w.root); err != nil {
		t.Fatal(err)
	}
	if w.may(w.member, "sqs:SendMessage") {
		t.Fatal("the policy does not deny")
	}
	if r := must[*organizations.DisablePolicyTypeOutput](t)(disable(w.root, identity.SCP)).Root; len(r.PolicyTypes) != 0 {
		t.Errorf("root = %+v", r)
	}
	if !w.may(w.member, "sqs:SendMessage") {
		t.Error("a policy of a disabled type denies")
	}
	must[*organizations.EnablePolicyTypeOutput](t)(enable(w.root, identity.SCP))
	if !w.may(w.member, "sqs:SendMessage") {
		t.Error("a policy is attached again although its type was disabled in between")
	}
}

func TestUnits(t *testing.T) {
	w := newOrganization(t)
	unit := w.unit(w.root, "prod")
	got := must[*organizations.DescribeOrganizationalUnitOutput](t)(w.DescribeOrganizationalUnit(w.ctx(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: unit})).OrganizationalUnit
	if got.Name != "prod" || !strings.HasSuffix(got.Arn, "/"+unit) || !strings.HasPrefix(unit, "ou-"+strings.TrimPrefix(w.root, "r-")+"-") {
		t.Errorf("unit = %+v", got)
	}
	create := func(parent, name string) error {
		return errOf(w.CreateOrganizationalUnit(w.ctx(), &organizations.CreateOrganizationalUnitInput{ParentId: parent, Name: name}))
	}
	fails(t, create(w.root, "prod"), "DuplicateOrganizationalUnitException")
	fails(t, create("ou-none-12345678", "x"), "ParentNotFoundException")
	deepest := unit
	for i := range 4 {
		deepest = w.unit(deepest, fmt.Sprint(i))
	}
	fails(t, create(deepest, "more"), "ConstraintViolationException")
	children := must[*organizations.ListOrganizationalUnitsForParentOutput](t)(w.ListOrganizationalUnitsForParent(w.ctx(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: w.root})).OrganizationalUnits
	if len(children) != 1 || children[0].Id != unit {
		t.Errorf("below the root: %+v", children)
	}
	move := func(account, from, to string) error {
		return errOf(w.MoveAccount(w.ctx(), &organizations.MoveAccountInput{AccountId: account, SourceParentId: from, DestinationParentId: to}))
	}
	fails(t, move(outside, w.root, unit), "AccountNotFoundException")
	fails(t, move(w.member, unit, w.root), "SourceParentNotFoundException")
	fails(t, move(w.member, w.root, "ou-none-12345678"), "DestinationParentNotFoundException")
	fails(t, move(w.member, w.root, w.root), "DuplicateAccountException")
	if err := move(w.member, w.root, deepest); err != nil {
		t.Fatal(err)
	}
	for child, want := range map[string]organizations.Parent{
		w.member: {Id: deepest, Type: "ORGANIZATIONAL_UNIT"}, unit: {Id: w.root, Type: "ROOT"},
	} {
		got := must[*organizations.ListParentsOutput](t)(w.ListParents(w.ctx(), &organizations.ListParentsInput{ChildId: child})).Parents
		if diff := cmp.Diff([]organizations.Parent{want}, got); diff != "" {
			t.Error(diff)
		}
	}
	_, err := w.ListParents(w.ctx(), &organizations.ListParentsInput{ChildId: outside})
	fails(t, err, "ChildNotFoundException")
	inside := must[*organizations.ListAccountsForParentOutput](t)(w.ListAccountsForParent(w.ctx(), &organizations.ListAccountsForParentInput{ParentId: deepest})).Accounts
	if len(inside) != 1 || inside[0].Id != w.member {
		t.Errorf("in the deepest unit: %+v", inside)
	}
	remove := func(id string) error {
		return errOf(w.DeleteOrganizationalUnit(w.ctx(), &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: id}))
	}
	fails(t, remove(deepest), "OrganizationalUnitNotEmptyException")
	fails(t, remove(unit), "OrganizationalUnitNotEmptyException")
	if err := move(w.member, deepest, w.root); err != nil {
		t.Fatal(err)
	}
	if err := w.attach(w.policy(identity.SCP, "deny", denySend), deepest); err != nil {
		t.Fatal(err)
	}
	if err := remove(deepest); err != nil {
		t.Error(err)
	}
	fails(t, remove(deepest), "OrganizationalUnitNotFoundException")
	_, err = w.DescribeOrganizationalUnit(w.ctx(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: deepest})
	fails(t, err, "OrganizationalUnitNotFoundException")
	for _, err := range []error{
		errOf(w.ListOrganizationalUnitsForParent(w.ctx(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: deepest})),
		errOf(w.ListAccountsForParent(w.ctx(), &organizations.ListAccountsForParentInput{ParentId: deepest})),
	} {
		fails(t, err, "ParentNotFoundException")
	}
}

// What the operations act on, for who may call them.
func TestTargets(t *testing.T) {
	w := newOrganization(t)
	p := w.policy(identity.SCP, "deny", denySend)
	svc := w.API()
	checks := func(operation string, in any) []api.Check {
		t.Helper()
		i := slices.IndexFunc(svc.Operations, func(o api.Operation) bool { return o.Name == operation })
		c, err := svc.Operations[i].Resolve(w.ctx(), in)
		if err != nil {
			t.Fatal(err)
		}
		return c.Checks
	}
	got := checks("AttachPolicy", &organizations.AttachPolicyInput{PolicyId: p, TargetId: w.member})
	if len(got) != 2 || !strings.HasSuffix(got[0].Target.ARN, "/service_control_policy/"+p) || !strings.HasSuffix(got[1].Target.ARN, "/"+w.member) || got[1].Action != "organizations:AttachPolicy" {
		t.Errorf("checks = %+v", got)
	}
	keys := policyeval.NewContext(1)
	got[0].Target.Keys(keys)
	if v, _, _ := keys.Get("organizations:PolicyType"); len(v) != 1 || v[0] != identity.SCP {
		t.Errorf("organizations:PolicyType = %v", v)
	}
	for operation, in := range map[string]any{
		"DescribePolicy": &organizations.DescribePolicyInput{PolicyId: "p-none"}, "ListAccounts": &organizations.ListAccountsInput{},
	} {
		if got := checks(operation, in); len(got) != 1 || got[0].Target.ARN != "*" {
			t.Errorf("%s: checks = %+v", operation, got)
		}
	}
	denied := svc.Denied(&api.Denial{Operation: "ListAccounts", Action: "organizations:ListAccounts", Caller: identity.Anonymous(), Target: &got[0].Target})
	fails(t, denied, "AccessDeniedException")
}

// Of several faults of the input it is what is missing that is told, and then the first.
func TestInvalidInput(t *testing.T) {
	list, missing := api.Violation{Path: "states", Rule: api.RuleParts}, api.Violation{Path: "name", Null: true}
	invalid := newTestbed(t).API().Invalid
	for want, violations := range map[string][]api.Violation{
		"INPUT_REQUIRED":      {list, missing},
		"INVALID_LIST_MEMBER": {list, {Path: "name", Rule: api.RulePattern}},
	} {
		if e := invalid(violations); e.Code != "InvalidInputException" || e.Reason != want || e.Message == "" {
			t.Errorf("%+v: %+v, want the reason %s", violations, e, want)
		}
	}
}

func TestTags(t *testing.T) {
	w := newOrganization(t)
	tags := []organizations.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: ""}}
	account := must[*organizations.CreateAccountOutput](t)(w.CreateAccount(w.ctx(), &organizations.CreateAccountInput{AccountName: "t", Email: "t@example.com", Tags: tags})).CreateAccountStatus.AccountId
	unit := must[*organizations.CreateOrganizationalUnitOutput](t)(w.CreateOrganizationalUnit(w.ctx(), &organizations.CreateOrganizationalUnitInput{ParentId: w.root, Name: "t", Tags: tags})).OrganizationalUnit.Id
	policy := must[*organizations.CreatePolicyOutput](t)(w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: identity.SCP, Name: "t", Content: denySend, Tags: tags})).Policy.PolicySummary.Id
	tag := func(id string, tags ...organizations.Tag) error {
		return errOf(w.TagResource(w.ctx(), &organizations.TagResourceInput{ResourceId: id, Tags: tags}))
	}
	untag := func(id string, keys ...string) error {
		return errOf(w.UntagResource(w.ctx(), &organizations.UntagResourceInput{ResourceId: id, TagKeys: keys}))
	}
	list := func(id string) []organizations.Tag {
		t.Helper()
		return must[*organizations.ListTagsForResourceOutput](t)(w.ListTagsForResource(w.ctx(), &organizations.ListTagsForResourceInput{ResourceId: id})).Tags
	}
	if err := tag(w.root, tags...); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{account, unit, policy, w.root} {
		if diff := cmp.Diff([]organizations.Tag{{Key: "a"}, {Key: "b", Value: "2"}}, list(id)); diff != "" {
			t.Error(id, diff)
		}
		if err := tag(id, organizations.Tag{Key: "B", Value: "3"}, organizations.Tag{Key: "b", Value: "4"}); err != nil {
			t.Error(err)
		}
		if err := untag(id, "a", "none"); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]organizations.Tag{{Key: "B", Value: "3"}, {Key: "b", Value: "4"}}, list(id)); diff != "" {
			t.Error(id, diff)
		}
	}
	fails(t, tag(policy, organizations.Tag{Key: "x"}, organizations.Tag{Key: "x"}), "InvalidInputException")
	fails(t, tag(policy, organizations.Tag{Key: "AWS:x"}), "InvalidInputException")
	var many []organizations.Tag
	for i := range 49 {
		many = append(many, organizations.Tag{Key: fmt.Sprint(i)})
	}
	fails(t, tag(policy, many...), "ConstraintViolationException")
	many = append(many, organizations.Tag{Key: "more"}, organizations.Tag{Key: "most"})
	for _, err := range []error{
		errOf(w.CreatePolicy(w.ctx(), &organizations.CreatePolicyInput{Type: identity.SCP, Name: "n", Content: denySend, Tags: many})),
		errOf(w.CreateAccount(w.ctx(), &organizations.CreateAccountInput{AccountName: "n", Email: "n@example.com", Tags: many})),
		errOf(w.CreateOrganizationalUnit(w.ctx(), &organizations.CreateOrganizationalUnitInput{ParentId: w.root, Name: "n", Tags: many})),
	} {
		fails(t, err, "ConstraintViolationException")
	}
	for _, err := range []error{tag("p-none"), untag("p-none"), errOf(w.ListTagsForResource(w.ctx(), &organizations.ListTagsForResourceInput{ResourceId: "p-none"}))} {
		fails(t, err, "TargetNotFoundException")
	}

	svc := w.API()
	i := slices.IndexFunc(svc.Operations, func(o api.Operation) bool { return o.Name == "TagResource" })
	resolved, err := svc.Operations[i].Resolve(w.ctx(), &organizations.TagResourceInput{ResourceId: policy, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	keys, checks := policyeval.NewContext(4), resolved.Checks
	checks[0].Target.Keys(keys)
	if v, multi, _ := keys.Get("aws:TagKeys"); !multi || !slices.Equal(v, []string{"b", "a"}) || checks[0].Target.Tags["b"] != "4" {
		t.Errorf("aws:TagKeys = %v, tags = %v", v, checks[0].Target.Tags)
	}
	if v, _, _ := keys.Get("aws:RequestTag/b"); !slices.Equal(v, []string{"2"}) {
		t.Errorf("aws:RequestTag/b = %v", v)
	}

	must[*organizations.DeletePolicyOutput](t)(w.DeletePolicy(w.ctx(), &organizations.DeletePolicyInput{PolicyId: policy}))
	must[*organizations.DeleteOrganizationalUnitOutput](t)(w.DeleteOrganizationalUnit(w.ctx(), &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: unit}))
	for _, id := range []string{account, w.member} {
		must[*organizations.RemoveAccountFromOrganizationOutput](t)(w.RemoveAccountFromOrganization(w.ctx(), &organizations.RemoveAccountFromOrganizationInput{AccountId: id}))
	}
	must[*organizations.DeleteOrganizationOutput](t)(w.DeleteOrganization(w.ctx(), &organizations.DeleteOrganizationInput{}))
}
