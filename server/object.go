package server

import (
	"crypto/tls"
	"net/http"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/sigv4"
)

// signedObject is a request for an object with its signature, which is not over the
// body itself. It implements dispatch.Signature.
type signedObject struct {
	sigv4.Object
	verifier *sigv4.Verifier
	// secret is what the signature was verified with; empty: it was not.
	secret string
}

func (s *signedObject) Claim() dispatch.Claim {
	return dispatch.Claim{AccessKeyID: s.AccessKeyID, SessionToken: s.SessionToken, Region: s.Region}
}

func (s *signedObject) Verify(secret string) *api.Error {
	s.secret = secret
	return s.verifier.VerifyObject(&s.Object, secret, clock.Real())
}

// InRegion is asked where the secret is not known: a presigned URL expires all the same.
func (s *signedObject) InRegion() *api.Error {
	if err := s.verifier.KnownRegion(&s.Object); err != nil || !s.Presigned {
		return err
	}
	return s.Timely(clock.Real())
}

func (s *signedObject) InScope(string) *api.Error { return nil } // the scope is why the call is the service's

// identifyObject finds out who makes a call whose dialect streams, and makes r's body
// one that is checked while it is read. sent is the request as it arrived.
func (s *Server) identifyObject(in *incoming, r, sent *http.Request, request *dispatch.Arrival, to *dispatch.Service, op *api.Operation) *api.Error {
	signed := &signedObject{Object: sigv4.Object{Signature: in.signature, Request: sent, Bucket: in.call.HostBucket()}, verifier: in.signatures}
	var signature dispatch.Signature
	if in.signature != nil {
		signature = signed
	} else if err := sigv4.IncompleteV2(r); err != nil {
		return err
	}
	request.Auth = signed.Auth(clock.Real())
	if r.TLS != nil {
		request.Auth.TLSVersion = strings.TrimPrefix(tls.VersionName(r.TLS.Version), "TLS ")
	}
	if err := in.Dispatcher.Authenticate(r.Context(), &request.Request, signature, to, op); err != nil {
		return sigv4.ObjectError(err, in.signature)
	}
	sent.Body = r.Body
	body, err := in.signatures.Body(&signed.Object, signed.secret)
	if err != nil {
		return err
	}
	r.Body = body
	dechunked(r, body)
	return nil
}

// dechunked makes the headers of a request those of its body without its pieces [S093].
func dechunked(r *http.Request, body *api.Body) {
	if r.Header.Get("X-Amz-Decoded-Content-Length") == "" {
		return
	}
	var encodings []string
	for part := range strings.SplitSeq(strings.Join(r.Header["Content-Encoding"], ","), ",") {
		if part = strings.TrimSpace(part); part != "" && !strings.EqualFold(part, "aws-chunked") {
			encodings = append(encodings, part)
		}
	}
	r.Header = r.Header.Clone()
	r.Header.Del("Content-Encoding")
	if encodings != nil {
		r.Header.Set("Content-Encoding", strings.Join(encodings, ","))
	}
	r.ContentLength = body.Length()
	r.Header.Set("Content-Length", strconv.FormatInt(body.Length(), 10))
}
