package wire

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxMarkup bounds the elements and attributes of a document: a multipart upload of
// 10,000 parts names each with its number, ETag and checksums.
const maxMarkup = 1 << 17

// parseXML makes the tree of a document, and answers the name of its root. Not ok: it
// is none.
//
// It takes what XML 1.0 has, but for document types, which could define entities, and
// takes control characters, too, which XML has not and keys of objects may have. Of
// names it drops the prefix, and it does not look at namespaces.
func (t *tree) parseXML(text []byte) (root string, ok bool) {
	if !utf8.Valid(text) {
		return "", false
	}
	p := xmlParser{tree: t, rest: bytes.TrimPrefix(text, []byte("\uFEFF"))}
	if !p.misc() {
		return "", false
	}
	name, ok := p.element(0, 0)
	return string(name), ok && p.misc() && len(p.rest) == 0
}

// xmlParser reads what is left of a document.
type xmlParser struct {
	*tree
	rest []byte
}

const xmlSpace = " \t\r\n"

func (p *xmlParser) space() { p.rest = bytes.TrimLeft(p.rest, xmlSpace) }

// skip goes on behind a mark, if the rest begins with it.
func (p *xmlParser) skip(mark string) bool {
	rest, ok := bytes.CutPrefix(p.rest, []byte(mark))
	p.rest = rest
	return ok
}

// until is what stands before a mark. It goes on behind the mark.
func (p *xmlParser) until(mark string) (text []byte, ok bool) {
	text, p.rest, ok = bytes.Cut(p.rest, []byte(mark))
	return text, ok
}

// misc skips what may stand before and behind the root: spaces, comments and instructions.
func (p *xmlParser) misc() bool {
	for {
		p.space()
		skipped, ok := p.aside()
		if !skipped || !ok {
			return ok
		}
	}
}

// aside skips a comment or an instruction, if there is one.
func (p *xmlParser) aside() (skipped, ok bool) {
	end := ""
	switch {
	case p.skip("<!--"):
		end = "-->"
	case p.skip("<?"):
		end = "?>"
	default:
		return false, true
	}
	_, ok = p.until(end)
	return true, ok
}

// name reads a name and answers what of it stands behind the prefix.
func (p *xmlParser) name() (full, local []byte) {
	n := bytes.IndexAny(p.rest, xmlSpace+"/>=<\"'&")
	if n < 0 {
		n = len(p.rest)
	}
	full, p.rest = p.rest[:n], p.rest[n:]
	_, local, prefixed := bytes.Cut(full, []byte(":"))
	if !prefixed {
		local = full
	}
	return full, local
}

// element reads an element into a node.
func (p *xmlParser) element(at int32, depth int) (name []byte, ok bool) {
	if depth > maxDepth || !p.skip("<") {
		return nil, false
	}
	full, name := p.name()
	if len(name) == 0 || !p.attributes(at) {
		return nil, false
	}
	if p.skip("/>") {
		return name, true
	}
	if !p.skip(">") || !p.content(at, depth) || !p.skip(string(full)) {
		return nil, false
	}
	p.space()
	return name, p.skip(">")
}

// attributes reads those of an element as children, but for namespaces.
func (p *xmlParser) attributes(at int32) bool {
	for {
		before := len(p.rest)
		p.space()
		if len(p.rest) == 0 {
			return false
		}
		if p.rest[0] == '>' || p.rest[0] == '/' {
			return true
		}
		name, _ := p.name()
		if len(name) == 0 || len(p.rest) == before {
			return false
		}
		p.space()
		if !p.skip("=") {
			return false
		}
		p.space()
		quote := "\""
		if !p.skip(quote) {
			if quote = "'"; !p.skip(quote) {
				return false
			}
		}
		raw, ok := p.until(quote)
		value, fine := unescapeXML(raw)
		if !ok || !fine || len(p.nodes) == maxMarkup {
			return false
		}
		if !bytes.HasPrefix(name, []byte("xmlns")) {
			p.add(at, node{kind: kindText, name: append([]byte(attributeMark), name...), text: value})
		}
	}
}

// content reads what is in an element, and the beginning of its end mark: text, or
// elements with nothing but spaces between them.
func (p *xmlParser) content(at int32, depth int) bool {
	var text strings.Builder
	elements := false
	for {
		n := bytes.IndexByte(p.rest, '<')
		if n < 0 {
			return false
		}
		piece, ok := unescapeXML(p.rest[:n])
		if !ok {
			return false
		}
		text.WriteString(piece)
		p.rest = p.rest[n:]
		if p.skip("</") {
			if !elements {
				p.nodes[at].text = text.String()
			}
			return !elements || strings.Trim(text.String(), xmlSpace) == ""
		}
		element, ok := p.inner(at, depth, &text)
		if !ok {
			return false
		}
		elements = elements || element
	}
}

// inner reads what begins with < in an element: a section of text, an aside, or an element.
func (p *xmlParser) inner(at int32, depth int, text *strings.Builder) (element, ok bool) {
	if p.skip("<![CDATA[") {
		raw, ok := p.until("]]>")
		text.WriteString(lineFeeds(string(raw)))
		return false, ok
	}
	if skipped, ok := p.aside(); skipped {
		return false, ok
	}
	if len(p.nodes) == maxMarkup {
		return false, false
	}
	child := p.add(at, node{kind: kindText})
	name, ok := p.element(child, depth+1)
	p.nodes[child].name = name
	return true, ok
}

// unescapeXML is the text that stands for a piece of a document.
func unescapeXML(raw []byte) (string, bool) {
	s := lineFeeds(string(raw))
	if !strings.Contains(s, "&") {
		return s, true
	}
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(s, "&")
		b.WriteString(before)
		if !more {
			return b.String(), true
		}
		name, rest, closed := strings.Cut(rest, ";")
		c, ok := character(name)
		if !closed || !ok {
			return "", false
		}
		b.WriteRune(c)
		s = rest
	}
}

// lineFeeds makes of all ends of lines what XML makes of them.
func lineFeeds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// character is what a reference of that name stands for.
func character(name string) (rune, bool) {
	if c, ok := xmlEntities[name]; ok {
		return c, true
	}
	digits, base := strings.TrimPrefix(name, "#"), 10
	if digits == name {
		return 0, false
	}
	if hexadecimal, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hexadecimal, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}

var xmlEntities = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}
