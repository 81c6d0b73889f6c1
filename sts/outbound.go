package sts

import (
	"context"
	"encoding/json"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
)

// GetWebIdentityTokenInput is the input of GetWebIdentityToken.
type GetWebIdentityTokenInput struct {
	Audience         []string `check:"required,min=1,max=10" itemcheck:"min=1,max=1000"`
	DurationSeconds  *int     `check:"min=60,max=3600"`
	SigningAlgorithm string   `check:"required,min=5,max=5"`
	Scope            string   `check:"min=1,max=256" pattern:"[\\x21\\x23-\\x2B\\x2D-\\x5B\\x5D-\\x7E]+( [\\x21\\x23-\\x2B\\x2D-\\x5B\\x5D-\\x7E]+)*"`
	SubjectMode      string   `enum:"AWSIdentity|OriginIdentity"`
	Tags             []Tag    `check:"max=50"`
}

// GetWebIdentityTokenOutput is the output of GetWebIdentityToken.
type GetWebIdentityTokenOutput struct {
	WebIdentityToken string `sensitive:"true" trail:"omit"`
	Expiration       time.Time
}

const (
	defaultWebIdentity = 300 // seconds
	// maxClaims is the greatest size of a token's claims, in bytes. AWS has a
	// limit too, but does not document it.
	maxClaims = 8 << 10
	// ownIdentity is the subject mode where none is given.
	ownIdentity = "AWSIdentity"
)

func (in *GetWebIdentityTokenInput) seconds() int {
	if in.DurationSeconds == nil {
		return defaultWebIdentity
	}
	return *in.DurationSeconds
}

func (in *GetWebIdentityTokenInput) mode() string {
	if in.SubjectMode == "" {
		return ownIdentity
	}
	return in.SubjectMode
}

// check refuses parameters that contradict each other. No session here has a propagated
// identity, which the subject mode OriginIdentity needs, and a scope is permitted only
// with this mode.
func (in *GetWebIdentityTokenInput) check() error {
	switch {
	case in.SigningAlgorithm != identity.RS256 && in.SigningAlgorithm != identity.ES384:
		return errValidation.With("The signing algorithm is not supported. Valid values are RS256 and ES384.")
	case in.mode() != ownIdentity:
		return errValidation.With("The calling session has no origin identity.")
	case in.Scope != "":
		return errValidation.With("Scope can only be specified when SubjectMode is OriginIdentity.")
	}
	for i, t := range in.Tags {
		if hasKey(in.Tags[:i], t.Key) {
			return errInvalidValue.With("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
	}
	return nil
}

// tokenClaims are the claims of a token that STS makes.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html.
type tokenClaims struct {
	Issuer   string    `json:"iss"`
	Audience any       `json:"aud"` // a text, or a list where there are several
	Subject  string    `json:"sub"`
	Issued   int64     `json:"iat"`
	Expires  int64     `json:"exp"`
	ID       string    `json:"jti"`
	AWS      awsClaims `json:"https://sts.amazonaws.com/"`
}

// awsClaims are AWS's additional claims about the caller; those that do not apply are
// left out.
type awsClaims struct {
	Account       string            `json:"aws_account"`
	Region        string            `json:"source_region"`
	Principal     string            `json:"principal_id"`
	OrgID         string            `json:"org_id,omitempty"`
	OrgPath       string            `json:"ou_path,omitempty"`
	PrincipalTags map[string]string `json:"principal_tags,omitempty"`
	RequestTags   map[string]string `json:"request_tags,omitempty"`
}

// GetWebIdentityToken makes a token that proves to others who the caller is: a
// user, or a role without regard to the session. The account must be an issuer
// (iam:EnableOutboundWebIdentityFederation).
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html.
func (s *Service) GetWebIdentityToken(ctx context.Context, in *GetWebIdentityTokenInput) (*GetWebIdentityTokenOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r := api.RequestFrom(ctx)
	issuer, err := s.dir.OutboundOf(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	expires := until(ctx, in.seconds())
	switch {
	case issuer == nil:
		return nil, errNoIssuer
	case r.Caller.Session != nil && expires.After(r.Caller.Session.Expires):
		return nil, errEscalation
	}
	claims, err := json.Marshal(in.claims(r, issuer, expires))
	switch {
	case err != nil:
		return nil, err
	case len(claims) > maxClaims:
		return nil, errClaimsTooLarge
	}
	token, err := s.dir.Sign(issuer, in.SigningAlgorithm, claims)
	if err != nil {
		return nil, err
	}
	return &GetWebIdentityTokenOutput{WebIdentityToken: token, Expiration: expires}, nil
}

func (in *GetWebIdentityTokenInput) claims(r *api.Request, issuer *identity.Outbound, expires time.Time) *tokenClaims {
	c := &tokenClaims{
		Issuer: issuer.URL(), Audience: in.Audience, Subject: r.Caller.PrincipalARN(),
		Issued: r.Time.Unix(), Expires: expires.Unix(), ID: r.ID,
		AWS: awsClaims{
			Account: r.Account, Region: r.Region, Principal: r.Caller.PrincipalARN(),
			OrgID: r.Caller.OrgID, OrgPath: r.Caller.OrgPath, PrincipalTags: r.Caller.Tags,
		},
	}
	if len(in.Audience) == 1 {
		c.Audience = in.Audience[0]
	}
	for _, t := range in.Tags {
		if c.AWS.RequestTags == nil {
			c.AWS.RequestTags = map[string]string{}
		}
		c.AWS.RequestTags[t.Key] = t.Value
	}
	return c
}
