package s3_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/server"
)

const (
	owner   = "123456789012"
	foreign = "999988887777"
	photos  = "arn:aws:s3:::photos"
)

// house is a server whose S3 has the bucket photos of the account owner, with an object a.
type house struct {
	*runtime.Runtime
	t       *testing.T
	handler http.Handler
	seen    []string // calls of KMS, by the ids of their events
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s := servertest.New(t, server.Config{})
	h := &house{s.Runtime(), t, s, nil}
	must(t, h.call(root(owner), "CreateBucket", &s3.CreateBucketInput{Bucket: "photos"}))
	must(t, h.call(root(owner), "DeletePublicAccessBlock", &s3.DeletePublicAccessBlockInput{Bucket: "photos"}))
	must(t, h.put(root(owner), "a"))
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do makes a call as change says.
func do[Out any](h *house, caller *api.Caller, operation string, in any, change ...func(*api.Request)) (*Out, error) {
	h.t.Helper()
	s := h.Dispatcher.Service("s3")
	request := &api.Request{
		ID: h.t.Name() + operation, Caller: caller, Account: caller.Account, Region: "us-east-1", Time: h.Now(), SecureTransport: true, SourceIP: "203.0.113.7",
	}
	for _, f := range change {
		f(request)
	}
	out, err := h.Dispatcher.Do(h.t.Context(), &dispatch.Call{Service: s, Operation: s.Operation(operation), Request: request, Input: in})
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

// call makes a call whose answer does not matter.
func (h *house) call(caller *api.Caller, operation string, in any, change ...func(*api.Request)) error {
	h.t.Helper()
	s := h.Dispatcher.Service("s3")
	request := &api.Request{
		ID: h.t.Name() + operation, Caller: caller, Account: caller.Account, Region: "us-east-1", Time: h.Now(), SecureTransport: true, SourceIP: "203.0.113.7",
	}
	for _, f := range change {
		f(request)
	}
	out, err := h.Dispatcher.Do(h.t.Context(), &dispatch.Call{Service: s, Operation: s.Operation(operation), Request: request, Input: in})
	if got, ok := out.(*s3.GetObjectOutput); ok && err == nil {
		_, _ = io.Copy(io.Discard, got.Body)
		must(h.t, got.Body.Close())
	}
	return err
}

func body(text string) *api.Body { return api.NewBody(strings.NewReader(text), int64(len(text)), nil) }

// put puts an object, as change says.
func (h *house) put(caller *api.Caller, key string, change ...func(*s3.PutObjectInput)) error {
	h.t.Helper()
	in := &s3.PutObjectInput{Bucket: "photos", Key: key, Body: body("hello")}
	for _, f := range change {
		f(in)
	}
	return h.call(caller, "PutObject", in)
}

// policy sets the bucket's policy to one of the statements.
func (h *house) policy(statements ...string) {
	h.t.Helper()
	if len(statements) == 0 {
		must(h.t, h.call(root(owner), "DeleteBucketPolicy", &s3.DeleteBucketPolicyInput{Bucket: "photos"}))
		return
	}
	must(h.t, h.call(root(owner), "PutBucketPolicy", &s3.PutBucketPolicyInput{Bucket: "photos", Policy: servertest.PolicyText(strings.Join(statements, ","))}))
}

func document(statements string) *policyeval.Policy {
	d, err := policyeval.Parse(servertest.PolicyText(statements))
	if err != nil {
		panic(err)
	}
	return &policyeval.Policy{Name: "inline", Document: d}
}

func root(account string) *api.Caller {
	return &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root", ID: account}, UserID: account}
}

// user is the user bob of an account, with policies of the statements.
func user(account string, statements ...string) *api.Caller {
	arn := "arn:aws:iam::" + account + ":user/bob"
	c := &api.Caller{Principal: policyeval.Principal{Type: policyeval.User, Account: account, ARN: arn, ID: "AIDABOB"}, Name: "bob", UserID: "AIDABOB"}
	for _, s := range statements {
		c.Policies.Identity = append(c.Policies.Identity, document(s))
	}
	return c
}

func anonymous() *api.Caller { return identity.Anonymous() }

func service(name string) *api.Caller {
	return &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: name}}
}

// text is what a call answers that fails: "" where it does not.
func text(err error) string {
	if err == nil {
		return ""
	}
	return api.AsError(err).Error()
}

const (
	everything  = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
	readsAll    = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}`
	lists       = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}`
	objectsAndB = `"Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]`
)

// readable is a statement of the bucket's policy that lets a principal read.
func readable(principal string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}`
}

func denies(principal, more string) string {
	return `{"Effect":"Deny","Principal":` + principal + `,"Action":"s3:*",` + objectsAndB + more + `}`
}

// refusal is the text of a denial for the user bob of the owner's account.
func refusal(action, resource, reason string) string {
	return "AccessDenied: User: arn:aws:iam::" + owner + ":user/bob is not authorized to perform: " + action + ` on resource: "` + resource + `" ` + reason
}

const denied = "AccessDenied: Access Denied"

// TestWhoMayRead: identity policies, the bucket's policy and Block Public Access, and how
// S3 words what they refuse.
func TestWhoMayRead(t *testing.T) {
	const (
		getA     = "s3:GetObject"
		identity = "because no identity-based policy allows the s3:GetObject action"
		explicit = "with an explicit deny in a resource-based policy"
	)
	restrict := func(h *house) {
		must(h.t, h.call(root(owner), "PutPublicAccessBlock", &s3.PutPublicAccessBlockInput{
			Bucket: "photos", PublicAccessBlockConfiguration: &s3.PublicAccessBlockConfiguration{RestrictPublicBuckets: new(true)},
		}))
	}
	bob := `{"AWS":"arn:aws:iam::` + owner + `:user/bob"}`
	session := user(owner, everything)
	session.Policies.Session = []*policyeval.Policy{document(lists)}
	bounded := user(owner, everything)
	bounded.Policies.Boundary = []*policyeval.Policy{document(lists)}
	managed := user(owner, readsAll)
	for _, test := range []struct {
		name   string
		policy []string
		caller *api.Caller
		want   string
		before func(*house)
	}{
		{"S207 an identity policy", nil, user(owner, readsAll), "", nil},
		{"S207 the bucket's policy", []string{readable(bob)}, user(owner), "", nil},
		{"S207 the account in the bucket's policy", []string{readable(`{"AWS":"` + owner + `"}`)}, user(owner), refusal(getA, photos+"/a", identity), nil},
		{"S250 S255 neither", nil, user(owner), refusal(getA, photos+"/a", identity), nil},
		{"S251 a deny of the bucket", []string{denies(bob, "")}, user(owner, everything), refusal(getA, photos+"/a", explicit), nil},
		{"S251 a deny of the identity", nil, user(owner, everything, `{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`), refusal(getA, photos+"/a", "with an explicit deny in an identity-based policy"), nil},
		{"S251 a session policy", nil, session, refusal(getA, photos+"/a", "because no session policy allows the s3:GetObject action"), nil},
		{"S251 a boundary", nil, bounded, refusal(getA, photos+"/a", "because no permissions boundary allows the s3:GetObject action"), nil},
		{"the owner's root user", nil, root(owner), "", nil},
		{"S207 another account, both", []string{readable(`{"AWS":"` + foreign + `"}`)}, user(foreign, readsAll), "", nil},
		{"S254 another account, its own policy alone", nil, user(foreign, readsAll), denied, nil},
		{"S254 another account, the bucket's policy alone", []string{readable(`{"AWS":"` + foreign + `"}`)}, user(foreign), denied, nil},
		{"S207 nobody", []string{readable(`"*"`)}, anonymous(), "", nil},
		{"S254 nobody", []string{readable(`{"AWS":"` + owner + `"}`)}, anonymous(), denied, nil},
		{"S207 nobody, with a condition that fails", []string{strings.TrimSuffix(readable(`"*"`), "}") + `,"Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}}`}, anonymous(), denied, nil},
		{"S207 nobody, with a condition that holds", []string{strings.TrimSuffix(readable(`"*"`), "}") + `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`}, anonymous(), "", nil},
		{"S214 nobody, of a public policy", []string{readable(`"*"`)}, anonymous(), denied, restrict},
		{"S214 another account that is named beside", []string{readable(`"*"`), readable(`{"AWS":"` + foreign + `"}`)}, user(foreign, readsAll), denied, restrict},
		{"S214 a service", []string{readable(`"*"`), readable(`{"Service":"cloudtrail.amazonaws.com"}`)}, service("cloudtrail.amazonaws.com"), "", restrict},
		{"S214 the owner's account", []string{readable(`"*"`)}, user(owner), "", restrict},
		{"S214 a policy that is not public", []string{readable(`{"AWS":"` + foreign + `"}`)}, user(foreign, readsAll), "", restrict},
		{"a service that nobody names", nil, service("cloudtrail.amazonaws.com"), "AccessDenied: User: cloudtrail.amazonaws.com is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::photos/a\" because no resource-based policy allows the s3:GetObject action", nil},
		{"not over TLS", []string{denies(`"*"`, `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)}, managed, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			h.policy(test.policy...)
			if test.before != nil {
				test.before(h)
			}
			if got := text(h.call(test.caller, "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a"})); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestSameOrganization: within an organization the other account is told why [S250] [S255].
func TestSameOrganization(t *testing.T) {
	h := newHouse(t)
	servertest.ActAs(t, h.handler, "root", "organizations:CreateOrganization", map[string]any{"FeatureSet": "ALL"})
	created := servertest.ActAs(t, h.handler, "root", "organizations:CreateAccount", map[string]any{"Email": "b@example.com", "AccountName": "b"})
	account := created["CreateAccountStatus"].(map[string]any)["AccountId"].(string)
	organization := servertest.ActAs(t, h.handler, "root", "organizations:DescribeOrganization", map[string]any{})["Organization"].(map[string]any)["Id"].(string)
	caller := user(account, readsAll)
	caller.OrgID = organization
	want := "AccessDenied: User: arn:aws:iam::" + account + `:user/bob is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::photos/a" because no resource-based policy allows the s3:GetObject action`
	if got := text(h.call(caller, "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a"})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestSecureTransport: a Deny of what comes over plain HTTP is heard.
func TestSecureTransport(t *testing.T) {
	h := newHouse(t)
	h.policy(denies(`"*"`, `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`))
	for secure, want := range map[bool]string{true: "", false: refusal("s3:GetObject", photos+"/a", "with an explicit deny in a resource-based policy")} {
		err := h.call(user(owner, everything), "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a"}, func(r *api.Request) { r.SecureTransport = secure })
		if got := text(err); got != want {
			t.Errorf("%t: %s", secure, got)
		}
	}
}

// TestMissingKey: a key that is not there is told to those who may list the bucket; others
// are denied, and told which permission they lack [S225].
func TestMissingKey(t *testing.T) {
	h := newHouse(t)
	listing := "because no identity-based policy allows the s3:ListBucket action"
	for name, c := range map[string]struct {
		caller *api.Caller
		want   string
	}{
		"may read and list": {user(owner, readsAll, lists), "NoSuchKey: The specified key does not exist."},
		"may read":          {user(owner, readsAll), refusal("s3:ListBucket", photos, listing)},
		"may list":          {user(owner, lists), refusal("s3:GetObject", photos+"/b", "because no identity-based policy allows the s3:GetObject action")},
		"nobody":            {anonymous(), denied},
	} {
		for operation, in := range map[string]any{
			"GetObject": &s3.GetObjectInput{Bucket: "photos", Key: "b"}, "HeadObject": &s3.HeadObjectInput{Bucket: "photos", Key: "b"},
		} {
			if got := text(h.call(c.caller, operation, in)); got != c.want {
				t.Errorf("%s, %s: %s, want %s", name, operation, got, c.want)
			}
		}
	}
}

// TestDeleteSome: of many objects those are deleted that may be, and of the others it is said
// why they are not [S228].
func TestDeleteSome(t *testing.T) {
	h := newHouse(t)
	must(t, h.put(root(owner), "private/a"))
	caller := user(owner, `{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::photos/*"},{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::photos/private/*"}`)
	out, err := do[s3.DeleteObjectsOutput](h, caller, "DeleteObjects", &s3.DeleteObjectsInput{Bucket: "photos", ContentMD5: "x", Delete: &s3.Delete{
		Objects: []s3.ObjectIdentifier{{Key: "a"}, {Key: "private/a"}, {Key: "b"}, {Key: "b", VersionId: new("null")}},
	}})
	must(t, err)
	say := func(action, key, reason string) string {
		return strings.TrimPrefix(refusal(action, photos+"/"+key, reason), "AccessDenied: ")
	}
	want := &s3.DeleteObjectsOutput{
		Deleted: []s3.DeletedObject{{Key: "a"}, {Key: "b"}},
		Errors: []s3.Error{
			{Code: "AccessDenied", Key: "private/a", Message: say("s3:DeleteObject", "private/a", "with an explicit deny in an identity-based policy")},
			{Code: "AccessDenied", Key: "b", VersionId: "null", Message: say("s3:DeleteObjectVersion", "b", "because no identity-based policy allows the s3:DeleteObjectVersion action")},
		},
	}
	if diff := cmp.Diff(want, out, cmpopts.IgnoreUnexported(s3.DeleteObjectsOutput{})); diff != "" {
		t.Error(diff)
	}
	if got := text(h.call(root(owner), "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "private/a"})); got != "" {
		t.Error(got)
	}
}

// TestPolicyOfOthers: the owner's root user gets past a policy that denies it [S204]; other
// accounts cannot touch the policy even where they may [S205].
func TestPolicyOfOthers(t *testing.T) {
	h := newHouse(t)
	const notAllowed = "MethodNotAllowed: The specified method is not allowed against this resource."
	put := &s3.PutBucketPolicyInput{Bucket: "photos", Policy: servertest.PolicyText(readable(`"*"`))}
	calls := map[string]any{
		"s3:GetBucketPolicy": &s3.GetBucketPolicyInput{Bucket: "photos"}, "s3:PutBucketPolicy": put, "s3:DeleteBucketPolicy": &s3.DeleteBucketPolicyInput{Bucket: "photos"},
	}
	open := `{"Effect":"Allow","Principal":"*","Action":"s3:*",` + objectsAndB + `}`
	for action, in := range calls {
		operation := strings.TrimPrefix(action, "s3:")
		h.policy(denies(`"*"`, ""))
		if got, want := text(h.call(user(owner, everything), operation, in)), refusal(action, photos, "with an explicit deny in a resource-based policy"); got != want {
			t.Errorf("%s by a user: %s", operation, got)
		}
		must(t, h.call(root(owner), operation, in))
		h.policy(open)
		for name, caller := range map[string]*api.Caller{"a user": user(foreign, everything), "the root user": root(foreign), "nobody": anonymous()} {
			if got := text(h.call(caller, operation, in)); got != notAllowed {
				t.Errorf("%s by %s of another account: %s", operation, name, got)
			}
		}
		if got := text(h.call(user(foreign), operation, in)); got != denied {
			t.Errorf("%s by a user of another account without the permission: %s", operation, got)
		}
	}
	h.policy(denies(`"*"`, ""))
	if got, want := text(h.call(root(owner), "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a"})), "AccessDenied: User: arn:aws:iam::"+owner+`:root is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::photos/a" with an explicit deny in a resource-based policy`; got != want {
		t.Errorf("the root user reads past the policy: %s", got)
	}
}

// TestOrganizationStopsTheRoot: a service control policy does keep the root user from the policy [S204].
func TestOrganizationStopsTheRoot(t *testing.T) {
	h := newHouse(t)
	h.policy(denies(`"*"`, ""))
	caller := root(owner)
	caller.Policies.SCPs = [][]*policyeval.Policy{{document(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:DeleteBucketPolicy","Resource":"*"}`)}}
	want := "AccessDenied: User: arn:aws:iam::" + owner + `:root is not authorized to perform: s3:DeleteBucketPolicy on resource: "arn:aws:s3:::photos" with an explicit deny in a service control policy`
	if got := text(h.call(caller, "DeleteBucketPolicy", &s3.DeleteBucketPolicyInput{Bucket: "photos"})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
