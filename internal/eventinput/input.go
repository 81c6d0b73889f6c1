package eventinput

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/jackson"
)

// Input says what a target gets. At most one of the three is given.
type Input struct {
	Constant    *string // Input
	Path        *string // InputPath
	Transformer *Transformer
}

// Transformer is a template with variables, and the paths of their values.
type Transformer struct {
	Paths    map[string]string
	Template string
}

// Rule is what the variables of the event's own tell of a delivery.
type Rule struct {
	ARN, Name string
	// Ingested is when the event came in.
	Ingested time.Time
}

// The variables that need no path [V122].
const (
	ruleARN       = "aws.events.rule-arn"
	ruleName      = "aws.events.rule-name"
	ingestionTime = "aws.events.event.ingestion-time"
	withoutDetail = "aws.events.event"
	wholeEvent    = "aws.events.event.json"
)

var reserved = []string{ruleARN, ruleName, ingestionTime, withoutDetail, wholeEvent}

// variable is a placeholder in a template.
var (
	variable     = regexp.MustCompile(`<([A-Za-z0-9_.-]+)>`)
	variableHere = regexp.MustCompile(`^<([A-Za-z0-9_.-]+)>`)
)

var variableName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Check reports what PutTargets refuses of the target with an id, in AWS's words. It does not
// look at the paths [V110].
func (in *Input) Check(id string) error {
	given := 0
	for _, is := range []bool{in.Constant != nil, in.Path != nil, in.Transformer != nil} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return complain("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", id) // [V069]
	case in.Constant != nil:
		return checkConstant(id, *in.Constant)
	case in.Transformer != nil:
		return in.Transformer.check(id)
	}
	return nil
}

// complaint is an error in AWS's words.
type complaint string

func (c complaint) Error() string { return string(c) }

func complain(format string, args ...any) error { return complaint(fmt.Sprintf(format, args...)) }

// checkConstant wants JSON. AWS tells the place at which its parser gave up.
func checkConstant(id, text string) error {
	_, err := jackson.Check(text, jackson.Quoted)
	if err == nil && !json.Valid([]byte(text)) {
		return complain("JSON syntax error in input for target %s", id)
	}
	if e := new(jackson.Error); errors.As(err, &e) {
		return complain("JSON syntax error in input for target %s: %s", id, e.Place())
	}
	return nil
}

func (t *Transformer) check(id string) error {
	names := make([]string, 0, len(t.Paths))
	for name := range t.Paths {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !variableName.MatchString(name) { // a dot is among what it may not have: AWS. is not to begin it [V113]
			return complain("InputPathsMap for target %s contains invalid key %s.", id, name)
		}
	}
	for _, m := range variable.FindAllStringSubmatch(t.Template, -1) {
		if _, ok := t.Paths[m[1]]; !ok && !slices.Contains(reserved, m[1]) {
			return complain("InputTemplate for target %s contains invalid placeholder %s.", id, m[1]) // [V112]
		}
	}
	return nil
}

// Apply is what a target gets of an event, which is compact JSON; ok is false where it gets
// nothing.
func (in *Input) Apply(event json.RawMessage, rule Rule) (text string, ok bool) {
	switch {
	case in.Constant != nil:
		return *in.Constant, true // [V108]
	case in.Path != nil:
		part := find(event, *in.Path) // [V109]
		if part == nil {
			return "null", true
		}
		return string(part), true
	case in.Transformer != nil:
		return in.Transformer.apply(event, rule)
	default:
		return string(event), true
	}
}

func (t *Transformer) apply(event json.RawMessage, rule Rule) (string, bool) {
	f := &filling{map[string]json.RawMessage{}, map[string]string{}}
	for name, path := range t.Paths {
		f.values[name] = find(event, path)
	}
	f.values[ruleARN] = quoted(rule.ARN)
	f.values[ruleName] = quoted(rule.Name)
	f.values[ingestionTime] = quoted(rule.Ingested.UTC().Format("2006-01-02T15:04:05Z"))
	f.values[wholeEvent] = compact(event)
	f.values[withoutDetail] = envelope(event)
	if strings.HasPrefix(strings.TrimSpace(t.Template), `"`) {
		return f.text(t.Template)
	}
	return f.json(t.Template)
}

// envelopeOrder are the members of an event without its detail, in the order and with the
// names that the variable has [V122].
var envelopeOrder = [][2]string{
	{"id", "id"}, {"account", "account"}, {"detailType", "detail-type"}, {"time", "time"}, {"source", "source"},
	{"region", "region"}, {"resources", "resources"}, {"version", "version"},
}

// envelope is an event without its detail.
func envelope(event json.RawMessage) json.RawMessage {
	values := map[string]json.RawMessage{}
	members(event, func(name string, _ int, value json.RawMessage) { values[name] = value })
	left := []byte{'{'}
	for _, m := range envelopeOrder {
		if values[m[1]] == nil {
			continue
		}
		if len(left) > 1 {
			left = append(left, ',')
		}
		left = append(append(append(left, quoted(m[0])...), ':'), compact(values[m[1]])...)
	}
	return append(left, '}')
}

// quoted is a text as JSON, which like AWS's leaves <, > and & as they are.
func quoted(text string) json.RawMessage {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return json.RawMessage(`""`)
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}
