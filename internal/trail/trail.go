// Package trail remembers what happened: the decisions of the authorizer, the
// API calls as CloudTrail records them, and what became of each delivery.
// Memory is bounded: of each kind the newest Capacity entries are kept, or
// fewer where they would hold more than Budget bytes together. Entries of
// ordinary size never reach Budget; with the large requests of a hostile
// caller, the oldest entries are dropped earlier.
package trail

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"github.com/waxseal/waxseal/policyeval"
)

const (
	// Capacity is how many entries of each kind are kept.
	Capacity = 10_000
	// Budget is how many bytes the entries of one kind hold at most.
	Budget = 64 << 20
)

// Limits say how much a Log keeps, and what an entry costs.
type Limits[T any] struct {
	Entries, Bytes int
	// Size is how many bytes an entry keeps in memory, without its policies and
	// decisions. It is called once, when the entry is added.
	Size func(T) int
	// Policies are the policies that an entry keeps in memory; nil: entries
	// have none. A document that several entries share counts once.
	Policies func(T) *policyeval.Policies
	// Decisions are the decisions that an entry keeps in memory, with their policies; nil:
	// entries have none.
	Decisions func(T) []*Decision
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
	kept   []kept[T] // the oldest first, from the index first on
	first  int
	added  uint64 // how many ever were
	bytes  int    // without those of shared
	shared Documents
	follow map[chan struct{}]struct{}
}

type kept[T any] struct {
	entry  T
	number uint64 // among all that ever were added, from 1 on
	size   int
	shares bool // it refers to documents; kept here because the old entry itself is no longer in the CPU's cache
}

// NewLog is an empty log.
func NewLog[T any](limits Limits[T]) *Log[T] {
	return &Log[T]{limits: limits, follow: map[chan struct{}]struct{}{}}
}

// Add appends an entry. Where the log is full, the oldest entries are dropped. The new
// entry is kept, whatever its size.
func (l *Log[T]) Add(entry T) {
	size := l.limits.Size(entry)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.added++; l.limits.Number != nil {
		l.limits.Number(entry, l.added)
	}
	l.kept = append(l.kept, kept[T]{entry, l.added, size, l.share(entry, l.shared.Hold)})
	l.bytes += size
	for n := len(l.kept) - l.first; n > l.limits.Entries || n > 1 && l.bytes+l.shared.Bytes() > l.limits.Bytes; n-- {
		l.drop()
	}
	for c := range l.follow {
		select {
		case c <- struct{}{}:
		default: // it has yet to look at what it was told of before
		}
	}
}

// drop forgets the oldest entry.
func (l *Log[T]) drop() {
	oldest := l.kept[l.first]
	l.kept[l.first] = kept[T]{}
	l.first++
	if l.first > l.limits.Entries { // half of the slice is unused: the rest moves to its beginning
		n := copy(l.kept, l.kept[l.first:])
		clear(l.kept[n:])
		l.kept, l.first = l.kept[:n], 0
	}
	l.bytes -= oldest.size
	if oldest.shares {
		l.share(oldest.entry, l.shared.Release)
	}
	if l.limits.Dropped != nil {
		l.limits.Dropped(oldest.entry)
	}
}

// share calls f, which counts documents, with the policies that an entry refers to,
// and reports whether there is any document.
func (l *Log[T]) share(entry T, f func(*policyeval.Policies) bool) (some bool) {
	if l.limits.Policies != nil {
		some = f(l.limits.Policies(entry))
	}
	if l.limits.Decisions != nil {
		for _, d := range l.limits.Decisions(entry) {
			some = f(&d.Policies) || some
		}
	}
	return some
}

// Bytes is how many bytes the log's entries hold, as Limits count them.
func (l *Log[T]) Bytes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes + l.shared.Bytes()
}

// Newest yields the entries, newest first, as they were when it was called.
func (l *Log[T]) Newest() iter.Seq[T] {
	l.mu.Lock()
	entries := make([]T, 0, len(l.kept)-l.first)
	for _, k := range l.kept[l.first:] {
		entries = append(entries, k.entry)
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
	left := make([]kept[T], 0, len(l.kept)-l.first)
	for _, k := range l.kept[l.first:] {
		if !gone(k.entry) {
			left = append(left, k)
			continue
		}
		l.bytes -= k.size
		l.share(k.entry, l.shared.Release)
		if l.limits.Dropped != nil {
			l.limits.Dropped(k.entry)
		}
	}
	l.kept, l.first = left, 0
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
	list := l.kept[l.first:]
	at, _ := slices.BinarySearchFunc(list, n+1, func(k kept[T], number uint64) int { return cmp.Compare(k.number, number) })
	for _, k := range list[at:min(at+most, len(list))] {
		entries, n = append(entries, k.entry), k.number
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
