package sns

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
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

func (in *SubscribeInput) topic() string { return in.TopicArn }

// SubscribeOutput is the output of Subscribe.
type SubscribeOutput struct {
	SubscriptionArn string
}

// pendingPeriod is how long a subscription waits for its confirmation, and how long
// those of a deleted topic are still listed.
const pendingPeriod = 48 * time.Hour

// pendingArn stands for the ARN of a subscription that waits [N051].
const pendingArn = "pending confirmation"

// Subscribe makes a subscription, or answers the one of that endpoint that has
// the same attributes [N053]. Where the endpoint has to confirm, it is asked to.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html.
func (s *Service) Subscribe(ctx context.Context, in *SubscribeInput) (*SubscribeOutput, error) {
	return api.Do(ctx, in, s.subscribeTarget, s.subscribe)
}

func (s *Service) subscribe(ctx context.Context, topic *topicRecord, in *SubscribeInput) (*SubscribeOutput, error) {
	fresh, err := s.newSubscription(ctx, in)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	if err := s.checkReach(ctx, in, now); err != nil {
		return nil, err
	}
	var subscription *subscriptionRecord
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, topic); err != nil {
			return err
		}
		if err := s.checkDevice(tx, in); err != nil {
			return err
		}
		subscription = s.subscribed(tx, in, now)
		if subscription != nil {
			return sameSubscription(subscription, fresh, in)
		}
		subscription = fresh
		if err := s.checkReplay(topic, fresh, now); err != nil {
			return attributesReason(err)
		}
		s.startReplay(tx, fresh, api.RequestFrom(ctx).PublicURL())
		s.addSubscription(tx, fresh)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &SubscribeOutput{SubscriptionArn: subscription.Arn}
	if subscription.Pending {
		if !in.ReturnSubscriptionArn {
			out.SubscriptionArn = pendingArn
		}
		return out, s.askToConfirm(ctx, topic, subscription)
	}
	s.worker.wake()
	return out, nil
}

// checkReach refuses an HTTP endpoint that would have to confirm and cannot be
// connected to. Its answer does not matter here.
func (s *Service) checkReach(ctx context.Context, in *SubscribeInput, now time.Time) error {
	if !protocols[in.Protocol].web {
		return nil
	}
	asked := true
	err := s.engine.View(ctx, func(r store.Reader) error {
		asked = true
		if link := s.endpoints.Get(r, endpointKey(in.TopicArn, in.Protocol, in.Endpoint)); link != nil {
			existing := s.subscription(r, link.Arn)
			asked = existing == nil || existing.Pending || !existing.alive(now)
		}
		return nil
	})
	if err != nil || !asked {
		return err
	}
	if err := s.sender.Reach(ctx, in.Endpoint); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "sns: an endpoint that cannot be reached was not subscribed",
			slog.String("topic", in.TopicArn), slog.String("endpoint", withoutPassword(in.Endpoint)), slog.Any("error", err))
		return errUnreachable
	}
	return nil
}

// newSubscription is the subscription that in asks for.
func (s *Service) newSubscription(ctx context.Context, in *SubscribeInput) (*subscriptionRecord, error) {
	if _, err := parseTopicARN(ctx, in.TopicArn, "TopicArn"); err != nil {
		return nil, err
	}
	if err := checkEndpoint(in); err != nil {
		return nil, err
	}
	request := api.RequestFrom(ctx)
	fresh := &subscriptionRecord{
		Arn:      in.TopicArn + ":" + s.ids.UUID(),
		TopicArn: in.TopicArn, Protocol: in.Protocol, Endpoint: in.Endpoint,
		Owner: request.Account, Principal: request.Caller.ARN, Created: s.clock.Now(),
	}
	for _, name := range sortedKeys(in.Attributes) {
		if err := fresh.set(name, in.Attributes[name]); err != nil {
			return nil, attributesReason(err)
		}
	}
	if err := fresh.check(); err != nil {
		return nil, attributesReason(err)
	}
	// A queue of another account than the subscriber's has to confirm too.
	elsewhere := in.Protocol == protocolSQS && ownerOf(in.Endpoint) != request.Account
	if protocols[in.Protocol].handshake || elsewhere {
		fresh.Pending, fresh.Token, fresh.Expires = true, newConfirmation(), fresh.Created.Add(pendingPeriod)
		return fresh, nil
	}
	fresh.Authenticated = true
	return fresh, nil
}

// tokenLength is how many hexadecimal digits a confirmation token has.
const tokenLength = 288

// newConfirmation is a random confirmation token. Knowing it is enough to confirm.
func newConfirmation() string {
	b := make([]byte, tokenLength/2)
	if _, err := rand.Read(b); err != nil {
		panic("sns: " + err.Error()) // crypto/rand never fails
	}
	return hex.EncodeToString(b)
}

// subscribed is the subscription that the endpoint already has, or nil.
func (s *Service) subscribed(tx store.Tx, in *SubscribeInput, now time.Time) *subscriptionRecord {
	link := s.endpoints.Get(tx, endpointKey(in.TopicArn, in.Protocol, in.Endpoint))
	if link == nil {
		return nil
	}
	r := s.subscription(tx, link.Arn)
	if r != nil && !r.alive(now) {
		s.removeSubscription(tx, r)
		return nil
	}
	return r
}

// sameSubscription compares an existing subscription with a request to
// subscribe the same endpoint again [N053] [N054].
func sameSubscription(r, fresh *subscriptionRecord, in *SubscribeInput) error {
	for name := range in.Attributes {
		if r.attribute(name) != fresh.attribute(name) {
			return invalidParameter("Attributes Reason: Subscription already exists with different attributes")
		}
	}
	return nil
}

func (s *Service) addSubscription(tx store.Tx, r *subscriptionRecord) {
	s.endpoints.Put(tx, endpointKey(r.TopicArn, r.Protocol, r.Endpoint), &linkRecord{r.Arn})
	s.owners.Put(tx, r.ownerKey(), &linkRecord{r.Arn})
	if r.Pending {
		s.aside.Put(tx, r.Arn, r)
		s.tokens.put(tx, r.Token, &tokenRecord{Arn: r.Arn, Expires: r.Expires})
		return
	}
	s.subscriptions.Put(tx, r.Arn, r)
	s.count(tx, r.TopicArn, 1, 0)
}

// removeSubscription deletes a subscription, whatever its state.
func (s *Service) removeSubscription(tx store.Tx, r *subscriptionRecord) {
	if s.subscriptions.Get(tx, r.Arn) != nil {
		s.count(tx, r.TopicArn, -1, 1)
	}
	s.dropToken(tx, cmp.Or(s.stored(tx, r.Arn), r)) // an orphan has none
	s.subscriptions.Delete(tx, r.Arn)
	s.aside.Delete(tx, r.Arn)
	s.owners.Delete(tx, r.ownerKey())
	s.replays.delete(tx, r.Arn)
	key := endpointKey(r.TopicArn, r.Protocol, r.Endpoint)
	if link := s.endpoints.Get(tx, key); link != nil && link.Arn == r.Arn {
		s.endpoints.Delete(tx, key)
	}
}

// count changes the counts of the topic's subscriptions, and their revision. Every change
// of a confirmed subscription of a topic comes here.
func (s *Service) count(tx store.Tx, topic string, confirmed, deleted int) {
	if tally := s.tallies.Edit(tx, topic); tally != nil {
		tally.Confirmed += confirmed
		tally.Deleted += deleted
		tally.Revision = s.ids.UUID()
		s.tallies.Put(tx, topic, tally)
	}
}

// subscription is the subscription of the given ARN, whatever its state, or nil.
func (s *Service) subscription(r store.Reader, text string) *subscriptionRecord {
	return s.present(r, s.stored(r, text))
}

// stored is the subscription of the given ARN as it is stored, or nil.
func (s *Service) stored(r store.Reader, text string) *subscriptionRecord {
	if found := s.subscriptions.Get(r, text); found != nil {
		return found
	}
	return s.aside.Get(r, text)
}

// topicOf is the ARN of a subscription's topic.
func topicOf(subscription string) string {
	return subscription[:strings.LastIndexByte(subscription, ':')]
}

// subscribeTarget is the topic, with the condition keys for the endpoint and protocol.
func (s *Service) subscribeTarget(ctx context.Context, in *SubscribeInput) (api.Target, *topicRecord, error) {
	target, topic, err := s.topicTarget(ctx, in.TopicArn, "TopicArn")
	target.Keys = func(c *policyeval.Context) {
		c.Set("sns:Endpoint", in.Endpoint)
		c.Set("sns:Protocol", in.Protocol)
	}
	return target, topic, err
}
