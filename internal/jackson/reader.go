package jackson

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Kind is what a token of JSON is.
type Kind byte

// The kinds of tokens.
const (
	End       Kind = 0
	Object    Kind = '{'
	ObjectEnd Kind = '}'
	Array     Kind = '['
	ArrayEnd  Kind = ']'
	Name      Kind = 'k'
	String    Kind = 's'
	Number    Kind = 'n'
	True      Kind = 't'
	False     Kind = 'f'
	Null      Kind = '0'
)

// Token is one token of JSON. Text is the decoded text of names and strings, and the
// literal itself for all else.
type Token struct {
	Kind Kind
	Text string
}

// Scalar reports whether the token is a value that holds no others.
func (t Token) Scalar() bool {
	switch t.Kind {
	case String, Number, True, False, Null:
		return true
	default:
		return false
	}
}

// Reader yields the tokens of a document.
type Reader struct {
	source string
	kind   Source
	at     int
	// last is how far Jackson has read when it yields the last token.
	last  int
	open  []opened // the brackets around the place
	some  bool     // the innermost has an entry before the place
	named bool     // a member's name was read, its value was not
}

// opened is a bracket that is open, and where it stands.
type opened struct {
	bracket byte
	at      int
}

// New reads a document from its beginning.
func New(document string, kind Source) *Reader { return &Reader{source: document, kind: kind} }

// Clone is a reader at the same place, to look ahead with.
func (r *Reader) Clone() *Reader {
	c := *r
	c.open = append([]opened(nil), r.open...)
	return &c
}

// Depth is how many brackets are open.
func (r *Reader) Depth() int { return len(r.open) }

// Next is the next token; one of kind End after the document.
func (r *Reader) Next() (Token, error) {
	start := r.at
	t, err := r.read()
	if err != nil {
		return t, err
	}
	switch t.Kind {
	case Name:
		// The copy needs only the innermost open bracket, because a document may be deep.
		ahead := Reader{source: r.source, kind: r.kind, at: r.at, open: r.open[len(r.open)-1:], named: true}
		ahead.open = append([]opened(nil), ahead.open...)
		value, err := ahead.read()
		if err != nil && value.Kind != String { // a string's mistakes show when it is read
			return Token{}, err
		}
		r.last = ahead.at
		if value.Kind == String {
			r.last = r.at + strings.IndexByte(r.source[r.at:], '"') + 1
		}
	case String:
		r.last = start + strings.IndexByte(r.source[start:], '"') + 1
	default:
		r.last = r.at
	}
	return t, nil
}

func (r *Reader) read() (Token, error) {
	c := r.peek()
	inside := r.inside()
	if r.named {
		return r.value(c)
	}
	if inside == 0 {
		if r.some || r.at >= len(r.source) {
			return Token{}, nil
		}
		return r.value(c)
	}
	if r.at >= len(r.source) {
		return Token{}, r.endOfInput()
	}
	if c == ']' || c == '}' {
		return r.close(c)
	}
	if r.some {
		if c != ',' {
			return Token{}, r.unexpected("was expecting comma to separate " + nameOf(inside) + " entries")
		}
		r.at++
		if c = r.peek(); r.at >= len(r.source) {
			return Token{}, r.malformed("Unexpected end-of-input within/between %s entries", nameOf(inside))
		}
	}
	if inside == '{' {
		return r.member(c)
	}
	return r.value(c)
}

// member reads a member's name.
func (r *Reader) member(c byte) (Token, error) {
	if c != '"' {
		return Token{}, r.unexpected("was expecting double-quote to start field name")
	}
	name, err := r.text()
	if err != nil {
		return Token{}, err
	}
	switch c := r.peek(); {
	case c == ':':
		r.at++
	case r.at >= len(r.source):
		return Token{}, r.malformed("Unexpected end-of-input within/between Object entries")
	default:
		return Token{}, r.unexpected("was expecting a colon to separate field name and value")
	}
	if r.peek(); r.at >= len(r.source) {
		return Token{}, r.malformed("Unexpected end-of-input within/between Object entries")
	}
	r.named = true
	return Token{Name, name}, nil
}

func (r *Reader) close(c byte) (Token, error) {
	top := r.open[len(r.open)-1]
	if want := closing(top.bracket); c != want {
		return Token{}, r.malformed("Unexpected close marker '%c': expected '%c' (for %s starting at %s)",
			c, want, nameOf(top.bracket), r.place(top.at))
	}
	r.at++
	r.open = r.open[:len(r.open)-1]
	r.some = true
	return Token{Kind(c), string(c)}, nil
}

func (r *Reader) value(c byte) (Token, error) {
	named := r.named
	r.named = false
	switch {
	case r.at >= len(r.source):
		return Token{}, nil
	case c == '{' || c == '[':
		r.open, r.some = append(r.open, opened{c, r.at}), false
		r.at++
		return Token{Kind(c), string(c)}, nil
	case c == '"':
		text, err := r.text()
		r.some = true
		return Token{String, text}, err
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$':
		return r.word()
	case (c == ']' || c == '}') && r.inside() == 0:
		return Token{}, r.malformed("Unexpected close marker '%c': no open %s to close", c, nameOf(c))
	case c == '}' && named:
		return Token{}, r.unexpected("expected a value")
	case c == '/':
		return Token{}, r.unexpected("maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)")
	default:
		return Token{}, r.unexpected("expected a valid value " + aValue)
	}
}

const aValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func nameOf(bracket byte) string {
	if bracket == '[' || bracket == ']' {
		return "Array"
	}
	return "Object"
}

func closing(bracket byte) byte {
	if bracket == '[' {
		return ']'
	}
	return '}'
}

func (r *Reader) peek() byte {
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

func (r *Reader) inside() byte {
	if len(r.open) == 0 {
		return 0
	}
	return r.open[len(r.open)-1].bracket
}

func (r *Reader) word() (Token, error) {
	start := r.at
	for r.at < len(r.source) && wordCharacter(r.source[r.at]) {
		r.at++
	}
	text := r.source[start:r.at]
	switch text {
	case "true", "false", "null":
	case "NaN", "INF", "Infinity":
		return Token{}, r.malformed("Non-standard token '%s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", text)
	default:
		return Token{}, r.malformed("Unrecognized token '%s': was expecting %s", text, aValue)
	}
	r.some = true
	return Token{map[string]Kind{"true": True, "false": False, "null": Null}[text], text}, nil
}

func wordCharacter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$'
}

// number reads a number as far as it is one: what follows it is the next token's matter.
func (r *Reader) number() (Token, error) {
	start := r.at
	if r.source[r.at] == '-' {
		if r.at++; r.digits() == 0 {
			return Token{}, r.badNumber("expected digit (0-9) to follow minus sign, for valid numeric value")
		}
	} else {
		r.digits()
	}
	if whole := strings.TrimPrefix(r.source[start:r.at], "-"); len(whole) > 1 && whole[0] == '0' {
		r.at -= len(whole) - 1
		return Token{}, r.malformed("Invalid numeric value: Leading zeroes not allowed")
	}
	if r.skip(".") && r.digits() == 0 {
		return Token{}, r.badNumber("Decimal point not followed by a digit")
	}
	if r.skip("eE") {
		if r.skip("+-"); r.digits() == 0 {
			return Token{}, r.badNumber("Exponent indicator not followed by a digit")
		}
	}
	r.some = true
	return Token{Number, r.source[start:r.at]}, nil
}

// skip reads one of the characters.
func (r *Reader) skip(characters string) bool {
	if r.at < len(r.source) && strings.IndexByte(characters, r.source[r.at]) >= 0 {
		r.at++
		return true
	}
	return false
}

func (r *Reader) digits() int {
	start := r.at
	for r.at < len(r.source) && '0' <= r.source[r.at] && r.source[r.at] <= '9' {
		r.at++
	}
	return r.at - start
}

// badNumber complains of the character that should be a digit.
func (r *Reader) badNumber(why string) error {
	if r.at >= len(r.source) {
		return r.malformed("Unexpected end-of-input in numeric value: %s", why)
	}
	c, _ := utf8.DecodeRuneInString(r.source[r.at:])
	if r.source[r.at-1] != '-' {
		r.at-- // as far as Jackson has read
	}
	return r.malformed("Unexpected character ('%c' (code %d)) in numeric value: %s", c, c, why)
}

// text reads a quoted string.
func (r *Reader) text() (string, error) {
	start := r.at
	for r.at++; ; r.at++ {
		if r.at >= len(r.source) {
			return "", r.malformed("Unexpected end-of-input: was expecting closing quote for a string value")
		}
		switch c := r.source[r.at]; {
		case c == '\\':
			if err := r.escape(); err != nil {
				return "", err
			}
		case c < ' ':
			return "", r.malformed("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", c)
		case c == '"':
			r.at++
			var text string
			if err := json.Unmarshal([]byte(r.source[start:r.at]), &text); err != nil {
				return "", r.malformed("Invalid string")
			}
			return text, nil
		}
	}
}

// escape reads what follows a backslash, up to its last character.
func (r *Reader) escape() error {
	r.at++
	if r.at >= len(r.source) {
		return r.malformed("Unexpected end-of-input in character escape sequence")
	}
	c, _ := utf8.DecodeRuneInString(r.source[r.at:])
	if c != 'u' {
		if !strings.ContainsRune(`"\/bfnrt`, c) {
			return r.malformed("Unrecognized character escape '%c' (code %d)", c, c)
		}
		return nil
	}
	for range 4 {
		r.at++
		if r.at >= len(r.source) {
			return r.malformed("Unexpected end-of-input in character escape sequence")
		}
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(r.source[r.at])) {
			return r.unexpected("expected a hex-digit for character escape sequence")
		}
	}
	return nil
}

// endOfInput is the error of a document that ends inside a bracket.
func (r *Reader) endOfInput() error {
	top := r.open[len(r.open)-1]
	return r.malformed("Unexpected end-of-input: expected close marker for %s (start marker at %s)", nameOf(top.bracket), r.place(top.at))
}

func (r *Reader) unexpected(wanted string) error {
	c, _ := utf8.DecodeRuneInString(r.source[r.at:])
	return r.malformed("Unexpected character ('%c' (code %d)): %s", c, c, wanted) // the column is the character's own
}

// malformed is a syntax error of the document, at the place that was just read.
func (r *Reader) malformed(format string, args ...any) error {
	err := r.failAt(r.at, format, args...)
	err.Syntax = true
	return err
}

// Check reads a whole document and reports syntax errors. It ignores what follows the
// document.
func Check(document string, kind Source) (first Token, err error) {
	r := New(document, kind)
	if first, err = r.Next(); err == nil && first.Kind == End {
		return first, r.malformed("Unexpected end-of-input: expected a valid value %s", aValue)
	}
	for t := first; err == nil && len(r.open) > 0 && t.Kind != End; {
		t, err = r.Next()
	}
	return first, err
}

// CheckObject is Check for a document that must be an object.
func CheckObject(document string, kind Source) error {
	first, err := Check(document, kind)
	if err == nil && first.Kind != Object {
		r := New(document, kind)
		_, _ = r.Next() // as before
		err = r.malformed("Cannot deserialize instance of Object out of %s", first.Text)
	}
	return err
}

// Compact is a well-formed document without its white space.
func Compact(document string) string {
	var read json.RawMessage
	var b bytes.Buffer
	if json.NewDecoder(strings.NewReader(document)).Decode(&read) != nil || json.Compact(&b, read) != nil {
		return document
	}
	return b.String()
}
