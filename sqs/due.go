package sqs

// dueAtOnce is how many messages one transaction lets expire, and how many it wakes.
const dueAtOnce = 256

// anyDue reports whether something is due that was not applied yet.
func (v *backlogView) anyDue() bool {
	n := v.counts()
	return v.due(&n)
}

// due is anyDue for a reader of the counts.
func (v *backlogView) due(n *counts) bool {
	if v.mayExpire(n) {
		if o := v.oldest(); o != "" && v.expired(o) {
			return true
		}
	}
	if v.mayWake(n) {
		if at := v.firstDeadline(); at != 0 && at <= v.now {
			return true
		}
	}
	if v.mayBegin(n) {
		if at := v.firstDelayed(); at != 0 && at <= v.now {
			return true
		}
	}
	return false
}

// mayExpire reports whether a message may be too old.
func (v *backlogView) mayExpire(n *counts) bool {
	return n.oldest+v.q.retention.Milliseconds() <= v.now
}

// mayWake reports whether a message may have waited until its deadline.
func (v *backlogView) mayWake(n *counts) bool { return n.deadline <= v.now }

// mayBegin reports whether the delay of a FIFO queue's message may be over.
func (v *backlogView) mayBegin(n *counts) bool {
	return v.q.fifo && n.delayed > 0 && n.oldest+v.q.delay.Milliseconds() <= v.now
}

// catchUp lets expire what is too old and makes ready what has waited long
// enough, up to dueAtOnce messages of each. It reports whether more is too old.
func (b *backlog) catchUp() (moreExpired bool) {
	if b.mayExpire(&b.n) {
		moreExpired = b.expire()
	}
	if wake, begin := b.mayWake(&b.n), b.mayBegin(&b.n); wake || begin {
		b.wake(wake, begin)
	}
	return moreExpired
}

func (b *backlog) expire() (more bool) {
	var old []order
	b.n.oldest = never
	for key := range b.tx.Scan(b.key(keyMessage, ""), "", dueAtOnce+1) {
		o := order(b.rest(key))
		if more = len(old) == dueAtOnce && b.expired(o); more || !b.expired(o) {
			b.n.oldest = o.at()
			break
		}
		old = append(old, o)
	}
	for _, o := range old {
		group := ""
		if m := b.message(o); m != nil {
			group = m.Group
		} else { // damaged
			group = b.findGroup(o)
		}
		if st := b.state(o, group); st != nil {
			b.remove(o, group, st)
		} else { // a message without a state has no other records
			b.tx.Delete(b.key(keyMessage, string(o)))
		}
	}
	return more
}

// wake makes ready what has waited until its deadline, and what a FIFO queue's delay
// does not hold back any more.
func (b *backlog) wake(waiting, delayed bool) {
	var due []waiter
	if waiting {
		b.n.deadline = never
		for w := range b.waiting(dueAtOnce) {
			if w.deadline > b.now {
				b.n.deadline = w.deadline
				break
			}
			due = append(due, w)
		}
		if len(due) == dueAtOnce {
			b.n.deadline = 0 // there may be more
		}
	}
	if delayed {
		due = b.delayedDue(due)
	}
	for _, w := range due {
		st := b.state(w.o, w.group)
		if st == nil {
			continue
		}
		woken := *st
		woken.deadline, woken.delayed = 0, false
		b.change(w.o, w.group, st, &woken)
	}
}
