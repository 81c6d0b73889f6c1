package sns

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// SubscribeInput is the input of Subscribe.
type SubscribeInput struct {
	Protocol              string `check:"required"`
	TopicArn              string `check:"required"`
	Attributes            map[string]string
	Endpoint              string
	ReturnSubscriptionArn bool
}

// SubscribeOutput is the output of Subscribe.
type SubscribeOutput struct {
	SubscriptionArn string
}

// Subscribe makes a subscription, or answers the one of that endpoint that has
// the same attributes (N053).
//
// See https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html.
func (s *Service) Subscribe(ctx context.Context, in *SubscribeInput) (*SubscribeOutput, error) {
	request := api.RequestFrom(ctx)
	fresh := &subscriptionRecord{
		Arn:      in.TopicArn + ":" + s.ids.UUID(),
		TopicArn: in.TopicArn, Protocol: in.Protocol, Endpoint: in.Endpoint,
		Owner: request.Account, Principal: request.Caller.ARN, Created: s.clock.Now(),
		Authenticated: true,
	}
	if err := checkEndpoint(in); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(in.Attributes) {
		if err := fresh.set(name, in.Attributes[name]); err != nil {
			return nil, attributesReason(err)
		}
	}
	var subscription *subscriptionRecord
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if _, err := s.topic(tx, in.TopicArn); err != nil {
			return err
		}
		link := s.endpoints.Get(tx, endpointKey(in.TopicArn, in.Protocol, in.Endpoint))
		if link != nil {
			subscription = s.subscriptions.Get(tx, link.Arn)
			return sameSubscription(subscription, fresh, in)
		}
		subscription = fresh
		s.addSubscription(tx, request.Region, fresh)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &SubscribeOutput{SubscriptionArn: subscription.Arn}, nil
}

func (s *Service) addSubscription(tx store.Tx, region string, r *subscriptionRecord) {
	s.subscriptions.Put(tx, r.Arn, r)
	s.endpoints.Put(tx, endpointKey(r.TopicArn, r.Protocol, r.Endpoint), &linkRecord{r.Arn})
	s.owners.Put(tx, ownerKey(region, r), &linkRecord{r.Arn})
	s.count(tx, r.TopicArn, 1, 0)
}

func (s *Service) count(tx store.Tx, topic string, confirmed, deleted int) {
	if tally := s.tallies.Edit(tx, topic); tally != nil {
		tally.Confirmed += confirmed
		tally.Deleted += deleted
		s.tallies.Put(tx, topic, tally)
	}
}

// sameSubscription compares an existing subscription with a request to
// subscribe the same endpoint again (N053, N054).
func sameSubscription(r, fresh *subscriptionRecord, in *SubscribeInput) error {
	for name := range in.Attributes {
		if r.attribute(name) != fresh.attribute(name) {
			return invalidParameter("Attributes Reason: Subscription already exists with different attributes")
		}
	}
	return nil
}

func checkEndpoint(in *SubscribeInput) error {
	switch in.Protocol {
	case "sqs":
		return checkQueueEndpoint(in)
	default:
		return invalidParameter("Amazon SNS does not support this protocol string: %s", in.Protocol) // N045
	}
}

func checkQueueEndpoint(in *SubscribeInput) error {
	queue, err := arn.Parse(in.Endpoint)
	if err != nil || queue.Service != "sqs" || queue.Region == "" || !arn.IsAccountID(queue.AccountID) || queue.Resource == "" {
		return invalidParameter("SQS endpoint ARN") // N046
	}
	if strings.HasSuffix(queue.Resource, fifoSuffix) && !strings.HasSuffix(in.TopicArn, fifoSuffix) {
		return invalidParameter("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics") // N058
	}
	return nil
}

// subscribeTarget is the topic, with what the policy may want to know of the endpoint.
func (s *Service) subscribeTarget(ctx context.Context, in *SubscribeInput) (api.Target, error) {
	target, err := s.topicTarget(ctx, in.TopicArn, "TopicArn")
	target.Keys = func(c *policyeval.Context) {
		c.Set("sns:Endpoint", in.Endpoint)
		c.Set("sns:Protocol", in.Protocol)
	}
	return target, err
}

// set changes one attribute.
func (r *subscriptionRecord) set(name, value string) error {
	stored, err := r.normal(name, value)
	if err != nil {
		return err
	}
	if stored == "" {
		delete(r.Attributes, name)
		return nil
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	r.Attributes[name] = stored
	return nil
}

// normal is an attribute's value as it is stored; an empty one removes the attribute.
func (r *subscriptionRecord) normal(name, value string) (string, error) {
	switch name {
	case attrRawMessageDelivery:
		switch v := strings.ToLower(value); v {
		case "true", "false":
			return v, nil
		default:
			return "", invalidParameter("RawMessageDelivery: Invalid value [%s]. Must be true or false.", value) // N055, N070
		}
	default:
		return "", invalidParameter("AttributeName") // N069
	}
}

// attribute is the value that an attribute has, set or by default.
func (r *subscriptionRecord) attribute(name string) string {
	value := r.Attributes[name]
	if value == "" && name == attrRawMessageDelivery {
		return "false"
	}
	return value
}

// UnsubscribeInput is the input of Unsubscribe.
type UnsubscribeInput struct {
	SubscriptionArn string
}

// UnsubscribeOutput is the output of Unsubscribe.
type UnsubscribeOutput struct{}

// Unsubscribe ends a subscription. It succeeds where there is none (N077).
//
// See https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html.
func (s *Service) Unsubscribe(ctx context.Context, in *UnsubscribeInput) (*UnsubscribeOutput, error) {
	region := api.RequestFrom(ctx).Region
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if r := s.subscriptions.Get(tx, in.SubscriptionArn); r != nil {
			s.subscriptions.Delete(tx, r.Arn)
			s.endpoints.Delete(tx, endpointKey(r.TopicArn, r.Protocol, r.Endpoint))
			s.owners.Delete(tx, ownerKey(region, r))
			s.count(tx, r.TopicArn, -1, 1)
		} else if r := s.aside.Get(tx, in.SubscriptionArn); r != nil {
			s.aside.Delete(tx, r.Arn)
			s.owners.Delete(tx, ownerKey(region, r))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &UnsubscribeOutput{}, nil
}

// subscription is the subscription of the given ARN, whatever its state, or nil.
func (s *Service) subscription(r store.Reader, text string) *subscriptionRecord {
	if found := s.subscriptions.Get(r, text); found != nil {
		return found
	}
	return s.aside.Get(r, text)
}

// unsubscribeChecks: the owners of the topic and of the subscription may, if
// their account lets them; the link in a notification is for everybody.
func (s *Service) unsubscribeChecks(ctx context.Context, in *UnsubscribeInput) ([]api.Check, error) {
	topic, err := parseSubscriptionARN(ctx, in.SubscriptionArn)
	if err != nil {
		return nil, err
	}
	request := api.RequestFrom(ctx)
	if request.Caller.Type == policyeval.Anonymous {
		return nil, nil
	}
	target := accountTarget(ctx)
	err = s.engine.View(ctx, func(r store.Reader) error {
		found := s.subscription(r, in.SubscriptionArn)
		if found != nil && found.Owner != request.Account && topic.AccountID != request.Account {
			target.Account = found.Owner
		}
		return nil
	})
	return []api.Check{{Action: "sns:Unsubscribe", Target: target}}, err
}

// parseSubscriptionARN reads a subscription's ARN and answers its topic's (N078-N081).
func parseSubscriptionARN(ctx context.Context, text string) (arn.ARN, error) {
	if text == "" {
		return arn.ARN{}, invalidParameter("SubscriptionArn Reason: no value for required parameter")
	}
	a, err := parseARN(text, "SubscriptionArn")
	if err != nil {
		return a, err
	}
	topic, id, ok := strings.Cut(a.Resource, ":")
	if !ok || id == "" || strings.Contains(id, ":") {
		return a, invalidParameter("SubscriptionId")
	}
	if a.Service != "sns" || a.Region != api.RequestFrom(ctx).Region || !arn.IsAccountID(a.AccountID) {
		return a, invalidParameter("SubscriptionArn")
	}
	a.Resource = topic
	return a, nil
}
