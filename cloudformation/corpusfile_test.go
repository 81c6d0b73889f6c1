package cloudformation_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/template"
)

// A file of testdata/corpus is a template with what it makes. Before the first section stands
// what it is about. The sections, each begun by a line "-- TITLE --":
//
//	template             YAML or JSON; the stack is called as the file
//	parameters           lines NAME=VALUE, in which ${STACK.KEY} is an output of a stack that is there before
//	object: KEY          an object of the bucket "templates", for nested stacks
//	stack: NAME@REGION   a template that is deployed before, and deleted after; without a region at home
//	want                 what there is then, in lines: see wants
//	update               another template, or changes of the one before: see edit
//	want after update    what there is then
//	left                 what is left once the stack is deleted, in lines
//	wrong: WHY           changes that make a template that AWS refuses, and how: see fault
//	wrong update: WHY    likewise, of a stack that there is
//
// A line that begins with a space goes on with the one before, but for templates and objects.
type section struct {
	title, argument, text string
}

type corpusFile struct {
	name, path string
	sections   []section
	rounds     []round
	wrongs     []wrong
	objects    map[string]string
	before     []namedTemplate
	left       []string
}

type namedTemplate struct{ name, text string }

// round is a template that is deployed, first the one of the file, then its updates.
type round struct {
	text       string
	parameters map[string]string
	wants      []string
}

// wrong is a template that is refused, or whose deployment fails.
type wrong struct {
	section int
	why     string
	update  bool
	round
	fault
}

// fault is how a wrong template ends.
type fault struct {
	// unknown: the line "?" stands where -update writes how it ends.
	unknown bool
	// refused is the error of the call: "refused: MESSAGE", or "refused CODE: MESSAGE".
	code, refused string
	// failed are resources and the reasons of their failures: "failed ID: REASON"; without an ID
	// it is the stack's.
	failed [][2]string
	// status is the stack's at the end, where it is not rolled back: "status STATUS".
	status string
	// at is what a template from a file is refused with: "at LINE:COLUMN MESSAGE"; the message
	// may be missing where it is the same.
	at []string
}

// corpus are the files of testdata/corpus.
func corpus(t *testing.T) []*corpusFile {
	t.Helper()
	paths, err := filepath.Glob("testdata/corpus/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	all := make([]*corpusFile, len(paths))
	for i, path := range paths {
		if all[i], err = readCorpusFile(path); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return all
}

func readCorpusFile(path string) (*corpusFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &corpusFile{name: strings.TrimSuffix(filepath.Base(path), ".txt"), path: path, objects: map[string]string{}}
	f.sections = sectionsOf(string(text))
	given := map[string]string{}
	for i, s := range f.sections[1:] {
		if err := f.read(i+1, s, given); err != nil {
			return nil, fmt.Errorf("%s: %w", s.title, err)
		}
	}
	if len(f.rounds) == 0 {
		return nil, fmt.Errorf("there is no template")
	}
	return f, nil
}

// sectionsOf divides a file; the first section, without a title, says what it is about.
func sectionsOf(text string) []section {
	all := []section{{}}
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(title, " --\n") {
			title, argument, _ := strings.Cut(strings.TrimSuffix(title, " --\n"), ": ")
			all = append(all, section{title: title, argument: argument})
			continue
		}
		all[len(all)-1].text += line
	}
	return all
}

func (f *corpusFile) read(i int, s section, given map[string]string) error {
	var last round
	if len(f.rounds) > 0 {
		last = f.rounds[len(f.rounds)-1]
	}
	switch s.title {
	case "template":
		f.rounds = append(f.rounds, round{text: s.text, parameters: given})
	case "parameters":
		for _, line := range logical(s.text) {
			name, value, _ := strings.Cut(line, "=")
			given[name] = value
		}
	case "object":
		f.objects[s.argument] = s.text
	case "stack":
		f.before = append(f.before, namedTemplate{s.argument, s.text})
	case "want", "want after update":
		f.rounds[len(f.rounds)-1].wants = logical(s.text)
	case "update":
		next, rest, err := edit(last, s.text)
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			next = round{text: s.text, parameters: last.parameters}
		}
		f.rounds = append(f.rounds, next)
	case "left":
		f.left = logical(s.text)
	case "wrong", "wrong update":
		changed, rest, err := edit(f.rounds[0], s.text)
		if err != nil {
			return err
		}
		w := wrong{section: i, why: s.argument, update: s.title == "wrong update", round: changed}
		if w.fault, err = readFault(rest); err != nil {
			return err
		}
		f.wrongs = append(f.wrongs, w)
	default:
		return fmt.Errorf("unknown section")
	}
	return nil
}

// logical are the lines of a text, with those that go on with others joined to them.
func logical(text string) (all []string) {
	for line := range strings.Lines(text) {
		switch line = strings.TrimRight(line, "\n"); {
		case strings.TrimSpace(line) == "":
		case line[0] == ' ' && len(all) > 0:
			all[len(all)-1] += " " + strings.TrimSpace(line)
		default:
			all = append(all, line)
		}
	}
	return all
}

// edit changes a round by the lines at the beginning of a text: "s/OLD/NEW/" replaces what is
// there once, be the separator what it may; "p NAME=VALUE" gives a parameter another value, "p
// NAME" none; "= TEXT" is another template. In all \n is a new line and \t a tab.
func edit(r round, text string) (round, []string, error) {
	r.wants, r.parameters = nil, maps.Clone(r.parameters)
	lines := logical(text)
	for i, line := range lines {
		switch {
		case len(line) > 1 && line[0] == 's' && !letter(line[1]):
			parts := strings.Split(line, line[1:2])
			if len(parts) != 4 {
				return r, nil, fmt.Errorf("%s: not s/OLD/NEW/", line)
			}
			old := unescape(parts[1])
			if n := strings.Count(r.text, old); n != 1 {
				return r, nil, fmt.Errorf("%s: is there %d times", line, n)
			}
			r.text = strings.Replace(r.text, old, unescape(parts[2]), 1)
		case strings.HasPrefix(line, "= "):
			r.text = unescape(line[2:])
		case strings.HasPrefix(line, "p "):
			name, value, given := strings.Cut(line[2:], "=")
			if delete(r.parameters, name); given {
				r.parameters[name] = value
			}
		default:
			return r, lines[i:], nil
		}
	}
	return r, nil, nil
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

var escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t")

func unescape(s string) string { return escapes.Replace(s) }

func readFault(lines []string) (f fault, err error) {
	for _, line := range lines {
		word, rest, _ := strings.Cut(unescape(line), " ")
		switch {
		case line == "?":
			f.unknown = true
		case word == "refused:":
			f.code, f.refused = "ValidationError", rest
		case word == "refused":
			f.code, f.refused, _ = strings.Cut(rest, ": ")
		case word == "failed:":
			f.failed = append(f.failed, [2]string{"", rest})
		case word == "failed":
			id, reason, _ := strings.Cut(rest, ": ")
			f.failed = append(f.failed, [2]string{id, reason})
		case word == "status":
			f.status = rest
		case word == "at":
			f.at = append(f.at, rest)
		default:
			return f, fmt.Errorf("%q says nothing", line)
		}
	}
	if f.refused == "" && f.failed == nil && !f.unknown {
		return f, fmt.Errorf("what is wrong is not said")
	}
	return f, nil
}

// problem is what a template from a file is refused with, for an "at" line.
func (f *fault) problem(at string) string {
	if _, _, said := strings.Cut(at, " "); said {
		return at
	}
	switch {
	case len(f.failed) == 0:
		return at + " " + f.refused
	case f.failed[0][0] == "":
		return at + " " + f.failed[0][1]
	default:
		return at + " " + f.failed[0][0] + " (...): " + f.failed[0][1]
	}
}

// lines are the fault as a file has it.
func (f *fault) lines() string {
	var b strings.Builder
	switch f.code {
	case "":
	case "ValidationError":
		fmt.Fprintf(&b, "refused: %s\n", oneLine(f.refused))
	default:
		fmt.Fprintf(&b, "refused %s: %s\n", f.code, f.refused)
	}
	for _, failed := range f.failed {
		if failed[0] == "" {
			fmt.Fprintf(&b, "failed: %s\n", oneLine(failed[1]))
		} else {
			fmt.Fprintf(&b, "failed %s: %s\n", failed[0], oneLine(failed[1]))
		}
	}
	for _, at := range f.at {
		place, text, _ := strings.Cut(at, " ")
		if len(f.at) == 1 && glob(f.problem(place), at) {
			text = ""
		}
		fmt.Fprintf(&b, "at %s\n", oneLine(strings.TrimSpace(place+" "+text)))
	}
	return b.String()
}

// oneLine is a text in which \n is a new line.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

// chance is what differs from run to run: ids, and the ends of names that are made up.
var chance = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|-[A-Za-z0-9]{12}\b|-[0-9a-f]{17}\b`)

// steady is the fault without chance.
func (f *fault) steady() *fault {
	s := fault{code: f.code, refused: chance.ReplaceAllString(f.refused, "...")}
	for _, failed := range f.failed {
		s.failed = append(s.failed, [2]string{failed[0], chance.ReplaceAllString(failed[1], "...")})
	}
	for _, at := range f.at {
		s.at = append(s.at, chance.ReplaceAllString(at, "..."))
	}
	return &s
}

// rewrite writes the file with how its wrong templates end where it says "?".
func (f *corpusFile) rewrite() error {
	for _, w := range f.wrongs {
		if w.unknown {
			s := &f.sections[w.section]
			s.text = strings.Replace(s.text, "?\n", w.steady().lines(), 1)
		}
	}
	var b strings.Builder
	for _, s := range f.sections {
		switch {
		case s.argument != "":
			fmt.Fprintf(&b, "-- %s: %s --\n", s.title, s.argument)
		case s.title != "":
			fmt.Fprintf(&b, "-- %s --\n", s.title)
		}
		b.WriteString(s.text)
	}
	return os.WriteFile(f.path, []byte(b.String()), 0o644)
}

func place(at template.Position) string {
	return strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Column)
}
