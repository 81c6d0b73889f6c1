package sqs

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// PoliciesInForce are the policies of all queues that have one, as requests
// are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) (policies []api.PolicyInForce, err error) {
	err = s.Engine.View(ctx, func(r store.Reader) error {
		policies = nil
		for _, q := range s.queues.Scan(r, "", "") {
			if q.policy != nil {
				policies = append(policies, api.PolicyInForce{Owner: q.arn, Kind: "resource", Policy: q.policy})
			}
		}
		return nil
	})
	return policies, err
}

// Inherit implements store.Heir.
func (q *queue) Inherit(old *queue) { q.policy = api.SamePolicy(q.policy, old.policy) }
