package integration

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"
)

// asHost fetches a path of the server by another name.
func asHost(t *testing.T, url, host string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(body, &document); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s at %s: %s %s", url, host, answer.Status, body)
	}
	return document
}

// verifyToken verifies a token with the keys of a set, as anybody would, and
// answers its claims.
func verifyToken(t *testing.T, token string, keys map[string]any) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	decode := func(s string) []byte {
		t.Helper()
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var header struct{ Alg, Kid string }
	var claims map[string]any
	if err := json.Unmarshal(decode(parts[0]), &header); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(decode(parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	signed, signature := []byte(parts[0]+"."+parts[1]), decode(parts[2])
	number := func(k map[string]any, name string) *big.Int { return new(big.Int).SetBytes(decode(k[name].(string))) }
	for _, k := range keys["keys"].([]any) {
		k := k.(map[string]any)
		if k["kid"] != header.Kid || k["alg"] != header.Alg {
			continue
		}
		var err error
		valid := true
		if k["kty"] == "RSA" {
			digest := sha256.Sum256(signed)
			err = rsa.VerifyPKCS1v15(&rsa.PublicKey{N: number(k, "n"), E: int(number(k, "e").Int64())}, crypto.SHA256, digest[:], signature)
		} else {
			digest := sha512.Sum384(signed)
			half := len(signature) / 2
			point := append([]byte{4}, number(k, "x").FillBytes(make([]byte, 48))...)
			public, malformed := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), append(point, number(k, "y").FillBytes(make([]byte, 48))...))
			if malformed != nil {
				t.Fatal(malformed)
			}
			valid = ecdsa.Verify(public, digest[:],
				new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
		}
		if err != nil || !valid {
			t.Errorf("the signature of %s is not good: %v", header.Alg, err)
		}
		return claims
	}
	t.Fatalf("no key %+v among %v", header, keys)
	return nil
}

// A role's token can be verified by whoever finds the issuer's documents.
func TestWebIdentityTokensCanBeVerified(t *testing.T) {
	cloud := start(t)
	i := iam.NewFromConfig(cloud.Config())
	newClients(t, cloud.Config()).role("worker", document(t, statement{
		"Effect": "Allow", "Action": []string{"sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"}, "Resource": "*",
		"Condition": statement{
			"ForAllValues:StringEquals": statement{"sts:IdentityTokenAudience": []string{"https://api.example.com", "b"}},
			"NumericLessThanEquals":     statement{"sts:DurationSeconds": 600}, "StringEquals": statement{"sts:SigningAlgorithm": []string{"RS256", "ES384"}},
		},
	}))
	if _, err := i.TagRole(t.Context(), tagRole("worker", "team", "red")); err != nil {
		t.Fatal(err)
	}
	s := sts.NewFromConfig(cloud.As("role/worker"))
	in := func(algorithm string, seconds int32, audience ...string) *sts.GetWebIdentityTokenInput {
		return &sts.GetWebIdentityTokenInput{SigningAlgorithm: &algorithm, Audience: audience, DurationSeconds: &seconds, Tags: []ststypes.Tag{{Key: aws.String("job"), Value: aws.String("7")}}}
	}
	_, err := s.GetWebIdentityToken(t.Context(), in("RS256", 300, "b"))
	want(t, "before it is enabled", err, answer{403, "OutboundWebIdentityFederationDisabledException", "The outbound web identity federation feature is not enabled for this account."})
	enabled, err := i.EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{})
	if err != nil {
		t.Fatal(err)
	}
	issuer := *enabled.IssuerIdentifier
	host := strings.TrimPrefix(issuer, "https://")
	id, _, _ := strings.Cut(host, ".")

	byName := asHost(t, cloud.URL()+"/.well-known/openid-configuration", host)
	byPath := asHost(t, cloud.URL()+"/_waxseal/issuers/"+id+"/.well-known/openid-configuration", "")
	if byName["issuer"] != issuer || byPath["issuer"] != issuer || byName["jwks_uri"] != issuer+"/.well-known/jwks.json" {
		t.Errorf("discovery by name %v, by path %v", byName, byPath)
	}
	keys := asHost(t, byPath["jwks_uri"].(string), "")
	if diff := cmp.Diff(keys, asHost(t, cloud.URL()+"/.well-known/jwks.json", host)); diff != "" {
		t.Error(diff)
	}
	for algorithm, audience := range map[string][]string{"RS256": {"https://api.example.com"}, "ES384": {"https://api.example.com", "b"}} {
		out, err := s.GetWebIdentityToken(t.Context(), in(algorithm, 600, audience...))
		if err != nil {
			t.Fatal(err)
		}
		claims := verifyToken(t, *out.WebIdentityToken, keys)
		aud := any(audience[0])
		if len(audience) > 1 {
			aud = []any{audience[0], audience[1]}
		}
		if got := int64(claims["exp"].(float64) - claims["iat"].(float64)); got < 599 || got > 600 || out.Expiration.Unix() != int64(claims["exp"].(float64)) || claims["jti"] == "" {
			t.Errorf("times of %v, %v", claims, out.Expiration)
		}
		for _, name := range []string{"exp", "iat", "jti"} {
			delete(claims, name)
		}
		const role = "arn:aws:iam::123456789012:role/worker"
		if diff := cmp.Diff(map[string]any{
			"iss": issuer, "aud": aud, "sub": role, "https://sts.amazonaws.com/": map[string]any{
				"aws_account": "123456789012", "source_region": "us-east-1", "principal_id": role,
				"principal_tags": map[string]any{"team": "red"}, "request_tags": map[string]any{"job": "7"},
			},
		}, claims); diff != "" {
			t.Error(diff)
		}
	}
	for what, bad := range map[string]*sts.GetWebIdentityTokenInput{
		"another audience": in("RS256", 300, "other"), "longer": in("RS256", 700, "b"),
	} {
		if _, err := s.GetWebIdentityToken(t.Context(), bad); failure(t, err).code != "AccessDenied" {
			t.Errorf("%s: %v", what, err)
		}
	}
	root := sts.NewFromConfig(cloud.Config())
	_, err = root.GetWebIdentityToken(t.Context(), in("HS256", 300, "b"))
	want(t, "another algorithm", err, answer{400, "ValidationError", "The signing algorithm is not supported. Valid values are RS256 and ES384."})
	cloud.Advance(58 * time.Minute)
	short := sts.NewFromConfig(cloud.As("role/worker"))
	if _, err := short.GetWebIdentityToken(t.Context(), in("RS256", 600, "b")); err != nil {
		t.Errorf("a session of an hour: %v", err)
	}
}

// The permission to ask for a token is none to put tags into it, which others may trust.
func TestTagsOfWebIdentityTokensAreAllowedApart(t *testing.T) {
	cloud := start(t)
	if _, err := iam.NewFromConfig(cloud.Config()).EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{}); err != nil {
		t.Fatal(err)
	}
	allow := func(action string, condition statement) statement {
		return statement{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}
	}
	newClients(t, cloud.Config()).role("worker", document(t, allow("sts:GetWebIdentityToken", statement{}),
		allow("sts:TagGetWebIdentityToken", statement{"StringEquals": statement{"aws:RequestTag/scope": "read"}, "ForAnyValue:StringEquals": statement{"sts:IdentityTokenAudience": "a"}})))
	ask := func(audience string, tags ...ststypes.Tag) error {
		_, err := sts.NewFromConfig(cloud.As("role/worker")).GetWebIdentityToken(t.Context(),
			&sts.GetWebIdentityTokenInput{SigningAlgorithm: aws.String("ES384"), Audience: []string{audience}, Tags: tags})
		return err
	}
	scope := func(value string) ststypes.Tag { return ststypes.Tag{Key: aws.String("scope"), Value: &value} }
	if err := errors.Join(ask("a"), ask("b"), ask("a", scope("read"))); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{"another tag": ask("a", scope("write")), "another audience": ask("b", scope("read"))} {
		want(t, name, err, answer{http.StatusForbidden, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/worker/waxseal is not authorized to perform: " +
			"sts:TagGetWebIdentityToken on resource: * because no identity-based policy allows the sts:TagGetWebIdentityToken action"})
	}
}

// Enabling and disabling are told apart from having done so already, and the
// issuer is the same ever after.
func TestOutboundFederationIsSwitchedOnce(t *testing.T) {
	cloud := start(t)
	i, ctx := iam.NewFromConfig(cloud.Config()), t.Context()
	_, err := i.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{})
	want(t, "info at first", err, answer{404, "FeatureDisabled", "Outbound web identity federation is not enabled for this account."})
	_, err = i.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{})
	want(t, "disabling at first", err, answer{404, "FeatureDisabled", "Outbound web identity federation is not enabled for this account."})
	issuers := map[string]bool{}
	for range 2 {
		out, err := i.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = i.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
		want(t, "enabling again", err, answer{409, "FeatureEnabled", "Outbound web identity federation is already enabled for this account."})
		info, err := i.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{})
		if err != nil || !info.JwtVendingEnabled || *info.IssuerIdentifier != *out.IssuerIdentifier {
			t.Errorf("info %+v, %v", info, err)
		}
		issuers[*out.IssuerIdentifier] = true
		if _, err := i.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(issuers) != 1 {
		t.Errorf("issuers %v", issuers)
	}
	for id := range issuers {
		id, _, _ = strings.Cut(strings.TrimPrefix(id, "https://"), ".")
		answer, err := http.Get(cloud.URL() + "/_waxseal/issuers/" + id + "/.well-known/jwks.json")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusNotFound {
			t.Errorf("a disabled issuer answers %s", answer.Status)
		}
	}
}
