package console_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/console"
)

// paths are the files of the page by their path below it, with where they stand here.
func paths(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("static", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		at := console.Folder + strings.TrimPrefix(filepath.ToSlash(name), "static/")
		if strings.HasSuffix(at, "/index.html") {
			at = ""
		}
		found[at] = name
		return nil
	})
	if err != nil || len(found) < 10 {
		t.Fatalf("%d files, %v", len(found), err)
	}
	return found
}

func ask(t *testing.T, method, below string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "/"+below, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	console.New().Serve(w, r, below)
	return w.Result()
}

func TestFilesAreServedClosedUp(t *testing.T) {
	t.Parallel()
	types := map[string]string{
		"": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
		".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	}
	for below := range paths(t) {
		if !console.New().Has(below) {
			t.Errorf("%q is not there", below)
			continue
		}
		answer := ask(t, http.MethodGet, below)
		if want := types[filepath.Ext(below)]; answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != want {
			t.Errorf("%q: %d, %q, want %q", below, answer.StatusCode, answer.Header.Get("Content-Type"), want)
		}
		if got := answer.Header.Get("X-Content-Type-Options") + " " + answer.Header.Get("Referrer-Policy"); got != "nosniff no-referrer" {
			t.Errorf("%q: %s", below, got)
		}
		csp := answer.Header.Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'",
			"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		} {
			if !strings.Contains(csp+";", want+";") {
				t.Errorf("%q: no %s in %s", below, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%q: %s", below, csp)
		}
	}
}

func TestWhatABrowserHoldsIsNotSentAgain(t *testing.T) {
	t.Parallel()
	first := ask(t, http.MethodGet, "")
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("ETag %q, Cache-Control %q", tag, first.Header.Get("Cache-Control"))
	}
	if again := ask(t, http.MethodGet, "", "If-None-Match", tag); again.StatusCode != http.StatusNotModified || again.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("%d %v", again.StatusCode, again.Header)
	}
	if other := ask(t, http.MethodGet, "", "If-None-Match", `"other"`); other.StatusCode != http.StatusOK {
		t.Errorf("%d", other.StatusCode)
	}
	if head := ask(t, http.MethodHead, ""); head.StatusCode != http.StatusOK || head.ContentLength == 0 || head.Header.Get("ETag") != tag {
		t.Errorf("%d, %d bytes", head.StatusCode, head.ContentLength)
	}
}

func TestOnlyFilesAreThere(t *testing.T) {
	t.Parallel()
	for _, below := range []string{"console/", "console", "console/index.html", "index.html", "console/../console.go", "console/vendor", "static/app.js", "/"} {
		if console.New().Has(below) {
			t.Errorf("%q is there", below)
		}
	}
}

// maxBytes is how much the first load may be, were it to load all there is.
const maxBytes = 400_000

func TestThePageIsSmall(t *testing.T) {
	t.Parallel()
	var total int64
	for _, name := range paths(t) {
		if filepath.Ext(name) == ".txt" {
			continue // which the page does not load
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	t.Logf("%d bytes", total)
	if total > maxBytes {
		t.Errorf("the page has %d bytes, and may have %d", total, maxBytes)
	}
}

// What a Content-Security-Policy keeps from running must not be tried: the page would be
// broken. And what it cannot keep out must not be there.
func TestFilesKeepToThemselves(t *testing.T) {
	t.Parallel()
	forbidden := map[string]*regexp.Regexp{
		"an address outside":             regexp.MustCompile(`(?i)\b(?:https?|wss?)://[^\s"'` + "`" + `<>)]+`),
		"an address without a scheme":    regexp.MustCompile(`(?i)(?:src|href|url|import|from)\s*[=(]?\s*["']//`),
		"a handler in markup":            regexp.MustCompile(`\son[a-z]+=["']`),
		"a style in markup":              regexp.MustCompile(`\sstyle=["']`),
		"a script in markup":             regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]`),
		"a style sheet in markup":        regexp.MustCompile(`(?i)<style`),
		"text that is taken for markup":  regexp.MustCompile(`(?:inner|outer)HTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|createContextualFragment|DOMParser`),
		"text that is taken for program": regexp.MustCompile(`\beval\(|new Function|javascript:`),
		"a source map":                   regexp.MustCompile(`sourceMappingURL`),
	}
	namespaces := regexp.MustCompile(`http://www\.w3\.org/(?:2000/svg|1999/xlink|1999/xhtml|1998/Math/MathML|XML/1998/namespace)`)
	for _, name := range paths(t) {
		if filepath.Ext(name) == ".txt" {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := namespaces.ReplaceAllString(string(content), "")
		for what, pattern := range forbidden {
			if what == "text that is taken for markup" && strings.Contains(filepath.ToSlash(name), "/vendor/") {
				continue // Preact can; that no view asks it to is what is looked at
			}
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has %s: %s", name, what, found)
			}
		}
	}
}

// imports are what modules import, by their names in the source.
var imports = regexp.MustCompile(`(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]`)

func TestImportsLeadSomewhere(t *testing.T) {
	t.Parallel()
	files := paths(t)
	for below, name := range files {
		if suffix := filepath.Ext(name); suffix != ".js" && suffix != ".mjs" {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range imports.FindAllStringSubmatch(string(content), -1) {
			to := filepath.ToSlash(filepath.Join(filepath.Dir(below), found[1]))
			if !strings.HasPrefix(found[1], ".") || files[to] == "" {
				t.Errorf("%s imports %s, which is not there", name, found[1])
			}
		}
	}
}
