package sqs

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// newPolicies is how SQS takes queue policies.
func newPolicies(c *Config) resource.Policies {
	return resource.Policies{
		Kind: policyeval.QueuePolicy, Names: c.Names,
		Principals: resource.Principals{Exists: c.PrincipalExists, Strict: c.StrictPrincipals, Log: c.Log},
		Syntax:     badAttribute("Policy"),
		Problem:    policyError,
	}
}

// policyError words a problem of a queue's policy. AWS gives a reason for two kinds alone [Q171c].
func policyError(p policyeval.Problem) *api.Error {
	switch p.Code {
	case policyeval.UnknownAction:
		return badValue(p.Value, "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.")
	case policyeval.TooLarge:
		return ErrOverLimit.With(p.Message)
	default: // AWS gives no reason for the others
		return badAttribute("Policy")
	}
}

// owner is the queue as the owner of a policy.
func (n name) owner() resource.Owner {
	return resource.Owner{ARN: n.arn(), Account: n.account, Partition: arn.Partition(n.region)}
}

// validPolicy is a queue policy in the form in which it is kept: as it was
// given, with the version 2008-10-17 where it names none [D8]. What is allowed but
// probably a mistake is logged.
func (s *Service) validPolicy(ctx context.Context, n name, text string) (string, error) {
	document, err := s.policies.Check(ctx, n.owner(), text)
	if err != nil {
		return "", err
	}
	s.policies.Lint(ctx, n.owner(), document)
	if document.Version() == "" {
		text = strings.Replace(text, "{", `{"Version":"2008-10-17",`, 1)
	}
	return text, nil
}

// shownPolicy is the queue's policy as it is read back: it shows an account as its
// root user, and a deleted user or role as its unique id.
func (s *Service) shownPolicy(r store.Reader, q *queue) *policyeval.Document {
	return s.policies.Shown(r, q.policy, func(account string) string {
		return arn.Global("iam", q.Region, account, "root").String()
	})
}

// overLimit refuses a policy that AddPermission has made too large.
func (s *Service) overLimit(n name, d *policyeval.Document) error {
	for _, p := range policyeval.Validate(d, policyeval.ValidateOptions{Kind: policyeval.QueuePolicy}) {
		if p.Code == policyeval.TooLarge {
			return s.policies.Refuse(n.owner(), p)
		}
	}
	return nil
}

// PoliciesInForce are the policies of all queues that have one, as requests
// are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	return resource.InForce(ctx, s.engine, s.queues, func(q *queue) (string, *policyeval.Policy) { return q.arn, q.policy })
}

// Reuse implements store.Reuser.
func (q *queue) Reuse(old *queue) { q.policy = resource.SamePolicy(q.policy, old.policy) }
