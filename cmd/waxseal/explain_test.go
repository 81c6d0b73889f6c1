package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is to be explained is asked of the server, as a text or as data.
func TestExplainAsksTheServer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.RequestURI()+"\n")
	}))
	defer s.Close()
	t.Setenv("AWS_CA_BUNDLE", "")
	for args, want := range map[string]string{
		"":                "/_waxseal/explain?",
		"1":               "/_waxseal/explain?request-id=1",
		"1 --all":         "/_waxseal/explain?all=true&request-id=1",
		"--message m":     "/_waxseal/explain?message-id=m",
		"--message a&b=c": "/_waxseal/explain?message-id=a%26b%3Dc",
		"--json":          "/_waxseal/decisions?decision=Deny&limit=1",
		"1 --json":        "/_waxseal/decisions?request-id=1",
	} {
		out, status, err := command(t, "", append([]string{"explain", "--endpoint-url", s.URL}, strings.Fields(args)...)...)
		if err != nil || status != 0 || out != want+"\n" {
			t.Errorf("explain %s: %q (status %d, %v), want %s", args, out, status, err, want)
		}
	}
}

// Nothing to explain is an answer, no; an error is another status.
func TestExplainOfNothing(t *testing.T) {
	for answer, want := range map[int]int{http.StatusNotFound: exitNo, http.StatusBadRequest: exitUsage} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer)
			_, _ = io.WriteString(w, `{"error":"no request has been denied"}`)
		}))
		out, status, err := command(t, "", "explain", "--endpoint-url", s.URL)
		s.Close()
		if status != want || err == nil || err.Error() != "no request has been denied" || out != "" {
			t.Errorf("%d is status %d, %v, %q; want %d", answer, status, err, out, want)
		}
	}
}
