package sns

import (
	"errors"
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

// errPolicy is the refusal of a document that is no policy at all (D9).
var errPolicy = invalidParameter("Policy Error: null")

// checkPolicy refuses the documents that SNS does not take as a topic's policy.
func checkPolicy(_, text string) error {
	if _, err := policyeval.Parse(text); err != nil {
		return errPolicy
	}
	return nil
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
