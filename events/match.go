package events

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/waxseal/waxseal/internal/eventpattern"
	"github.com/waxseal/waxseal/internal/store"
)

// matchers are the compiled patterns of buses to which events have come. They are made of
// the stored rules, and anew where these have changed.
type matchers struct {
	mu    sync.Mutex
	byBus map[busID]*matcher
}

// of is the matcher of a bus.
func (m *matchers) of(id busID) *matcher {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byBus == nil {
		m.byBus = map[busID]*matcher{}
	}
	if m.byBus[id] == nil {
		m.byBus[id] = &matcher{patterns: map[string]string{}}
	}
	return m.byBus[id]
}

// forget drops what is kept of a bus that has no rules.
func (m *matchers) forget(id busID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byBus, id)
}

// matcher holds the patterns of the enabled rules of a bus, as of one revision.
type matcher struct {
	mu       sync.RWMutex
	revision string
	patterns map[string]string // texts by the name of the rule
	set      eventpattern.Set
}

// match are the names of the rules of a revision that match an event. load reads those
// rules where the matcher knows those of another one.
func (m *matcher) match(revision string, e *eventpattern.Event, load func(*matcher)) []string {
	m.mu.RLock()
	if m.revision == revision {
		defer m.mu.RUnlock()
		return m.set.Match(e)
	}
	m.mu.RUnlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.revision != revision {
		load(m)
		m.revision = revision
	}
	return m.set.Match(e)
}

// match finds the rules of an event's bus that match it, by name, and the revision of the
// bus's rules, which is nil where it has none.
func (s *Service) match(ctx context.Context, a *arrival) (revision *revisionRecord, matched []*ruleRecord, err error) {
	e := eventpattern.ParseEvent(eventpattern.EventBridge, a.event.text())
	err = s.engine.View(ctx, func(r store.Reader) error {
		matched = nil
		if revision = s.revisions.Get(r, a.bus.key()); revision == nil {
			s.matchers.forget(a.bus)
			return nil
		}
		names := s.matchers.of(a.bus).match(revision.ID, e, func(m *matcher) { s.load(ctx, r, a.bus, m) })
		for i, name := range names {
			names[i] = ruleID{a.bus, name}.key()
		}
		matched = s.rules.GetMany(r, names)
		return nil
	})
	return revision, matched, err
}

// load makes a matcher hold the patterns of a bus's rules as they are now.
func (s *Service) load(ctx context.Context, r store.Reader, bus busID, m *matcher) {
	there := map[string]bool{}
	for _, l := range s.rules.Scan(r, bus.key()+nul, "", store.All) {
		if l.Pattern == "" || !l.enabled() {
			continue
		}
		there[l.Name] = true
		if m.patterns[l.Name] == l.Pattern {
			continue
		}
		pattern, err := eventpattern.Compile(eventpattern.EventBridge, l.Pattern)
		if err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "events: the pattern of a rule cannot be read, and matches nothing", slog.String("rule", l.id().arn()), slog.Any("error", err))
			delete(there, l.Name)
			continue
		}
		m.set.Remove(l.Name)
		m.set.Add(l.Name, pattern)
		m.patterns[l.Name] = l.Pattern
	}
	for name := range m.patterns {
		if !there[name] {
			m.set.Remove(name)
			delete(m.patterns, name)
		}
	}
}

// compile reads a pattern, or refuses it [V135].
func compile(text string) (*eventpattern.Pattern, error) {
	pattern, err := eventpattern.Compile(eventpattern.EventBridge, text)
	if err != nil {
		return nil, ErrInvalidEventPattern.With("Event pattern is not valid. Reason: " + err.Error())
	}
	return pattern, nil
}

// TestEventPatternInput is the input of TestEventPattern.
type TestEventPatternInput struct {
	EventPattern string `check:"required,max=4096"`
	Event        string `check:"required"`
}

// TestEventPatternOutput is the output of TestEventPattern.
type TestEventPatternOutput struct {
	Result bool
}

// TestEventPattern tells whether a pattern matches an event [V143].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html.
func (s *Service) TestEventPattern(_ context.Context, in *TestEventPatternInput) (*TestEventPatternOutput, error) {
	pattern, err := compile(in.EventPattern) // before the event [V145]
	if err != nil {
		return nil, err
	}
	if !wholeEvent(in.Event) {
		return nil, invalidParameter("Event", "") // [V144]
	}
	return &TestEventPatternOutput{Result: pattern.Match(eventpattern.ParseEvent(eventpattern.EventBridge, in.Event))}, nil
}

// wholeEvent reports whether a text is an event with all that is needed of one: its
// resources and its detail may be missing [V144].
func wholeEvent(text string) bool {
	members, ok := membersOf(text)
	for _, needed := range []string{"id", "account", "source", "time", "region", "detail-type"} {
		if members[needed] == nil {
			ok = false
		}
	}
	return ok
}

// membersOf are the members of a JSON object; ok is false for what is none.
func membersOf(text string) (members map[string]json.RawMessage, ok bool) {
	err := json.Unmarshal([]byte(text), &members)
	return members, err == nil && members != nil
}
