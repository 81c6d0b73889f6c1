// Package trail remembers what happened: the decisions of the authorizer, the
// API calls as CloudTrail records them, and what became of each delivery.
// Memory is bounded: of each kind the newest Capacity entries are kept, or
// fewer where they would hold more than a budget of bytes together. Entries of
// ordinary size never reach it; with the large requests of a hostile
// caller, the oldest entries are dropped earlier.
package trail

import (
	"iter"
	"sort"
	"sync"
)

// Capacity is how many entries of each kind are kept.
const Capacity = 10_000

// How many bytes the entries of one kind hold at most: 11 MiB altogether, with the calls
// that the event history keeps when the log of calls has dropped them. An ordinary
// decision takes 120 bytes, a call 330, a delivery 240.
const (
	DecisionBudget = 2 << 20
	CallBudget     = 3840 << 10
	DeliveryBudget = 3328 << 10
	HistoryBudget  = 2 << 20
)

// Limits say how much a Log keeps, and what an entry costs.
type Limits[T any] struct {
	Entries, Bytes int
	// Size is how many bytes an entry takes, without its piece. It is called once, when the
	// entry is added.
	Size func(T) int
	// Piece is what an entry shares with others, which counts once; nil: entries share nothing.
	Piece func(T) *Piece
	// Number, if not nil, is called with each entry that is added, and its number from 1 on,
	// before anybody else sees the entry.
	Number func(T, uint64)
	// Dropped, if not nil, is called with each entry that is dropped. Neither may use the
	// log.
	Dropped func(T)
}

// Log keeps the newest entries of one kind and lets readers follow them. It is
// safe for concurrent use.
type Log[T any] struct {
	limits Limits[T]

	mu     sync.Mutex
	ring   []kept[T] // of which count are used, from first on: the oldest first
	first  int
	count  int
	added  uint64 // how many ever were
	bytes  int    // without those of pieces
	pieces Pieces
	follow map[chan struct{}]struct{}
}

type kept[T any] struct {
	entry  T
	number uint64 // among all that ever were added, from 1 on
	size   int
}

// NewLog is an empty log.
func NewLog[T any](limits Limits[T]) *Log[T] {
	return &Log[T]{limits: limits, follow: map[chan struct{}]struct{}{}}
}

// at is the entry with i older ones.
func (l *Log[T]) at(i int) *kept[T] {
	if i += l.first; i >= len(l.ring) {
		i -= len(l.ring)
	}
	return &l.ring[i]
}

// Add appends an entry. Where the log is full, the oldest entries are dropped. The new
// entry is kept, whatever its size. It answers the entry's number, from 1 on.
func (l *Log[T]) Add(entry T) uint64 {
	k := kept[T]{entry: entry, size: l.limits.Size(entry)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.added++; l.limits.Number != nil {
		l.limits.Number(entry, l.added)
	}
	k.number = l.added
	if l.count == l.limits.Entries {
		l.replaceOldest(&k)
	} else {
		l.append(&k)
		l.hold(&k)
	}
	l.shrink()
	for c := range l.follow {
		select {
		case c <- struct{}{}:
		default: // it has yet to look at what it was told of before
		}
	}
	return k.number
}

// append puts an entry behind the others.
func (l *Log[T]) append(k *kept[T]) {
	l.grow()
	l.count++
	*l.at(l.count - 1) = *k
}

// replaceOldest forgets the oldest entry for a new one. Mostly both share the same piece.
func (l *Log[T]) replaceOldest(k *kept[T]) {
	oldest := l.pop()
	l.append(k)
	l.bytes += k.size - oldest.size
	if l.limits.Piece != nil {
		l.pieces.Swap(l.limits.Piece(oldest.entry), l.limits.Piece(k.entry))
	}
	if l.limits.Dropped != nil {
		l.limits.Dropped(oldest.entry)
	}
}

// grow makes room for one more entry.
func (l *Log[T]) grow() {
	if l.count < len(l.ring) {
		return
	}
	larger := make([]kept[T], min(max(16, 2*l.count), l.limits.Entries))
	for i := range l.count {
		larger[i] = *l.at(i)
	}
	l.ring, l.first = larger, 0
}

// shrink drops the oldest entries that the budget has no room for.
func (l *Log[T]) shrink() {
	for l.count > 1 && l.bytes+l.pieces.Bytes() > l.limits.Bytes {
		l.drop()
	}
}

// drop forgets the oldest entry.
func (l *Log[T]) drop() {
	oldest := l.pop()
	l.dropped(&oldest)
}

// pop takes the oldest entry out of the ring.
func (l *Log[T]) pop() kept[T] {
	oldest := *l.at(0)
	*l.at(0) = kept[T]{}
	l.count--
	if l.first++; l.first == len(l.ring) {
		l.first = 0
	}
	return oldest
}

func (l *Log[T]) hold(k *kept[T]) {
	l.bytes += k.size
	if l.limits.Piece != nil {
		l.pieces.Hold(l.limits.Piece(k.entry))
	}
}

func (l *Log[T]) release(k *kept[T]) {
	l.bytes -= k.size
	if l.limits.Piece != nil {
		l.pieces.Release(l.limits.Piece(k.entry))
	}
}

// dropped tells that an entry is gone.
func (l *Log[T]) dropped(k *kept[T]) {
	l.release(k)
	if l.limits.Dropped != nil {
		l.limits.Dropped(k.entry)
	}
}

// Bytes is how many bytes the log's entries hold, as Limits count them.
func (l *Log[T]) Bytes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes + l.pieces.Bytes()
}

// Newest yields the entries, newest first, as they were when it was called.
func (l *Log[T]) Newest() iter.Seq[T] {
	l.mu.Lock()
	entries := make([]T, 0, l.count)
	for i := range l.count {
		entries = append(entries, l.at(i).entry)
	}
	l.mu.Unlock()
	return func(yield func(T) bool) {
		for i := len(entries) - 1; i >= 0; i-- {
			if !yield(entries[i]) {
				return
			}
		}
	}
}

// Remove removes the entries for which gone is true. Dropped is called with
// them.
func (l *Log[T]) Remove(gone func(T) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := 0
	for i := range l.count {
		k := *l.at(i)
		if gone(k.entry) {
			l.dropped(&k)
			continue
		}
		*l.at(left) = k
		left++
	}
	for i := left; i < l.count; i++ {
		*l.at(i) = kept[T]{}
	}
	l.count = left
}

// find is the place of the first entry with a number of at least n, among those that are kept.
func (l *Log[T]) find(n uint64) int {
	return sort.Search(l.count, func(i int) bool { return l.at(i).number >= n })
}

// Replace puts an entry in the place of the one numbered n, and reports whether that is
// still kept. Dropped is not called with the old one.
func (l *Log[T]) Replace(n uint64, entry T) bool {
	size := l.limits.Size(entry)
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.find(n)
	if i == l.count || l.at(i).number != n {
		return false
	}
	k := l.at(i)
	l.release(k)
	k.entry, k.size = entry, size
	l.hold(k)
	l.shrink()
	return true
}

// Added is how many entries ever were added: the number of the newest.
func (l *Log[T]) Added() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.added
}

// After are the entries after the one numbered n, the oldest first: of those that are kept
// as many as most. It answers the number of the last of them too; n, where there are none.
func (l *Log[T]) After(n uint64, most int) (entries []T, last uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.find(n + 1)
	for i := at; i < min(at+most, l.count); i++ {
		entries, n = append(entries, l.at(i).entry), l.at(i).number
	}
	return entries, n
}

// Follow returns a channel that tells that entries were added since it was last read,
// which After then answers, and a function that ends it. A follower that does not keep up
// holds up nobody, and misses what is no longer kept when it asks.
func (l *Log[T]) Follow() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	l.follow[c] = struct{}{}
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.follow, c)
	}
}
