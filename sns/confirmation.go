package sns

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// tokenRecord is what a confirmation token confirms.
type tokenRecord struct {
	Arn     string
	Expires time.Time
	// Ended is a subscription that was ended by the link in a notification, and that the
	// token restores; nil: the token confirms a new subscription.
	Ended *subscriptionRecord `json:",omitempty"`
}

func (s *Service) dropToken(tx store.Tx, r *subscriptionRecord) {
	if r.Token != "" {
		s.tokens.delete(tx, r.Token)
	}
}

// Token is the token that a subscription is confirmed with; empty where there is
// no such subscription, or it needs none. Nothing is authorized.
func (s *Service) Token(ctx context.Context, subscription string) (token string, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		token = ""
		if found := s.subscription(r, subscription); found != nil {
			token = found.Token
		}
		return nil
	})
	return token, err
}

// ConfirmSubscriptionInput is the input of ConfirmSubscription.
type ConfirmSubscriptionInput struct {
	Token                     string `check:"required" trail:"hide"`
	TopicArn                  string `check:"required"`
	AuthenticateOnUnsubscribe string
}

// ConfirmSubscriptionOutput is the output of ConfirmSubscription.
type ConfirmSubscriptionOutput struct {
	SubscriptionArn string
}

// The refusals of a token [N082].
var (
	errToken      = invalidParameter("Token")
	errTokenShape = ErrInvalidParameter.With("Invalid token")
)

// ConfirmSubscription makes a pending subscription take effect. Knowing the token is
// enough. Called again, it answers the same [N084].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html.
func (s *Service) ConfirmSubscription(ctx context.Context, in *ConfirmSubscriptionInput) (*ConfirmSubscriptionOutput, error) {
	if !wellFormedToken(in.Token) {
		return nil, errTokenShape
	}
	region, err := s.confirmRegion(ctx, in)
	if err != nil {
		return nil, err
	}
	request := api.RequestFrom(ctx)
	signed := request.Caller.Type != policyeval.Anonymous
	guarded := signed && strings.EqualFold(in.AuthenticateOnUnsubscribe, "true")
	now := s.clock.Now()
	out := new(ConfirmSubscriptionOutput)
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		record := s.tokens.get(tx, in.Token)
		if record == nil || regionOf(record.Arn) != region {
			return errToken
		}
		if s.topics.Get(tx, topicOf(record.Arn)) == nil {
			return errToken
		}
		out.SubscriptionArn = record.Arn
		if s.subscriptions.Get(tx, record.Arn) != nil {
			return nil
		}
		if !now.Before(record.Expires) {
			return errToken
		}
		r := s.aside.Edit(tx, record.Arn)
		if record.Ended != nil {
			r = record.Ended
		}
		if r == nil {
			return errToken
		}
		s.aside.Delete(tx, r.Arn)
		// The token stays with the subscription, so that it answers again.
		r.Pending, r.Expires, r.Token = false, time.Time{}, in.Token
		r.Authenticated, r.Guarded = signed, guarded
		s.startReplay(tx, r, request.PublicURL())
		s.addSubscription(tx, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.worker.wake()
	return out, nil
}

// wellFormedToken reports whether a token could be one of SNS's: hexadecimal
// digits, however many [N082] [N085].
func wellFormedToken(token string) bool {
	return token != "" && strings.Trim(token, "0123456789abcdef") == ""
}

// confirmRegion is the region of the topic that in names. It must be the endpoint's
// region, except for the link in a message, whose host names no region.
func (s *Service) confirmRegion(ctx context.Context, in *ConfirmSubscriptionInput) (string, error) {
	request := api.RequestFrom(ctx)
	a, err := arn.Parse(in.TopicArn)
	if err != nil || a.Service != "sns" {
		return "", invalidParameter("Topic")
	}
	known := a.Region == request.Region
	if !known && request.Caller.Type == policyeval.Anonymous {
		err = s.engine.View(ctx, func(r store.Reader) error {
			record := s.tokens.get(r, in.Token)
			known = record != nil && regionOf(record.Arn) == a.Region
			return nil
		})
	}
	if err == nil && !known {
		err = invalidParameter("Topic")
	}
	return a.Region, err
}

// The types of what SNS sends.
const (
	typeNotification = "Notification"
	typeConfirm      = "SubscriptionConfirmation"
	typeUnsubscribed = "UnsubscribeConfirmation"
)

// askToConfirm sends the endpoint of a pending subscription the confirmation document
// with the token [N137]-[N139].
func (s *Service) askToConfirm(ctx context.Context, topic *topicRecord, r *subscriptionRecord) error {
	text := "You have chosen to subscribe to the topic " + topic.Arn + ".\nTo confirm the subscription, visit the SubscribeURL included in this message."
	return s.sendToken(ctx, topic, r, typeConfirm, text)
}

// sendToken sends an endpoint a document with a confirmation token.
func (s *Service) sendToken(ctx context.Context, topic *topicRecord, r *subscriptionRecord, kind, text string) error {
	ctx = context.WithoutCancel(ctx)
	id := s.ids.UUID()
	visit := api.RequestFrom(ctx).PublicURL() + "/?Action=ConfirmSubscription&TopicArn=" + topic.Arn + "&Token=" + r.Token
	body, err := s.tokenDocument(ctx, topic, kind, id, r.Token, text, visit)
	if err != nil {
		return err
	}
	j := new(job)
	s.fillJob(ctx, j, topic, r, kind)
	j.MessageID, j.Body = id, body
	if r.Protocol == protocolEmail {
		j.Body = text + "\n\n" + visit
		j.Subject = ptrTo("AWS Notification - Subscription Confirmation")
	}
	j.DeadLetter = "" // [N146]
	return s.deliverAll(ctx, []*job{j})
}

// tokenDocument is the signed document of a confirmation [N137] [N145].
func (s *Service) tokenDocument(ctx context.Context, topic *topicRecord, kind, id, token, text, visit string) (string, error) {
	timestamp := s.clock.Now().UTC().Format(timestampLayout)
	version := topic.attribute(attrSignatureVersion)
	signature, certificate, err := s.signer.sign(ctx, version, []string{
		"Message", text, "MessageId", id, "SubscribeURL", visit, "Timestamp", timestamp, "Token", token, "TopicArn", topic.Arn, "Type", kind,
	})
	if err != nil {
		return "", err
	}
	var d document
	d.add("Type", kind)
	d.add("MessageId", id)
	d.add("Token", token)
	d.add("TopicArn", topic.Arn)
	d.add("Message", text)
	d.add("SubscribeURL", visit)
	d.add("Timestamp", timestamp)
	d.add("SignatureVersion", version)
	d.add("Signature", signature)
	d.add("SigningCertURL", secureURL(ctx)+certificate)
	return d.String(), nil
}

// UnsubscribeInput is the input of Unsubscribe.
type UnsubscribeInput struct {
	SubscriptionArn *string
}

// UnsubscribeOutput is the output of Unsubscribe.
type UnsubscribeOutput struct{}

// Unsubscribe ends a subscription. It succeeds where there is none [N077]. An
// endpoint whose subscription was ended by the link in a notification gets a document
// with a token that restores the subscription [N144].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html.
func (s *Service) Unsubscribe(ctx context.Context, in *UnsubscribeInput) (*UnsubscribeOutput, error) {
	return api.DoChecks(ctx, in, s.unsubscribeChecks, s.unsubscribe)
}

func (s *Service) unsubscribe(ctx context.Context, r *subscriptionRecord, _ *UnsubscribeInput) (*UnsubscribeOutput, error) {
	if r == nil {
		return &UnsubscribeOutput{}, nil
	}
	byLink := api.RequestFrom(ctx).Caller.Type == policyeval.Anonymous
	expires := s.clock.Now().Add(pendingPeriod)
	var ended *subscriptionRecord
	var topic *topicRecord
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		ended = nil
		if err := s.confirmSubscription(tx, r); err != nil {
			return err
		}
		s.removeSubscription(tx, r)
		topic = s.topics.Get(tx, r.TopicArn)
		if p := protocols[r.Protocol]; byLink && p.handshake && !r.Pending && topic != nil {
			again := *r
			again.Token = newConfirmation()
			ended = &again
			s.tokens.put(tx, again.Token, &tokenRecord{Arn: r.Arn, Expires: expires, Ended: ended})
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSubscriptionNotFound) {
		return nil, err
	}
	if ended != nil {
		text := "You have chosen to deactivate subscription " + ended.Arn + ".\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
		if err := s.sendToken(ctx, topic, ended, typeUnsubscribed, text); err != nil {
			return nil, err
		}
	}
	return &UnsubscribeOutput{}, nil
}
