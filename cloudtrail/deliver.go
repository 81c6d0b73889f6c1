package cloudtrail

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/store"
)

// maxLeap is for how long a clock that is turned forward makes up for every hour. What
// lies further back gets one digest, however long it is.
const maxLeap = 7 * 24 * time.Hour

// trails is what happens to trails beside the calls of their operations: what they log
// is written, and delivered when it is due. It is safe for concurrent use.
type trails struct {
	engine  store.Engine
	clock   clock.Clock
	hsm     *hsm.Module
	log     *slog.Logger
	buckets Buckets
	topics  Topics
	tables  trailTables
	origin  string // tells this process's pending records from those of others
	number  uint64 // of the newest pending record, while writing is held

	logging  atomic.Pointer[logging] // nil: no trail logs
	loading  sync.Mutex              // while logging is read anew
	incoming *incoming
	writing  sync.Mutex // while what has come is written
	backlog  backlog
	making   sync.Mutex // while a key is looked for or made
	delivery sync.Mutex // while something is delivered
	woken    chan struct{}
	stop     context.CancelFunc
	running  sync.WaitGroup
}

func newTrails(c *Config) *trails {
	return &trails{
		engine: c.Engine, clock: c.Clock, hsm: c.HSM, log: c.Log, buckets: c.Buckets, topics: c.Topics,
		tables: newTrailTables(), origin: rand.Text(), incoming: newIncoming(), backlog: backlog{bytes: map[string]int{}},
		woken: make(chan struct{}, 1), stop: func() {},
	}
}

// start begins to log and deliver, with what was left when the state was last used.
func (ts *trails) start() {
	ctx, stop := context.WithCancel(context.Background())
	ts.stop = stop
	if err := ts.reload(ctx); err != nil {
		ts.log.Error("cloudtrail: the trails cannot be read", slog.Any("error", err))
	}
	ts.running.Go(func() { ts.write(ctx) })
	ts.running.Go(func() { ts.run(ctx) })
}

// close ends it, and writes what has come.
func (ts *trails) close() {
	ts.stop()
	ts.incoming.close()
	ts.running.Wait()
	_ = ts.flush(context.Background()) // which logs its error
}

// reload makes the trails that log those that the state says.
func (ts *trails) reload(ctx context.Context) error {
	ts.loading.Lock()
	defer ts.loading.Unlock()
	var found logging
	err := ts.engine.View(ctx, func(r store.Reader) error {
		found = logging{}
		for _, t := range ts.tables.trails.Scan(r, "", "", store.All) {
			if t.Logging {
				found[t.Account] = append(found[t.Account], newLogger(t))
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		ts.logging.Store(nil)
	default:
		ts.logging.Store(&found)
	}
	return nil
}

// begin begins a trail's streams at the time when it is started.
func (ts *trails) begin(tx store.Tx, t *trailRecord, now time.Time) {
	regions := map[string]*streamRecord{t.Region: {Region: t.Region}}
	for _, s := range ts.tables.streams.Scan(tx, t.ID+"\x00", "", store.All) {
		copied := *s
		regions[s.Region] = &copied
	}
	for region, s := range regions {
		s.Chain = nil
		if t.Validation {
			s.Chain = &chainRecord{From: now.Truncate(time.Second)}
		}
		ts.tables.streams.Put(tx, streamKey(t.ID, region), s)
	}
}

// wake lets the deliverer look again for what is due.
func (ts *trails) wake() { signal(ts.woken) }

// run delivers what is due until ctx ends. It sleeps until it is woken or something is due.
func (ts *trails) run(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := ts.deliverDue(ctx)
		if err != nil && ctx.Err() == nil {
			ts.log.Error("cloudtrail: log files cannot be delivered", slog.Any("error", err))
		}
		ts.sleep(ctx, next)
	}
}

// sleep waits until a time, or without one until it is woken.
func (ts *trails) sleep(ctx context.Context, until time.Time) {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := ts.clock.NewTimer(until.Sub(ts.clock.Now()))
		defer timer.Stop()
		due = timer.C
		if !ts.clock.Now().Before(until) { // it was turned before the timer knew
			return
		}
	}
	select {
	case <-ctx.Done():
	case <-ts.woken:
	case <-due:
	}
}

// deliverDue delivers what is due, and answers when something is due next; zero: nothing is.
// One trail is delivered after the other: where a turned clock makes many digests due, who
// stops or changes a trail waits for one of them at most, and not for all.
func (ts *trails) deliverDue(ctx context.Context) (next time.Time, err error) {
	keys, err := ts.trailKeys(ctx)
	if err != nil {
		return next, err
	}
	var failed []error
	for _, key := range keys {
		due, err := func() (time.Time, error) {
			ts.delivery.Lock()
			defer ts.delivery.Unlock()
			return ts.deliverTrail(ctx, key)
		}()
		if err != nil {
			failed = append(failed, err)
		}
		next = sooner(next, due)
	}
	return next, errors.Join(failed...)
}

// sooner is the earlier of two times, of which a zero one is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// trailKeys are the keys of the trails that have streams. What deleted trails have left
// behind is deleted.
func (ts *trails) trailKeys(ctx context.Context) (keys []string, err error) {
	ts.delivery.Lock()
	defer ts.delivery.Unlock()
	if err := ts.flush(ctx); err != nil { // which may make streams
		return nil, err
	}
	all, orphans, err := ts.allStreams(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if key := s.trail.trailID().key(); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range orphans {
		if err := ts.sweep(ctx, key); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// deliverTrail delivers what is due of a trail, as it is now, while delivery is held.
func (ts *trails) deliverTrail(ctx context.Context, key string) (next time.Time, err error) {
	now := ts.clock.Now() // before the flush: everything is there then that happened before now
	if err := ts.flush(ctx); err != nil {
		return next, err
	}
	all, _, err := ts.allStreams(ctx, key)
	if err != nil {
		return next, err
	}
	var failed []error
	for _, s := range all {
		due, err := s.deliver(ctx, now)
		if err != nil {
			failed = append(failed, err)
		}
		next = sooner(next, due)
	}
	return next, errors.Join(failed...)
}

// settle makes a change of a trail, and delivers at once what one that is stopped by it, or
// whose log files are not validated any more, has still to deliver; it begins the chains of
// one whose files are validated from now on. What was due before is delivered before the
// change: the digests of the hours that a clock was turned by are not left to the last one.
// Nothing else is delivered between the change and that, so that the last digest has
// everything that came before the change.
func (ts *trails) settle(ctx context.Context, id trailID, change func() error) error {
	return ts.undisturbed(func() error {
		if _, err := ts.deliverTrail(ctx, id.key()); err != nil {
			return err
		}
		if err := change(); err != nil {
			return err
		}
		_, err := ts.deliverTrail(ctx, id.key())
		return err
	})
}

// undisturbed makes a change of what is to be delivered while nothing is being delivered,
// and lets the deliverer see it then: one that still took a trail for stopped would end the
// chains of digests that its start begins.
func (ts *trails) undisturbed(change func() error) error {
	defer ts.wake()
	ts.delivery.Lock()
	defer ts.delivery.Unlock()
	return change()
}

// allStreams are the streams of a trail, or of all where key is empty, and the keys of
// those whose trail was deleted.
func (ts *trails) allStreams(ctx context.Context, key string) (all []*stream, orphans []string, err error) {
	err = ts.engine.View(ctx, func(r store.Reader) error {
		all, orphans = nil, nil
		byID := map[string]*trailRecord{}
		for _, t := range ts.tables.trails.Scan(r, key, "", store.All) {
			byID[t.ID] = t
		}
		for k, s := range ts.tables.streams.Scan(r, "", "", store.All) {
			id, _, _ := strings.Cut(k, "\x00")
			switch t := byID[id]; {
			case t != nil && (key == "" || t.trailID().key() == key):
				all = append(all, &stream{ts, t, s.Region})
			case key == "":
				orphans = append(orphans, k)
			}
		}
		return nil
	})
	return all, orphans, err
}

// sweep deletes a stream whose trail was deleted, with what it could not deliver.
func (ts *trails) sweep(ctx context.Context, key string) error {
	ts.backlog.clear(key)
	return store.Sweep(ctx, ts.engine, func(tx store.Tx) (more bool) {
		left := store.SweepSize
		for k := range ts.tables.pending.Scan(tx, key+"\x00", "", store.SweepSize) {
			ts.tables.pending.Delete(tx, k)
			left--
		}
		if left > 0 {
			ts.tables.streams.Delete(tx, key)
		}
		return left == 0
	})
}
