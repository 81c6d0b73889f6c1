package sts_test

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/sts"
)

// A token never outlives the session that asks for it, has a place for so many
// claims, and speaks for nobody but the caller.
func TestWebIdentityTokensLimits(t *testing.T) {
	w := newTestbed(t)
	if _, _, err := w.dir.SetOutbound(t.Context(), account, true); err != nil {
		t.Fatal(err)
	}
	root, err := w.dir.Root(t.Context(), account, "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	session := *root
	session.Session = &api.Session{Expires: start.Add(299e9)}
	long := make([]sts.Tag, 50)
	for i := range long {
		long[i] = sts.Tag{Key: strings.Repeat("k", i+1), Value: strings.Repeat("v", 256)}
	}
	twice := []sts.Tag{{Key: "a", Value: "1"}, {Key: "A", Value: "2"}}
	for name, c := range map[string]struct {
		caller *api.Caller
		in     sts.GetWebIdentityTokenInput
		code   string
	}{
		"longer than the session": {&session, sts.GetWebIdentityTokenInput{}, "SessionDurationEscalationException"},
		"too many claims":         {root, sts.GetWebIdentityTokenInput{Tags: long}, "JWTPayloadSizeExceededException"},
		"a tag twice":             {root, sts.GetWebIdentityTokenInput{Tags: twice}, "InvalidParameterValue"},
		"an origin":               {root, sts.GetWebIdentityTokenInput{SubjectMode: "OriginIdentity"}, "ValidationError"},
		"a scope":                 {root, sts.GetWebIdentityTokenInput{Scope: "read"}, "ValidationError"},
	} {
		c.in.Audience, c.in.SigningAlgorithm = []string{"a"}, "ES384"
		ctx := api.WithRequest(t.Context(), &api.Request{ID: "r", Caller: c.caller, Account: account, Region: "eu-west-1", Time: start})
		_, err := w.GetWebIdentityToken(ctx, &c.in)
		if e := api.AsError(err); e.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}
