package sns

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// deliverAll makes deliveries: those to HTTP endpoints in the background, all others
// now. Deliveries that are still to be made are stored before it returns.
func (s *Service) deliverAll(ctx context.Context, jobs []*job) error {
	s.inLanes(len(jobs), func(i int) {
		d := s.firstAttempt(ctx, jobs[i])
		// Before the worker can see the job, whose later records replace this one.
		s.record(ctx, &d)
		if d.Status != trail.StatusPending {
			jobs[i] = nil
		}
	})
	return s.postpone(ctx, slices.DeleteFunc(jobs, func(j *job) bool { return j == nil }))
}

// inLanes calls do with the numbers up to n, in order where there is one lane.
func (s *Service) inLanes(n int, do func(i int)) {
	if s.lanes == 1 || n == 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var lanes sync.WaitGroup
	for range min(s.lanes, n) {
		lanes.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	lanes.Wait()
}

// firstAttempt makes the first attempt at a delivery, unless that is the worker's, and
// answers its record.
func (s *Service) firstAttempt(ctx context.Context, j *job) trail.Delivery {
	if protocols[j.Protocol].web {
		j.Due = s.worker.slot(j, s.clock.Now())
		return j.record(trail.StatusPending, trail.Outcome{}, s.clock.Now())
	}
	return s.attempt(ctx, j)
}

// postpone stores deliveries until they are due, many in several transactions: they
// need not begin together.
func (s *Service) postpone(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	stored := make([]*job, len(jobs))
	for i, j := range jobs {
		var err error
		if stored[i], err = s.sealed(j); err != nil {
			return err
		}
	}
	defer s.worker.wake()
	for some := range slices.Chunk(stored, store.SweepSize) {
		err := s.engine.Update(ctx, func(tx store.Tx) error {
			for _, j := range some {
				s.jobs.put(tx, j.key(), j)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// result is how an attempt ended.
type result struct {
	trail.Outcome
	ok    bool
	again bool // it is worth another try
}

// attempt tries a delivery and answers its record: PENDING where it is to be
// tried again, at j.Due. A message that cannot be delivered goes to the
// dead-letter queue, if there is one.
func (s *Service) attempt(ctx context.Context, j *job) trail.Delivery {
	began := s.clock.Now()
	var r result
	switch {
	case j.Protocol == protocolSQS:
		r = s.send(ctx, j.queueMessage(j.Endpoint))
	case protocols[j.Protocol].web:
		r = s.post(ctx, j)
	default:
		r = s.capture(ctx, j)
	}
	j.Attempts++
	now := s.clock.Now()
	if r.ok {
		return j.record(trail.StatusSuccess, r.Outcome, now)
	}
	if r.again && j.Retry != nil {
		if delay, more := j.Retry.delay(j.Attempts); more {
			// The delay counts from when the attempt was due, not from when it was made:
			// turning the clock by an hour makes all attempts of that hour.
			if j.Due.IsZero() {
				j.Due = began
			}
			j.Due = j.Due.Add(now.Sub(began)).Add(delay)
			return j.record(trail.StatusPending, r.Outcome, now)
		}
	}
	d := j.record(trail.StatusFailure, r.Outcome, now)
	if j.DeadLetter != "" {
		d.DeadLetter = s.sendToDeadLetterQueue(ctx, j)
	}
	return d
}

// sendToDeadLetterQueue sends what could not be delivered to the subscription's dead-letter
// queue, as the endpoint would have got it [B25] [N135].
func (s *Service) sendToDeadLetterQueue(ctx context.Context, j *job) *trail.DeadLetter {
	r := s.send(ctx, j.queueMessage(j.DeadLetter))
	d := &trail.DeadLetter{QueueArn: j.DeadLetter, Status: trail.StatusSuccess, Outcome: r.Outcome}
	if !r.ok {
		d.Status = trail.StatusFailure
	}
	return d
}

// queueMessage is what a queue is sent [N123] [N124] [N131] [N133].
func (j *job) queueMessage(queue string) QueueMessage {
	m := QueueMessage{
		QueueArn: queue, TopicArn: j.TopicArn, Body: j.Body, Shared: j.shared, TraceHeader: j.TraceHeader,
	}
	if j.Raw {
		m.Attributes = j.Attributes
	}
	if isFifo(j.TopicArn) == isFifo(queue) {
		m.GroupID, m.DeduplicationID = j.GroupID, j.DeduplicationID
	}
	return m
}

// send makes one attempt at a queue. A refusal is final; a failure of SQS
// itself is not [B23].
func (s *Service) send(ctx context.Context, m QueueMessage) result {
	receipt, err := s.queues.Deliver(ctx, m)
	if err != nil {
		e := api.AsError(err)
		return result{again: e.Fault == api.Receiver, Outcome: trail.Outcome{StatusCode: e.HTTPStatus(), ProviderResponse: marshal(queueRefusal{
			ErrorCode: e.Query(), ErrorMessage: e.Message, RequestID: "Unrecoverable",
		}), DecisionRequestID: receipt.RequestID}}
	}
	return result{ok: true, Outcome: trail.Outcome{StatusCode: 200, QueueMessageID: receipt.MessageID, DecisionRequestID: receipt.RequestID}}
}

// queueRefusal is SQS's refusal as the delivery log shows it; what it answers else has the
// ids of its request and of the message [B28].
type queueRefusal struct {
	ErrorCode, ErrorMessage string `json:",omitempty"`
	RequestID               string `json:"sqsRequestId"`
}

// record keeps the record of a delivery, and logs one that failed.
func (s *Service) record(ctx context.Context, d *trail.Delivery) {
	d.Source = trail.SourceSNS
	s.recorder.Record(*d)
	if d.Status != trail.StatusFailure {
		return
	}
	attributes := []slog.Attr{
		slog.String("message", d.MessageID), slog.String("subscription", d.SubscriptionArn),
		slog.String("endpoint", withoutPassword(d.Endpoint)), slog.String("response", d.ProviderResponse),
	}
	if d.DecisionRequestID != "" {
		attributes = append(attributes, slog.String("decision", d.DecisionRequestID))
	}
	if d.DeadLetter != nil {
		attributes = append(attributes, slog.String("deadLetterQueue", d.DeadLetter.QueueArn), slog.String("redrive", d.DeadLetter.Status))
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "sns: delivery failed", attributes...)
}

// post makes one attempt at an HTTP endpoint [N140] [N141]. What the endpoint
// refuses (4xx) is final; what fails (5xx, 429, no answer) is tried again.
func (s *Service) post(ctx context.Context, j *job) result {
	answer, err := s.sender.Post(ctx, &Post{URL: j.Endpoint, Header: j.header(), Body: j.Body})
	if err != nil {
		return result{again: !errors.Is(err, context.Canceled), Outcome: trail.Outcome{ProviderResponse: err.Error()}}
	}
	outcome := trail.Outcome{StatusCode: answer.Status, ProviderResponse: answer.Body}
	switch {
	case answer.Status >= 200 && answer.Status < 300:
		return result{ok: true, Outcome: outcome}
	case answer.Status >= 300 && answer.Status < 500 && answer.Status != 429:
		return result{Outcome: outcome}
	default:
		return result{again: true, Outcome: outcome}
	}
}

func (j *job) header() map[string]string {
	h := map[string]string{
		"x-amz-sns-message-type": j.Kind,
		"x-amz-sns-message-id":   j.MessageID,
		"x-amz-sns-topic-arn":    j.TopicArn,
		"Content-Type":           j.ContentType,
		"User-Agent":             "Amazon Simple Notification Service Agent",
		"Accept-Encoding":        "gzip,deflate",
		"Connection":             "Keep-Alive",
	}
	if j.Kind != typeConfirm {
		h["x-amz-sns-subscription-arn"] = j.Subscription
	}
	if j.Raw {
		h["x-amz-sns-rawdelivery"] = "true"
	}
	return h
}

// capture captures a message instead of sending it to a service that is not emulated.
func (s *Service) capture(ctx context.Context, j *job) result {
	if j.Protocol == protocolApplication {
		if refused := s.refusedByDevice(ctx, j.Endpoint); refused != nil {
			e := api.AsError(refused)
			return result{Outcome: trail.Outcome{StatusCode: e.HTTPStatus(), ProviderResponse: marshal(map[string]string{"error": e.Message})}}
		}
	}
	if j.Protocol == protocolSMS {
		if refused := s.refusedByPhone(ctx, ownerOf(j.TopicArn), j.Endpoint); refused != "" {
			return result{Outcome: trail.Outcome{StatusCode: 400, ProviderResponse: refused}}
		}
	}
	c := Captured{
		Time: s.clock.Now(), Account: ownerOf(j.TopicArn), Region: regionOf(j.TopicArn),
		Protocol: j.Protocol, Endpoint: j.Endpoint, TopicArn: j.TopicArn, SubscriptionArn: j.Subscription,
		MessageID: j.MessageID, Body: j.Body, Attributes: j.Attributes, Structured: j.Structured,
	}
	if j.Subject != nil {
		c.Subject = *j.Subject
	}
	s.outside.Capture(c)
	return result{ok: true, Outcome: trail.Outcome{StatusCode: 200, ProviderResponse: `{"captured":true}`}}
}

// lambdaEvent is the event that a function is called with.
//
// See https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html.
func lambdaEvent(subscription, notification string) (string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(notification), &members); err != nil {
		return "", err
	}
	// Lambda's event spells two members otherwise and has all of them always.
	for from, to := range map[string]string{"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"} {
		members[to] = members[from]
		delete(members, from)
	}
	for name, absent := range map[string]string{"Subject": "null", "MessageAttributes": "{}"} {
		if members[name] == nil {
			members[name] = json.RawMessage(absent)
		}
	}
	type record struct {
		EventSource          string
		EventVersion         string
		EventSubscriptionArn string
		Sns                  map[string]json.RawMessage
	}
	return marshal(map[string][]record{"Records": {{"aws:sns", "1.0", subscription, members}}}), nil
}
