package sqs

import (
	"iter"

	"github.com/waxseal/waxseal/internal/store"
)

// The records of a FIFO queue's backlog beside those in backlog.go:
//
//	l GROUP 0 ORDER   the state of a message: a group's line
//	l GROUP 0         the group's place in the line of groups, while it has one
//	a PLACE           a group whose first message is ready: the line of groups
//	d SENT ORDER      (its group) messages that the queue's delay holds back
//	x SCOPE 0 ID      the message that was sent with a deduplication id
//	i ATTEMPT         the messages that a receive attempt took
//	y EXPIRY KEY      nothing: when an x or i record expires
//
// A group's own record stands before its messages, because nearly every call needs it
// and the first of them. In backlogs of earlier versions it is g GROUP.
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

// ownKey is the key of a group's own record.
func (v *backlogView) ownKey(group string) string {
	if v.q.Backlog < firstBacklog {
		return v.key(keyGroup, group)
	}
	return v.groupKey(group, "")
}

// group is a group's own record and the first message in its line, with its state: nil
// and empty where there is none.
func (v *backlogView) group(group string) (own []byte, head order, st []byte) {
	if v.q.Backlog < firstBacklog {
		own = v.r.Get(v.ownKey(group))
	}
	prefix := v.groupKey(group, "")
	for key, raw := range v.r.Scan(prefix, "", 2) {
		if len(key) > len(prefix) {
			return own, order(key[len(prefix):]), raw
		}
		own = raw
	}
	return own, "", nil
}

// lineOf yields the messages in a group's line behind a place, or all, with their
// states, up to limit of them.
func (v *backlogView) lineOf(group string, behind order, limit int) iter.Seq2[order, []byte] {
	prefix := v.groupKey(group, "")
	return func(yield func(order, []byte) bool) {
		for key, raw := range v.r.Scan(prefix, prefix+string(behind)+"\x00", limit) {
			if !yield(order(key[len(prefix):]), raw) {
				return
			}
		}
	}
}

// changeFIFO changes the records of a message, but not its group's place.
func (b *backlog) changeFIFO(o order, group string, from, to *state) {
	if from != nil && from.deadline != 0 {
		b.tx.Delete(b.waitKey(o, from))
	}
	if to == nil {
		b.tx.Delete(b.groupKey(group, o))
	} else {
		b.tx.Put(b.groupKey(group, o), to.encode())
		switch {
		case to.delayed:
			b.tx.Put(b.waitKey(o, to), []byte(group))
		case to.deadline != 0:
			b.putWaiting(o, group, to.deadline)
		}
	}
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
	place, _, head := b.group(group)
	available := head != nil && decodeState(b.tx, head).deadline == 0
	if place != nil && (again || !available) {
		b.tx.Delete(b.key(keyAvailable, string(place)))
		if !available {
			b.tx.Delete(b.ownKey(group))
		}
		place = nil
	}
	if available && place == nil {
		b.n.tick++
		place := number(b.n.tick)
		b.tx.Put(b.key(keyAvailable, place), []byte(group))
		b.tx.Put(b.ownKey(group), []byte(place))
	}
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
		for o, raw := range v.lineOf(string(group), "", store.All) {
			st := decodeState(v.r, raw)
			if st.deadline != 0 {
				break
			}
			if !yield(candidate{o, string(group), st}) {
				return
			}
		}
	}
}
