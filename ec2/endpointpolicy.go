package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// fullAccess is the policy of an endpoint that was given none [G5].
const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

// newEndpointPolicies is how EC2 takes the policies of VPC endpoints. They may name
// principals that do not exist.
func newEndpointPolicies(c *Config) resource.Policies {
	return resource.Policies{
		Kind:       policyeval.EndpointPolicy,
		Principals: resource.Principals{Log: c.Log},
		Syntax:     errPolicy.With("The policy document is not valid JSON."),
		Problem:    func(p policyeval.Problem) *api.Error { return errPolicy.With(p.Message) },
	}
}

// takenPolicy is the text of a policy as it is stored for an endpoint: an empty one
// stands for the default policy [X115].
func (s *Service) takenPolicy(ctx context.Context, p place, id, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	owner := resource.Owner{Account: p.account, Partition: arn.Partition(p.region)}
	if id != "" {
		owner.ARN = p.arn(endpointKind, id)
	}
	document, err := s.endpointPolicies.Check(ctx, owner, text)
	if err != nil {
		return "", err
	}
	s.endpointPolicies.Lint(ctx, owner, document)
	return text, nil
}

// PoliciesInForce are the policies of all VPC endpoints that have another than the
// default one, as requests through them are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	found, err := resource.InForce(ctx, s.engine, s.endpoints.table, func(e *vpcEndpoint) (string, *policyeval.Policy) {
		if e.Policy == "" {
			return e.arn(), nil
		}
		return e.arn(), e.policy
	})
	for i := range found {
		found[i].Kind = "endpoint"
	}
	return found, err
}
