package sns

import (
	"context"
	"encoding/json"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// job is one delivery that is still to be made: what is to be sent where, and how often
// that was tried. It is stored while it waits for its next attempt.
type job struct {
	ID           string
	Kind         string // typeNotification, typeConfirm or typeUnsubscribed
	BaseURL      string
	TraceHeader  string `json:",omitempty"`
	TopicArn     string
	Subscription string
	Protocol     string
	Endpoint     string
	MessageID    string
	Published    time.Time
	Raw          bool         `json:",omitempty"`
	ContentType  string       `json:",omitempty"`
	Structured   bool         `json:",omitempty"` // published with MessageStructure json
	Retry        *retryPolicy `json:",omitempty"`
	DeadLetter   string       `json:",omitempty"`
	// GroupID and DeduplicationID are those that the message was published with.
	GroupID         string `json:",omitempty"`
	DeduplicationID string `json:",omitempty"`
	Attempts        int    `json:",omitempty"`
	Due             time.Time
	content
	// Sealed is the content of a message to an encrypted topic, under a data
	// key of SNS's own; Wrapped is that key, wrapped by the HSM.
	Sealed  []byte `json:",omitempty"`
	Wrapped []byte `json:",omitempty"`

	shared    QueueBody // of the body; nil: it is in no other job
	encrypted bool
	rate      int // deliveries per second to the subscription; 0: not limited
}

// content is the part of a job that is encrypted where the topic is.
type content struct {
	Body       string                           `json:",omitempty"`
	Subject    *string                          `json:",omitempty"`
	Attributes map[string]MessageAttributeValue `json:",omitempty"`
}

// fillJob makes j a delivery to a subscription, without what is delivered.
func (s *Service) fillJob(ctx context.Context, j *job, topic *topicRecord, r *subscriptionRecord, kind string) {
	request := api.RequestFrom(ctx)
	*j = job{
		ID: s.ids.UUID(), Kind: kind, BaseURL: request.PublicURL(), TraceHeader: request.TraceHeader,
		TopicArn: topic.Arn, Subscription: r.Arn, Protocol: r.Protocol, Endpoint: r.Endpoint,
		Published: s.clock.Now(), DeadLetter: r.deadLetter, ContentType: defaultContentType,
		encrypted: topic.Attributes[attrKmsMasterKeyID] != "",
	}
	switch {
	case protocols[r.Protocol].web:
		effective := topic.delivery.resolve(&r.delivery)
		j.Retry = effective.retry
		if kind == typeNotification {
			j.ContentType = effective.contentType // [N142]
			j.rate = effective.throttle
		}
	case r.Protocol == protocolSQS:
		j.Retry = &managedRetry
	}
}

// context is the environment in which the worker makes an attempt.
func (s *Service) context(ctx context.Context, j *job) context.Context {
	return api.WithRequest(ctx, &api.Request{
		ID: s.ids.UUID(), Account: ownerOf(j.TopicArn), Region: regionOf(j.TopicArn), Time: s.clock.Now(),
		Caller:          &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: servicePrincipal}},
		SecureTransport: true, BaseURL: j.BaseURL, TraceHeader: j.TraceHeader,
		SourceARN: j.TopicArn, SourceAccount: ownerOf(j.TopicArn),
	})
}

// record is the delivery's record as it stands.
func (j *job) record(status string, outcome trail.Outcome, now time.Time) trail.Delivery {
	return trail.Delivery{
		ID: j.ID, MessageID: j.MessageID, TopicArn: j.TopicArn, SubscriptionArn: j.Subscription,
		Protocol: j.Protocol, Endpoint: j.Endpoint, Status: status, Attempts: j.Attempts,
		Outcome: outcome, Published: j.Published, Time: now,
	}
}

// key is where the job is stored: by the time of its next attempt.
func (j *job) key() string { return timeKey(j.Due) + "/" + j.ID }

// check refuses a job from the store that is damaged in the members that the worker
// relies on: its key and its topic.
func (j *job) check(key string) error {
	if j.key() != key {
		return errDamaged
	}
	_, err := arn.Parse(j.TopicArn)
	return err
}

// sealed is the job as it is stored, in memory of its own: it may stay for days, and the
// piece in which a publish has made its jobs must not.
func (s *Service) sealed(j *job) (*job, error) {
	stored := *j
	if !j.encrypted {
		return &stored, nil
	}
	key, err := s.owned.Encryption(j.TopicArn)
	if err != nil {
		return nil, err
	}
	stored.Sealed, stored.Wrapped = seal(key, j.content, j.ID), key.Wrapped
	stored.content = content{}
	return &stored, nil
}

// unseal restores a job that was read from the store.
func (s *Service) unseal(j *job) error {
	if len(j.Sealed) == 0 {
		return nil
	}
	key, err := s.owned.Decryption(j.TopicArn, j.Wrapped)
	if err != nil {
		return err
	}
	j.encrypted = true
	return open(key, j.Sealed, j.ID, &j.content)
}

// seal encrypts a value and binds it to the id of what it belongs to.
func seal(key *envelope.Key, v any, id string) []byte {
	return key.Seal([]byte(marshal(v)), []byte(id))
}

func open(key *envelope.Key, sealed []byte, id string, v any) error {
	text, err := key.Open(sealed, []byte(id))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}
