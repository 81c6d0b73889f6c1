package main

import (
	"io"
	"os"
	"regexp"

	"github.com/waxseal/waxseal/internal/layout"
)

// paint colors words for a person who reads them on a terminal.
type paint bool

// painter colors what is written to w if w is a terminal, unless the
// environment asks for no color.
//
// See https://no-color.org.
func painter(w io.Writer) paint {
	f, ok := w.(*os.File)
	return paint(ok && isTerminal(f) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// The colors, as the parameters of the escape sequence SGR.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

func (p paint) in(color, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// telling are the parts of an explanation that are highlighted.
var telling = []struct {
	part  *regexp.Regexp
	color string
}{
	{regexp.MustCompile(`(?m)^(DENIED|FAILURE|REFUSED)\b`), red},
	{regexp.MustCompile(`(?m)^(ALLOWED|SUCCESS)\b`), green},
	{regexp.MustCompile(`(?m)<- decides$`), bold},
	{regexp.MustCompile(`(?m)\bNEARLY applies\b.*$`), yellow},
	{regexp.MustCompile(`(?m)^ +x .*$`), yellow},
	{regexp.MustCompile(`(?m)^To allow it\b.*:$`), bold},
}

// explanation colors the server's explanation of a decision.
func (p paint) explanation(text string) string {
	if !p {
		return text
	}
	for _, t := range telling {
		text = t.part.ReplaceAllStringFunc(text, func(part string) string { return p.in(t.color, part) })
	}
	return text
}

// width is how many characters a line of w can have.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n := columns(f); n > 0 {
			return n
		}
	}
	return layout.Width
}
