package sts_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sts"
)

const issuer = "https://idp.example/realm"

// signer signs tokens as an issuer does.
type signer struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{r, e}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// keys is the issuer's JSON Web Key Set.
func (s *signer) keys(t *testing.T) []byte {
	t.Helper()
	point, err := s.ec.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(map[string]any{"keys": []map[string]string{
		{"kty": "oct", "kid": "hmac", "k": b64([]byte("shared"))},
		{"kty": "RSA", "kid": "rsa", "use": "sig", "n": b64(s.rsa.N.Bytes()), "e": b64(big.NewInt(int64(s.rsa.E)).Bytes())},
		{"kty": "EC", "kid": "ec", "crv": "P-256", "alg": "ES256", "x": b64(point[1:33]), "y": b64(point[33:])},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// token is a token with the claims that every test starts from, changed.
func (s *signer) token(t *testing.T, algorithm string, change func(claims map[string]any)) string {
	t.Helper()
	claims := map[string]any{"iss": issuer, "sub": "repo:x", "aud": "sts.amazonaws.com", "exp": start.Add(time.Minute).Unix(), "iat": start.Unix()}
	if change != nil {
		change(claims)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	kid := map[string]string{"RS256": "rsa", "ES256": "ec", "none": "rsa", "HS256": "hmac"}[algorithm]
	signed := b64([]byte(`{"alg":"`+algorithm+`","kid":"`+kid+`","typ":"JWT"}`)) + "." + b64(body)
	h := crypto.SHA256.New()
	h.Write([]byte(signed))
	digest := h.Sum(nil)
	var signature []byte
	switch algorithm {
	case "RS256":
		signature, err = rsa.SignPKCS1v15(rand.Reader, s.rsa, crypto.SHA256, digest)
	case "ES256":
		var r, v *big.Int
		r, v, err = ecdsa.Sign(rand.Reader, s.ec, digest)
		signature = append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64(signature)
}

const webTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + account + `:oidc-provider/idp.example/realm"},` +
	`"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"idp.example/realm:aud":"sts.amazonaws.com"},"StringLike":{"idp.example/realm:sub":"repo:*"}}}]}`

// newWebTestbed has a provider whose keys are the signer's, and a role that trusts it.
func newWebTestbed(t *testing.T, s *signer) *testbed {
	t.Helper()
	w := newTestbed(t)
	w.Service = sts.New(sts.Config{Directory: w.dir, Issuers: func(_ context.Context, iss string) ([]byte, error) {
		if strings.Contains(strings.ToLower(iss), "idp.example/realm") {
			return s.keys(t), nil
		}
		return nil, errors.New("no such issuer")
	}})
	w.provider("idp.example/realm")
	w.role(identity.RoleSpec{Trust: webTrust, Policies: map[string]string{"p": maySQS}})
	return w
}

func (w *testbed) provider(name string) {
	w.t.Helper()
	err := w.dir.Update(w.t.Context(), func(tx store.Tx) error {
		w.dir.Providers.Put(tx, &identity.Provider{
			Entity:    identity.Entity{Account: account, Partition: "aws", Name: name, Created: start},
			ClientIDs: []string{"sts.amazonaws.com", "client"},
		})
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *testbed) assumeWeb(in sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	w.t.Helper()
	if in.RoleArn == "" {
		in.RoleArn = roleARN
	}
	in.RoleSessionName = "web"
	return run[sts.AssumeRoleWithWebIdentityOutput](w, identity.Anonymous(), "AssumeRoleWithWebIdentity", &in)
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	s := newSigner(t)
	w := newWebTestbed(t, s)
	for _, algorithm := range []string{"RS256", "ES256"} {
		t.Run(algorithm, func(t *testing.T) {
			out := must[*sts.AssumeRoleWithWebIdentityOutput](t)(w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: s.token(t, algorithm, nil)}))
			who := w.session(out.Credentials)
			provider := "arn:aws:iam::" + account + ":oidc-provider/idp.example/realm"
			want := &sts.AssumeRoleWithWebIdentityOutput{
				Credentials: out.Credentials, SubjectFromWebIdentityToken: "repo:x", Audience: "sts.amazonaws.com", Provider: provider,
				AssumedRoleUser: &sts.AssumedRoleUser{Arn: "arn:aws:sts::" + account + ":assumed-role/r/web", AssumedRoleId: who.ID + ":web"},
			}
			if diff := cmp.Diff(want, out); diff != "" {
				t.Error(diff)
			}
			if who.Session.FederatedProvider != provider || !may(who, "sqs:SendMessage") || !out.Credentials.Expiration.Equal(start.Add(time.Hour)) {
				t.Errorf("caller = %+v", who)
			}
		})
	}
}

// A session of a web identity is no chained one.
func TestWebIdentityDuration(t *testing.T) {
	s := newSigner(t)
	w := newWebTestbed(t, s)
	w.role(identity.RoleSpec{Trust: webTrust, MaxSession: 7200})
	token := s.token(t, "RS256", nil)
	if _, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: token, DurationSeconds: ptr(7200)}); err != nil {
		t.Error(err)
	}
	_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: token, DurationSeconds: ptr(7201)})
	fails(t, err, "ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	_, err = w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: token, Policy: "{"})
	fails(t, err, "MalformedPolicyDocument", 400, "This policy contains invalid Json")
}

func TestWebIdentityTags(t *testing.T) {
	s := newSigner(t)
	w := newWebTestbed(t, s)
	out := must[*sts.AssumeRoleWithWebIdentityOutput](t)(w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: s.token(t, "RS256", func(c map[string]any) {
		c["https://aws.amazon.com/tags"] = map[string]any{"principal_tags": map[string]any{"team": []string{"red"}, "cost": "1"}, "transitive_tag_keys": []string{"team"}}
		c["https://aws.amazon.com/source_identity"] = "alice"
	})}))
	who := w.session(out.Credentials)
	if diff := cmp.Diff(map[string]string{"team": "red", "cost": "1"}, who.Tags); diff != "" {
		t.Error(diff)
	}
	if out.SourceIdentity != "alice" || who.Session.SourceIdentity != "alice" || len(who.Session.TransitiveTags) != 1 || out.PackedPolicySize == nil {
		t.Errorf("answer = %+v, session = %+v", out, who.Session)
	}
	_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: s.token(t, "RS256", func(c map[string]any) {
		c["https://aws.amazon.com/tags"] = map[string]any{"principal_tags": map[string]any{"a": []string{"1"}}, "transitive_tag_keys": "b"}
	})})
	fails(t, err, "InvalidParameterValue", 400, "The specified transitive tag key must be included in the requested tags.")
	w.role(identity.RoleSpec{Trust: strings.Replace(webTrust, `,"sts:TagSession","sts:SetSourceIdentity"`, "", 1)})
	for _, claim := range []string{"https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity"} {
		_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: s.token(t, "RS256", func(c map[string]any) {
			c[claim] = map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"a": "1"}}, "https://aws.amazon.com/source_identity": "x"}[claim]
		})})
		fails(t, err, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	}
}

func TestWebIdentityConditionKeys(t *testing.T) {
	s := newSigner(t)
	w := newWebTestbed(t, s)
	token := s.token(t, "RS256", func(c map[string]any) {
		c["azp"], c["aud"], c["amr"] = "client", []string{"first", "second"}, []string{"mfa", "pwd"}
	})
	ops := w.API().Operations
	resolved, err := ops[1].Resolve(w.as(identity.Anonymous()), &sts.AssumeRoleWithWebIdentityInput{RoleArn: roleARN, RoleSessionName: "web", WebIdentityToken: token})
	if err != nil {
		t.Fatal(err)
	}
	keys, checks := policyeval.NewContext(8), resolved.Checks
	checks[0].Target.Keys(keys)
	for key, want := range map[string]string{
		"idp.example/realm:aud": "client", "idp.example/realm:oaud": "first", "idp.example/realm:sub": "repo:x", "idp.example/realm:amr": "mfa pwd",
		"sts:RoleSessionName": "web", "aws:FederatedProvider": "arn:aws:iam::" + account + ":oidc-provider/idp.example/realm",
	} {
		if got, _, _ := keys.Get(key); strings.Join(got, " ") != want {
			t.Errorf("%s = %v, want %s", key, got, want)
		}
	}
	if as := checks[0].As; as == nil || as.Type != policyeval.WebIdentity {
		t.Errorf("the check is for %+v", as)
	}
}

func TestWebIdentitiesThatAreRefused(t *testing.T) {
	s, otherSigner := newSigner(t), newSigner(t)
	set := func(key string, value any) func(map[string]any) {
		return func(c map[string]any) { c[key] = value }
	}
	without := func(key string) func(map[string]any) { return func(c map[string]any) { delete(c, key) } }
	const notVerified = "The token's signature could not be verified with the identity provider's keys."
	good := s.token(t, "RS256", nil)
	parts := strings.Split(good, ".")
	for name, c := range map[string]struct {
		token, code string
		status      int
		text        string
	}{
		"no token":              {"abcd", "InvalidIdentityToken", 400, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"no JSON in it":         {"YQ.YQ.YQ", "InvalidIdentityToken", 400, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"no base64":             {"!." + parts[1] + "." + parts[2], "InvalidIdentityToken", 400, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"signature no base64":   {parts[0] + "." + parts[1] + ".!", "InvalidIdentityToken", 400, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"without sub":           {s.token(t, "RS256", without("sub")), "InvalidIdentityToken", 400, "Missing a required claim: sub"},
		"without iss":           {s.token(t, "RS256", without("iss")), "InvalidIdentityToken", 400, "Missing a required claim: iss"},
		"without exp":           {s.token(t, "RS256", without("exp")), "InvalidIdentityToken", 400, "Missing a required claim: exp"},
		"of another issuer":     {s.token(t, "RS256", set("iss", "https://other.example")), "InvalidIdentityToken", 400, "No OpenIDConnect provider found in your account for https://other.example"},
		"of another realm":      {s.token(t, "RS256", set("iss", "https://idp.example/REALM")), "InvalidIdentityToken", 400, "No OpenIDConnect provider found in your account for https://idp.example/REALM"},
		"for somebody else":     {s.token(t, "RS256", set("aud", "other")), "InvalidIdentityToken", 400, "Incorrect token audience"},
		"for nobody":            {s.token(t, "RS256", without("aud")), "InvalidIdentityToken", 400, "Incorrect token audience"},
		"expired to the dot":    {s.token(t, "RS256", set("exp", start.Unix())), "ExpiredTokenException", 400, "Token expired: current date/time 1772366400 must be before the expiration date/time 1772366400"},
		"not valid yet":         {s.token(t, "RS256", set("nbf", start.Unix()+1)), "InvalidIdentityToken", 400, "Token is not valid yet: current date/time 1772366400 must not be before 1772366401"},
		"signed by another key": {otherSigner.token(t, "RS256", nil), "InvalidIdentityToken", 400, notVerified},
		"signed by another, EC": {otherSigner.token(t, "ES256", nil), "InvalidIdentityToken", 400, notVerified},
		"not signed":            {s.token(t, "none", nil), "InvalidIdentityToken", 400, notVerified},
		"a shared secret":       {s.token(t, "HS256", nil), "InvalidIdentityToken", 400, notVerified},
		"other claims":          {parts[0] + "." + strings.Split(s.token(t, "RS256", set("sub", "repo:y")), ".")[1] + "." + parts[2], "InvalidIdentityToken", 400, notVerified},
		"of keys unknown":       {s.token(t, "RS256", set("iss", "https://silent.example")), "InvalidIdentityToken", 400, "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"},
		"not trusted":           {s.token(t, "RS256", set("sub", "user:x")), "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWebTestbed(t, s)
			w.provider("silent.example")
			_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: c.token})
			fails(t, err, c.code, c.status, c.text)
		})
	}
	w := newWebTestbed(t, s)
	none := "arn:aws:iam::" + account + ":role/none"
	_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{RoleArn: none, WebIdentityToken: good})
	fails(t, err, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	_, err = w.AssumeRoleWithWebIdentity(w.as(identity.Anonymous()), &sts.AssumeRoleWithWebIdentityInput{RoleArn: none, RoleSessionName: "web", WebIdentityToken: good})
	fails(t, err, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	w.Service = sts.New(sts.Config{Directory: w.dir}) // which knows no issuer
	_, err = w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: good})
	fails(t, err, "InvalidIdentityToken", 400, "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
}

// An issuer on this machine may speak plain HTTP.
func TestIssuerOverHTTP(t *testing.T) {
	s := newSigner(t)
	w := newWebTestbed(t, s)
	_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: s.token(t, "RS256", func(c map[string]any) { c["iss"] = "http://idp.example/realm/" })})
	if err != nil {
		t.Error(err)
	}
}

// A trust policy that names no provider does not let a web identity in, and one
// that lets everybody in does not let the unsigned caller of AssumeRole in.
func TestWebIdentityIsNotAnonymous(t *testing.T) {
	s := newSigner(t)
	w := newWebTestbed(t, s)
	w.role(identity.RoleSpec{Trust: trusting(account, `"sts:AssumeRoleWithWebIdentity"`, "")})
	_, err := w.assumeWeb(sts.AssumeRoleWithWebIdentityInput{WebIdentityToken: s.token(t, "RS256", nil)})
	var e *api.Error
	if !errors.As(err, &e) || e.Code != "AccessDenied" {
		t.Errorf("error = %v, want AccessDenied", err)
	}
}
