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

// Signature is the signature of a request as the wire's side has read it.
type Signature interface {
	// Claim is what the signature says of who made it.
	Claim() Claim
	// Verify checks that it was made with a secret access key.
	Verify(secret string) *api.Error
	// InRegion refuses a credential scope of a region that there is not. Verify does so too.
	InRegion() *api.Error
	// InScope refuses a credential scope of another service than the one that is called.
	InScope(service string) *api.Error
}

// Claim is what a signature says of who made it. What it does not say is empty.
type Claim struct {
	AccessKeyID, SessionToken string
	Region                    string // of the credential scope
}

// maxAccessKey is the length of the longest access key id that AWS's API takes.
const maxAccessKey = 128

// Authenticate finds out who makes a request of an operation, and sets its Caller
// and Account; its Region is set already. A key that was made here acts as its
// principal, and its signature is verified; any other acts as a root user; a
// request without a signature is anonymous, where the operation takes such.
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
// identities at which it is so.
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
	case c.Status != identity.Active, !c.TokenMatches(claim.SessionToken):
		return nil, "", api.ErrInvalidToken
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

// noticeUnknownSession tells the log, once, of temporary credentials that were not
// made in this state: they act as the root user, as every unknown access key does,
// and whoever holds them from before a reset hardly means that.
func (d *Dispatcher) noticeUnknownSession(ctx context.Context, c Claim) {
	if c.SessionToken == "" || !strings.HasPrefix(c.AccessKeyID, "ASIA") {
		return
	}
	d.unknownSession.Do(func() {
		d.config.Log.LogAttrs(ctx, slog.LevelWarn, "temporary credentials that were not made here, or before a reset, act as the root user; --strict credentials refuses them",
			slog.String("accessKeyId", c.AccessKeyID))
	})
}

// noticeTurned tells the log, once for each turn of the clock, of a session that
// would not have expired yet if nobody had turned it.
func (d *Dispatcher) noticeTurned(ctx context.Context, expired time.Time) {
	offset := d.config.Clock.Offset()
	if clock.Real().Before(expired) && d.noticed.First("expired "+offset.String()) {
		d.config.Log.LogAttrs(ctx, slog.LevelWarn, "a session has expired by waxseal's clock, which was turned: get fresh credentials, or turn it back",
			slog.Time("expired", expired), slog.String("aheadOfRealTime", offset.String()))
	}
}

// noticeRegion tells the log, once for each, of a region that is refused and
// how it can be had. It answers refused.
func (d *Dispatcher) noticeRegion(ctx context.Context, region string, refused *api.Error) *api.Error {
	if _, known := d.config.Regions.Find(region); !known && d.noticed.First("region "+trail.Cut(region, maxRegion)) {
		d.config.Log.LogAttrs(ctx, slog.LevelWarn, "requests for a region that AWS does not have are refused; --allow-region allows it", slog.String("region", trail.Cut(region, maxRegion)))
	}
	return refused
}

// maxRegion is as much of what is no region's name as the log is told.
const maxRegion = 64
