// Package btree is the copy-on-write tree that engines keep what is in memory in.
package btree

import "slices"

// maxKeys is how many keys a node has at most. Nodes are made with room for so many:
// the arrays of 63 values, and of 63 keys and 64 nodes, fill what Go allocates for them.
const maxKeys = 63

// minKeys is below how many keys a node is merged with the one beside it, where both
// fit into one.
const minKeys = maxKeys / 4

// Tree is a B+ tree: the values are in the leaves, and the nodes above hold keys that
// divide them. Keys that come in ascending order, as those of a queue's messages do,
// leave full nodes behind, wherever in the tree that is. The zero value is an empty
// tree. While nobody changes it, any number may read it.
type Tree struct {
	root *node // nil: it is empty
	// age tells the nodes that are this tree's own from those that it shares with its
	// copies and with the trees that it is a copy of: those are older.
	age uint64
}

// node is a leaf, or has nodes below it: below[i] has the keys from keys[i-1] on, up to but
// without keys[i].
type node struct {
	age  uint64 // of the tree that may change it
	last int    // where the last key was put in
	leaf
	keys  []string
	below []*node
}

// size is how many keys it has.
func (n *node) size() int { return len(n.ends) + len(n.keys) }

// Copy is a tree of the same content, at once: the two share their nodes, and each copies
// those that it changes. Others may read t meanwhile, but not copy it.
func (t *Tree) Copy() *Tree {
	t.age++ // of what either of them makes from now on; the other does not have it
	return &Tree{root: t.root, age: t.age}
}

// Empty reports whether there is no key.
func (t *Tree) Empty() bool { return t.root == nil }

// toward is the place of the node below that has key, if any has.
func (n *node) toward(key string) int {
	i, found := slices.BinarySearch(n.keys, key)
	if found {
		i++
	}
	return i
}

// leaf is the leaf that has key, if any has. next is the least key that a leaf behind it
// can have; empty: there is none.
func (t *Tree) leaf(key string) (n *node, next string) {
	n = t.root
	for n != nil && n.below != nil {
		i := n.toward(key)
		if i < len(n.keys) {
			next = n.keys[i]
		}
		n = n.below[i]
	}
	return n, next
}

// Get is the value of a key.
func (t *Tree) Get(key string) (value []byte, found bool) {
	n, _ := t.leaf(key)
	if n == nil {
		return nil, false
	}
	i, found := n.find(key)
	if !found {
		return nil, false
	}
	return n.values[i], true
}

// Ascend yields the entries from a key on.
func (t *Tree) Ascend(from string, yield func(key string, value []byte) bool) {
	p := t.Seek(from)
	for p.More() && yield(p.Key(), p.Value()) {
		p.Step()
	}
}

// Place is that of an entry in a tree that nobody changes, or the end.
type Place struct {
	tree *Tree
	leaf *node
	i    int
	next string // where the leaf behind begins; empty: there is none
}

// Seek is the place of the first entry whose key is not less than from.
func (t *Tree) Seek(from string) Place {
	p := Place{tree: t}
	if p.leaf, p.next = t.leaf(from); p.leaf != nil {
		p.i, _ = p.leaf.find(from)
		p.settle()
	}
	return p
}

// More reports whether there is an entry.
func (p *Place) More() bool { return p.leaf != nil && p.i < len(p.leaf.ends) }

// Under reports whether there is an entry whose key begins with a prefix.
func (p *Place) Under(prefix string) bool { return p.More() && p.leaf.under(p.i, prefix) }

// Key is the entry's key, in memory of its own.
func (p *Place) Key() string { return p.leaf.key(p.i) }

// Value is the entry's value.
func (p *Place) Value() []byte { return p.leaf.values[p.i] }

// Step goes on to the next entry.
func (p *Place) Step() {
	p.i++
	p.settle()
}

// settle goes on to the leaves behind until there is an entry.
func (p *Place) settle() {
	for p.i >= len(p.leaf.ends) && p.next != "" {
		p.leaf, p.next = p.tree.leaf(p.next)
		p.i = 0
	}
}

// own is the node at a place in the tree, for t to change: a copy, if another tree has it.
func (t *Tree) own(at **node) *node {
	n := *at
	if n.age == t.age {
		return n
	}
	c := &node{age: t.age, last: n.last}
	if n.below == nil {
		c.leaf = n.copied()
	} else {
		c.keys, c.below = withRoom(n.keys), append(make([]*node, 0, maxKeys+1), n.below...)
	}
	*at = c
	return c
}

func withRoom[T any](some []T) []T { return append(make([]T, 0, maxKeys), some...) }

// Set sets the value of a key.
func (t *Tree) Set(key string, value []byte) {
	if t.root == nil {
		t.root = &node{age: t.age, leaf: newLeaf()}
	}
	if right, from := t.put(&t.root, key, value); right != nil {
		t.root = &node{age: t.age, keys: withRoom([]string{from}), below: append(make([]*node, 0, maxKeys+1), t.root, right)}
	}
}

// put sets the value of a key below a place in the tree. Where the node there has to be
// split, right is its right part, which has the keys from from on.
func (t *Tree) put(at **node, key string, value []byte) (right *node, from string) {
	n := t.own(at)
	if n.below == nil {
		i, found := n.find(key)
		if found {
			n.values[i] = value
			return nil, ""
		}
		if len(n.ends) < maxKeys {
			n.put(i, key, value)
			return nil, ""
		}
		right = t.split(n, n.cut(i))
		from = key // where right is empty
		if len(right.ends) > 0 {
			from = right.key(0)
		}
		if cut := len(n.ends); i < cut || i == cut && key < from {
			n.put(i, key, value)
		} else {
			right.put(i-cut, key, value)
		}
		return right, from
	}
	i := n.toward(key)
	part, from := t.put(&n.below[i], key, value)
	if part == nil {
		return nil, ""
	}
	if len(n.keys) < maxKeys {
		n.insertBelow(i, from, part)
		return nil, ""
	}
	cut := n.cut(i)
	if cut == maxKeys { // of the keys, the last goes up; something has to be on its right
		cut--
	}
	up := n.keys[cut]
	right = t.split(n, cut)
	if i <= cut {
		n.insertBelow(i, from, part)
	} else {
		right.insertBelow(i-cut-1, from, part)
	}
	return right, up
}

// cut is where a full node is to be split for a key to be put in at i: in the middle, but
// in a run of ascending keys behind those that have come.
func (n *node) cut(i int) int {
	if i == n.last+1 {
		return i
	}
	return maxKeys / 2
}

func (n *node) put(i int, key string, value []byte) {
	n.insert(i, key, value)
	n.last = i
}

// insertBelow puts a node in behind below[i]; its keys are those from a key on.
func (n *node) insertBelow(i int, from string, below *node) {
	n.keys, n.below = slices.Insert(n.keys, i, from), slices.Insert(n.below, i+1, below)
	n.last = i
}

// split cuts off the keys of n from cut on, and is a node of them; of a node that is no
// leaf without the first of them, which divides the two.
func (t *Tree) split(n *node, cut int) (right *node) {
	right = &node{age: t.age, last: n.last - cut}
	if n.below == nil {
		right.leaf = n.part(cut, maxKeys)
		if cut < maxKeys {
			n.leaf = n.part(0, cut)
		}
		return right
	}
	right.keys, right.below = withRoom(n.keys[cut+1:]), append(make([]*node, 0, maxKeys+1), n.below[cut+1:]...)
	right.last--
	n.keys, n.below = slices.Delete(n.keys, cut, len(n.keys)), slices.Delete(n.below, cut+1, len(n.below))
	return right
}

// Delete removes a key, if it is there.
func (t *Tree) Delete(key string) {
	if t.root == nil {
		return
	}
	t.remove(&t.root, key)
	for len(t.root.below) == 1 {
		t.root = t.root.below[0]
	}
	if t.root.empty() {
		t.root = nil
	}
}

func (n *node) empty() bool { return len(n.ends) == 0 && len(n.below) == 0 }

// remove removes a key below a place in the tree.
func (t *Tree) remove(at **node, key string) {
	n := t.own(at)
	if n.below == nil {
		if i, found := n.find(key); found {
			n.remove(i)
			if i <= n.last {
				n.last--
			}
		}
		return
	}
	i := n.toward(key)
	t.remove(&n.below[i], key)
	switch below := n.below[i]; {
	case below.empty():
		n.drop(max(i-1, 0), i)
	case below.size() < minKeys && !t.merge(n, i-1):
		t.merge(n, i)
	}
}

// drop removes a key, if there is one, and a node below.
func (n *node) drop(key, below int) {
	if len(n.keys) > 0 {
		n.keys = slices.Delete(n.keys, key, key+1)
	}
	n.below = slices.Delete(n.below, below, below+1)
	if key <= n.last {
		n.last--
	}
}

// merge makes one node of the two below n that keys[i] divides, where they fit into one.
func (t *Tree) merge(n *node, i int) bool {
	if i < 0 || i >= len(n.keys) || n.below[i].size()+n.below[i+1].size() >= maxKeys {
		return false
	}
	left, right := t.own(&n.below[i]), n.below[i+1]
	if left.below == nil {
		left.shorten(common(left.prefix, right.prefix))
		left.add(&right.leaf, 0, len(right.ends))
	} else {
		left.keys, left.below = append(append(left.keys, n.keys[i]), right.keys...), append(left.below, right.below...)
	}
	n.drop(i, i+1)
	return true
}
