package server

import (
	"context"

	"github.com/waxseal/waxseal/internal/fixture"
)

// applyFixtures makes the world hold what the configuration's fixtures declare.
func (s *Server) applyFixtures(ctx context.Context) error {
	w := s.world
	return s.config.Fixtures.Apply(ctx, fixture.Target{
		Identity: w.identity, IAM: w.iam, KMS: w.kms, SQS: w.sqs, SNS: w.sns,
		Region: s.config.Region, Now: s.config.Clock.Now(), BaseURL: fixtureURL, Log: s.log,
	})
}

// fixtureURL is the base of URLs in what declared subscriptions replay: no
// client has called yet that could tell another.
const fixtureURL = "http://localhost:4566"
