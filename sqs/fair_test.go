package sqs

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A tenant with a backlog does not keep the others waiting (fair queues).
func TestFairQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	for i := range 40 {
		w.post(url, fmt.Sprint("loud-", i))
	}
	w.post(url, "calm-0")
	w.sendTo(url, "nobody's")
	w.post(url, "calm-1", "loud-40")
	first := w.receiveFrom(url, 10)
	for i, m := range first {
		if want := fmt.Sprint("loud-", i); m.Body != want {
			t.Errorf("while nothing is in flight: %s, want %s", m.Body, want)
		}
	}
	wantBodies(t, w.receiveFrom(url, 5), "calm-0", "nobody's", "calm-1", "loud-10", "loud-11")
	w.wantCounts(url, 29, 15, 0)
	w.post(url, "calm-2")
	wantBodies(t, w.receiveFrom(url, 1), "calm-2")
	for _, m := range first {
		w.delete(url, m.ReceiptHandle)
	}
	w.post(url, "calm-3")
	wantBodies(t, w.receiveFrom(url, 2), "loud-12", "loud-13") // it is a tenant like others again
	w.clock.Advance(30 * time.Second)
	for range 10 {
		for _, m := range w.receiveFrom(url, 10) {
			group, _, _ := strings.Cut(m.Body, "-")
			if m.Body != "nobody's" && m.Attributes["MessageGroupId"] != group {
				t.Errorf("%q has the group %q", m.Body, m.Attributes["MessageGroupId"])
			}
			w.delete(url, m.ReceiptHandle)
		}
	}
	w.wantCounts(url, 0, 0, 0)
}
