package control

import (
	"context"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
)

// Proxies and clients close what is silent for long.
func TestStreamsSayThatTheyAreAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		w, none := httptest.NewRecorder(), func(func(event) bool) {}
		if err := stream(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), nil, nil, none); err != nil {
			t.Fatal(err)
		}
		if got, want := w.Body.String(), ": ping\n\n: ping\n\n"; got != want {
			t.Errorf("in 40 s came %q, want %q", got, want)
		}
	})
}

// leaving is a reader that goes away after some writes.
type leaving struct {
	*httptest.ResponseRecorder
	writes int
}

func (w *leaving) Write(b []byte) (int, error) {
	if w.writes--; w.writes < 0 {
		return 0, net.ErrClosed
	}
	return w.ResponseRecorder.Write(b)
}

// What a slow reader has not got yet is not held for it.
func TestStreamsMakeEventsWhenTheyAreRead(t *testing.T) {
	made := 0
	all := func(yield func(event) bool) {
		for made < 1000 {
			if made++; !yield(event{data: made}) {
				return
			}
		}
	}
	w := &leaving{httptest.NewRecorder(), 3}
	if err := stream(w, httptest.NewRequest(http.MethodGet, "/", nil), nil, nil, all); err != nil || made != 4 {
		t.Errorf("%d events were made for a reader of 3: %v", made, err)
	}
}

// The last of a burst comes too, though nothing comes after it.
func TestWhoIsLateMissesNothing(t *testing.T) {
	log := trail.NewLog(trail.Limits[int]{Entries: 5000, Bytes: 1 << 20, Size: func(int) int { return 1 }})
	added, stop := log.Follow()
	defer stop()
	more := since(log, log.Added(), func(n int) iter.Seq[event] {
		return func(yield func(event) bool) { yield(event{data: n}) }
	})
	next := 0
	for _, burst := range []int{3000, 1, 700} {
		for i := range burst {
			log.Add(next + i)
		}
		<-added
		for e := range more {
			if e.data != next {
				t.Fatalf("%v came, want %d", e.data, next)
			}
			next++
		}
	}
	if next != 3701 {
		t.Errorf("%d came", next)
	}
}
