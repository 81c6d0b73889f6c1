package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

func TestThePageIsFreeOfTheToken(t *testing.T) {
	s := servertest.New(t, server.Config{ControlToken: "s3cret", AllowHosts: []string{"waxseal.test"}})
	page := []string{"User-Agent", chromium, "Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	file := []string{"User-Agent", chromium, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "script"}
	for _, test := range []struct {
		method, target string
		want           int
		header         []string
	}{
		{http.MethodGet, "/_waxseal/", 200, page},
		{http.MethodHead, "/_waxseal/", 200, page},
		{http.MethodGet, "/_waxseal", 308, page},
		{http.MethodGet, "/_waxseal/console/app.js", 200, file},
		{http.MethodGet, "/_waxseal/console/app.js", 200, append(file, "Host", "waxseal.test:4566")},
		{http.MethodGet, "/_waxseal/console/app.js", 403, append(file, "Host", "evil.example")},
		{http.MethodGet, "/_waxseal/", 200, append(page, "Sec-Fetch-Site", "cross-site", "Referer", "https://chat.example/")}, // a link
		{http.MethodGet, "/_waxseal/", 403, append(page, "Sec-Fetch-Site", "cross-site", "Host", "evil.example")},
		{http.MethodGet, "/_waxseal/", 403, append(page, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe")},
		{http.MethodGet, "/_waxseal/console/app.js", 403, append(file, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors")},
		{http.MethodGet, "/_waxseal/decisions", 403, append(page, "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer s3cret")},
		{http.MethodGet, "/_waxseal/", 403, append(page, "X-Amz-Sns-Rawdelivery", "true")},
		{http.MethodGet, "/_waxseal/console/app.js", 403, append(file, "Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:3000")},
		{http.MethodPost, "/_waxseal/", 401, file},
		{http.MethodGet, "/_waxseal/console/none.js", 401, file},
		{http.MethodGet, "/_waxseal/console/none.js", 404, append(file, "Authorization", "Bearer s3cret")},
		{http.MethodGet, "/_waxseal/console/../decisions", 401, file},
		{http.MethodGet, "/_waxseal/console/%2e%2e/decisions", 401, file},
		{http.MethodGet, "/_waxseal/decisions", 401, file},
	} {
		if status, body := servertest.Ask(s, test.method, test.target, "", test.header...); status != test.want {
			t.Errorf("%s %s %v answered %d %s, want %d", test.method, test.target, test.header, status, body, test.want)
		}
	}
}

func TestThePageIsClosedUp(t *testing.T) {
	s := servertest.New(t, server.Config{})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4566/_waxseal/", nil))
	header := w.Result().Header
	if csp := header.Get("Content-Security-Policy"); w.Code != http.StatusOK || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(w.Body.String(), `src="console/app.js"`) {
		t.Errorf("%d, %s, %s", w.Code, csp, w.Body)
	}
	if got := header.Get("Cross-Origin-Resource-Policy"); got != "same-origin" {
		t.Error(got)
	}
}

// What the control API answers, a refusal too, is shown by no page and kept by no browser.
func TestAnswersAreNoPages(t *testing.T) {
	s := servertest.New(t, server.Config{ControlToken: "s3cret"})
	for target, want := range map[string]int{
		"/_waxseal": 308, "/_waxseal/health": 200, "/_waxseal/decisions": 401, "/_waxseal/console/none.js": 401, "/_localstack/health": 200,
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4566"+target, nil))
		header := w.Result().Header
		if got := header.Get("Content-Security-Policy") + "; " + header.Get("Cache-Control"); w.Code != want || got != "default-src 'none'; frame-ancestors 'none'; no-store" {
			t.Errorf("%s: %d %s", target, w.Code, got)
		}
	}
}
