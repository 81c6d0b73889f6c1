package server

import (
	"net/http"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/postform"
	"github.com/waxseal/waxseal/internal/signed"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/wire"
)

// streamed is the request of a call whose dialect streams: with a body that must not be
// silent for long, and in place of a form with what that stands for.
func (s *Server) streamed(w http.ResponseWriter, r *http.Request, in *incoming) (*http.Request, *api.Error) {
	if !in.call.Streams() {
		return r, nil
	}
	// The request itself keeps its body: net/http looks at it to see whether a client still
	// waits to be told to send it.
	copied := *r
	r = &copied
	r.Body = web.StreamBody(w, r)
	in.sent = r
	r = in.object(r).WithParameters(r)
	in.call.GoOn(r)
	bucket, ok := in.call.FormBucket()
	if !ok {
		return r, nil
	}
	form, err := postform.Read(r, bucket, clock.Real())
	if err != nil {
		return nil, err
	}
	put, err := form.Request(r, in.call.HostBucket() != "")
	if err != nil {
		return nil, err
	}
	answer := &wire.Form{Bucket: bucket, Key: form.Key, Location: in.call.FormLocation(s.baseURLs.Of(r), bucket, form.Key)}
	answer.Status, answer.Redirect = form.Answer()
	in.form, in.signature, in.unreadable = form, form.Signature, nil
	in.sent = put
	in.call.GoOn(put)
	in.call.AnswerForm(answer)
	return put, nil
}

// object is a request for an object with its signature.
func (in *incoming) object(r *http.Request) *signed.Object {
	return &signed.Object{
		Object: sigv4.Object{
			Signature: in.signature, Request: r, Bucket: in.call.HostBucket(), HostRegion: in.call.HostRegion(), Parts: in.call.Subresources(),
		},
		Verifier: in.signatures, Form: in.form,
	}
}

// identifyObject finds out who makes a call whose dialect streams, and makes r's body
// one that is checked while it is read. sent is the request as it arrived.
func (s *Server) identifyObject(in *incoming, r, sent *http.Request, request *api.Request, to *dispatch.Service, op *api.Operation) *api.Error {
	o := in.object(sent)
	if err := o.Authenticate(in.Dispatcher, request, to, op); err != nil {
		return err
	}
	if in.unless != nil && !o.Proves() && !(o.Signature == nil && op.ReadOnly) {
		return in.unless
	}
	return o.Check(r)
}
