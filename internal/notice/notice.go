// Package notice tells the log of something once where it would otherwise tell of
// it at every call.
package notice

import (
	"slices"
	"strings"
	"sync"
)

// maxNames bounds how many names a Set holds: a caller makes up as many as it likes.
const maxNames = 100

// Set is what the log was told of once, by name. The zero value is empty. It is
// safe for concurrent use.
type Set struct {
	mu    sync.Mutex
	names map[string]struct{}
}

// First reports whether the log is to be told of name: it has not been yet, and
// the set is not full.
func (s *Set) First(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, told := s.names[name]; told || len(s.names) == maxNames {
		return false
	}
	if s.names == nil {
		s.names = map[string]struct{}{}
	}
	s.names[strings.Clone(name)] = struct{}{}
	return true
}

// WithPrefix lists, in order, what follows prefix in the names that begin with it.
func (s *Set) WithPrefix(prefix string) (rests []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.names {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			rests = append(rests, rest)
		}
	}
	slices.Sort(rests)
	return rests
}
