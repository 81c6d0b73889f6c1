package sqs

import (
	"iter"

	"github.com/waxseal/waxseal/internal/store"
)

// The records of a FIFO queue's room beside those in room.go:
//
//	l GROUP 0 ORDER   the state of a message: a group's line
//	a PLACE           a group whose first message is ready: the line of groups
//	g GROUP           the group's place in that line, while it has one
//	d SENT ORDER      (its group) messages that the queue's delay holds back
//	x SCOPE 0 ID      the message that was sent with a deduplication id
//	i ATTEMPT         the messages that a receive attempt took
//	y EXPIRY KEY      nothing: an x or i record that means nothing from then on
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

func (l *lookout) groupKey(group string, o order) string {
	return l.key(keyLine, group+"\x00"+string(o))
}

func (r *room) changeFIFO(o order, group string, from, to *state) {
	if from != nil && from.deadline != 0 {
		r.tx.Delete(r.waitKey(o, from))
	}
	if to == nil {
		r.tx.Delete(r.groupKey(group, o))
	} else {
		r.tx.Put(r.groupKey(group, o), to.encode())
		if to.deadline != 0 {
			r.tx.Put(r.waitKey(o, to), []byte(group))
		}
	}
	r.line(group, false)
}

// waitKey is where a message that waits is indexed by time.
func (r *room) waitKey(o order, st *state) string {
	kind := byte(keyWaiting)
	if st.delayed {
		kind = keyDelayed
	}
	return r.key(kind, number(uint64(st.deadline))+string(o))
}

// line gives the group its place in the line of groups, or takes it. With
// again, a group that has a place goes to the end.
func (r *room) line(group string, again bool) {
	available := r.headReady(group)
	place := r.tx.Get(r.key(keyGroup, group))
	if place != nil && (again || !available) {
		r.tx.Delete(r.key(keyAvailable, string(place)))
		r.tx.Delete(r.key(keyGroup, group))
		place = nil
	}
	if available && place == nil {
		r.n.tick++
		place := number(r.n.tick)
		r.tx.Put(r.key(keyAvailable, place), []byte(group))
		r.tx.Put(r.key(keyGroup, group), []byte(place))
	}
}

// headReady reports whether the first message of a group is ready.
func (r *room) headReady(group string) bool {
	for _, raw := range r.tx.Scan(r.groupKey(group, ""), "", 1) {
		return decodeState(r.tx, raw).deadline == 0
	}
	return false
}

// delayed yields the messages that a FIFO queue's delay holds back, by when they are
// due, up to limit of them.
func (l *lookout) delayed(limit int) iter.Seq[waiter] {
	return func(yield func(waiter) bool) {
		for key, group := range l.r.Scan(l.key(keyDelayed, ""), "", limit) {
			w := newWaiter(l.rest(key), group)
			w.deadline += l.q.delay.Milliseconds()
			if !yield(w) {
				return
			}
		}
	}
}

// firstDelayed is when the first delayed message of a FIFO queue is due; 0: there is none.
func (l *lookout) firstDelayed() int64 {
	if l.q.fifo {
		for w := range l.delayed(1) {
			return w.deadline
		}
	}
	return 0
}

// delayedDue adds to due the delayed messages that are due, up to settleChunk in all.
func (r *room) delayedDue(due []waiter) []waiter {
	room := settleChunk - len(due)
	if room <= 0 {
		return due
	}
	for w := range r.delayed(room) {
		if w.deadline > r.now {
			break
		}
		due = append(due, w)
	}
	return due
}

// candidatesFIFO yields what the groups in the line have ready.
func (l *lookout) candidatesFIFO(yield func(candidate) bool) {
	for _, group := range l.r.Scan(l.key(keyAvailable, ""), "", store.All) {
		prefix := l.groupKey(string(group), "")
		for key, raw := range l.r.Scan(prefix, "", store.All) {
			st := decodeState(l.r, raw)
			if st.deadline != 0 {
				break
			}
			if !yield(candidate{order(key[len(prefix):]), string(group), st}) {
				return
			}
		}
	}
}
