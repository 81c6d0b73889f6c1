package kms

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// keyPolicy is a key policy of one statement.
func keyPolicy(principal, actions string, more ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"` + actions + `","Resource":"*"` + strings.Join(more, "") + `}]}`
}

const rootPrincipal = `{"AWS":"arn:aws:iam::123456789012:root"}`

func TestKeyPolicies(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	get := func(id string) *GetKeyPolicyOutput {
		t.Helper()
		return must[GetKeyPolicyOutput](t)(w.GetKeyPolicy(home(), &GetKeyPolicyInput{KeyId: id}))
	}
	want := &GetKeyPolicyOutput{defaultPolicyText(place{testAccount, testRegion}), "default"}
	if diff := cmp.Diff(want, get(key.KeyId)); diff != "" { // [K109]
		t.Error(diff)
	}
	mine := keyPolicy(rootPrincipal, "kms:*") + "\n"
	ok[PutKeyPolicyOutput](t)(w.PutKeyPolicy(home(), &PutKeyPolicyInput{KeyId: key.KeyId, Policy: mine}))
	if got := get(key.KeyId).Policy; got != mine { // [K108]
		t.Errorf("the policy is %s", got)
	}
	if got := get(w.newKey(CreateKeyInput{Policy: mine}).KeyId).Policy; got != mine {
		t.Errorf("the policy given at creation is %s", got)
	}
	list := must[ListKeyPoliciesOutput](t)(w.ListKeyPolicies(home(), &ListKeyPoliciesInput{KeyId: key.KeyId}))
	if diff := cmp.Diff(&ListKeyPoliciesOutput{PolicyNames: []string{"default"}}, list); diff != "" { // [K107]
		t.Error(diff)
	}
	for operation, in := range map[string]any{
		"GetKeyPolicy": &GetKeyPolicyInput{KeyId: key.KeyId, PolicyName: "other"}, "PutKeyPolicy": &PutKeyPolicyInput{KeyId: key.KeyId, PolicyName: "other", Policy: mine},
	} {
		wantError(t, w.run(home(), operation, in), ErrNotFound, "No such policy exists")
	}
}

func TestRefusedPolicies(t *testing.T) {
	exists := func(_ context.Context, principal string) bool { return !strings.Contains(principal, "role/none") }
	const lockout = "The new key policy will not allow you to update the key policy in the future."
	for _, c := range []struct {
		name, policy string
		err          *api.Error
		message      string
	}{
		{"no JSON", "not a policy", ErrMalformedPolicy, ""},
		{"C7.8 lockout", keyPolicy(`{"AWS":"arn:aws:iam::999888777666:root"}`, "kms:*"), ErrMalformedPolicy, lockout},
		{"C7.8 lockout by action", keyPolicy(rootPrincipal, "kms:Encrypt"), ErrMalformedPolicy, lockout},
		{"C7.7 no resource", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*"}}`, ErrMalformedPolicy, lockout},
		{"C7.9 unknown principal", keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::123456789012:role/none"]}`, "kms:*"), ErrMalformedPolicy,
			"Policy contains a statement with one or more invalid principals."},
		{"no account", keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::abc:root"]}`, "kms:*"), ErrMalformedPolicy,
			"Policy contains a statement with one or more invalid principals."},
		{"another partition", keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","arn:aws-cn:iam::123456789012:root"]}`, "kms:*"), ErrMalformedPolicy,
			"Policy contains a statement with one or more invalid principals."},
		{"no principal", `{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}`, ErrMalformedPolicy, "Policy contains a statement with no principal."},
		{"too long", keyPolicy(rootPrincipal, "kms:*", `,"Sid":"`+strings.Repeat("x", 33000)+`"`), ErrLimitExceeded, ""},
		{"C7.10 overly permissive", keyPolicy(rootPrincipal, "kms:*", `,"Condition":{"ForAllValues:StringEquals":{"kms:EncryptionContext:a":"b"}}`), ErrMalformedPolicy, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t, func(config *Config) { config.PrincipalExists, config.StrictPrincipals = exists, true })
			key := w.newKey(CreateKeyInput{MultiRegion: true})
			for operation, in := range map[string]any{
				"CreateKey": &CreateKeyInput{Policy: c.policy}, "PutKeyPolicy": &PutKeyPolicyInput{KeyId: key.KeyId, Policy: c.policy},
				"ReplicateKey": &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: otherRegion, Policy: c.policy},
			} {
				err := w.run(home(), operation, in)
				if c.message != "" || c.name == "no JSON" {
					wantError(t, err, c.err, c.message)
				} else if !c.err.Is(api.AsError(err)) {
					t.Errorf("%s: error is %v, want %s", operation, err, c.err.Code)
				}
			}
		})
	}
}

// Where nobody is strict about principals, policies and grants may name those
// who do not exist yet, and the log is told.
func TestUnknownPrincipalsAreLogged(t *testing.T) {
	var log bytes.Buffer
	w := newTestbed(t, func(c *Config) {
		c.PrincipalExists, c.Log = w0, slog.New(slog.NewTextHandler(&log, nil))
	})
	const some, none = "arn:aws:iam::123456789012:role/some", "arn:aws:iam::123456789012:role/none"
	for _, principal := range []string{some, none} {
		key := w.newKey(CreateKeyInput{})
		for operation, in := range map[string]any{
			"CreateKey":    &CreateKeyInput{Policy: keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","`+principal+`"]}`, "kms:*")},
			"PutKeyPolicy": &PutKeyPolicyInput{KeyId: key.KeyId, Policy: keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","`+principal+`"]}`, "kms:*")},
			"CreateGrant":  &CreateGrantInput{KeyId: key.KeyId, GranteePrincipal: principal, Operations: []string{"Decrypt"}},
		} {
			log.Reset()
			if err := w.run(home(), operation, in); err != nil {
				t.Errorf("%s with %s: %v", operation, principal, err)
			}
			if logged := strings.Contains(log.String(), "principal="+none); logged != (principal == none) {
				t.Errorf("%s with %s logged %q", operation, principal, log.String())
			}
		}
	}
}

func TestLockoutCheck(t *testing.T) {
	w := newTestbed(t)
	admin := role(testAccount, "admin", allow("kms:*", "*"))
	clerk := role(testAccount, "clerk", allow("kms:CreateKey", "*"))
	delegating := keyPolicy(rootPrincipal, "kms:*")
	// IAM lets the admin put policies later on, and not the clerk.
	ok[CreateKeyOutput](t)(w.CreateKey(by(testRegion, admin), &CreateKeyInput{Policy: delegating}))
	_, err := w.CreateKey(by(testRegion, clerk), &CreateKeyInput{Policy: delegating})
	wantError(t, err, ErrMalformedPolicy, "The new key policy will not allow you to update the key policy in the future.")
	ok[CreateKeyOutput](t)(w.CreateKey(by(testRegion, clerk), &CreateKeyInput{Policy: delegating, BypassPolicyLockoutSafetyCheck: true}))
	ok[CreateKeyOutput](t)(w.CreateKey(by(testRegion, clerk), &CreateKeyInput{}))
	ok[CreateKeyOutput](t)(w.CreateKey(by(testRegion, clerk), &CreateKeyInput{Policy: keyPolicy(`{"AWS":"arn:aws:iam::123456789012:role/clerk"}`, "kms:*")}))
	// A condition holds for the check as it will for the call.
	tagged := role(testAccount, "clerk", allow("kms:*", "*"))
	tagged.Tags, tagged.OrgID, tagged.OrgPath = map[string]string{"team": "keys"}, "o-1", "o-1/r-1/"
	for _, condition := range []string{
		`"aws:PrincipalTag/team":"keys"`, `"aws:PrincipalOrgID":"o-1"`, `"aws:PrincipalArn":"arn:aws:iam::123456789012:role/clerk"`,
	} {
		conditional := keyPolicy(rootPrincipal, "kms:*", `,"Condition":{"StringEquals":{`+condition+`}}`)
		ok[CreateKeyOutput](t)(w.CreateKey(by(testRegion, tagged), &CreateKeyInput{Policy: conditional}))
		_, err = w.CreateKey(by(testRegion, admin), &CreateKeyInput{Policy: conditional})
		wantError(t, err, ErrMalformedPolicy, "The new key policy will not allow you to update the key policy in the future.")
	}
	for condition, want := range map[string]bool{
		`"StringEquals":{"aws:RequestedRegion":"us-east-1"}`: true, `"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`: false,
		`"Bool":{"aws:SecureTransport":"true","aws:ViaAWSService":"false"}`: true, `"StringEquals":{"kms:CallerAccount":"999888777666"}`: false,
		`"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}`: false, `"StringEquals":{"aws:ResourceAccount":"123456789012"}`: true,
		`"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}`: true,
	} {
		_, err := w.CreateKey(by(testRegion, tagged), &CreateKeyInput{Policy: keyPolicy(rootPrincipal, "kms:*", `,"Condition":{`+condition+`}`)})
		if (err == nil) != want {
			t.Errorf("%s: %v", condition, err)
		}
	}
}
