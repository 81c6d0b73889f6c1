package dispatch

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/trail"
)

// Signature is the signature of a request, as package server has read it.
type Signature interface {
	// Claim is what the signature says about its maker.
	Claim() Claim
	// Verify checks that it was made with a secret access key.
	Verify(secret string) *api.Error
	// InRegion refuses a credential scope whose region does not exist. Verify does so too.
	InRegion() *api.Error
	// InScope refuses a credential scope of another service than the one that is called.
	InScope(service string) *api.Error
}

// Claim is what a signature says about its maker. What it does not say is empty.
type Claim struct {
	AccessKeyID, SessionToken string
	Region                    string // of the credential scope
}

// maxAccessKey is the length of the longest access key id that AWS's API takes.
const maxAccessKey = 128

// Authenticate finds out who makes a request for an operation, and sets the request's
// Caller and Account; its Region is set already. A key that was made here acts as its
// principal, and its signature is verified; any other acts as a root user. A request
// without a signature is anonymous, where the operation allows that.
func (d *Dispatcher) Authenticate(ctx context.Context, r *api.Request, signature Signature, to *Service, op *api.Operation) *api.Error {
	if signature == nil {
		if !to.Unsigned && !op.Unsigned {
			return api.ErrMissingToken
		}
		r.Caller, r.Account = identity.Anonymous(), d.config.Account
		return nil
	}
	caller, generation, err := d.signer(ctx, signature, r.Region, to)
	if err != nil {
		return err
	}
	r.Caller, r.Account, r.Generation = caller, caller.Account, generation
	return nil
}

// signer is the principal of a signed request, and the generation of the
// identities in which it was found.
func (d *Dispatcher) signer(ctx context.Context, signature Signature, region string, to *Service) (caller *api.Caller, generation string, refused *api.Error) {
	claim, account := signature.Claim(), d.config.Account
	if len(claim.AccessKeyID) > maxAccessKey {
		return nil, "", api.ErrInvalidToken
	}
	if arn.IsAccountID(claim.AccessKeyID) {
		account = claim.AccessKeyID
	}
	signer, err := d.config.Identity.Signer(ctx, claim.AccessKeyID, account, region)
	c := signer.Credentials
	switch {
	case err != nil:
		return nil, "", api.AsError(err)
	case c == nil && d.config.StrictCredentials:
		return nil, "", api.ErrInvalidToken
	case c == nil:
		if err := signature.InRegion(); err != nil {
			return nil, "", d.noticeRegion(ctx, claim.Region, err)
		}
		d.noticeUnknownSession(ctx, claim)
		return signer.Root, signer.Generation, nil
	case c.Status == identity.Expired:
		d.noticeTurned(ctx, c.Expires)
		return nil, "", api.ErrExpiredToken
	case c.Status != identity.Active:
		return nil, "", api.ErrInvalidToken
	case !c.TokenMatches(claim.SessionToken):
		return nil, "", api.ErrWrongToken
	}
	if err := signature.Verify(c.Secret); err != nil {
		return nil, "", d.noticeRegion(ctx, claim.Region, err)
	}
	if err := signature.InScope(to.Name); err != nil {
		return nil, "", err
	}
	if err := d.config.Identity.Used(ctx, c.Caller, to.Name, region); err != nil {
		return nil, "", api.AsError(err)
	}
	return c.Caller, signer.Generation, nil
}

// noticeUnknownSession logs once that temporary credentials were not made in this
// state: they act as the root user, as every unknown access key does, which a client
// that holds them from before a reset does not expect.
func (d *Dispatcher) noticeUnknownSession(ctx context.Context, c Claim) {
	if c.SessionToken == "" || !strings.HasPrefix(c.AccessKeyID, "ASIA") {
		return
	}
	d.unknownSession.Do(func() {
		d.config.Log.LogAttrs(ctx, slog.LevelWarn, "temporary credentials that were not made here, or before a reset, act as the root user; --strict credentials refuses them",
			slog.String("accessKeyId", c.AccessKeyID))
	})
}

// noticeTurned logs, once for each turn of the clock, that a session has expired
// only because the clock was turned.
func (d *Dispatcher) noticeTurned(ctx context.Context, expired time.Time) {
	offset := d.config.Clock.Offset()
	if clock.Real().Before(expired) && d.noticed.First("expired "+offset.String()) {
		d.config.Log.LogAttrs(ctx, slog.LevelWarn, "a session has expired by waxseal's clock, which was turned: get fresh credentials, or turn it back",
			slog.Time("expired", expired), slog.String("aheadOfRealTime", offset.String()))
	}
}

// noticeRegion logs, once for each region, that it is refused and how to enable it.
// It answers refused.
func (d *Dispatcher) noticeRegion(ctx context.Context, region string, refused *api.Error) *api.Error {
	if _, known := d.config.Regions.Find(region); !known && region != "" && d.noticed.First("region "+trail.Cut(region, maxRegion)) {
		d.config.Log.LogAttrs(ctx, slog.LevelWarn, "requests for a region that AWS does not have are refused; --allow-region allows it", slog.String("region", trail.Cut(region, maxRegion)))
	}
	return refused
}

// maxRegion is how much of an invalid region name is logged, in bytes.
const maxRegion = 64
