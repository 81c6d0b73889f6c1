package sts_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sts"
)

const (
	account = "123456789012"
	other   = "999999999999"
	region  = "eu-west-1"
	roleARN = "arn:aws:iam::" + account + ":role/r"
	mayAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	maySQS  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}`
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testbed is STS with its records and a clock that stands still.
type testbed struct {
	*sts.Service
	t     *testing.T
	dir   *identity.Directory
	clock *clock.Turnable
}

func newTestbed(t *testing.T) *testbed { return newTestbedWith(t, identity.Config{}) }

func newTestbedWith(t *testing.T, c identity.Config) *testbed {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &testbed{t: t, clock: clock.NewStill(start)}
	c.Engine, c.Clock, c.IDs, c.HSM = rerun.New(), w.clock, ids.NewSeeded(1), module
	w.dir = identity.New(c)
	w.Service = sts.New(sts.Config{Directory: w.dir})
	return w
}

func (w *testbed) role(spec identity.RoleSpec) {
	w.t.Helper()
	if spec.Account == "" {
		spec.Account = account
	}
	if spec.Region == "" {
		spec.Region = region
	}
	if spec.Name == "" {
		spec.Name = "r"
	}
	if err := w.dir.ApplyRole(w.t.Context(), spec); err != nil {
		w.t.Fatal(err)
	}
}

// user makes a user with an inline policy, if one is given, and is its caller.
func (w *testbed) user(account, name, policy string, tags map[string]string) *api.Caller {
	w.t.Helper()
	spec := identity.UserSpec{Account: account, Region: region, Name: name, Tags: tags}
	if policy != "" {
		spec.Policies = map[string]string{"p": policy}
	}
	if err := w.dir.ApplyUser(w.t.Context(), spec); err != nil {
		w.t.Fatal(err)
	}
	c, err := w.dir.Principal(w.t.Context(), account, region, "user/"+name)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *testbed) root(account string) *api.Caller {
	w.t.Helper()
	c, err := w.dir.Root(w.t.Context(), account, region)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *testbed) as(c *api.Caller) context.Context {
	return api.WithRequest(w.t.Context(), &api.Request{ID: "r", Caller: c, Account: c.Account, Region: region, Time: w.clock.Now()})
}

// run makes the call as the dispatcher does: checks, decisions, method.
func run[Out any](w *testbed, c *api.Caller, operation string, in any) (*Out, error) {
	w.t.Helper()
	ctx, svc := w.as(c), w.API()
	i := slices.IndexFunc(svc.Operations, func(o api.Operation) bool { return o.Name == operation })
	if i < 0 {
		w.t.Fatalf("there is no operation %s", operation)
	}
	op := &svc.Operations[i]
	resolved, err := op.Resolve(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, check := range resolved.Checks {
		if !slices.Contains(op.Actions, check.Action) {
			w.t.Errorf("%s checks %s, which its row does not name", operation, check.Action)
		}
		if err := decide(svc, op, c, check); err != nil {
			return nil, err
		}
		if check.Target.Missing != nil {
			return nil, check.Target.Missing
		}
	}
	out, err := op.Call(ctx, in, resolved)
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

func decide(svc api.Service, op *api.Operation, c *api.Caller, check api.Check) error {
	if check.As != nil {
		c = check.As
	}
	keys := policyeval.NewContext(8)
	if check.Target.Keys != nil {
		check.Target.Keys(keys)
	}
	for k, v := range c.Tags {
		keys.Set("aws:PrincipalTag/"+k, v)
	}
	r := &policyeval.Request{
		Principal: c.Principal, Action: check.Action, Resource: check.Target.ARN, ResourceAccount: check.Target.Account, Context: keys,
	}
	policies := c.Policies
	policies.Resource = check.Target.Policy
	v := policyeval.Decide(r, &policies)
	if v.Allowed {
		return nil
	}
	return svc.Denied(&api.Denial{
		Operation: op.Name, Caller: c, Action: check.Action, Target: &check.Target, Verdict: v, CrossAccount: c.Account != check.Target.Account,
	})
}

func (w *testbed) assume(c *api.Caller, in sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	w.t.Helper()
	if in.RoleArn == "" {
		in.RoleArn = roleARN
	}
	if in.RoleSessionName == "" {
		in.RoleSessionName = "session"
	}
	return run[sts.AssumeRoleOutput](w, c, "AssumeRole", &in)
}

// session is the caller of credentials that were given out.
func (w *testbed) session(c *sts.Credentials) *api.Caller {
	w.t.Helper()
	got, err := w.dir.Credentials(w.t.Context(), c.AccessKeyId)
	if err != nil || got == nil || got.Secret != c.SecretAccessKey || !got.TokenMatches(c.SessionToken) || !got.Expires.Equal(c.Expiration) {
		w.t.Fatalf("credentials = %+v, %v", got, err)
	}
	return got.Caller
}

// may reports whether the caller's own policies allow an action.
func may(c *api.Caller, action string) bool {
	r := &policyeval.Request{Principal: c.Principal, Action: action, Resource: "*", ResourceAccount: c.Account, Context: policyeval.NewContext(0)}
	return policyeval.Decide(r, &c.Policies).Allowed
}

func fails(t *testing.T, err error, code string, status int, text string) {
	t.Helper()
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		t.Fatalf("error = %v, want %s: %s", err, code, text)
	}
	if e.Query() != code || e.HTTPStatus() != status || e.Message != text {
		t.Errorf("error = %d %s %q, want %d %s %q", e.HTTPStatus(), e.Query(), e.Message, status, code, text)
	}
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

func ptr[T any](v T) *T { return &v }

// trusting is a trust policy that lets one principal do the given actions.
func trusting(principal, actions, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":` + actions + `,"Condition":{` + condition + `}}]}`
}

const assumeOnly = `"sts:AssumeRole"`

func TestTable(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		for _, shape := range []reflect.Type{op.In, op.Out} {
			if err := wire.Check(shape); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
	}
}

func TestGetCallerIdentity(t *testing.T) {
	w := newTestbed(t)
	denyAll := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	user := w.user(account, "u", denyAll, nil) // [D11]: a deny has no effect
	w.role(identity.RoleSpec{})
	role := w.session(must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{})).Credentials)
	for want, c := range map[sts.GetCallerIdentityOutput]*api.Caller{
		{Account: account, Arn: "arn:aws:iam::" + account + ":user/u", UserId: user.ID}:                              user,
		{Account: other, Arn: "arn:aws:iam::" + other + ":root", UserId: other}:                                      w.root(other),
		{Account: account, Arn: "arn:aws:sts::" + account + ":assumed-role/r/session", UserId: role.ID + ":session"}: role,
	} {
		out := must[*sts.GetCallerIdentityOutput](t)(run[sts.GetCallerIdentityOutput](w, c, "GetCallerIdentity", &sts.GetCallerIdentityInput{}))
		if diff := cmp.Diff(&want, out); diff != "" {
			t.Error(diff)
		}
	}
	_, err := w.GetCallerIdentity(w.as(identity.Anonymous()), &sts.GetCallerIdentityInput{})
	fails(t, err, "MissingAuthenticationToken", 403, "Request is missing Authentication Token")
}

func TestGetAccessKeyInfo(t *testing.T) {
	w := newTestbed(t)
	w.role(identity.RoleSpec{})
	out := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{}))
	for key, want := range map[string]string{out.Credentials.AccessKeyId: account, "ASIAY34FZKBOKMUTVV7A": "609629065308"} {
		info := must[*sts.GetAccessKeyInfoOutput](t)(run[sts.GetAccessKeyInfoOutput](w, w.root(account), "GetAccessKeyInfo", &sts.GetAccessKeyInfoInput{AccessKeyId: key}))
		if info.Account != want {
			t.Errorf("%s belongs to %s, want %s", key, info.Account, want)
		}
	}
	_, err := run[sts.GetAccessKeyInfoOutput](w, w.root(account), "GetAccessKeyInfo", &sts.GetAccessKeyInfoInput{AccessKeyId: "nothing_of_the_kind"})
	fails(t, err, "ValidationError", 400, "nothing_of_the_kind is not a valid access key ID")
	_, err = run[sts.GetAccessKeyInfoOutput](w, w.user(account, "u", "", nil), "GetAccessKeyInfo", &sts.GetAccessKeyInfoInput{AccessKeyId: "AKIAIOSFODNN7EXAMPLE"})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/u is not authorized to perform: sts:GetAccessKeyInfo on resource: * because no identity-based policy allows the sts:GetAccessKeyInfo action")
}

func TestDecodeAuthorizationMessage(t *testing.T) {
	w := newTestbed(t)
	message := w.dir.EncodeMessage(`{"allowed":false}`)
	decode := func(m string) (*sts.DecodeAuthorizationMessageOutput, error) {
		return run[sts.DecodeAuthorizationMessageOutput](w, w.root(account), "DecodeAuthorizationMessage", &sts.DecodeAuthorizationMessageInput{EncodedMessage: m})
	}
	if out := must[*sts.DecodeAuthorizationMessageOutput](t)(decode(message)); out.DecodedMessage != `{"allowed":false}` {
		t.Errorf("decoded = %q", out.DecodedMessage)
	}
	_, err := decode(message[1:])
	fails(t, err, "InvalidAuthorizationMessageException", 400, "The message is not an encoded authorization message.")
}

// [I016]: the words of violated constraints.
func TestInvalid(t *testing.T) {
	err := newTestbed(t).API().Invalid([]api.Violation{{
		Member: "RoleSessionName", Path: "roleSessionName", Value: "Session1:2", Shown: true, Constraint: `Member must satisfy regular expression pattern: [\w+=,.@-]*`,
	}})
	fails(t, err, "ValidationError", 400, `1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`)
}
