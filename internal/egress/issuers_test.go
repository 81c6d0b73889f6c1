package egress

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestIssuerKeys(t *testing.T) {
	mux := http.NewServeMux()
	issuer := httptest.NewServer(mux)
	defer issuer.Close()
	write := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	mux.HandleFunc("/good/.well-known/openid-configuration", write(`{"jwks_uri":"`+issuer.URL+`/keys"}`))
	mux.HandleFunc("/keys", write(`{"keys":[]}`))
	mux.HandleFunc("/empty/.well-known/openid-configuration", write(`{}`))
	keys, err := IssuerKeys(t.Context(), issuer.URL+"/good/")
	if err != nil || string(keys) != `{"keys":[]}` {
		t.Errorf("keys = %s, %v", keys, err)
	}
	for _, bad := range []string{issuer.URL + "/empty", issuer.URL + "/absent", "http://[", "127.0.0.1:1"} {
		if keys, err := IssuerKeys(t.Context(), bad); err == nil {
			t.Errorf("%s: keys %s", bad, keys)
		}
	}
}
