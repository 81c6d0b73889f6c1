package events

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// onAny is the target of the operations without a resource [V236].
func onAny[In any](ctx context.Context, _ In) (api.Target, error) { return anyTarget(ctx), nil }

func anyTarget(ctx context.Context) api.Target {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account}
}

// busOf is the bus that a name, an ARN or nothing means: a name is of the caller's account,
// and nothing is the default bus [V016].
func busOf(ctx context.Context, nameOrARN string) busID {
	r := api.RequestFrom(ctx)
	id := busID{r.Account, r.Region, nameOrARN}
	if nameOrARN == "" {
		id.name = defaultBus
	}
	if a, err := arn.Parse(nameOrARN); err == nil && a.Service == "events" {
		if name, ok := strings.CutPrefix(a.Resource, "event-bus/"); ok {
			id = busID{a.AccountID, a.Region, name}
		}
	}
	return id
}

// busTarget is the target of a call on a bus; b is nil where there is none.
func busTarget(id busID, b *busRecord) api.Target {
	t := api.Target{ARN: id.arn(), Account: id.account}
	if b == nil {
		t.Missing = busMissing(id.name)
		return t
	}
	t.Policy, t.Tags = b.compiled, resource.TagMap(b.Tags)
	return t
}

// findBus is the bus that a name or ARN means, nil where the region has none, and its target.
func (s *Service) findBus(ctx context.Context, nameOrARN string) (api.Target, *busRecord, error) {
	id := busOf(ctx, nameOrARN)
	var b *busRecord
	if id.region != api.RequestFrom(ctx).Region {
		return busTarget(id, nil), nil, nil
	}
	err := s.engine.View(ctx, func(r store.Reader) error {
		b = s.bus(r, id)
		return nil
	})
	return busTarget(id, b), b, err
}

// onBus resolves an input to the bus that it names.
func onBus[In any](s *Service, name func(In) string) func(context.Context, In) (api.Target, *busRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *busRecord, error) {
		return s.findBus(ctx, name(in))
	}
}

// onOwnBus is onBus for the operations that policies cannot give for a bus, but only as a
// whole [V236].
func onOwnBus[In any](s *Service, name func(In) string) func(context.Context, In) (api.Target, *busRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *busRecord, error) {
		found, b, err := s.findBus(ctx, name(in))
		target := anyTarget(ctx)
		target.Missing = found.Missing
		return target, b, err
	}
}

// confirmBus makes sure within a transaction that a bus is as it was when the call was
// decided.
func (s *Service) confirmBus(r store.Reader, b *busRecord) error {
	if !b.unstored {
		return api.Confirm(r, b, busMissing(b.Name))
	}
	if s.buses.Get(r, b.id().key()) != nil {
		return api.ErrChanged
	}
	return nil
}

// changeBus changes a bus that a call was decided on. change runs in the transaction.
func (s *Service) changeBus(ctx context.Context, b *busRecord, change func(store.Tx, *busRecord) error) error {
	now := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := s.confirmBus(tx, b); err != nil {
			return err
		}
		edited := s.buses.Edit(tx, b.id().key())
		if edited == nil {
			edited = &busRecord{Account: b.Account, Region: b.Region, Name: b.Name, Created: now}
		}
		edited.Modified = now
		if err := change(tx, edited); err != nil {
			return err
		}
		s.buses.Put(tx, b.id().key(), edited)
		return nil
	})
}

// onBusAsAny is onBus for the operations on the rules of a bus that have no resource [V236].
// Another account may call them as far as the bus's policy lets it.
func onBusAsAny[In any](s *Service, name func(In) string) func(context.Context, In) (api.Target, *busRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *busRecord, error) {
		t, b, err := s.findBus(ctx, name(in))
		t.ARN, t.Tags = "*", nil
		return t, b, err
	}
}

// found is what an input that names a rule means.
type found struct {
	id   ruleID
	bus  *busRecord  // nil: there is none
	rule *ruleRecord // nil: there is none
}

// target is the target of a call on the rule. The policy that decides is its bus's [V241].
func (f *found) target() api.Target {
	t := api.Target{ARN: f.id.arn(), Account: f.id.bus.account}
	creator := ""
	switch {
	case f.bus == nil:
		t.Missing = busMissing(f.id.bus.name)
	case f.rule == nil:
		t.Policy, t.Missing = f.bus.compiled, ruleMissing(f.id.name, f.id.bus.name)
	default:
		t.Policy, t.Tags, creator = f.bus.compiled, resource.TagMap(f.rule.Tags), f.rule.Creator
	}
	t.Keys = func(c *policyeval.Context) {
		if creator != "" {
			c.Set("events:creatorAccount", creator) // [V234]
		}
	}
	return t
}

// findRule is what a bus, by name or ARN, and the name of one of its rules mean.
func (s *Service) findRule(ctx context.Context, bus, name string) (*found, error) {
	f := &found{id: ruleID{busOf(ctx, bus), name}}
	if f.id.bus.region != api.RequestFrom(ctx).Region {
		return f, nil
	}
	return f, s.engine.View(ctx, func(r store.Reader) error {
		f.bus, f.rule = s.bus(r, f.id.bus), s.rules.Get(r, f.id.key())
		return nil
	})
}

// onRule resolves an input to the rule that it names.
func onRule[In any](s *Service, name func(In) (bus, rule string)) func(context.Context, In) (api.Target, *found, error) {
	return func(ctx context.Context, in In) (api.Target, *found, error) {
		bus, rule := name(in)
		f, err := s.findRule(ctx, bus, rule)
		return f.target(), f, err
	}
}

// confirm makes sure within a transaction that bus and rule are as they were when the call
// was decided.
func (s *Service) confirm(r store.Reader, f *found) error {
	if err := s.confirmBus(r, f.bus); err != nil {
		return err
	}
	if f.rule != nil {
		return api.Confirm(r, f.rule, ruleMissing(f.id.name, f.id.bus.name))
	}
	if s.rules.Get(r, f.id.key()) != nil {
		return api.ErrChanged
	}
	return nil
}
