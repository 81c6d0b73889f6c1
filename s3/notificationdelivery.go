package s3

import (
	"context"
	"log/slog"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/outbox"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Recorder keeps the records of deliveries.
type Recorder interface {
	// Record keeps a delivery, in place of an earlier record of the same ID.
	Record(d trail.Delivery)
}

// job is a notification that is still to be sent. It is stored in the transaction that
// changes the object, and sent after it.
type job struct {
	notice
	ID string // of the delivery
	// To is the ARN of the receiver: where Kind is empty, of the event bus.
	To       string
	Kind     destinationKind `json:",omitempty"`
	ConfigID string          `json:",omitempty"`
	Attempts int             `json:",omitempty"`
}

// lanes is how many notifications are sent at a time.
const lanes = 8

func (s *Service) newOutbox() *outbox.Outbox[job] {
	return outbox.New(outbox.Config[job]{
		Bucket: "s3.notification", Engine: s.engine, Clock: s.clock, Log: s.log, Attempt: s.deliver, Lanes: lanes,
	})
}

// notify stores what is to be sent about a change that a request has made.
func (s *Service) notify(tx store.Tx, r *api.Request, c *change) {
	told := c.bucket.Notifications
	if told == nil {
		return
	}
	n := newNotice(r, c)
	n.Time = s.clock.Now()
	for i := range told.Destinations {
		if d := &told.Destinations[i]; d.wants(c.event, c.object.Key) {
			s.outbox.Add(tx, n.Time, &job{notice: *n, ID: s.ids.UUID(), To: d.ARN, Kind: d.Kind, ConfigID: d.ID})
		}
	}
	if told.EventBridge { // which is told of everything [S325]
		s.outbox.Add(tx, n.Time, &job{notice: *n, ID: s.ids.UUID(), To: n.defaultBus()})
	}
}

// deliver makes one attempt at a notification. What the receiver refuses is lost, as on
// AWS [S312]; where its service itself fails, it is tried again.
func (s *Service) deliver(ctx context.Context, j *job) (again time.Time, err error) {
	ctx = api.WithRequest(ctx, &api.Request{
		ID: j.RequestID, Account: j.Account, Region: j.Region, Time: s.clock.Now(), BaseURL: j.BaseURL,
		Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: servicePrincipal}},
	})
	outcome, failed := s.send(ctx, j)
	j.Attempts++
	now := s.clock.Now()
	d := trail.Delivery{
		ID: j.ID, Source: trail.SourceS3, MessageID: j.RequestID, Bucket: j.Bucket, Protocol: protocolOf(j.To), Endpoint: j.To,
		Status: trail.StatusSuccess, Attempts: j.Attempts, Outcome: outcome, Published: j.Time, Time: now,
	}
	switch {
	case failed == nil:
	case failed.Fault == api.Receiver && now.Sub(j.Time) < maxRetry:
		d.Status, again = trail.StatusPending, now.Add(retryDelay(j.Attempts))
	default:
		d.Status = trail.StatusFailure
		s.log.LogAttrs(ctx, slog.LevelWarn, "s3: a notification failed",
			slog.String("bucket", j.Bucket), slog.String("event", j.Event), slog.String("to", j.To), slog.String("response", outcome.ProviderResponse))
	}
	if ctx.Err() == nil { // else it is made again at the next start
		s.recorder.Record(d)
	}
	return again, nil
}

// maxRetry is for how long S3 tries to send a notification. AWS does not say.
const maxRetry = time.Hour

// retryDelay is how long a failed attempt is not repeated: a second, twice as long after
// each further one, and a minute at most.
func retryDelay(attempts int) time.Duration {
	return min(time.Minute, time.Second<<min(attempts-1, 6))
}

// send tries to send a notification.
func (s *Service) send(ctx context.Context, j *job) (trail.Outcome, *api.Error) {
	var receipt Receipt
	var err error
	switch j.Kind {
	case kindTopic, kindQueue:
		receipt, err = s.receivers.Send(ctx, &Message{
			BucketARN: j.bucketARN(), Account: j.Account, Region: j.Region, Receiver: j.To, Body: j.message(j.ConfigID), TraceHeader: j.TraceHeader,
		})
	case kindFunction:
		err = &api.Error{Code: "ResourceNotFoundException", Status: 404, Message: "Function not found: " + j.To}
	default:
		e := j.bridgeEvent()
		e.ID = j.ID
		err = s.buses.PutEvent(ctx, e)
	}
	if err != nil {
		e := api.AsError(err)
		return trail.Outcome{StatusCode: e.HTTPStatus(), DecisionRequestID: receipt.RequestID, ProviderResponse: marshal(response{
			ErrorCode: e.Query(), ErrorMessage: e.Message,
		})}, e
	}
	return trail.Outcome{StatusCode: 200, DecisionRequestID: receipt.RequestID, ProviderResponse: marshal(response{
		RequestID: receipt.RequestID, MessageID: receipt.MessageID,
	})}, nil
}

// response is a receiver's answer as the records of deliveries show it.
type response struct {
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
	RequestID    string `json:"requestId,omitempty"`
	MessageID    string `json:"messageId,omitempty"`
}

// protocolOf is what a receiver is: sns, sqs, lambda or events.
func protocolOf(receiver string) string {
	a, _ := arn.Parse(receiver) // of a configuration that was checked
	return a.Service
}
