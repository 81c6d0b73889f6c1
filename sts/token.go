package sts

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// The lengths of the sessions of users, in seconds. Those of a root user last
// at most an hour, whatever the request says.
const (
	defaultToken = 43200
	maxRootToken = 3600
)

// longTerm refuses callers without long-term credentials.
func longTerm(ctx context.Context, operation string) (*api.Caller, error) {
	c := api.RequestFrom(ctx).Caller
	switch {
	case c.Type == policyeval.Anonymous:
		return nil, errMissingToken
	case c.Session != nil || c.Type != policyeval.User && c.Type != policyeval.Root:
		return nil, errAccessDenied.Withf("Cannot call %s with session credentials", operation)
	}
	return c, nil
}

// tokenSession is a session of the calling user or root user.
func tokenSession(ctx context.Context, kind identity.SessionKind, c *api.Caller, seconds *int) identity.Session {
	duration := defaultToken
	if seconds != nil {
		duration = *seconds
	}
	if c.Type == policyeval.Root {
		duration = min(duration, maxRootToken)
	}
	a, _ := arn.Parse(c.ARN) // made here
	return identity.Session{Kind: kind, Account: c.Account, Partition: a.Partition, Principal: c.ID, Expires: until(ctx, duration)}
}

// GetSessionTokenInput is the input of GetSessionToken.
type GetSessionTokenInput struct {
	DurationSeconds         *int   `check:"min=900,max=129600"`
	SerialNumber            string `check:"min=9,max=256" pattern:"[\\w+=/:,.@-]*"`
	TokenCode               string `check:"min=6,max=6" pattern:"[\\d]*" trail:"omit"`
	MinimumSessionTokenSize *int   `check:"min=0,max=4096"`
}

// GetSessionTokenOutput is the output of GetSessionToken.
type GetSessionTokenOutput struct {
	Credentials             *Credentials
	SessionTokenSize        *int
	SessionTokenUtilization *int
}

// GetSessionToken makes temporary credentials of the calling user or root user.
// It needs no permission.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html.
func (s *Service) GetSessionToken(ctx context.Context, in *GetSessionTokenInput) (*GetSessionTokenOutput, error) {
	caller, err := longTerm(ctx, "GetSessionToken")
	if err != nil {
		return nil, err
	}
	session := tokenSession(ctx, identity.KindToken, caller, in.DurationSeconds)
	if session.MFA, err = s.useCode(ctx, mfaCode{in.SerialNumber, in.TokenCode}); err != nil {
		return nil, err
	}
	session.MinTokenSize = valueOf(in.MinimumSessionTokenSize)
	c, err := s.dir.NewSession(ctx, session)
	if err != nil {
		return nil, err
	}
	out := &GetSessionTokenOutput{Credentials: credentials(c)}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSize(in.MinimumSessionTokenSize, c)
	return out, nil
}

// FederatedUser is a federated user.
type FederatedUser struct {
	FederatedUserId string
	Arn             string
}

// GetFederationTokenInput is the input of GetFederationToken.
type GetFederationTokenInput struct {
	Name                    string `check:"required,min=2,max=32" pattern:"[\\w+=,.@-]*"`
	Policy                  string `check:"min=1" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PolicyArns              []PolicyDescriptorType
	DurationSeconds         *int  `check:"min=900,max=129600"`
	Tags                    []Tag `check:"max=50"`
	MinimumSessionTokenSize *int  `check:"min=0,max=4096"`
}

// GetFederationTokenOutput is the output of GetFederationToken.
type GetFederationTokenOutput struct {
	Credentials             *Credentials
	FederatedUser           *FederatedUser
	PackedPolicySize        int
	SessionTokenSize        *int
	SessionTokenUtilization *int
}

// GetFederationToken makes temporary credentials for a federated user, who may
// do what both the calling user's policies and the session policies allow.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html.
func (s *Service) GetFederationToken(ctx context.Context, in *GetFederationTokenInput) (*GetFederationTokenOutput, error) {
	caller, err := longTerm(ctx, "GetFederationToken")
	if err != nil {
		return nil, err
	}
	session := tokenSession(ctx, identity.KindFederation, caller, in.DurationSeconds)
	session.Name, session.MinTokenSize = in.Name, valueOf(in.MinimumSessionTokenSize)
	if err := sessionTags(&session, caller, in.Tags, nil); err != nil {
		return nil, err
	}
	if err := s.limit(ctx, &session, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	c, err := s.dir.NewSession(ctx, session)
	if err != nil {
		return nil, err
	}
	out := &GetFederationTokenOutput{
		Credentials: credentials(c), PackedPolicySize: packed(&session),
		FederatedUser: &FederatedUser{Arn: c.Caller.ARN, FederatedUserId: c.Caller.UserID},
	}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSize(in.MinimumSessionTokenSize, c)
	return out, nil
}
