package sns

import (
	"context"
	"errors"
	"log/slog"
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

// checkPolicy refuses the documents that SNS does not take as a topic's policy.
func (s *Service) checkPolicy(ctx context.Context, topic, text string) error {
	a, err := arn.Parse(topic)
	if err != nil {
		return errTopicNotFound
	}
	document, err := policyeval.Parse(text)
	if err != nil {
		return refusedPolicy(topic, errPolicy, err)
	}
	exists := func(principal string) bool { return s.exists == nil || s.exists(ctx, principal) }
	for _, p := range policyeval.Validate(document, policyeval.ValidateOptions{
		Kind: policyeval.TopicPolicy, Account: a.AccountID, Partition: a.Partition, Exists: exists,
	}) {
		// The unique id of nobody will never be anybody's.
		if p.Code != policyeval.UnknownPrincipal || s.strictPrincipals || policyeval.IsUniqueID(p.Value) {
			return refusedPolicy(topic, policyError(p.Code), p)
		}
		s.log.LogAttrs(ctx, slog.LevelWarn, "sns: a topic policy names a principal that does not exist",
			slog.String("topic", topic), slog.String("principal", p.Value))
	}
	s.lint(ctx, topic, document)
	return nil
}

// shownPolicy is the topic's policy as it is read back: accounts are their root
// users, and users and roles who are gone their unique ids.
func (s *Service) shownPolicy(r store.Reader, topic *topicRecord) *policyeval.Document {
	return resource.ShownPolicy(r, s.names, topic.compiled, func(account string) string {
		return arn.Global("iam", topic.arn.Region, account, "root").String()
	})
}

// lint tells the log what a person hardly meant by a topic's policy.
func (s *Service) lint(ctx context.Context, topic string, d *policyeval.Document) {
	a, err := arn.Parse(topic)
	if err != nil || d.Text() == defaultPolicy(a) {
		return
	}
	resource.LintPolicy(ctx, s.log, d, policyeval.LintContext{Kind: policyeval.TopicPolicy, Resource: topic, Account: a.AccountID})
}

func refusedPolicy(topic string, e *api.Error, cause error) error {
	return api.Refused(e, policyeval.TopicPolicy.String(), topic, cause)
}

// policyError is what SNS says of what is wrong with a policy.
func policyError(code policyeval.ProblemCode) *api.Error {
	switch code {
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

// PoliciesInForce are the policies of all topics that have another than the
// default one, as requests are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) (policies []resource.PolicyInForce, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		policies = nil
		for _, t := range s.topics.Scan(r, "", "", store.All) {
			if t.policy() != defaultPolicy(t.arn) {
				policies = append(policies, resource.PolicyInForce{Owner: t.Arn, Kind: "resource", Policy: t.compiled})
			}
		}
		return nil
	})
	return policies, err
}

// Inherit implements store.Heir.
func (t *topicRecord) Inherit(old *topicRecord) {
	t.compiled = resource.SamePolicy(t.compiled, old.compiled)
}
