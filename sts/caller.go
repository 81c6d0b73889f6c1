package sts

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// GetCallerIdentityInput is the input of GetCallerIdentity.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is the output of GetCallerIdentity.
type GetCallerIdentityOutput struct {
	UserId  string
	Account string
	Arn     string
}

// GetCallerIdentity returns the caller's identity. No policy can deny it [D11].
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	c := api.RequestFrom(ctx).Caller
	if c.Type == policyeval.Anonymous {
		return nil, errMissingToken
	}
	return &GetCallerIdentityOutput{Account: c.Account, Arn: c.ARN, UserId: c.UserID}, nil
}

// GetAccessKeyInfoInput is the input of GetAccessKeyInfo.
type GetAccessKeyInfoInput struct {
	AccessKeyId string `check:"required,min=16,max=128" pattern:"[\\w]*"`
}

// GetAccessKeyInfoOutput is the output of GetAccessKeyInfo.
type GetAccessKeyInfoOutput struct {
	Account string
}

// GetAccessKeyInfo returns the account that an access key belongs to, whether
// the key exists or not: the account is encoded in the key's id.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html.
func (s *Service) GetAccessKeyInfo(ctx context.Context, in *GetAccessKeyInfoInput) (*GetAccessKeyInfoOutput, error) {
	account, err := s.dir.KeyAccount(ctx, in.AccessKeyId)
	if err == nil && account == "" {
		err = errValidation.Withf("%s is not a valid access key ID", in.AccessKeyId)
	}
	return &GetAccessKeyInfoOutput{Account: account}, err
}

// DecodeAuthorizationMessageInput is the input of DecodeAuthorizationMessage.
type DecodeAuthorizationMessageInput struct {
	EncodedMessage string `check:"required,min=1,max=10240"`
}

// DecodeAuthorizationMessageOutput is the output of DecodeAuthorizationMessage.
type DecodeAuthorizationMessageOutput struct {
	DecodedMessage string
}

// DecodeAuthorizationMessage reads the details of a denial that a service
// encoded with identity.Directory.EncodeMessage.
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html.
func (s *Service) DecodeAuthorizationMessage(_ context.Context, in *DecodeAuthorizationMessageInput) (*DecodeAuthorizationMessageOutput, error) {
	message, ok := s.dir.DecodeMessage(in.EncodedMessage)
	if !ok {
		return nil, errInvalidMessage
	}
	return &DecodeAuthorizationMessageOutput{DecodedMessage: message}, nil
}
