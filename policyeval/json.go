package policyeval

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Position is a place in a document's text. Lines and columns count from 1;
// a column counts characters.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// SyntaxError says why and where a text is not a policy document.
type SyntaxError struct {
	Position
	Message string
	// JSON is true where the text is not even JSON, false where it is JSON but
	// does not have the form of a policy: IAM and SNS word the two differently.
	JSON bool
	// Legacy is true where only IAM's older parser refuses the text.
	Legacy bool
	// Element is the element, such as Effect, that the document or a statement lacks, or whose
	// Value none of AWS's services takes; empty: the text is wrong in another way.
	Element string
	// Value is what the element has in place of a value; empty: the element is missing, or
	// is no text.
	Value string
}

// InIAMsWords is what IAM and STS answer for the error.
func (e *SyntaxError) InIAMsWords() string {
	switch {
	case e.JSON:
		return "This policy contains invalid Json"
	case e.Legacy:
		return legacyMessage
	default:
		return "Syntax errors in policy."
	}
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

type nodeKind uint8

const (
	objectNode nodeKind = iota
	arrayNode
	stringNode
	numberNode
	boolNode
	nullNode
)

var nodeNames = [...]string{"an object", "a list", "a string", "a number", "true or false", "null"}

func (k nodeKind) String() string { return nodeNames[k] }

// node is a JSON value and where it stands: text[begin:end].
type node struct {
	kind       nodeKind
	begin, end int
	text       string // a string's value; the spelling of a number or bool
	members    []member
	items      []*node
}

type member struct {
	name  string
	begin int
	value *node
}

// maxDepth is far more than any policy needs; it bounds the parser's recursion.
const maxDepth = 20

// maxMembers is far more than any object of a policy has; it bounds the
// search for a name that stands twice.
const maxMembers = 1000

type parser struct {
	text string
	at   int
}

// parseJSON reads text as one JSON value (RFC 8259). Names within an object
// must differ, since a second one would silently replace the first.
func parseJSON(text string) (*node, *SyntaxError) {
	p := &parser{text: text}
	if bad := invalidUTF8(text); bad >= 0 {
		return nil, p.failAt(bad, "the text is not UTF-8")
	}
	n, err := p.value(0)
	if err == nil {
		p.space()
		if p.at < len(text) {
			err = p.fail("unexpected %s after the document", p.here())
		}
	}
	return n, err
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// positionOf is where the byte at offset stands.
func positionOf(text string, offset int) Position { return (&marker{text: text}).of(offset) }

// marker finds where bytes of a text stand. It goes on from the one before: many, in their
// order, cost no more than the last.
type marker struct {
	text string
	at   int      // the one before
	last Position // where that stands, as 0, 0 for the first byte
}

func (m *marker) of(offset int) Position {
	if offset < m.at {
		m.at, m.last = 0, Position{}
	}
	between := m.text[m.at:offset]
	if lines := strings.Count(between, "\n"); lines > 0 {
		m.last.Line, m.last.Column = m.last.Line+lines, 0
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	m.last.Column += utf8.RuneCountInString(between)
	m.at = offset
	return Position{1 + m.last.Line, 1 + m.last.Column}
}

func (p *parser) fail(format string, args ...any) *SyntaxError {
	return p.failAt(p.at, format, args...)
}

func (p *parser) failAt(at int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Position: positionOf(p.text, at), Message: fmt.Sprintf(format, args...), JSON: true}
}

// here names the next character for a message.
func (p *parser) here() string {
	if p.at >= len(p.text) {
		return "end of text"
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return strconv.QuoteRune(r)
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// next is the next character that is not space, 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) value(depth int) (*node, *SyntaxError) {
	if depth > maxDepth {
		return nil, p.fail("nested too deeply")
	}
	c := p.next()
	n := &node{begin: p.at}
	var err *SyntaxError
	switch {
	case c == '{':
		n.kind = objectNode
		err = p.object(n, depth)
	case c == '[':
		n.kind = arrayNode
		err = p.array(n, depth)
	case c == '"':
		n.kind = stringNode
		n.text, err = p.str()
	case c == '-' || '0' <= c && c <= '9':
		n.kind = numberNode
		n.text, err = p.number()
	case p.word("true"), p.word("false"):
		n.kind, n.text = boolNode, p.text[n.begin:p.at]
	case p.word("null"):
		n.kind = nullNode
	default:
		return nil, p.fail("expected a value, found %s", p.here())
	}
	n.end = p.at
	return n, err
}

func (p *parser) word(w string) bool {
	if strings.HasPrefix(p.text[p.at:], w) {
		p.at += len(w)
		return true
	}
	return false
}

func (p *parser) object(n *node, depth int) *SyntaxError {
	p.at++
	if p.next() == '}' {
		p.at++
		return nil
	}
	for {
		if p.next() != '"' {
			return p.fail("expected a name in double quotes, found %s", p.here())
		}
		begin := p.at
		name, err := p.str()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(n.members, func(m member) bool { return m.name == name }) {
			return p.failAt(begin, "the name %q stands twice in one object", name)
		}
		if len(n.members) == maxMembers {
			return p.failAt(begin, "an object of more than %d members", maxMembers)
		}
		if p.next() != ':' {
			return p.fail("expected ':' after the name %q, found %s", name, p.here())
		}
		p.at++
		value, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name, begin, value})
		if done, err := p.more('}'); done || err != nil {
			return err
		}
	}
}

func (p *parser) array(n *node, depth int) *SyntaxError {
	p.at++
	if p.next() == ']' {
		p.at++
		return nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
		if done, err := p.more(']'); done || err != nil {
			return err
		}
	}
}

// more reads what follows a member: a comma, or the closing bracket.
func (p *parser) more(closing byte) (done bool, err *SyntaxError) {
	switch p.next() {
	case ',':
		p.at++
		return false, nil
	case closing:
		p.at++
		return true, nil
	default:
		return false, p.fail("expected ',' or %q, found %s", closing, p.here())
	}
}

func (p *parser) str() (string, *SyntaxError) {
	begin := p.at
	p.at++
	if s, ok := p.plain(); ok {
		return s, nil
	}
	var b strings.Builder
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String(), nil
		case c < ' ':
			return "", p.fail("a string holds a control character")
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", p.failAt(begin, "a string is not closed")
}

// plain reads the rest of a string that holds no escapes, without a copy.
func (p *parser) plain() (string, bool) {
	for i := p.at; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			s := p.text[p.at:i]
			p.at = i + 1
			return s, true
		case c == '\\' || c < ' ':
			return "", false
		}
	}
	return "", false
}

var escapes = map[byte]rune{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escape reads a backslash and what it stands for. A lone half of a surrogate
// pair becomes U+FFFD, as in encoding/json.
func (p *parser) escape() (rune, *SyntaxError) {
	begin := p.at
	p.at += 2
	if p.at > len(p.text) {
		return 0, p.failAt(begin, "a string is not closed")
	}
	c := p.text[p.at-1]
	if r, ok := escapes[c]; ok {
		return r, nil
	}
	r, ok := p.hex()
	if c != 'u' || !ok {
		return 0, p.failAt(begin, "a string holds an unknown escape")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if strings.HasPrefix(p.text[p.at:], `\u`) {
		p.at += 2
		if low, ok := p.hex(); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				return full, nil
			}
			p.at -= 4
		}
		p.at -= 2
	}
	return utf8.RuneError, nil
}

// hex reads four hexadecimal digits.
func (p *parser) hex() (rune, bool) {
	if len(p.text)-p.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 16)
	if err != nil {
		return 0, false
	}
	p.at += 4
	return rune(n), true
}

// number reads a number and keeps its spelling.
func (p *parser) number() (string, *SyntaxError) {
	begin := p.at
	p.word("-")
	whole := p.digits()
	bad := whole == 0 || whole > 1 && p.text[p.at-whole] == '0'
	if p.word(".") {
		bad = p.digits() == 0 || bad
	}
	if p.word("e") || p.word("E") {
		_ = p.word("+") || p.word("-")
		bad = p.digits() == 0 || bad
	}
	if bad {
		return "", p.failAt(begin, "a number is malformed")
	}
	return p.text[begin:p.at], nil
}

func (p *parser) digits() int {
	begin := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - begin
}
