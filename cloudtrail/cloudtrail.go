package cloudtrail

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/notice"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Service works with. A field is required unless its comment says
// what its zero value means.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	Log    *slog.Logger
	// Idle services do nothing in the background.
	Idle bool
	// HSM wraps the keys that sign digest files.
	HSM *hsm.Module
	// Buckets, Topics and Keys are what trails deliver to, and with.
	Buckets Buckets
	Topics  Topics
	Keys    Keys
}

// Service is AWS CloudTrail. It is safe for concurrent use.
type Service struct {
	engine  store.Engine
	durable bool // what is written outlives the process
	clock   clock.Clock
	ids     *ids.Source
	log     *slog.Logger

	history  *history
	flushing sync.Mutex
	writer   *writer // nil: there is none
	damaged  notice.Set

	keys   Keys
	trails *trails
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	s := &Service{engine: c.Engine, durable: c.Engine.Durable(), clock: c.Clock, ids: c.IDs, log: c.Log, history: newHistory(), keys: c.Keys, trails: newTrails(&c)}
	if s.durable && !c.Idle {
		s.history.origin = c.IDs.Hex(originDigits)
		s.writer = newWriter()
		go s.write(s.writer)
	}
	return s
}

// originDigits is the length of what tells the keys of one process from those of another.
const originDigits = 12

// Start begins to log and deliver in the background what trails are for. What the service
// asks of others must be there by then.
func (s *Service) Start() { s.trails.start() }

// CatchUp delivers the log files and digests that are due, where the service was not started.
func (s *Service) CatchUp(ctx context.Context) error {
	if err := s.trails.reload(ctx); err != nil {
		return err
	}
	_, err := s.trails.deliverDue(ctx)
	return err
}

// Refresh looks at what others have written to the state.
func (s *Service) Refresh(ctx context.Context) error {
	defer s.trails.wake()
	return s.trails.reload(ctx)
}

// Record takes note of a call that has ended. It does not block.
func (s *Service) Record(c Call) {
	s.trails.record(c)
	waiting := s.history.record(c)
	if s.writer == nil {
		return
	}
	switch {
	case waiting >= writeAt:
		signal(s.writer.full)
	case waiting > 0 && waiting <= 2: // the first, which two accounts may have
		signal(s.writer.wake)
	}
}

// API describes the service.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "cloudtrail", Title: "CloudTrail", Principal: "cloudtrail.amazonaws.com",
		// AWS's model and botocore send the long name [T001]; newer SDKs send the short one.
		Dialects: []api.Dialect{&api.AWSJSON{
			Version: "1.1", TargetPrefix: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", ShortPrefix: "CloudTrail_20131101",
		}},
		Denied:       denied,
		OwnerOnly:    denied,
		Invalid:      invalid,
		ResourceType: "AWS::CloudTrail::Trail",
		Operations: slices.Concat(
			historyOperations(s),
			trailOperations(s),
		),
	}
}
