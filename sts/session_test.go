package sts_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/sts"
)

func TestDurations(t *testing.T) {
	w := newTestbed(t)
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
	w := newTestbed(t)
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
	w := newTestbed(t)
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
	w := newTestbed(t)
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
	w := newTestbed(t)
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
		"The specified transitive tag key must be included in the requested tags.": { // [I017]
			Tags: []sts.Tag{{Key: "a", Value: "1"}}, TransitiveTagKeys: []string{"b"},
		},
		"Duplicate tag keys found. Please note that Tag keys are case insensitive.": { // [I018]
			Tags: []sts.Tag{{Key: "a", Value: "1"}, {Key: "A", Value: "2"}},
		},
		"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.": { // [I019]
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
	w := newTestbed(t)
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

func TestTokenSize(t *testing.T) {
	w := newTestbed(t)
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
	w := newTestbed(t)
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
	w := newTestbed(t)
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

// [I014]: what GetFederationToken answers.
func TestGetFederationToken(t *testing.T) {
	w := newTestbed(t)
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
