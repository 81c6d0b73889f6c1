package learn

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/waxseal/waxseal/internal/arn"
)

//go:embed */exercise.yaml */start.yaml */before.yaml */checks.yaml */answer.sh */answer.md
var files embed.FS

// Account and Region are those that the files are written for.
const (
	Account = "123456789012"
	Region  = "us-east-1"
)

// Exercise is one exercise.
type Exercise struct {
	Number int    `yaml:"-"`
	Name   string `yaml:"-"`

	Title   string   `yaml:"title"`
	Domain  string   `yaml:"domain"`
	Minutes int      `yaml:"minutes"`
	Story   string   `yaml:"story"`
	Goal    string   `yaml:"goal"`
	Hints   []string `yaml:"hints"`
	// Wrong is what is often believed, and is not so; empty: nothing.
	Wrong string `yaml:"wrong"`
	// Makes is what the learner is asked to create.
	Makes []Resource `yaml:"makes"`

	Start string `yaml:"-"` // fixtures
	// Before are calls that the root user makes when the start state is there: for what
	// fixtures cannot say.
	Before      []Call  `yaml:"-"`
	Checks      []Check `yaml:"-"`
	Answer      string  `yaml:"-"` // a script
	Explanation string  `yaml:"-"` // of the answer

	texts map[string]string // the files, by name
}

// Domains are the official names of DVA-C02's domains.
var Domains = []string{"Development with AWS Services", "Security", "Deployment", "Troubleshooting and Optimization"}

// The limits of what an exercise says.
const (
	maxTitle = 60
	hints    = 3
)

// All are the exercises, in order.
var All = sync.OnceValues(func() ([]*Exercise, error) { return Read(files) })

// Find is the exercise of a number or name; nil: there is none.
func Find(all []*Exercise, which string) *Exercise {
	number, err := strconv.Atoi(which)
	for _, e := range all {
		if e.Name == which || err == nil && e.Number == number {
			return e
		}
	}
	return nil
}

var folder = regexp.MustCompile(`^([0-9]{2})-([a-z0-9]+(?:-[a-z0-9]+)*)$`)

// Read reads the exercises in the folders of fsys. The error says everything that is wrong
// with them.
func Read(fsys fs.FS) ([]*Exercise, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var all []*Exercise
	var failed []error
	for _, entry := range entries {
		parts := folder.FindStringSubmatch(entry.Name())
		if parts == nil {
			continue
		}
		e, err := readFolder(fsys, entry.Name())
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", entry.Name(), err))
			continue
		}
		e.Number, _ = strconv.Atoi(parts[1]) // two digits
		e.Name = parts[2]
		if Find(all, parts[2]) != nil || Find(all, strconv.Itoa(e.Number)) != nil {
			failed = append(failed, fmt.Errorf("%s: there is another one of this number or name", entry.Name()))
		}
		all = append(all, e)
	}
	return all, errors.Join(failed...)
}

var parts = []string{"exercise.yaml", "start.yaml", "checks.yaml", "answer.sh", "answer.md"}

// before is the one file that an exercise may lack.
const before = "before.yaml"

func readFolder(fsys fs.FS, name string) (*Exercise, error) {
	texts := map[string]string{}
	for _, file := range parts {
		text, err := fs.ReadFile(fsys, path.Join(name, file))
		if err != nil {
			return nil, err
		}
		texts[file] = string(text)
	}
	switch text, err := fs.ReadFile(fsys, path.Join(name, before)); {
	case err == nil:
		texts[before] = string(text)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return parse(texts)
}

func parse(texts map[string]string) (*Exercise, error) {
	e := &Exercise{Start: texts["start.yaml"], Answer: texts["answer.sh"], Explanation: texts["answer.md"], texts: texts}
	err := errors.Join(decode("exercise.yaml", texts["exercise.yaml"], e), decode("checks.yaml", texts["checks.yaml"], &e.Checks))
	if text, there := texts[before]; there && err == nil {
		err = decode(before, text, &e.Before)
	}
	if err != nil {
		return nil, err
	}
	return e, errors.Join(e.check()...)
}

// decode reads a file in which every member is known.
func decode(name, text string, into any) error {
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: there is a second document", name)
	}
	return nil
}

// check is what is wrong with an exercise.
func (e *Exercise) check() (failed []error) {
	wrong := func(format string, args ...any) { failed = append(failed, fmt.Errorf(format, args...)) }
	for name, text := range map[string]string{"title": e.Title, "story": e.Story, "goal": e.Goal, "answer.sh": e.Answer, "answer.md": e.Explanation} {
		if strings.TrimSpace(text) == "" {
			wrong("%s is missing", name)
		}
	}
	if n := len([]rune(e.Title)); n > maxTitle {
		wrong("title has %d characters, more than %d", n, maxTitle)
	}
	if !slices.Contains(Domains, e.Domain) {
		wrong("domain is one of %s, not %q", strings.Join(Domains, ", "), e.Domain)
	}
	if e.Minutes < 1 {
		wrong("minutes is a number from 1 on")
	}
	if len(e.Hints) != hints {
		wrong("there are %d hints, not %d", len(e.Hints), hints)
	}
	if len(e.Checks) == 0 {
		wrong("checks.yaml has no check")
	}
	for i := range e.Checks {
		if err := e.Checks[i].check(); err != nil {
			wrong("checks.yaml: %d: %w", i+1, err)
		}
	}
	return failed
}

// In is the exercise for another default account and region.
func (e *Exercise) In(account, region string) *Exercise {
	if account == Account && region == Region {
		return e
	}
	texts := map[string]string{}
	for name, text := range e.texts {
		texts[name] = strings.ReplaceAll(string(arn.Renumber([]byte(text), Account, account)), Region, region)
	}
	moved, err := parse(texts)
	if err != nil {
		panic("learn: " + err.Error()) // a number and a name in the place of others
	}
	moved.Number, moved.Name = e.Number, e.Name
	return moved
}

// Resource is a resource by its kind and name.
type Resource struct{ Kind, Name string }

// Kinds are the kinds of resources that an exercise may ask for.
var Kinds = []string{"alias", "bucket", "bus", "group", "policy", "queue", "role", "rule", "topic", "trail", "user"}

// UnmarshalYAML implements yaml.Unmarshaler: queue: orders-dlq.
func (r *Resource) UnmarshalYAML(n *yaml.Node) error {
	var one map[string]string
	if err := n.Decode(&one); err != nil {
		return err
	}
	if len(one) != 1 {
		return fmt.Errorf("line %d: a resource is one kind with a name, such as queue: orders", n.Line)
	}
	for r.Kind, r.Name = range one {
		if !slices.Contains(Kinds, r.Kind) || r.Name == "" {
			return fmt.Errorf("line %d: %q is none of %s, or has no name", n.Line, r.Kind, strings.Join(Kinds, ", "))
		}
	}
	if r.Kind == "alias" && !strings.HasPrefix(r.Name, "alias/") {
		r.Name = "alias/" + r.Name
	}
	return nil
}
