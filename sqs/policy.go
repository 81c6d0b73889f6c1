package sqs

import (
	"context"
	"log/slog"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// validPolicy is a queue policy in the form in which it is kept: as it was
// given, with the version 2008-10-17 where it names none [D8]. The log is told
// what a person hardly meant.
func (s *Service) validPolicy(ctx context.Context, n name, text string) (string, error) {
	document, err := policyeval.Parse(text)
	if err != nil {
		return "", api.Refused(badAttribute("Policy"), policyeval.QueuePolicy.String(), n.arn(), err)
	}
	problems := policyeval.Validate(document, policyeval.ValidateOptions{
		Kind: policyeval.QueuePolicy, Account: n.account, Partition: arn.Partition(n.region), Exists: s.existence(ctx, n),
	})
	if len(problems) > 0 {
		return "", refusal(n.arn(), problems[0])
	}
	s.lint(ctx, n, document)
	if document.Version() == "" {
		text = strings.Replace(text, "{", `{"Version":"2008-10-17",`, 1)
	}
	return text, nil
}

// shownPolicy is the queue's policy as it is read back: accounts are their root
// users, and users and roles who are gone their unique ids.
func (s *Service) shownPolicy(r store.Reader, q *queue) *policyeval.Document {
	return resource.ShownPolicy(r, s.Names, q.policy, func(account string) string {
		return arn.Global("iam", q.Region, account, "root").String()
	})
}

func (s *Service) lint(ctx context.Context, n name, d *policyeval.Document) {
	resource.LintPolicy(ctx, s.Log, d, policyeval.LintContext{Kind: policyeval.QueuePolicy, Resource: n.arn(), Account: n.account})
}

// refusal words a problem of a queue's policy. AWS gives a reason for two kinds alone [Q171c].
func refusal(queue string, p policyeval.Problem) *api.Error {
	e := badAttribute("Policy")
	switch p.Code {
	case policyeval.UnknownAction:
		e = badValue(p.Value, "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.")
	case policyeval.TooLarge:
		e = ErrOverLimit.With(p.Message)
	default: // the others have no words of their own
	}
	return api.Refused(e, policyeval.QueuePolicy.String(), queue, p)
}

// overLimit refuses a policy that AddPermission has made too large.
func overLimit(queue string, d *policyeval.Document) error {
	for _, p := range policyeval.Validate(d, policyeval.ValidateOptions{Kind: policyeval.QueuePolicy}) {
		if p.Code == policyeval.TooLarge {
			return refusal(queue, p)
		}
	}
	return nil
}

// existence is what the check of a policy asks of principals; nil: nothing.
func (s *Service) existence(ctx context.Context, n name) func(string) bool {
	if s.PrincipalExists == nil {
		return nil
	}
	return func(principal string) bool {
		if s.PrincipalExists(ctx, principal) {
			return true
		}
		if policyeval.IsUniqueID(principal) {
			return false // of nobody, now and forever
		}
		if !s.StrictPrincipals {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "sqs: a queue policy names a principal that does not exist",
				slog.String("queue", n.arn()), slog.String("principal", principal))
		}
		return !s.StrictPrincipals
	}
}

// PoliciesInForce are the policies of all queues that have one, as requests
// are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) (policies []resource.PolicyInForce, err error) {
	err = s.Engine.View(ctx, func(r store.Reader) error {
		policies = nil
		for _, q := range s.queues.Scan(r, "", "", store.All) {
			if q.policy != nil {
				policies = append(policies, resource.PolicyInForce{Owner: q.arn, Kind: "resource", Policy: q.policy})
			}
		}
		return nil
	})
	return policies, err
}

// Inherit implements store.Heir.
func (q *queue) Inherit(old *queue) { q.policy = resource.SamePolicy(q.policy, old.policy) }
