package egress

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/sns"
)

// endpoint is an HTTP endpoint that wants credentials as told.
type endpoint struct {
	*httptest.Server
	challenge []string // values of WWW-Authenticate
	accepts   func(r *http.Request) bool

	mu  sync.Mutex
	got []string // Authorization of the requests
}

func newEndpoint(t *testing.T, accepts func(*http.Request) bool, challenge ...string) *endpoint {
	e := &endpoint{challenge: challenge, accepts: accepts}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	e.got = append(e.got, r.Header.Get("Authorization"))
	e.mu.Unlock()
	if !e.accepts(r) || string(body) != "hello" {
		w.Header()["Www-Authenticate"] = e.challenge
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// requests is the scheme of each request's Authorization.
func (e *endpoint) requests() (schemes []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, header := range e.got {
		scheme, _, _ := strings.Cut(header, " ")
		schemes = append(schemes, scheme)
	}
	return schemes
}

func (e *endpoint) post(t *testing.T, user string) int {
	t.Helper()
	answer, err := HTTPSender{}.Post(t.Context(), &sns.Post{URL: strings.Replace(e.URL, "//", "//"+user, 1) + "/hook?a=b", Body: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status
}

func anybody(*http.Request) bool { return true }

func basic(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	return ok && user == "ada" && password == "pa ss"
}

// digestOf accepts RFC 2617's answer for ada, computed from what it says.
func digestOf(newHash func() hash.Hash, session bool) func(*http.Request) bool {
	sum := func(parts ...string) string {
		h := newHash()
		_, _ = h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	return func(r *http.Request) bool {
		list := challenges(r.Header.Values("Authorization"))
		if len(list) != 1 || list[0].scheme != "digest" {
			return false
		}
		p := list[0].parameters
		secret := sum("ada", "r e\"alm", "pa ss")
		if session {
			secret = sum(secret, "n0nce", p["cnonce"])
		}
		want := sum(secret, "n0nce", sum("POST", "/hook?a=b"))
		if p["qop"] != "" {
			want = sum(secret, "n0nce", p["nc"], p["cnonce"], "auth", sum("POST", "/hook?a=b"))
		}
		return p["username"] == "ada" && p["realm"] == "r e\"alm" && p["nonce"] == "n0nce" && p["uri"] == "/hook?a=b" &&
			p["opaque"] == "o" && p["response"] == want
	}
}

const ada = "ada:pa%20ss@"

// TestEndpointCredentials: user and password are sent after a 401 that asks for
// them, in the way that it asks for.
func TestEndpointCredentials(t *testing.T) {
	const digest = `Digest realm="r e\"alm", nonce="n0nce", opaque="o"`
	for name, c := range map[string]struct {
		accepts   func(*http.Request) bool
		challenge []string
		user      string
		status    int
		requests  []string
	}{
		"nobody asks":           {anybody, nil, ada, 200, []string{""}},
		"Basic":                 {basic, []string{`Basic realm="x"`}, ada, 200, []string{"", "Basic"}},
		"Basic in lower case":   {basic, []string{`basic Realm=x, charset="UTF-8"`}, ada, 200, []string{"", "Basic"}},
		"a wrong password":      {basic, []string{`Basic realm="x"`}, "ada:no@", 401, []string{"", "Basic"}},
		"a user alone":          {basic, []string{`Basic realm="x"`}, "ada@", 401, []string{"", "Basic"}},
		"no user":               {basic, []string{`Basic realm="x"`}, "", 401, []string{""}},
		"no challenge":          {basic, nil, ada, 401, []string{""}},
		"no realm":              {basic, []string{`Basic`}, ada, 401, []string{""}},
		"another scheme":        {basic, []string{`Bearer realm="x"`}, ada, 401, []string{""}},
		"Digest":                {digestOf(md5.New, false), []string{digest + `, qop="auth,auth-int", algorithm=MD5`}, ada, 200, []string{"", "Digest"}},
		"Digest as of RFC 2069": {digestOf(md5.New, false), []string{digest}, ada, 200, []string{"", "Digest"}},
		"Digest, a session":     {digestOf(md5.New, true), []string{digest + `, qop=auth, algorithm=MD5-sess`}, ada, 200, []string{"", "Digest"}},
		"Digest, SHA-256":       {digestOf(sha256.New, false), []string{digest + `, qop="auth", algorithm=SHA-256`}, ada, 200, []string{"", "Digest"}},
		"Digest of the body":    {digestOf(md5.New, false), []string{digest + `, qop="auth-int"`}, ada, 401, []string{""}},
		"Digest beside Basic":   {digestOf(md5.New, false), []string{`Basic realm="x", ` + digest + `, qop="auth"`}, ada, 200, []string{"", "Digest"}},
		"Basic beside a Digest that is not known": {basic, []string{digest + `, algorithm=SHA-512-256`, `Basic realm="x"`}, ada, 200, []string{"", "Basic"}},
		"nonsense": {basic, []string{`"", =,,= "`}, ada, 401, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, c.accepts, c.challenge...)
			if status := e.post(t, c.user); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if diff := cmp.Diff(c.requests, e.requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEndpointCredentialsAreNotRedirected: what redirects gets what it asked
// for, and what it redirects to gets nothing.
func TestEndpointCredentialsAreNotRedirected(t *testing.T) {
	thief := newEndpoint(t, anybody)
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	}))
	defer from.Close()
	e := &endpoint{Server: from}
	if status := e.post(t, ada); status != http.StatusTemporaryRedirect {
		t.Errorf("status %d", status)
	}
	if got := thief.requests(); got != nil {
		t.Errorf("the other endpoint got %q", got)
	}
}

// TestReach: an endpoint is reachable that takes a connection, and speaks TLS
// that can be trusted where it is to; what it answers does not matter.
func TestReach(t *testing.T) {
	plain := newEndpoint(t, func(*http.Request) bool { return false })
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connects, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for address, reachable := range map[string]bool{
		plain.URL + "/x":                           true,
		"http://user:secret@" + plain.URL[7:]:      true,
		"http://" + silent.Addr().String():         true,
		"http://" + closed.Addr().String():         false,
		"https" + plain.URL[4:]:                    false,
		untrusted.URL:                              false,
		fmt.Sprintf("http://127.0.0.1:%d/", 1<<16): false,
	} {
		err := HTTPSender{}.Reach(t.Context(), address)
		if (err == nil) != reachable {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
	if got := plain.requests(); got != nil {
		t.Errorf("it was asked for something: %q", got)
	}
	began := time.Now()
	if err := (HTTPSender{}).Reach(t.Context(), "https://"+silent.Addr().String()); err == nil || time.Since(began) > 2*reachTimeout {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
