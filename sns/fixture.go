package sns

import (
	"context"
	"maps"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// TopicAttributeNames are the names of the attributes that a topic can be given, in order.
func TopicAttributeNames() []string {
	names := map[string]bool{attrPolicy: true, attrFifoTopic: true}
	for name := range topicAttributes {
		names[name] = true
	}
	return sortedKeys(names)
}

// SubscriptionAttributeNames are the names of the attributes that a
// subscription can be given, in order.
func SubscriptionAttributeNames() []string { return sortedKeys(subscriptionAttributes) }

// Protocols are the protocols of subscriptions, in order.
func Protocols() []string { return sortedKeys(protocols) }

// ApplyTopic makes a topic, for fixture files. A topic that is there already
// keeps its subscriptions and archive and gets the attributes, tags and data
// protection policy given, and the defaults for what is left out. Nothing is
// authorized; the topic belongs to the account of ctx's request.
func (s *Service) ApplyTopic(ctx context.Context, in *CreateTopicInput) (arn string, err error) {
	name, err := newTopicARN(ctx, in)
	if err != nil {
		return "", err
	}
	fresh, err := s.newTopic(ctx, name, in)
	if err != nil {
		return "", err
	}
	err = s.makeAnew(ctx, fresh.Arn, func(tx store.Tx) error {
		old := s.topics.Get(tx, fresh.Arn)
		topic := *fresh
		topic.PolicyEpoch = s.policies.Epoch(tx)
		if old == nil {
			s.tallies.Put(tx, fresh.Arn, new(tallyRecord))
		} else {
			topic.Created = old.Created
			if !old.Archiving.IsZero() && !topic.Archiving.IsZero() {
				topic.Archiving = old.Archiving
			}
		}
		s.topics.Put(tx, fresh.Arn, &topic)
		return nil
	})
	return fresh.Arn, err
}

// ApplySubscription makes a subscription, for fixture files. It is confirmed without
// asking the endpoint. One that is there already gets the attributes given, and is
// confirmed if it was pending. id is the end of a new one's ARN; empty: one is made up.
// Nothing is authorized; the subscription belongs to the account of ctx's request.
func (s *Service) ApplySubscription(ctx context.Context, id string, in *SubscribeInput) error {
	fresh, err := s.newSubscription(ctx, in)
	if err != nil {
		return err
	}
	if id != "" {
		fresh.Arn = in.TopicArn + ":" + id
	}
	fresh.Pending, fresh.Token, fresh.Expires, fresh.Authenticated = false, "", time.Time{}, true
	now := s.clock.Now()
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		topic, err := s.topic(tx, in.TopicArn)
		if err != nil {
			return err
		}
		if err := s.checkDevice(tx, in); err != nil {
			return err
		}
		if err := s.checkReplay(topic, fresh, now); err != nil {
			return attributesReason(err)
		}
		if same := s.subscriptions.Get(tx, fresh.Arn); same != nil && !isOf(same, in) {
			s.removeSubscription(tx, same)
		}
		old := s.subscribed(tx, in, now)
		switch {
		case old != nil && id != "" && old.Arn != fresh.Arn:
			s.removeSubscription(tx, old)
			s.addSubscription(tx, fresh)
		case old == nil:
			s.startReplay(tx, fresh, api.RequestFrom(ctx).BaseURL)
			s.addSubscription(tx, fresh)
		case old.Pending:
			s.removeSubscription(tx, old)
			s.addSubscription(tx, fresh)
		default:
			kept := s.subscriptions.Edit(tx, old.Arn)
			// A replay that it began is not begun again.
			kept.Attributes, kept.filter, kept.deadLetter = maps.Clone(fresh.Attributes), nil, ""
			if err := kept.check(); err != nil {
				return attributesReason(err)
			}
			s.putSubscription(tx, kept)
		}
		return nil
	})
	if err == nil {
		s.worker.wake()
	}
	return err
}

// isOf reports whether a subscription is of the endpoint that an input names.
func isOf(b *subscriptionRecord, in *SubscribeInput) bool {
	return b.TopicArn == in.TopicArn && b.Protocol == in.Protocol && b.Endpoint == in.Endpoint
}
