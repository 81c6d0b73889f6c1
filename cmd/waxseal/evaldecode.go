package main

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads the JSON of one line as a jsontext.Decoder does, but several times as fast,
// because it reads no more than what lines are mostly made of: brackets, plain strings, whole
// numbers, true, false and null. Where it meets something else, which may be an error, a
// jsontext.Decoder reads on.
type decoder struct {
	text   string
	at     int     // behind the last token
	next   int     // where the token begins that peek has found
	levels []level // the lists and objects that at is in
	left   bool    // to further
	// further is used again for each line.
	further *jsontext.Decoder
}

// level is a list, or an object, and how many values, or names and values, were read of it.
type level struct {
	object bool
	n      int
}

func newDecoder() *decoder { return &decoder{further: jsontext.NewDecoder(new(bytes.Buffer))} }

func (d *decoder) reset(text string) {
	d.text, d.at, d.levels, d.left = text, 0, d.levels[:0], false
}

// leave lets further read on from where d is. What was read is read again.
func (d *decoder) leave() {
	d.left = true
	d.further.Reset(bytes.NewBufferString(d.text), repeated)
	for int(d.further.InputOffset()) < d.at {
		if _, err := d.further.ReadToken(); err != nil {
			return // and so does the next to read
		}
	}
}

// InputOffset is where the last token ends.
func (d *decoder) InputOffset() int {
	if d.left {
		return int(d.further.InputOffset())
	}
	return d.at
}

// PeekKind is the kind of the next token.
func (d *decoder) PeekKind() jsontext.Kind {
	if !d.left {
		if c, ok := d.peek(); ok {
			return jsontext.Kind(c)
		}
		d.leave()
	}
	return d.further.PeekKind()
}

// peek finds the first byte of the next token, unless something is wrong with what stands
// before it.
func (d *decoder) peek() (c byte, ok bool) {
	at := d.space(d.at)
	between := byte(0)
	if at < len(d.text) && (d.text[at] == ',' || d.text[at] == ':') {
		between = d.text[at]
		at = d.space(at + 1)
	}
	if at == len(d.text) {
		return 0, false
	}
	d.next, c = at, d.text[at]
	return c, between == d.between(c)
}

func (d *decoder) space(at int) int {
	for at < len(d.text) && (d.text[at] == ' ' || d.text[at] == '\t' || d.text[at] == '\r' || d.text[at] == '\n') {
		at++
	}
	return at
}

// between is what must stand before a token that begins with c: a comma, a colon or nothing.
func (d *decoder) between(c byte) byte {
	if len(d.levels) == 0 {
		return 0
	}
	switch in := d.levels[len(d.levels)-1]; {
	case in.object && in.n%2 == 1:
		return ':'
	case in.n > 0 && c != '}' && c != ']':
		return ','
	default:
		return 0
	}
}

// read moves behind a value, or a name, that ends at an offset.
func (d *decoder) read(end int) {
	d.at = end
	if n := len(d.levels); n > 0 {
		d.levels[n-1].n++
	}
}

// ReadBracket reads the bracket that PeekKind has found.
func (d *decoder) ReadBracket() error {
	if d.left {
		_, err := d.further.ReadToken()
		return err
	}
	if c := d.text[d.next]; c == '{' || c == '[' {
		d.read(d.next + 1)
		d.levels = append(d.levels, level{object: c == '{'})
		return nil
	}
	d.at, d.levels = d.next+1, d.levels[:len(d.levels)-1]
	return nil
}

// ReadValue reads the next value, or name, as it is written.
func (d *decoder) ReadValue() (string, error) {
	if !d.left {
		if end := d.plain(); end > 0 {
			d.read(end)
			return d.text[d.next:end], nil
		}
		d.leave()
	}
	value, err := d.further.ReadValue()
	end := int(d.further.InputOffset())
	return d.text[end-len(value) : end], err
}

// plain is the end of the next value, where it is one that d reads; otherwise it is 0.
func (d *decoder) plain() int {
	c, ok := d.peek()
	if n := len(d.levels); !ok || n > 0 && d.levels[n-1].object && d.levels[n-1].n%2 == 0 && c != '"' {
		return 0
	}
	switch c {
	case '"':
		return d.str()
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	default:
		return d.whole()
	}
}

func (d *decoder) word(w string) int {
	if strings.HasPrefix(d.text[d.next:], w) {
		return d.next + len(w)
	}
	return 0
}

func (d *decoder) str() int {
	ascii := true
	for i := d.next + 1; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"' && (ascii || utf8.ValidString(d.text[d.next:i])):
			return i + 1
		case c == '"' || c < ' ':
			return 0
		case c == '\\':
			i++
			if i == len(d.text) || strings.IndexByte(`"\/bfnrt`, d.text[i]) < 0 {
				return 0
			}
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return 0
}

// whole is the end of a whole number without a sign.
func (d *decoder) whole() int {
	i := d.next
	for i < len(d.text) && '0' <= d.text[i] && d.text[i] <= '9' {
		i++
	}
	switch n := i - d.next; {
	case n == 0, n > 1 && d.text[d.next] == '0', i == len(d.text), strings.IndexByte(",]} ", d.text[i]) < 0:
		return 0
	default:
		return i
	}
}

// object is the next value's text up to the bracket that closes it, where it is an object
// without escapes. It may be malformed. It is not read: see skip.
func (d *decoder) object() (text string, ok bool) {
	if c, ok := d.peek(); d.left || !ok || c != '{' {
		return "", false
	}
	depth := 0
	for i := d.next; i < len(d.text); i++ {
		switch d.text[i] {
		case '"':
			n := strings.IndexByte(d.text[i+1:], '"')
			if n < 0 {
				return "", false
			}
			i += n + 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				text = d.text[d.next : i+1]
				return text, strings.IndexByte(text, '\\') < 0
			}
		}
	}
	return "", false
}

// skip reads the object that was found, which is well-formed.
func (d *decoder) skip(object string) { d.read(d.next + len(object)) }
