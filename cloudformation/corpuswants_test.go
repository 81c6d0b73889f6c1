package cloudformation_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// deployed is a stack that is to be looked at.
type deployed struct {
	name, id  string
	resources map[string]map[string]any
	outputs   map[string]string
	exports   map[string]string
	old       *deployed
}

func (e *earth) look(name string, old *deployed) *deployed {
	e.t.Helper()
	d := &deployed{name: name, old: old, resources: map[string]map[string]any{}, outputs: map[string]string{}, exports: map[string]string{}}
	stack := e.ask("cloudformation", "DescribeStacks", object{"StackName": name})["Stacks"].([]any)[0].(map[string]any)
	d.id = text(stack, "StackId")
	shown, _ := stack["Outputs"].([]any)
	for _, item := range shown {
		o := item.(map[string]any)
		d.outputs[text(o, "OutputKey")] = text(o, "OutputValue")
		if export := text(o, "ExportName"); export != "" {
			d.exports[export] = text(o, "OutputValue")
		}
	}
	resources, _ := e.ask("cloudformation", "DescribeStackResources", object{"StackName": name})["StackResources"].([]any)
	for _, item := range resources {
		r := item.(map[string]any)
		d.resources[text(r, "LogicalResourceId")] = r
	}
	return d
}

func (d *deployed) physical(id string) (string, bool) {
	r, ok := d.resources[id]
	return text(r, "PhysicalResourceId"), ok
}

var variables = regexp.MustCompile(`\$\{[A-Za-z0-9:.]+\}`)

// fill puts values into a text: ${ID} is a resource's physical id, ${old.ID} that before the
// update, ${KEY} an output; there are AWS's pseudo parameters, too.
func (d *deployed) fill(s string) string {
	return variables.ReplaceAllStringFunc(s, func(v string) string {
		name := v[2 : len(v)-1]
		if old, ok := strings.CutPrefix(name, "old."); ok && d.old != nil {
			return d.old.fill("${" + old + "}")
		}
		if id, ok := d.physical(name); ok {
			return id
		}
		if value, ok := d.outputs[name]; ok {
			return value
		}
		switch name {
		case "AWS::AccountId":
			return account
		case "AWS::Region":
			return home
		case "AWS::StackName":
			return d.name
		case "AWS::StackId":
			return d.id
		}
		return v
	})
}

// wants looks whether a line holds:
//
//	output KEY = VALUE         of the stack; export NAME = VALUE likewise
//	resource ID = PHYSICALID   of the stack; absent ID: there is none
//	event ID STATUS REASON     of the last operation
//	replaced ID …, updated ID …, kept ID …: what an update did with resources
//	SERVICE OPERATION {INPUT} => {SOME OF THE OUTPUT}, or => error CODE
func (e *earth) wants(d *deployed, line string) {
	e.t.Helper()
	word, rest, _ := strings.Cut(d.fill(line), " ")
	name, value, _ := strings.Cut(rest, " = ")
	is := func(got string, there bool) {
		e.t.Helper()
		if !there || !glob(value, got) {
			e.t.Errorf("%s: it is %q, there: %v", line, got, there)
		}
	}
	switch word {
	case "output":
		got, ok := d.outputs[name]
		is(got, ok)
	case "export":
		got, ok := d.exports[name]
		is(got, ok)
	case "resource":
		name, _, _ = strings.Cut(strings.TrimPrefix(line, "resource "), " = ")
		got, ok := d.physical(name)
		is(got, ok)
	case "absent":
		if got, ok := d.physical(strings.TrimPrefix(line, "absent ")); ok {
			e.t.Errorf("%s: it is %s", line, got)
		}
	case "event":
		e.wantsEvent(d, strings.TrimPrefix(line, "event "))
	case "replaced", "updated", "kept":
		for id := range strings.FieldsSeq(strings.TrimPrefix(line, word)) {
			if got := e.became(d, id); got != word {
				e.t.Errorf("%s was %s, not %s", id, got, word)
			}
		}
	default:
		e.wantsAnswer(word, rest)
	}
}

func (e *earth) wantsEvent(d *deployed, line string) {
	e.t.Helper()
	id, rest, _ := strings.Cut(line, " ")
	status, reason, _ := strings.Cut(rest, " ")
	if !slices.ContainsFunc(e.events(d.name), func(v map[string]any) bool {
		return v["LogicalResourceId"] == id && v["ResourceStatus"] == status && glob(d.fill(reason), text(v, "ResourceStatusReason"))
	}) {
		e.t.Errorf("there is no event %s, but %s", line, shown(e.events(d.name)))
	}
}

// became is what an update did with a resource.
func (e *earth) became(d *deployed, id string) string {
	e.t.Helper()
	now, _ := d.physical(id)
	old, _ := d.old.physical(id)
	if now != old {
		return "replaced"
	}
	if slices.ContainsFunc(e.events(d.name), func(v map[string]any) bool { return v["LogicalResourceId"] == id }) {
		return "updated"
	}
	return "kept"
}

func (e *earth) wantsAnswer(service, rest string) {
	e.t.Helper()
	operation, rest, _ := strings.Cut(rest, " ")
	input, output, ok := strings.Cut(rest, " => ")
	if !ok {
		e.t.Fatalf("%s %s: nothing is wanted", service, operation)
	}
	var given object
	var want any
	if err := json.Unmarshal([]byte(input), &given); err != nil {
		e.t.Fatalf("%s: %v", input, err)
	}
	got, err := e.call(service, operation, given)
	if code, refused := strings.CutPrefix(output, "error "); refused {
		if is, _ := codeOf(err); is != code {
			e.t.Errorf("%s %s %s: %v, not %s", service, operation, input, err, code)
		}
		return
	}
	if err != nil {
		e.t.Errorf("%s %s %s: %v", service, operation, input, err)
		return
	}
	if err := json.Unmarshal([]byte(output), &want); err != nil {
		e.t.Fatalf("%s: %v", output, err)
	}
	if d := differs(operation, want, any(got)); d != "" {
		e.t.Errorf("%s %s %s: %s", service, operation, input, d)
	}
}
