package events

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/outbox"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Config is what a Service works with. The fields up to Recorder are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps the keys under which events are kept that are still to be delivered.
	HSM *hsm.Module
	// Targets takes events to their targets.
	Targets Targets
	// Recorder keeps the records of deliveries.
	Recorder Recorder

	// Lanes is how many events are delivered at a time; 0 is 1.
	Lanes int
	// Roles is asked whether EventBridge may assume the roles of targets. Nil: it may.
	Roles Roles
	// Names finds the principals that the policies of buses mean. Nil: the principal that
	// has the ARN at the time of a request.
	Names resource.Names
	// PrincipalExists reports whether a role, user or account exists: policies that name
	// another are refused where StrictPrincipals is set, and warned of where it is not.
	// Nil: all exist.
	PrincipalExists  func(ctx context.Context, principal string) bool
	StrictPrincipals bool
	// Log takes warnings. Nil: they are dropped.
	Log *slog.Logger
}

// Service implements Amazon EventBridge. It is safe for concurrent use.
type Service struct {
	engine   store.Engine
	clock    clock.Clock
	ids      *ids.Source
	log      *slog.Logger
	policies resource.Policies
	roles    Roles
	targets  Targets
	recorder Recorder
	owned    *envelope.Owned
	outbox   *outbox.Outbox[storedJob]
	ticker   *ticker
	matchers matchers
	tables
}

// Recorder keeps the records of deliveries.
type Recorder interface {
	// Record keeps a delivery, in place of an earlier record of the same ID.
	Record(d trail.Delivery)
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Names == nil {
		c.Names = resource.AnyNames{}
	}
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs, log: c.Log,
		policies: newPolicies(&c), roles: c.Roles, targets: c.Targets, recorder: c.Recorder,
		owned: envelope.NewOwned(c.HSM), tables: newTables(),
	}
	s.outbox = outbox.New(outbox.Config[storedJob]{
		Bucket: "events.outbox", Engine: c.Engine, Clock: c.Clock, Log: c.Log, Lanes: c.Lanes, Attempt: s.attempt,
	})
	s.ticker = newTicker(s)
	return s
}

// Start begins to deliver events, and lets schedules tick. What the service asks of others
// must be there by then.
func (s *Service) Start() {
	s.outbox.Start()
	s.ticker.start()
}

// CatchUp lets the rules tick and makes the deliveries that are due, where the service was
// not started.
func (s *Service) CatchUp(ctx context.Context) error {
	if _, err := s.tickDue(ctx); err != nil {
		return err
	}
	return s.outbox.Drain(ctx)
}

// Refresh looks at what others have written to the state.
func (s *Service) Refresh(context.Context) error {
	s.ticker.wake()
	s.outbox.Committed()
	return nil
}

// Close ends what the service does in the background, and waits for it. Deliveries that
// were not made stay in the store for the next service on it.
func (s *Service) Close() {
	s.ticker.close()
	s.outbox.Close()
}

const servicePrincipal = "events.amazonaws.com"

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:      "events",
		Title:     "EventBridge",
		Principal: servicePrincipal,

		ResourcePolicy: policyeval.BusPolicy,

		Dialects:   []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "AWSEvents"}}, // [V001]
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		Earlier:    earlier,
		OwnerOnly:  denied,
	}
}

func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateEventBus", s.createEventBus, []string{"events:CreateEventBus", tagResource}, s.createEventBusChecks),
		api.On("UpdateEventBus", s.updateEventBus, "events:UpdateEventBus", onBus(s, (*UpdateEventBusInput).bus)),
		api.On("DeleteEventBus", s.deleteEventBus, "events:DeleteEventBus", s.deleteEventBusTarget),
		api.On("DescribeEventBus", s.describeEventBus, "events:DescribeEventBus", onBus(s, (*DescribeEventBusInput).bus), api.ReadOnly),
		api.Op("ListEventBuses", s.ListEventBuses, "events:ListEventBuses", onAny[*ListEventBusesInput], api.ReadOnly),
		api.On("PutPermission", s.putPermission, "events:PutPermission", onOwnBus(s, (*PutPermissionInput).bus)),
		api.On("RemovePermission", s.removePermission, "events:RemovePermission", onOwnBus(s, (*RemovePermissionInput).bus)),

		api.OnChecks("PutRule", s.putRule, []string{"events:PutRule", tagResource, passRole}, s.putRuleChecks),
		api.On("DescribeRule", s.describeRule, "events:DescribeRule", onRule(s, (*DescribeRuleInput).rule), api.ReadOnly),
		api.On("ListRules", s.listRules, "events:ListRules", onBusAsAny(s, (*ListRulesInput).bus), api.ReadOnly),
		api.On("ListRuleNamesByTarget", s.listRuleNamesByTarget, "events:ListRuleNamesByTarget", onBusAsAny(s, (*ListRuleNamesByTargetInput).bus), api.ReadOnly),
		api.On("EnableRule", s.enableRule, "events:EnableRule", onRule(s, (*EnableRuleInput).rule)),
		api.On("DisableRule", s.disableRule, "events:DisableRule", onRule(s, (*DisableRuleInput).rule)),
		api.On("DeleteRule", s.deleteRule, "events:DeleteRule", s.deleteRuleTarget),

		api.OnChecks("PutTargets", s.putTargets, []string{"events:PutTargets", passRole}, s.putTargetsChecks),
		api.On("RemoveTargets", s.removeTargets, "events:RemoveTargets", onRule(s, (*RemoveTargetsInput).rule)),
		api.On("ListTargetsByRule", s.listTargetsByRule, "events:ListTargetsByRule", onRule(s, (*ListTargetsByRuleInput).rule), api.ReadOnly),

		api.OnChecks("PutEvents", s.putEvents, []string{"events:PutEvents"}, s.putEventsChecks, api.Data),
		api.Op("TestEventPattern", s.TestEventPattern, "events:TestEventPattern", onAny[*TestEventPatternInput], api.ReadOnly),

		api.On("TagResource", s.tagResource, tagResource, s.tagResourceTarget),
		api.On("UntagResource", s.untagResource, "events:UntagResource", s.untagResourceTarget),
		api.On("ListTagsForResource", s.listTagsForResource, "events:ListTagsForResource", s.listTagsTarget, api.ReadOnly),
	}
}
