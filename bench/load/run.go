package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Step is one iteration of a load: one call, or several.
type Step func(c *Client) error

// Result is what a load did.
type Result struct {
	Steps   int
	Elapsed time.Duration
	Latency Histogram // of steps
}

// PerSecond is the rate of steps.
func (r *Result) PerSecond() float64 { return float64(r.Steps) / r.Elapsed.Seconds() }

// For repeats a load for a time: each worker has a client and a step of its own,
// and begins an iteration when its last one has ended; it has at least one, however
// short the time. An error ends the load.
func For(ctx context.Context, addr string, workers int, d time.Duration, newStep func() Step) (*Result, error) {
	start := time.Now()
	end := start.Add(d)
	latencies := make([]Histogram, workers)
	err := each(ctx, workers, func(ctx context.Context, w int) error {
		c := NewClient(addr)
		defer c.Close()
		step := newStep()
		for begin := time.Now(); ctx.Err() == nil; {
			if err := step(c); err != nil {
				return err
			}
			now := time.Now()
			latencies[w].Record(now.Sub(begin))
			if begin = now; !begin.Before(end) {
				break
			}
		}
		return ctx.Err()
	})
	r := &Result{Elapsed: time.Since(start)}
	for i := range latencies {
		r.Latency.Merge(&latencies[i])
	}
	r.Steps = int(r.Latency.n)
	return r, err
}

// Times does something n times, shared by workers with a client each. An error
// ends it.
func Times(ctx context.Context, addr string, workers, n int, do func(c *Client, i int) error) error {
	var next atomic.Int64
	return each(ctx, workers, func(ctx context.Context, _ int) error {
		c := NewClient(addr)
		defer c.Close()
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return nil
			}
			if err := do(c, i); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// each runs workers until all have ended; the first error ends them all.
func each(ctx context.Context, workers int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			if err := work(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
