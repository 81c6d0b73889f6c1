package sqs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// memorySpan is how long a FIFO queue remembers a deduplication id [Q164] and a
// receive attempt.
const memorySpan = 5 * time.Minute

// errFIFO marks what fails a whole batch, not only its entry [Q129] [Q130].
var errFIFO = errors.New("a FIFO queue cannot place the message")

// placeFIFO checks what a message to a FIFO queue says about its group and what
// makes it a duplicate.
func (d *draft) placeFIFO(q *queue, in *SendMessageInput) error {
	if in.MessageGroupId == nil {
		return because(missing("MessageGroupId"), errFIFO) // [Q102]
	}
	switch {
	case in.MessageDeduplicationId != nil:
		d.deduplication = *in.MessageDeduplicationId
	case q.contentBased:
		sum := sha256.Sum256([]byte(d.body)) // [Q165]
		d.deduplication = hex.EncodeToString(sum[:])
	default:
		return because(ErrInvalidParameterValue.With("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"), errFIFO)
	}
	return nil
}

// sentKey is where the message with the draft's deduplication id is remembered:
// per queue, or per group if the queue was created so [Q166] [Q167].
func (b *backlog) sentKey(d *draft) string {
	scope := ""
	if b.q.DeduplicatesByGroup {
		scope = d.group
	}
	return b.key(keySent, scope+"\x00"+d.deduplication)
}

// duplicate reports whether a message with the draft's deduplication id was
// sent in the last five minutes. Then the draft is answered as that message was.
func (b *backlog) duplicate(d *draft) bool {
	raw := b.recall(b.sentKey(d))
	if raw == nil {
		return false
	}
	d.accepted.id, d.accepted.sequence = string(raw[16:]), sequenceNumber(order(raw[:16]))
	return true
}

func (b *backlog) rememberSent(d *draft, o order) {
	b.remember(b.sentKey(d), []byte(string(o)+d.id))
}

// remember keeps a value for five minutes.
func (b *backlog) remember(key string, value []byte) {
	b.forgetSome()
	expiry := number(uint64(b.now + memorySpan.Milliseconds()))
	b.n.stale = min(b.n.stale, b.now+memorySpan.Milliseconds())
	b.tx.Put(key, append([]byte(expiry), value...))
	b.tx.Put(b.key(keyMemory, expiry+key[len(b.prefix.text):]), nil)
}

// recall is a value that was kept, without its expiry; nil where it has expired.
func (b *backlog) recall(key string) []byte {
	raw := b.tx.Get(key)
	if raw == nil || int64(binary.BigEndian.Uint64(raw)) <= b.now {
		return nil
	}
	return raw[8:]
}

// forgetSome drops some of what has expired: more than one remember adds, so
// that memory stays within what five minutes bring.
func (b *backlog) forgetSome() {
	if b.n.stale > b.now {
		return
	}
	var stale []string
	b.n.stale = never
	for key := range b.tx.Scan(b.key(keyMemory, ""), "", 4) {
		b.n.stale = int64(binary.BigEndian.Uint64([]byte(b.rest(key)[:8])))
		if b.n.stale > b.now {
			break
		}
		stale = append(stale, key)
	}
	for _, key := range stale {
		b.tx.Delete(key)
		rest := b.rest(key)
		record := b.prefix.text + rest[8:]
		// It may have been remembered anew since.
		if raw := b.tx.Get(record); raw != nil && string(raw[:8]) == rest[:8] {
			b.tx.Delete(record)
		}
	}
}
