package cloudformation_test

import (
	"cmp"
	"errors"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/cloudformation"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/template"
)

var update = flag.Bool("update", false, "write how wrong templates of the corpus end, where it says ?")

// TestCorpus deploys all templates of testdata/corpus, by the API and as files, looks at what
// they make, updates and deletes them, after which nothing is left; and has their wrong twins
// refused.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, f := range corpus(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for name, deploy := range deployers {
				t.Run(name, func(t *testing.T) {
					f.right(t, deploy)
					f.refused(t, name, deploy)
				})
			}
			if *update {
				if err := f.rewrite(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// deployer deploys a template as the stack of a file, and says how that went wrong.
type deployer func(e *earth, f *corpusFile, r round) fault

var deployers = map[string]deployer{"api": byAPI, "file": asFile}

// byAPI calls CreateStack or UpdateStack.
func byAPI(e *earth, f *corpusFile, r round) (ended fault) {
	e.t.Helper()
	input := object{
		"StackName": f.name, "TemplateBody": r.text, "Parameters": parameterList(r.parameters),
		"Capabilities": []string{"CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"},
	}
	operation := "CreateStack"
	if _, err := e.call("cloudformation", "DescribeStacks", object{"StackName": f.name}); err == nil {
		operation = "UpdateStack"
	}
	if _, err := e.call("cloudformation", operation, input); err != nil {
		ended.code, ended.refused = codeOf(err)
		return ended
	}
	return e.failures(f.name)
}

func parameterList(parameters map[string]string) (all []object) {
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		all = append(all, object{"ParameterKey": name, "ParameterValue": parameters[name]})
	}
	return all
}

// failures are the failures of a stack's last operation.
func (e *earth) failures(stack string) (ended fault) {
	e.t.Helper()
	events := e.events(stack)
	slices.Reverse(events)
	for _, v := range events {
		status, reason := v["ResourceStatus"].(string), text(v, "ResourceStatusReason")
		switch {
		case text(v, "LogicalResourceId") == stack:
			if strings.Contains(status, "ROLLBACK_IN_PROGRESS") && !strings.HasPrefix(reason, "The following resource(s) failed") {
				ended.failed = append(ended.failed, [2]string{"", reason})
			}
		case strings.HasSuffix(status, "_FAILED") && !strings.HasSuffix(reason, " cancelled"):
			ended.failed = append(ended.failed, [2]string{text(v, "LogicalResourceId"), reason})
		}
	}
	return ended
}

// events are those of a stack's last operation, the newest first.
func (e *earth) events(stack string) (all []map[string]any) {
	e.t.Helper()
	shown := e.ask("cloudformation", "DescribeStackEvents", object{"StackName": stack})["StackEvents"].([]any)
	for _, item := range shown {
		v := item.(map[string]any)
		all = append(all, v)
		if v["LogicalResourceId"] == stack && v["ResourceStatusReason"] == "User Initiated" {
			break
		}
	}
	return all
}

func text(v map[string]any, name string) string {
	s, _ := v[name].(string)
	return s
}

func (e *earth) status(stack string) string {
	e.t.Helper()
	shown, err := e.call("cloudformation", "DescribeStacks", object{"StackName": stack})
	if err != nil {
		return "none"
	}
	return text(shown["Stacks"].([]any)[0].(map[string]any), "StackStatus")
}

// right deploys the template and its updates, and deletes the stack.
func (f *corpusFile) right(t *testing.T, deploy deployer) {
	e := newEarth(t)
	outputs := f.prepare(e)
	before := e.everything()
	var old, now *deployed
	for i, r := range f.rounds {
		if ended := deploy(e, f, r.given(e, outputs)); ended.lines() != "" {
			t.Fatalf("template %d: %s", i, ended.lines())
		}
		if status := e.status(f.name); i == 0 && status != "CREATE_COMPLETE" || i > 0 && status != "UPDATE_COMPLETE" {
			t.Fatalf("template %d: the stack is %s", i, status)
		}
		now = e.look(f.name, old)
		for _, want := range r.wants {
			e.wants(now, want)
		}
		if old = now; t.Failed() {
			return
		}
	}
	e.ask("cloudformation", "DeleteStack", object{"StackName": f.name})
	e.leaves(before, f.left, true)
}

// prepare makes what is to be there before. It returns what that puts out, by STACK.KEY.
func (f *corpusFile) prepare(e *earth) map[string]string {
	e.t.Helper()
	e.put(f.objects)
	outputs := map[string]string{}
	for _, b := range f.before {
		name, region, _ := strings.Cut(b.name, "@")
		service := "cloudformation@" + cmp.Or(region, home)
		e.ask(service, "CreateStack", object{"StackName": name, "TemplateBody": b.text, "Capabilities": []string{"CAPABILITY_NAMED_IAM"}})
		stack := e.ask(service, "DescribeStacks", object{"StackName": name})["Stacks"].([]any)[0].(map[string]any)
		if stack["StackStatus"] != "CREATE_COMPLETE" {
			e.t.Fatalf("stack %s: %v", b.name, stack)
		}
		shown, _ := stack["Outputs"].([]any)
		for _, item := range shown {
			o := item.(map[string]any)
			outputs[name+"."+text(o, "OutputKey")] = text(o, "OutputValue")
		}
	}
	return outputs
}

// hook is where templates have messages sent by HTTP; something listens there.
const hook = "http://hook.test"

func (e *earth) hook() string {
	listener := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	e.t.Cleanup(listener.Close)
	return listener.URL
}

// given is a round with its parameters as they are once outputs are known.
func (r round) given(e *earth, outputs map[string]string) round {
	if strings.Contains(r.text, hook) {
		r.text = strings.ReplaceAll(r.text, hook, e.hook())
	}
	r.parameters = maps.Clone(r.parameters)
	for name, value := range r.parameters {
		r.parameters[name] = variables.ReplaceAllStringFunc(value, func(v string) string { return outputs[v[2:len(v)-1]] })
	}
	return r
}

// refused deploys the wrong templates.
func (f *corpusFile) refused(t *testing.T, how string, deploy deployer) {
	if len(f.wrongs) == 0 {
		return
	}
	e := newEarth(t)
	outputs := f.prepare(e)
	before := e.everything()
	for i := range f.wrongs {
		w := &f.wrongs[i]
		t.Run(w.why, func(t *testing.T) {
			e := e.with(t)
			want := cmp.Or(w.status, "ROLLBACK_COMPLETE")
			if w.update {
				want = cmp.Or(w.status, "UPDATE_ROLLBACK_COMPLETE")
				if ended := deploy(e, f, f.rounds[0].given(e, outputs)); ended.lines() != "" {
					t.Fatal(ended.lines())
				}
			}
			ended := deploy(e, f, w.given(e, outputs))
			w.compare(t, how, &ended)
			if status := e.status(f.name); len(w.failed) > 0 && len(ended.failed) > 0 && status != want {
				t.Errorf("the stack is %s", status)
			}
			e.ask("cloudformation", "DeleteStack", object{"StackName": f.name})
			e.retain(f.name)
			e.leaves(before, f.left, false)
		})
	}
}

// retain deletes a stack that could not be deleted, but for what is at fault.
func (e *earth) retain(stack string) {
	e.t.Helper()
	if e.status(stack) != "DELETE_FAILED" {
		return
	}
	var left []string
	for id, r := range e.look(stack, nil).resources {
		if r["ResourceStatus"] == "DELETE_FAILED" {
			left = append(left, id)
		}
	}
	e.ask("cloudformation", "DeleteStack", object{"StackName": stack, "RetainResources": left})
}

func (w *wrong) compare(t *testing.T, how string, got *fault) {
	t.Helper()
	if w.unknown { // -update writes it
		if how == "file" {
			w.at = got.at
		} else {
			w.code, w.refused, w.failed = got.code, got.refused, got.failed
		}
		if !*update {
			t.Errorf("%s", got.lines())
		}
		return
	}
	same := glob(w.refused, got.refused) && w.code == got.code && slices.EqualFunc(w.failed, got.failed, func(a, b [2]string) bool {
		return a[0] == b[0] && glob(a[1], b[1])
	})
	if how == "file" {
		same = slices.EqualFunc(w.at, got.at, func(a, b string) bool { return glob(w.problem(a), b) })
	}
	if !same {
		t.Errorf("it ends with\n%swant\n%s", got.lines(), w.lines())
	}
}

// asFile applies a template as one from a file.
func asFile(e *earth, f *corpusFile, r round) (ended fault) {
	e.t.Helper()
	parsed, err := template.Parse(r.text)
	if fault, ok := errors.AsType[*template.Error](err); ok {
		ended.at = []string{place(fault.At) + " " + fault.Message}
		return ended
	}
	problems, err := e.CloudFormation.Apply(api.WithRequest(e.t.Context(), e.request()), &cloudformation.ApplyInput{
		Name: f.name, Template: parsed, Parameters: r.parameters, NestedTemplate: f.nested,
	})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, p := range problems {
		ended.at = append(ended.at, place(p.At)+" "+p.Message)
	}
	return ended
}

// nested finds the template of a nested stack.
func (f *corpusFile) nested(url string) (string, bool) {
	key, ok := strings.CutPrefix(url, "https://templates.s3.amazonaws.com/")
	text, known := f.objects[key]
	return text, ok && known
}
