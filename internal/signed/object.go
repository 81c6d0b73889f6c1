// Package signed is the signatures of requests for objects as the dispatcher asks them: of a
// request as it came, or of the form that it came as. What their rules are
// internal/sigv4 and internal/postform say.
package signed

import (
	"crypto/tls"
	"net/http"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/postform"
	"github.com/waxseal/waxseal/internal/sigv4"
)

// Object is a request for an object with its signature, which is not over the body
// itself. It implements dispatch.Signature.
type Object struct {
	sigv4.Object
	Verifier *sigv4.Verifier
	// Form is what the request came as; nil: as itself.
	Form *postform.Form

	// secret is what the signature was verified with; empty: it was not.
	secret   string
	verified bool
}

// Proves reports whether the request was made by somebody who has the secret of an access
// key that was made here.
func (o *Object) Proves() bool { return o.verified }

// Claim implements dispatch.Signature.
func (o *Object) Claim() dispatch.Claim {
	return dispatch.Claim{AccessKeyID: o.AccessKeyID, SessionToken: o.SessionToken, Region: o.Region}
}

// Verify implements dispatch.Signature.
func (o *Object) Verify(secret string) *api.Error {
	err := o.verify(secret)
	o.verified = err == nil
	return err
}

func (o *Object) verify(secret string) *api.Error {
	if o.Form != nil {
		if err := o.Form.Verify(o.Verifier, secret); err != nil {
			return err
		}
		return o.Form.Check()
	}
	o.secret = secret
	return o.Verifier.VerifyObject(&o.Object, secret, clock.Real())
}

// InRegion implements dispatch.Signature. It is asked where the secret is not known: a
// presigned URL and a form expire all the same.
func (o *Object) InRegion() *api.Error {
	err := o.Verifier.KnownRegion(&o.Object)
	switch {
	case err != nil:
		return err
	case o.Form != nil:
		return o.Form.Check()
	case o.Presigned:
		return o.Timely(clock.Real())
	}
	return nil
}

// InScope implements dispatch.Signature: the scope is why the call is the service's.
func (o *Object) InScope(string) *api.Error { return nil }

// Authenticate finds out who makes a call by d. The request's Auth says how.
func (o *Object) Authenticate(d *dispatch.Dispatcher, request *api.Request, to *dispatch.Service, op *api.Operation) *api.Error {
	var signature dispatch.Signature
	if o.Signature != nil {
		signature = o
	}
	if o.Form == nil {
		if err := o.Incomplete(); err != nil {
			return err
		}
	}
	request.Auth = o.Auth(clock.Real())
	if o.Form != nil {
		request.Auth.Type = "POST"
	}
	if o.Request.TLS != nil {
		request.Auth.TLSVersion = strings.TrimPrefix(tls.VersionName(o.Request.TLS.Version), "TLS ")
	}
	if err := d.Authenticate(o.Request.Context(), request, signature, to, op); err != nil {
		return sigv4.ObjectError(err, o.Signature)
	}
	return nil
}

// Check makes r's body one that is checked while it is read. A form's is already.
func (o *Object) Check(r *http.Request) *api.Error {
	if o.Form != nil {
		return nil
	}
	sent := *o.Request
	sent.Body = r.Body
	o.Request = &sent
	body, err := o.Verifier.Body(&o.Object, o.secret)
	if err != nil {
		return err
	}
	r.Body = body
	dechunk(r, body)
	return nil
}

// dechunk makes the headers of a request those of its body without its pieces [S093].
func dechunk(r *http.Request, body *api.Body) {
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
