package sns

import (
	"context"
	"errors"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// defaultPolicy is the access policy of a topic that was given none [N024].
func defaultPolicy(topic arn.ARN) string {
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",` +
		`"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission",` +
		`"SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + topic.String() + `",` +
		`"Condition":{"StringEquals":{"AWS:SourceOwner":"` + topic.AccountID + `"}}}]}`
}

// The refusals of a topic policy [D9].
var (
	errPolicy          = invalidParameter("Policy Error: null")
	errPolicyPrincipal = invalidParameter("Policy Error: PrincipalNotFound")
	errPolicyAction    = invalidParameter("Policy statement action out of service scope!")
)

// newPolicies is how SNS takes topic policies.
func newPolicies(c *Config) resource.Policies {
	return resource.Policies{
		Kind: policyeval.TopicPolicy, Names: c.Names,
		Principals: resource.Principals{Exists: c.PrincipalExists, Strict: c.StrictPrincipals, Log: c.Log},
		Syntax:     errPolicy,
		Problem:    policyError,
	}
}

// owner is a topic as the owner of a policy.
func owner(topic arn.ARN) resource.Owner {
	return resource.Owner{ARN: topic.String(), Account: topic.AccountID, Partition: topic.Partition}
}

// checkPolicy refuses the documents that SNS does not take as a topic's policy.
func (s *Service) checkPolicy(ctx context.Context, topic, text string) error {
	a, err := arn.Parse(topic)
	if err != nil {
		return errTopicNotFound
	}
	document, err := s.policies.Check(ctx, owner(a), text)
	if err != nil {
		return err
	}
	if text != defaultPolicy(a) {
		s.policies.Lint(ctx, owner(a), document)
	}
	return nil
}

// shownPolicy is the topic's policy as it is read back: it shows an account as its root
// user, and a deleted user or role as its unique id.
func (s *Service) shownPolicy(r store.Reader, topic *topicRecord) *policyeval.Document {
	return s.policies.Shown(r, topic.compiled, func(account string) string {
		return arn.Global("iam", topic.arn.Region, account, "root").String()
	})
}

// policyError is SNS's error for a problem of a policy.
func policyError(p policyeval.Problem) *api.Error {
	switch p.Code {
	case policyeval.BadPrincipal, policyeval.UnknownPrincipal:
		return errPolicyPrincipal
	case policyeval.ActionOutOfScope, policyeval.UnknownAction:
		return errPolicyAction
	default:
		return errPolicy
	}
}

// attributesReason is an error about an attribute as the operations that create
// something word it [N055] [N076].
func attributesReason(err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		return err
	}
	return e.With("Invalid parameter: Attributes Reason: " + strings.TrimPrefix(e.Message, "Invalid parameter: "))
}

func (t *topicRecord) hasDefaultPolicy() bool { return t.policy() == defaultPolicy(t.arn) }

// PoliciesInForce are the policies of all topics that have another than the
// default one, as requests are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	return resource.InForce(ctx, s.engine, s.topics, func(t *topicRecord) (string, *policyeval.Policy) {
		if t.hasDefaultPolicy() {
			return t.Arn, nil
		}
		return t.Arn, t.compiled
	})
}

// Reuse implements store.Reuser.
func (t *topicRecord) Reuse(old *topicRecord) {
	t.compiled = resource.SamePolicy(t.compiled, old.compiled)
}
