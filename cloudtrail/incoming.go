package cloudtrail

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

const (
	// filePeriod is how often log files are delivered [T041], digestPeriod how often
	// digests are [T049].
	filePeriod   = 5 * time.Minute
	digestPeriod = time.Hour

	// maxIncoming is how many bytes the calls may keep in memory that are not written yet.
	// Who makes one more waits until there is room: a trail loses nothing.
	maxIncoming = 32 << 20
	// maxPending bounds a pending record: in records of events, and in bytes but for the
	// last of them.
	maxPendingRecords = 250
	maxPendingBytes   = 1 << 20
)

// logging are the trails that log, by account. It does not change.
type logging map[string][]*logger

// logger is a trail that logs.
type logger struct {
	*trailRecord
	data bool // it can take data events
}

func newLogger(t *trailRecord) *logger { return &logger{t, t.Selectors.takesData()} }

// mayTake reports whether any trail of an account may log a call, as far as that is known
// without its records.
func (l logging) mayTake(account string, c Call) bool {
	return slices.ContainsFunc(l[account], func(t *logger) bool {
		return t.in(c.Region()) && (t.data || !c.Data()) && (t.GlobalEvents || !c.Global())
	})
}

// takes reports whether the trail logs an event of a call.
func (t *logger) takes(c Call, e *trail.Event) bool {
	return t.in(e.AWSRegion) && (t.GlobalEvents || !c.Global()) && t.Selectors.selects(e)
}

// heard is a call that a trail may log, and the trails that logged when it ended.
type heard struct {
	call    Call
	logging logging
}

// incoming are the calls that are not written yet. It is safe for concurrent use.
type incoming struct {
	mu     sync.Mutex
	room   *sync.Cond // when there is room again
	calls  []heard
	bytes  int
	closed bool // nobody waits for room any more
	ready  chan struct{}
}

func newIncoming() *incoming {
	in := &incoming{ready: make(chan struct{}, 1)}
	in.room = sync.NewCond(&in.mu)
	return in
}

// record takes a call, where a trail may log it. It costs next to nothing where none
// does, and waits only where more calls come than can be written.
func (ts *trails) record(c Call) {
	logging := ts.logging.Load()
	if logging == nil {
		return
	}
	caller, owner := c.Accounts()
	if logging.mayTake(caller, c) || owner != "" && logging.mayTake(owner, c) {
		ts.incoming.add(heard{c, *logging})
	}
}

func (in *incoming) add(h heard) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.bytes > maxIncoming && !in.closed {
		in.room.Wait()
	}
	in.calls, in.bytes = append(in.calls, h), in.bytes+h.call.Size()
	signal(in.ready)
}

// take removes all calls.
func (in *incoming) take() (calls []heard) {
	in.mu.Lock()
	defer in.mu.Unlock()
	calls, in.calls, in.bytes = in.calls, nil, 0
	in.room.Broadcast()
	return calls
}

// close lets nobody wait any more.
func (in *incoming) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.room.Broadcast()
}

// write writes what comes until ctx ends, each time all that has come meanwhile.
func (ts *trails) write(ctx context.Context) {
	for {
		select {
		case <-ts.incoming.ready:
		case <-ctx.Done():
			return
		}
		_ = ts.flush(ctx) // which logs its error
	}
}

// flush writes what has come before it is called.
func (ts *trails) flush(ctx context.Context) error {
	ts.writing.Lock()
	defer ts.writing.Unlock()
	calls := ts.incoming.take()
	err := ts.writeAll(context.WithoutCancel(ctx), calls)
	if err != nil {
		ts.log.Error("events of trails are lost, for they cannot be written", slog.Int("calls", len(calls)), slog.Any("cause", err))
	}
	return err
}

// batch are records of events that are written as one: of one trail, region and period.
type batch struct {
	trail  *logger
	region string
	time   time.Time // of the oldest
	number uint64
	bytes  int
	pendingRecord
}

func (b *batch) stream() string { return streamKey(b.trail.ID, b.region) }

func (b *batch) key(origin string) string {
	return b.stream() + "\x00" + b.time.Format(pendingTime) + "\x00" + numbered(b.number) + origin
}

// numbered is a pending record's number in its key, in the order of texts.
func numbered(n uint64) string { return fmt.Sprintf("%016x", n) }

// lastWritten is the number of the newest pending record that this process has written.
func (ts *trails) lastWritten() uint64 {
	ts.writing.Lock()
	defer ts.writing.Unlock()
	return ts.number
}

// writtenAfter reports whether the key is of a pending record that this process has
// written after the one of a number.
func (ts *trails) writtenAfter(key string, number uint64) bool {
	own, ok := strings.CutSuffix(key[strings.LastIndexByte(key, 0)+1:], ts.origin)
	return ok && own > numbered(number)
}

func (b *batch) add(at time.Time, e *trail.Event, text json.RawMessage) {
	if at.Before(b.time) {
		b.time = at
	}
	if b.Oldest == "" || e.EventTime < b.Oldest {
		b.Oldest = e.EventTime
	}
	b.Newest = max(b.Newest, e.EventTime)
	b.Records = append(b.Records, text)
	b.bytes += len(text)
}

func (b *batch) full() bool { return len(b.Records) >= maxPendingRecords || b.bytes >= maxPendingBytes }

// batches are the records of calls that trails log.
func (ts *trails) batches(calls []heard) []*batch {
	type place struct {
		id, region string
		period     time.Time
	}
	var all []*batch
	open := map[place]*batch{}
	for _, h := range calls {
		for _, e := range h.call.Events() {
			var text json.RawMessage
			for _, t := range h.logging[e.RecipientAccountID] {
				if !t.takes(h.call, e) {
					continue
				}
				if text == nil {
					text = marshal(e)
				}
				at := h.call.Time()
				p := place{t.ID, e.AWSRegion, at.Truncate(filePeriod)}
				b := open[p]
				if b == nil || b.full() {
					ts.number++
					b = &batch{trail: t, region: e.AWSRegion, time: at, number: ts.number}
					open[p], all = b, append(all, b)
				}
				b.add(at, e, text)
			}
		}
	}
	return all
}

func marshal(e *trail.Event) json.RawMessage {
	text, err := json.Marshal(e)
	if err != nil {
		panic("cloudtrail: " + err.Error()) // its raw members are JSON that this program has made
	}
	return text
}

// writeAll writes the records of calls that trails log, and wakes the deliverer where
// something is due by that which was not.
func (ts *trails) writeAll(ctx context.Context, calls []heard) error {
	for part := range slices.Chunk(ts.batches(calls), store.SweepSize) {
		err := ts.engine.Update(ctx, func(tx store.Tx) error {
			for _, b := range part {
				ts.writeBatch(tx, b)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, b := range part {
			if ts.backlog.add(b.stream(), b.bytes) {
				ts.wake()
			}
		}
	}
	return nil
}

func (ts *trails) writeBatch(tx store.Tx, b *batch) {
	t := ts.tables.trails.Get(tx, b.trail.trailID().key())
	if t == nil || t.ID != b.trail.ID {
		return // it was deleted meanwhile
	}
	if ts.tables.streams.Get(tx, b.stream()) == nil {
		fresh := &streamRecord{Region: b.region}
		if t.Validation {
			fresh.Chain = &chainRecord{From: later(t.Started, b.time.Truncate(digestPeriod)).Truncate(time.Second)}
		}
		ts.tables.streams.Put(tx, b.stream(), fresh)
	}
	ts.tables.pending.Put(tx, b.key(ts.origin), &b.pendingRecord)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// backlog is how many bytes of each stream wait to be delivered, as far as is known. It
// is safe for concurrent use.
type backlog struct {
	mu    sync.Mutex
	bytes map[string]int
}

// maxBacklog is how much of a stream waits for the end of the five minutes: then a log
// file is delivered at once, as AWS does where there is much to log.
const maxBacklog = 16 << 20

// add counts n bytes of a stream, and reports whether it was empty, or is full now.
func (b *backlog) add(stream string, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.bytes[stream]
	b.bytes[stream] += n
	return before == 0 || before < maxBacklog && b.bytes[stream] >= maxBacklog
}

// clear begins to count anew, and reports whether the stream was full.
func (b *backlog) clear(stream string) (full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	full = b.bytes[stream] >= maxBacklog
	delete(b.bytes, stream)
	return full
}
