package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waxseal/waxseal/internal/nearest"
	"github.com/waxseal/waxseal/policyeval"
)

// caseError is what is wrong with a case, and where in its line.
type caseError struct {
	column  int // in characters, from 1
	message string
}

func (e *caseError) Error() string { return e.message }

// caseReader reads the JSON of one line. An unknown or repeated member is an
// error: otherwise a misspelled case would test nothing, and pass.
type caseReader struct {
	text    string // the line
	decoder *decoder
	// compile makes a document of a policy's text.
	compile func(string) (*policyeval.Document, error)
	// lowered are the condition keys met before, with what they are in lower case.
	lowered map[string]string
}

func (r *caseReader) reset(line string) {
	r.text = line
	r.decoder.reset(line)
}

// repeated lets the decoder accept repeated names; the readers of the objects refuse
// them, with a better message.
var repeated = jsontext.AllowDuplicateNames(true)

// fail is an error about what begins at an offset of the line.
func (r *caseReader) fail(offset int, format string, args ...any) error {
	return r.failFurther(offset, 0, format, args...)
}

// failFurther is fail for a place that is a number of characters after an
// offset.
func (r *caseReader) failFurther(offset, characters int, format string, args ...any) error {
	return &caseError{1 + utf8.RuneCountInString(r.text[:min(offset, len(r.text))]) + characters, fmt.Sprintf(format, args...)}
}

// next is where the next value begins.
func (r *caseReader) next() int {
	i := r.decoder.InputOffset()
	for i < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[i]) >= 0 {
		i++
	}
	return i
}

// raw is the next value as it is written.
func (r *caseReader) raw() (string, error) {
	value, err := r.decoder.ReadValue()
	if err == nil {
		return value, nil
	}
	begin := r.next()
	message := err.Error()
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		begin, message = int(syntax.ByteOffset), syntax.Err.Error()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		begin, message = len(strings.TrimRight(r.text, "\r\n")), "the line ends before the case does; a case stands on one line"
	}
	return "", r.fail(begin, "no JSON: %s", strings.TrimPrefix(message, "jsontext: "))
}

// string is the next value, which must be a string.
func (r *caseReader) string(what string) (string, error) {
	begin := r.next()
	value, err := r.raw()
	if err != nil {
		return "", err
	}
	if value[0] != '"' {
		return "", r.fail(begin, "%s is a text, not %s", what, value)
	}
	return unquoted(value), nil
}

// name is the name of the next member.
func (r *caseReader) name() (string, error) {
	value, err := r.raw()
	if err != nil {
		return "", err
	}
	return unquoted(value), nil
}

// unquoted is the text of a JSON string.
func unquoted(value string) string {
	if strings.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, value) // which was read as a string
	return string(text)
}

// maxLowered bounds the condition keys that are kept, and usualKey their length.
const (
	maxLowered = 1000
	usualKey   = 100
)

// lower is a condition key in lower case. Most cases of a file have the same keys.
func (r *caseReader) lower(key string) string {
	lower, ok := r.lowered[key]
	switch {
	case ok:
		return lower
	case len(key) > usualKey:
		return strings.ToLower(key)
	case len(r.lowered) >= maxLowered:
		clear(r.lowered)
	}
	key = strings.Clone(key) // which is a part of many lines
	lower = strings.ToLower(key)
	r.lowered[key] = lower
	return lower
}

// absent reports whether the next value is null, and if so, skips it.
func (r *caseReader) absent() bool {
	if r.decoder.PeekKind() != 'n' {
		return false
	}
	_, err := r.decoder.ReadValue()
	return err == nil
}

// open reads the bracket that the next value must begin with.
func (r *caseReader) open(what string, bracket jsontext.Kind, kind string) error {
	begin := r.next()
	if r.decoder.PeekKind() == bracket {
		return r.decoder.ReadBracket()
	}
	value, err := r.raw()
	if err != nil {
		return err
	}
	return r.fail(begin, "%s is %s, not %s", what, kind, value)
}

// list reads a list; item reads each of its items.
func (r *caseReader) list(what string, item func(i int) error) error {
	if err := r.open(what, '[', "a list"); err != nil {
		return err
	}
	for i := 0; r.decoder.PeekKind() != ']'; i++ {
		if err := item(i); err != nil {
			return err
		}
	}
	return r.decoder.ReadBracket()
}

// each reads an object with any names; member reads the value of each.
func (r *caseReader) each(what string, member func(name string, begin int) error) error {
	if err := r.open(what, '{', "an object"); err != nil {
		return err
	}
	for r.decoder.PeekKind() != '}' {
		begin := r.next()
		name, err := r.name()
		if err != nil {
			return err
		}
		if err := member(name, begin); err != nil {
			return err
		}
	}
	return r.decoder.ReadBracket()
}

// members are those that an object may have, with what reads the value of each.
type members[C any] []struct {
	name string
	read func(*caseReader, *C) error
}

// names are the names of the members, in order.
func (m members[C]) names() []string {
	var names []string
	for i := range m {
		names = append(names, m[i].name)
	}
	slices.Sort(names)
	return names
}

// object reads an object of known members into c. One that is null is as if it
// were left out.
func object[C any](r *caseReader, what string, known members[C], c *C) error {
	var seen uint64 // a bit for each member
	return r.each(what, func(name string, begin int) error {
		i := 0
		for i < len(known) && known[i].name != name {
			i++
		}
		switch {
		case i == len(known):
			names := known.names()
			hint := nearest.Hint(name, names)
			if hint == "" {
				hint = "; it may have " + strings.Join(names, ", ")
			}
			return r.fail(begin, "%s has an unknown member %q%s", what, name, hint)
		case seen&(1<<i) != 0:
			return r.fail(begin, "%s has the member %q twice", what, name)
		}
		seen |= 1 << i
		if r.absent() {
			return nil
		}
		return known[i].read(r, c)
	})
}

// end makes sure that nothing follows the case.
func (r *caseReader) end() error {
	if begin := r.next(); begin < len(r.text) {
		return r.fail(begin, "something follows the case; a line holds one")
	}
	return nil
}
