package sns

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
)

// fanOut delivers a message to subscriptions.
func (s *Service) fanOut(ctx context.Context, topic *topicRecord, m *message, subscriptions []*subscriptionRecord) error {
	// Who publishes and hangs up has published all the same.
	ctx = context.WithoutCancel(ctx)
	forms, err := s.render(ctx, topic, m, subscriptions)
	if err != nil {
		return err
	}
	deliveries := make([]Delivery, len(subscriptions))
	next := make(chan int, len(subscriptions))
	for i := range subscriptions {
		next <- i
	}
	close(next)
	var lanes sync.WaitGroup
	for range min(s.lanes, len(subscriptions)) {
		lanes.Go(func() {
			for i := range next {
				subscription := subscriptions[i]
				deliveries[i] = s.deliver(ctx, topic, m, subscription, forms[subscription.Protocol])
			}
		})
	}
	lanes.Wait()
	for _, d := range deliveries {
		s.record(ctx, d)
	}
	return nil
}

// form is a message as the subscribers of one protocol get it.
type form struct {
	text string
	note *notification // nil where all of them ask for raw delivery
}

func (f *form) body(r *subscriptionRecord) string {
	if r.raw() {
		return f.text
	}
	return f.note.body(r.Arn)
}

// render makes the forms that subscriptions need. Protocols with the same text
// share a notification: a signature is the dearest part of a delivery.
func (s *Service) render(ctx context.Context, topic *topicRecord, m *message, subscriptions []*subscriptionRecord) (map[string]*form, error) {
	forms, notes := map[string]*form{}, map[string]*notification{}
	for _, subscription := range subscriptions {
		f := forms[subscription.Protocol]
		if f == nil {
			f = &form{text: m.text(subscription.Protocol)}
			forms[subscription.Protocol] = f
		}
		if subscription.raw() || f.note != nil {
			continue
		}
		note := notes[f.text]
		if note == nil {
			var err error
			if note, err = s.newNotification(ctx, topic, m, f.text); err != nil {
				return nil, err
			}
			notes[f.text] = note
		}
		f.note = note
	}
	return forms, nil
}

// deliver makes the first attempt for one subscription, and sends a message
// that its endpoint refuses to the subscription's dead-letter queue.
func (s *Service) deliver(ctx context.Context, topic *topicRecord, m *message, r *subscriptionRecord, f *form) Delivery {
	d := Delivery{
		ID: s.ids.UUID(), MessageID: m.ID, TopicArn: topic.Arn, SubscriptionArn: r.Arn,
		Protocol: r.Protocol, Endpoint: r.Endpoint, Published: m.Time, Attempts: 1,
	}
	out := s.queueMessage(ctx, topic, m, r, f.body(r))
	d.Status, d.Outcome = s.send(ctx, out)
	d.Time = s.clock.Now()
	return d
}

// queueMessage is what the subscription's queue is sent (N123, N124, N131, N133).
func (s *Service) queueMessage(ctx context.Context, topic *topicRecord, m *message, r *subscriptionRecord, body string) *QueueMessage {
	out := &QueueMessage{
		QueueArn: r.Endpoint, TopicArn: topic.Arn, Owner: topic.owner(), Body: body,
		TraceHeader: api.RequestFrom(ctx).TraceHeader,
	}
	if r.raw() {
		out.Attributes = m.Attributes
	}
	if topic.Fifo == strings.HasSuffix(out.QueueArn, fifoSuffix) {
		out.GroupID, out.DeduplicationID = m.GroupID, m.DeduplicationID
	}
	return out
}

// send makes one attempt at a queue.
func (s *Service) send(ctx context.Context, out *QueueMessage) (string, Outcome) {
	receipt, err := s.queues.Deliver(ctx, out)
	if err != nil {
		e := api.AsError(err)
		return StatusFailure, Outcome{e.HTTPStatus(), providerResponse{
			ErrorCode: e.Query(), ErrorMessage: e.Message, RequestID: "Unrecoverable",
		}.String(), receipt.RequestID}
	}
	return StatusSuccess, Outcome{200, providerResponse{
		RequestID: receipt.RequestID, MessageID: receipt.MessageID,
	}.String(), receipt.RequestID}
}

// providerResponse is SQS's answer as the delivery log shows it (B28).
type providerResponse struct {
	ErrorCode    string `json:"ErrorCode,omitempty"`
	ErrorMessage string `json:"ErrorMessage,omitempty"`
	RequestID    string `json:"sqsRequestId,omitempty"`
	MessageID    string `json:"sqsMessageId,omitempty"`
}

func (p providerResponse) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("sns: " + err.Error()) // a struct of strings always marshals
	}
	return string(text)
}

// record keeps what became of a delivery and warns of one that failed.
func (s *Service) record(ctx context.Context, d Delivery) {
	s.recorder.Record(d)
	if d.Status == StatusFailure {
		s.log.LogAttrs(ctx, slog.LevelWarn, "sns: delivery failed",
			slog.String("message", d.MessageID), slog.String("subscription", d.SubscriptionArn),
			slog.String("endpoint", d.Endpoint), slog.String("response", d.ProviderResponse),
			slog.String("decision", d.DecisionRequestID))
	}
}
