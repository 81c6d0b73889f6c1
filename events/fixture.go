package events

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// BusFixture is an event bus that is to exist.
type BusFixture struct {
	Name   string // default for the account's default bus
	Policy string // empty: none
}

// ApplyBus makes the bus of a fixture in the account and region of ctx's request, or gives
// an existing one the fixture's policy. Nothing is authorized.
func (s *Service) ApplyBus(ctx context.Context, f BusFixture) error {
	r := api.RequestFrom(ctx)
	id := busID{r.Account, r.Region, f.Name}
	if f.Policy != "" {
		document, err := s.policies.Check(ctx, id.owner(), f.Policy)
		if err != nil {
			return err
		}
		s.policies.Lint(ctx, id.owner(), document)
	}
	now := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		b := s.buses.Edit(tx, id.key())
		if b == nil {
			b = &busRecord{Account: id.account, Region: id.region, Name: id.name, Created: now}
		}
		b.Modified, b.Policy, b.PolicyEpoch = now, f.Policy, s.policies.Epoch(tx)
		s.buses.Put(tx, id.key(), b)
		return nil
	})
}

// RuleFixture is a rule that is to exist, with its targets.
type RuleFixture struct {
	Name, Bus, Pattern, Schedule, State string
	// Targets without ids get them by their order.
	Targets []Target
}

// ApplyRule makes the rule of a fixture in the account and region of ctx's request, or sets
// an existing one anew, with these targets and no others. Nothing is authorized, and no
// role is asked whether EventBridge may assume it.
func (s *Service) ApplyRule(ctx context.Context, f RuleFixture) error {
	in := &PutRuleInput{Name: f.Name, EventBusName: f.Bus, EventPattern: f.Pattern, ScheduleExpression: f.Schedule, State: f.State}
	if len(f.Targets) > maxTargets {
		return ErrLimitExceeded
	}
	return api.RetryChanged(func() error {
		on, err := s.findRule(ctx, in.EventBusName, in.Name)
		if err != nil {
			return err
		}
		if on.bus == nil {
			return busMissing(on.id.bus.name)
		}
		if err := checkRule(on.bus, in); err != nil {
			return err
		}
		targets := make([]targetRecord, len(f.Targets))
		for i := range f.Targets {
			t := f.Targets[i]
			t.Id = cmp.Or(t.Id, "target-"+strconv.Itoa(i+1))
			if targets[i], err = on.id.newTarget(&t); err != nil {
				return err
			}
		}
		return s.setRule(ctx, on, in, func(l *ruleRecord) { l.Targets = slices.Clone(targets) })
	})
}
