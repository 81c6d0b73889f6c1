package sqs

import (
	"encoding/binary"
	"iter"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// A backlog's records, each key beginning with the backlog. ORDER is when a message
// came (milliseconds) and its number in the queue: the order of delivery.
//
//	c                        the counts: how many messages are in which state, see count.go
//	m ORDER                  the message: written once, see message.go
//	w DEADLINE ORDER         (its group) messages that wait until DEADLINE: in flight or delayed
//	k ID                     a data key that messages have in common, see datakey.go
//
// of a standard queue:
//
//	r 0 ORDER                the state of a message that is ready
//	f ORDER                  the state of a message that waits
//
// and for messages with a group: see fair.go; of a FIFO queue: see fifo.go.
//
// So the record that is needed is always the first of an index: the oldest message
// that is ready, the next deadline, the oldest message of all. An operation first
// applies what is due (catchUp in due.go), a bounded number of messages at a time.
const (
	keyCounts  = 'c'
	keyMessage = 'm'
	keyWaiting = 'w'
	keyReady   = 'r'
	keyState   = 'f'
)

// order is a message's place in its queue and the key of its records: 8 bytes
// of milliseconds, 8 bytes of number.
type order string

func newOrder(at int64, seq uint64) order { return order(number(uint64(at)) + number(seq)) }

// at is when the message came, in milliseconds: its age counts from then.
func (o order) at() int64 { return int64(binary.BigEndian.Uint64([]byte(o[:8]))) }

func (o order) seq() uint64 { return binary.BigEndian.Uint64([]byte(o[8:])) }

// state is what changes about a message while it is in a queue.
type state struct {
	receives uint32
	// before is how many of the receives were from queues that the message was in before
	// it became a dead letter.
	before   uint32
	first    int64 // milliseconds: when it was first received; 0: never
	received int64 // milliseconds: when it was last received
	// deadline is until when it waits, in milliseconds; 0: it is ready.
	deadline int64
	// delayed: it waits for its delay, not because somebody received it.
	delayed bool
}

// stateOfNew is the stored form of a message's state that is ready and was never received:
// of most messages of a long queue.
var stateOfNew = make([]byte, 5)

func (st *state) encode() []byte {
	if *st == (state{}) {
		return stateOfNew
	}
	b := make([]byte, 0, 24)
	flags := byte(0)
	if st.delayed {
		flags = 1
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(st.receives))
	b = binary.AppendVarint(b, st.first)
	b = binary.AppendVarint(b, st.received)
	b = binary.AppendVarint(b, st.deadline)
	if st.before != 0 { // few are dead letters
		b = binary.AppendUvarint(b, uint64(st.before))
	}
	return b
}

func decodeState(r store.Reader, raw []byte) *state {
	d := decoder{rest: raw}
	st := &state{delayed: d.byte() == 1, receives: uint32(d.uvarint()), first: d.varint(), received: d.varint(), deadline: d.varint()}
	if len(d.rest) > 0 {
		st.before = uint32(d.uvarint())
	}
	if d.failed {
		r.Fail(errDamaged)
	}
	return st
}

// backlogView is a backlog as a reading transaction sees it.
type backlogView struct {
	r      store.Reader
	q      *queue
	now    int64 // milliseconds
	prefix *prefix
}

func look(r store.Reader, q *queue, now time.Time) backlogView {
	return backlogView{r, q, millis(now), q.prefix()}
}

// prefix is what a backlog's keys begin with. It is made once for a queue, because
// every call needs several keys.
type prefix struct {
	backlog uint64
	text    string
	kinds   ['z' - 'a' + 1]string // text with the kind behind it
}

func newPrefix(backlog uint64) *prefix {
	p := &prefix{backlog: backlog, text: prefixOf(backlog)}
	for kind := range p.kinds {
		p.kinds[kind] = p.text + string(rune('a'+kind))
	}
	return p
}

func (v *backlogView) key(kind byte, rest string) string { return v.prefix.kinds[kind-'a'] + rest }

// rest is a key without the backlog and the kind.
func (v *backlogView) rest(key string) string { return key[len(v.prefix.text)+1:] }

func (v *backlogView) counts() counts { return decodeCounts(v.r.Get(v.key(keyCounts, ""))) }

// oldest is the place of the oldest message; empty where there is none.
func (v *backlogView) oldest() order {
	for key := range v.r.Scan(v.key(keyMessage, ""), "", 1) {
		return order(v.rest(key))
	}
	return ""
}

// expired reports whether a message is as old as the queue keeps messages.
func (v *backlogView) expired(o order) bool { return o.at()+v.q.retention.Milliseconds() <= v.now }

// waiter is a message that waits until deadline (milliseconds).
type waiter struct {
	deadline int64
	o        order
	group    string
}

// waiting yields the messages that wait, by deadline, up to limit of them.
func (v *backlogView) waiting(limit int) iter.Seq[waiter] {
	return func(yield func(waiter) bool) {
		for key, group := range v.r.Scan(v.key(keyWaiting, ""), "", limit) {
			if !yield(newWaiter(v.rest(key), group)) {
				return
			}
		}
	}
}

// firstDeadline is that of the message which waits least; 0: none waits.
func (v *backlogView) firstDeadline() int64 {
	for key, group := range v.r.Scan(v.key(keyWaiting, ""), "", 1) {
		return newWaiter(v.rest(key), group).deadline
	}
	return 0
}

func newWaiter(rest string, group []byte) waiter {
	return waiter{int64(binary.BigEndian.Uint64([]byte(rest[:8]))), order(rest[8:]), string(group)}
}

// available reports whether a receive might find something now, and if not, when it
// might; 0: nothing waits.
func (v *backlogView) available() (now bool, next int64) {
	if v.ready() {
		return true, 0
	}
	next = v.next()
	return next != 0 && next <= v.now, next
}

// next is the next moment, in milliseconds, at which a message may become ready
// merely because time passes; 0: there is none. In a FIFO queue the reason can also
// be that the message before it becomes too old.
func (v *backlogView) next() (at int64) {
	at = v.firstDeadline()
	if !v.q.fifo {
		return at
	}
	if due := v.firstDelayed(); due != 0 && (at == 0 || due < at) {
		at = due
	}
	if o := v.oldest(); o != "" {
		if expiry := o.at() + v.q.retention.Milliseconds(); at == 0 || expiry < at {
			at = expiry
		}
	}
	return at
}

// ready reports whether a message is ready for delivery.
func (v *backlogView) ready() bool {
	kind := byte(keyReady)
	if v.q.fifo {
		kind = keyAvailable
	}
	for range v.r.Scan(v.key(kind, ""), "", 1) {
		return true
	}
	return false
}

// backlog is a backlog in a writing transaction, which closes it at its end.
type backlog struct {
	backlogView
	tx store.Tx
	// n are the counts, was those that are stored.
	n, was counts
}

func openBacklog(tx store.Tx, q *queue, now time.Time) *backlog {
	b := &backlog{backlogView: look(tx, q, now), tx: tx}
	b.was = b.counts()
	b.n = b.was
	return b
}

// beside is the backlog of another queue in the same transaction. For b's own queue
// it is b itself, so that the counts exist only once.
func (b *backlog) beside(q *queue) *backlog {
	if q.Backlog == b.q.Backlog {
		return b
	}
	return openBacklog(b.tx, q, time.UnixMilli(b.now))
}

// close stores the counts. It may be closed again after further changes.
func (b *backlog) close() {
	if b.n != b.was {
		b.tx.Put(b.key(keyCounts, ""), b.n.encode())
		b.was = b.n
	}
}

// moved is the new, empty backlog of q, whose backlog b was. Its numbers go on from b's.
func (b *backlog) moved(q *queue) *backlog {
	m := *b
	m.q, m.prefix = q, q.prefix()
	m.n, m.was = counts{seq: b.n.seq, last: b.n.last, tick: b.n.tick}, counts{}
	return &m
}

// nextOrder is the place of a message that comes now: behind all others, even where
// the clock was turned back.
func (b *backlog) nextOrder() order {
	b.n.last = max(b.n.last, b.now)
	b.n.seq++
	return newOrder(b.n.last, b.n.seq)
}

// orderAt is the place of a message that comes now but whose age counts from at.
func (b *backlog) orderAt(at int64) order {
	b.n.seq++
	return newOrder(at, b.n.seq)
}

// add puts a message that was encrypted with a data key into the backlog.
func (b *backlog) add(o order, group string, key *dataKey, message []byte, st *state) {
	b.keep(key, o)
	b.n.oldest = min(b.n.oldest, o.at())
	b.tx.Put(b.key(keyMessage, string(o)), message)
	b.change(o, group, nil, st)
}

// remove takes a message out of the backlog.
func (b *backlog) remove(o order, group string, st *state) {
	b.tx.Delete(b.key(keyMessage, string(o)))
	b.change(o, group, st, nil)
}

// change moves a message from one state to another; nil is outside the backlog.
// Every change of state goes through here, so that indexes and counts agree.
func (b *backlog) change(o order, group string, from, to *state) {
	b.shift(o, group, from, to)
	if b.q.fifo {
		b.line(group, false)
	}
}

// shift is change but for the place of a FIFO queue's group, which is to be found by line
// when all messages that one call changes are shifted.
func (b *backlog) shift(o order, group string, from, to *state) {
	b.tally(from, -1)
	b.tally(to, +1)
	if b.q.fifo {
		b.changeFIFO(o, group, from, to)
		return
	}
	b.changeWaiting(o, group, from, to)
	if group == "" {
		b.changeReady(b.key(keyReady, quiet+string(o)), from, to)
	} else {
		b.changeGrouped(o, group, from, to)
	}
}

func (st *state) ready() bool { return st != nil && st.deadline == 0 }

func (st *state) waits() bool { return st != nil && st.deadline != 0 }

// changeReady stores the state of a message while it is ready.
func (b *backlog) changeReady(key string, from, to *state) {
	switch {
	case to.ready():
		b.tx.Put(key, to.encode())
	case from.ready():
		b.tx.Delete(key)
	}
}

// changeWaiting stores the state of a message of a standard queue while it
// waits, and its place among those that wait.
func (b *backlog) changeWaiting(o order, group string, from, to *state) {
	if from.waits() {
		b.tx.Delete(b.key(keyWaiting, number(uint64(from.deadline))+string(o)))
	}
	switch {
	case to.waits():
		b.tx.Put(b.key(keyState, string(o)), to.encode())
		b.putWaiting(o, group, to.deadline)
	case from.waits():
		b.tx.Delete(b.key(keyState, string(o)))
	}
}

// putWaiting gives a message a place among those that wait.
func (b *backlog) putWaiting(o order, group string, deadline int64) {
	b.tx.Put(b.key(keyWaiting, number(uint64(deadline))+string(o)), []byte(group))
	b.n.deadline = min(b.n.deadline, deadline)
}

// tally counts a message in (or out of) the state that it is in.
func (b *backlog) tally(st *state, by int64) {
	switch {
	case st == nil:
	case st.deadline == 0:
		b.n.visible += by
	case st.delayed:
		b.n.delayed += by
	default:
		b.n.inFlight += by
	}
}

// state is the state of a message; nil where there is no such message.
func (v *backlogView) state(o order, group string) *state {
	var raw []byte
	if !v.q.fifo {
		raw = v.r.Get(v.key(keyState, string(o)))
	}
	switch {
	case raw != nil:
	case v.q.fifo || group != "":
		raw = v.r.Get(v.groupKey(group, o))
	default:
		raw = v.r.Get(v.key(keyReady, quiet+string(o)))
	}
	if raw == nil {
		return nil
	}
	return decodeState(v.r, raw)
}

// message is a message as it was sent; nil where it is not in the backlog or its
// record is damaged. Callers skip a damaged message, so that it hides no others.
func (v *backlogView) message(o order) *message {
	raw := v.r.Get(v.key(keyMessage, string(o)))
	if raw == nil {
		return nil
	}
	m := new(message)
	if !m.decode(raw) || m.key != "" && !m.load(v) {
		return nil
	}
	return m
}

// findGroup finds the group of a message whose own record is damaged. It scans whole
// indexes, which is acceptable because damaged messages are rare.
func (v *backlogView) findGroup(o order) string {
	for key := range v.r.Scan(v.key(keyLine, ""), "", store.All) {
		if group, found := strings.CutSuffix(v.rest(key), "\x00"+string(o)); found {
			return group
		}
	}
	for w := range v.waiting(store.All) {
		if w.o == o {
			return w.group
		}
	}
	return ""
}
