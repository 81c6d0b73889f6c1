package iam

import (
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// setBoundary makes a managed policy the permissions boundary; "" is none.
func (s *Service) setBoundary(r store.Reader, account string, p *identity.Permissions, policyARN string) error {
	if policyARN != "" && s.dir.Managed(r, account, policyARN) == nil {
		return errNoSuchEntity.Withf("Scope ARN: %s does not exist or is not attachable.", policyARN)
	}
	p.Boundary = policyARN
	return nil
}
