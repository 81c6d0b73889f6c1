package control

import (
	"context"
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
		w := httptest.NewRecorder()
		if err := stream(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), nil, nil, nil, func(int) []event { return nil }); err != nil {
			t.Fatal(err)
		}
		if got, want := w.Body.String(), ": ping\n\n: ping\n\n"; got != want {
			t.Errorf("in 40 s came %q, want %q", got, want)
		}
	})
}
