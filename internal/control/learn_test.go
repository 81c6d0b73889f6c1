package control_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/learn"
	"github.com/waxseal/waxseal/server"
)

// Hints are given one by one, with the numbers and names that the server has.
func TestHints(t *testing.T) {
	s := servertest.New(t, server.Config{Account: "210987654321"})
	all, err := learn.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		for i, hint := range e.In("210987654321", "us-east-1").Hints {
			status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/learn/hint?exercise="+e.Name+"&number="+string(rune('1'+i)), "")
			var got struct{ Hint string }
			if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || got.Hint != hint {
				t.Errorf("%s, hint %d: %d %s, want %q", e.Name, i+1, status, body, hint)
			}
		}
	}
	for query, want := range map[string]struct {
		status int
		text   string
	}{
		"exercise=1&number=4":    {http.StatusNotFound, "has 3 hints"},
		"exercise=none&number=1": {http.StatusNotFound, `there is no exercise \"none\"`},
		"exercise=1&number=0":    {http.StatusBadRequest, "number is a positive number"},
		"exercise=1":             {http.StatusBadRequest, "number is a positive number"},
		"exercise=1&hint=1":      {http.StatusBadRequest, "hint"},
	} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/learn/hint?"+query, "")
		if status != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %s, want %d %s", query, status, body, want.status, want.text)
		}
	}
}
