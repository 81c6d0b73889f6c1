package events

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// Behalf is the rule for which EventBridge acts.
type Behalf struct {
	Rule    string // its ARN
	Account string
	Region  string
}

func (id ruleID) behalf() Behalf { return Behalf{id.arn(), id.bus.account, id.bus.region} }

// Roles are the roles that targets name.
type Roles interface {
	// Assumable fails where EventBridge may not assume a role on behalf of a rule: the
	// role's trust policy does not let it, or there is no such role.
	Assumable(ctx context.Context, b Behalf, role string) error
}

// assumable refuses a role that EventBridge may not assume.
func (s *Service) assumable(ctx context.Context, rule ruleID, role string) error {
	if role == "" || s.roles == nil {
		return nil
	}
	err := s.roles.Assumable(ctx, rule.behalf(), role)
	if err == nil {
		return nil
	}
	refused := ErrValidation.Withf("Provided role '%s' cannot be assumed by principal '%s'.", role, servicePrincipal)
	refused.Cause = err
	refused.RequestID = api.FailedCall(err)
	return refused
}
