package record

import (
	"iter"

	"github.com/waxseal/waxseal/internal/trail"
)

// NewCalls is the log of calls.
func NewCalls() *trail.Log[*Call] {
	return trail.NewLog(trail.Limits[*Call]{Entries: trail.Capacity, Bytes: trail.CallBudget, Size: (*Call).Size, Piece: (*Call).Piece})
}

// Decisions is the log of decisions, which are made again for who reads them. It is safe for
// concurrent use.
type Decisions struct{ log *trail.Log[*Decision] }

// NewDecisions is an empty log.
func NewDecisions() *Decisions {
	return &Decisions{trail.NewLog(trail.Limits[*Decision]{
		Entries: trail.Capacity, Bytes: trail.DecisionBudget, Size: (*Decision).Size, Piece: (*Decision).Piece,
		Number: func(d *Decision, n uint64) { d.seq = n },
	})}
}

// Add adds a decision to the log.
func (l *Decisions) Add(d *Decision) { l.log.Add(d) }

// Newest yields the decisions, newest first, as they were when it was called.
func (l *Decisions) Newest() iter.Seq[*trail.Decision] {
	return restoring(l.log.Newest(), func(*Decision) bool { return true })
}

// Of yields those of the decisions, newest first, that were taken for the request with an
// id, or for a call that a service made for that request.
func (l *Decisions) Of(requestID string) iter.Seq[*trail.Decision] {
	id := trail.IDOf(requestID)
	return restoring(l.log.Newest(), func(d *Decision) bool { return d.Of(id) })
}

func restoring(decisions iter.Seq[*Decision], wanted func(*Decision) bool) iter.Seq[*trail.Decision] {
	return func(yield func(*trail.Decision) bool) {
		for d := range decisions {
			if wanted(d) && !yield(d.Restore()) {
				return
			}
		}
	}
}

// After is [trail.Log.After].
func (l *Decisions) After(n uint64, most int) (decisions []*trail.Decision, last uint64) {
	kept, last := l.log.After(n, most)
	for _, d := range kept {
		decisions = append(decisions, d.Restore())
	}
	return decisions, last
}

// Added is [trail.Log.Added].
func (l *Decisions) Added() uint64 { return l.log.Added() }

// Follow is [trail.Log.Follow].
func (l *Decisions) Follow() (<-chan struct{}, func()) { return l.log.Follow() }

// Bytes is [trail.Log.Bytes].
func (l *Decisions) Bytes() int { return l.log.Bytes() }
