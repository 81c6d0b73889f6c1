package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
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

// lint tells the log what a person hardly meant by a topic's policy.
func (s *Service) lint(ctx context.Context, topic string, d *policyeval.Document) {
	a, err := arn.Parse(topic)
	if err != nil || d.Text() == defaultPolicy(a) {
		return
	}
	api.LintPolicy(ctx, s.log, d, policyeval.LintContext{Kind: policyeval.TopicPolicy, Resource: topic, Account: a.AccountID})
}
