package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/trail"
)

var errExpiredToken = &api.Error{
	Code: "ExpiredTokenException", QueryCode: "ExpiredToken", Status: http.StatusForbidden, Common: true,
	Message: "The security token included in the request is expired",
}

// identify finds out who calls and makes the environment of the call. A key
// that was made here acts as its principal, and its signature is verified; any
// other acts as a root user; an unsigned request is anonymous.
func (s *Server) identify(w *world, r *http.Request, signature *sigv4.Signature, body []byte, to *service, op *api.Operation) (*arrival, *api.Error) {
	request := &arrival{Request: api.Request{
		Region:          s.region(r, signature),
		Time:            s.config.Clock.Now(),
		SecureTransport: r.TLS != nil,
		SourceIP:        sourceIP(r),
		UserAgent:       r.UserAgent(),
		Referer:         r.Referer(),
		BaseURL:         s.baseURL(r),
		TraceHeader:     r.Header.Get("X-Amzn-Trace-Id"),
	}}
	if signature == nil {
		if !to.Unsigned && !op.Unsigned {
			return nil, sigv4.ErrMissing
		}
		request.Caller, request.Account = identity.Anonymous(), s.config.Account
		return request, nil
	}
	caller, err := s.caller(w, r, signature, body, request.Region, to)
	if err != nil {
		return nil, err
	}
	request.Caller, request.Account = caller, caller.Account
	return request, nil
}

// maxAccessKey is the length of the longest access key id that AWS's API takes.
const maxAccessKey = 128

// caller is the principal of a signed request.
func (s *Server) caller(w *world, r *http.Request, signature *sigv4.Signature, body []byte, region string, to *service) (*api.Caller, *api.Error) {
	account := s.config.Account
	if len(signature.AccessKeyID) > maxAccessKey {
		return nil, sigv4.ErrToken
	}
	if arn.IsAccountID(signature.AccessKeyID) {
		account = signature.AccessKeyID
	}
	c, root, err := w.identity.Signer(r.Context(), signature.AccessKeyID, account, region)
	switch {
	case err != nil:
		return nil, api.AsError(err)
	case c == nil && s.config.Strict.Credentials:
		return nil, sigv4.ErrToken
	case c == nil:
		if err := signature.InRegion(s.config.Regions); err != nil {
			return nil, s.noticeRegion(r.Context(), w, signature.Region, err)
		}
		s.noticeStranger(r.Context(), w, signature)
		return root, nil
	case c.Status == identity.Expired:
		s.noticeTurned(r.Context(), w, c.Expires)
		return nil, errExpiredToken
	case c.Status != identity.Active, !c.TokenMatches(signature.SessionToken):
		return nil, sigv4.ErrToken
	}
	if err := w.signatures.Verify(signature, r, body, c.Secret, clock.Real()); err != nil {
		return nil, s.noticeRegion(r.Context(), w, signature.Region, err)
	}
	if err := signature.InScope(to.Name); err != nil {
		return nil, err
	}
	if err := w.identity.Used(r.Context(), c.Caller, to.Name, region); err != nil {
		return nil, api.AsError(err)
	}
	return c.Caller, nil
}

// noticeStranger tells the log, once in a world, of temporary credentials that
// were not made in it: they act as the root user, as every unknown access key
// does, and whoever holds them from before a reset hardly means that.
func (s *Server) noticeStranger(ctx context.Context, w *world, signature *sigv4.Signature) {
	if signature.SessionToken == "" || !strings.HasPrefix(signature.AccessKeyID, "ASIA") {
		return
	}
	w.stranger.Do(func() {
		s.log.LogAttrs(ctx, slog.LevelWarn, "temporary credentials that were not made here, or before a reset, act as the root user; --strict credentials refuses them",
			slog.String("accessKeyId", signature.AccessKeyID))
	})
}

// noticeTurned tells the log, once for each turn of the clock, of a session that
// would not have expired yet if nobody had turned it.
func (s *Server) noticeTurned(ctx context.Context, w *world, expired time.Time) {
	offset := s.config.Clock.Offset()
	if clock.Real().Before(expired) && w.noticed.first("expired "+offset.String()) {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a session has expired by waxseal's clock, which was turned: get fresh credentials, or turn it back",
			slog.Time("expired", expired), slog.String("aheadOfRealTime", offset.String()))
	}
}

// noticeRegion tells the log, once for each, of a region that is refused and
// how it can be had. It answers refused.
func (s *Server) noticeRegion(ctx context.Context, w *world, region string, refused *api.Error) *api.Error {
	if _, known := s.config.Regions.Find(region); !known && w.noticed.first("region "+trail.Cut(region, maxRegion)) {
		s.log.LogAttrs(ctx, slog.LevelWarn, "requests for a region that AWS does not have are refused; --allow-region allows it", slog.String("region", trail.Cut(region, maxRegion)))
	}
	return refused
}

// maxRegion is as much of what is no region's name as the log is told.
const maxRegion = 64

// region is that of the credential scope, else of a host such as
// sqs.eu-west-1.localhost, else the default. A region of the credential scope
// that is none is refused when the caller is known.
func (s *Server) region(r *http.Request, signature *sigv4.Signature) string {
	if signature != nil && signature.Region != "" {
		region, _ := s.config.Regions.Find(signature.Region)
		return region
	}
	if labels := strings.SplitN(r.Host, ".", 3); len(labels) > 1 {
		if region, ok := s.config.Regions.Find(labels[1]); ok {
			return region
		}
	}
	return s.config.Region
}
