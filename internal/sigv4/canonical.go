package sigv4

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// canonical appends the canonical request. payload is the body's hash in hexadecimal, or
// what stands in its place.
func (s *Signature) canonical(b []byte, r *http.Request, host, path string, payload []byte) []byte {
	b = append(append(b, r.Method...), '\n')
	b = append(append(b, path...), '\n')
	b = append(s.canonicalQuery(b, r.URL.RawQuery), '\n')
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		b = append(canonicalHeader(b, r, host, strings.ToLower(name)), '\n')
	}
	b = append(b, '\n')
	b = append(append(b, s.signedHeaders...), '\n')
	return append(b, payload...)
}

// variants are the one or two forms of a text that may have been signed.
type variants struct {
	texts [2]string
	n     int
}

func (v *variants) all() []string { return v.texts[:v.n] }

// hosts are the values of Host that may have been signed.
func hosts(sent string) variants {
	if _, _, err := net.SplitHostPort(sent); err == nil {
		return variants{[2]string{sent, sent[:strings.LastIndexByte(sent, ':')]}, 2}
	}
	return variants{[2]string{sent}, 1}
}

// paths are the canonical forms of an escaped path that may have been signed:
// without superfluous segments, and, where that makes a difference, with them.
func paths(escaped string) variants {
	if escaped == "" {
		escaped = "/"
	}
	normal := normalize(escaped)
	if normal == escaped {
		return variants{[2]string{encode(escaped, '/')}, 1}
	}
	return variants{[2]string{encode(normal, '/'), encode(escaped, '/')}, 2}
}

// normalize removes empty and dot segments from a path.
func normalize(path string) string {
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path, "/")
	for _, segment := range segments {
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	normal := "/" + strings.Join(kept, "/")
	switch segments[len(segments)-1] {
	case "", ".", "..":
		if len(kept) > 0 {
			normal += "/"
		}
	}
	return normal
}

const upperHex = "0123456789ABCDEF"

// nothing, given to encode, makes no exception: the character is unreserved
// anyway.
const nothing = '-'

// encode percent-encodes every byte except the unreserved ones of RFC 3986 and the byte
// but.
func encode(s string, but byte) string {
	plain := true
	for i := range len(s) {
		plain = plain && (isUnreserved(s[i]) || s[i] == but)
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		if c := s[i]; isUnreserved(c) || c == but {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(b)
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
}

// canonicalQuery appends the parameters, encoded and sorted, without the signature itself.
func (s *Signature) canonicalQuery(b []byte, query string) []byte {
	if query == "" {
		return b
	}
	type parameter struct{ name, value string }
	var all []parameter
	for piece := range strings.SplitSeq(query, "&") {
		if piece == "" {
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		if name = unescape(name); s.Presigned && name == "X-Amz-Signature" {
			continue
		}
		all = append(all, parameter{encode(name, nothing), encode(unescape(value), nothing)})
	}
	slices.SortFunc(all, func(a, b parameter) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	for i, p := range all {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, p.name...), '='), p.value...)
	}
	return b
}

// canonicalHeader appends name:value,value with the values' spaces trimmed and folded.
// Some headers net/http keeps elsewhere.
func canonicalHeader(b []byte, r *http.Request, host, name string) []byte {
	b = append(append(b, name...), ':')
	if name == "host" || name == ":authority" {
		return appendFolded(b, host)
	}
	canonical := canonicalNames[name]
	if canonical == "" {
		canonical = http.CanonicalHeaderKey(name)
	}
	values := r.Header[canonical]
	switch {
	case values != nil:
	case name == "content-length" && r.ContentLength >= 0:
		return strconv.AppendInt(b, r.ContentLength, 10)
	case name == "transfer-encoding":
		values = r.TransferEncoding
	}
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFolded(b, value)
	}
	return b
}

// canonicalNames are net/http's spellings of what clients sign in every request.
var canonicalNames = spell(
	"amz-sdk-invocation-id", "amz-sdk-request", "content-length", "content-type",
	"x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-target", "x-amz-user-agent",
)

func spell(names ...string) map[string]string {
	spellings := map[string]string{}
	for _, name := range names {
		spellings[name] = http.CanonicalHeaderKey(name)
	}
	return spellings
}

func appendFolded(b []byte, value string) []byte {
	value = strings.Trim(value, " \t")
	if !strings.Contains(value, "  ") {
		return append(b, value...)
	}
	for i := range len(value) {
		if value[i] != ' ' || value[i-1] != ' ' {
			b = append(b, value[i])
		}
	}
	return b
}
