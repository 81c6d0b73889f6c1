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
	// Missing is told when a role of its own account that does not exist is asked for by
	// AssumeRole, and reports whether there may be one now; nil: nobody makes roles so.
	Missing func(ctx context.Context, role arn.ARN) bool
}

// Service is the AWS Security Token Service.
type Service struct {
	dir     *identity.Directory
	issuers func(ctx context.Context, issuer string) ([]byte, error)
	missing func(ctx context.Context, role arn.ARN) bool
}

// New is the service over the directory's records.
func New(c Config) *Service {
	return &Service{dir: c.Directory, issuers: c.Issuers, missing: c.Missing}
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
