package eventpattern

import (
	"iter"
	"math/bits"
)

// numbers is a set of small numbers, one bit each.
type numbers []uint64

// grown is the set with the number, too.
func (s numbers) grown(n int) numbers {
	for n/64 >= len(s) {
		s = append(s, 0)
	}
	s.add(n)
	return s
}

// add adds a number that there is room for.
func (s numbers) add(n int) { s[n/64] |= 1 << (n % 64) }

func (s numbers) remove(n int) { s[n/64] &^= 1 << (n % 64) }

func (s numbers) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
