package cloudtrail

import (
	"log/slog"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Service works with. A field is required unless its comment says
// what its zero value means.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	Log    *slog.Logger
}

// Service is AWS CloudTrail. It is safe for concurrent use.
type Service struct {
	engine  store.Engine
	clock   clock.Clock
	ids     *ids.Source
	log     *slog.Logger
	history *history
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	return &Service{engine: c.Engine, clock: c.Clock, ids: c.IDs, log: c.Log, history: newHistory()}
}

// Record takes note of a call that has ended. It does not block.
func (s *Service) Record(c Call) {
	s.history.record(c)
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
		),
	}
}
