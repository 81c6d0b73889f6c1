// Package trail remembers what happened: the decisions of the authoriser, the
// API calls as CloudTrail records them, and what became of each delivery. Memory is bounded:
// of each kind the newest Capacity entries are kept.
package trail

import (
	"iter"
	"sync"
)

// Capacity is how many entries of each kind are kept.
const Capacity = 10_000

// Log keeps the newest entries of one kind and lets readers follow them. It is
// safe for concurrent use.
type Log[T any] struct {
	mu       sync.Mutex
	entries  []T // a ring once it is full
	next     int // where the next entry goes in a full ring
	capacity int
	follow   map[chan T]struct{}
}

// NewLog is an empty log that keeps capacity entries.
func NewLog[T any](capacity int) *Log[T] {
	return &Log[T]{capacity: capacity, follow: map[chan T]struct{}{}}
}

// Add appends an entry. When the log is full the oldest is dropped for it, and answered.
func (l *Log[T]) Add(entry T) (dropped T, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) < l.capacity {
		l.entries = append(l.entries, entry)
	} else {
		dropped, full = l.entries[l.next], true
		l.entries[l.next] = entry
		l.next = (l.next + 1) % l.capacity
	}
	for c := range l.follow {
		select {
		case c <- entry:
		default:
			// A follower that does not keep up loses entries rather than
			// holding up the calls that make them.
		}
	}
	return dropped, full
}

// Newest yields the entries, newest first, as they were when it was called.
func (l *Log[T]) Newest() iter.Seq[T] {
	l.mu.Lock()
	entries := make([]T, 0, len(l.entries))
	entries = append(append(entries, l.entries[l.next:]...), l.entries[:l.next]...)
	l.mu.Unlock()
	return func(yield func(T) bool) {
		for i := len(entries) - 1; i >= 0; i-- {
			if !yield(entries[i]) {
				return
			}
		}
	}
}

// followBuffer is how far a follower may fall behind before it loses entries.
const followBuffer = 256

// Follow returns a channel of the entries added from now on, and a function
// that ends it.
func (l *Log[T]) Follow() (<-chan T, func()) {
	c := make(chan T, followBuffer)
	l.mu.Lock()
	l.follow[c] = struct{}{}
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.follow, c)
	}
}
