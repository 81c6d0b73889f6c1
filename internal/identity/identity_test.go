package identity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	allow   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type fixture struct {
	*identity.Directory
	clock  *clock.Turnable
	engine store.Engine
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{clock: clock.NewStill(start), engine: rerun.New()}
	f.Directory = identity.New(identity.Config{Engine: f.engine, Clock: f.clock, IDs: ids.NewSeeded(1), HSM: module})
	return f
}

func (f *fixture) role(t *testing.T, name string, policies map[string]string) {
	t.Helper()
	spec := identity.RoleSpec{Account: account, Region: region, Name: name, Policies: policies, Tags: map[string]string{"team": "red"}}
	if err := f.ApplyRole(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) user(t *testing.T, name, keyID, secret string) {
	t.Helper()
	spec := identity.UserSpec{Account: account, Region: region, Name: name, KeyID: keyID, Secret: secret, Policies: map[string]string{"p": allow}}
	if err := f.ApplyUser(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) credentials(t *testing.T, id string) *identity.Credentials {
	t.Helper()
	c, err := f.Credentials(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fixture) update(t *testing.T, write func(store.Tx) error) {
	t.Helper()
	if err := f.Update(t.Context(), write); err != nil {
		t.Fatal(err)
	}
}

// may reports whether the caller's own policies allow sqs:SendMessage.
func may(c *api.Caller) bool {
	r := &policyeval.Request{
		Principal: c.Principal, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:" + account + ":q",
		Context: policyeval.NewContext(0),
	}
	return policyeval.Decide(r, &c.Policies).Allowed
}

func TestUnknownKeyIsNobody(t *testing.T) {
	f := newFixture(t)
	if c := f.credentials(t, "test"); c != nil {
		t.Errorf("an access key that was never made: %+v, want nil", c)
	}
}

func TestUserKey(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "hunter2hunter2")
	c := f.credentials(t, "AKIAALICEALICEALICE1")
	if c == nil || c.Status != identity.Active || c.Secret != "hunter2hunter2" || !c.TokenMatches("") || c.TokenMatches("x") {
		t.Fatalf("credentials = %+v", c)
	}
	who := c.Caller
	if who.ARN != "arn:aws:iam::"+account+":user/alice" || who.Type != policyeval.User || who.Name != "alice" ||
		who.UserID != who.ID || !strings.HasPrefix(who.ID, "AIDA") || who.AccessKeyID != c.AccessKeyID || who.Session != nil {
		t.Errorf("caller = %+v", who)
	}
	if !may(who) {
		t.Error("the user's inline policy does not count")
	}
	if again := f.credentials(t, "AKIAALICEALICEALICE1"); again.Caller != who {
		t.Error("the caller is resolved anew although nothing changed")
	}
}

func TestDeletionTakesEffectAtOnceAndNeverBecomesRoot(t *testing.T) {
	const id = "AKIAALICEALICEALICE1"
	for name, remove := range map[string]func(f *fixture, tx store.Tx){
		"the key":  func(f *fixture, tx store.Tx) { f.DeleteKey(tx, f.Key(tx, id)) },
		"the user": func(f *fixture, tx store.Tx) { f.Users.Delete(tx, f.Users.Get(tx, account, "alice")) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.user(t, "alice", id, "secret")
			f.credentials(t, id)
			f.update(t, func(tx store.Tx) error { remove(f, tx); return nil })
			c := f.credentials(t, id)
			if c == nil || c.Status != identity.Deleted || c.Caller != nil || c.Secret != "" {
				t.Errorf("credentials = %+v, want deleted ones, for nil would be root", c)
			}
		})
	}
}

func TestInactiveKey(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	f.update(t, func(tx store.Tx) error {
		k := f.EditKey(tx, "AKIAALICEALICEALICE1")
		k.Inactive = true
		f.PutKey(tx, k)
		return nil
	})
	if c := f.credentials(t, "AKIAALICEALICEALICE1"); c.Status != identity.Inactive || c.Caller != nil {
		t.Errorf("credentials = %+v, want inactive ones", c)
	}
}

func TestPolicyChangeTakesEffectAtOnce(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	if !may(f.credentials(t, "AKIAALICEALICEALICE1").Caller) {
		t.Fatal("denied at first")
	}
	f.update(t, func(tx store.Tx) error {
		u := f.Users.Edit(tx, account, "alice")
		u.RemoveInline("p")
		f.Users.Put(tx, u)
		return nil
	})
	if may(f.credentials(t, "AKIAALICEALICEALICE1").Caller) {
		t.Error("allowed after the policy was deleted")
	}
}

func TestRenamedUserKeepsItsKey(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	f.update(t, func(tx store.Tx) error {
		f.Users.Rename(tx, f.Users.Edit(tx, account, "alice"), "/staff/", "alicia")
		return nil
	})
	c := f.credentials(t, "AKIAALICEALICEALICE1")
	if c.Caller == nil || c.Caller.ARN != "arn:aws:iam::"+account+":user/staff/alicia" {
		t.Errorf("caller = %+v", c.Caller)
	}
}

func TestGroupAndManagedPoliciesCount(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	f.update(t, func(tx store.Tx) error {
		g := &identity.Group{Entity: f.NewEntity(tx, identity.GroupPrefix, account, region, "", "senders")}
		g.Attached = []string{"arn:aws:iam::aws:policy/AmazonSQSFullAccess"}
		f.Groups.Put(tx, g)
		u := f.Users.Edit(tx, account, "alice")
		u.RemoveInline("p")
		u.Groups = []string{g.ID}
		f.Users.Put(tx, u)
		return nil
	})
	c := f.credentials(t, "AKIAALICEALICEALICE1").Caller
	if !may(c) || len(c.Policies.Identity) != 1 || c.Policies.Identity[0].Name != "arn:aws:iam::aws:policy/AmazonSQSFullAccess" {
		t.Errorf("policies = %v, allowed = %v", c.Policies.Identity, may(c))
	}
}

func TestBoundaryWhosePolicyIsGoneStillLimits(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	f.update(t, func(tx store.Tx) error {
		u := f.Users.Edit(tx, account, "alice")
		u.Boundary = "arn:aws:iam::" + account + ":policy/gone"
		f.Users.Put(tx, u)
		return nil
	})
	if may(f.credentials(t, "AKIAALICEALICEALICE1").Caller) {
		t.Error("a boundary without its policy limits nothing")
	}
}

func TestIssueRole(t *testing.T) {
	f := newFixture(t)
	f.role(t, "notification-service", map[string]string{"send": allow})
	issued, err := f.Issue(t.Context(), account, region, "role/notification-service")
	if err != nil {
		t.Fatal(err)
	}
	if issued.RoleARN != "arn:aws:iam::"+account+":role/notification-service" || !issued.Expiration.Equal(start.Add(time.Hour)) ||
		!strings.HasPrefix(issued.AccessKeyID, "ASIA") {
		t.Errorf("issued = %+v", issued)
	}
	c := f.credentials(t, issued.AccessKeyID)
	if c.Secret != issued.SecretAccessKey || !c.TokenMatches(issued.Token) || c.TokenMatches("") {
		t.Error("the credentials are not those that were issued")
	}
	want := "arn:aws:sts::" + account + ":assumed-role/notification-service/waxseal"
	if who := c.Caller; who.ARN != want || who.IssuerARN != issued.RoleARN || who.UserID != who.ID+":waxseal" || !may(who) ||
		who.Tags["team"] != "red" || !who.Session.Issued.Equal(start) {
		t.Errorf("caller = %+v", who)
	}
}

// The format that SDKs read from a container credentials endpoint.
func TestIssuedAsJSON(t *testing.T) {
	text, err := json.Marshal(identity.Issued{RoleARN: "r", AccessKeyID: "a", SecretAccessKey: "s", Token: "t", Expiration: start})
	want := `{"RoleArn":"r","AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"2026-03-01T12:00:00Z"}`
	if err != nil || string(text) != want {
		t.Errorf("issued = %s, %v; want %s", text, err, want)
	}
}

func TestIssueUser(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "", "")
	issued, err := f.Issue(t.Context(), account, region, "user/alice")
	if err != nil {
		t.Fatal(err)
	}
	who := f.credentials(t, issued.AccessKeyID).Caller
	if issued.RoleARN != "" || who.Type != policyeval.User || who.ARN != "arn:aws:iam::"+account+":user/alice" || who.Session != nil {
		t.Errorf("issued = %+v, caller = %+v", issued, who)
	}
}

func TestIssueNobody(t *testing.T) {
	f := newFixture(t)
	for _, spec := range []string{"role/none", "user/none", "group/g", "", "root/x", "arn:aws:iam::" + account + ":role/none", "arn:x"} {
		if _, err := f.Issue(t.Context(), account, region, spec); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("Issue(%q) = %v, want ErrNotFound", spec, err)
		}
	}
}

func TestSessionExpiresByTheClock(t *testing.T) {
	f := newFixture(t)
	f.role(t, "r", nil)
	issued, err := f.Issue(t.Context(), account, region, "role/r")
	if err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(time.Hour - time.Nanosecond)
	if c := f.credentials(t, issued.AccessKeyID); c.Status != identity.Active {
		t.Errorf("a moment before its hour is over the session is %v, want active", c.Status)
	}
	f.clock.Advance(time.Nanosecond)
	if c := f.credentials(t, issued.AccessKeyID); c.Status != identity.Expired || c.Caller != nil {
		t.Errorf("exactly as old as its period the session is %v, want expired", c.Status)
	}
	f.clock.Advance(-time.Hour)
	if c := f.credentials(t, issued.AccessKeyID); c.Status != identity.Active {
		t.Errorf("with the clock turned back the session is %v, want active", c.Status)
	}
}

func TestSessionOfADeletedRole(t *testing.T) {
	f := newFixture(t)
	f.role(t, "r", map[string]string{"send": allow})
	issued, err := f.Issue(t.Context(), account, region, "role/r")
	if err != nil {
		t.Fatal(err)
	}
	f.update(t, func(tx store.Tx) error { f.Roles.Delete(tx, f.Roles.Get(tx, account, "r")); return nil })
	if c := f.credentials(t, issued.AccessKeyID); c.Status != identity.Deleted {
		t.Errorf("status = %v, want deleted", c.Status)
	}
	f.role(t, "r", map[string]string{"send": allow})
	if c := f.credentials(t, issued.AccessKeyID); c.Status != identity.Deleted {
		t.Errorf("a role of the same name took the session over: %v", c.Status)
	}
}

func TestExpiredSessionsArePrunedButStayRefused(t *testing.T) {
	f := newFixture(t)
	f.role(t, "r", nil)
	var first []string
	for range 3 {
		issued, err := f.Issue(t.Context(), account, region, "role/r")
		if err != nil {
			t.Fatal(err)
		}
		first = append(first, issued.AccessKeyID)
	}
	f.clock.Advance(25*time.Hour + time.Second)
	for range 2 {
		if _, err := f.Issue(t.Context(), account, region, "role/r"); err != nil {
			t.Fatal(err)
		}
	}
	err := f.View(t.Context(), func(r store.Reader) error {
		for _, id := range first {
			if s := f.Session(r, id); s == nil || len(s.Sealed) > 0 {
				t.Errorf("session %s = %+v, want its id alone", id, s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range first {
		if c := f.credentials(t, id); c == nil || c.Status != identity.Expired {
			t.Errorf("credentials of %s = %+v, want expired ones", id, c)
		}
	}
}

func TestClearedStoreForgetsEverybody(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	f.credentials(t, "AKIAALICEALICEALICE1")
	if err := f.engine.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := f.credentials(t, "AKIAALICEALICEALICE1"); c != nil {
		t.Errorf("credentials after a reset = %+v", c)
	}
	f.user(t, "bob", "", "")
	if c := f.credentials(t, "AKIAALICEALICEALICE1"); c != nil {
		t.Errorf("credentials after a reset and a change = %+v", c)
	}
}

func TestSecretsAreStoredWrapped(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "plain-text-secret")
	f.role(t, "r", nil)
	issued, err := f.Issue(t.Context(), account, region, "role/r")
	if err != nil {
		t.Fatal(err)
	}
	var stored bytes.Buffer
	err = f.engine.View(t.Context(), func(r store.Reader) error {
		for k, v := range r.Scan("", "", store.All) {
			stored.WriteString(k)
			stored.Write(v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"plain-text-secret", issued.SecretAccessKey, issued.Token} {
		if strings.Contains(stored.String(), secret) {
			t.Errorf("the store holds %q in the clear", secret)
		}
	}
	if !strings.Contains(stored.String(), issued.AccessKeyID) {
		t.Error("the store does not hold the session at all")
	}
}

func TestWrongRootKeyIsAnError(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	f.role(t, "r", nil)
	issued, err := f.Issue(t.Context(), account, region, "role/r")
	if err != nil {
		t.Fatal(err)
	}
	other, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	d := identity.New(identity.Config{Engine: f.engine, Clock: f.clock, IDs: ids.New(), HSM: other})
	for _, id := range []string{"AKIAALICEALICEALICE1", issued.AccessKeyID} {
		if c, err := d.Credentials(t.Context(), id); !errors.Is(err, hsm.ErrWrapped) || c != nil {
			t.Errorf("Credentials(%s) = %v, %v; want ErrWrapped", id, c, err)
		}
	}
}

func TestRootServiceAnonymous(t *testing.T) {
	f := newFixture(t)
	root, err := f.Root(t.Context(), account, "cn-north-1")
	if err != nil {
		t.Fatal(err)
	}
	if root.ARN != "arn:aws-cn:iam::"+account+":root" || root.UserID != account || root.Type != policyeval.Root || !may(root) {
		t.Errorf("root = %+v", root)
	}
	if s := identity.ServicePrincipal("sns.amazonaws.com"); s.Service != "sns.amazonaws.com" || s.Type != policyeval.Service || may(s) {
		t.Errorf("service = %+v", s)
	}
	if a := identity.Anonymous(); a.Type != policyeval.Anonymous || a.UserID != "anonymous" || may(a) {
		t.Errorf("anonymous = %+v", a)
	}
}

func TestPrincipal(t *testing.T) {
	f := newFixture(t)
	f.role(t, "r", nil)
	f.user(t, "alice", "", "")
	spec := identity.RoleSpec{Account: account, Region: region, Path: "/team/x/", Name: "deep"}
	if err := f.ApplyRole(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string]string{
		"root":                                "arn:aws:iam::" + account + ":root",
		"arn:aws:iam::999999999999:root":      "arn:aws:iam::999999999999:root",
		"role/r":                              "arn:aws:sts::" + account + ":assumed-role/r/waxseal",
		"user/alice":                          "arn:aws:iam::" + account + ":user/alice",
		"role/deep":                           "arn:aws:sts::" + account + ":assumed-role/deep/waxseal",
		"role/team/x/deep":                    "arn:aws:sts::" + account + ":assumed-role/deep/waxseal",
		"role/other/deep":                     "",
		"role/R":                              "",
		"arn:aws:iam::" + account + ":role/r": "arn:aws:sts::" + account + ":assumed-role/r/waxseal",
		"arn:aws:iam::" + account + ":role/team/x/deep":    "arn:aws:sts::" + account + ":assumed-role/deep/waxseal",
		"arn:aws:iam::" + account + ":role/deep":           "",
		"arn:aws-cn:iam::" + account + ":role/r":           "",
		"arn:aws:iam::111111111111:role/r":                 "",
		"arn:aws:sts::" + account + ":assumed-role/r/mine": "arn:aws:sts::" + account + ":assumed-role/r/mine",
		"arn:aws:sts::" + account + ":assumed-role/r":      "",
		"arn:aws:sts::" + account + ":assumed-role/none/s": "",
		"arn:aws:iam::" + account + ":user/alice":          "arn:aws:iam::" + account + ":user/alice",
		"user/none":                      "",
		"group/g":                        "",
		"arn:aws:iam::" + account + ":x": "",
		"root/":                          "",
	} {
		c, err := f.Principal(t.Context(), account, region, spec)
		switch {
		case want == "" && !errors.Is(err, identity.ErrNotFound):
			t.Errorf("Principal(%q) = %v, %v; want ErrNotFound", spec, c, err)
		case want != "" && (err != nil || c.ARN != want):
			t.Errorf("Principal(%q) = %v, %v; want %s", spec, c, err, want)
		}
	}
}

func TestExists(t *testing.T) {
	f := newFixture(t)
	f.role(t, "r", nil)
	for principal, want := range map[string]bool{
		"999999999999":                                        true,
		"arn:aws:iam::999999999999:root":                      true,
		"arn:aws:iam::" + account + ":role/r":                 true,
		"arn:aws:iam::" + account + ":role/none":              false,
		"arn:aws:iam::" + account + ":user/none":              false,
		"arn:aws:sts::" + account + ":assumed-role/r/any":     true,
		"arn:aws:sts::" + account + ":assumed-role/none/any":  false,
		"arn:aws:sts::" + account + ":federated-user/someone": true,
		"arn:aws:sqs:eu-west-1:" + account + ":q":             false,
		"sns.amazonaws.com":                                   false,
		"":                                                    false,
	} {
		if got := f.Exists(t.Context(), principal); got != want {
			t.Errorf("Exists(%q) = %v, want %v", principal, got, want)
		}
	}
}

// aws-managed policies have to be read in every partition, or they would panic later.
func TestAWSPolicies(t *testing.T) {
	f, ids := newFixture(t), map[string]bool{}
	for _, region := range []string{"eu-west-1", "cn-north-1", "us-gov-west-1"} {
		n := 0
		for listed := range identity.AWSPolicies(region) {
			n++
			ids[listed.ID] = true
			if region != "eu-west-1" && n%50 != 0 { // their documents are the same
				continue
			}
			p := f.find(t, listed.ARN())
			if p == nil || p.Compiled() == nil || p.Version(p.Default) == nil || p.ID != listed.ID || len(p.ID) != 21 || !p.IsAWS() || p.Created.IsZero() {
				t.Errorf("%s in %s: %+v", listed.ARN(), region, p)
			}
		}
		if n < 1500 || len(ids) != n {
			t.Errorf("%d policies in %s, %d ids", n, region, len(ids))
		}
	}
	if f := newFixture(t); f.managed(t, "arn:aws-iso:iam::aws:policy/AdministratorAccess") || f.managed(t, "arn:aws:iam::aws:policy/x/AdministratorAccess") ||
		f.managed(t, "nonsense") || !f.managed(t, "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole") {
		t.Error("the ARN of a managed policy is not taken exactly")
	}
}

func (f *fixture) managed(t *testing.T, policyARN string) bool { return f.find(t, policyARN) != nil }

func (f *fixture) find(t *testing.T, policyARN string) (p *identity.Policy) {
	t.Helper()
	err := f.View(t.Context(), func(r store.Reader) error {
		p = f.Managed(r, account, policyARN)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestApplyRefusesWhatIsWrong(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "secret")
	for name, apply := range map[string]func(context.Context) error{
		"trust": func(ctx context.Context) error {
			return f.ApplyRole(ctx, identity.RoleSpec{Account: account, Name: "r", Trust: "{"})
		},
		"inline": func(ctx context.Context) error {
			return f.ApplyRole(ctx, identity.RoleSpec{Account: account, Name: "r", Policies: map[string]string{"p": "[]"}})
		},
		"managed": func(ctx context.Context) error {
			return f.ApplyUser(ctx, identity.UserSpec{Account: account, Name: "u", Managed: []string{"arn:aws:iam::123456789012:policy/None"}})
		},
		"boundary": func(ctx context.Context) error {
			return f.ApplyUser(ctx, identity.UserSpec{Account: account, Name: "u", Boundary: "arn:aws:iam::aws:policy/None"})
		},
		"key of another": func(ctx context.Context) error {
			return f.ApplyUser(ctx, identity.UserSpec{Account: account, Name: "u", KeyID: "AKIAALICEALICEALICE1", Secret: "s"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := apply(t.Context()); err == nil {
				t.Fatal("accepted")
			}
			for _, spec := range []string{"role/r", "user/u"} {
				if _, err := f.Principal(t.Context(), account, region, spec); !errors.Is(err, identity.ErrNotFound) {
					t.Errorf("%s was made all the same", spec)
				}
			}
		})
	}
}

func TestApplyAgainKeepsTheIdentity(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "one")
	before := f.credentials(t, "AKIAALICEALICEALICE1")
	spec := identity.UserSpec{Account: account, Region: region, Name: "Alice", Path: "/staff/", KeyID: "AKIAALICEALICEALICE1", Secret: "two", Tags: map[string]string{"a": "b"}}
	if err := f.ApplyUser(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	after := f.credentials(t, "AKIAALICEALICEALICE1")
	if after.Caller.ID != before.Caller.ID || after.Secret != "two" || after.Caller.ARN != "arn:aws:iam::"+account+":user/staff/Alice" ||
		may(after.Caller) || after.Caller.Tags["a"] != "b" {
		t.Errorf("before %+v, after %+v", before.Caller, after.Caller)
	}
}

func TestDeletedKeyCanBeAppliedAgain(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "one")
	f.update(t, func(tx store.Tx) error { f.DeleteKey(tx, f.Key(tx, "AKIAALICEALICEALICE1")); return nil })
	f.user(t, "alice", "AKIAALICEALICEALICE1", "two")
	if c := f.credentials(t, "AKIAALICEALICEALICE1"); c.Status != identity.Active || c.Secret != "two" {
		t.Errorf("credentials = %+v", c)
	}
}

func TestTagsIgnoreCase(t *testing.T) {
	var e identity.Entity
	e.SetTags([]resource.Tag{{Key: "b", Value: "1"}, {Key: "A", Value: "2"}})
	e.SetTags([]resource.Tag{{Key: "B", Value: "3"}})
	if diff := cmp.Diff([]resource.Tag{{Key: "A", Value: "2"}, {Key: "B", Value: "3"}}, e.Tags); diff != "" {
		t.Error(diff)
	}
	e.RemoveTags([]string{"a", "c"})
	if diff := cmp.Diff([]resource.Tag{{Key: "B", Value: "3"}}, e.Tags); diff != "" {
		t.Error(diff)
	}
}

// An access key id spells its account as AWS's do, whose example is public.
func TestKeyAccount(t *testing.T) {
	f := newFixture(t)
	var id string
	f.update(t, func(tx store.Tx) error {
		u := &identity.User{Entity: f.NewEntity(tx, identity.UserPrefix, "098765432109", region, "", "u")}
		k, _ := f.NewKey(tx, "098765432109", "aws", u)
		f.Users.Put(tx, u)
		id = k.ID
		return nil
	})
	other := newFixture(t)
	for _, d := range []*fixture{f, other} {
		if got, err := d.KeyAccount(t.Context(), id); err != nil || got != "098765432109" {
			t.Errorf("KeyAccount(%s) = %s, %v", id, got, err)
		}
	}
	for key, want := range map[string]string{"AKIAIOSFODNN7EXAMPLE": "581039954779", "ASIAY34FZKBOKMUTVV7A": "609629065308", "test": "", "AKIA111111111111111!": ""} {
		if got, err := f.KeyAccount(t.Context(), key); err != nil || got != want {
			t.Errorf("KeyAccount(%s) = %q, %v; want %q", key, got, err, want)
		}
	}
}

func TestLastUse(t *testing.T) {
	f := newFixture(t)
	f.user(t, "alice", "AKIAALICEALICEALICE1", "one")
	c := f.credentials(t, "AKIAALICEALICEALICE1")
	last := func() (use identity.Use) {
		t.Helper()
		if err := f.View(t.Context(), func(r store.Reader) error { use = f.LastUse(r, c.AccessKeyID); return nil }); err != nil {
			t.Fatal(err)
		}
		return use
	}
	use := func(service string) {
		t.Helper()
		if err := f.Used(t.Context(), c.Caller, service, region); err != nil {
			t.Fatal(err)
		}
	}
	if got := last(); !got.Time.IsZero() {
		t.Errorf("used before it was: %+v", got)
	}
	use("sqs")
	f.clock.Advance(time.Minute)
	use("sqs")
	if got := last(); !got.Time.Equal(start) || got.Service != "sqs" || got.Region != region {
		t.Errorf("after a minute: %+v, want the first use", got)
	}
	use("kms")
	f.clock.Advance(time.Minute - 1)
	use("sns")
	if got := last(); got.Service != "kms" {
		t.Errorf("another service within a minute: %+v", got)
	}
	f.clock.Advance(1 - time.Minute)
	if got := last(); got.Service != "kms" || !got.Time.Equal(start.Add(time.Minute)) {
		t.Errorf("another service: %+v", got)
	}
	f.clock.Advance(15 * time.Minute)
	use("kms")
	if got := last(); !got.Time.Equal(start.Add(16 * time.Minute)) {
		t.Errorf("after a quarter of an hour: %+v", got)
	}
	if f.credentials(t, c.AccessKeyID).Caller != c.Caller {
		t.Error("noting a use resolved the caller anew")
	}
	if err := f.Used(t.Context(), identity.Anonymous(), "sqs", region); err != nil {
		t.Error(err)
	}
}

func TestEncodedMessages(t *testing.T) {
	f := newFixture(t)
	m := f.EncodeMessage(`{"allowed":false}`)
	if got, ok := f.DecodeMessage(m); !ok || got != `{"allowed":false}` {
		t.Errorf("DecodeMessage = %q, %v", got, ok)
	}
	for _, bad := range []string{"", "!", m[:len(m)-4], newFixture(t).EncodeMessage("x")} {
		if got, ok := f.DecodeMessage(bad); ok {
			t.Errorf("DecodeMessage(%q) = %q", bad, got)
		}
	}
}
