package waxseal

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
)

// transport carries requests to a handler in the same process.
type transport struct{ handler http.Handler }

// answered reports whether the handler answers; otherwise it closes the connection.
func (t *transport) answered(w http.ResponseWriter, r *http.Request) (answered bool) {
	defer func() {
		p := recover()
		answered = p == nil
		if p != nil && p != http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
			panic(p)
		}
	}()
	t.handler.ServeHTTP(w, r)
	return true
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer func() { _ = in.Body.Close() }() // as http.RoundTripper's documentation wants; it was read, or nobody wants it
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	if r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, HandshakeComplete: true, ServerName: r.URL.Hostname()}
	}
	w := httptest.NewRecorder()
	if !t.answered(w, in) {
		return nil, io.EOF
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	out := w.Result()
	out.Request = r
	return out, nil
}
