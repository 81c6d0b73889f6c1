package cloudtrail

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// StartLoggingInput is the input of StartLogging.
type StartLoggingInput struct {
	Name string `check:"required"`
}

// StartLoggingOutput is the output of StartLogging.
type StartLoggingOutput struct {
	_ struct{} `out:"result"`
}

func (in *StartLoggingInput) trail() string { return in.Name }

// StartLogging begins to log what happens from now on. A trail that logs already goes on.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html.
func (s *Service) StartLogging(ctx context.Context, in *StartLoggingInput) (*StartLoggingOutput, error) {
	return api.Do(ctx, in, onHomeTrail(s, (*StartLoggingInput).trail), s.startLogging)
}

func (s *Service) startLogging(ctx context.Context, t *trailRecord, _ *StartLoggingInput) (*StartLoggingOutput, error) {
	if t.Logging {
		return &StartLoggingOutput{}, nil
	}
	now := s.clock.Now()
	return &StartLoggingOutput{}, s.trails.undisturbed(func() error {
		return s.changeTrail(ctx, t, func(tx store.Tx, t *trailRecord) error {
			t.Logging, t.Started = true, now
			s.trails.begin(tx, t, now)
			return nil
		})
	})
}

// StopLoggingInput is the input of StopLogging.
type StopLoggingInput struct {
	Name string `check:"required"`
}

// StopLoggingOutput is the output of StopLogging.
type StopLoggingOutput struct {
	_ struct{} `out:"result"`
}

func (in *StopLoggingInput) trail() string { return in.Name }

// StopLogging ends logging. What was logged is delivered at once, with a last digest
// [T049].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html.
func (s *Service) StopLogging(ctx context.Context, in *StopLoggingInput) (*StopLoggingOutput, error) {
	return api.Do(ctx, in, onHomeTrail(s, (*StopLoggingInput).trail), s.stopLogging)
}

func (s *Service) stopLogging(ctx context.Context, t *trailRecord, _ *StopLoggingInput) (*StopLoggingOutput, error) {
	if !t.Logging {
		return &StopLoggingOutput{}, nil
	}
	now := s.clock.Now()
	return &StopLoggingOutput{}, s.trails.settle(ctx, t.trailID(), func() error {
		return s.changeTrail(ctx, t, func(_ store.Tx, t *trailRecord) error {
			t.Logging, t.Stopped = false, now
			return nil
		})
	})
}
