package server

import (
	"slices"
	"strings"
	"sync"
)

// noticed is what the log was told of once, and is not told again in the same
// world. It is safe for concurrent use.
type noticed struct {
	mu    sync.Mutex
	names map[string]struct{}
}

// maxNoticed bounds how many things the log is told of in this way: a caller
// makes up as many as it likes.
const maxNoticed = 100

// first reports whether name is to be told of: it has not been yet.
func (n *noticed) first(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, told := n.names[name]; told || len(n.names) == maxNoticed {
		return false
	}
	if n.names == nil {
		n.names = map[string]struct{}{}
	}
	n.names[strings.Clone(name)] = struct{}{}
	return true
}

// names is a set of names. It is safe for concurrent use.
type names struct {
	mu  sync.Mutex
	all []string
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, name)
}

func (n *names) sorted() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(slices.Values(n.all))
}
