package jackson

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// Source is how a service's messages name the document that they are about.
type Source byte

const (
	// Redacted is SNS's: the document is not repeated, and a mistake in its syntax is
	// introduced by a sentence of SNS's own.
	Redacted Source = iota
	// Quoted is EventBridge's: the document stands in the message.
	Quoted
)

// maxQuoted is how much of a document Jackson repeats.
const maxQuoted = 500

// Error is a message with its place in the document.
type Error struct {
	Text   string // without the place
	Syntax bool   // the document is no JSON

	reader *Reader
	at     int
}

// Error is the message as Jackson writes it: the place follows on a line of its own.
func (e *Error) Error() string { return e.message() + "\n at " + e.Place() }

// Twice is the message of an error that was wrapped in another one: the place is named
// once for each.
func (e *Error) Twice() string { return e.Error() + "\n at " + e.Place() }

// Place is where the mistake is, as the message names it.
func (e *Error) Place() string { return e.reader.place(e.at) }

func (e *Error) message() string {
	if e.Syntax && e.reader.kind == Redacted {
		return "failed to parse JSON. " + e.Text
	}
	return e.Text
}

// place names an offset in the document.
func (r *Reader) place(at int) string {
	before := r.source[:min(at, len(r.source))]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf16Length(before[strings.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("[Source: %s; line: %d, column: %d]", r.document(), line, column)
}

func (r *Reader) document() string {
	if r.kind == Redacted {
		return "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
	}
	var b strings.Builder
	n := 0
	for _, c := range r.source {
		width := utf16.RuneLen(c)
		if n+width > maxQuoted {
			return fmt.Sprintf("(String)\"%s\"[truncated %d chars]", b.String(), utf16Length(r.source)-n)
		}
		n += width
		if c < ' ' && c != '\n' && c != '\r' || 0x7f <= c && c < 0xa0 {
			fmt.Fprintf(&b, `\u%04X`, c)
			continue
		}
		b.WriteRune(c)
	}
	return `(String)"` + b.String() + `"`
}

// utf16Length is the length of a text as Java counts it.
func utf16Length(text string) int {
	n := 0
	for _, c := range text {
		n += utf16.RuneLen(c)
	}
	return n
}

// Fail is an error about the token that was yielded last.
func (r *Reader) Fail(format string, args ...any) *Error { return r.failAt(r.last, format, args...) }

// FailRead is an error about a string that was read to its end.
func (r *Reader) FailRead(format string, args ...any) *Error { return r.failAt(r.at, format, args...) }

func (r *Reader) failAt(at int, format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...), reader: &Reader{source: r.source, kind: r.kind}, at: at}
}
