package server

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
)

// decisions are what was decided, oldest first.
func decisions(s *Server) []*trail.Decision {
	return oldestFirst(s.Runtime().Dispatcher.Decisions().Newest())
}

// events are the CloudTrail records, oldest first.
func events(s *Server) []*trail.Event { return oldestFirst(s.Runtime().Dispatcher.Events()) }

// deliveries are what became of SNS's deliveries, oldest first.
func deliveries(s *Server) []sns.Delivery { return oldestFirst(s.Runtime().Deliveries.Newest()) }

func oldestFirst[T any](newest iter.Seq[T]) []T {
	all := slices.Collect(newest)
	slices.Reverse(all)
	return all
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come", what)
		}
	}
}
