package server

import (
	"net/http"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/web"
)

// identify makes the environment of a call and finds out who makes it.
func (s *Server) identify(in *incoming, r *http.Request, body []byte, to *dispatch.Service, op *api.Operation) (*api.Request, *api.Error) {
	request := &api.Request{
		Region:          s.region(r, in),
		Time:            s.config.Clock.Now(),
		SecureTransport: r.TLS != nil,
		SourceIP:        web.SourceIP(r),
		UserAgent:       r.UserAgent(),
		Referer:         r.Referer(),
		BaseURL:         s.baseURLs.Of(r),
		TraceHeader:     r.Header.Get("X-Amzn-Trace-Id"),
	}
	sent := r
	if in.call.Streams() {
		sent = in.sent
	}
	if in.through != nil {
		s.arrive(in.generation, in.through, request)
		sent = in.through.sent
	}
	if in.call.Streams() {
		if err := s.identifyObject(in, r, sent, request, to, op); err != nil {
			return nil, err
		}
		return request, nil
	}
	var signed dispatch.Signature
	if in.signature != nil {
		in.room.signed = signedRequest{in.signature, in.signatures, s.config.Regions, sent, body}
		signed = &in.room.signed
	}
	if err := in.Dispatcher.Authenticate(r.Context(), request, signed, to, op); err != nil {
		return nil, err
	}
	return request, nil
}

// signedRequest is a request with its signature. It implements dispatch.Signature.
type signedRequest struct {
	*sigv4.Signature
	verifier *sigv4.Verifier
	regions  *arn.Regions
	request  *http.Request
	body     []byte
}

func (s *signedRequest) Claim() dispatch.Claim {
	return dispatch.Claim{AccessKeyID: s.AccessKeyID, SessionToken: s.SessionToken, Region: s.Region}
}

func (s *signedRequest) InRegion() *api.Error { return s.Signature.InRegion(s.regions) }

func (s *signedRequest) Verify(secret string) *api.Error {
	return s.verifier.Verify(s.Signature, s.request, s.body, secret, clock.Real())
}

// region is that of the credential scope, else of the VPC endpoint or of a host such
// as sqs.eu-west-1.localhost, else the default. A region of the credential scope
// that is none is refused when the caller is known.
func (s *Server) region(r *http.Request, in *incoming) string {
	if in.signature != nil && in.signature.Region != "" {
		region, _ := s.config.Regions.Find(in.signature.Region)
		return region
	}
	if in.through != nil {
		return in.through.endpoint.Region
	}
	if region := in.call.HostRegion(); region != "" {
		return region
	}
	if labels := strings.SplitN(r.Host, ".", 3); len(labels) > 1 {
		if region, ok := s.config.Regions.Find(labels[1]); ok {
			return region
		}
	}
	return s.config.Region
}
