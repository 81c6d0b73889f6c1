package cloudtrail

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/waxseal/waxseal/internal/trail"
)

func isJSON(text, member, want string) bool {
	var record map[string]any
	return json.Unmarshal([]byte(text), &record) == nil && record[member] == want
}

// A partition keeps its newest calls, whatever others do.
func TestPartitionsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.call("First", func(e *trail.Event) { e.RecipientAccountID = other })
	for i := range 3*maxEntries + 5 {
		w.call(fmt.Sprint(i))
	}
	found := w.history.of(partition{account, region}, timeRange{0, latest})
	if len(found) != maxEntries || found[0].sequence != uint64(w.calls) {
		t.Errorf("%d calls are kept, the newest is %d of %d", len(found), found[0].sequence, w.calls)
	}
	if out, err := w.askAs(other, region, LookupEventsInput{}); err != nil || !slices.Equal(namesOf(out), []string{"First"}) {
		t.Errorf("the other account's are %q, %v", namesOf(out), err)
	}
	w.checkCounts()
}

// Where calls are large, the oldest of all partitions go.
func TestMemoryIsBounded(t *testing.T) {
	w := newWorld(t)
	shared := &trail.Piece{Size: maxBytes / 100}
	for i := range 40 {
		e := &trail.Event{EventName: fmt.Sprint(i), AWSRegion: region, RecipientAccountID: []string{account, other}[i%2]}
		w.Record(&done{events: []*trail.Event{e}, at: w.clock.Now(), size: maxBytes / 10, piece: shared})
		w.checkCounts()
	}
	// Nine fill the budget: what they share counts once, but counts. The tenth
	// makes room for itself and another.
	out, err := w.askAs(other, region, LookupEventsInput{})
	if mine := w.names(LookupEventsInput{}); err != nil || !slices.Equal(mine, []string{"38", "36", "34", "32"}) || !slices.Equal(namesOf(out), []string{"39", "37", "35", "33"}) {
		t.Errorf("%q and %q are left, %v", mine, namesOf(out), err)
	}
	w.call("small", func(e *trail.Event) { e.RecipientAccountID = other })
	w.Record(&done{events: []*trail.Event{{EventName: "huge", AWSRegion: region, RecipientAccountID: account}}, at: w.clock.Now(), size: 2 * maxBytes})
	if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"huge"}) || w.history.pieces.Bytes() != 0 {
		t.Errorf("%q is left, and %d bytes of pieces", got, w.history.pieces.Bytes())
	}
	w.checkCounts()
}

// Pieces count once, for as long as any call keeps them.
func TestPiecesOfCallsCount(t *testing.T) {
	w := newWorld(t)
	pieces := []*trail.Piece{{Size: 1000}, {Size: 1000}}
	add := func(p *trail.Piece) {
		w.Record(&done{events: []*trail.Event{{AWSRegion: region, RecipientAccountID: account}}, at: w.clock.Now(), piece: p})
	}
	for _, p := range []*trail.Piece{pieces[0], pieces[0], pieces[0], nil, nil, pieces[1], pieces[1], pieces[0], pieces[1]} {
		add(p)
	}
	q := w.history.queues[partition{account, region}]
	for i, want := range []int{2, 2, 2, 2, 2, 2, 2, 2, 1, 0} {
		if got := w.history.pieces.Bytes(); got != want*1000 {
			t.Errorf("after %d of the calls are gone, %d bytes are counted, not those of %d pieces", i, got, want)
		}
		if i < 9 {
			w.history.remove(q)
		}
	}
}

// checkCounts fails the test where what the history says of itself is not so.
func (w *world) checkCounts() {
	w.t.Helper()
	n, bytes := 0, 0
	for p, q := range w.history.queues {
		if q.first >= len(q.kept) {
			w.t.Fatalf("%v is empty", p)
		}
		for _, k := range q.kept[q.first:] {
			n, bytes = n+1, bytes+k.size
		}
	}
	if n != w.history.count || bytes != w.history.bytes {
		w.t.Fatalf("there are %d calls of %d bytes, not %d of %d", n, bytes, w.history.count, w.history.bytes)
	}
}
