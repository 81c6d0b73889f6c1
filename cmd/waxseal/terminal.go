package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"
)

// paint colours words for a person who reads them on a terminal.
type paint bool

// painter paints what is written to w if that is a terminal, unless the
// environment wants no colour.
//
// See https://no-color.org.
func painter(w io.Writer) paint {
	f, ok := w.(*os.File)
	return paint(ok && isTerminal(f) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// The colours, as the parameters of the escape sequence SGR.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

func (p paint) in(colour, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// telling are the parts of an explanation that the eye is to fall on first.
var telling = []struct {
	part   *regexp.Regexp
	colour string
}{
	{regexp.MustCompile(`(?m)^(DENIED|FAILURE|REFUSED)\b`), red},
	{regexp.MustCompile(`(?m)^(ALLOWED|SUCCESS)\b`), green},
	{regexp.MustCompile(`(?m)<- decides$`), bold},
	{regexp.MustCompile(`(?m)\bNEARLY applies\b.*$`), yellow},
	{regexp.MustCompile(`(?m)^ +x .*$`), yellow},
	{regexp.MustCompile(`(?m)^To allow it:$`), bold},
}

// explanation paints the text that the server explains a decision with.
func (p paint) explanation(text string) string {
	if !p {
		return text
	}
	for _, t := range telling {
		text = t.part.ReplaceAllStringFunc(text, func(part string) string { return p.in(t.colour, part) })
	}
	return text
}

// wrapped is text in lines of at most width characters, each after the indent.
// A word that is longer has a line of its own.
func wrapped(text, indent string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			b.WriteString(indent)
			column = utf8.RuneCountInString(indent)
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = utf8.RuneCountInString(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
