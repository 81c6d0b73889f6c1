package cloudtrail

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// Fixture is a trail that is to exist and to log.
type Fixture struct {
	Name, Bucket string
	MultiRegion  bool
	// DataEvents are the ARNs of queues, topics, buckets and objects whose data events are
	// logged beside all management events.
	DataEvents []string
}

// ApplyTrail makes the trail of a fixture in the account and region of ctx's request. It
// logs, and its log files are validated. An existing trail keeps what it has logged and
// gets the fixture's settings. Nothing is authorized.
func (s *Service) ApplyTrail(ctx context.Context, f Fixture) error {
	r := api.RequestFrom(ctx)
	if err := checkTrailName(f.Name); err != nil {
		return err
	}
	var chosen selectors
	if len(f.DataEvents) > 0 {
		advanced, err := dataEventSelectors(f.DataEvents)
		if err != nil {
			return err
		}
		if err := checkAdvanced(advanced); err != nil {
			return err
		}
		chosen.Advanced = advanced
	}
	yes, now := true, s.clock.Now()
	c := settings{bucket: &f.Bucket, globalEvents: &yes, multiRegion: &f.MultiRegion, validation: &yes}
	fresh := trailRecord{ID: s.ids.UUID(), Account: r.Account, Region: r.Region, Name: f.Name}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		t := s.trails.tables.trails.Edit(tx, fresh.trailID().key())
		if t == nil {
			copied := fresh
			t = &copied
		}
		if err := c.apply(t); err != nil {
			return err
		}
		t.Selectors = chosen
		if !t.Logging {
			t.Logging, t.Started = true, now
			s.trails.begin(tx, t, now)
		}
		return s.trails.put(tx, t)
	})
	if err != nil {
		return err
	}
	return s.trails.reload(ctx)
}
