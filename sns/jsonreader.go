package sns

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SNS reads JSON documents with the Java library Jackson, and its error messages
// about filter, redrive, delivery, archive, replay and data protection policies are
// Jackson's: this reader gives the same messages and the same columns. The columns
// depend on how far Jackson has read: it yields a string when it has read only the
// opening quote, and a member's name when it has also read the beginning of the
// member's value.

// tokenKind is what a token of JSON is.
type tokenKind byte

const (
	tokenEnd    tokenKind = 0
	tokenObject tokenKind = '{'
	tokenClose  tokenKind = '}'
	tokenArray  tokenKind = '['
	tokenEnded  tokenKind = ']'
	tokenName   tokenKind = 'k'
	tokenString tokenKind = 's'
	tokenNumber tokenKind = 'n'
	tokenTrue   tokenKind = 't'
	tokenFalse  tokenKind = 'f'
	tokenNull   tokenKind = '0'
)

// token is one token of JSON. text is the decoded text of names and strings,
// and the literal itself for all else.
type token struct {
	kind tokenKind
	text string
}

func (t token) scalar() bool {
	switch t.kind {
	case tokenString, tokenNumber, tokenTrue, tokenFalse, tokenNull:
		return true
	default:
		return false
	}
}

// jsonReader yields the tokens of a document.
type jsonReader struct {
	source string
	at     int
	// place is how far Jackson has read when it yields the last token.
	place int
	open  []byte // '{' and '[' around the place
	some  bool   // the innermost has an entry before the place
	named bool   // a member's name was read, its value was not
}

// jsonError is an error message with its place in the document.
type jsonError struct {
	text   string
	before string // the document up to the place
}

// Error is the message as Jackson writes it: the place follows on a line of its own.
// The document itself is not repeated.
func (e *jsonError) Error() string {
	line := 1 + strings.Count(e.before, "\n")
	column := 1 + utf16Length(e.before[strings.LastIndexByte(e.before, '\n')+1:])
	return fmt.Sprintf("%s\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]", e.text, line, column)
}

// utf16Length is the length of a text as Java counts it.
func utf16Length(text string) int {
	n := 0
	for _, c := range text {
		n += utf16.RuneLen(c)
	}
	return n
}

// fail is an error about the token that was yielded last.
func (r *jsonReader) fail(format string, args ...any) error {
	return r.failAt(r.place, format, args...)
}

// failRead is an error about a string that was read to its end.
func (r *jsonReader) failRead(format string, args ...any) error {
	return r.failAt(r.at, format, args...)
}

func (r *jsonReader) failAt(at int, format string, args ...any) error {
	return &jsonError{fmt.Sprintf(format, args...), r.source[:min(at, len(r.source))]}
}

// malformed is a syntax error of the document, at the place that was just read.
func (r *jsonReader) malformed(format string, args ...any) error {
	return r.failAt(r.at, "failed to parse JSON. "+format, args...)
}

func (r *jsonReader) unexpected(wanted string) error {
	if r.at >= len(r.source) {
		return r.malformed("Unexpected end-of-input: %s", wanted)
	}
	c, _ := utf8.DecodeRuneInString(r.source[r.at:])
	return r.malformed("Unexpected character ('%c' (code %d)): %s", c, c, wanted) // the column is the character's own
}

const aValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func (r *jsonReader) peek() byte {
	for r.at < len(r.source) {
		switch c := r.source[r.at]; c {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return c
		}
	}
	return 0
}

func (r *jsonReader) inside() byte {
	if len(r.open) == 0 {
		return 0
	}
	return r.open[len(r.open)-1]
}

// next is the next token; tokenEnd after the document.
func (r *jsonReader) next() (token, error) {
	start := r.at
	t, err := r.read()
	switch {
	case err != nil:
	case t.kind == tokenName:
		// The value is only looked at: its mistakes are reported when it is read. The copy
		// needs only the innermost open bracket, because a document may be deep.
		ahead := jsonReader{source: r.source, at: r.at, open: []byte{r.inside()}, named: true}
		r.place = r.at
		if _, err := ahead.next(); err == nil {
			r.place = ahead.place
		}
	case t.kind == tokenString:
		r.place = start + strings.IndexByte(r.source[start:], '"') + 1
	default:
		r.place = r.at
	}
	return t, err
}

func (r *jsonReader) read() (token, error) {
	c := r.peek()
	switch inside := r.inside(); {
	case inside == 0 && r.some:
		return token{}, nil
	case inside == '{' && !r.named:
		return r.member(c)
	case inside == '[':
		if c == ']' {
			return r.close(tokenEnded), nil
		}
		if r.some {
			if c != ',' {
				return token{}, r.unexpected("was expecting comma to separate Array entries")
			}
			r.at++
			c = r.peek()
		}
	}
	return r.value(c)
}

// member reads a member's name, or the end of the object.
func (r *jsonReader) member(c byte) (token, error) {
	if c == '}' {
		return r.close(tokenClose), nil
	}
	if r.some {
		if c != ',' {
			return token{}, r.unexpected("was expecting comma to separate Object entries")
		}
		r.at++
		c = r.peek()
	}
	if c != '"' {
		return token{}, r.unexpected("was expecting double-quote to start field name")
	}
	name, err := r.text()
	if err != nil {
		return token{}, err
	}
	if r.peek() != ':' {
		return token{}, r.unexpected("was expecting a colon to separate field name and value")
	}
	r.at++
	r.named = true
	return token{tokenName, name}, nil
}

func (r *jsonReader) close(kind tokenKind) token {
	r.at++
	r.open = r.open[:len(r.open)-1]
	r.some = true
	return token{kind, string(kind)}
}

func (r *jsonReader) value(c byte) (token, error) {
	r.named = false
	switch {
	case c == '{' || c == '[':
		r.at++
		r.open, r.some = append(r.open, c), false
		return token{tokenKind(c), string(c)}, nil
	case c == '"':
		text, err := r.text()
		r.some = true
		return token{tokenString, text}, err
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$':
		return r.word()
	default:
		return token{}, r.unexpected("expected a valid value " + aValue)
	}
}

func (r *jsonReader) span(in func(byte) bool) string {
	start := r.at
	for r.at < len(r.source) && in(r.source[r.at]) {
		r.at++
	}
	return r.source[start:r.at]
}

func (r *jsonReader) number() (token, error) {
	text := r.span(func(c byte) bool {
		return '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
	})
	if !json.Valid([]byte(text)) {
		return token{}, r.malformed("Invalid numeric value: %s", text)
	}
	r.some = true
	return token{tokenNumber, text}, nil
}

func (r *jsonReader) word() (token, error) {
	text := r.span(func(c byte) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$'
	})
	kinds := map[string]tokenKind{"true": tokenTrue, "false": tokenFalse, "null": tokenNull}
	kind, ok := kinds[text]
	if !ok {
		return token{}, r.malformed("Unrecognized token '%s': was expecting %s", text, aValue)
	}
	r.some = true
	return token{kind, text}, nil
}

// text reads a quoted string.
func (r *jsonReader) text() (string, error) {
	start := r.at
	for r.at++; ; r.at++ {
		if r.at >= len(r.source) {
			return "", r.malformed("Unexpected end-of-input: was expecting closing quote for a string value")
		}
		switch c := r.source[r.at]; {
		case c == '\\':
			r.at++
		case c < ' ':
			return "", r.malformed("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", c)
		case c == '"':
			r.at++
			var text string
			if err := json.Unmarshal([]byte(r.source[start:r.at]), &text); err != nil {
				return "", r.malformed("Unrecognized character escape in %s", strconv.Quote(r.source[start:r.at]))
			}
			return text, nil
		}
	}
}

// wellFormed reads a whole document and reports syntax errors. It ignores what follows
// the document.
func wellFormed(source string) (first token, err error) {
	r := &jsonReader{source: source}
	first, err = r.next()
	for t := first; err == nil && len(r.open) > 0 && t.kind != tokenEnd; {
		t, err = r.next()
	}
	return first, err
}

// checkJSON is wellFormed for a document that must be an object.
func checkJSON(source string) error {
	first, err := wellFormed(source)
	if err == nil && first.kind != tokenObject {
		r := &jsonReader{source: source}
		_, _ = r.next() // as before
		err = r.malformed("Cannot deserialize instance of Object out of %s", first.text)
	}
	return err
}

// compacted is a well-formed document without its white space: SNS keeps what a
// document says in that form, and counts columns in it.
func compacted(source string) string {
	var document json.RawMessage
	var b bytes.Buffer
	if json.NewDecoder(strings.NewReader(source)).Decode(&document) != nil || json.Compact(&b, document) != nil {
		return source
	}
	return b.String()
}
