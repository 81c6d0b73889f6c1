package sqs

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

// After a receive the counts say until when no index has to be looked at.
func TestCountsSayWhenSomethingMayBeDue(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "VisibilityTimeout", "30")
	w.sendTo(url, "one")
	w.receiveFrom(url, 1)
	var n counts
	err := w.Engine.View(ctx(), func(r store.Reader) error {
		v := look(r, w.queues.Get(r, name{account, region, "q"}.key()), start)
		n = v.counts()
		return nil
	})
	if now := start.UnixMilli(); err != nil || n.oldest != now || n.deadline != now+30_000 {
		t.Errorf("at %d: %+v, %v", now, n, err)
	}
	n.stale = 7
	if got := decodeCounts(n.encode()); got != n {
		t.Errorf("%+v was stored, and is read as %+v", n, got)
	}
	earlier := n
	earlier.oldest, earlier.deadline, earlier.stale = 0, 0, 0
	if got := decodeCounts(n.encode()[:earlierSize]); got != earlier {
		t.Errorf("%+v was stored by an earlier version, and is read as %+v", earlier, got)
	}
}
