package events

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// newPolicies is how EventBridge takes the policies of buses.
func newPolicies(c *Config) resource.Policies {
	return resource.Policies{
		Kind: policyeval.BusPolicy, Names: c.Names,
		Principals: resource.Principals{Exists: c.PrincipalExists, Strict: c.StrictPrincipals, Log: c.Log},
		Syntax:     invalidParameter("Policy", "The policy is malformed."),
		Problem:    policyError,
	}
}

// policyError is EventBridge's error for a problem of a policy.
func policyError(p policyeval.Problem) *api.Error {
	if p.Code == policyeval.TooLarge {
		return ErrPolicyLengthExceeded.With("The policy is longer than 10240 characters.") // [V038]
	}
	return invalidParameter("Policy", p.Message)
}

// owner is a bus as the owner of a policy.
func (id busID) owner() resource.Owner {
	return resource.Owner{ARN: id.arn(), Account: id.account, Partition: arn.Partition(id.region)}
}

// PoliciesInForce are the policies of all buses, as requests are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	return resource.InForce(ctx, s.engine, s.buses, func(b *busRecord) (string, *policyeval.Policy) {
		return b.id().arn(), b.compiled
	})
}
