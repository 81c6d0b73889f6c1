package layout

import (
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 30)
	for _, test := range []struct{ name, text, want string }{
		{"short lines stay", "a\n  b\n", "a\n  b\n"},
		{"between words, further in", "  one two three four five\n", "  one two three four\n    five\n"},
		{"below a label's text", "  why  one two three four five\n", "  why  one two three\n       four five\n"},
		{"an item", "  1. one two three four five\n", "  1. one two three\n     four five\n"},
		{"what did not match", "    x one two three four\n", "    x one two three\n      four\n"},
		{"a long word", "on " + long + " by me", "on " + long + "\n  by me"},
		{"JSON is written out", `  add: {"Effect":"Allow","Action":["a"]}` + "\n",
			"  add:\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"a\"\n      ]\n    }\n"},
		{"JSON that fits stays", `add: {"a":1}`, `add: {"a":1}`},
		{"what only looks like JSON", "one two: {three four five}", "one two: {three four\n  five}"},
		{"color takes no room", "\x1b[31mone two three four\x1b[0m", "\x1b[31mone two three four\x1b[0m"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Wrap(test.text, 20); got != test.want {
				t.Errorf("%q\nwant %q", got, test.want)
			}
		})
	}
}

func TestFill(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a paragraph", "one two three four five", "one two three four\nfive"},
		{"an item", "- one two three four five", "- one two three four\n  five"},
		{"a numbered item", "10. one two three four", "10. one two three\n    four"},
		{"a number is no item", "2026 one two three four", "2026 one two three\nfour"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Fill(test.text, 20); got != test.want {
				t.Errorf("%q\nwant %q", got, test.want)
			}
		})
	}
}
