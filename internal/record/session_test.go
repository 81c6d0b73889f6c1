package record

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// What CloudTrail says of temporary credentials: whose session they are, where
// that is not the caller itself, and whether an MFA device was used to get them.
func TestSessionContext(t *testing.T) {
	issued := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		kind policyeval.PrincipalType
		mfa  time.Time
		want string
		task bool
	}{
		"a user's token":          {policyeval.User, time.Time{}, `{"attributes":{"creationDate":"2026-03-01T12:00:00Z","mfaAuthenticated":"false"}}`, false},
		"a user's token with MFA": {policyeval.User, issued, `{"attributes":{"creationDate":"2026-03-01T12:00:00Z","mfaAuthenticated":"true"}}`, false},
		"a root user's token":     {policyeval.Root, time.Time{}, `{"attributes":{"creationDate":"2026-03-01T12:00:00Z","mfaAuthenticated":"false"}}`, false},
		"a member's root user, assumed": {
			policyeval.Root, time.Time{}, `{"attributes":{"creationDate":"2026-03-01T12:00:00Z","mfaAuthenticated":"false"},"assumedRoot":"true"}`, true,
		},
		"a role with MFA": {policyeval.AssumedRole, issued, `{"sessionIssuer":{"type":"Role","principalId":"ID","arn":"ISSUER","accountId":"123456789012","userName":"n"},` +
			`"attributes":{"creationDate":"2026-03-01T12:00:00Z","mfaAuthenticated":"true"}}`, false},
	} {
		c := &api.Caller{Name: "n", Session: &api.Session{Issued: issued, MFA: test.mfa, Task: test.task}}
		c.Principal = policyeval.Principal{Type: test.kind, ID: "ID", IssuerARN: "ISSUER", Account: "123456789012"}
		got, err := json.Marshal(userIdentity(&api.Request{Caller: c}).SessionContext)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, test.want)
		}
	}
}

// Who brings a SAML assertion is told by the provider, hashed, and the subject.
func TestSAMLUserIdentity(t *testing.T) {
	c := &api.Caller{Name: "alice", UserID: "qualifier=:alice"}
	c.Principal = policyeval.Principal{Type: policyeval.WebIdentity, ARN: "arn:aws:iam::123456789012:saml-provider/idp"}
	got, err := json.Marshal(userIdentity(&api.Request{Caller: c}))
	const want = `{"type":"SAMLUser","principalId":"qualifier=:alice","userName":"alice","identityProvider":"qualifier="}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
