package wire

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxSegments is how deep a parameter's name may go, such as
// SendMessageBatchRequestEntry.1.MessageAttribute.2.Value.StringValue: 6.
const maxSegments = 2 * maxDepth

// parseForm adds the parameters of one form-encoded text to the tree, and reports
// whether they are well-formed and within the limits. Of two
// parameters of one name the first counts, as with AWS's own parser, so the
// query string is parsed before the body.
func (t *tree) parseForm(form []byte) bool {
	for len(form) > 0 {
		var parameter []byte
		parameter, form, _ = bytes.Cut(form, []byte("&"))
		if len(parameter) == 0 {
			continue
		}
		rawName, rawValue, _ := bytes.Cut(parameter, []byte("="))
		name, ok := decodeName(rawName)
		if !ok {
			return false
		}
		value, ok := decodeForm(rawValue)
		if !ok {
			return false
		}
		at := int32(0)
		for depth, more := 0, true; more; depth++ {
			if len(t.nodes) == maxNodes || depth == maxSegments {
				return false
			}
			var segment []byte
			segment, name, more = bytes.Cut(name, []byte("."))
			at = t.child(at, segment)
			if more {
				t.nodes[at].kind = kindObject
			}
		}
		if n := &t.nodes[at]; !n.hasText {
			n.text, n.hasText = value, true
		}
	}
	return true
}

// decodeName is decodeForm for a parameter's name, which hardly ever needs decoding.
func decodeName(s []byte) ([]byte, bool) {
	if bytes.IndexByte(s, '%') < 0 && bytes.IndexByte(s, '+') < 0 {
		return s, utf8.Valid(s)
	}
	name, ok := decodeForm(s)
	return []byte(name), ok
}

// decodeForm is what a form-encoded text stands for. Not ok: it is no such
// text, or stands for bytes that are no UTF-8.
func decodeForm(s []byte) (string, bool) {
	escapes, plus := bytes.Count(s, []byte("%")), bytes.IndexByte(s, '+') >= 0
	if escapes == 0 && !plus {
		return string(s), utf8.Valid(s)
	}
	if len(s) < 3*escapes {
		return "", false
	}
	var b strings.Builder
	b.Grow(len(s) - 2*escapes)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			b.WriteByte(' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			b.WriteByte(byte(high<<4 | low))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	text := b.String()
	return text, utf8.ValidString(text)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
