package btree

import (
	"slices"
	"strings"
)

// leaf has keys in ascending order, and their values. It keeps the bytes of the keys and no
// strings: once those that all of them begin with, and those that follow one key behind the
// other. The keys beside each other in a store are alike for the most part.
type leaf struct {
	prefix string
	rests  []byte   // what the keys have behind the prefix
	ends   []uint32 // where the rest of each key ends
	values [][]byte
}

func newLeaf() leaf {
	return leaf{ends: make([]uint32, 0, maxKeys), values: make([][]byte, 0, maxKeys)}
}

// copied is a leaf of the same content.
func (l *leaf) copied() leaf {
	return leaf{l.prefix, append(make([]byte, 0, cap(l.rests)), l.rests...), withRoom(l.ends), withRoom(l.values)}
}

// part is a leaf of some of the keys of a full one, with room for as many.
func (l *leaf) part(from, to int) leaf {
	p := newLeaf()
	if from == to {
		return p
	}
	first := l.rest(from)
	same := common(first, l.rest(to-1))
	p.prefix, p.rests = l.prefix+string(first[:same]), make([]byte, 0, max(0, len(l.rests)-len(l.ends)*same))
	p.add(l, from, to)
	return p
}

// add puts keys of another leaf, which all begin with the prefix, in at the end.
func (l *leaf) add(o *leaf, from, to int) {
	more := o.prefix[min(len(l.prefix), len(o.prefix)):]
	cut := len(l.prefix) - (len(o.prefix) - len(more))
	for i := from; i < to; i++ {
		l.rests = append(append(l.rests, more...), o.rest(i)[cut:]...)
		l.ends = append(l.ends, uint32(len(l.rests)))
	}
	l.values = append(l.values, o.values[from:to]...)
}

// common is how many bytes two texts have in common at their beginning.
func common[A, B string | []byte](a A, b B) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (l *leaf) start(i int) int {
	if i == 0 {
		return 0
	}
	return int(l.ends[i-1])
}

// rest is what a key has behind the prefix.
func (l *leaf) rest(i int) []byte { return l.rests[l.start(i):l.ends[i]] }

// key is a key, in memory of its own.
func (l *leaf) key(i int) string { return l.prefix + string(l.rest(i)) }

// under reports whether a key begins with a prefix.
func (l *leaf) under(i int, prefix string) bool {
	n := common(l.prefix, prefix)
	return n == len(prefix) || n == len(l.prefix) && common(l.rest(i), prefix[n:]) == len(prefix)-n
}

// find is the place of the first key that is not less than key, and whether it is key.
func (l *leaf) find(key string) (int, bool) {
	rest, ok := strings.CutPrefix(key, l.prefix)
	if !ok {
		if key < l.prefix {
			return 0, false
		}
		return len(l.ends), false
	}
	low, high := 0, len(l.ends)
	for low < high {
		if half := (low + high) / 2; string(l.rest(half)) < rest {
			low = half + 1
		} else {
			high = half
		}
	}
	return low, low < len(l.ends) && string(l.rest(low)) == rest
}

// insert puts a key in at i.
func (l *leaf) insert(i int, key string, value []byte) {
	if len(l.ends) == 0 {
		l.prefix = key
	}
	l.shorten(common(l.prefix, key))
	rest := key[len(l.prefix):]
	l.makeRoom(len(rest))
	at, size := l.start(i), len(l.rests)
	l.rests = append(l.rests, rest...)
	copy(l.rests[at+len(rest):], l.rests[at:size])
	copy(l.rests[at:], rest)
	l.ends, l.values = slices.Insert(l.ends, i, uint32(at)), slices.Insert(l.values, i, value)
	for ; i < len(l.ends); i++ {
		l.ends[i] += uint32(len(rest))
	}
}

// shorten makes the prefix that many bytes long.
func (l *leaf) shorten(length int) {
	if length == len(l.prefix) {
		return
	}
	cut := l.prefix[length:]
	rests := make([]byte, 0, len(l.rests)+len(l.ends)*len(cut))
	start := 0
	for i, end := range l.ends {
		rests = append(append(rests, cut...), l.rests[start:end]...)
		start, l.ends[i] = int(end), uint32(len(rests))
	}
	l.prefix, l.rests = l.prefix[:length], rests
}

// makeRoom makes room for a rest of that many bytes: for as many like it as there can be,
// or like those that are there, where these are shorter.
func (l *leaf) makeRoom(size int) {
	if len(l.rests)+size <= cap(l.rests) {
		return
	}
	n := len(l.ends)
	like := min(size, len(l.rests)/max(n, 1))
	l.rests = append(make([]byte, 0, len(l.rests)+size+like*(maxKeys-1-n)), l.rests...)
}

// remove takes a key out.
func (l *leaf) remove(i int) {
	start, end := l.start(i), l.ends[i]
	l.rests = slices.Delete(l.rests, start, int(end))
	l.ends, l.values = slices.Delete(l.ends, i, i+1), slices.Delete(l.values, i, i+1)
	for ; i < len(l.ends); i++ {
		l.ends[i] -= end - uint32(start)
	}
}
