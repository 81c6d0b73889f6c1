package cloudtrail

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
)

// What the event history keeps in memory: the newest calls of each partition, and
// altogether no more than a budget of bytes. With a state that outlives the process they
// are those that are not written yet; without one they are the whole history.
const (
	maxEntries = 10_000
	maxBytes   = trail.HistoryBudget
)

// history is the part of the event history that is in memory. It keeps calls as they
// are, and makes records of them only for who looks. It is safe for concurrent use.
type history struct {
	origin string // tells the keys of this process from those of others

	mu           sync.Mutex
	sequence     uint64 // of the newest call
	queues       map[partition]*queue
	latest       *queue // that the newest call is in: most often the next one's, too
	count, bytes int    // bytes without those of pieces
	pieces       trail.Pieces
}

// queue is what a partition has, oldest first, from first on. Calls are kept by value:
// the oldest is dropped at almost every call, and is not in the CPU's cache.
type queue struct {
	partition partition
	kept      []kept
	first     int
}

// kept is a call as one partition has it. A call that two accounts have is kept twice.
type kept struct {
	call     Call
	sequence uint64
	size     int
}

func newHistory() *history {
	return &history{queues: map[partition]*queue{}}
}

// record keeps a call, where it is a management event, and answers how many there are.
func (h *history) record(c Call) int {
	if c.Data() {
		return 0
	}
	caller, owner := c.Accounts()
	k := kept{call: c, size: c.Size()}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add(partition{caller, c.Region()}, k)
	if owner != "" {
		h.add(partition{owner, c.Region()}, k)
	}
	return h.count
}

func (h *history) add(p partition, k kept) {
	h.sequence++
	k.sequence = h.sequence
	q := h.latest
	if q == nil || q.partition != p {
		if q = h.queues[p]; q == nil {
			q = &queue{partition: p}
			h.queues[p] = q
		}
		h.latest = q
	}
	q.kept = append(q.kept, k)
	h.count++
	h.bytes += k.size
	h.pieces.Hold(k.call.Piece())
	if len(q.kept)-q.first > maxEntries {
		h.remove(q)
	}
	if h.bytes+h.pieces.Bytes() > maxBytes {
		h.shrink()
	}
}

// remove forgets the oldest call of a queue.
func (h *history) remove(q *queue) {
	oldest := q.kept[q.first]
	q.kept[q.first] = kept{}
	q.first++
	if q.first == len(q.kept) {
		delete(h.queues, q.partition)
		if h.latest == q {
			h.latest = nil
		}
	}
	if q.first > maxEntries/8 { // so much of the slice is unused: the rest moves to its beginning
		n := copy(q.kept, q.kept[q.first:])
		clear(q.kept[n:])
		q.kept, q.first = q.kept[:n], 0
	}
	h.count--
	h.bytes -= oldest.size
	h.pieces.Release(oldest.call.Piece())
}

// shrink forgets the oldest calls of all partitions but the newest, until an eighth of
// the budget is free: so seldom that it may look at all partitions.
func (h *history) shrink() {
	queues := oldestFirst(slices.Collect(maps.Values(h.queues)))
	heap.Init(&queues)
	for h.bytes+h.pieces.Bytes() > maxBytes-maxBytes/8 && h.count > 1 {
		q := queues[0]
		h.remove(q)
		if q.first == len(q.kept) {
			heap.Pop(&queues)
		} else {
			heap.Fix(&queues, 0)
		}
	}
}

// oldestFirst is a heap of queues.
type oldestFirst []*queue

func (o oldestFirst) Len() int { return len(o) }
func (o oldestFirst) Less(i, j int) bool {
	return o[i].kept[o[i].first].sequence < o[j].kept[o[j].first].sequence
}
func (o oldestFirst) Swap(i, j int) { o[i], o[j] = o[j], o[i] }
func (o *oldestFirst) Push(q any)   { *o = append(*o, q.(*queue)) }
func (o *oldestFirst) Pop() any {
	last := (*o)[len(*o)-1]
	*o = (*o)[:len(*o)-1]
	return last
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

// first are up to n calls of any partitions, the oldest of each, up to the sequence last.
func (h *history) first(n int, last uint64) map[partition][]kept {
	h.mu.Lock()
	defer h.mu.Unlock()
	some := map[partition][]kept{}
	for p, q := range h.queues {
		oldest := q.kept[q.first:min(len(q.kept), q.first+n)]
		end, _ := slices.BinarySearchFunc(oldest, last+1, func(k kept, sequence uint64) int { return cmp.Compare(k.sequence, sequence) })
		if end > 0 {
			some[p] = slices.Clone(oldest[:end])
		}
		if n -= end; n == 0 {
			break
		}
	}
	return some
}

// forget removes calls that first has returned, and that are still there.
func (h *history) forget(calls map[partition][]kept) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p, some := range calls {
		for q := h.queues[p]; q != nil && q.first < len(q.kept) && q.kept[q.first].sequence <= some[len(some)-1].sequence; {
			h.remove(q)
		}
	}
}

// of is what a partition has between two times, newest first.
func (h *history) of(p partition, r timeRange) []kept {
	h.mu.Lock()
	var found []kept
	if q := h.queues[p]; q != nil {
		found = slices.Clone(q.kept[q.first:])
	}
	h.mu.Unlock()
	found = slices.DeleteFunc(found, func(k kept) bool { return !r.holds(k.call.Time()) })
	slices.SortFunc(found, func(a, b kept) int {
		return cmp.Or(b.call.Time().Compare(a.call.Time()), cmp.Compare(b.sequence, a.sequence))
	})
	return found
}

// entry is the entry of the call's record in a partition, and the record; nil: it has
// none there.
func (k *kept) entry(p partition, origin string) (*entry, *trail.Event) {
	for _, e := range k.call.Events() {
		if e.RecipientAccountID == p.account {
			return newEntry(place(k.call.Time(), k.sequence, origin), e), e
		}
	}
	return nil, nil
}

// timeRange is from one second to another, both included, as records show times.
type timeRange struct{ from, to int64 }

func (r timeRange) holds(t time.Time) bool { return r.from <= t.Unix() && t.Unix() <= r.to }
