package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// runnable calls f for every command of the program that does something, but
// for those that cobra adds.
func runnable(cmd *cobra.Command, f func(*cobra.Command)) {
	if cmd.Runnable() && cmd.HasParent() {
		f(cmd)
	}
	for _, sub := range cmd.Commands() {
		runnable(sub, f)
	}
}

// An example that does not run teaches the wrong thing.
func TestExamplesAreCommandLines(t *testing.T) {
	runnable(newRoot(), func(cmd *cobra.Command) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			found := false
			for line := range strings.SplitSeq(cmd.Example, "\n") {
				for _, words := range programs(t, line) {
					if err := parses(words); err != nil {
						t.Errorf("%s: %v", line, err)
					}
					found = found || strings.HasPrefix(strings.Join(words, " ")+" ", strings.TrimPrefix(cmd.CommandPath(), "waxseal ")+" ")
				}
			}
			if !found {
				t.Errorf("its help has no example of it:\n%s", cmd.Example)
			}
		})
	})
}

// A wrong example is found out.
func TestWrongExamplesDoNotParse(t *testing.T) {
	for _, line := range []string{
		"waxseal sreve", "waxseal serve --adr :0", "waxseal clock advance", "waxseal clock turn 5m", "waxseal exec", "waxseal exec --coverage-min much -- true",
		`eval "$(waxseal env --http)"`, "waxseal explain a b", "waxseal coverage --min many",
	} {
		for _, words := range programs(t, line) {
			if err := parses(words); err == nil {
				t.Errorf("%s: no error", line)
			}
		}
	}
}

// parses reports whether the program takes the arguments.
func parses(args []string) error {
	cmd, rest, err := newRoot().Find(negativeDurations(args))
	if err != nil {
		return err
	}
	if cmd.DisableFlagParsing {
		return nil
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// programs are the arguments of each call of waxseal in a line for a shell.
func programs(t *testing.T, line string) (calls [][]string) {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "#") {
		return nil
	}
	if _, inner, ok := strings.Cut(line, "$("); ok { // eval "$(waxseal env)"
		line, _, _ = strings.Cut(inner, ")")
	}
	words, quoted, in := []string{""}, rune(0), false
	for _, c := range line {
		last := &words[len(words)-1]
		switch {
		case quoted != 0 && c == quoted:
			quoted = 0
		case quoted != 0:
			*last += string(c)
		case c == '\'' || c == '"':
			quoted, in = c, true
		case c == ' ':
			if in || *last != "" {
				words, in = append(words, ""), false
			}
		default:
			*last += string(c)
		}
	}
	if quoted != 0 {
		t.Errorf("%s: a quote does not end", line)
	}
	for i, word := range words {
		if word == ">" || word == "|" || word == "&&" {
			words = words[:i]
			break
		}
	}
	if len(words) > 0 && words[len(words)-1] == "" {
		words = words[:len(words)-1]
	}
	if len(words) > 0 && words[0] == "waxseal" {
		calls = append(calls, words[1:])
	}
	return calls
}

func TestPaint(t *testing.T) {
	const text = "DENIED  sqs:SendMessage\n  on   arn\n\nidentity-based policy  <- decides\n  x Action \"a\"\n    #1 Allow (line 1) NEARLY applies\nTo allow it:\n"
	if got := paint(false).explanation(text); got != text {
		t.Errorf("without color: %q", got)
	}
	got := paint(true).explanation(text)
	for _, want := range []string{
		"\x1b[31mDENIED\x1b[0m  sqs", "\x1b[1m<- decides\x1b[0m\n", "\x1b[33m  x Action \"a\"\x1b[0m\n", "\x1b[33mNEARLY applies\x1b[0m\n", "\x1b[1mTo allow it:\x1b[0m\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}
