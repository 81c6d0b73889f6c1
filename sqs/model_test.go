package sqs

import (
	"cmp"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/journal"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/testsize"
)

var (
	modelSteps = flag.Int("model.steps", testsize.Of(100_000, 20_000), "random steps of the model test on the memory engine; a tenth of it on a journal")
	modelSeed  = flag.Uint64("model.seed", 0, "seed of the model test; 0: another one every time")
)

// modelMessage is a message as the model knows it.
type modelMessage struct {
	body, group string
	seq         int
	sent        int64 // milliseconds
	receives    int
	before      int   // of them, until it last became a dead letter
	deadline    int64 // until when it waits; 0: it is ready
	delayed     bool  // it waits because of the queue's delay
	source      string
}

// modelQueue is a queue as the reference model keeps it: one slice in the order
// of delivery, and all rules spelled out over it.
type modelQueue struct {
	name                         string
	fifo                         bool
	delay, retention, visibility int64 // milliseconds
	messages                     []*modelMessage
	line                         []string // FIFO: groups whose first message is ready
	noisy                        map[string]bool
	remembered                   map[string]modelDuplicate
	seq                          int
	dead                         *modelQueue
	maxReceive                   int
}

type modelDuplicate struct {
	until int64
	id    string
}

func (q *modelQueue) add(m *modelMessage) {
	q.seq++
	m.seq = q.seq
	q.messages = append(q.messages, m)
	slices.SortFunc(q.messages, func(a, b *modelMessage) int {
		return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(a.seq, b.seq))
	})
	q.touch(m.group, false)
}

func (q *modelQueue) remove(m *modelMessage) {
	q.messages = slices.DeleteFunc(q.messages, func(o *modelMessage) bool { return o == m })
	q.touch(m.group, false)
}

// touch follows a change of a message of the group: in a FIFO queue the group
// gets a place in the line or loses it, in a standard queue it is found noisy or not.
func (q *modelQueue) touch(group string, again bool) {
	if !q.fifo {
		own, all := 0, 0
		for _, m := range q.messages {
			if m.deadline != 0 && !m.delayed {
				all++
				if m.group == group {
					own++
				}
			}
		}
		q.noisy[group] = group != "" && own >= 10 && 2*own > all
		return
	}
	first := slices.IndexFunc(q.messages, func(m *modelMessage) bool { return m.group == group })
	ready := first >= 0 && q.messages[first].deadline == 0
	place := slices.Index(q.line, group)
	if place >= 0 && (again || !ready) {
		q.line = slices.Delete(q.line, place, place+1)
		place = -1
	}
	if ready && place < 0 {
		q.line = append(q.line, group)
	}
}

// due is when a message that waits is ready.
func (q *modelQueue) due(m *modelMessage) int64 {
	if q.fifo && m.delayed {
		return m.sent + q.delay
	}
	return m.deadline
}

// catchUp lets time pass.
func (q *modelQueue) catchUp(now int64) {
	for _, m := range slices.Clone(q.messages) {
		if m.sent+q.retention <= now {
			q.remove(m)
		}
	}
	var woken []*modelMessage
	for _, m := range q.messages {
		if m.deadline != 0 && q.due(m) <= now {
			woken = append(woken, m)
		}
	}
	slices.SortStableFunc(woken, func(a, b *modelMessage) int {
		if q.fifo && a.delayed != b.delayed { // what was delayed comes behind what was in flight
			return map[bool]int{true: 1, false: -1}[a.delayed]
		}
		return cmp.Compare(q.due(a), q.due(b))
	})
	for _, m := range woken {
		m.deadline, m.delayed = 0, false
		q.touch(m.group, false)
	}
}

// ready are the messages that can be received, in the order of delivery.
func (q *modelQueue) ready() (out []*modelMessage) {
	if !q.fifo {
		for _, noisy := range []bool{false, true} {
			for _, m := range q.messages {
				if m.deadline == 0 && q.noisy[m.group] == noisy {
					out = append(out, m)
				}
			}
		}
		return out
	}
	for _, group := range q.line {
		for _, m := range q.messages {
			if m.group != group {
				continue
			}
			if m.deadline != 0 {
				break
			}
			out = append(out, m)
		}
	}
	return out
}

func (q *modelQueue) receive(n int, visibility, now int64) (out []*modelMessage) {
	if !q.fifo && !slices.ContainsFunc(q.messages, func(m *modelMessage) bool { return q.due(m) <= now }) {
		return nil // a receive with nothing to look at changes nothing: what is too old stays counted
	}
	q.catchUp(now)
	if visibility < 0 {
		visibility = q.visibility
	}
	var moved []*modelMessage
	for _, m := range q.ready() {
		if q.dead != nil && m.receives-m.before >= q.maxReceive {
			moved = append(moved, m)
		} else {
			out = append(out, m)
		}
		if len(out) == n {
			break
		}
	}
	for _, m := range moved {
		q.remove(m)
		m.source, m.before = q.name, m.receives
		if q.fifo {
			m.sent = now
		}
		q.dead.add(m)
	}
	if q.dead == q && len(out) == 0 && len(moved) > 0 { // what it moved to itself is there
		return q.receive(n, visibility, now)
	}
	for _, m := range out {
		m.receives++
		if visibility > 0 {
			m.deadline = now + visibility
		}
		q.touch(m.group, false)
	}
	for _, m := range out {
		if i := slices.Index(q.line, m.group); i >= 0 && m == out[slices.IndexFunc(out, func(o *modelMessage) bool { return o.group == m.group })] {
			q.touch(m.group, true)
		}
	}
	return out
}

// held is the message of a handle of one of its receives; nil: it is gone, or
// has become a dead letter since.
func (q *modelQueue) held(h modelHandle, now int64) *modelMessage {
	for _, m := range q.messages {
		if m == h.message && h.receives > m.before && m.sent+q.retention > now {
			return m
		}
	}
	return nil
}

// modelHandle is a receipt handle and what it stands for.
type modelHandle struct {
	text     string
	message  *modelMessage
	receives int
}

func (q *modelQueue) expired(m *modelMessage, h modelHandle, now int64) bool {
	return q.fifo && (m.receives != h.receives || m.deadline <= now)
}

// deletes reports whether a delete succeeds.
func (q *modelQueue) deletes(h modelHandle, now int64) bool {
	m := q.held(h, now)
	switch {
	case m == nil:
		return true
	case q.expired(m, h, now):
		return false
	}
	q.remove(m)
	return true
}

// hides reports whether a change of visibility succeeds.
func (q *modelQueue) hides(h modelHandle, timeout, now int64) bool {
	m := q.held(h, now)
	if m == nil || q.expired(m, h, now) {
		return false
	}
	if m.deadline <= now { // nobody holds it: it stays available
		return true
	}
	m.deadline = 0
	if timeout > 0 {
		m.deadline = now + timeout
	}
	q.touch(m.group, false)
	return true
}

func (q *modelQueue) counts(now int64) (visible, inFlight, delayed int) {
	q.catchUp(now)
	for _, m := range q.messages {
		switch {
		case m.deadline == 0:
			visible++
		case m.delayed:
			delayed++
		default:
			inFlight++
		}
	}
	return visible, inFlight, delayed
}

// modelRun does random things to the service and to the model, and compares.
type modelRun struct {
	*testbed
	random  *rand.Rand
	queues  []*modelQueue
	handles map[string][]modelHandle // by queue
	bodies  int
	steps   int
	purged  map[string]int64
}

func (r *modelRun) pick(values ...int64) int64 { return values[r.random.IntN(len(values))] }

func (r *modelRun) now() int64 { return r.clock.Now().UnixMilli() }

func (r *modelRun) failf(format string, args ...any) {
	r.Helper()
	r.Fatalf("step %d: %s", r.steps, fmt.Sprintf(format, args...))
}

func (r *modelRun) step() {
	r.steps++
	defer r.wantBounds()
	q := r.queues[0]
	if r.random.IntN(5) == 0 {
		q = r.queues[1]
	}
	switch n := r.random.IntN(1000); {
	case n < 300:
		r.send(q)
	case n < 550:
		r.receive(q)
	case n < 700:
		r.delete(q)
	case n < 800:
		r.hide(q)
	case n < 950:
		r.clock.Advance(time.Duration(r.pick(0, 1, 999, 1000, 5000, 10000, 20000)) * time.Millisecond)
	case n < 990:
		r.count(q)
	case n < 998:
		r.set(q)
	case n < 999:
		r.purge(q)
	default:
		r.clock.Advance(time.Duration(r.random.IntN(600)) * time.Second)
	}
}

func (r *modelRun) send(q *modelQueue) {
	r.bodies++
	now := r.now()
	m := &modelMessage{body: fmt.Sprint("body ", r.bodies), sent: now}
	in := &SendMessageInput{QueueUrl: q.name, MessageBody: m.body}
	delay := q.delay
	if q.fifo {
		m.group = fmt.Sprint("g", r.random.IntN(6))
		id := fmt.Sprint(r.random.IntN(40))
		in.MessageGroupId, in.MessageDeduplicationId = &m.group, &id
	} else if m.group = []string{"", "g1", "g1", "g1", "g2", "g3"}[r.random.IntN(6)]; m.group != "" {
		in.MessageGroupId = &m.group
	}
	if !q.fifo && r.random.IntN(4) == 0 {
		seconds := int32(r.random.IntN(4))
		in.DelaySeconds, delay = &seconds, int64(seconds)*1000
	}
	out, err := r.SendMessage(ctx(), in)
	if err != nil {
		r.failf("send: %v", err)
	}
	if q.fifo {
		if d, ok := q.remembered[*in.MessageDeduplicationId]; ok && now < d.until {
			if out.MessageId != d.id {
				r.failf("a duplicate has the id %s, want %s", out.MessageId, d.id)
			}
			return
		}
		q.remembered[*in.MessageDeduplicationId] = modelDuplicate{now + 300_000, out.MessageId}
	}
	if delay > 0 {
		m.delayed, m.deadline = true, now+delay
	}
	q.add(m)
}

func (r *modelRun) receive(q *modelQueue) {
	n := int32(1 + r.random.IntN(10))
	in := &ReceiveMessageInput{QueueUrl: q.name, MaxNumberOfMessages: &n, AttributeNames: []string{"All"}}
	visibility := int64(-1)
	if r.random.IntN(2) == 0 {
		seconds := int32(r.pick(0, 1, 5, 30))
		in.VisibilityTimeout, visibility = &seconds, int64(seconds)*1000
	}
	out, err := r.ReceiveMessage(ctx(), in)
	if err != nil {
		r.failf("receive: %v", err)
	}
	want := q.receive(int(n), visibility, r.now())
	var got, wanted []string
	for _, m := range out.Messages {
		got = append(got, fmt.Sprint(m.Body, " ", m.Attributes["ApproximateReceiveCount"], " ", m.Attributes["MessageGroupId"], " ", m.Attributes["DeadLetterQueueSourceArn"]))
	}
	for _, m := range want {
		source := ""
		if m.source != "" {
			source = arnOf(m.source)
		}
		wanted = append(wanted, fmt.Sprint(m.body, " ", m.receives, " ", m.group, " ", source))
	}
	if !slices.Equal(got, wanted) {
		r.failf("received from %s\n%q, want\n%q", q.name, got, wanted)
	}
	for i, m := range want {
		r.handles[q.name] = append(r.handles[q.name], modelHandle{out.Messages[i].ReceiptHandle, m, m.receives})
	}
}

// handle is a random handle, mostly a new one.
func (r *modelRun) handle(q *modelQueue) (h modelHandle, ok bool) {
	all := r.handles[q.name]
	if len(all) == 0 {
		return h, false
	}
	return all[max(0, len(all)-1-r.random.IntN(20))], true
}

func (r *modelRun) delete(q *modelQueue) {
	h, ok := r.handle(q)
	if !ok {
		return
	}
	_, err := r.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: q.name, ReceiptHandle: h.text})
	if want := q.deletes(h, r.now()); (err == nil) != want {
		r.failf("delete %q, received %d times: %v, want success %t", h.message.body, h.receives, err, want)
	}
}

func (r *modelRun) hide(q *modelQueue) {
	h, ok := r.handle(q)
	if !ok {
		return
	}
	seconds := int32(r.pick(0, 0, 1, 10, 60))
	_, err := r.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: q.name, ReceiptHandle: h.text, VisibilityTimeout: &seconds})
	if want := q.hides(h, int64(seconds)*1000, r.now()); (err == nil) != want {
		r.failf("change visibility of %q, received %d times: %v, want success %t", h.message.body, h.receives, err, want)
	}
}

func (r *modelRun) count(q *modelQueue) {
	visible, inFlight, delayed := q.counts(r.now())
	r.wantCounts(q.name, visible, inFlight, delayed)
}

func (r *modelRun) set(q *modelQueue) {
	name, target, value := "VisibilityTimeout", &q.visibility, r.pick(0, 1, 10, 30)
	switch r.random.IntN(3) {
	case 0:
		name, target, value = "DelaySeconds", &q.delay, r.pick(0, 0, 2, 10)
	case 1:
		name, target, value = "MessageRetentionPeriod", &q.retention, r.pick(60, 100, 1000)
	}
	q.catchUp(r.now())
	r.testbed.set(q.name, name, fmt.Sprint(value))
	*target = value * 1000
}

func (r *modelRun) purge(q *modelQueue) {
	_, err := r.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: q.name})
	if last, ok := r.purged[q.name]; ok && r.now() < last+60_000 {
		wantError(r.T, err, "AWS.SimpleQueueService.PurgeQueueInProgress", "")
		return
	}
	if err != nil {
		r.failf("purge: %v", err)
	}
	r.purged[q.name] = r.now()
	q.messages, q.line, q.remembered, q.noisy = nil, nil, map[string]modelDuplicate{}, map[string]bool{}
}

// wantBounds compares what the counts say of the indexes with the indexes.
func (r *modelRun) wantBounds() {
	r.Helper()
	err := r.Engine.View(ctx(), func(tx store.Reader) error {
		for _, q := range r.queues {
			v := look(tx, r.testbed.queues.Get(tx, name{account, region, q.name}.key()), r.clock.Now())
			n, first := v.counts(), int64(never)
			for key := range tx.Scan(v.key(keyMemory, ""), "", 1) {
				first = int64(binary.BigEndian.Uint64([]byte(v.rest(key))))
			}
			if o := v.oldest(); n.stale > first || o != "" && n.oldest > o.at() {
				r.failf("%s: the counts %+v, and the oldest message is of %d, the first memory until %d", q.name, n, o.at(), first)
			}
			if at := v.firstDeadline(); at != 0 && n.deadline > at {
				r.failf("%s: the counts %+v, and the first deadline is %d", q.name, n, at)
			}
		}
		return nil
	})
	if err != nil {
		r.failf("%v", err)
	}
}

// asEarlier gives both queues backlogs as earlier versions had them.
func (r *modelRun) asEarlier() {
	r.Helper()
	err := r.Engine.Update(ctx(), func(tx store.Tx) error {
		for i, q := range r.queues {
			key := name{account, region, q.name}.key()
			record := r.testbed.queues.Edit(tx, key)
			record.Backlog = uint64(i + 1)
			r.testbed.queues.Put(tx, key, record)
		}
		return nil
	})
	if err != nil {
		r.failf("%v", err)
	}
}

func TestModel(t *testing.T) {
	engines := map[string]func(t *testing.T) (store.Engine, int){
		"mem":         func(*testing.T) (store.Engine, int) { return mem.New(), *modelSteps },
		"earlier":     func(*testing.T) (store.Engine, int) { return mem.New(), *modelSteps / 10 },
		"twice":       func(*testing.T) (store.Engine, int) { return rerun.Twice(mem.New()), *modelSteps / 10 },
		"conflicting": func(*testing.T) (store.Engine, int) { return rerun.Conflicting(mem.New()), *modelSteps / 10 },
		"journal": func(t *testing.T) (store.Engine, int) {
			e, err := journal.Open(filepath.Join(t.TempDir(), "waxseal.db"), journal.Full)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = e.Close() })
			return e, *modelSteps / 10
		},
	}
	for name, open := range engines {
		for _, fifo := range []bool{false, true} {
			for _, own := range []bool{false, true} {
				t.Run(fmt.Sprint(name, " fifo=", fifo, " own=", own), func(t *testing.T) {
					t.Parallel()
					runModel(t, open, fifo, own, name == "earlier")
				})
			}
		}
	}
}

func runModel(t *testing.T, open func(t *testing.T) (store.Engine, int), fifo, own, earlier bool) {
	seed := *modelSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-model.seed=%d", seed)
	engine, steps := open(t)
	if own {
		steps /= 4
	}
	r := &modelRun{
		testbed: newTestbedOn(t, engine), random: rand.New(rand.NewPCG(seed, 0)),
		handles: map[string][]modelHandle{}, purged: map[string]int64{},
	}
	r.begin(fifo, own)
	if earlier {
		r.asEarlier()
	}
	for range steps {
		r.step()
	}
	r.end()
}

// begin creates a queue and another one, which is its dead-letter queue unless it has itself for one.
func (r *modelRun) begin(fifo, own bool) {
	suffix, attributes := "", []string(nil)
	if fifo {
		suffix, attributes = ".fifo", []string{"FifoQueue", "true"}
	}
	for _, base := range []string{"q", "dlq"} {
		r.queues = append(r.queues, &modelQueue{
			name: base + suffix, fifo: fifo, retention: 345_600_000, visibility: 30_000, remembered: map[string]modelDuplicate{}, noisy: map[string]bool{},
		})
		r.create(base+suffix, attributes...)
	}
	q, dead := r.queues[0], r.queues[1]
	if own {
		dead = q
	}
	r.testbed.set(q.name, redriveTo(dead.name, 3)...)
	q.dead, q.maxReceive = dead, 3
}

// end empties the queues and looks whether anything is left behind.
func (r *modelRun) end() {
	for _, q := range r.queues {
		r.clock.Advance(14 * 24 * time.Hour)
		r.testbed.set(q.name, "MessageRetentionPeriod", "60")
		r.wantCounts(q.name, 0, 0, 0)
		if q.fifo { // the last memories of duplicates go with the next sends
			for i := range 40 {
				must[*SendMessageOutput](r.T)(r.SendMessage(ctx(), &SendMessageInput{QueueUrl: q.name, MessageBody: "x", MessageGroupId: p("g"), MessageDeduplicationId: p(fmt.Sprint("end", i))}))
			}
		}
		if _, err := r.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: q.name}); err != nil {
			r.failf("%v", api.AsError(err))
		}
	}
	r.work.Wait()
	if n := r.records(); n != 4 { // two tombstones, the key of the handles, the number of backlogs
		r.failf("%d records are left: %s", n, r.dump())
	}
}
