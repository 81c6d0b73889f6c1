package egress

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// issuerTimeout is how long an OpenID Connect issuer may take for an answer.
	issuerTimeout = 10 * time.Second
	// issuerAnswer is the most that it may answer, in bytes.
	issuerAnswer = 1 << 20
)

// issuerClient asks the issuers for their keys.
var issuerClient = &http.Client{Timeout: issuerTimeout}

// IssuerKeys is the JSON Web Key Set of an OpenID Connect issuer, found as its
// discovery document says. STS asks for it only where IAM has a provider for
// the issuer. Unlike AWS it takes plain HTTP too: a test's issuer runs beside it.
//
// See https://openid.net/specs/openid-connect-discovery-1_0.html.
func IssuerKeys(ctx context.Context, issuer string) ([]byte, error) {
	if !strings.Contains(issuer, "://") {
		issuer = "https://" + issuer
	}
	document, err := fetchJSON(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	var discovered struct {
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(document, &discovered); err != nil || discovered.JWKSURI == "" {
		return nil, fmt.Errorf("the discovery document of %s names no jwks_uri", issuer)
	}
	return fetchJSON(ctx, discovered.JWKSURI)
}

func fetchJSON(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := issuerClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", url, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, issuerAnswer))
}
