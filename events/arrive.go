package events

import (
	"context"
	"errors"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// arrival is an event that comes to a bus.
type arrival struct {
	bus   busID
	event *event
	// trace and baseURL are those of the request that put it.
	trace, baseURL string
	// hopped: it comes from another bus, and goes to none from here [V217].
	hopped bool
}

// arrive matches events with the rules of their buses and stores what is to be delivered.
// An event that no rule matches costs no write.
func (s *Service) arrive(ctx context.Context, all []arrival) error {
	return api.RetryChanged(func() error {
		var jobs []*job
		seen := map[busID]*revisionRecord{}
		for i := range all {
			revision, matched, err := s.match(ctx, &all[i])
			if err != nil {
				return err
			}
			if len(matched) > 0 {
				seen[all[i].bus] = revision
			}
			for _, l := range matched {
				jobs = append(jobs, s.newJobs(l, &all[i])...)
			}
		}
		return s.enqueue(ctx, jobs, seen)
	})
}

// enqueue stores jobs, unless the rules that they come from have changed since.
func (s *Service) enqueue(ctx context.Context, jobs []*job, seen map[busID]*revisionRecord) error {
	if len(jobs) == 0 {
		return nil
	}
	stored := make([]storedJob, len(jobs))
	for i, j := range jobs {
		var err error
		if stored[i], err = s.seal(j); err != nil {
			return err
		}
	}
	now := s.clock.Now()
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		for _, revision := range seen {
			if _, same := store.Compare(tx, revision); !same {
				return api.ErrChanged
			}
		}
		for i := range stored {
			s.outbox.Add(tx, now, &stored[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.outbox.Committed()
	return nil
}

// newJobs are the deliveries of an event to the targets of a rule.
func (s *Service) newJobs(l *ruleRecord, a *arrival) []*job {
	jobs := make([]*job, len(l.Targets))
	for i := range l.Targets {
		jobs[i] = &job{storedJob: storedJob{
			ID: s.ids.UUID(), Rule: l.id().stored(), RuleRole: l.Role, Target: l.Targets[i], EventID: a.event.ID,
			Trace: a.trace, BaseURL: a.baseURL, Hopped: a.hopped, Ingested: s.clock.Now(),
		}, event: a.event}
	}
	return jobs
}

// ServiceEvent is an event that an AWS service puts on the default bus of an account.
type ServiceEvent struct {
	// ID is the event's id; empty: it gets one. A service that may put an event twice gives
	// it the same id.
	ID              string
	Account, Region string
	// Source is the service, such as aws.s3.
	Source, DetailType string
	Time               time.Time
	Resources          []string
	Detail             []byte // a JSON object
	// TraceHeader is that of the request from which the event comes; empty: it has none.
	TraceHeader string
}

// PutServiceEvent puts an event of an AWS service on the default bus of an account, which
// needs nobody's permission. It answers the event's id.
func (s *Service) PutServiceEvent(ctx context.Context, in ServiceEvent) (id string, err error) {
	detail, ok := readDetail(string(in.Detail))
	if !ok {
		return "", errDetail
	}
	if id = in.ID; id == "" {
		id = s.ids.UUID()
	}
	e := &event{
		ID: id, DetailType: in.DetailType, Source: in.Source, Account: in.Account, Region: in.Region,
		Time: in.Time, Resources: in.Resources, Detail: detail,
	}
	return id, s.arrive(ctx, []arrival{{bus: busID{in.Account, in.Region, defaultBus}, event: e, trace: in.TraceHeader, baseURL: api.RequestFrom(ctx).PublicURL()}})
}

var errDetail = errors.New("events: the detail of a service's event is no JSON object")
