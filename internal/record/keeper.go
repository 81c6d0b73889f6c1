package record

import (
	"hash/maphash"
	"runtime"
	"sync"
	"weak"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Keeper makes what is kept of calls and decisions: each has little of its own, and refers
// to pieces that it shares with others. It is safe for concurrent use.
type Keeper struct {
	// Source gives the condition keys of a request that are looked up only when a policy
	// asks for them. owner is the account of what the request acts on, tags are the tags of that.
	Source func(r *api.Request, owner string, tags map[string]string) policyeval.Source
	// Parameters appends an input or output as a CloudTrail record shows it.
	Parameters func(dst []byte, shape any) []byte

	documents documents

	mu        sync.Mutex
	profiles  recent[Profile]
	questions recent[question]
	shapes    recent[shape]
	pinned    trail.Pieces // by those three
	seen      [1 << 10]uint64
}

// maxPinned is how many bytes the pieces take that a Keeper has at hand.
const maxPinned = 768 << 10

var seed = maphash.MakeSeed()

// hash is that of a few texts.
func hash(texts ...string) uint64 {
	h := uint64(0)
	for _, text := range texts {
		h = h*0x9E3779B97F4A7C15 ^ maphash.String(seed, text)
	}
	return h
}

// again reports whether the hash was seen lately. What comes once, as the name of an object
// in S3 does, is not worth a piece of its own.
func (k *Keeper) again(h uint64) bool {
	place := &k.seen[h%uint64(len(k.seen))]
	was := *place == h
	*place = h
	return was
}

// recent has pieces at hand that were used lately: two for each of the hashes.
type recent[T any] [1 << 8][2]*T

// find is the piece that same is true for; nil: it is not at hand.
func (r *recent[T]) find(h uint64, same func(*T) bool) *T {
	set := &r[h%uint64(len(r))]
	if first := set[0]; first != nil && same(first) {
		return first
	}
	if second := set[1]; second != nil && same(second) {
		set[0], set[1] = second, set[0]
		return second
	}
	return nil
}

// put has a piece at hand from now on, in the place of the one that was used longest ago.
func put[T any](k *Keeper, r *recent[T], h uint64, v *T, piece func(*T) *trail.Piece) {
	set := &r[h%uint64(len(r))]
	if old := set[1]; old != nil {
		k.pinned.Release(piece(old))
	}
	set[0], set[1] = v, set[0]
	if k.pinned.Hold(piece(v)); k.pinned.Bytes() > maxPinned {
		k.profiles, k.questions, k.shapes, k.pinned = recent[Profile]{}, recent[question]{}, recent[shape]{}, trail.Pieces{}
	}
}

// documents are those that something refers to, by their text.
type documents struct {
	sync.Mutex
	byText map[string]weak.Pointer[document]
}

func (d *documents) add(kept *document) {
	if d.byText == nil {
		d.byText = map[string]weak.Pointer[document]{}
	}
	pointer := weak.Make(kept)
	d.byText[kept.text] = pointer
	runtime.AddCleanup(kept, func(text string) {
		d.Lock()
		defer d.Unlock()
		if d.byText[text] == pointer {
			delete(d.byText, text)
		}
	}, kept.text)
}
