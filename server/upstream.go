package server

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/trail"
)

// errUpstream answers what could not be passed on.
var errUpstream = &api.Error{Code: "BadGatewayException", QueryCode: "BadGateway", Status: http.StatusBadGateway, Common: true, Fault: api.Receiver}

// passOn passes a request for a service that is not emulated on to the neighbor, where
// there is one, and reports whether it did.
func (s *Server) passOn(w http.ResponseWriter, r *http.Request, in *incoming) bool {
	if s.upstream == nil || in.through != nil {
		return false
	}
	name := s.elsewhere(in, r)
	if name == "" || in.own(w, r, name) {
		return false
	}
	began := clock.Real()
	s.upstream.Pass(w, r, func(err error) { s.writeUnpassed(w, r, in, name, err) })
	s.log.Debug("request passed on", "method", r.Method, "service", name, "operation", trail.Cut(in.call.Operation, maxName), "took", clock.Real().Sub(began))
	return true
}

// writeUnpassed answers that the neighbor could not be called, in the form of the
// protocol that the service speaks.
func (s *Server) writeUnpassed(w http.ResponseWriter, r *http.Request, in *incoming, name string, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	reason := err.Error()
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		reason = "nobody answers: " + dial.Error()
	}
	if in.noticed.First("upstream " + reason) {
		s.log.Warn("a call cannot be passed on", "service", name, "upstream", s.upstream.URL(), "reason", reason)
	}
	id := s.config.IDs.UUID()
	failed := errUpstream.With("waxseal passes calls of " + name + " on to " + s.upstream.URL() + ", and " + reason + ".")
	s.writeError(w, r, in, failed, id)
}

// writeError answers a call with an error, in the form of the protocol that the service
// speaks which it is for, and returns the status: of one that is not emulated that is JSON
// where nothing speaks for XML.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, in *incoming, e *api.Error, id string) (status int) {
	name := s.elsewhere(in, r)
	if name == "" || in.call.Target() != "" || spokenAsXML(r, name) {
		return in.call.WriteError(w, e, id)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", e.Code)
	w.Header().Set("X-Amzn-Requestid", id)
	w.WriteHeader(e.HTTPStatus())
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": e.Code, "message": e.Message}) // a client that is gone does not read it
	return e.HTTPStatus()
}

// spokenAsXML reports whether a service's errors are in XML: those of Query and of
// REST-XML, which Route 53 and CloudFront speak beside S3.
func spokenAsXML(r *http.Request, service string) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || r.URL.Query().Has("Action") ||
		service == "route53" || service == "cloudfront" || strings.HasPrefix(service, "s3")
}
