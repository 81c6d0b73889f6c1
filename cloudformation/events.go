package cloudformation

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// descending is a key by which later times come first.
func descending(t time.Time) string { return fmt.Sprintf("%016x", uint64(math.MaxInt64-t.UnixNano())) }

// tell adds events to a stack, in their order, each a millisecond after the one before or
// later: here many happen at once, and clients show them by their times.
func (s *Service) tell(tx store.Tx, stack *stackRecord, events ...eventRecord) {
	id, last, soonest := stack.id(), uint64(0), time.Time{}
	for key, before := range s.events.Scan(tx, id.below(""), "", 1) {
		if n, err := strconv.ParseUint(strings.TrimPrefix(key, id.below("")), 16, 64); err == nil {
			last, soonest = ^n, before.Time.Add(time.Millisecond)
		}
	}
	for i := range events {
		e := &events[i]
		last++
		e.Time, e.Operation, e.Kind, e.Token = s.clock.Now(), stack.Operation.ID, stack.Operation.Kind, stack.Operation.Token
		if e.Time.Before(soonest) {
			e.Time = soonest
		}
		soonest = e.Time.Add(time.Millisecond)
		switch { // [C046]
		case e.ID != "":
		case strings.HasPrefix(e.Status, "DELETE") && stack.cleaning():
			e.ID, e.Properties = e.LogicalID+"-"+s.ids.UUID(), ""
		default:
			e.ID = e.LogicalID + "-" + e.Status + "-" + e.Time.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		s.events.Put(tx, id.eventKey(last), e)
	}
}

// cleaning reports whether what an update replaced or removed is being deleted.
func (s *stackRecord) cleaning() bool {
	return s.Status == updateCleanup || s.Status == updateRollbackCleanup
}

// turn gives a stack another status, and tells it [C048].
func (s *Service) turn(tx store.Tx, stack *stackRecord, status, reason string) {
	stack.Status, stack.Reason = status, reason
	s.tell(tx, stack, eventRecord{ID: s.ids.UUID(), LogicalID: stack.Name, PhysicalID: stack.arn(), Type: stackType, Status: status, Reason: reason})
}

// DescribeStackEventsInput is the input of DescribeStackEvents.
type DescribeStackEventsInput struct {
	StackName string `check:"required,min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	NextToken string `check:"min=1,max=1024"`
}

func (in *DescribeStackEventsInput) stack() string { return in.StackName }

// DescribeStackEventsOutput is the output of DescribeStackEvents.
type DescribeStackEventsOutput struct {
	StackEvents []StackEvent
	NextToken   string
}

// StackEvent is an event of a stack.
type StackEvent struct {
	StackId              string
	EventId              string
	StackName            string
	OperationId          string
	LogicalResourceId    string
	PhysicalResourceId   string `out:"always"`
	ResourceType         string
	Timestamp            time.Time
	ResourceStatus       string
	ResourceStatusReason string
	ResourceProperties   string
	ClientRequestToken   string
	HookType             string
	HookStatus           string
	HookStatusReason     string
	HookInvocationPoint  string
	HookInvocationId     string
	HookFailureMode      string
	DetailedStatus       string
}

// DescribeStackEvents lists a stack's events, the newest first [C048].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html.
func (s *Service) DescribeStackEvents(ctx context.Context, in *DescribeStackEventsInput) (*DescribeStackEventsOutput, error) {
	return api.Do(ctx, in, onStack(s, (*DescribeStackEventsInput).stack, stackMissing), s.describeStackEvents)
}

func (s *Service) describeStackEvents(ctx context.Context, on *stackRecord, in *DescribeStackEventsInput) (*DescribeStackEventsOutput, error) {
	out := &DescribeStackEventsOutput{}
	page, next, err := s.eventPage(ctx, on, in.NextToken, func(e *eventRecord) bool { return e.Validation == nil })
	out.StackEvents, out.NextToken = make([]StackEvent, len(page)), next
	for i, e := range page {
		out.StackEvents[i] = StackEvent{
			StackId: on.arn(), EventId: e.ID, StackName: on.Name, OperationId: e.Operation, LogicalResourceId: e.LogicalID,
			PhysicalResourceId: shown(ctx, e.PhysicalID), ResourceType: e.Type, Timestamp: e.Time, ResourceStatus: e.Status,
			ResourceStatusReason: shown(ctx, e.Reason), ResourceProperties: shown(ctx, e.Properties), ClientRequestToken: e.Token,
		}
	}
	return out, err
}

// eventPage is a page of the wanted events of a stack, the newest first.
func (s *Service) eventPage(ctx context.Context, on *stackRecord, token string, wanted func(*eventRecord) bool) (page []*eventRecord, next string, err error) {
	from, valid := resource.ReadToken(token)
	if prefix := on.id().below(""); !valid || from != "" && !strings.HasPrefix(from, prefix) {
		return nil, "", errToken
	}
	err = s.engine.View(ctx, func(r store.Reader) error {
		page, next = nil, ""
		for key, e := range s.events.Scan(r, on.id().below(""), from, store.All) {
			if !wanted(e) {
				continue
			}
			if len(page) == pageSize {
				next = resource.NewToken(key)
				break
			}
			page = append(page, e)
		}
		return nil
	})
	return page, next, err
}

// DescribeEventsInput is the input of DescribeEvents.
type DescribeEventsInput struct {
	StackName     string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	ChangeSetName string `check:"min=1,max=1600" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*"`
	OperationId   string
	Filters       *EventFilter
	NextToken     string `check:"min=1,max=1024"`
}

// EventFilter says which events are wanted.
type EventFilter struct {
	FailedEvents bool
}

// DescribeEventsOutput is the output of DescribeEvents.
type DescribeEventsOutput struct {
	OperationEvents []OperationEvent
	NextToken       string
}

// OperationEvent is an event of an operation: one of a stack, or what a validation found.
type OperationEvent struct {
	EventId                string
	StackId                string
	OperationId            string
	OperationType          string
	OperationStatus        string
	EventType              string
	LogicalResourceId      string
	PhysicalResourceId     string
	ResourceType           string
	Timestamp              time.Time
	StartTime              time.Time
	EndTime                time.Time
	ResourceStatus         string
	ResourceStatusReason   string
	ResourceProperties     string
	ClientRequestToken     string
	HookType               string
	HookStatus             string
	HookStatusReason       string
	HookInvocationPoint    string
	HookFailureMode        string
	DetailedStatus         string
	ValidationFailureMode  string
	ValidationName         string
	ValidationStatus       string
	ValidationStatusReason string
	ValidationPath         string
}

// DescribeEvents lists the events of an operation, a change set or a stack, the newest
// first [C076].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html.
func (s *Service) DescribeEvents(ctx context.Context, in *DescribeEventsInput) (*DescribeEventsOutput, error) {
	return api.Do(ctx, in, s.describeEventsTarget, s.describeEvents)
}

func (s *Service) describeEventsTarget(ctx context.Context, in *DescribeEventsInput) (api.Target, *changeSetTarget, error) {
	switch {
	case in.ChangeSetName != "":
		return s.resolveChangeSet(ctx, in.StackName, in.ChangeSetName)
	case in.StackName != "":
		target, stack, err := s.resolveStack(ctx, in.StackName, stackMissing)
		return target, &changeSetTarget{stack: stack}, err
	case in.OperationId != "":
		target, stack, err := s.resolveOperation(ctx, in.OperationId)
		return target, &changeSetTarget{stack: stack}, err
	default:
		return api.Target{}, nil, ErrValidation.With("One of ChangeSetName, OperationId or StackName must be specified")
	}
}

// resolveOperation finds the stack of an operation.
func (s *Service) resolveOperation(ctx context.Context, operation string) (api.Target, *stackRecord, error) {
	account, region := place(ctx)
	var found *stackRecord
	err := s.engine.View(ctx, func(r store.Reader) error {
		found = nil
		for _, stack := range s.stacks.Scan(r, placePrefix(account, region), "", store.All) {
			for _, o := range stack.Operations {
				if o.ID == operation {
					found = stack
				}
			}
		}
		return nil
	})
	target, _ := onAnyStack(ctx, operation)
	if found == nil {
		target.Missing = ErrValidation.Withf("Operation [%s] does not exist", operation)
		return target, nil, err
	}
	target.ARN = found.arn()
	return target, found, err
}

func (s *Service) describeEvents(ctx context.Context, on *changeSetTarget, in *DescribeEventsInput) (*DescribeEventsOutput, error) {
	page, next, err := s.eventPage(ctx, on.stack, in.NextToken, func(e *eventRecord) bool {
		return (in.OperationId == "" || e.Operation == in.OperationId) &&
			(on.changeSet == nil || e.ChangeSet == on.arn()) &&
			(in.Filters == nil || !in.Filters.FailedEvents || e.failed())
	})
	out := &DescribeEventsOutput{OperationEvents: make([]OperationEvent, len(page)), NextToken: next}
	for i, e := range page {
		out.OperationEvents[i] = e.described(ctx, on.stack.arn())
	}
	return out, err
}

// failed reports whether the event is of a failure.
func (e *eventRecord) failed() bool {
	return e.Validation != nil || strings.HasSuffix(e.Status, "FAILED")
}

func (e *eventRecord) described(ctx context.Context, stack string) OperationEvent {
	described := OperationEvent{
		EventId: e.ID, StackId: stack, OperationId: e.Operation, OperationType: e.Kind, EventType: "STACK_EVENT",
		LogicalResourceId: e.LogicalID, PhysicalResourceId: shown(ctx, e.PhysicalID), ResourceType: e.Type, Timestamp: e.Time,
		ResourceStatus: e.Status, ResourceStatusReason: shown(ctx, e.Reason), ResourceProperties: shown(ctx, e.Properties), ClientRequestToken: e.Token,
	}
	switch v := e.Validation; {
	case v != nil:
		described.EventType, described.ValidationName, described.ValidationPath = "VALIDATION_ERROR", v.Name, v.Path
		described.ValidationStatus, described.ValidationFailureMode, described.ValidationStatusReason = "FAILED", "FAIL", v.Reason
	case e.failed() && e.Type != stackType:
		described.EventType = "PROVISIONING_ERROR"
	}
	return described
}
