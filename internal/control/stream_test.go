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
)

// Proxies and clients close what is silent for long.
func TestStreamsSayThatTheyAreAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		w, none := httptest.NewRecorder(), func(func(event) bool) {}
		if err := stream(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), nil, none, nil, func(int) iter.Seq[event] { return none }); err != nil {
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
	if err := stream[int](w, httptest.NewRequest(http.MethodGet, "/", nil), nil, all, nil, nil); err != nil || made != 4 {
		t.Errorf("%d events were made for a reader of 3: %v", made, err)
	}
}
