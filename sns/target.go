package sns

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// parseTopicARN reads the ARN of a topic of the endpoint's region. member is
// the parameter's name for the error.
func parseTopicARN(ctx context.Context, text, member string) (arn.ARN, error) {
	a, err := parseARN(text, member)
	if err != nil {
		return a, err
	}
	region := api.RequestFrom(ctx).Region
	if a.Service != "sns" || a.Region != region || a.Partition != arn.Partition(region) ||
		!arn.IsAccountID(a.AccountID) || a.Resource == "" || strings.ContainsAny(a.Resource, ":/") {
		return a, invalidParameter("%s", member) // [N008]
	}
	return a, nil
}

// parseARN splits an ARN, or says as AWS does how many elements it has [N006].
func parseARN(text, member string) (arn.ARN, error) {
	if n := strings.Count(text, ":") + 1; n < 6 {
		return arn.ARN{}, invalidParameter("%s Reason: An ARN must have at least 6 elements, not %d", member, n)
	}
	a, err := arn.Parse(text)
	if err != nil {
		return a, invalidParameter("%s", member)
	}
	return a, nil
}

// earlier finds mistakes in an ARN, which SNS reports before missing members.
func earlier(ctx context.Context, in any) *api.Error {
	var err error
	switch in := in.(type) {
	case interface{ topic() string }:
		if in.topic() != "" {
			_, err = parseTopicARN(ctx, in.topic(), "TopicArn")
		}
	case interface{ resource() string }:
		if in.resource() != "" {
			_, err = parseTopicARN(ctx, in.resource(), "ResourceArn")
		}
	case interface{ subscription() string }:
		if in.subscription() != "" {
			_, err = parseSubscriptionARN(ctx, in.subscription())
		}
	case interface{ application() string }:
		if in.application() != "" {
			_, err = parseApplicationARN(ctx, in.application())
		}
	case interface{ device() string }:
		if in.device() != "" {
			_, err = parseDeviceARN(ctx, in.device(), "EndpointArn")
		}
	}
	if err == nil {
		return nil
	}
	return api.AsError(err)
}

// onTopic resolves an input to the topic that topic names.
func onTopic[In any](s *Service, topic func(In) string) func(context.Context, In) (api.Target, *topicRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *topicRecord, error) {
		return s.topicTarget(ctx, topic(in), "TopicArn")
	}
}

// topicTarget is the target of a call on a topic, and the topic, if it exists.
func (s *Service) topicTarget(ctx context.Context, text, member string) (target api.Target, topic *topicRecord, err error) {
	a, err := parseTopicARN(ctx, text, member)
	if err != nil {
		return target, nil, err
	}
	err = s.engine.View(ctx, func(r store.Reader) (err error) {
		target, topic, err = s.describe(ctx, r, text, a.AccountID)
		return err
	})
	return target, topic, err
}

func (s *Service) describe(ctx context.Context, r store.Reader, text, account string) (api.Target, *topicRecord, error) {
	target := api.Target{ARN: text, Account: account}
	topic := s.topics.Get(r, text)
	if topic == nil {
		target.Missing = errTopicNotFound
		return target, nil, nil
	}
	target.ARN, target.Policy, target.Tags = topic.Arn, topic.compiled, resource.TagMap(topic.Tags)
	return target, topic, s.secure(ctx, topic)
}

// confirm makes sure within a transaction that a topic is as it was when the call
// was decided.
func confirm(r store.Reader, topic *topicRecord) error {
	return api.Confirm(r, topic, errTopicNotFound)
}

// secure refuses requests to an encrypted topic that are unsigned or not made
// over TLS, where the server is to be as strict as AWS [B6].
func (s *Service) secure(ctx context.Context, topic *topicRecord) error {
	request := api.RequestFrom(ctx)
	if s.strictTransport && topic.Attributes[attrKmsMasterKeyID] != "" &&
		(!request.SecureTransport || request.Caller.Type == policyeval.Anonymous) {
		return ErrInvalidSecurity
	}
	return nil
}

// account is the target of the operations that act on no topic. AWS calls it
// arn:aws:sns:REGION:ACCOUNT:* in denials.
func account[In any](ctx context.Context, _ In) (api.Target, error) {
	return accountTarget(ctx), nil
}

func accountTarget(ctx context.Context) api.Target {
	request := api.RequestFrom(ctx)
	return api.Target{ARN: arn.New("sns", request.Region, request.Account, "*").String(), Account: request.Account}
}

// topic is the topic of the given ARN, or the error that it does not exist.
func (s *Service) topic(r store.Reader, text string) (*topicRecord, error) {
	topic := s.topics.Get(r, text)
	if topic == nil {
		return nil, errTopicNotFound
	}
	return topic, nil
}
