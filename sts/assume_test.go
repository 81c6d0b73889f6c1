package sts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/sts"
)

// [I013]: what AssumeRole answers.
func TestAssumeRole(t *testing.T) {
	w := newTestbed(t)
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

// [D11] and [E5]: who may assume a role, and how a denial is worded.
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
		caller func(w *testbed) *api.Caller
		denied string // empty: allowed
	}{
		"named by the trust policy, no policy of its own": {
			trusting(user, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(account, "u", "", nil) }, "",
		},
		"of the trusted account, allowed by its own policy": {
			trusting(account, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(account, "u", mayAssume, nil) }, "",
		},
		"of the trusted account, no policy of its own": {
			trusting(account, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(account, "u", "", nil) },
			"User: " + user + silent + " because no identity-based policy allows the sts:AssumeRole action",
		},
		"denied by its own policy": {
			trusting(user, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(account, "u", mayNot, nil) },
			"User: " + user + silent + " with an explicit deny in an identity-based policy",
		},
		"not trusted": {
			trusting("arn:aws:iam::"+account+":user/x", assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(account, "u", mayAssume, nil) },
			"User: " + user + silent,
		},
		"of another account, both allow": {
			trusting(foreign, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(other, "f", mayAssume, nil) }, "",
		},
		"of another account, not allowed by its own policy": {
			trusting(foreign, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(other, "f", "", nil) }, "User: " + foreign + silent,
		},
		"of another account, not trusted": {
			trusting(account, assumeOnly, ""), func(w *testbed) *api.Caller { return w.user(other, "f", mayAssume, nil) }, "User: " + foreign + silent,
		},
		"the root user of a trusted account": {
			trusting(account, assumeOnly, ""), func(w *testbed) *api.Caller { return w.root(account) }, "",
		},
		"the root user of an account that is not": {
			trusting(other, assumeOnly, ""), func(w *testbed) *api.Caller { return w.root(account) }, "User: arn:aws:iam::" + account + ":root" + silent,
		},
		"a service": {
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			func(*testbed) *api.Caller { return identity.ServicePrincipal("lambda.amazonaws.com") }, "",
		},
		"another service": {
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			func(*testbed) *api.Caller { return identity.ServicePrincipal("sns.amazonaws.com") }, "User: sns.amazonaws.com" + silent,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
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

// [E5]: a role that does not exist looks like one that does not let the caller in.
func TestAssumeNoRole(t *testing.T) {
	w := newTestbed(t)
	for name, c := range map[string]*api.Caller{"root": w.root(account), "user": w.user(account, "u", mayAll, nil), "another account": w.user(other, "f", mayAll, nil)} {
		for _, arn := range []string{"arn:aws:iam::" + account + ":role/none", "arn:aws-cn:iam::" + account + ":role/none"} {
			ctx := w.as(c)
			_, err := w.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: "s"})
			fails(t, err, "AccessDenied", 403, "User: "+c.ARN+" is not authorized to perform: sts:AssumeRole on resource: "+arn)
			resolved, err := w.API().Operations[0].Resolve(ctx, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: "s"})
			checks := resolved.Checks
			if err != nil || checks[0].Target.Missing == nil || checks[0].Target.Missing.Message != "User: "+c.ARN+" is not authorized to perform: sts:AssumeRole on resource: "+arn {
				t.Errorf("%s: checks = %+v, %v", name, checks, err)
			}
		}
	}
	w.role(identity.RoleSpec{Name: "Case"})
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + account + ":role/case"})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":root is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"+account+":role/case")
}

// [I015].
func TestMalformedRoleARN(t *testing.T) {
	w := newTestbed(t)
	for _, bad := range []string{"arn:aws:iam::" + account + ":user/x", "role/r", "arn:aws:sts::" + account + ":role/r", "arn:aws:iam:eu-west-1:" + account + ":role/r", "arn:aws:iam::1:role/r"} {
		_, err := w.assume(w.root(account), sts.AssumeRoleInput{RoleArn: bad})
		fails(t, err, "ValidationError", 400, bad+" is invalid")
		_, err = w.AssumeRole(w.as(w.root(account)), &sts.AssumeRoleInput{RoleArn: bad})
		fails(t, err, "ValidationError", 400, bad+" is invalid")
	}
}

func TestStrictCredentials(t *testing.T) {
	w := newTestbedWith(t, identity.Config{StrictCredentials: true})
	w.role(identity.RoleSpec{})
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{})
	fails(t, err, "AccessDenied", 403, "Roles may not be assumed by root accounts.")
	if _, err := w.assume(w.user(account, "u", mayAll, nil), sts.AssumeRoleInput{}); err != nil {
		t.Error(err)
	}
}

func TestAssumeRoleUnsigned(t *testing.T) {
	w := newTestbed(t)
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
			w := newTestbed(t)
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

// [D11]: tags and a source identity must be trusted themselves.
func TestTagSessionAndSourceIdentityNeedTrust(t *testing.T) {
	w := newTestbed(t)
	w.role(identity.RoleSpec{Trust: trusting(account, assumeOnly, "")})
	root := "User: arn:aws:iam::" + account + ":root is not authorized to perform: "
	_, err := w.assume(w.root(account), sts.AssumeRoleInput{Tags: []sts.Tag{{Key: "k", Value: "v"}}})
	fails(t, err, "AccessDenied", 403, root+"sts:TagSession on resource: "+roleARN)
	_, err = w.assume(w.root(account), sts.AssumeRoleInput{SourceIdentity: "alice"})
	fails(t, err, "AccessDenied", 403, root+"sts:SetSourceIdentity on resource: "+roleARN)
}
