package sqs

import "encoding/binary"

// after is the end of a receive from a FIFO queue: groups that still have
// something ready go to the end of the line, and the attempt is remembered.
func (rc *reception) after(r *room, picked []candidate) {
	seen := map[string]bool{}
	for _, c := range picked {
		if !seen[c.group] {
			seen[c.group] = true
			r.line(c.group, true)
		}
	}
	if rc.attempt != "" && len(rc.taken) > 0 {
		r.remember(r.key(keyAttempt, rc.attempt), encodeAttempt(rc.taken))
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
// as one receive that was retried: the messages have their handles again, and
// their visibility timeout begins anew. It reports false where there is no such
// attempt, or one of its messages is no longer as it left it.
func (rc *reception) repeat(r *room) bool {
	var again []candidate
	for b := r.recall(r.key(keyAttempt, rc.attempt)); len(b) >= attemptSize; b = b[attemptSize:] {
		o := order(b[:16])
		m := r.message(o)
		if m == nil || r.expired(o) {
			return false
		}
		st := r.state(o, m.Group)
		if st == nil || st.receives != binary.BigEndian.Uint32(b[16:]) || st.deadline <= r.now {
			return false
		}
		again = append(again, candidate{o, m.Group, st})
	}
	for _, c := range again {
		rc.hide(r, c.o, c.group, c.state, *c.state)
		rc.taken = append(rc.taken, taken{r.message(c.o), c.o, r.q.Room, *c.state})
	}
	return len(again) > 0
}
