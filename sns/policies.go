package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// PoliciesInForce are the policies of all topics that have another than the
// default one, as requests are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) (policies []api.PolicyInForce, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		policies = nil
		for _, t := range s.topics.Scan(r, "", "") {
			if t.policy() != defaultPolicy(t.arn) {
				policies = append(policies, api.PolicyInForce{Owner: t.Arn, Kind: "resource", Policy: t.compiled})
			}
		}
		return nil
	})
	return policies, err
}

// Inherit implements store.Heir.
func (t *topicRecord) Inherit(old *topicRecord) {
	t.compiled = api.SamePolicy(t.compiled, old.compiled)
}
