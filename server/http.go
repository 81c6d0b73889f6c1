package server

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/wire"
)

const (
	// maxBody is the most that a request may carry, in bytes: a message of 1 MiB
	// every byte of which is escaped, and what stands around it.
	maxBody = 8 << 20
	// bodyTimeout is how long a request's body may take.
	bodyTimeout = 60 * time.Second
)

var (
	errTooLarge = &api.Error{
		Code: "RequestEntityTooLargeException", QueryCode: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge, Common: true,
		Message: "The request body is larger than the service accepts.",
	}
	errIncompleteBody = &api.Error{
		Code: "RequestTimeoutException", QueryCode: "RequestTimeout", Status: http.StatusRequestTimeout, Common: true,
		Message: "The request body did not arrive whole and in time.",
	}
)

// serveAWS answers what is asked of AWS, which has something at its root, at the
// URLs of queues, and at that of SNS's certificate.
func (s *Server) serveAWS(w http.ResponseWriter, r *http.Request) {
	refused := s.mayCallAWS(r)
	switch path := r.URL.Path; {
	case refused == nil && (isRoot(path) || isResourcePath(path)):
		s.serveCall(w, r)
	case refused == nil && isCertificate(r):
		s.snsCertificate(w, r)
	default:
		s.serveNothing(w, r, refused)
	}
}

// serveNothing answers a call that is refused, or where there is nothing to call.
// A path that AWS does not have may come of an endpoint's URL that means somebody
// else's server: what the call asks for is not to be done here.
func (s *Server) serveNothing(w http.ResponseWriter, r *http.Request, refused *api.Error) {
	call, _ := wire.Identify(r, nil) // the form of the answer is all that is wanted
	s.inWorld(func(w *world) {
		operation := trail.Cut(call.Operation, maxName) // a client makes up what it likes, here and below
		if refused == nil {
			refused = s.notEmulated(w, r, call, wire.ErrNothingThere)
			if path := trail.Cut(r.URL.Path, maxLogged); w.refused.First("path " + path) {
				s.log.Warn("a call to a path that AWS has nothing at is not served; is the endpoint's URL right?", "path", path, "operation", operation)
			}
			return
		}
		host, origin := trail.Cut(r.Host, maxLogged), trail.Cut(r.Header.Get("Origin"), maxLogged)
		if w.refused.First("page " + host + " " + origin + " " + refused.Message) {
			s.log.Warn("a call is refused", "host", host, "origin", origin, "operation", operation, "reason", refused.Message)
		}
	})
	call.WriteError(w, nil, refused, s.config.IDs.UUID())
}

// serveCall answers an API call: it decodes it, finds out who calls, and prints
// what the dispatcher answers.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request) {
	s.worldLock.RLock()
	world := s.world
	s.worldLock.RUnlock()

	id := s.config.IDs.UUID()
	body, tooBad := readBody(w, r)
	call, err := wire.Identify(r, body)
	if tooBad != nil {
		err = tooBad
	} else if err != nil {
		err = s.notEmulated(world, r, call, err)
	}
	a := answered{id: id, began: clock.Real()}
	if err == nil {
		var out any
		out, err = s.perform(world, r, call, body, &a)
		if err == nil {
			call.WriteResult(w, a.service.Service, out, id)
			s.logCall(r, call, &a, nil)
			return
		}
	}
	err = adjusted(a.service, err)
	call.WriteError(w, described(a.service), err, id)
	s.logCall(r, call, &a, err)
}

// perform takes a call through its stages: which operation, who calls, what the
// input is, and all that the dispatcher does. What it finds out of them it
// writes into a; the service stays nil where the call is for none.
func (s *Server) perform(w *world, r *http.Request, c *wire.Call, body []byte, a *answered) (any, *api.Error) {
	signature, err := sigv4.Parse(r)
	if err != nil {
		a.service = s.serviceOf(w, r, c, nil)
		return nil, err
	}
	if signature == nil && c.Protocol != wire.JSON {
		signature = sigv4.ParseForm(body)
	}
	service := s.serviceOf(w, r, c, signature)
	a.service = service
	if service == nil {
		return nil, s.notEmulated(w, r, c, c.UnknownOperation(nil))
	}
	if err := c.WrongVersion(service.Service); err != nil {
		return nil, err
	}
	op := service.Operation(c.Operation)
	atResource := service.PathMember != "" && isResourcePath(r.URL.Path)
	if op == nil || op.AtRoot && atResource && c.Protocol != wire.JSON {
		return nil, c.UnknownOperation(service.Service)
	}
	request, err := s.identify(w, r, signature, body, service, op)
	if err != nil {
		return nil, err
	}
	a.caller = request.Caller
	request.ID = a.id
	if atResource {
		c.Default(service.PathMember, request.BaseURL+r.URL.Path)
	}
	in, violations, err := c.Decode(op.In)
	if err != nil {
		return nil, err
	}
	if len(violations) > 0 {
		return nil, service.InvalidInput(r.Context(), &request.Request, in, violations)
	}
	out, failed := w.dispatcher.Do(r.Context(), &dispatch.Call{Service: service, Operation: op, Request: &request.Request, Input: in, Record: &request.Record, TLS: tlsDetails(r)})
	if failed != nil {
		return nil, api.AsError(failed)
	}
	return out, nil
}

// readBody reads the whole body within its time and size.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *api.Error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	// A connection in memory has no deadlines, and needs none.
	connection, timed := w.(interface{ SetReadDeadline(time.Time) error })
	if timed {
		_ = connection.SetReadDeadline(clock.Real().Add(bodyTimeout))
	}
	var body []byte
	var err error
	if n := r.ContentLength; n > 0 && n <= maxBody {
		body = make([]byte, n)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	}
	if timed {
		_ = connection.SetReadDeadline(time.Time{})
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errIncompleteBody
	}
	return body, nil
}

// serviceOf is the service that a call is for, or nil. JSON names it in
// X-Amz-Target. A Query call tells it by its credential scope, its Version, its
// path, or at last by an Action that one service alone has.
func (s *Server) serviceOf(w *world, r *http.Request, c *wire.Call, signature *sigv4.Signature) *dispatch.Service {
	if c.Protocol == wire.JSON {
		return w.index.byTarget[c.Target]
	}
	if signature != nil {
		if s := w.dispatcher.Service(signature.Service); s != nil && c.Speaks(s.Service) {
			return s
		}
	}
	if s := w.index.byVersion[c.Version]; s != nil {
		return s
	}
	if isResourcePath(r.URL.Path) {
		return w.index.byPath
	}
	return w.index.byAction[c.Operation]
}

// isRoot reports whether a path is the root. Clients that join an endpoint's URL
// and a path carelessly ask for more than one slash.
func isRoot(path string) bool { return strings.Trim(path, "/") == "" }

// isResourcePath reports whether a path is /ACCOUNT/NAME, or the form that
// LocalStack gives a queue's URL by its path strategy: /queue/REGION/ACCOUNT/NAME.
func isResourcePath(path string) bool {
	path = strings.Trim(path, "/")
	if rest, ok := strings.CutPrefix(path, "queue/"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	account, name, ok := strings.Cut(path, "/")
	return ok && name != "" && !strings.Contains(name, "/") && arn.IsAccountID(account)
}

// described is the service as wire knows it; nil for none.
func described(s *dispatch.Service) *api.Service {
	if s == nil {
		return nil
	}
	return s.Service
}

// adjusted is an error with the status that the service gives it: those that
// speak JSON alone answer 400 to every mistake of a client [C1].
func adjusted(s *dispatch.Service, e *api.Error) *api.Error {
	if s == nil || s.Query != nil || !e.Common || e.HTTPStatus() >= http.StatusInternalServerError || e.Status == http.StatusRequestEntityTooLarge {
		return e
	}
	c := *e
	c.Status = http.StatusBadRequest
	return &c
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// base is how a caller reached this server.
type base struct {
	host   string
	secure bool
	url    string
}

// baseURL is scheme://host[:port] as the client called. Most call as the one before.
func (s *Server) baseURL(r *http.Request) string {
	if last := s.lastBase.Load(); last != nil && last.host == r.Host && last.secure == (r.TLS != nil) {
		return last.url
	}
	b := &base{r.Host, r.TLS != nil, "http://" + r.Host}
	if b.secure {
		b.url = "https://" + r.Host
	}
	s.lastBase.Store(b)
	return b.url
}

func tlsDetails(r *http.Request) *trail.TLSDetails {
	if r.TLS == nil {
		return nil
	}
	return &trail.TLSDetails{
		TLSVersion:               strings.ReplaceAll(tls.VersionName(r.TLS.Version), "TLS 1.", "TLSv1."),
		CipherSuite:              tls.CipherSuiteName(r.TLS.CipherSuite),
		ClientProvidedHostHeader: r.Host,
	}
}
