package eventpattern

// trie has postings by texts, and finds all with which another text begins.
type trie struct {
	here *posting
	next []branch
}

type branch struct {
	by byte
	to *trie
}

func (t *trie) empty() bool { return len(t.next) == 0 }

func (t *trie) child(by byte) *trie {
	for i := range t.next {
		if t.next[i].by == by {
			return t.next[i].to
		}
	}
	return nil
}

func (t *trie) entry(text string, add bool) *posting {
	for i := range len(text) {
		child := t.child(text[i])
		if child == nil {
			if !add {
				return nil
			}
			child = &trie{}
			t.next = append(t.next, branch{text[i], child})
		}
		t = child
	}
	if t.here == nil && add {
		t.here = &posting{}
	}
	return t.here
}

func (t *trie) find(text string, each func(*posting)) {
	for i := range len(text) {
		if t = t.child(text[i]); t == nil {
			return
		}
		each(t.here)
	}
}
