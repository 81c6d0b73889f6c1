package identity

import "sync"

// maxKept bounds how many entries of a kind are kept, of at most some 1 KB each.
const maxKept = 1 << 15

// kept is a map of at most maxKept entries that is safe for concurrent use.
// When it is full, it drops any one entry for each new one. The zero value is empty.
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
	if k.entries == nil {
		k.entries = map[K]V{}
	}
	if _, there := k.entries[key]; !there && len(k.entries) >= maxKept {
		for other := range k.entries { // in no order
			delete(k.entries, other)
			break
		}
	}
	k.entries[key] = value
}
