package sqs

import "encoding/binary"

// after is the end of a receive from a FIFO queue: groups that still have
// something ready go to the end of the line, and the attempt is remembered.
func (rc *receiving) after(b *backlog, picked []candidate) {
	seen := map[string]bool{}
	for _, c := range picked {
		if !seen[c.group] {
			seen[c.group] = true
			b.line(c.group, true)
		}
	}
	if rc.attempt != "" && len(rc.taken) > 0 {
		b.remember(b.key(keyAttempt, rc.attempt), encodeAttempt(rc.taken))
	}
}

const attemptSize = 16 + 4 // an order and a number of receives

func encodeAttempt(all []taken) []byte {
	b := make([]byte, 0, attemptSize*len(all))
	for i := range all {
		b = append(b, all[i].order...)
		b = binary.BigEndian.AppendUint32(b, all[i].state.receives)
	}
	return b
}

// repeat receives again what the same attempt took in the last five minutes,
// as one receive that was retried: the messages have the same handles, and their
// visibility timeout begins anew. It reports false where there is no such attempt,
// or where the state of one of its messages has changed since.
func (rc *receiving) repeat(b *backlog) bool {
	var again []candidate
	for rest := b.recall(b.key(keyAttempt, rc.attempt)); len(rest) >= attemptSize; rest = rest[attemptSize:] {
		o := order(rest[:16])
		m := b.message(o)
		if m == nil || b.expired(o) {
			return false
		}
		st := b.state(o, m.Group)
		if st == nil || st.receives != binary.BigEndian.Uint32(rest[16:]) || st.deadline <= b.now {
			return false
		}
		again = append(again, candidate{o, m.Group, st})
	}
	for _, c := range again {
		rc.hide(b, c.o, c.group, c.state, *c.state)
		rc.taken = append(rc.taken, taken{b.message(c.o), c.o, b.q.Backlog, *c.state})
	}
	for _, c := range again {
		b.line(c.group, false)
	}
	return len(again) > 0
}
