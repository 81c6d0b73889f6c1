package wire

import (
	"bytes"
	"sync"
)

// The neutral tree: what both parsers make of a request and the binder reads.
// Values stay as they stand in the request until a member asks for them.

// kind is what a node is.
type kind uint8

const (
	kindNull kind = iota
	kindTrue
	kindFalse
	kindNumber // raw
	kindString // raw, with its quotes and escapes
	kindText   // text: Query has no types
	kindObject
	kindList
)

// node is a value and its place in the tree. Query's lists and maps are objects
// here, for only the member's type tells them from structures.
type node struct {
	kind kind
	// hasText: a parameter of Query names this node itself, and not only nodes below it.
	hasText bool
	indexed bool   // its children are in the tree's index
	name    []byte // within its object
	raw     []byte // in the request
	text    string
	// The next of its parent's children, its own first and last child, their
	// number; 0 is the root and so is nobody's child.
	next, first, last, count int32
}

// Limits on a request's form. AWS's own are not documented; no request that
// AWS accepts comes near these.
const (
	maxNodes = 1 << 15
	maxDepth = 32
)

// tree is the nodes of one request; the root is the first.
type tree struct {
	nodes []node
	// index finds the children of objects that have many of them, so that a
	// parser does not look through all for each.
	index map[childKey]int32
	// slots and path are the binder's, kept with the tree to be used again.
	slots []int32
	path  []step
}

type childKey struct {
	parent int32
	name   string
}

var trees = sync.Pool{New: func() any { return new(tree) }}

func newTree(root kind) *tree {
	t := trees.Get().(*tree)
	t.nodes = append(t.nodes, node{kind: root})
	return t
}

// release gives the tree back. Nothing in it refers to the request any more.
func (t *tree) release() {
	if cap(t.nodes) > 1<<10 {
		return // one large request should not keep its memory for ever
	}
	clear(t.nodes)
	clear(t.path[:cap(t.path)])
	t.nodes, t.index, t.slots, t.path = t.nodes[:0], nil, t.slots[:0], t.path[:0]
	trees.Put(t)
}

// add appends a node to the children of parent.
func (t *tree) add(parent int32, n node) int32 {
	at := int32(len(t.nodes))
	t.nodes = append(t.nodes, n)
	p := &t.nodes[parent]
	if p.count == 0 {
		p.first = at
	} else {
		t.nodes[p.last].next = at
	}
	p.last = at
	p.count++
	return at
}

// manyChildren is from when on an object's children are indexed.
const manyChildren = 16

// child finds a child by name, or adds it.
func (t *tree) child(parent int32, name []byte) int32 {
	p := &t.nodes[parent]
	if p.count <= manyChildren {
		for c := p.first; c != 0; c = t.nodes[c].next {
			if bytes.Equal(t.nodes[c].name, name) {
				return c
			}
		}
		return t.add(parent, node{kind: kindText, name: name})
	}
	if !p.indexed {
		p.indexed = true
		if t.index == nil {
			t.index = make(map[childKey]int32)
		}
		for c := p.first; c != 0; c = t.nodes[c].next {
			t.index[childKey{parent, string(t.nodes[c].name)}] = c
		}
	}
	if c, ok := t.index[childKey{parent, string(name)}]; ok {
		return c
	}
	c := t.add(parent, node{kind: kindText, name: name})
	t.index[childKey{parent, string(name)}] = c
	return c
}
