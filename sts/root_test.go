package sts_test

import (
	"slices"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sts"
)

const (
	member    = "222222222222"
	delegate  = "333333333333"
	rootARN   = "arn:aws:iam::" + member + ":root"
	rootTasks = "arn:aws:iam::aws:policy/root-task/"
	unlock    = rootTasks + "SQSUnlockQueuePolicy"
	audit     = rootTasks + "IAMAuditRootUserCredentials"
)

// organization puts account, member and delegate into an organization, which
// account manages and delegate administers IAM for, with central root access.
func (w *testbed) organization() {
	w.t.Helper()
	w.changeOrganization(func(tx store.Tx, o *identity.Organization) {
		*o = identity.Organization{
			ID: "o-abcdefghij", RootID: "r-abcd", Management: account, Partition: "aws", FeatureSet: "ALL",
			Trusted:   []identity.Trusted{{Service: identity.IAMService, Since: start}},
			Delegated: []identity.Delegation{{Account: delegate, Service: identity.IAMService, Since: start}},
		}
		o.SetRootFeature(identity.RootSessions, true)
		o.SetRootFeature(identity.RootCredentials, true)
		for _, a := range []string{account, member, delegate} {
			w.dir.PutMember(tx, &identity.Member{Account: a, Organization: o.ID, Parent: o.RootID, Joined: start})
		}
	})
}

func (w *testbed) changeOrganization(change func(store.Tx, *identity.Organization)) {
	w.t.Helper()
	err := w.dir.Update(w.t.Context(), func(tx store.Tx) error {
		o := w.dir.EditOrganization(tx, "o-abcdefghij")
		if o == nil {
			o = new(identity.Organization)
		}
		change(tx, o)
		w.dir.PutOrganization(tx, o)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *testbed) assumeRoot(c *api.Caller, target, task string) (*sts.AssumeRootOutput, error) {
	w.t.Helper()
	return run[sts.AssumeRootOutput](w, c, "AssumeRoot", &sts.AssumeRootInput{
		TargetPrincipal: target, TaskPolicyArn: &sts.PolicyDescriptorType{Arn: task},
	})
}

// The session is the root user of the member, who may what its task leaves.
func TestAssumeRoot(t *testing.T) {
	w := newTestbed(t)
	w.organization()
	admin := w.user(account, "admin", mayAll, nil)
	for _, target := range []string{member, rootARN} {
		out := must[*sts.AssumeRootOutput](t)(w.assumeRoot(admin, target, unlock))
		who := w.session(out.Credentials)
		if !out.Credentials.Expiration.Equal(start.Add(15*time.Minute)) || out.SourceIdentity != "" || out.SessionTokenSize != nil {
			t.Errorf("answer = %+v, %+v", out, out.Credentials)
		}
		if who.ARN != rootARN || who.UserID != member || who.Account != member || !who.InTask() || who.OrgID != "o-abcdefghij" {
			t.Errorf("caller = %+v", who)
		}
		is := must[*sts.GetCallerIdentityOutput](t)(run[sts.GetCallerIdentityOutput](w, who, "GetCallerIdentity", &sts.GetCallerIdentityInput{}))
		if *is != (sts.GetCallerIdentityOutput{UserId: member, Account: member, Arn: rootARN}) {
			t.Errorf("it is called %+v", is)
		}
		context := policyeval.NewContext(1)
		context.Set("aws:PrincipalArn", who.ARN)
		list := &policyeval.Request{Principal: who.Principal, Action: "sqs:ListQueues", Resource: "*", ResourceAccount: member, Context: context}
		if !policyeval.Decide(list, &who.Policies).Allowed || may(who, "sqs:SendMessage") || may(who, "iam:GetUser") || may(who, "sts:AssumeRoot") {
			t.Error("the session may what its task does not leave, or not what it does")
		}
	}
	c := must[*sts.AssumeRootOutput](t)(run[sts.AssumeRootOutput](w, admin, "AssumeRoot", &sts.AssumeRootInput{
		TargetPrincipal: member, TaskPolicyArn: &sts.PolicyDescriptorType{Arn: audit}, DurationSeconds: new(int), MinimumSessionTokenSize: ptr(1000),
	}))
	if got, err := w.dir.Credentials(t.Context(), c.Credentials.AccessKeyId); err != nil || got.Status != identity.Expired || *c.SessionTokenSize < 1000 {
		t.Errorf("a session of no seconds: %+v, %v", got, err)
	}
}

// Who may assume the root user of whom, and what AWS says where it may not be.
func TestWhoMayAssumeRoot(t *testing.T) {
	denied := func(who string) string {
		return "User: " + who + " is not authorized to perform: sts:AssumeRoot on resource: " + rootARN
	}
	admin := func(a string) func(*testbed) *api.Caller {
		return func(w *testbed) *api.Caller { return w.user(a, "admin", mayAll, nil) }
	}
	user := func(a string) string { return "arn:aws:iam::" + a + ":user/admin" }
	change := func(f func(*identity.Organization)) func(store.Tx, *identity.Organization) {
		return func(_ store.Tx, o *identity.Organization) { f(o) }
	}
	onlyAudit := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"` + rootARN + `",
		"Condition":{"ArnEquals":{"sts:TaskPolicyArn":"` + audit + `"},"StringEquals":{"aws:ResourceAccount":"` + member + `"}}}]}`
	for name, c := range map[string]struct {
		caller func(*testbed) *api.Caller
		target string // member unless given
		task   string // unlock unless given
		change func(store.Tx, *identity.Organization)
		denied string // empty: allowed
	}{
		"the management account": {caller: admin(account)},
		"who administers IAM":    {caller: admin(delegate)},
		"who administers something else": {
			caller: admin(delegate), change: change(func(o *identity.Organization) { o.Delegated[0].Service = "sso.amazonaws.com" }), denied: denied(user(delegate)),
		},
		"another member":     {caller: admin(member), denied: denied(user(member))},
		"an account outside": {caller: admin(other), denied: denied(user(other))},
		"the root user":      {caller: func(w *testbed) *api.Caller { return w.root(account) }},
		"nobody's rights":    {caller: func(w *testbed) *api.Caller { return w.user(account, "admin", "", nil) }, denied: denied(user(account))},
		"rights to another task": {
			caller: func(w *testbed) *api.Caller { return w.user(account, "admin", onlyAudit, nil) }, denied: denied(user(account)),
		},
		"rights to this task": {caller: func(w *testbed) *api.Caller { return w.user(account, "admin", onlyAudit, nil) }, task: audit},
		"of the management account": {
			caller: admin(account), target: account, denied: "User: " + user(account) + " is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::" + account + ":root",
		},
		"of an account outside": {
			caller: admin(account), target: other, denied: "User: " + user(account) + " is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::" + other + ":root",
		},
		"without access of IAM": {
			caller: admin(account), change: change(func(o *identity.Organization) { o.Trusted = nil }), denied: "Service not enabled for AWS Organizations.",
		},
		"without root sessions": {
			caller: admin(account), change: change(func(o *identity.Organization) { o.SetRootFeature(identity.RootSessions, false) }),
			denied: "Root sessions feature is not enabled for your AWS Organization.",
		},
		"without credentials management": {
			caller: admin(account), task: audit, change: change(func(o *identity.Organization) { o.SetRootFeature(identity.RootCredentials, false) }),
			denied: "Root credentials management feature is not enabled for your AWS Organization.",
		},
		"each feature for itself": {
			caller: admin(account), change: change(func(o *identity.Organization) { o.SetRootFeature(identity.RootCredentials, false) }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
			w.organization()
			if c.change != nil {
				w.changeOrganization(c.change)
			}
			target, task := member, unlock
			if c.target != "" {
				target = c.target
			}
			if c.task != "" {
				task = c.task
			}
			_, err := w.assumeRoot(c.caller(w), target, task)
			if c.denied == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			fails(t, err, "AccessDenied", 403, c.denied)
		})
	}
	w := newTestbedWith(t, identity.Config{StrictCredentials: true})
	w.organization()
	_, err := w.assumeRoot(w.root(account), member, unlock)
	fails(t, err, "AccessDenied", 403, denied("arn:aws:iam::"+account+":root"))
}

func TestAssumeRootRefuses(t *testing.T) {
	w := newTestbed(t)
	w.organization()
	admin := w.user(account, "admin", mayAll, nil)
	for _, target := range []string{"arn:aws:iam::" + member + ":user/u", "arn:aws:iam::abcdefghijkl:root", "arn:aws-cn:iam::" + member + ":root", "not-an-account"} {
		_, err := w.assumeRoot(admin, target, unlock)
		fails(t, err, "ValidationError", 400, "Request must contain a valid target principal")
	}
	for _, task := range []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SQSUnlockQueuePolicy", "arn:aws-cn:iam::aws:policy/root-task/SQSUnlockQueuePolicy", rootTasks + "None"} {
		_, err := w.assumeRoot(admin, member, task)
		fails(t, err, "ValidationError", 400, "Request must contain valid AWS managed task policy ARN")
	}
	_, err := w.assumeRoot(identity.Anonymous(), member, unlock)
	fails(t, err, "MissingAuthenticationToken", 403, "Request is missing Authentication Token")

	for _, c := range []struct {
		operation string
		in        any
	}{
		{"AssumeRoot", &sts.AssumeRootInput{TargetPrincipal: member, TaskPolicyArn: &sts.PolicyDescriptorType{Arn: unlock}}},
		{"GetWebIdentityToken", &sts.GetWebIdentityTokenInput{Audience: []string{"a"}, SigningAlgorithm: "ES384"}},
	} {
		ctx := w.as(admin)
		api.RequestFrom(ctx).BaseURL = "https://sts.amazonaws.com"
		operations := w.API().Operations
		i := slices.IndexFunc(operations, func(o api.Operation) bool { return o.Name == c.operation })
		_, err := operations[i].Resolve(ctx, c.in)
		fails(t, err, "InvalidAction", 400, "Unknown Operation")
	}
}

// A source identity stays with what its bearer goes on to.
func TestAssumeRootKeepsTheSourceIdentity(t *testing.T) {
	w := newTestbed(t)
	w.organization()
	w.role(identity.RoleSpec{Policies: map[string]string{"p": mayAll}, Trust: trusting(account, `["sts:AssumeRole","sts:SetSourceIdentity"]`, "")})
	role := w.session(must[*sts.AssumeRoleOutput](t)(w.assume(w.user(account, "u", mayAll, nil), sts.AssumeRoleInput{SourceIdentity: "Alice"})).Credentials)
	out := must[*sts.AssumeRootOutput](t)(w.assumeRoot(role, member, unlock))
	if who := w.session(out.Credentials); out.SourceIdentity != "Alice" || who.Session.SourceIdentity != "Alice" {
		t.Errorf("source identity %q, of the session %q", out.SourceIdentity, who.Session.SourceIdentity)
	}
}

// A session goes on when the features are turned off, as on AWS; it ends when its
// account leaves the organization.
func TestHowLongARootSessionLasts(t *testing.T) {
	w := newTestbed(t)
	w.organization()
	out := must[*sts.AssumeRootOutput](t)(w.assumeRoot(w.user(account, "admin", mayAll, nil), member, unlock))
	status := func() identity.Status {
		t.Helper()
		c, err := w.dir.Credentials(t.Context(), out.Credentials.AccessKeyId)
		if err != nil {
			t.Fatal(err)
		}
		return c.Status
	}
	w.changeOrganization(func(_ store.Tx, o *identity.Organization) {
		o.SetRootFeature(identity.RootSessions, false)
		o.Trusted = nil
	})
	if got := status(); got != identity.Active {
		t.Errorf("without the feature its status is %d", got)
	}
	w.changeOrganization(func(tx store.Tx, _ *identity.Organization) { w.dir.DeleteMember(tx, member) })
	if got := status(); got != identity.Deleted {
		t.Errorf("out of the organization its status is %d", got)
	}
	w.changeOrganization(func(tx store.Tx, _ *identity.Organization) {
		w.dir.PutMember(tx, &identity.Member{Account: member, Organization: "o-anotherone", Joined: start})
	})
	if got := status(); got != identity.Deleted {
		t.Errorf("in another organization its status is %d", got)
	}
	w.changeOrganization(func(tx store.Tx, o *identity.Organization) {
		w.dir.PutMember(tx, &identity.Member{Account: member, Organization: o.ID, Parent: o.RootID, Joined: start})
	})
	w.clock.Advance(15 * time.Minute)
	if got := status(); got != identity.Expired {
		t.Errorf("after 15 minutes its status is %d", got)
	}
}
