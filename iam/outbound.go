package iam

import "context"

// EnableOutboundWebIdentityFederationInput is the input of EnableOutboundWebIdentityFederation.
type EnableOutboundWebIdentityFederationInput struct{}

// EnableOutboundWebIdentityFederationOutput is the output of EnableOutboundWebIdentityFederation.
type EnableOutboundWebIdentityFederationOutput struct {
	IssuerIdentifier string
}

// EnableOutboundWebIdentityFederation makes the account an issuer of the tokens
// that sts:GetWebIdentityToken makes. It has the same identifier each time.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOutboundWebIdentityFederation.html.
func (s *Service) EnableOutboundWebIdentityFederation(ctx context.Context, _ *EnableOutboundWebIdentityFederationInput) (*EnableOutboundWebIdentityFederationOutput, error) {
	account, _ := call(ctx)
	o, changed, err := s.dir.SetOutbound(ctx, account, true)
	switch {
	case err != nil:
		return nil, err
	case !changed:
		return nil, errFeatureEnabled
	}
	return &EnableOutboundWebIdentityFederationOutput{IssuerIdentifier: o.URL()}, nil
}

// DisableOutboundWebIdentityFederationInput is the input of DisableOutboundWebIdentityFederation.
type DisableOutboundWebIdentityFederationInput struct{}

// DisableOutboundWebIdentityFederationOutput is the output of DisableOutboundWebIdentityFederation.
type DisableOutboundWebIdentityFederationOutput struct{}

// DisableOutboundWebIdentityFederation disables the account as an issuer: no more
// tokens are made, and its keys are no longer published, so earlier tokens cannot be
// verified.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOutboundWebIdentityFederation.html.
func (s *Service) DisableOutboundWebIdentityFederation(ctx context.Context, _ *DisableOutboundWebIdentityFederationInput) (*DisableOutboundWebIdentityFederationOutput, error) {
	account, _ := call(ctx)
	_, changed, err := s.dir.SetOutbound(ctx, account, false)
	switch {
	case err != nil:
		return nil, err
	case !changed:
		return nil, errFeatureDisabled
	}
	return new(DisableOutboundWebIdentityFederationOutput), nil
}

// GetOutboundWebIdentityFederationInfoInput is the input of GetOutboundWebIdentityFederationInfo.
type GetOutboundWebIdentityFederationInfoInput struct{}

// GetOutboundWebIdentityFederationInfoOutput is the output of GetOutboundWebIdentityFederationInfo.
type GetOutboundWebIdentityFederationInfoOutput struct {
	IssuerIdentifier  string
	JwtVendingEnabled bool
}

// GetOutboundWebIdentityFederationInfo tells the account's identifier as an issuer.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOutboundWebIdentityFederationInfo.html.
func (s *Service) GetOutboundWebIdentityFederationInfo(ctx context.Context, _ *GetOutboundWebIdentityFederationInfoInput) (*GetOutboundWebIdentityFederationInfoOutput, error) {
	account, _ := call(ctx)
	o, err := s.dir.OutboundOf(ctx, account)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, errFeatureDisabled
	}
	return &GetOutboundWebIdentityFederationInfoOutput{IssuerIdentifier: o.URL(), JwtVendingEnabled: o.Enabled}, nil
}
