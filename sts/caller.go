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
	Account string
	Arn     string
	UserId  string
}

// GetCallerIdentity tells who is calling. No policy can deny it (D11).
//
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	c := api.RequestFrom(ctx).Caller
	if c.Type == policyeval.Anonymous {
		return nil, errMissingToken
	}
	return &GetCallerIdentityOutput{Account: c.Account, Arn: c.ARN, UserId: c.UserID}, nil
}
