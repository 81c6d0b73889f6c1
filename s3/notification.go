package s3

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (s *Service) notificationOperations() []api.Operation {
	return []api.Operation{
		api.On("PutBucketNotificationConfiguration", s.putBucketNotificationConfiguration, "s3:PutBucketNotification",
			onBucket[*PutBucketNotificationConfigurationInput](s), api.HTTP("PUT /{Bucket}?notification")),
		api.On("GetBucketNotificationConfiguration", s.getBucketNotificationConfiguration, "s3:GetBucketNotification",
			onBucket[*GetBucketNotificationConfigurationInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?notification")),
	}
}

func (in *PutBucketNotificationConfigurationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *GetBucketNotificationConfigurationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketNotificationConfiguration says which events of a bucket are told, and to whom,
// in the place of what was said before. Every topic and queue is sent a test event, which
// it must take [S270] [S272].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html.
func (s *Service) PutBucketNotificationConfiguration(ctx context.Context, in *PutBucketNotificationConfigurationInput) (*PutBucketNotificationConfigurationOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketNotificationConfigurationInput](s), s.putBucketNotificationConfiguration)
}

func (s *Service) putBucketNotificationConfiguration(ctx context.Context, b *bucket, in *PutBucketNotificationConfigurationInput) (*PutBucketNotificationConfigurationOutput, error) {
	n, err := in.NotificationConfiguration.notifications(b, s.ids.UUID)
	if err != nil {
		return nil, err
	}
	if !isTrue(in.SkipDestinationValidation) {
		if err := s.validate(ctx, b, n); err != nil {
			return nil, err
		}
	}
	if err := s.setNotifications(ctx, b, n); err != nil {
		return nil, err
	}
	return &PutBucketNotificationConfigurationOutput{}, nil
}

// setNotifications keeps what a bucket tells. It does not confirm the bucket, which would
// have the call decided and made again: the test events are sent.
func (s *Service) setNotifications(ctx context.Context, b *bucket, n *notifications) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		now, err := s.present(tx, b)
		if err != nil {
			return err
		}
		changed := s.buckets.Edit(tx, now.Name)
		changed.Notifications = n
		s.buckets.Put(tx, now.Name, changed)
		return nil
	})
}

// GetBucketNotificationConfiguration answers which events of a bucket are told.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html.
func (s *Service) GetBucketNotificationConfiguration(ctx context.Context, in *GetBucketNotificationConfigurationInput) (*GetBucketNotificationConfigurationOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketNotificationConfigurationInput](s), s.getBucketNotificationConfiguration)
}

func (s *Service) getBucketNotificationConfiguration(_ context.Context, b *bucket, _ *GetBucketNotificationConfigurationInput) (*GetBucketNotificationConfigurationOutput, error) {
	return b.Notifications.configuration(), nil
}

// Receivers are the topics and queues that S3 sends to. Calls to them are made as the
// service principal s3.amazonaws.com, with the bucket as aws:SourceArn and its owner as
// aws:SourceAccount, so that their policies and those of their keys decide [S330]-[S332].
type Receivers interface {
	// Admits asks whether a receiver would take a message, without sending it: whether it
	// is there and its policy and its key's let S3 in. The error is ErrNoReceiver, or that
	// of the call that would be refused.
	Admits(ctx context.Context, m *Message) error
	// Send sends a message. Its error is as that of Admits; the receipt has the request id
	// in either case.
	Send(ctx context.Context, m *Message) (Receipt, error)
}

// Message is what S3 sends a topic or queue on behalf of a bucket.
type Message struct {
	BucketARN, Account, Region string // the bucket's
	Receiver                   string // the ARN of the topic or queue
	Body                       string
	TraceHeader                string
}

// Subject is that of messages to topics [S301].
const Subject = "Amazon S3 Notification"

// Receipt is what a receiver answered.
type Receipt struct {
	// RequestID is the id of the call; where it failed, that of the refused call, which may
	// be one to KMS. The decision is found by it.
	RequestID string
	MessageID string // empty where the message was not taken
}

// ErrNoReceiver says that there is no such topic or queue.
var ErrNoReceiver = errors.New("s3: there is no such topic or queue")

// Buses takes events to EventBridge, which needs no policy [S292].
type Buses interface {
	// PutEvent puts an event on the default event bus of its account and region.
	PutEvent(ctx context.Context, e *BridgeEvent) error
}

// testMessage is a test event for a receiver, and what that is.
type testMessage struct {
	Message
	kind destinationKind
}

// messages are the test events for the receivers of a configuration, one for each.
func (s *Service) messages(ctx context.Context, b *bucket, n *notifications) (all []testMessage) {
	seen := map[string]bool{}
	body := testEvent(api.RequestFrom(ctx), b.Name, s.clock.Now())
	for _, d := range n.Destinations {
		if !seen[d.ARN] {
			seen[d.ARN] = true
			all = append(all, testMessage{Message{BucketARN: b.arn(), Account: b.Account, Region: b.Region, Receiver: d.ARN, Body: body}, d.Kind})
		}
	}
	return all
}

// validate sends a test event to the topics and queues of a configuration. Where one does
// not take it, none is sent any: so all are asked first, unless there is but one [S274] [S300].
func (s *Service) validate(ctx context.Context, b *bucket, n *notifications) error {
	messages := s.messages(ctx, b, n)
	if len(messages) > 1 {
		if refused := s.ask(messages, func(m *Message) error { return s.receivers.Admits(ctx, m) }); len(refused) > 0 {
			return unvalidated(refused)
		}
	}
	return unvalidated(s.ask(messages, func(m *Message) error { _, err := s.receivers.Send(ctx, m); return err }))
}

// ask does something with the messages, and answers which receivers refuse. Functions do:
// there are none here [S277].
func (s *Service) ask(messages []testMessage, do func(*Message) error) (refused []refusal) {
	for i := range messages {
		m := &messages[i]
		if m.kind == kindFunction {
			refused = append(refused, refusal{m.Receiver + ", null", "Not authorized to invoke function [" + m.Receiver + "]"})
		} else if err := do(&m.Message); err != nil {
			refused = append(refused, refusal{m.Receiver, whyRefused(m.kind, err)})
		}
	}
	return refused
}

// whyRefused is how S3 tells that a topic or queue did not take a message. A topic that is
// not there is not told from one that lets nobody in [S274]-[S278].
func whyRefused(kind destinationKind, err error) string {
	switch {
	case kind == kindTopic:
		return "Permissions on the destination topic do not allow S3 to publish notifications from this bucket"
	case errors.Is(err, ErrNoReceiver):
		return "The destination queue does not exist"
	}
	return "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
}
