package sts

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// Config is what the service needs.
type Config struct {
	Directory *identity.Directory // required
	// Issuers gives the JSON Web Key Set of an OpenID Connect issuer, by the iss
	// of its tokens; an error where there is none. nil: no issuer is known, and
	// AssumeRoleWithWebIdentity refuses every token.
	Issuers func(ctx context.Context, issuer string) ([]byte, error)
	// Maker makes roles once they are assumed; nil: nobody does.
	Maker Maker
}

// Maker makes roles of the caller's account that do not exist, for callers who may assume
// them.
type Maker interface {
	// Makes reports whether a role would be made for the request's caller. It has no effect.
	Makes(ctx context.Context, role arn.ARN) bool
	// Make makes it, and reports whether it is there.
	Make(ctx context.Context, role arn.ARN) bool
}

// Service is the AWS Security Token Service.
type Service struct {
	dir     *identity.Directory
	issuers func(ctx context.Context, issuer string) ([]byte, error)
	maker   Maker
}

// New is the service over the directory's records.
func New(c Config) *Service {
	return &Service{dir: c.Directory, issuers: c.Issuers, maker: c.Maker}
}

// API describes the service.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "sts", Title: "STS", Principal: "sts.amazonaws.com",
		Dialects:     []api.Dialect{&api.AWSQuery{Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}},
		Denied:       denied,
		OwnerOnly:    denied,
		ResourceType: "AWS::IAM::Role", ResourcePolicy: policyeval.TrustPolicy,
		CompleteEvent: completeEvent, OwnerRecorded: true,
		Invalid: func(violations []api.Violation) *api.Error {
			return errValidation.With(api.ValidationText(violations))
		},
		Operations: []api.Operation{
			api.OnChecks("AssumeRole", s.assumeRole, []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}, s.assumeRoleChecks),
			api.OnChecks("AssumeRoleWithWebIdentity", s.assumeRoleWithWebIdentity,
				[]string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"}, s.webIdentityChecks, api.Unsigned),
			api.OnChecks("AssumeRoleWithSAML", s.assumeRoleWithSAML,
				[]string{"sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"}, s.samlChecks, api.Unsigned),
			api.OpChecks("AssumeRoot", s.AssumeRoot, []string{"sts:AssumeRoot"}, s.assumeRoot),
			api.OpChecks("GetFederationToken", s.GetFederationToken, []string{"sts:GetFederationToken", "sts:TagSession"}, s.getFederationToken),
			api.OpChecks("GetWebIdentityToken", s.GetWebIdentityToken, []string{"sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"}, s.getWebIdentityToken),
			api.Unguarded("GetSessionToken", s.GetSessionToken),
			api.Unguarded("GetCallerIdentity", s.GetCallerIdentity, api.ReadOnly),
			api.Op("GetAccessKeyInfo", s.GetAccessKeyInfo, "sts:GetAccessKeyInfo", onAnything[*GetAccessKeyInfoInput], api.ReadOnly),
			api.Op("DecodeAuthorizationMessage", s.DecodeAuthorizationMessage, "sts:DecodeAuthorizationMessage",
				onAnything[*DecodeAuthorizationMessageInput], api.ReadOnly),
		},
	}
}
