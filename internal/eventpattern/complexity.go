package eventpattern

// maxComplexity is what a wildcard pattern may come to. AWS does not say what its bound
// is: this one lets everything by but the pattern of which a refusal was recorded, and what
// is no simpler than it [V200].
const maxComplexity = 10

// complexity is in how many places of the pattern a matcher can be at once, for the text
// that is worst for it: in all asterisks, and at the ends of all literals between them that
// one text can end with.
func (parts wild) complexity() int {
	literals := &literalTree{}
	for _, part := range parts[1:] {
		literals.add(part)
	}
	return len(parts) - 1 + max(1, literals.most())
}

// literalTree has the beginnings of literals, each with the number of literals that begin
// so: what Aho and Corasick search many texts with.
type literalTree struct {
	next  map[byte]*literalTree
	fail  *literalTree
	count int
}

func (t *literalTree) add(literal string) {
	for i := range len(literal) {
		c := literal[i]
		if t.next[c] == nil {
			if t.next == nil {
				t.next = map[byte]*literalTree{}
			}
			t.next[c] = &literalTree{}
		}
		t = t.next[c]
		t.count++
	}
}

// most is how many beginnings of literals one text can end with at most.
func (t *literalTree) most() int {
	most := 0
	for level := []*literalTree{t}; len(level) > 0; {
		var below []*literalTree
		for _, node := range level {
			for c, child := range node.next {
				child.fail = t
				for f := node.fail; f != nil; f = f.fail {
					if f.next[c] != nil {
						child.fail = f.next[c]
						break
					}
				}
				child.count += child.fail.count // those that are shorter
				most = max(most, child.count)
				below = append(below, child)
			}
		}
		level = below
	}
	return most
}
