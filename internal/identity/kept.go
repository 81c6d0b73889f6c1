package identity

import "sync"

// maxKept bounds how many entries of a kind are kept.
const maxKept = 10_000

// kept is a map of at most maxKept entries that is safe for concurrent use.
// When it is full, it drops all entries. The zero value is empty.
type kept[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]V
}

func (k *kept[K, V]) get(key K) (value V, ok bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	value, ok = k.entries[key]
	return value, ok
}

func (k *kept[K, V]) put(key K, value V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.entries[key]; k.entries == nil || !there && len(k.entries) >= maxKept {
		k.entries = map[K]V{}
	}
	k.entries[key] = value
}
