package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/control"
	"github.com/waxseal/waxseal/internal/localstack"
	"github.com/waxseal/waxseal/internal/web"
)

// Who may reach what. AWS's API judges by signatures and policies, the control
// API by nothing, and both are where every page that the user of this machine
// opens can send requests to. So whatever asks for either passes here first.
//
// A page gets in by three ways. It sends a request to another origin and does not
// care about the answer (an <img>, a fetch with no-cors): the browser says so in
// Origin or Sec-Fetch-Site. It is served under a name that its owner points here
// meanwhile (DNS rebinding): then all is of one origin, and only Host tells.
// Or it has this server call itself, by a subscription of SNS to its own address.

// The ways to the control API, which are no part of AWS.
var controlPrefixes = []string{control.Prefix, localstack.Prefix, localstack.DeveloperPrefix}

// isControlPath reports whether a path is the control API's, whether or not there
// is something at it. It goes by the decoded path, so that no spelling of one
// leads to AWS's API.
func isControlPath(path string) bool {
	return slices.ContainsFunc(controlPrefixes, func(prefix string) bool {
		rest, ok := strings.CutPrefix(path, prefix)
		return ok && (rest == "" || rest[0] == '/')
	})
}

// sender is what a request's headers say about who sends it.
type sender struct {
	browser bool // it carries a browser's marks
	sns     bool // it is a delivery of SNS's
}

func senderOf(r *http.Request) sender {
	s := sender{browser: strings.HasPrefix(r.UserAgent(), "Mozilla/")}
	for name := range r.Header {
		switch {
		case name == "Origin" || strings.HasPrefix(name, "Sec-Fetch-"):
			s.browser = true
		case strings.HasPrefix(name, "X-Amz-Sns-"):
			s.sns = true
		}
	}
	return s
}

// mayCallAWS is why a request does not reach AWS's API; nil: it does.
func (s *Server) mayCallAWS(r *http.Request, from sender) *api.Error {
	reason := ""
	switch {
	case from.sns:
		reason = snsRefused
	case from.browser:
		reason = s.pageRefused(r)
		if reason == "" && undeclared(r) && !declares(r) {
			reason = "a browser does not say by plain HTTP for which page it asks; use HTTPS, or localhost"
		}
	}
	if reason == "" {
		return nil
	}
	return errRefused.With("Refused by waxseal, not by AWS: " + reason + ".")
}

var errRefused = &api.Error{Code: "AccessDeniedException", QueryCode: "AccessDenied", Status: http.StatusForbidden, Common: true}

// mayShow reports whether a page's request may show, when it is looked at, that it may be
// made: of an object it is signed by whoever gave the page its URL or form, with the secret
// of an access key that was made here, or it is nobody's, and policies let anybody read. What
// asks whether a page may make a request is answered in S3's words: it may not.
func (s *Server) mayShow(in *incoming, r *http.Request, from sender) bool {
	if !in.call.Streams() || from.sns {
		return false
	}
	if r.Method == http.MethodOptions {
		return in.call.NamesBucket() && s.knownHost(r.Host)
	}
	_, isForm := in.call.FormBucket()
	isRead := r.Method == http.MethodGet || r.Method == http.MethodHead
	return isForm || in.signature == nil && isRead && s.knownHost(r.Host) || in.signature != nil && in.signature.Presigned
}

// isolatePages has a browser show whatever it is answered as a page of an origin of its
// own. An object may be a page that somebody has put there who may do nothing else, and
// in this server's origin its scripts could ask the control API for any credentials.
func isolatePages(w http.ResponseWriter, from sender) {
	if from.browser {
		w.Header().Set("Content-Security-Policy", "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts")
	}
}

// mayControl is why a request does not reach the control API; nil: it does.
func (s *Server) mayControl(r *http.Request) error {
	from := senderOf(r)
	if from.sns {
		return web.Refused(http.StatusForbidden, snsRefused)
	}
	if !s.knownHost(r.Host) {
		return web.Refused(http.StatusForbidden, "%s", s.hostRefused(r.Host))
	}
	if from.browser && !followsLink(r) {
		if reason := s.pageRefused(r); reason != "" {
			return web.Refused(http.StatusForbidden, "%s", reason)
		}
	}
	if s.config.ControlToken != "" && !isHealth(r) && !isPage(r) && !carries(r, s.config.ControlToken) {
		return web.Refused(http.StatusUnauthorized, "the control API wants the header Authorization: Bearer TOKEN, with the token that the server was started with (--control-token)")
	}
	return nil
}

const snsRefused = "what SNS delivers to an endpoint is not taken as a call"

func (s *Server) hostRefused(host string) string {
	return "this may be asked for by localhost, an IP address, a name without dots or one given by --allow-host, not by " + quoted(host)
}

// quoted is a name for a message, cut where it is longer than names are.
func quoted(name string) string {
	if len(name) > 255 {
		name = name[:255] + "…"
	}
	return `"` + name + `"`
}

// pageRefused is why a browser's request is refused: for it comes from a page of
// another origin, or by a name that a page's owner may have pointed here.
func (s *Server) pageRefused(r *http.Request) string {
	const foreign = "a page of another origin may not ask for this"
	if !s.knownHost(r.Host) {
		return s.hostRefused(r.Host)
	}
	for _, site := range r.Header["Sec-Fetch-Site"] {
		if site != "same-origin" && site != "none" {
			return foreign
		}
	}
	pages := r.Header["Origin"]
	if len(pages) == 0 && len(r.Header["Sec-Fetch-Site"]) == 0 {
		pages = r.Header["Referer"]
	}
	for _, page := range pages {
		if u, err := url.Parse(page); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return foreign
		}
	}
	return ""
}

// undeclared reports whether a request says nothing about the page that it comes from.
func undeclared(r *http.Request) bool {
	return len(r.Header["Origin"]) == 0 && len(r.Header["Sec-Fetch-Site"]) == 0 && len(r.Header["Referer"]) == 0
}

// declares reports whether today's browsers name a request's page wherever there
// is one: over TLS, and to the machine itself.
func declares(r *http.Request) bool {
	host := web.HostName(r.Host)
	ip := net.ParseIP(host)
	return r.TLS != nil || ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// knownHost reports whether a Host is a name that nobody outside can point here.
func (s *Server) knownHost(host string) bool {
	name := web.HostName(host)
	switch {
	case name == "":
		return false
	case net.ParseIP(name) != nil || !strings.Contains(name, "."):
		return true
	case strings.HasSuffix(name, ".localhost"):
		return true
	case name == localstack.Host || strings.HasSuffix(name, "."+localstack.Host):
		return true
	default:
		return slices.ContainsFunc(s.config.AllowHosts, func(allowed string) bool { return web.HostName(allowed) == name })
	}
}

// isHealth reports whether a request asks how the server is, which orchestrators
// ask that know no token.
func isHealth(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		(r.URL.Path == control.Prefix+"/health" || r.URL.Path == localstack.Prefix+"/health")
}

// carries reports whether a request has the token, in a time that does not tell
// how much of it is right.
func carries(r *http.Request, token string) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(given))), sha256.Sum256([]byte(token))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
