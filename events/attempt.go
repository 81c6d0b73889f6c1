package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
)

// How long a delivery is tried where its target does not say [V218].
const (
	maxRetries = 185
	maxAge     = 24 * time.Hour
)

// Attempts follow each other after times that double, up to maxDelay: so that 185 of them
// fill a day.
const (
	firstDelay = time.Second
	maxDelay   = 8 * time.Minute
)

// The codes of dead letters [V227].
const (
	letterHop          = "THIRD_ACCOUNT_HOP_DETECTED"
	letterInternal     = "INTERNAL_ERROR"
	letterInvalid      = "INVALID_PARAMETER"
	letterInvalidJSON  = "INVALID_JSON"
	letterNoPermission = "NO_PERMISSIONS"
	letterNoResource   = "NO_RESOURCE"
	letterRole         = "FAILED_TO_ASSUME_ROLE"
	letterThrottling   = "THROTTLING"
)

// failure is why an attempt failed, in the terms of dead letters.
type failure struct {
	Code    string `json:"errorCode"`
	Message string `json:"errorMessage"`
	status  int
	again   bool // it is worth another try [V219] [V220]
}

// attempt tries a delivery: Attempt of the outbox.
func (s *Service) attempt(ctx context.Context, stored *storedJob) (again time.Time, err error) {
	j, err := s.open(stored)
	if err != nil {
		return time.Time{}, err
	}
	receipt, failed := s.deliver(ctx, j)
	if ctx.Err() != nil {
		return time.Time{}, nil
	}
	stored.Attempts++
	j.Attempts = stored.Attempts
	now := s.clock.Now()
	if failed == nil {
		s.record(ctx, j.delivery(trail.StatusSuccess, trail.Outcome{
			StatusCode: 200, ProviderResponse: marshal(map[string]string{"messageId": receipt.MessageID}), DecisionRequestID: receipt.RequestID,
		}, now))
		return time.Time{}, nil
	}
	outcome := trail.Outcome{StatusCode: failed.status, ProviderResponse: marshal(failed), DecisionRequestID: receipt.RequestID}
	exhausted := ""
	if failed.again {
		if again, exhausted = j.next(now); exhausted == "" {
			s.record(ctx, j.delivery(trail.StatusPending, outcome, now))
			return again, nil
		}
	}
	d := j.delivery(trail.StatusFailure, outcome, now)
	if j.Target.DeadLetter != nil && j.Target.DeadLetter.Arn != "" {
		d.DeadLetter = s.bury(ctx, j, failed, exhausted)
	}
	if ctx.Err() != nil {
		return time.Time{}, nil
	}
	s.record(ctx, d)
	return time.Time{}, nil
}

// next is when a job is tried again, or the condition that ends it [V224].
func (j *job) next(now time.Time) (again time.Time, exhausted string) {
	retries, age := maxRetries, maxAge
	if p := j.Target.Retry; p != nil {
		if p.MaximumRetryAttempts != nil {
			retries = int(*p.MaximumRetryAttempts)
		}
		if p.MaximumEventAgeInSeconds != nil {
			age = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
		}
	}
	delay := maxDelay
	if doublings := j.Attempts - 1; doublings < 9 {
		delay = firstDelay << doublings
	}
	again = now.Add(delay)
	switch {
	case j.Attempts > retries:
		return again, "MaximumRetryAttempts"
	case again.After(j.Ingested.Add(age)):
		return again, "MaximumEventAgeInSeconds"
	default:
		return again, ""
	}
}

// call is a call on behalf of the job's rule.
func (j *job) call(target, role, body string) *Call {
	return &Call{Behalf: j.Rule.id().behalf(), Target: target, Role: role, Body: body, Trace: j.Trace, BaseURL: j.BaseURL}
}

// deliver makes one attempt at a target.
func (s *Service) deliver(ctx context.Context, j *job) (receipt Receipt, failed *failure) {
	kind := serviceOf(j.Target.ARN)
	if kind == "events" {
		return s.forward(ctx, j)
	}
	body, ok := j.body()
	if !ok {
		return receipt, &failure{Code: letterInvalidJSON, Message: "The input transformer did not make JSON of the event.", status: 400} // [V120]
	}
	c := j.call(j.Target.ARN, j.Target.Role, body)
	if j.Target.Queue != nil {
		c.GroupID = j.Target.Queue.MessageGroupId
	}
	send := s.targets.Topic
	if kind == "sqs" {
		send = s.targets.Queue
	}
	receipt, err := send(ctx, c)
	return receipt, failureOf(err, c)
}

// forward puts an event on another bus, unless it was forwarded already [V217] [V228].
func (s *Service) forward(ctx context.Context, j *job) (Receipt, *failure) {
	if j.Hopped {
		return Receipt{}, &failure{Code: letterHop, status: 400, Message: "Event ingestion rejected for event " + j.EventID +
			" because an event can be sent to an event bus target only once. This event was previously delivered to an event bus target."}
	}
	role := j.Target.Role
	if role == "" {
		role = j.RuleRole
	}
	e := *j.event
	if a, err := arn.Parse(j.Target.ARN); err == nil && a.Region != j.Rule.Region {
		e.ID = s.ids.UUID() // [V104]
	}
	c := j.call(j.Target.ARN, role, "")
	c.Event = &PutEventsInput{Entries: []PutEventsRequestEntry{{
		EventBusName: j.Target.ARN, Source: e.Source, DetailType: e.DetailType, Detail: e.Detail, Resources: e.Resources, TraceHeader: j.Trace,
	}}}
	receipt, err := s.targets.Bus(withForwarded(ctx, &e), c)
	return receipt, failureOf(err, c)
}

// noQueue is what a queue that refuses says, and one that does not exist [V225].
const noQueue = "The specified queue does not exist or you do not have access to it. (Service: AmazonSQS; Status Code: 400; " +
	"Error Code: AWS.SimpleQueueService.NonExistentQueue; Proxy: null)"

// failureOf is an error of a call as a failure; nil: there is none.
func failureOf(err error, c *Call) *failure {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrRole) {
		return &failure{Code: letterRole, Message: fmt.Sprintf("The role %s cannot be assumed by %s.", c.Role, servicePrincipal), status: 400}
	}
	e := api.AsError(err)
	f := &failure{Code: letterInvalid, Message: e.Message, status: e.HTTPStatus()}
	code := e.Code
	denied, missing := strings.Contains(code, "AccessDenied") || strings.Contains(code, "AuthorizationError"), strings.Contains(code, "NotFound") || strings.Contains(code, "DoesNotExist")
	switch {
	case serviceOf(c.Target) == "sqs" && c.Role == "" && (code == "AccessDenied" || missing):
		f.Code, f.Message = letterNoResource, noQueue
	case missing:
		f.Code = letterNoResource
	case denied:
		f.Code = letterNoPermission
	case strings.Contains(code, "Throttl"):
		f.Code, f.again = letterThrottling, true
	case e.Fault == api.Receiver:
		f.Code, f.again = letterInternal, true
	}
	return f
}

// bury sends the event as it came to the target's dead-letter queue, as the service itself
// even where the target has a role [V222]-[V224].
func (s *Service) bury(ctx context.Context, j *job, f *failure, exhausted string) *trail.DeadLetter {
	c := j.call(j.Target.DeadLetter.Arn, "", j.event.text())
	c.Attributes = map[string]string{
		"RULE_ARN": j.Rule.id().arn(), "TARGET_ARN": j.Target.ARN, "ERROR_CODE": f.Code, "ERROR_MESSAGE": f.Message,
		"RETRY_ATTEMPTS": strconv.Itoa(j.Attempts - 1),
	}
	if exhausted != "" {
		c.Attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	receipt, err := s.targets.Queue(ctx, c)
	d := &trail.DeadLetter{QueueArn: c.Target, Status: trail.StatusSuccess, Outcome: trail.Outcome{StatusCode: 200, DecisionRequestID: receipt.RequestID}}
	if failed := failureOf(err, c); failed != nil {
		d.Status, d.StatusCode, d.ProviderResponse = trail.StatusFailure, failed.status, marshal(failed)
	}
	return d
}

// record keeps the record of a delivery, and logs one that failed.
func (s *Service) record(ctx context.Context, d trail.Delivery) {
	s.recorder.Record(d)
	if d.Status != trail.StatusFailure {
		return
	}
	attributes := []slog.Attr{
		slog.String("event", d.MessageID), slog.String("rule", d.RuleArn), slog.String("target", d.Endpoint), slog.String("response", d.ProviderResponse),
	}
	if d.DecisionRequestID != "" {
		attributes = append(attributes, slog.String("decision", d.DecisionRequestID))
	}
	if d.DeadLetter != nil {
		attributes = append(attributes, slog.String("deadLetterQueue", d.DeadLetter.QueueArn), slog.String("redrive", d.DeadLetter.Status))
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "events: delivery failed", attributes...)
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("events: " + err.Error()) // only own structs and maps of texts come here
	}
	return string(text)
}
