package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A page is a Markdown file whose fenced blocks are run in order:
//
//   - console: a line that begins with "$ " is a command, those that begin with
//     "> " go on with it, and the others are what it prints, both streams as on
//     a terminal. A line "..." stands for any lines, "..." in a line for any text.
//     A command whose status is not 0 must show what it says.
//   - sh: a script that is to succeed, whose output is not shown.
//   - LANGUAGE file=NAME: a file of that name.
//   - json: a policy or other document, which is parsed; yaml: fixtures, which are loaded.
//
// `waxseal serve` runs on, as in a terminal of its own, until the page starts
// another server or ends. A comment <!-- not run: REASON --> before a block
// leaves it out.
type page struct {
	name   string // such as docs/tls.md
	lines  []string
	blocks []*block
}

// block is a fenced block.
type block struct {
	page           *page
	first, last    int // the lines within the fences, as indices: first until before last
	language, file string
	notRun         string // the reason
	commands       []*command
}

// command is a command and what the page shows of its output.
type command struct {
	line         int // from 1
	text         string
	shown        []string
	compared     bool // whether the output is shown at all
	actual       string
	wrong        bool
	continuation int // lines after the first
}

func (b *block) text() string {
	return strings.Join(b.page.lines[b.first:b.last], "\n") + "\n"
}

// at is a place for messages.
func (p *page) at(line int) string { return fmt.Sprintf("%s:%d", p.name, line) }

func (b *block) at() string { return b.page.at(b.first) }

var (
	fence  = regexp.MustCompile("^```(\\w*)(?: file=(\\S+))?$")
	notRun = regexp.MustCompile(`^<!-- not run: (.+) -->$`)
)

// readPage reads a page. root is the folder that its name is relative to.
func readPage(root, name string) (*page, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	p := &page{name: name, lines: strings.Split(string(text), "\n")}
	var open *block
	for i, line := range p.lines {
		switch {
		case open != nil && line == "```":
			open.last = i
			if err := open.split(); err != nil {
				return nil, err
			}
			p.blocks, open = append(p.blocks, open), nil
		case open != nil:
		case strings.HasPrefix(line, "```"):
			m := fence.FindStringSubmatch(line)
			if m == nil {
				return nil, fmt.Errorf("%s: the fence %q is not ```LANGUAGE or ```LANGUAGE file=NAME", p.at(i+1), line)
			}
			open = &block{page: p, first: i + 1, language: m[1], file: m[2]}
			if m := notRun.FindStringSubmatch(p.lines[max(i-1, 0)]); m != nil {
				open.notRun = m[1]
			}
		case strings.HasPrefix(line, "    "), strings.Contains(line, "```"):
			return nil, fmt.Errorf("%s: code stands between fences at the line's start, so that it is run", p.at(i+1))
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s: the block has no end", open.at())
	}
	return p, nil
}

// split finds the commands of a block.
func (b *block) split() error {
	if b.file != "" {
		return nil
	}
	switch b.language {
	case "sh":
		b.commands = []*command{{line: b.first + 1, text: strings.TrimSuffix(b.text(), "\n")}}
	case "console":
		for i, line := range b.page.lines[b.first:b.last] {
			if text, ok := strings.CutPrefix(line, "$ "); ok {
				b.commands = append(b.commands, &command{line: b.first + i + 1, text: text, compared: true})
				continue
			}
			if len(b.commands) == 0 {
				return fmt.Errorf("%s: a console block begins with a command: $ …", b.at())
			}
			c := b.commands[len(b.commands)-1]
			if text, ok := strings.CutPrefix(line, "> "); ok && len(c.shown) == 0 {
				c.text += "\n" + text
				c.continuation++
				continue
			}
			c.shown = append(c.shown, line)
		}
	case "json", "yaml":
	default:
		if b.notRun == "" {
			return fmt.Errorf("%s: a block of %q is neither console, sh, json, yaml nor a file (file=NAME)", b.at(), b.language)
		}
	}
	return nil
}

// rewrite is the page with the actual output of those commands that printed
// another than it shows.
func (p *page) rewrite() string {
	lines := slices.Clone(p.lines)
	for _, b := range slices.Backward(p.blocks) {
		for _, c := range slices.Backward(b.commands) {
			if c.wrong && c.compared {
				from := c.line + c.continuation
				lines = slices.Replace(lines, from, from+len(c.shown), strings.Split(strings.Trim(c.actual, "\n"), "\n")...)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// varying is what differs from run to run and is shown as it was once.
var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`), "TIME"},
	{regexp.MustCompile(`\b(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16,17}\b`), "$1"},
	{regexp.MustCompile(`\b\d+\.\d+s\b`), "DURATION"},
	{regexp.MustCompile(`[ \t]+(\n|$)`), "$1"},
}

func normal(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	return strings.Trim(text, "\n")
}

// matches reports whether a command printed what the page shows.
func (c *command) matches() bool {
	var pattern strings.Builder
	pattern.WriteString(`^`)
	for _, line := range strings.Split(normal(strings.Join(c.shown, "\n")), "\n") {
		if line == "..." {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		parts := strings.Split(line, "...")
		for j, part := range parts {
			parts[j] = regexp.QuoteMeta(part)
		}
		pattern.WriteString(strings.Join(parts, `.*?`) + `\n`)
	}
	pattern.WriteString(`$`)
	return regexp.MustCompile(pattern.String()).MatchString(normal(c.actual) + "\n")
}
