package policyeval

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
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
	// name is that of a member of an object, nameAt where it stands.
	name   string
	nameAt int
	// size is the number of nodes of the value: itself and all that are in it.
	size int
}

// tree is a JSON value with all that is in it: the node of the value, and behind it the
// trees of its items or members.
type tree []node

// in are the items of a list and the members of an object.
func (t tree) in() trees { return trees(t[1:]) }

// list are the values of one that may stand alone or in a list.
func (t tree) list() trees {
	if t[0].kind == arrayNode {
		return t.in()
	}
	return trees(t)
}

// trees are values, each behind the one before.
type trees []node

func (t trees) first() tree { return tree(t[:t[0].size]) }

// rest are those behind the first.
func (t trees) rest() trees { return t[t[0].size:] }

func (t trees) count() int {
	n := 0
	for ; len(t) > 0; t = t.rest() {
		n++
	}
	return n
}

// leaves is the number of strings, numbers and truth values in the value.
func (t tree) leaves() int {
	n := 0
	for i := range t {
		if k := t[i].kind; k == stringNode || k == numberNode || k == boolNode {
			n++
		}
	}
	return n
}

// maxDepth is far more than any policy needs; it bounds the parser's recursion.
const maxDepth = 20

// maxMembers is far more than any object of a policy has; it bounds the
// search for a name that stands twice.
const maxMembers = 1000

type parser struct {
	text  string
	at    int
	nodes tree // of the values that have begun, in the order of the text
}

// parsers keep their nodes for the next text. A parsed document refers to none of them.
var parsers = sync.Pool{New: func() any { return new(parser) }}

// maxKept is the number of nodes beyond which a parser's memory is not kept.
const maxKept = 1 << 12

func (p *parser) release() {
	if cap(p.nodes) > maxKept {
		p.nodes = nil
	}
	clear(p.nodes)
	p.text, p.at, p.nodes = "", 0, p.nodes[:0]
	parsers.Put(p)
}

// parse reads the parser's text as one JSON value (RFC 8259). Names within an object
// must differ, since a second one would silently replace the first.
func (p *parser) parse() (tree, *SyntaxError) {
	if bad := invalidUTF8(p.text); bad >= 0 {
		return nil, p.failAt(bad, "the text is not UTF-8")
	}
	err := p.value(0, "", 0)
	if err == nil {
		p.space()
		if p.at < len(p.text) {
			err = p.fail("unexpected %s after the document", p.here())
		}
	}
	return p.nodes, err
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
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

// value reads a value, which is a member where it has a name.
func (p *parser) value(depth int, name string, nameAt int) *SyntaxError {
	if depth > maxDepth {
		return p.fail("nested too deeply")
	}
	c := p.next()
	i := len(p.nodes)
	p.nodes = append(p.nodes, node{begin: p.at, name: name, nameAt: nameAt})
	var kind nodeKind
	var text string
	var err *SyntaxError
	switch {
	case c == '{':
		kind = objectNode
		err = p.object(depth)
	case c == '[':
		kind = arrayNode
		err = p.array(depth)
	case c == '"':
		kind = stringNode
		text, err = p.str()
	case c == '-' || '0' <= c && c <= '9':
		kind = numberNode
		text, err = p.number()
	case p.word("true"), p.word("false"):
		kind, text = boolNode, p.text[p.nodes[i].begin:p.at]
	case p.word("null"):
		kind = nullNode
	default:
		return p.fail("expected a value, found %s", p.here())
	}
	n := &p.nodes[i]
	n.kind, n.text, n.end, n.size = kind, text, p.at, len(p.nodes)-i
	return err
}

func (p *parser) word(w string) bool {
	if strings.HasPrefix(p.text[p.at:], w) {
		p.at += len(w)
		return true
	}
	return false
}

func (p *parser) object(depth int) *SyntaxError {
	p.at++
	if p.next() == '}' {
		p.at++
		return nil
	}
	first := len(p.nodes)
	for members := 0; ; members++ {
		if p.next() != '"' {
			return p.fail("expected a name in double quotes, found %s", p.here())
		}
		begin := p.at
		name, err := p.str()
		if err != nil {
			return err
		}
		for i := first; i < len(p.nodes); i += p.nodes[i].size {
			if p.nodes[i].name == name {
				return p.failAt(begin, "the name %q stands twice in one object", name)
			}
		}
		if members == maxMembers {
			return p.failAt(begin, "an object of more than %d members", maxMembers)
		}
		if p.next() != ':' {
			return p.fail("expected ':' after the name %q, found %s", name, p.here())
		}
		p.at++
		if err := p.value(depth+1, name, begin); err != nil {
			return err
		}
		if done, err := p.more('}'); done || err != nil {
			return err
		}
	}
}

func (p *parser) array(depth int) *SyntaxError {
	p.at++
	if p.next() == ']' {
		p.at++
		return nil
	}
	for {
		if err := p.value(depth+1, "", 0); err != nil {
			return err
		}
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
