package server

import (
	"context"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/draft"
)

// prepare makes the state hold what a world begins with: the proof of the root
// key and what the configuration's fixtures declare. All of it is written at
// once; where something fails, nothing is. It answers where the policies stand
// that files declare.
func (s *Server) prepare(ctx context.Context) (sources, error) {
	prepared := draft.New(s.config.Engine)
	if err := s.checkRootKey(ctx, prepared); err != nil {
		return nil, err
	}
	declared, err := s.applyFixtures(ctx, prepared)
	if err != nil {
		return nil, err
	}
	return declared, prepared.Commit(ctx)
}

// applyFixtures makes a state hold what the configuration's fixtures declare, by
// services of its own in which nothing else goes on.
func (s *Server) applyFixtures(ctx context.Context, engine store.Engine) (sources, error) {
	if s.config.Fixtures == nil {
		return nil, nil
	}
	declared := sources{}
	c := s.config
	c.Engine = engine
	w := newWorld(&c, s.hsm, idle)
	defer w.end()
	err := c.Fixtures.Apply(ctx, fixture.Target{
		Identity: w.identity, IAM: w.iam, KMS: w.kms, SQS: w.sqs, SNS: w.sns,
		Region: c.Region, Now: c.Clock.Now(), BaseURL: fixtureURL, Log: s.log,
		Placed: declared.add,
	})
	if err != nil {
		return nil, err
	}
	return declared, w.readSources(ctx, declared)
}

// fixtureURL is the base of URLs in what declared subscriptions replay: no
// client has called yet that could tell another.
const fixtureURL = "http://localhost:4566"
