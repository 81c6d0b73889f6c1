package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// confirmChecks are the checks of ConfirmSubscription. A signed request needs the
// permission to confirm in its own account; which subscription it may confirm depends
// only on the token. The ARN need not be that of the subscription's topic [N085].
func (s *Service) confirmChecks(ctx context.Context, in *ConfirmSubscriptionInput) ([]api.Check, error) {
	if _, err := s.confirmRegion(ctx, in); err != nil {
		return nil, err
	}
	request := api.RequestFrom(ctx)
	if request.Caller.Type == policyeval.Anonymous {
		return nil, nil
	}
	return []api.Check{{Action: "sns:ConfirmSubscription", Target: api.Target{ARN: in.TopicArn, Account: request.Account}}}, nil
}

// unsubscribeChecks are the checks of Unsubscribe: the owners of the topic and of the
// subscription may, with a permission in their account. An unsigned request, such as
// the link in a notification, may, unless the subscription requires signed ones.
func (s *Service) unsubscribeChecks(ctx context.Context, in *UnsubscribeInput) (checks []api.Check, found *subscriptionRecord, err error) {
	if in.SubscriptionArn == nil {
		return nil, nil, invalidParameter("SubscriptionArn Reason: no value for required parameter") // [N080]
	}
	topic, err := parseSubscriptionARN(ctx, *in.SubscriptionArn)
	if err != nil {
		return nil, nil, err
	}
	request := api.RequestFrom(ctx)
	target := accountTarget(ctx)
	link := request.Caller.Type == policyeval.Anonymous
	err = s.engine.View(ctx, func(r store.Reader) error {
		found = s.subscription(r, *in.SubscriptionArn)
		switch {
		case found == nil:
		case link && found.Guarded:
			return ErrAuthorization.With("Only the owner of the topic or of the subscription may unsubscribe, by a signed request")
		case found.Owner != request.Account && topic.AccountID != request.Account:
			target.Account = found.Owner
		}
		return nil
	})
	if err != nil || link {
		return nil, found, err
	}
	return []api.Check{{Action: "sns:Unsubscribe", Target: target}}, found, nil
}

// createTopicChecks are the checks of CreateTopic: tags need the permission to tag as
// well, and a data protection policy the one to put it.
func (s *Service) createTopicChecks(ctx context.Context, in *CreateTopicInput) ([]api.Check, error) {
	name, err := newTopicARN(ctx, in)
	if err != nil {
		return nil, err
	}
	target := api.Target{ARN: name.String(), Account: name.AccountID}
	if len(in.Tags) > 0 {
		target.Keys = tagKeys(in.Tags)
	}
	checks := []api.Check{{Action: "sns:CreateTopic", Target: target}}
	if len(in.Tags) > 0 {
		checks = append(checks, api.Check{Action: "sns:TagResource", Target: target})
	}
	if in.DataProtectionPolicy != "" {
		checks = append(checks, api.Check{Action: "sns:PutDataProtectionPolicy", Target: target})
	}
	return checks, nil
}
