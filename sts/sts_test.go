package sts_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
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

// world is STS with its records and a clock that stands still.
type world struct {
	*sts.Service
	t     *testing.T
	dir   *identity.Directory
	clock *clock.Turnable
}

func newWorld(t *testing.T) *world { return newWorldWith(t, identity.Config{}) }

func newWorldWith(t *testing.T, c identity.Config) *world {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: clock.NewStill(start)}
	c.Engine, c.Clock, c.IDs, c.HSM = mem.New(), w.clock, ids.NewSeeded(1), module
	w.dir = identity.New(c)
	w.Service = sts.New(sts.Config{Directory: w.dir})
	return w
}

func (w *world) role(spec identity.RoleSpec) {
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
func (w *world) user(account, name, policy string, tags map[string]string) *api.Caller {
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

func (w *world) root(account string) *api.Caller {
	w.t.Helper()
	c, err := w.dir.Root(w.t.Context(), account, region)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) as(c *api.Caller) context.Context {
	return api.WithRequest(w.t.Context(), &api.Request{ID: "r", Caller: c, Account: c.Account, Region: region, Time: w.clock.Now()})
}

// run makes the call as the dispatcher does: checks, decisions, method.
func run[Out any](w *world, c *api.Caller, operation string, in any) (*Out, error) {
	w.t.Helper()
	ctx, svc := w.as(c), w.API()
	i := slices.IndexFunc(svc.Operations, func(o api.Operation) bool { return o.Name == operation })
	if i < 0 {
		w.t.Fatalf("there is no operation %s", operation)
	}
	op := &svc.Operations[i]
	checks, err := op.Checks(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, check := range checks {
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
	out, err := op.Call(ctx, in)
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

func (w *world) assume(c *api.Caller, in sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
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
func (w *world) session(c *sts.Credentials) *api.Caller {
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
	for _, op := range newWorld(t).API().Operations {
		for _, shape := range []reflect.Type{op.In, op.Out} {
			if err := wire.Check(shape); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
	}
}

// I013: what AssumeRole answers.
func TestAssumeRole(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{Path: "/team/", Policies: map[string]string{"p": maySQS}, Tags: map[string]string{"a": "role"}})
	arn := "arn:aws:iam::" + account + ":role/team/r"
	out := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{RoleArn: arn}))
	who := w.session(out.Credentials)
	if diff := cmp.Diff(&sts.AssumedRoleUser{Arn: "arn:aws:sts::" + account + ":assumed-role/r/session", AssumedRoleId: who.ID + ":session"}, out.AssumedRoleUser); diff != "" {
		t.Error(diff)
	}
	if out.PackedPolicySize != nil || out.SourceIdentity != "" || out.SessionTokenSize != nil || !out.Credentials.Expiration.Equal(start.Add(time.Hour)) ||
		!strings.HasPrefix(out.Credentials.AccessKeyId, "ASIA") || len(out.Credentials.AccessKeyId) != 20 {
		t.Errorf("answer = %+v, %+v", out, out.Credentials)
	}
	if who.IssuerARN != arn || who.UserID != who.ID+":session" || !may(who, "sqs:SendMessage") || may(who, "sns:Publish") || who.Tags["a"] != "role" {
		t.Errorf("caller = %+v", who)
	}
	w.clock.Advance(time.Hour)
	if c, err := w.dir.Credentials(t.Context(), out.Credentials.AccessKeyId); err != nil || c.Status != identity.Expired {
		t.Errorf("after an hour: %+v, %v", c, err)
	}
}

// D11 and E5: who may assume a role, and how a denial is worded.
func TestWhoMayAssume(t *testing.T) {
	const (
		user    = "arn:aws:iam::" + account + ":user/u"
		foreign = "arn:aws:iam::" + other + ":user/f"
		silent  = " is not authorized to perform: sts:AssumeRole on resource: " + roleARN
	)
	mayAssume := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`
	mayNot := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}`
	for name, c := range map[string]struct {
		trust  string
		caller func(w *world) *api.Caller
		denied string // empty: allowed
	}{
		"named by the trust policy, no policy of its own": {
			trusting(user, assumeOnly, ""), func(w *world) *api.Caller { return w.user(account, "u", "", nil) }, "",
		},
		"of the trusted account, allowed by its own policy": {
			trusting(account, assumeOnly, ""), func(w *world) *api.Caller { return w.user(account, "u", mayAssume, nil) }, "",
		},
		"of the trusted account, no policy of its own": {
			trusting(account, assumeOnly, ""), func(w *world) *api.Caller { return w.user(account, "u", "", nil) },
			"User: " + user + silent + " because no identity-based policy allows the sts:AssumeRole action",
		},
		"denied by its own policy": {
			trusting(user, assumeOnly, ""), func(w *world) *api.Caller { return w.user(account, "u", mayNot, nil) },
			"User: " + user + silent + " with an explicit deny in an identity-based policy",
		},
		"not trusted": {
			trusting("arn:aws:iam::"+account+":user/x", assumeOnly, ""), func(w *world) *api.Caller { return w.user(account, "u", mayAssume, nil) },
			"User: " + user + silent,
		},
		"of another account, both allow": {
			trusting(foreign, assumeOnly, ""), func(w *world) *api.Caller { return w.user(other, "f", mayAssume, nil) }, "",
		},
		"of another account, not allowed by its own policy": {
			trusting(foreign, assumeOnly, ""), func(w *world) *api.Caller { return w.user(other, "f", "", nil) }, "User: " + foreign + silent,
		},
		"of another account, not trusted": {
			trusting(account, assumeOnly, ""), func(w *world) *api.Caller { return w.user(other, "f", mayAssume, nil) }, "User: " + foreign + silent,
		},
		"the root user of a trusted account": {
			trusting(account, assumeOnly, ""), func(w *world) *api.Caller { return w.root(account) }, "",
		},
		"the root user of an account that is not": {
			trusting(other, assumeOnly, ""), func(w *world) *api.Caller { return w.root(account) }, "User: arn:aws:iam::" + account + ":root" + silent,
		},
		"a service": {
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			func(*world) *api.Caller { return identity.ServicePrincipal("lambda.amazonaws.com") }, "",
		},
		"another service": {
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			func(*world) *api.Caller { return identity.ServicePrincipal("sns.amazonaws.com") }, "User: sns.amazonaws.com" + silent,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.role(identity.RoleSpec{Trust: c.trust})
			_, err := w.assume(c.caller(w), sts.AssumeRoleInput{})
			if c.denied == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			fails(t, err, "AccessDenied", 403, c.denied)
		})
	}
}

// E5: a role that does not exist looks like one that does not let the caller in.
func TestAssumeNoRole(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]*api.Caller{"root": w.root(account), "user": w.user(account, "u", mayAll, nil), "stranger": w.user(other, "f", mayAll, nil)} {
		for _, arn := range []string{"arn:aws:iam::" + account + ":role/none", "arn:aws-cn:iam::" + account + ":role/none"} {
			ctx := w.as(c)
			_, err := w.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: "s"})
			fails(t, err, "AccessDenied", 403, "User: "+c.ARN+" is not authorized to perform: sts:AssumeRole on resource: "+arn)
			checks, err := w.API().Operations[0].Checks(ctx, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: "s"})
			if err != nil || checks[0].Target.Missing == nil || checks[0].Target.Missing.Message != "User: "+c.ARN+" is not authorized to perform: sts:AssumeRole on resource: "+arn {
				t.Errorf("%s: checks = %+v, %v", name, checks, err)
			}
		}
	}
	w.role(identity.RoleSpec{Name: "Case"})
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + account + ":role/case"})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":root is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"+account+":role/case")
}

// I015.
func TestMalformedRoleARN(t *testing.T) {
	w := newWorld(t)
	for _, bad := range []string{"arn:aws:iam::" + account + ":user/x", "role/r", "arn:aws:sts::" + account + ":role/r", "arn:aws:iam:eu-west-1:" + account + ":role/r", "arn:aws:iam::1:role/r"} {
		_, err := w.assume(w.root(account), sts.AssumeRoleInput{RoleArn: bad})
		fails(t, err, "ValidationError", 400, bad+" is invalid")
		_, err = w.AssumeRole(w.as(w.root(account)), &sts.AssumeRoleInput{RoleArn: bad})
		fails(t, err, "ValidationError", 400, bad+" is invalid")
	}
}

func TestStrictCredentials(t *testing.T) {
	w := newWorldWith(t, identity.Config{StrictCredentials: true})
	w.role(identity.RoleSpec{})
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{})
	fails(t, err, "AccessDenied", 403, "Roles may not be assumed by root accounts.")
	if _, err := w.assume(w.user(account, "u", mayAll, nil), sts.AssumeRoleInput{}); err != nil {
		t.Error(err)
	}
}

func TestAssumeRoleUnsigned(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{})
	_, err := w.assume(identity.Anonymous(), sts.AssumeRoleInput{})
	fails(t, err, "MissingAuthenticationToken", 403, "Request is missing Authentication Token")
}

func TestTrustConditions(t *testing.T) {
	all := `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`
	for name, c := range map[string]struct {
		condition       string
		allowed, denied sts.AssumeRoleInput
	}{
		"sts:ExternalId": {
			`"StringEquals":{"sts:ExternalId":"secret"}`, sts.AssumeRoleInput{ExternalId: "secret"}, sts.AssumeRoleInput{ExternalId: "guess"},
		},
		"no external id": {`"StringEquals":{"sts:ExternalId":"secret"}`, sts.AssumeRoleInput{ExternalId: "secret"}, sts.AssumeRoleInput{}},
		"sts:RoleSessionName": {
			`"StringLike":{"sts:RoleSessionName":"ci-*"}`, sts.AssumeRoleInput{RoleSessionName: "ci-1"}, sts.AssumeRoleInput{RoleSessionName: "me"},
		},
		"sts:SourceIdentity": {
			`"StringEquals":{"sts:SourceIdentity":"alice"}`, sts.AssumeRoleInput{SourceIdentity: "alice"}, sts.AssumeRoleInput{SourceIdentity: "bob"},
		},
		"aws:RequestTag": {
			`"StringEquals":{"aws:RequestTag/team":"red"}`,
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: "red"}}}, sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: "blue"}}},
		},
		"aws:TagKeys": {
			`"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`,
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: "red"}}}, sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "cost", Value: "1"}}},
		},
		"sts:TransitiveTagKeys": {
			`"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":["team"]}`,
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: "red"}}, TransitiveTagKeys: []string{"team"}},
			sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "team", Value: "red"}}},
		},
		"iam:ResourceTag": {`"StringEquals":{"iam:ResourceTag/env":"test"}`, sts.AssumeRoleInput{}, sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + account + ":role/untagged"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.role(identity.RoleSpec{Trust: trusting(account, all, c.condition), Tags: map[string]string{"env": "test"}})
			w.role(identity.RoleSpec{Name: "untagged", Trust: trusting(account, all, c.condition)})
			if _, err := w.assume(w.root(account), c.allowed); err != nil {
				t.Error(err)
			}
			_, err := w.assume(w.root(account), c.denied)
			if e, ok := errors.AsType[*api.Error](err); !ok || e.Code != "AccessDenied" {
				t.Errorf("error = %v, want AccessDenied", err)
			}
		})
	}
}

// D11: tags and a source identity must be trusted themselves.
func TestTagSessionAndSourceIdentityNeedTrust(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{Trust: trusting(account, assumeOnly, "")})
	root := "User: arn:aws:iam::" + account + ":root is not authorized to perform: "
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "k", Value: "v"}}})
	fails(t, err, "AccessDenied", 403, root+"sts:TagSession on resource: "+roleARN)
	_, err = w.assume(w.root(account), sts.AssumeRoleInput{SourceIdentity: "alice"})
	fails(t, err, "AccessDenied", 403, root+"sts:SetSourceIdentity on resource: "+roleARN)
}

func TestDurations(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{MaxSession: 7200, Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	for seconds, want := range map[int]string{900: "", 7200: "", 7201: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."} {
		out, err := w.assume(w.root(account), sts.AssumeRoleInput{DurationSeconds: ptr(seconds)})
		switch {
		case want != "":
			fails(t, err, "ValidationError", 400, want)
		case err != nil || !out.Credentials.Expiration.Equal(start.Add(time.Duration(seconds)*time.Second)):
			t.Errorf("%d seconds: %+v, %v", seconds, out, err)
		}
	}
	first := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{}))
	chained := w.session(first.Credentials)
	if _, err := w.assume(chained, sts.AssumeRoleInput{DurationSeconds: ptr(3600)}); err != nil {
		t.Error(err)
	}
	_, err := w.assume(chained, sts.AssumeRoleInput{DurationSeconds: ptr(3601)})
	fails(t, err, "ValidationError", 400, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
}

func TestSessionPolicies(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{Policies: map[string]string{"p": maySQS}})
	const (
		onlySend = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sns:*"],"Resource":"*"}]}`
		readOnly = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
	)
	for name, c := range map[string]struct {
		in  sts.AssumeRoleInput
		may map[string]bool
	}{
		"none":   {sts.AssumeRoleInput{}, map[string]bool{"sqs:SendMessage": true, "sqs:ListQueues": true, "sns:Publish": false}},
		"inline": {sts.AssumeRoleInput{Policy: onlySend}, map[string]bool{"sqs:SendMessage": true, "sqs:ListQueues": false, "sns:Publish": false}},
		"by ARN": {sts.AssumeRoleInput{PolicyArns: []sts.PolicyDescriptorType{{Arn: readOnly}}}, map[string]bool{"sqs:SendMessage": false, "sqs:ListQueues": true}},
		"both": {
			sts.AssumeRoleInput{Policy: onlySend, PolicyArns: []sts.PolicyDescriptorType{{Arn: readOnly}}},
			map[string]bool{"sqs:SendMessage": true, "sqs:ListQueues": true, "sqs:DeleteQueue": false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), c.in))
			who := w.session(out.Credentials)
			for action, want := range c.may {
				if may(who, action) != want {
					t.Errorf("%s: allowed = %v, want %v", action, !want, want)
				}
			}
			if (out.PackedPolicySize != nil) != (name != "none") || (who.Session.Scope != "") != (name != "none") {
				t.Errorf("PackedPolicySize = %v, scope = %q", out.PackedPolicySize, who.Session.Scope)
			}
		})
	}
}

func TestSessionPoliciesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{})
	long := strings.Replace(maySQS, `"*"`, `"arn:aws:sqs:*:*:`+strings.Repeat("q", 2048)+`"`, 1)
	for name, c := range map[string]struct {
		in     sts.AssumeRoleInput
		code   string
		status int
		text   string
	}{
		"no JSON":        {sts.AssumeRoleInput{Policy: "{"}, "MalformedPolicyDocument", 400, "This policy contains invalid Json"},
		"no policy":      {sts.AssumeRoleInput{Policy: "[]"}, "MalformedPolicyDocument", 400, "Syntax errors in policy."},
		"with Principal": {sts.AssumeRoleInput{Policy: trusting(account, assumeOnly, "")}, "MalformedPolicyDocument", 400, "Has prohibited field Principal"},
		"too long": {
			sts.AssumeRoleInput{Policy: long}, "ValidationError", 400,
			"1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
		},
		"too many ARNs": {
			sts.AssumeRoleInput{PolicyArns: make([]sts.PolicyDescriptorType, 11)}, "ValidationError", 400,
			"1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10",
		},
		"an ARN of nothing": {
			sts.AssumeRoleInput{PolicyArns: []sts.PolicyDescriptorType{{Arn: "arn:aws:iam::aws:policy/None"}}}, "ValidationError", 400,
			"Policy arn:aws:iam::aws:policy/None does not exist or is not attachable.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.assume(w.root(account), c.in)
			fails(t, err, c.code, c.status, c.text)
		})
	}
	var tags []sts.Tag
	for range 30 {
		tags = append(tags, sts.Tag{Key: ids.Secret(60), Value: ids.Secret(60)})
	}
	for name, c := range map[string]struct {
		in   sts.AssumeRoleInput
		text string
	}{
		"tags":   {sts.AssumeRoleInput{Tags: tags}, "Packed size of session tags consumes "},
		"policy": {sts.AssumeRoleInput{Tags: tags, Policy: maySQS}, "Packed policy consumes "},
	} {
		_, err := w.assume(w.root(account), c.in)
		if e, ok := errors.AsType[*api.Error](err); !ok || e.Query() != "PackedPolicyTooLarge" || !strings.HasPrefix(e.Message, c.text) {
			t.Errorf("too large by its %s: %v", name, err)
		}
	}
}

// A managed policy that is deleted takes what it allowed with it, and does not
// lift the limit.
func TestSessionPolicyThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{Policies: map[string]string{"p": maySQS}})
	var arn string
	err := w.dir.Update(t.Context(), func(tx store.Tx) error {
		p := &identity.Policy{Entity: w.dir.NewEntity(tx, identity.PolicyPrefix, account, region, "", "limit"), Default: "v1"}
		p.Versions = []identity.PolicyVersion{{ID: "v1", Document: maySQS}}
		w.dir.Policies.Put(tx, p)
		arn = p.ARN()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{PolicyArns: []sts.PolicyDescriptorType{{Arn: arn}}}))
	if !may(w.session(out.Credentials), "sqs:SendMessage") {
		t.Fatal("denied at first")
	}
	err = w.dir.Update(t.Context(), func(tx store.Tx) error {
		w.dir.Policies.Delete(tx, w.dir.Policies.Get(tx, account, "limit"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if may(w.session(out.Credentials), "sqs:SendMessage") {
		t.Error("allowed after the session policy was deleted")
	}
}

func TestSessionTags(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"r", "second", "third"} {
		w.role(identity.RoleSpec{
			Name: name, Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}, Tags: map[string]string{"Team": name, "own": name},
		})
	}
	arn := func(name string) string { return "arn:aws:iam::" + account + ":role/" + name }
	first := w.session(must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{
		Tags: []sts.Tag{{Key: "team", Value: "red"}, {Key: "cost", Value: "1"}}, TransitiveTagKeys: []string{"team"},
	})).Credentials)
	if diff := cmp.Diff(map[string]string{"team": "red", "cost": "1", "own": "r"}, first.Tags); diff != "" {
		t.Error("a session tag goes over a role's, whatever its case:", diff)
	}
	second := w.session(must[*sts.AssumeRoleOutput](t)(w.assume(first, sts.AssumeRoleInput{
		RoleArn: arn("second"), Tags: []sts.Tag{{Key: "more", Value: "2"}}, TransitiveTagKeys: []string{"more"},
	})).Credentials)
	if diff := cmp.Diff(map[string]string{"team": "red", "more": "2", "own": "second"}, second.Tags); diff != "" {
		t.Error("only transitive tags are handed on:", diff)
	}
	third := w.session(must[*sts.AssumeRoleOutput](t)(w.assume(second, sts.AssumeRoleInput{RoleArn: arn("third")})).Credentials)
	if diff := cmp.Diff(map[string]string{"team": "red", "more": "2", "own": "third"}, third.Tags); diff != "" {
		t.Error("and go on being handed on:", diff)
	}
	if got := slices.Sorted(slices.Values(third.Session.TransitiveTags)); !slices.Equal(got, []string{"more", "team"}) {
		t.Errorf("transitive = %v", got)
	}

	for text, in := range map[string]sts.AssumeRoleInput{
		"The specified transitive tag key must be included in the requested tags.": { // I017
			Tags: []sts.Tag{{Key: "a", Value: "1"}}, TransitiveTagKeys: []string{"b"},
		},
		"Duplicate tag keys found. Please note that Tag keys are case insensitive.": { // I018
			Tags: []sts.Tag{{Key: "a", Value: "1"}, {Key: "A", Value: "2"}},
		},
		"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.": { // I019
			Tags: []sts.Tag{{Key: "TEAM", Value: "blue"}},
		},
		"System tags cannot be added/updated/deleted.": {Tags: []sts.Tag{{Key: "aws:x", Value: "1"}}},
	} {
		in.RoleArn = arn("second")
		_, err := w.assume(first, in)
		fails(t, err, "InvalidParameterValue", 400, text)
	}
}

func TestSourceIdentity(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	out := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{SourceIdentity: "alice"}))
	first := w.session(out.Credentials)
	if out.SourceIdentity != "alice" || first.Session.SourceIdentity != "alice" {
		t.Errorf("answer = %q, session = %q", out.SourceIdentity, first.Session.SourceIdentity)
	}
	out = must[*sts.AssumeRoleOutput](t)(w.assume(first, sts.AssumeRoleInput{}))
	if got := w.session(out.Credentials).Session.SourceIdentity; got != "alice" || out.SourceIdentity != "alice" {
		t.Errorf("the next session's source identity is %q", got)
	}
	_, err := w.assume(first, sts.AssumeRoleInput{SourceIdentity: "bob"})
	fails(t, err, "AccessDenied", 403, "The source identity of the calling session cannot be changed.")
}

func TestMFAIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{})
	const text = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{SerialNumber: "arn:aws:iam::123456789012:mfa/u", TokenCode: "123456"})
	fails(t, err, "AccessDenied", 403, text)
	_, err = run[sts.GetSessionTokenOutput](w, w.root(account), "GetSessionToken", &sts.GetSessionTokenInput{TokenCode: "123456"})
	fails(t, err, "AccessDenied", 403, text)
}

func TestTokenSize(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{})
	out := must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{MinimumSessionTokenSize: ptr(4096)}))
	if len(out.Credentials.SessionToken) != 4096 || *out.SessionTokenSize != 4096 || *out.SessionTokenUtilization != 100 {
		t.Errorf("the token has %d bytes, the answer says %d and %d %%", len(out.Credentials.SessionToken), *out.SessionTokenSize, *out.SessionTokenUtilization)
	}
	w.session(out.Credentials)
	out = must[*sts.AssumeRoleOutput](t)(w.assume(w.root(account), sts.AssumeRoleInput{MinimumSessionTokenSize: ptr(0)}))
	if n := len(out.Credentials.SessionToken); n < 200 || n > 400 || *out.SessionTokenSize != n {
		t.Errorf("the token has %d bytes, the answer says %d", n, *out.SessionTokenSize)
	}
}

func TestGetSessionToken(t *testing.T) {
	w := newWorld(t)
	user := w.user(account, "u", maySQS, map[string]string{"team": "red"})
	for name, c := range map[string]struct {
		caller  *api.Caller
		seconds *int
		lasts   time.Duration
	}{
		"a user":              {user, nil, 12 * time.Hour},
		"as long as can be":   {user, ptr(129600), 36 * time.Hour},
		"a root user":         {w.root(account), nil, time.Hour},
		"a root user, longer": {w.root(account), ptr(7200), time.Hour},
		"a root user, less":   {w.root(account), ptr(900), 15 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			out := must[*sts.GetSessionTokenOutput](t)(run[sts.GetSessionTokenOutput](w, c.caller, "GetSessionToken", &sts.GetSessionTokenInput{DurationSeconds: c.seconds}))
			who := w.session(out.Credentials)
			if !out.Credentials.Expiration.Equal(start.Add(c.lasts)) || who.ARN != c.caller.ARN || who.Session == nil || !may(who, "sqs:SendMessage") ||
				!maps.Equal(who.Tags, c.caller.Tags) {
				t.Errorf("credentials = %+v, caller = %+v", out.Credentials, who)
			}
		})
	}
}

func TestSessionsCannotGetSessions(t *testing.T) {
	w := newWorld(t)
	w.role(identity.RoleSpec{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	user := w.user(account, "u", mayAll, nil)
	token := must[*sts.GetSessionTokenOutput](t)(run[sts.GetSessionTokenOutput](w, user, "GetSessionToken", &sts.GetSessionTokenInput{}))
	federation := must[*sts.GetFederationTokenOutput](t)(run[sts.GetFederationTokenOutput](w, user, "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob", Policy: mayAll}))
	role := must[*sts.AssumeRoleOutput](t)(w.assume(user, sts.AssumeRoleInput{}))
	for name, c := range map[string]*sts.Credentials{"token": token.Credentials, "federation": federation.Credentials, "role": role.Credentials} {
		who := w.session(c)
		_, err := run[sts.GetSessionTokenOutput](w, who, "GetSessionToken", &sts.GetSessionTokenInput{})
		fails(t, err, "AccessDenied", 403, "Cannot call GetSessionToken with session credentials")
		_, err = run[sts.GetFederationTokenOutput](w, who, "GetFederationToken", &sts.GetFederationTokenInput{Name: "eve"})
		fails(t, err, "AccessDenied", 403, "Cannot call GetFederationToken with session credentials")
		_, err = w.assume(who, sts.AssumeRoleInput{})
		if name == "federation" {
			fails(t, err, "AccessDenied", 403, "User: "+who.ARN+" is not authorized to perform: sts:AssumeRole on resource: "+roleARN)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := run[sts.GetCallerIdentityOutput](w, who, "GetCallerIdentity", &sts.GetCallerIdentityInput{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, operation := range []string{"GetSessionToken", "GetFederationToken"} {
		var err error
		if operation == "GetSessionToken" {
			_, err = w.GetSessionToken(w.as(identity.Anonymous()), &sts.GetSessionTokenInput{})
		} else {
			_, err = w.GetFederationToken(w.as(identity.Anonymous()), &sts.GetFederationTokenInput{})
		}
		fails(t, err, "MissingAuthenticationToken", 403, "Request is missing Authentication Token")
	}
}

// I014: what GetFederationToken answers.
func TestGetFederationToken(t *testing.T) {
	w := newWorld(t)
	user := w.user(account, "u", mayAll, map[string]string{"Team": "user", "own": "1"})
	out := must[*sts.GetFederationTokenOutput](t)(run[sts.GetFederationTokenOutput](w, user, "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob"}))
	if diff := cmp.Diff(&sts.FederatedUser{Arn: "arn:aws:sts::" + account + ":federated-user/bob", FederatedUserId: account + ":bob"}, out.FederatedUser); diff != "" {
		t.Error(diff)
	}
	if out.PackedPolicySize != 0 || !out.Credentials.Expiration.Equal(start.Add(12*time.Hour)) {
		t.Errorf("answer = %+v", out)
	}
	if who := w.session(out.Credentials); may(who, "sqs:SendMessage") || who.IssuerARN != user.ARN {
		t.Errorf("without a session policy: %+v may send", who)
	}
	for name, caller := range map[string]*api.Caller{"user": user, "root": w.root(account)} {
		out = must[*sts.GetFederationTokenOutput](t)(run[sts.GetFederationTokenOutput](w, caller, "GetFederationToken", &sts.GetFederationTokenInput{
			Name: "bob", Policy: maySQS, Tags: []sts.Tag{{Key: "team", Value: "red"}}, DurationSeconds: ptr(7200),
		}))
		who := w.session(out.Credentials)
		wantTags, lasts := map[string]string{"team": "red", "own": "1"}, 2*time.Hour
		if name == "root" {
			wantTags, lasts = map[string]string{"team": "red"}, time.Hour
		}
		if !may(who, "sqs:SendMessage") || may(who, "sns:Publish") || out.PackedPolicySize == 0 || !out.Credentials.Expiration.Equal(start.Add(lasts)) {
			t.Errorf("of the %s: %+v", name, out)
		}
		if diff := cmp.Diff(wantTags, who.Tags); diff != "" {
			t.Error(diff)
		}
	}
	_, err := run[sts.GetFederationTokenOutput](w, w.user(account, "none", "", nil), "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob"})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/none is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::"+account+
		":federated-user/bob because no identity-based policy allows the sts:GetFederationToken action")
	only := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::` + account + `:federated-user/bob"}]}`
	limited := w.user(account, "limited", only, nil)
	if _, err := run[sts.GetFederationTokenOutput](w, limited, "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob"}); err != nil {
		t.Error(err)
	}
	_, err = run[sts.GetFederationTokenOutput](w, limited, "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob", Tags: []sts.Tag{{Key: "a", Value: "b"}}})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/limited is not authorized to perform: sts:TagSession on resource: arn:aws:sts::"+account+
		":federated-user/bob because no identity-based policy allows the sts:TagSession action")
	_, err = run[sts.GetFederationTokenOutput](w, user, "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob", Policy: "{"})
	fails(t, err, "MalformedPolicyDocument", 400, "This policy contains invalid Json")
	_, err = run[sts.GetFederationTokenOutput](w, user, "GetFederationToken", &sts.GetFederationTokenInput{Name: "bob", Tags: []sts.Tag{{Key: "a"}, {Key: "A"}}})
	fails(t, err, "InvalidParameterValue", 400, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

func TestGetCallerIdentity(t *testing.T) {
	w := newWorld(t)
	denyAll := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	user := w.user(account, "u", denyAll, nil) // D11: a deny has no effect
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
	w := newWorld(t)
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
	w := newWorld(t)
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

// I016: the words of violated constraints.
func TestInvalid(t *testing.T) {
	err := newWorld(t).API().Invalid([]api.Violation{{
		Member: "RoleSessionName", Path: "roleSessionName", Value: "Session1:2", Shown: true, Constraint: `Member must satisfy regular expression pattern: [\w+=,.@-]*`,
	}})
	fails(t, err, "ValidationError", 400, `1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`)
}
