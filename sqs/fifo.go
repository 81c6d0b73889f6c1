package sqs

import (
	"iter"

	"github.com/waxseal/waxseal/internal/store"
)

// The records of a FIFO queue's backlog beside those in backlog.go:
//
//	l GROUP 0 ORDER   the state of a message: a group's line
//	a PLACE           a group whose first message is ready: the line of groups
//	g GROUP           the group's place in that line, while it has one
//	d SENT ORDER      (its group) messages that the queue's delay holds back
//	x SCOPE 0 ID      the message that was sent with a deduplication id
//	i ATTEMPT         the messages that a receive attempt took
//	y EXPIRY KEY      nothing: when an x or i record expires
//
// A group yields its messages from the front as long as they are ready: one
// that is in flight or delayed holds back all behind it ([Q157]-[Q160]). Groups
// are served in the order in which their first messages became ready; one that
// was received from, and still has something ready, goes to the end of the line [Q161].
//
// A FIFO queue's delay applies to what is already in it, so that a delayed
// message is kept by when it was sent, not by when it is due.
const (
	keyLine      = 'l'
	keyAvailable = 'a'
	keyGroup     = 'g'
	keyDelayed   = 'd'
	keySent      = 'x'
	keyAttempt   = 'i'
	keyMemory    = 'y'
)

func (v *backlogView) groupKey(group string, o order) string {
	return v.key(keyLine, group+"\x00"+string(o))
}

func (b *backlog) changeFIFO(o order, group string, from, to *state) {
	if from != nil && from.deadline != 0 {
		b.tx.Delete(b.waitKey(o, from))
	}
	if to == nil {
		b.tx.Delete(b.groupKey(group, o))
	} else {
		b.tx.Put(b.groupKey(group, o), to.encode())
		if to.deadline != 0 {
			b.tx.Put(b.waitKey(o, to), []byte(group))
		}
	}
	b.line(group, false)
}

// waitKey is where a message that waits is indexed by time.
func (b *backlog) waitKey(o order, st *state) string {
	kind := byte(keyWaiting)
	if st.delayed {
		kind = keyDelayed
	}
	return b.key(kind, number(uint64(st.deadline))+string(o))
}

// line puts the group into the line of groups or removes it from there, as its first
// message is ready or not. With again, a group in the line goes to the end.
func (b *backlog) line(group string, again bool) {
	available := b.headReady(group)
	place := b.tx.Get(b.key(keyGroup, group))
	if place != nil && (again || !available) {
		b.tx.Delete(b.key(keyAvailable, string(place)))
		b.tx.Delete(b.key(keyGroup, group))
		place = nil
	}
	if available && place == nil {
		b.n.tick++
		place := number(b.n.tick)
		b.tx.Put(b.key(keyAvailable, place), []byte(group))
		b.tx.Put(b.key(keyGroup, group), []byte(place))
	}
}

// headReady reports whether the first message of a group is ready.
func (b *backlog) headReady(group string) bool {
	for _, raw := range b.tx.Scan(b.groupKey(group, ""), "", 1) {
		return decodeState(b.tx, raw).deadline == 0
	}
	return false
}

// delayed yields the messages that a FIFO queue's delay holds back, by when they are
// due, up to limit of them.
func (v *backlogView) delayed(limit int) iter.Seq[waiter] {
	return func(yield func(waiter) bool) {
		for key, group := range v.r.Scan(v.key(keyDelayed, ""), "", limit) {
			w := newWaiter(v.rest(key), group)
			w.deadline += v.q.delay.Milliseconds()
			if !yield(w) {
				return
			}
		}
	}
}

// firstDelayed is when the first delayed message of a FIFO queue is due; 0: there is none.
func (v *backlogView) firstDelayed() int64 {
	if v.q.fifo {
		for w := range v.delayed(1) {
			return w.deadline
		}
	}
	return 0
}

// delayedDue adds to due the delayed messages that are due, up to dueAtOnce in all.
func (b *backlog) delayedDue(due []waiter) []waiter {
	room := dueAtOnce - len(due)
	if room <= 0 {
		return due
	}
	for w := range b.delayed(room) {
		if w.deadline > b.now {
			break
		}
		due = append(due, w)
	}
	return due
}

// candidatesFIFO yields what the groups in the line have ready.
func (v *backlogView) candidatesFIFO(yield func(candidate) bool) {
	for _, group := range v.r.Scan(v.key(keyAvailable, ""), "", store.All) {
		prefix := v.groupKey(string(group), "")
		for key, raw := range v.r.Scan(prefix, "", store.All) {
			st := decodeState(v.r, raw)
			if st.deadline != 0 {
				break
			}
			if !yield(candidate{order(key[len(prefix):]), string(group), st}) {
				return
			}
		}
	}
}
