package sns

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// defaultPolicy is the access policy of a topic that was given none (N024).
func defaultPolicy(topic arn.ARN) string {
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",` +
		`"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission",` +
		`"SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + topic.String() + `",` +
		`"Condition":{"StringEquals":{"AWS:SourceOwner":"` + topic.AccountID + `"}}}]}`
}

// policyActions are the actions that a topic policy may name. Wildcards are
// not among them (D9).
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html.
var policyActions = []string{
	"AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes", "ListSubscriptionsByTopic",
	"ListTagsForResource", "Publish", "PutDataProtectionPolicy", "Receive", "RemovePermission", "SetTopicAttributes",
	"Subscribe", "TagResource", "UntagResource",
}

// policyAction is the action of that name, with or without its prefix, as SNS
// spells it: SNS:Publish.
func policyAction(name string) (string, bool) {
	if len(name) > 4 && strings.EqualFold(name[:4], "sns:") {
		name = name[4:]
	}
	i := slices.IndexFunc(policyActions, func(a string) bool { return strings.EqualFold(a, name) })
	if i < 0 {
		return "", false
	}
	return "SNS:" + policyActions[i], true
}

// The limits of topic policies.
const (
	maxPolicySize       = 30 << 10 // bytes
	maxPolicyStatements = 100
	maxPolicyPrincipals = 200 // of a statement
)

// The refusals of a topic policy (D9).
var (
	errPolicy          = invalidParameter("Policy Error: null")
	errPolicyPrincipal = invalidParameter("Policy Error: PrincipalNotFound")
	errPolicyAction    = invalidParameter("Policy statement action out of service scope!")
)

// checkPolicy refuses the documents that SNS does not take as a topic's policy.
func (s *Service) checkPolicy(ctx context.Context, topic, text string) error {
	document, err := policyeval.Parse(text)
	if err != nil || len(text) > maxPolicySize {
		return errPolicy
	}
	statements := document.Statements()
	if len(statements) == 0 || len(statements) > maxPolicyStatements || duplicateSids(statements) {
		return errPolicy
	}
	for i := range statements {
		if err := s.checkStatement(ctx, topic, &statements[i]); err != nil {
			return err
		}
	}
	s.lint(ctx, topic, document)
	return nil
}

// lint tells the log what a person hardly meant by a topic's policy.
func (s *Service) lint(ctx context.Context, topic string, d *policyeval.Document) {
	a, err := arn.Parse(topic)
	if err != nil || d.Text() == defaultPolicy(a) {
		return
	}
	api.LintPolicy(ctx, s.log, d, policyeval.LintContext{Kind: policyeval.TopicPolicy, Resource: topic, Account: a.AccountID})
}

func duplicateSids(statements []policyeval.Statement) bool {
	seen := map[string]bool{}
	for _, st := range statements {
		if st.Sid != "" && seen[st.Sid] {
			return true
		}
		seen[st.Sid] = true
	}
	return false
}

func (s *Service) checkStatement(ctx context.Context, topic string, st *policyeval.Statement) error {
	principals := slices.Concat(st.Principal, st.NotPrincipal)
	if len(principals) == 0 || len(principals) > maxPolicyPrincipals {
		return errPolicy
	}
	for _, p := range principals {
		if p.Type == "AWS" && !s.principalFound(ctx, topic, p.Value) {
			return errPolicyPrincipal
		}
	}
	actions := slices.Concat(st.Action, st.NotAction)
	if len(actions) == 0 {
		return errPolicy
	}
	for _, action := range actions {
		if _, ok := policyAction(action); !ok || !strings.Contains(action, ":") {
			return errPolicyAction
		}
	}
	return nil
}

// principalFound reports whether a policy may name the principal. One that has
// the form of a principal but does not exist is let in with a warning, unless
// the server is to be as strict as AWS.
func (s *Service) principalFound(ctx context.Context, topic, principal string) bool {
	if principal == "*" || arn.IsAccountID(principal) {
		return true
	}
	if a, err := arn.Parse(principal); err != nil {
		if !isPrincipalID(principal) {
			return false
		}
	} else if (a.Service != "iam" && a.Service != "sts") || !arn.IsAccountID(a.AccountID) {
		return false
	}
	if s.exists == nil || s.exists(ctx, principal) {
		return true
	}
	if s.strictPrincipals {
		return false
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "sns: a topic policy names a principal that does not exist",
		slog.String("topic", topic), slog.String("principal", principal))
	return true
}

// isPrincipalID reports whether s is the unique id that IAM gives a user or role.
func isPrincipalID(s string) bool {
	return len(s) >= 16 && (strings.HasPrefix(s, "AIDA") || strings.HasPrefix(s, "AROA"))
}

// attributesReason is an error about an attribute as the operations that create
// something word it (N055, N076).
func attributesReason(err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		return err
	}
	return e.With("Invalid parameter: Attributes Reason: " + strings.TrimPrefix(e.Message, "Invalid parameter: "))
}
