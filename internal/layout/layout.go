// Package layout sets text for a person to read: lines that are too long are
// broken between words, and a JSON document at the end of one is written out,
// so that it can be copied.
package layout

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Width is how many characters a line has where nobody says otherwise.
const Width = 100

// Wrap is text with no line longer than width, but for words that are: ARNs and
// the texts within JSON stay in one piece. What follows in a line that is broken
// stands further to the right than it begins.
func Wrap(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimSuffix(line, "\n")
		b.WriteString(wrapLine(body, width))
		b.WriteString(line[len(body):])
	}
	return b.String()
}

// item is what an item of a list begins with.
var item = regexp.MustCompile(`^(?:-|\d+\.) `)

// IsItem says whether a line begins an item of a list: with "- ", or a number as in "1. ".
func IsItem(line string) bool { return item.MatchString(line) }

// Fill is a paragraph with no line longer than width, but for words that are. The lines
// of an item of a list stand below each other.
func Fill(paragraph string, width int) string {
	begin := item.FindString(paragraph)
	return words(paragraph, begin, strings.Repeat(" ", len(begin)), width)
}

// start is what a line begins with before its words: spaces, and the number or
// mark of an item, or a label in a column of its own.
var start = regexp.MustCompile(`^ *(?:\d+\. |x |[a-z]+ {2,})?`)

func wrapLine(line string, width int) string {
	if length(line) <= width {
		return line
	}
	begin := start.FindString(line)
	indent := strings.Repeat(" ", len(begin))
	if strings.TrimSpace(begin) == "" {
		indent += "  "
	}
	if head, document, ok := cutJSON(line); ok {
		return words(head, begin, indent, width) + "\n" + indent + pretty(document, indent)
	}
	return words(line, begin, indent, width)
}

// cutJSON parts a line that ends in an object of JSON.
func cutJSON(line string) (head, document string, ok bool) {
	head, after, ok := strings.Cut(line, " {")
	document = "{" + after
	return head, document, ok && json.Valid([]byte(document))
}

func pretty(document, indent string) string {
	var b bytes.Buffer
	_ = json.Indent(&b, []byte(document), indent, "  ") // which is valid
	return b.String()
}

// words breaks a line that begins so; the lines after the first are indented.
func words(line, begin, indent string, width int) string {
	var b strings.Builder
	b.WriteString(begin)
	column := length(begin)
	for i, word := range strings.Split(line[len(begin):], " ") {
		switch n := length(word); {
		case i == 0:
			column += n
		case column+1+n > width && column > len(indent):
			b.WriteString("\n" + indent)
			column = len(indent) + n
		default:
			b.WriteByte(' ')
			column += 1 + n
		}
		b.WriteString(word)
	}
	return b.String()
}

// painted is what colors a text on a terminal and takes no room there.
var painted = regexp.MustCompile("\x1b\\[[0-9;]*m")

func length(s string) int { return utf8.RuneCountInString(painted.ReplaceAllString(s, "")) }
