package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// Folder is the path of the page's files, below the path of the page, which ends in a
// slash.
const Folder = "console/"

// policy lets the page load its own files and ask its own server, and nothing else: what
// a queue's name or a message's body smuggles in is neither run nor sent anywhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// types are the content types, which must not depend on what the machine says of suffixes.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".mjs":  "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// file is one of the page's files.
type file struct {
	content     []byte
	contentType string
	tag         string // its ETag
}

// Page is the console: its page and the files of it.
type Page struct {
	// files are by their path below the page's: "" is the page.
	files map[string]*file
}

// New is the console.
func New() *Page {
	p := &Page{map[string]*file{}}
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		sum := sha256.Sum256(content)
		at := Folder + strings.TrimPrefix(name, "static/")
		if at == Folder+"index.html" {
			at = ""
		}
		p.files[at] = &file{content, types[path.Ext(name)], `"` + hex.EncodeToString(sum[:16]) + `"`}
		return err
	})
	if err != nil {
		panic(err) // what is embedded can be read
	}
	return p
}

// Has reports whether there is a file at a path below the page's.
func (p *Page) Has(below string) bool { return p.files[below] != nil }

// Serve answers a GET or HEAD of a file that there is. A browser asks each time whether
// the file it holds is still the one: a page must not outlive the server it came with.
func (p *Page) Serve(w http.ResponseWriter, r *http.Request, below string) {
	f := p.files[below]
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("ETag", f.tag)
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}
