package server

import (
	"crypto/tls"
	"net/http"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/postform"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/wire"
)

// incoming is a request as far as its head tells, before its body is read.
type incoming struct {
	*generation
	call *wire.Call
	// signature is who signed it; nil: nobody, or unreadable says why nobody can tell.
	signature  *sigv4.Signature
	unreadable *api.Error
	// form is what the request came as; nil: as itself.
	form *postform.Form
	// sent is the request that the signature is over, in a dialect that streams.
	sent *http.Request
	// through is the VPC endpoint that the request comes through; nil: none.
	through *passage
	// unless is why the request is refused unless it shows that a page may make it; nil: it
	// need not.
	unless *api.Error
	// room is for what call and signature are, and what verifies it.
	room struct {
		call      wire.Call
		signature sigv4.Signature
		signed    signedRequest
	}
}

// requests are used again: nothing refers to one once it is answered.
var requests = sync.Pool{New: func() any { return new(incoming) }}

func (s *Server) incoming(r *http.Request) *incoming {
	in := requests.Get().(*incoming)
	in.generation = s.present()
	scope := ""
	if in.signature, in.unreadable = sigv4.ParseInto(&in.room.signature, r); in.signature != nil {
		scope = in.signature.Service
	}
	in.call = in.router.MatchInto(&in.room.call, r, scope)
	return in
}

func (in *incoming) release() {
	*in = incoming{}
	requests.Put(in)
}

// serveAWS answers what is asked of AWS: API calls where their dialect has a path
// for them, and SNS's certificate. through is the VPC endpoint that the request
// comes through; nil: none.
func (s *Server) serveAWS(w http.ResponseWriter, r *http.Request, through *passage) {
	from := senderOf(r)
	refused := s.mayCallAWS(r, from)
	if refused == nil && through == nil && isCertificate(r) {
		s.snsCertificate(w, r)
		return
	}
	isolatePages(w, from)
	in := s.incoming(r)
	in.through = through
	s.keepTo(in, in.call.Scope)
	if refused != nil && s.mayShow(in, r, from) {
		in.unless, refused = refused, nil
	}
	switch {
	case refused == nil && in.unless == nil && s.passOn(w, r, in):
	case refused == nil && in.call.HasPath():
		s.serveCall(w, r, in)
	default:
		s.serveNothing(w, r, in, refused)
	}
	in.release() // but not where this panics
}

// serveNothing answers a call that is refused, or where there is nothing to call.
// A path that AWS does not have may come of an endpoint's URL that means somebody
// else's server: what the call asks for is not to be done here.
func (s *Server) serveNothing(w http.ResponseWriter, r *http.Request, in *incoming, refused *api.Error) {
	_ = in.call.Read(nil)                              // whatever is wrong with it, it is refused
	operation := trail.Cut(in.call.Operation, maxName) // a client makes up what it likes, here and below
	if refused == nil {
		refused = s.notEmulated(in, r, wire.ErrNothingThere)
		path := trail.Cut(r.URL.Path, maxLogged)
		// Of a service that is not emulated the log was told its name.
		if refused == wire.ErrNothingThere && in.refused.First("path "+path) {
			s.log.Warn("a call to a path that AWS has nothing at is not served; is the endpoint's URL right?", "path", path, "operation", operation)
		}
	} else {
		s.logRefused(r, in, refused)
	}
	s.writeError(w, r, in, refused, s.config.IDs.UUID())
}

// logRefused tells the log, once of each page, that a page's call is refused.
func (s *Server) logRefused(r *http.Request, in *incoming, refused *api.Error) {
	host, origin := trail.Cut(r.Host, maxLogged), trail.Cut(r.Header.Get("Origin"), maxLogged)
	if in.refused.First("page " + host + " " + origin + " " + refused.Message) {
		s.log.Warn("a call is refused", "host", host, "origin", origin, "operation", trail.Cut(in.call.Operation, maxName), "reason", refused.Message)
	}
}

// serveCall answers an API call: it reads it, finds out who calls, and prints
// what the dispatcher answers.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, in *incoming) {
	a := answered{id: s.config.IDs.UUID(), began: clock.Real()}
	body := bodies.Get().(*[]byte)
	defer keepBody(body)
	out, err := s.perform(w, r, in, body, &a)
	if err != nil {
		if err == in.unless {
			s.logRefused(r, in, err)
		}
		status := s.writeError(w, r, in, err, a.id)
		s.logCall(r, in.call, &a, status, err.Code)
		return
	}
	in.call.WriteResult(w, out, a.id)
	s.logCall(r, in.call, &a, http.StatusOK, "")
}

// bodies hold what calls carry while they last: what is decoded is a copy.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// keepBody keeps a buffer for the next call, unless an unusually large body made it large.
func keepBody(body *[]byte) {
	if cap(*body) <= 64<<10 {
		bodies.Put(body)
	}
}

// perform takes a call through its stages: what it asks for, who calls, what the
// input is, and all that the dispatcher does. What it finds out of them it
// writes into a; the service stays nil where the call is for none. It reads the
// body into buffer.
func (s *Server) perform(w http.ResponseWriter, r *http.Request, in *incoming, buffer *[]byte, a *answered) (any, *api.Error) {
	r, err := s.streamed(w, r, in)
	if err != nil {
		return nil, err
	}
	c := in.call
	body, err := s.find(w, r, in, buffer, a)
	if err != nil {
		return nil, err
	}
	if form, ok := c.Form(); ok && in.signature == nil {
		in.signature = sigv4.ParseForm(form)
	}
	request, err := s.identify(in, r, body, a.service, c.Op)
	if err != nil {
		return nil, err
	}
	a.caller = request.Caller
	request.ID = a.id
	if member := c.ResourceMember(); member != "" {
		c.Default(member, request.BaseURL+r.URL.Path)
	}
	input, violations, err := c.Decode(c.Op.In)
	if err != nil {
		return nil, err
	}
	if len(violations) > 0 {
		return nil, a.service.InvalidInput(r.Context(), request, input, violations)
	}
	out, failed := in.Dispatcher.Do(r.Context(), &dispatch.Call{Service: a.service, Operation: c.Op, Request: request, Input: input, TLS: tlsDetails(r)})
	if failed != nil {
		return nil, api.AsError(failed)
	}
	return out, nil
}

// find finds out what a call asks for. The body, read into buffer, is nil where
// the dialect streams it to the operation.
func (s *Server) find(w http.ResponseWriter, r *http.Request, in *incoming, buffer *[]byte, a *answered) (body []byte, err *api.Error) {
	c := in.call
	if !c.Streams() {
		if body, err = web.ReadBody(w, r, *buffer); err != nil {
			return nil, err
		}
		if body != nil {
			*buffer = body
		}
	}
	if err := c.Read(body); err != nil {
		return nil, s.notEmulated(in, r, err)
	}
	err = c.Find()
	if c.Service != nil {
		a.service = in.Dispatcher.Service(c.Service.Name)
		s.keepTo(in, c.Service.Name)
	}
	switch {
	case in.unreadable != nil:
		return nil, in.unreadable
	case a.service == nil || err != nil && a.service.Own != nil:
		return nil, s.notEmulated(in, r, err)
	default:
		return body, err
	}
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
