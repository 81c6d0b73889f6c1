package policyeval

import "unicode/utf8"

// finder searches a text for a chunk of literals and single-character wildcards
// by the Shift-And method, which tries all starting places at once: bit i says
// that the text read so far ends with the first i+1 characters of the chunk.
// The time depends only on the lengths of text and chunk, so no pattern is
// slow.
type finder struct {
	length int
	words  int
	any    []uint64          // the places of the chunk that take any character
	at     map[rune][]uint64 // the places that take this character
}

// finderThreshold is the number of tokens from which a finder is faster than a
// plain search, in spite of its preparation.
const finderThreshold = 4

// newFinder is nil where a plain search is used: for a chunk with a variable,
// which has no fixed text, and for a short one, which is fast to compare.
func newFinder(tokens []token) *finder {
	if len(tokens) < finderThreshold {
		return nil
	}
	var places []rune
	const wildcard = -1
	for _, t := range tokens {
		switch t.kind {
		case literalToken:
			places = append(places, []rune(t.text)...)
		case oneToken:
			places = append(places, wildcard)
		default:
			return nil
		}
	}
	f := &finder{length: len(places), words: (len(places) + 63) / 64, at: map[rune][]uint64{}}
	f.any = make([]uint64, f.words)
	for i, r := range places {
		set := f.any
		if r != wildcard {
			if f.at[r] == nil {
				f.at[r] = make([]uint64, f.words)
			}
			set = f.at[r]
		}
		set[i/64] |= 1 << (i % 64)
	}
	return f
}

// find is the end of the first occurrence in s.
func (f *finder) find(s string) (end int, ok bool) {
	var small [64]uint64
	state := small[:]
	if f.words > len(small) {
		state = make([]uint64, f.words)
	}
	state = state[:f.words]
	last := f.length - 1
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		end += n
		here := f.at[r]
		if r == utf8.RuneError && n == 1 {
			here = nil // a stray byte is no character of any pattern
		}
		carry := uint64(1)
		for w, takes := range f.any {
			if here != nil {
				takes |= here[w]
			}
			state[w], carry = (state[w]<<1|carry)&takes, state[w]>>63
		}
		if state[last/64]>>(last%64)&1 != 0 {
			return end, true
		}
	}
	return 0, false
}
