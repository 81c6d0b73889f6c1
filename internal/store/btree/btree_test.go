package btree

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// check fails the test where t is not as a tree has to be, and is the number of its leaves.
func check(tb testing.TB, t *Tree) (leaves int) {
	tb.Helper()
	depth := 0
	var walk func(n *node, from, to string, level int)
	walk = func(n *node, from, to string, level int) {
		keys := n.keys
		for i := range n.ends {
			keys = append(keys, n.key(i))
		}
		if !slices.IsSorted(keys) || len(keys) > maxKeys || n.age > t.age {
			tb.Fatalf("a node of age %d with the keys %q", n.age, keys)
		}
		for _, key := range keys {
			if key < from || to != "" && key >= to {
				tb.Fatalf("%q is not between %q and %q", key, from, to)
			}
		}
		if n.below == nil {
			if leaves++; leaves > 1 && level != depth || len(n.values) != len(keys) || len(keys) == 0 {
				tb.Fatalf("a leaf of %d keys and %d values at level %d, and one at %d", len(keys), len(n.values), level, depth)
			}
			depth = level
			return
		}
		if len(n.below) != len(n.keys)+1 {
			tb.Fatalf("%d keys and %d nodes below", len(n.keys), len(n.below))
		}
		for i, below := range n.below {
			low, high := from, to
			if i > 0 {
				low = n.keys[i-1]
			}
			if i < len(n.keys) {
				high = n.keys[i]
			}
			walk(below, low, high, level+1)
		}
	}
	if t.root != nil {
		walk(t.root, "", "", 0)
	}
	return leaves
}

// same fails the test where t does not hold what a map does.
func same(tb testing.TB, t *Tree, want map[string]string) {
	tb.Helper()
	check(tb, t)
	keys := slices.Sorted(maps.Keys(want))
	from := ""
	if len(keys) > 0 {
		from = keys[len(keys)/3] + "\x00"
	}
	for _, from := range []string{"", from, "~"} {
		i, _ := slices.BinarySearch(keys, from)
		t.Ascend(from, func(key string, value []byte) bool {
			if i >= len(keys) || key != keys[i] || string(value) != want[key] {
				tb.Fatalf("from %q: %q = %q comes as number %d", from, key, value, i)
			}
			i++
			return true
		})
		if i != len(keys) {
			tb.Fatalf("from %q: %d keys, want %d", from, i, len(keys))
		}
	}
	for i, key := range keys {
		other := keys[(i+i*i)%len(keys)]
		for _, prefix := range []string{key, other, key[:len(key)/2], other[:len(other)/2], key + "0"} {
			if at := t.Seek(key); at.Under(prefix) != strings.HasPrefix(key, prefix) {
				tb.Fatalf("%q is said to be under %q: %t", key, prefix, at.Under(prefix))
			}
		}
	}
}

// TestModel compares trees, and copies that share nodes with them, with maps.
func TestModel(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		type pair struct {
			tree *Tree
			want map[string]string
		}
		pairs := []pair{{new(Tree), map[string]string{}}}
		next := 0
		for step := range 6000 {
			p := &pairs[r.IntN(len(pairs))]
			key := fmt.Sprintf("%05d", r.IntN(4000))
			if r.IntN(2) == 0 { // which others begin with
				key = strings.Repeat("0", r.IntN(5)) + fmt.Sprintf("%.*s", r.IntN(12), fmt.Sprintf("%012b", r.IntN(4096)))
			}
			switch n := r.IntN(100); {
			case n < 30:
				value := fmt.Sprint(step)
				p.tree.Set(key, []byte(value))
				p.want[key] = value
			case n < 60: // a run
				value := fmt.Sprint(step)
				key = fmt.Sprintf("%05d-%06d", seed, next)
				next++
				p.tree.Set(key, []byte(value))
				p.want[key] = value
			case n < 80:
				p.tree.Delete(key)
				delete(p.want, key)
			case n < 98: // the first ones from somewhere on
				for range 1 + step/1000 {
					if at := p.tree.Seek(key); at.More() {
						key = at.Key()
						p.tree.Delete(key)
						delete(p.want, key)
					}
				}
			case len(pairs) < 4:
				pairs = append(pairs, pair{p.tree.Copy(), maps.Clone(p.want)})
			default:
				pairs = slices.Delete(pairs, 0, 1)
			}
			if value, found := pairs[0].tree.Get(key); found != (pairs[0].want[key] != "") || string(value) != pairs[0].want[key] {
				t.Fatalf("seed %d, step %d: %q is %q, want %q", seed, step, key, value, pairs[0].want[key])
			}
			if step%500 == 499 {
				for _, p := range pairs {
					same(t, p.tree, p.want)
				}
			}
		}
		for _, p := range pairs {
			for key := range p.want {
				p.tree.Delete(key)
				delete(p.want, key)
			}
			same(t, p.tree, p.want)
			if !p.tree.Empty() {
				t.Errorf("seed %d: without keys there is still a node", seed)
			}
		}
	}
}

// A nil value is one that is there: a draft's deletions.
func TestNilValue(t *testing.T) {
	var tree Tree
	tree.Set("a", nil)
	if value, found := tree.Get("a"); value != nil || !found || tree.Empty() {
		t.Errorf("%v, %v", value, found)
	}
}

// Queues' messages come in ascending order, each queue's in a place of its own.
func TestAscendingKeysFillTheNodes(t *testing.T) {
	const queues, each = 10, 2000
	var tree Tree
	for i := range each {
		for q := range queues {
			tree.Set(fmt.Sprintf("%d/%08d", q, i), nil)
		}
	}
	if leaves, least := check(t, &tree), queues*each/maxKeys; leaves > least*11/10 {
		t.Errorf("%d leaves, where %d can hold all", leaves, least)
	}
}

// What the keys of a leaf have in common takes memory once, and what has room for more keys
// has no more than they need.
func TestKeysOfMessagesTakeFewBytes(t *testing.T) {
	const messages, length, most = 20_000, 31, 12
	var tree Tree
	for i := range uint64(messages) {
		order := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, 1_700_000_000_000+i/10), i)
		tree.Set("sqs.b\x00\x00\x00\x00\x01\x00\x00\x00\x00m"+string(order), nil)
	}
	check(t, &tree)
	room, bytes := 0, 0
	var walk func(n *node)
	walk = func(n *node) {
		room += cap(n.rests)
		for i := range n.ends {
			bytes += len(n.key(i))
		}
		for _, below := range n.below {
			walk(below)
		}
	}
	walk(tree.root)
	if bytes != messages*length || room > messages*most {
		t.Errorf("keys of %d bytes take %d", bytes, room)
	}
}

func TestRandomKeysFillHalfOfTheNodes(t *testing.T) {
	const keys = 50_000
	var tree Tree
	r := rand.New(rand.NewPCG(1, 1))
	for range keys {
		tree.Set(fmt.Sprintf("%016x", r.Uint64()), nil)
	}
	if leaves, most := check(t, &tree), 2*keys/maxKeys; leaves > most {
		t.Errorf("%d leaves, want %d at most", leaves, most)
	}
}

// What is left of many keys, wherever they were, does not hold on to the nodes of all.
func TestDeletingGivesNodesUp(t *testing.T) {
	const keys, kept = 64_000, 1000
	var tree Tree
	for i := range keys {
		tree.Set(fmt.Sprintf("%08d", i), nil)
	}
	before := check(t, &tree)
	for i := range keys {
		if i%(keys/kept) != 0 {
			tree.Delete(fmt.Sprintf("%08d", i))
		}
	}
	if after, most := check(t, &tree), kept/minKeys; after > most {
		t.Errorf("%d leaves of %d for %d keys, want %d at most", after, before, kept, most)
	}
}

// A tree whose copy somebody reads copies what it changes, and nothing else.
func TestChangingACopy(t *testing.T) {
	var tree Tree
	for i := range 10_000 {
		tree.Set(fmt.Sprintf("%08d", i), []byte("old"))
	}
	before := tree.Copy()
	tree.Set("00005000", []byte("new"))
	tree.Delete("00007000")
	if value, _ := before.Get("00005000"); string(value) != "old" {
		t.Errorf("the copy reads %q", value)
	}
	if _, found := before.Get("00007000"); !found {
		t.Error("the copy has lost a key")
	}
	own, all := 0, 0
	var walk func(n *node)
	walk = func(n *node) {
		if all++; n.age == tree.age {
			own++
		}
		for _, below := range n.below {
			walk(below)
		}
	}
	walk(tree.root)
	if own > 2*3 || all < 100 {
		t.Errorf("%d of %d nodes are copied", own, all)
	}
}
