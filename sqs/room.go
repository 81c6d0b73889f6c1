package sqs

import (
	"encoding/binary"
	"iter"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// A room's records, each key beginning with the room. ORDER is when a message
// came (milliseconds) and its number in the queue: the order of delivery.
//
//	c                        the counts: how many messages are in which state
//	m ORDER                  the message: written once, see message.go
//	w DEADLINE ORDER         (its group) messages that wait until DEADLINE: in flight or delayed
//
// of a standard queue:
//
//	r 0 ORDER                the state of a message that is ready
//	f ORDER                  the state of a message that waits
//
// and for messages with a group: see fair.go; of a FIFO queue: see fifo.go.
//
// So whatever is wanted stands at the beginning of an index: the oldest message
// that is ready, the next deadline, the oldest message of all. What is due is
// moved by whoever looks, a bounded number at a time.
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
	// before is how many of the receives were from the queues whose dead letter it is.
	before   uint32
	first    int64 // milliseconds: when it was first received; 0: never
	received int64 // milliseconds: when it was last received
	// deadline is until when it waits, in milliseconds; 0: it is ready.
	deadline int64
	// delayed: it waits because it was sent so, not because somebody received it.
	delayed bool
}

func (st *state) encode() []byte {
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

// lookout is a room as a reading transaction sees it.
type lookout struct {
	r      store.Reader
	q      *queue
	now    int64 // milliseconds
	prefix *prefix
}

func look(r store.Reader, q *queue, now time.Time) lookout {
	return lookout{r, q, millis(now), q.prefix()}
}

// prefix is what a room's keys begin with. It is made once for a queue, for
// every call needs a few of them.
type prefix struct {
	room  uint64
	text  string
	kinds ['z' - 'a' + 1]string // text with the kind behind it
}

func newPrefix(room uint64) *prefix {
	p := &prefix{room: room, text: roomPrefix + number(room)}
	for kind := range p.kinds {
		p.kinds[kind] = p.text + string(rune('a'+kind))
	}
	return p
}

func (l *lookout) key(kind byte, rest string) string { return l.prefix.kinds[kind-'a'] + rest }

// rest is a key without the room and the kind.
func (l *lookout) rest(key string) string { return key[len(l.prefix.text)+1:] }

func (l *lookout) counts() counts { return decodeCounts(l.r.Get(l.key(keyCounts, ""))) }

// oldest is the place of the oldest message; empty where there is none.
func (l *lookout) oldest() order {
	for key := range l.r.Scan(l.key(keyMessage, ""), "", 1) {
		return order(l.rest(key))
	}
	return ""
}

// expired reports whether a message is as old as the queue keeps messages.
func (l *lookout) expired(o order) bool { return o.at()+l.q.retention.Milliseconds() <= l.now }

// waiter is a message that waits until deadline (milliseconds).
type waiter struct {
	deadline int64
	o        order
	group    string
}

// waiting yields the messages that wait, by deadline, up to limit of them.
func (l *lookout) waiting(limit int) iter.Seq[waiter] {
	return func(yield func(waiter) bool) {
		for key, group := range l.r.Scan(l.key(keyWaiting, ""), "", limit) {
			if !yield(newWaiter(l.rest(key), group)) {
				return
			}
		}
	}
}

// firstDeadline is that of the message which waits least; 0: none waits.
func (l *lookout) firstDeadline() int64 {
	for key, group := range l.r.Scan(l.key(keyWaiting, ""), "", 1) {
		return newWaiter(l.rest(key), group).deadline
	}
	return 0
}

func newWaiter(rest string, group []byte) waiter {
	return waiter{int64(binary.BigEndian.Uint64([]byte(rest[:8]))), order(rest[8:]), string(group)}
}

// prospect is whether a receive might find something now, and if not, when it
// might: 0 where nothing is on its way.
func (l *lookout) prospect() (now bool, next int64) {
	if l.ready() {
		return true, 0
	}
	next = l.next()
	return next != 0 && next <= l.now, next
}

// next is the next moment, in milliseconds, at which a message may become ready
// without anybody's doing; 0: there is none. In a FIFO queue that can also be
// because the message before it becomes too old.
func (l *lookout) next() (at int64) {
	at = l.firstDeadline()
	if !l.q.fifo {
		return at
	}
	if due := l.firstDelayed(); due != 0 && (at == 0 || due < at) {
		at = due
	}
	if o := l.oldest(); o != "" {
		if expiry := o.at() + l.q.retention.Milliseconds(); at == 0 || expiry < at {
			at = expiry
		}
	}
	return at
}

// due reports whether something is due that nobody has looked at yet.
func (l *lookout) due() bool {
	if o := l.oldest(); o != "" && l.expired(o) {
		return true
	}
	for _, at := range [...]int64{l.firstDeadline(), l.firstDelayed()} {
		if at != 0 && at <= l.now {
			return true
		}
	}
	return false
}

// ready reports whether a message is ready for delivery.
func (l *lookout) ready() bool {
	kind := byte(keyReady)
	if l.q.fifo {
		kind = keyAvailable
	}
	for range l.r.Scan(l.key(kind, ""), "", 1) {
		return true
	}
	return false
}

// room is a room as a writing transaction changes it. close it in the end.
type room struct {
	lookout
	tx store.Tx
	// n are the counts, was those that are stored.
	n, was counts
}

func openRoom(tx store.Tx, q *queue, now time.Time) *room {
	r := &room{lookout: look(tx, q, now), tx: tx}
	r.was = r.counts()
	r.n = r.was
	return r
}

// beside is the room of a queue in the same transaction: r itself for r's queue,
// whose counts must not be kept twice.
func (r *room) beside(q *queue) *room {
	if q.Room == r.q.Room {
		return r
	}
	return openRoom(r.tx, q, time.UnixMilli(r.now))
}

// close stores the counts. It may be closed again after further changes.
func (r *room) close() {
	if r.n != r.was {
		r.tx.Put(r.key(keyCounts, ""), r.n.encode())
		r.was = r.n
	}
}

// moved is the room that q, whose room this was, has now: empty, but numbers go on.
func (r *room) moved(q *queue) *room {
	m := *r
	m.q, m.prefix = q, q.prefix()
	m.n, m.was = counts{seq: r.n.seq, last: r.n.last, tick: r.n.tick}, counts{}
	return &m
}

// nextOrder is the place of a message that comes now. A clock that is turned
// back does not let it overtake.
func (r *room) nextOrder() order {
	r.n.last = max(r.n.last, r.now)
	r.n.seq++
	return newOrder(r.n.last, r.n.seq)
}

// orderAt is the place of a message that comes now but is as old as from at on.
func (r *room) orderAt(at int64) order {
	r.n.seq++
	return newOrder(at, r.n.seq)
}

// add puts a message into the room.
func (r *room) add(o order, group string, message []byte, st *state) {
	r.tx.Put(r.key(keyMessage, string(o)), message)
	r.change(o, group, nil, st)
}

// remove takes a message out of the room.
func (r *room) remove(o order, group string, st *state) {
	r.tx.Delete(r.key(keyMessage, string(o)))
	r.change(o, group, st, nil)
}

// change moves a message from one state to another; nil is outside the room.
// Every change of state goes through here, so that indexes and counts agree.
func (r *room) change(o order, group string, from, to *state) {
	r.tally(from, -1)
	r.tally(to, +1)
	if r.q.fifo {
		r.changeFIFO(o, group, from, to)
		return
	}
	r.changeWaiting(o, group, from, to)
	if group == "" {
		r.changeReady(r.key(keyReady, quiet+string(o)), from, to)
	} else {
		r.changeGrouped(o, group, from, to)
	}
}

func (st *state) ready() bool { return st != nil && st.deadline == 0 }

func (st *state) waits() bool { return st != nil && st.deadline != 0 }

// changeReady keeps the state of a message while it is ready.
func (r *room) changeReady(key string, from, to *state) {
	switch {
	case to.ready():
		r.tx.Put(key, to.encode())
	case from.ready():
		r.tx.Delete(key)
	}
}

// changeWaiting keeps the state of a message of a standard queue while it
// waits, and its place among those that wait.
func (r *room) changeWaiting(o order, group string, from, to *state) {
	if from.waits() {
		r.tx.Delete(r.key(keyWaiting, number(uint64(from.deadline))+string(o)))
	}
	switch {
	case to.waits():
		r.tx.Put(r.key(keyState, string(o)), to.encode())
		r.tx.Put(r.key(keyWaiting, number(uint64(to.deadline))+string(o)), []byte(group))
	case from.waits():
		r.tx.Delete(r.key(keyState, string(o)))
	}
}

// tally counts a message in (or out of) the state that it is in.
func (r *room) tally(st *state, by int64) {
	switch {
	case st == nil:
	case st.deadline == 0:
		r.n.visible += by
	case st.delayed:
		r.n.delayed += by
	default:
		r.n.inFlight += by
	}
}

// state is the state of a message; nil where there is no such message.
func (l *lookout) state(o order, group string) *state {
	var raw []byte
	if !l.q.fifo {
		raw = l.r.Get(l.key(keyState, string(o)))
	}
	switch {
	case raw != nil:
	case l.q.fifo || group != "":
		raw = l.r.Get(l.groupKey(group, o))
	default:
		raw = l.r.Get(l.key(keyReady, quiet+string(o)))
	}
	if raw == nil {
		return nil
	}
	return decodeState(l.r, raw)
}

// message is a message as it was sent; nil where it is not in the room, or where
// its record is damaged: it is as if it were not there, and hides no others.
func (l *lookout) message(o order) *message {
	raw := l.r.Get(l.key(keyMessage, string(o)))
	if raw == nil {
		return nil
	}
	m := new(message)
	if !m.decode(raw) {
		return nil
	}
	return m
}

// groupOf is the group of a message whose own record does not tell it any more,
// as the indexes have it. It looks through them all: so few are damaged.
func (l *lookout) groupOf(o order) string {
	for key := range l.r.Scan(l.key(keyLine, ""), "", store.All) {
		if group, found := strings.CutSuffix(l.rest(key), "\x00"+string(o)); found {
			return group
		}
	}
	for w := range l.waiting(store.All) {
		if w.o == o {
			return w.group
		}
	}
	return ""
}

// settleChunk is how many messages one transaction lets expire, and how many it wakes.
const settleChunk = 256

// settle lets expire what is too old and makes ready what has waited long
// enough, up to settleChunk messages of each. It reports whether more is too old.
func (r *room) settle() (moreExpired bool) {
	moreExpired = r.expire()
	r.wake()
	return moreExpired
}

func (r *room) expire() (more bool) {
	var old []order
	for key := range r.tx.Scan(r.key(keyMessage, ""), "", settleChunk+1) {
		o := order(r.rest(key))
		if !r.expired(o) {
			break
		}
		if len(old) == settleChunk {
			more = true
			break
		}
		old = append(old, o)
	}
	for _, o := range old {
		group := ""
		if m := r.message(o); m != nil {
			group = m.Group
		} else { // damaged
			group = r.groupOf(o)
		}
		if st := r.state(o, group); st != nil {
			r.remove(o, group, st)
		} else { // without it nothing else is left of the message
			r.tx.Delete(r.key(keyMessage, string(o)))
		}
	}
	return more
}

func (r *room) wake() {
	var due []waiter
	for w := range r.waiting(settleChunk) {
		if w.deadline > r.now {
			break
		}
		due = append(due, w)
	}
	if r.q.fifo {
		due = r.delayedDue(due)
	}
	for _, w := range due {
		st := r.state(w.o, w.group)
		if st == nil {
			continue
		}
		woken := *st
		woken.deadline, woken.delayed = 0, false
		r.change(w.o, w.group, st, &woken)
	}
}
