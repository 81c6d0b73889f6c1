package eventpattern

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/waxseal/waxseal/internal/jackson"
)

// spans has postings by ranges of numbers, and finds all that a number is in.
type spans struct {
	bySpan map[span]*posting
	// sorted are the ranges by their lower ends; highest is, of each half, quarter and so
	// on, the highest upper end, at the place of its middle. Both are made when they are
	// first needed after a change, by whoever comes first.
	made    sync.Mutex
	sorted  []span
	highest []float64
	stale   bool
}

func (s *spans) entry(of span, add bool) *posting {
	p := s.bySpan[of]
	if p == nil && add {
		p = entry(&s.bySpan, of, true)
		s.stale = true
	}
	return p
}

func (s *spans) find(number float64, each func(*posting)) {
	if len(s.bySpan) == 0 {
		return
	}
	s.make()
	s.within(0, len(s.sorted), number, each)
}

func (s *spans) make() {
	s.made.Lock()
	defer s.made.Unlock()
	if !s.stale {
		return
	}
	s.sorted = s.sorted[:0]
	for of := range s.bySpan {
		s.sorted = append(s.sorted, of)
	}
	slices.SortFunc(s.sorted, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	s.highest = slices.Repeat([]float64{math.Inf(-1)}, len(s.sorted))
	s.measure(0, len(s.sorted))
	s.stale = false
}

func (s *spans) measure(from, to int) float64 {
	if from == to {
		return math.Inf(-1)
	}
	middle := (from + to) / 2
	s.highest[middle] = max(s.sorted[middle].high, s.measure(from, middle), s.measure(middle+1, to))
	return s.highest[middle]
}

func (s *spans) within(from, to int, number float64, each func(*posting)) {
	if from == to {
		return
	}
	middle := (from + to) / 2
	if s.highest[middle] < number {
		return
	}
	s.within(from, middle, number, each)
	of := &s.sorted[middle]
	if of.low > number {
		return
	}
	if of.match(&value{kind: jackson.Number, number: number, ranged: true}) {
		each(s.bySpan[*of])
	}
	s.within(middle+1, to, number, each)
}
