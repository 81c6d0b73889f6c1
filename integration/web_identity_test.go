package integration

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// issuer is an OpenID Connect issuer on this machine.
type issuer struct {
	url string
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(nil)
	t.Cleanup(server.Close)
	b64 := base64.RawURLEncoding.EncodeToString
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := map[string]any{"jwks_uri": server.URL + "/keys"}
		if r.URL.Path == "/keys" {
			answer = map[string]any{"keys": []any{map[string]string{
				"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256",
				"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
			}}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	return &issuer{server.URL, key}
}

// tokenFile holds a token of the issuer, as a Kubernetes pod finds one.
func (i *issuer) tokenFile(t *testing.T, subject string) string {
	t.Helper()
	claims, err := json.Marshal(map[string]any{
		"iss": i.url, "aud": "sts.amazonaws.com", "sub": subject, "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(`{"alg":"RS256","kid":"1","typ":"JWT"}`)) + "." + b64(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(signed+"."+b64(signature)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A pod's way to credentials: the SDKs find the token and the role by
// themselves, have no credentials yet, and so sign nothing.
func TestWebIdentityIsUnsigned(t *testing.T) {
	p, i := serve(t), newIssuer(t)
	provider := strings.TrimPrefix(i.url, "http://")
	c := newClients(t, p.config(p.url))
	if _, err := c.iam.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://" + provider), ClientIDList: []string{"sts.amazonaws.com"},
	}); err != nil {
		t.Fatal(err)
	}
	providerARN := "arn:aws:iam::123456789012:oidc-provider/" + provider
	if _, err := c.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("pod"), AssumeRolePolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": statement{"Federated": providerARN},
		"Condition": statement{"StringEquals": statement{provider + ":sub": "system:serviceaccount:shop:mailer"}},
	}))}); err != nil {
		t.Fatal(err)
	}
	const roleARN, sessionARN = "arn:aws:iam::123456789012:role/pod", "arn:aws:sts::123456789012:assumed-role/pod/"
	file := i.tokenFile(t, "system:serviceaccount:shop:mailer")

	t.Run("Go", func(t *testing.T) {
		config := p.config(p.url)
		config.Credentials = stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(config), roleARN, stscreds.IdentityTokenFile(file))
		who, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
		if err != nil || !strings.HasPrefix(*who.Arn, sessionARN) {
			t.Errorf("caller = %+v, %v", who, err)
		}
		config.Credentials = stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(config), roleARN, stscreds.IdentityTokenFile(i.tokenFile(t, "another")))
		_, err = sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
		want(t, "another subject", err, answer{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"})
	})
	t.Run("boto3", func(t *testing.T) {
		env := slices.DeleteFunc(p.env(), func(v string) bool {
			return strings.HasPrefix(v, "AWS_ACCESS_KEY_ID=") || strings.HasPrefix(v, "AWS_SECRET_ACCESS_KEY=")
		})
		env = append(env, "AWS_WEB_IDENTITY_TOKEN_FILE="+file, "AWS_ROLE_ARN="+roleARN, "AWS_ROLE_SESSION_NAME=boto", "AWS_EC2_METADATA_DISABLED=true")
		who := run(t, env, python(t), "-c", `import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])`)
		if strings.TrimSpace(who) != sessionARN+"boto" {
			t.Errorf("caller = %s", who)
		}
	})
	t.Run("its record names the identity", func(t *testing.T) {
		var recorded struct {
			Events []struct {
				RecipientAccountID string `json:"recipientAccountId"`
				UserIdentity       map[string]string
			}
		}
		if err := json.Unmarshal(p.get("/_waxseal/events?event-name=AssumeRoleWithWebIdentity&resource="+roleARN+"&limit=1"), &recorded); err != nil || len(recorded.Events) != 1 {
			t.Fatalf("events = %+v, %v", recorded, err)
		}
		const subject = "system:serviceaccount:shop:mailer"
		got, wanted := recorded.Events[0].UserIdentity, map[string]string{
			"type": "WebIdentityUser", "principalId": providerARN + ":sts.amazonaws.com:" + subject, "userName": subject, "identityProvider": providerARN,
		}
		if fmt.Sprint(got) != fmt.Sprint(wanted) || recorded.Events[0].RecipientAccountID != "123456789012" {
			t.Errorf("recorded %v,\nwant %v", got, wanted)
		}
	})
}
