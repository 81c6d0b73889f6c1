package cloudtrail

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// What the event history keeps in memory: the newest calls of each partition, and
// altogether no more than a budget of bytes. With a state that outlives the process they
// are those that are not written yet; without one they are the whole history.
const (
	maxEntries = 10_000
	maxBytes   = trail.Budget
)

// history is the part of the event history that is in memory. It keeps calls as they
// are, and makes records of them only for who looks. It is safe for concurrent use.
type history struct {
	origin string // tells the keys of this process from those of others

	mu         sync.Mutex
	sequence   uint64 // of the newest
	partitions map[partition]*queue
	// oldest and newest are of all partitions. They are the ends of a list.
	oldest, newest *kept
	count, bytes   int // bytes without those of documents
	documents      trail.Documents
}

// kept is a call as one partition has it. A call that two accounts have is kept twice.
type kept struct {
	call         Call
	partition    partition
	sequence     uint64
	size         int
	policies     []*policyeval.Policies
	gone         bool // it was removed
	older, newer *kept
}

// queue is what a partition has, oldest first, from first on.
type queue struct {
	kept  []*kept
	first int
}

func newHistory() *history {
	return &history{partitions: map[partition]*queue{}}
}

// record keeps a call, where it is a management event, and answers how many there are.
func (h *history) record(c Call) int {
	if c.Data() {
		return 0
	}
	caller, owner := c.Accounts()
	size, policies := c.Size(), c.Policies()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add(&kept{call: c, partition: partition{caller, c.Region()}, size: size, policies: policies})
	if owner != "" {
		h.add(&kept{call: c, partition: partition{owner, c.Region()}, size: size, policies: policies})
	}
	return h.count
}

func (h *history) add(k *kept) {
	h.sequence++
	k.sequence = h.sequence
	q := h.partitions[k.partition]
	if q == nil {
		q = new(queue)
		h.partitions[k.partition] = q
	}
	q.kept = append(q.kept, k)
	if k.older = h.newest; k.older != nil {
		k.older.newer = k
	} else {
		h.oldest = k
	}
	h.newest = k
	h.count++
	h.bytes += k.size
	for _, p := range k.policies {
		h.documents.Hold(p)
	}
	if len(q.kept)-q.first > maxEntries {
		h.remove(q.kept[q.first])
	}
	for h.bytes+h.documents.Bytes() > maxBytes && h.oldest != k {
		h.remove(h.oldest)
	}
}

// remove forgets a call. It is the oldest of its partition.
func (h *history) remove(k *kept) {
	q := h.partitions[k.partition]
	q.kept[q.first] = nil
	q.first++
	switch {
	case q.first == len(q.kept):
		delete(h.partitions, k.partition)
	case q.first > maxEntries: // half of the slice is unused: the rest moves to its beginning
		n := copy(q.kept, q.kept[q.first:])
		clear(q.kept[n:])
		q.kept, q.first = q.kept[:n], 0
	}
	if k.older != nil {
		k.older.newer = k.newer
	} else {
		h.oldest = k.newer
	}
	if k.newer != nil {
		k.newer.older = k.older
	} else {
		h.newest = k.older
	}
	k.gone = true
	h.count--
	h.bytes -= k.size
	for _, p := range k.policies {
		h.documents.Release(p)
	}
}

// some reports whether it has any call.
func (h *history) some() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count > 0
}

// last is the sequence of the call that was recorded last.
func (h *history) last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sequence
}

// first are the n oldest calls of all partitions, up to the sequence last.
func (h *history) first(n int, last uint64) (some []*kept) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := h.oldest; k != nil && k.sequence <= last && len(some) < n; k = k.newer {
		some = append(some, k)
	}
	return some
}

// forget removes calls that first has returned.
func (h *history) forget(calls []*kept) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range calls {
		if !k.gone { // to make room
			h.remove(k)
		}
	}
}

// of is what a partition has between two times, newest first.
func (h *history) of(p partition, r timeRange) []*kept {
	h.mu.Lock()
	var found []*kept
	if q := h.partitions[p]; q != nil {
		found = slices.Clone(q.kept[q.first:])
	}
	h.mu.Unlock()
	found = slices.DeleteFunc(found, func(k *kept) bool { return !r.holds(k.call.Time()) })
	slices.SortFunc(found, func(a, b *kept) int {
		return cmp.Or(b.call.Time().Compare(a.call.Time()), cmp.Compare(b.sequence, a.sequence))
	})
	return found
}

// entry is the entry of the call's record in its partition, and the record; nil: it has
// none there.
func (k *kept) entry(origin string) (*entry, *trail.Event) {
	for _, e := range k.call.Events() {
		if e.RecipientAccountID == k.partition.account {
			return newEntry(place(k.call.Time(), k.sequence, origin), e), e
		}
	}
	return nil, nil
}

// timeRange is from one second to another, both included, as records show times.
type timeRange struct{ from, to int64 }

func (r timeRange) holds(t time.Time) bool { return r.from <= t.Unix() && t.Unix() <= r.to }
