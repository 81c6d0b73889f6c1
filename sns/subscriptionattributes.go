package sns

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// subscriptionAttributes are the attributes that a subscription takes: what a
// value is stored as, or why it is refused. An empty one removes the attribute.
var subscriptionAttributes = map[string]func(value string) (stored, refused string){
	attrDeliveryPolicy: normalSubscriptionDelivery,
	attrFilterPolicy:   anything, // compiled when the scope is known
	attrFilterPolicyScope: func(value string) (stored, refused string) {
		if value != scopeAttributes && value != scopeBody {
			return "", "Invalid value [" + value + "]. Please use either MessageBody or MessageAttributes" // [N074]
		}
		return value, ""
	},
	attrRawMessageDelivery:  boolean,
	attrRedrivePolicy:       normalRedrive,
	attrReplayPolicy:        normalReplay,
	attrSubscriptionRoleArn: roleArn,
}

func roleArn(value string) (stored, refused string) {
	a, err := arn.Parse(value)
	if err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "role/") {
		return "", "Invalid value [" + value + "]. Must be the ARN of an IAM role."
	}
	return value, ""
}

// normalRedrive is a redrive policy as it was given [N066] [N071] [N072].
func normalRedrive(value string) (stored, refused string) {
	if value == "" {
		return "", ""
	}
	err := checkShape(value, redriveShape)
	if err == nil {
		_, err = parseRedrive(value)
	}
	if err != nil {
		return "", err.Error()
	}
	return value, ""
}

var redriveShape = anObject(map[string]*shape{"deadLetterTargetArn": aString})

// refusal is why an attribute's value is refused.
type refusal string

func (r refusal) Error() string { return string(r) }

// parseRedrive is the dead-letter queue that a redrive policy names.
func parseRedrive(text string) (string, error) {
	var policy struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil || checkQueue(policy.DeadLetterTargetArn) != nil {
		return "", refusal("deadLetterTargetArn is an invalid arn")
	}
	return policy.DeadLetterTargetArn, nil
}

// set changes one attribute.
func (r *subscriptionRecord) set(name, value string) error {
	normal, ok := subscriptionAttributes[name]
	if !ok {
		return invalidParameter("AttributeName") // [N069]
	}
	stored, refused := normal(value)
	if refused != "" {
		return badDocument(name, refused)
	}
	if stored == "" {
		delete(r.Attributes, name) // [N056] [N065]
		return nil
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	r.Attributes[name] = stored
	return nil
}

// check refuses attributes that do not suit each other, the protocol or the topic.
func (r *subscriptionRecord) check() error {
	p := protocols[r.Protocol]
	switch {
	case r.raw() && !p.raw:
		return invalidParameter("Delivery protocol [%s] does not support raw message delivery.", r.Protocol)
	case r.Attributes[attrDeliveryPolicy] != "" && !p.web:
		return invalidParameter("DeliveryPolicy: Delivery protocol [%s] does not support delivery policies.", r.Protocol)
	case r.Protocol == protocolFirehose && r.Attributes[attrSubscriptionRoleArn] == "":
		return invalidParameter("SubscriptionRoleArn: is required for the protocol firehose.")
	case r.Attributes[attrReplayPolicy] != "" && !isFifo(r.TopicArn):
		return invalidParameter("ReplayPolicy: is supported by FIFO topics only.")
	}
	if err := r.Load(); err != nil {
		return err
	}
	return r.checkDeadLetter()
}

// checkDeadLetter: the queue is in the region and account of the subscription
// [B24], and a FIFO queue where the subscription needs order [N075].
func (r *subscriptionRecord) checkDeadLetter() error {
	if r.deadLetter == "" {
		return nil
	}
	queue, err := arn.Parse(r.deadLetter)
	switch {
	case err != nil:
		return err
	case queue.Region != regionOf(r.TopicArn) || queue.AccountID != r.Owner:
		return invalidParameter("RedrivePolicy: must reference a queue in the same region and account as the subscription")
	case isFifo(r.TopicArn) && isFifo(r.Endpoint) && !isFifo(r.deadLetter):
		return invalidParameter("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")
	case !isFifo(r.TopicArn) && isFifo(r.deadLetter):
		return invalidParameter("RedrivePolicy: must use a standard queue as DLQ for a subscription to a standard Topic.")
	}
	return nil
}

// attribute is the value that an attribute has, set or by default.
func (r *subscriptionRecord) attribute(name string) string {
	value, ok := r.Attributes[name]
	switch {
	case ok:
		return value
	case name == attrRawMessageDelivery:
		return "false"
	case name == attrFilterPolicyScope:
		return scopeAttributes
	default:
		return ""
	}
}

// GetSubscriptionAttributesInput is the input of GetSubscriptionAttributes.
type GetSubscriptionAttributesInput struct {
	SubscriptionArn string `check:"required"`
}

func (in *GetSubscriptionAttributesInput) subscription() string { return in.SubscriptionArn }

// GetSubscriptionAttributesOutput is the output of GetSubscriptionAttributes.
type GetSubscriptionAttributesOutput struct {
	Attributes map[string]string
}

// GetSubscriptionAttributes answers a subscription's attributes [N061]-[N067].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html.
func (s *Service) GetSubscriptionAttributes(ctx context.Context, in *GetSubscriptionAttributesInput) (*GetSubscriptionAttributesOutput, error) {
	return api.Do(ctx, in, onSubscription(s, (*GetSubscriptionAttributesInput).subscription), s.getSubscriptionAttributes)
}

func (s *Service) getSubscriptionAttributes(ctx context.Context, found *subscriptionRecord, _ *GetSubscriptionAttributesInput) (*GetSubscriptionAttributesOutput, error) {
	out := new(GetSubscriptionAttributesOutput)
	err := s.engine.View(ctx, func(r store.Reader) error {
		delivery := new(topicDelivery)
		if topic := s.topics.Get(r, found.TopicArn); topic != nil {
			delivery = &topic.delivery
		}
		out.Attributes = found.attributes(delivery)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// refused is the error where a subscription, which may be nil, does not belong to the
// caller's account: only its owner may read it, even if the topic is the caller's. nil:
// it belongs to the caller's account.
func (s *Service) refused(ctx context.Context, found *subscriptionRecord) *api.Error {
	switch {
	case found == nil || !found.alive(s.clock.Now()):
		return errSubscriptionNotFound
	case found.Owner != api.RequestFrom(ctx).Account:
		return ErrAuthorization.With("Not authorized to access this subscription")
	}
	return nil
}

func (r *subscriptionRecord) attributes(topic *topicDelivery) map[string]string {
	m := map[string]string{
		"ConfirmationWasAuthenticated": strconv.FormatBool(r.Authenticated),
		"Endpoint":                     r.Endpoint,
		"Owner":                        r.Owner,
		"PendingConfirmation":          strconv.FormatBool(r.Pending),
		"Protocol":                     r.Protocol,
		"SubscriptionArn":              r.Arn,
		"SubscriptionPrincipal":        r.Principal,
		"TopicArn":                     r.TopicArn,
		attrRawMessageDelivery:         "false",
	}
	maps.Copy(m, r.Attributes)
	if r.Attributes[attrFilterPolicy] == "" {
		delete(m, attrFilterPolicyScope) // [N064]
	} else {
		m[attrFilterPolicyScope] = r.attribute(attrFilterPolicyScope)
	}
	if protocols[r.Protocol].web {
		effective := topic.resolve(&r.delivery)
		m["EffectiveDeliveryPolicy"] = effective.document()
	}
	if r.Replay.Status != "" {
		m["ReplayStatus"] = r.Replay.Status
	}
	return m
}

// SetSubscriptionAttributesInput is the input of SetSubscriptionAttributes.
type SetSubscriptionAttributesInput struct {
	AttributeName   string `check:"required"`
	SubscriptionArn string `check:"required"`
	AttributeValue  string
}

func (in *SetSubscriptionAttributesInput) subscription() string { return in.SubscriptionArn }

// SetSubscriptionAttributesOutput is the output of SetSubscriptionAttributes.
type SetSubscriptionAttributesOutput struct{}

// SetSubscriptionAttributes changes one attribute of a subscription.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html.
func (s *Service) SetSubscriptionAttributes(ctx context.Context, in *SetSubscriptionAttributesInput) (*SetSubscriptionAttributesOutput, error) {
	return api.Do(ctx, in, onSubscription(s, (*SetSubscriptionAttributesInput).subscription), s.setSubscriptionAttributes)
}

func (s *Service) setSubscriptionAttributes(ctx context.Context, found *subscriptionRecord, in *SetSubscriptionAttributesInput) (*SetSubscriptionAttributesOutput, error) {
	now := s.clock.Now()
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := s.confirmSubscription(tx, found); err != nil {
			return err
		}
		table, put := s.subscriptions, s.putSubscription
		if table.Get(tx, found.Arn) == nil {
			table, put = s.aside, func(tx store.Tx, r *subscriptionRecord) { s.aside.Put(tx, r.Arn, r) }
		}
		edited := table.Edit(tx, found.Arn)
		if err := edited.set(in.AttributeName, in.AttributeValue); err != nil {
			return err
		}
		edited.filter = nil
		if err := edited.check(); err != nil {
			return err
		}
		if in.AttributeName == attrReplayPolicy {
			if err := s.checkReplay(s.topics.Get(tx, edited.TopicArn), edited, now); err != nil {
				return err
			}
			s.startReplay(tx, edited, api.RequestFrom(ctx).PublicURL())
		}
		put(tx, edited)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.worker.wake()
	return &SetSubscriptionAttributesOutput{}, nil
}

// confirmSubscription makes sure within a transaction that a subscription is as it
// was when the call was decided. One that was confirmed since, or whose topic was
// deleted, is in another bucket.
func (s *Service) confirmSubscription(r store.Reader, found *subscriptionRecord) error {
	err := api.Confirm(r, found, errSubscriptionNotFound)
	if errors.Is(err, errSubscriptionNotFound) && s.subscription(r, found.Arn) != nil {
		return api.ErrChanged
	}
	return err
}

// onSubscription resolves an input to a subscription. The target is the account,
// because subscriptions are no resources of IAM policies.
func onSubscription[In any](s *Service, subscription func(In) string) func(context.Context, In) (api.Target, *subscriptionRecord, error) {
	return func(ctx context.Context, in In) (target api.Target, found *subscriptionRecord, err error) {
		text := subscription(in)
		if _, err := parseSubscriptionARN(ctx, text); err != nil {
			return target, nil, err
		}
		target = accountTarget(ctx)
		err = s.engine.View(ctx, func(r store.Reader) error {
			found = s.subscription(r, text)
			target.Refused = s.refused(ctx, found)
			return nil
		})
		return target, found, err
	}
}

// parseSubscriptionARN reads a subscription's ARN and answers its topic's [N078] [N079] [N081].
func parseSubscriptionARN(ctx context.Context, text string) (arn.ARN, error) {
	a, err := parseARN(text, "SubscriptionArn")
	if err != nil {
		return a, err
	}
	topic, id, ok := strings.Cut(a.Resource, ":")
	if !ok || id == "" || strings.Contains(id, ":") {
		return a, invalidParameter("SubscriptionId")
	}
	// The link in a message names no region.
	request := api.RequestFrom(ctx)
	here := a.Region == request.Region || request.Caller.Type == policyeval.Anonymous
	if a.Service != "sns" || !here || !arn.IsAccountID(a.AccountID) {
		return a, invalidParameter("SubscriptionArn")
	}
	a.Resource = topic
	return a, nil
}
