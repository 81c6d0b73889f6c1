package server

import (
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/console"
	"github.com/waxseal/waxseal/internal/control"
)

// page is the console, for which who starts a server does not wait.
var page = sync.OnceValue(console.New)

// belowPage is the path of a file of the page, below the page's own.
func belowPage(r *http.Request) string {
	return strings.TrimPrefix(r.URL.Path, control.Prefix+"/")
}

// isPage reports whether a request is for the page or one of its files. They hold
// nothing that a token protects, and the page is where a person types it in.
func isPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	return r.URL.Path == control.Prefix || strings.HasPrefix(r.URL.Path, control.Prefix+"/") && page().Has(belowPage(r))
}

// followsLink reports whether a browser opens the page in a tab, by a link from anywhere: it asks nothing by itself.
func followsLink(r *http.Request) bool {
	return isPage(r) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// routePage adds the page to a router.
func routePage(r *mux.Router) {
	r.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return isPage(r) }).HandlerFunc(servePage)
}

func servePage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == control.Prefix { // typed in without its last slash
		http.Redirect(w, r, control.Prefix+"/", http.StatusPermanentRedirect)
		return
	}
	page().Serve(w, r, belowPage(r))
}
