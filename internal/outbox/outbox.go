// Package outbox keeps what is to be done after a commit: jobs, such as deliveries, that
// a transaction stores beside what it changes, and that are attempted in the background
// until they are done. So what was promised by the commit survives the process, where the
// state does, and is done at least once: a process that ends between an attempt and the
// deletion of its job makes the attempt again.
//
// Nothing is polled. The outbox sleeps until it is told of a commit, an attempt ends, or
// the next job is due by the clock.
package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/store"
)

// Config says what an Outbox works with. A field is required unless its comment says
// otherwise.
type Config[T any] struct {
	// Bucket is the prefix of the jobs' keys, which nothing else of the engine may have.
	Bucket string
	Engine store.Engine
	Clock  clock.Clock
	Log    *slog.Logger
	// Attempt tries to do a job. It answers when to try again, with the job as Attempt has
	// left it; a zero time: it is done, whether well or not. A job that fails with an
	// error, which is logged, is left alone until the next start: errors are for jobs that
	// cannot be attempted, not for endpoints that refuse. An attempt that ends with the
	// context is made again at the next start.
	Attempt func(ctx context.Context, job *T) (again time.Time, err error)
	// Lanes is how many jobs are attempted at a time; 0 is 1, which attempts those that
	// are due at the same time in the order of their commits.
	Lanes int
}

// Outbox holds jobs, which are stored as JSON. It is safe for concurrent use.
type Outbox[T any] struct {
	config Config[T]
	prefix string
	// Keys of one time are in the order in which they were made: by origin, which tells
	// this process's from those of others, and number.
	origin string
	number atomic.Uint64

	woken   chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup

	mu         sync.Mutex
	inProgress map[string]bool // keys of jobs that are being attempted
	parked     map[string]bool // keys of jobs that cannot be attempted
	told       map[string]bool // keys of damaged jobs that were logged
}

// New is the outbox of the jobs that the engine's state holds. It does nothing before Start.
func New[T any](c Config[T]) *Outbox[T] {
	c.Lanes = max(c.Lanes, 1)
	return &Outbox[T]{
		config: c, prefix: c.Bucket + "\x00", origin: rand.Text()[:originDigits],
		woken: make(chan struct{}, 1), stop: func() {},
		inProgress: map[string]bool{}, parked: map[string]bool{}, told: map[string]bool{},
	}
}

// originDigits is enough to tell one process from those before it.
const originDigits = 8

// Start begins to attempt jobs.
func (o *Outbox[T]) Start() {
	ctx, stop := context.WithCancel(context.Background())
	o.stop = stop
	o.running.Go(func() { o.run(ctx) })
}

// Close ends the attempts and waits for them. What is not done stays stored.
func (o *Outbox[T]) Close() {
	o.stop()
	o.running.Wait()
}

// Add stores a job that is due at a time. Where the transaction's closure runs again, the
// job of its last run counts. Call Committed after the commit.
func (o *Outbox[T]) Add(tx store.Tx, due time.Time, job *T) {
	raw, err := store.Marshal(job)
	if err != nil {
		tx.Fail(err)
		return
	}
	tx.Put(o.prefix+o.key(due), raw)
}

// Committed tells the outbox that jobs may have been added.
func (o *Outbox[T]) Committed() {
	select {
	case o.woken <- struct{}{}:
	default:
	}
}

// Drain attempts what is due, one job after the other, until nothing is. It is for an
// outbox that was not started, so that what it does is done when Drain returns.
func (o *Outbox[T]) Drain(ctx context.Context) error {
	for ctx.Err() == nil {
		ready, _, err := o.findDue(ctx, 1)
		if err != nil || len(ready) == 0 {
			return err
		}
		o.begin(ctx, ready[0])
		o.running.Wait()
	}
	return ctx.Err()
}

// Waiting is how many jobs are not done yet.
func (o *Outbox[T]) Waiting(r store.Reader) int {
	n := 0
	for range r.Scan(o.prefix, "", store.All) {
		n++
	}
	return n
}

// timeForm is a time in keys, whose order is that of time.
const timeForm = "2006-01-02T15:04:05.000000000Z"

func (o *Outbox[T]) key(due time.Time) string {
	return fmt.Sprintf("%s/%s%016x", due.UTC().Format(timeForm), o.origin, o.number.Add(1))
}

// dueOf is when the job of a key is due.
func dueOf(key string) (time.Time, error) {
	text, _, _ := strings.Cut(key, "/")
	return time.Parse(timeForm, text)
}

func (o *Outbox[T]) run(ctx context.Context) {
	for {
		next, err := o.startDue(ctx)
		if err != nil && ctx.Err() == nil {
			o.config.Log.LogAttrs(ctx, slog.LevelError, o.config.Bucket+": the jobs that wait cannot be read", slog.Any("error", err))
		}
		o.sleep(ctx, next)
		if ctx.Err() != nil {
			return
		}
	}
}

// sleep waits until a time, or without one until the outbox is woken.
func (o *Outbox[T]) sleep(ctx context.Context, until time.Time) {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := o.config.Clock.NewTimer(until.Sub(o.config.Clock.Now()))
		defer timer.Stop()
		due = timer.C
		if !o.config.Clock.Now().Before(until) { // it was turned before the timer knew
			return
		}
	}
	select {
	case <-ctx.Done():
	case <-o.woken:
	case <-due:
	}
}

// stored is a job with its key.
type stored[T any] struct {
	key string
	job *T
}

// startDue starts what is due and answers when something is due next; zero: nothing is,
// or an attempt that ends will tell.
func (o *Outbox[T]) startDue(ctx context.Context) (next time.Time, err error) {
	ready, next, err := o.findDue(ctx, o.config.Lanes)
	for _, s := range ready {
		o.begin(ctx, s)
	}
	return next, err
}

// findDue finds what is due, so many jobs at most with those that are in progress.
func (o *Outbox[T]) findDue(ctx context.Context, lanes int) (ready []stored[T], next time.Time, err error) {
	// The keys come before the transaction: a job that ends in between may still be seen
	// in the transaction, and must not be started again.
	passBy, inProgress := o.busy()
	free := lanes - inProgress
	var damaged map[string]error
	err = o.config.Engine.View(ctx, func(r store.Reader) error {
		now := o.config.Clock.Now()
		ready, next, damaged = nil, time.Time{}, map[string]error{}
		for full, raw := range r.Scan(o.prefix, "", store.All) {
			key := full[len(o.prefix):]
			if passBy[key] {
				continue
			}
			if len(ready) >= free {
				break
			}
			due, err := dueOf(key)
			if err == nil && due.After(now) {
				next = due
				break
			}
			job := new(T)
			if err == nil {
				err = json.Unmarshal(raw, job)
			}
			if err != nil {
				damaged[key] = err
				continue
			}
			ready = append(ready, stored[T]{key, job})
		}
		return nil
	})
	if err != nil {
		return nil, next, err
	}
	o.tellDamaged(ctx, damaged)
	return ready, next, nil
}

// busy are the keys of jobs that are in progress or parked, and how many are in progress.
func (o *Outbox[T]) busy() (keys map[string]bool, inProgress int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	keys = make(map[string]bool, len(o.inProgress)+len(o.parked))
	for _, set := range []map[string]bool{o.inProgress, o.parked} {
		for key := range set {
			keys[key] = true
		}
	}
	return keys, len(o.inProgress)
}

// begin attempts a job in a goroutine of its own.
func (o *Outbox[T]) begin(ctx context.Context, s stored[T]) {
	o.mu.Lock()
	o.inProgress[s.key] = true
	o.mu.Unlock()
	o.running.Go(func() {
		err := o.attempt(ctx, s)
		o.mu.Lock()
		delete(o.inProgress, s.key)
		if err != nil {
			o.parked[s.key] = true
		}
		o.mu.Unlock()
		if err != nil {
			o.config.Log.LogAttrs(ctx, slog.LevelError, o.config.Bucket+": a job cannot be attempted", slog.String("job", s.key), slog.Any("error", err))
		}
		o.Committed()
	})
}

// attempt tries a job and stores what is left of it.
func (o *Outbox[T]) attempt(ctx context.Context, s stored[T]) error {
	again, err := o.config.Attempt(ctx, s.job)
	if ctx.Err() != nil {
		return nil // it is still stored
	}
	if err != nil {
		return err
	}
	err = o.config.Engine.Update(ctx, func(tx store.Tx) error {
		tx.Delete(o.prefix + s.key)
		if !again.IsZero() {
			o.Add(tx, again, s.job)
		}
		return nil
	})
	if errors.Is(err, store.ErrClosed) {
		return nil
	}
	return err
}

// tellDamaged logs jobs that cannot be read, each of them once: one hides no other.
func (o *Outbox[T]) tellDamaged(ctx context.Context, found map[string]error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for key, err := range found {
		if !o.told[key] {
			o.told[key] = true
			o.config.Log.LogAttrs(ctx, slog.LevelError, o.config.Bucket+": a stored job is damaged and is passed by", slog.String("job", key), slog.Any("error", err))
		}
	}
}
