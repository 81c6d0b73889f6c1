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

// behind are the rests, in order, of the names that begin with prefix.
func (n *noticed) behind(prefix string) (rests []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name := range n.names {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			rests = append(rests, rest)
		}
	}
	slices.Sort(rests)
	return rests
}
