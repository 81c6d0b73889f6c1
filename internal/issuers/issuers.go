// Package issuers serves what verifies the tokens of an account's issuer
// (sts:GetWebIdentityToken).
//
// A program that verifies a token finds the keys as on AWS, at the issuer's own host name,
// which the test's resolver or proxy must direct to this server. Without that it finds them
// at a path of the control API that ends in ID/.well-known/…, whose ID is the first label of
// the host name.
//
// See https://openid.net/specs/openid-connect-discovery-1_0.html.
package issuers

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/web"
)

const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/.well-known/jwks.json"
)

// Of is the id of the issuer whose host name a request has; empty: none.
func Of(r *http.Request) string {
	id, found := strings.CutSuffix(web.HostName(r.Host), identity.IssuerDomain)
	if !found {
		return ""
	}
	return id
}

// Serve answers a request at an issuer's own host name.
func Serve(w http.ResponseWriter, r *http.Request, d *identity.Directory, id string, log *slog.Logger) {
	web.Handler{Log: log}.Of(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet {
			return web.Refused(http.StatusMethodNotAllowed, "an issuer is only read")
		}
		return answer(w, r, d, id, r.URL.Path, "https://"+id+identity.IssuerDomain)
	})(w, r)
}

// ServeAt answers the same at a path of the server that ends in ID/.well-known/DOCUMENT;
// prefix is what is before that.
func ServeAt(w http.ResponseWriter, r *http.Request, d *identity.Directory, prefix string) error {
	id := mux.Vars(r)["id"]
	return answer(w, r, d, id, "/.well-known/"+mux.Vars(r)["document"], web.BaseURL(r)+prefix+"/"+id)
}

// answer answers a document of an issuer; its keys are at url.
func answer(w http.ResponseWriter, r *http.Request, d *identity.Directory, id, path, url string) error {
	issuer, err := d.Issuer(r.Context(), id)
	switch {
	case err != nil:
		return err
	case issuer == nil:
		return web.Refused(http.StatusNotFound, "there is no issuer %s", id)
	}
	var document any
	switch path {
	case discoveryPath:
		document = map[string]any{
			"issuer": issuer.URL(), "jwks_uri": url + keysPath,
			"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{identity.RS256, identity.ES384},
			"claims_supported":                      []string{"iss", "aud", "sub", "iat", "exp", "jti"},
		}
	case keysPath:
		keys := []identity.JWK{}
		for _, k := range issuer.Keys {
			keys = append(keys, k.Public)
		}
		document = map[string]any{"keys": keys}
	default:
		return web.Refused(http.StatusNotFound, "an issuer has %s and %s", discoveryPath, keysPath)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(document)
}
