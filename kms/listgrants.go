package kms

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// GrantListEntry is a grant in a list.
type GrantListEntry struct {
	Constraints              *GrantConstraints
	CreationDate             time.Time
	GrantId                  string
	GranteePrincipal         string
	GranteeServicePrincipal  string
	IssuingAccount           string
	KeyId                    string
	Name                     string
	Operations               []string
	RetiringPrincipal        string
	RetiringServicePrincipal string
}

// shownGrantee and shownRetiring are a grant's principals as they are read back.
func (s *Service) shownGrantee(r store.Reader, g *grantRecord) string {
	return s.policies.Names.Shown(r, g.Epoch, g.Grantee)
}

func (s *Service) shownRetiring(r store.Reader, g *grantRecord) string {
	return s.policies.Names.Shown(r, g.Epoch, g.Retiring)
}

func (t *grantTerms) constrained() bool {
	return t.Equals != nil || t.Subset != nil || t.SourceARN != ""
}

func (s *Service) entry(r store.Reader, g *grantRecord) GrantListEntry {
	e := GrantListEntry{
		CreationDate: g.Created, GrantId: g.ID, IssuingAccount: place{g.Issuer, g.Region}.root(),
		KeyId: g.keyPlace().arn("key/" + g.KeyID), Name: g.Name, Operations: g.Operations,
	}
	e.GranteePrincipal, e.GranteeServicePrincipal = byKind(s.shownGrantee(r, g))
	e.RetiringPrincipal, e.RetiringServicePrincipal = byKind(s.shownRetiring(r, g))
	if g.constrained() {
		e.Constraints = &GrantConstraints{g.Equals, g.Subset, g.SourceARN}
	}
	return e
}

// byKind tells principals from services, whose names have dots and no colons.
func byKind(principal string) (arn, service string) {
	if strings.Contains(principal, ".") && !strings.Contains(principal, ":") {
		return "", principal
	}
	return principal, ""
}

// ListGrantsInput is the input of ListGrants.
type ListGrantsInput struct {
	GrantId                 string `check:"min=1,max=128"`
	GranteePrincipal        string `check:"min=1,max=256" pattern:"^[\\w+=,.@:/-]+$"`
	GranteeServicePrincipal string `check:"min=1,max=256"`
	KeyId                   string `check:"required,min=1,max=2048"`
	Limit                   *int32 `check:"min=1,max=1000"`
	Marker                  string `check:"min=1,max=1024"`
}

// ListGrantsOutput is the output of ListGrants.
type ListGrantsOutput struct {
	Grants     []GrantListEntry
	NextMarker string
	Truncated  bool
}

func (s *Service) listGrantsTarget(ctx context.Context, in *ListGrantsInput) (api.Target, *key, error) {
	return s.resolve(ctx, grantUse(ctx, in.KeyId))
}

func grantUse(ctx context.Context, name string) keyUse {
	return byID(name).with(func(c *policyeval.Context) { c.SetBool("kms:grantisforawsresource", forAWS(ctx)) })
}

func (in *ListGrantsInput) wants(e *GrantListEntry) bool {
	return (in.GrantId == "" || in.GrantId == e.GrantId) &&
		(in.GranteePrincipal == "" || in.GranteePrincipal == e.GranteePrincipal) &&
		(in.GranteeServicePrincipal == "" || in.GranteeServicePrincipal == e.GranteeServicePrincipal)
}

// ListGrants lists a key's grants, 50 at a time.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html.
func (s *Service) ListGrants(ctx context.Context, in *ListGrantsInput) (*ListGrantsOutput, error) {
	return api.Do(ctx, in, s.listGrantsTarget, s.listGrants)
}

func (s *Service) listGrants(ctx context.Context, k *key, in *ListGrantsInput) (*ListGrantsOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	if in.GranteePrincipal != "" && in.GranteeServicePrincipal != "" {
		return nil, ErrValidation.With("You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
	}
	out := &ListGrantsOutput{}
	err = s.engine.View(ctx, func(r store.Reader) error {
		list := newPage[GrantListEntry](start, pageSize(in.Limit, 50, 100))
		for _, g := range s.grants.Scan(r, k.key()+"/", k.key()+"/"+start, store.All) {
			if e := s.entry(r, g); in.wants(&e) && !list.add(g.ID, e) {
				break
			}
		}
		out.Grants, out.NextMarker, out.Truncated = list.result()
		return nil
	})
	return out, err
}

// ListRetirableGrantsInput is the input of ListRetirableGrants.
type ListRetirableGrantsInput struct {
	Limit                    *int32 `check:"min=1,max=1000"`
	Marker                   string `check:"min=1,max=1024"`
	RetiringPrincipal        string `check:"min=1,max=256" pattern:"^[\\w+=,.@:/-]+$"`
	RetiringServicePrincipal string `check:"min=1,max=256"`
}

// ListRetirableGrantsOutput is the output of ListRetirableGrants.
type ListRetirableGrantsOutput struct {
	Grants     []GrantListEntry
	NextMarker string
	Truncated  bool
}

// checkRetiring reports a principal that the caller cannot ask for: only those
// of its own account, and a service for itself.
func (in *ListRetirableGrantsInput) checkRetiring(ctx context.Context) error {
	request := api.RequestFrom(ctx)
	switch {
	case (in.RetiringPrincipal == "") == (in.RetiringServicePrincipal == ""):
		return ErrValidation.With("You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.")
	case in.RetiringServicePrincipal != "" && in.RetiringServicePrincipal != request.Caller.Service:
		return ErrValidation.With("RetiringServicePrincipal can only be used by a service principal.")
	case in.RetiringPrincipal != "" && !isPrincipalARN(in.RetiringPrincipal):
		return ErrInvalidArn.Withf("ARN does not refer to a valid principal: %s", in.RetiringPrincipal)
	case in.RetiringPrincipal != "" && !strings.Contains(in.RetiringPrincipal, "::"+request.Account+":"):
		return unseenBy(request.Caller, "kms:ListRetirableGrants", "this resource")
	default:
		return nil
	}
}

// ListRetirableGrants lists the grants, of any account's keys in the region,
// that a principal of the caller's account may retire, 50 at a time.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html.
func (s *Service) ListRetirableGrants(ctx context.Context, in *ListRetirableGrantsInput) (*ListRetirableGrantsOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	if err := in.checkRetiring(ctx); err != nil {
		return nil, err
	}
	region := api.RequestFrom(ctx).Region
	retiring := cmp.Or(in.RetiringPrincipal, in.RetiringServicePrincipal)
	prefix := retirablePrefix(region, retiring)
	out := &ListRetirableGrantsOutput{}
	err = s.read(ctx, func(r store.Reader) error {
		list := newPage[GrantListEntry](start, pageSize(in.Limit, 50, 100))
		for index := range r.Scan(prefix, prefix+start, store.All) {
			name := strings.TrimPrefix(index, prefix) // ACCOUNT/KEY/GRANT
			account, rest, _ := strings.Cut(name, "/")
			id, _, _ := strings.Cut(rest, "/")
			p := place{account, region}
			if err := s.checkDueByID(r, p, id); err != nil {
				return err
			}
			g := s.grants.Get(r, p.key(rest))
			if g != nil && s.shownRetiring(r, g) == retiring && !list.add(name, s.entry(r, g)) {
				break
			}
		}
		out.Grants, out.NextMarker, out.Truncated = list.result()
		return nil
	})
	return out, err
}
