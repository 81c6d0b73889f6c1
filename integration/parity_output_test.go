package integration

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// Whether an operation has an output at all is a fact of each service's model
// that the SDK for Go does not tell: both have a struct without members. The
// list of testdata, SERVICE OPERATION none|empty, is made from botocore's models.
const outputsFile = "testdata/parity/outputs.txt"

// outputs reads such a list, by service and operation.
func outputs(list string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) == 3 {
			m[fields[0]+" "+fields[1]] = fields[2]
		}
	}
	return m
}

// TestOutputsAreAsModeled holds the answers of operations whose output has no
// members to the list.
func TestOutputsAreAsModeled(t *testing.T) {
	modeled := outputs(readFile(t, outputsFile))
	for _, service := range services(t) {
		if service.Dialects[0].Protocol() == "restXml" {
			continue // whose answers are alike
		}
		for i := range service.Operations {
			op := &service.Operations[i]
			if got, want := memberless(t, &service, op), modeled[service.Name+" "+op.Name]; got != want {
				t.Errorf("%s: the output of %s is %q, in the model %q (a new operation is listed by -run TestOutputsFile -update)", service.Name, op.Name, got, want)
			}
		}
	}
}

// memberless says what an operation answers whose output has no members.
func memberless(t *testing.T, service *api.Service, op *api.Operation) string {
	t.Helper()
	if len(members(op.Out)) > 0 {
		return ""
	}
	w := httptest.NewRecorder()
	dialect := service.Dialects[len(service.Dialects)-1] // Query, where it speaks JSON too
	callTo(t, service, op, dialect.Protocol()).WriteResult(w, reflect.New(op.Out).Interface(), "r")
	if body := w.Body.String(); strings.Contains(body, "Result") || body == "{}" {
		return "empty"
	}
	return "none"
}

// TestOutputsFile compares the list with the models of the botocore that is
// installed, as far as that knows our operations; -update writes the list.
func TestOutputsFile(t *testing.T) {
	t.Parallel()
	const script = `
import sys, botocore.loaders
loader = botocore.loaders.Loader()
for service in sys.argv[1:]:
    model = loader.load_service_model(service, "service-2")
    for name, operation in model["operations"].items():
        output = operation.get("output")
        members = output and model["shapes"][output["shape"]].get("members")
        print(service, name, "some" if members else "empty" if output else "none")
`
	table := services(t)
	arguments := []string{"-c", script}
	for _, service := range table {
		arguments = append(arguments, service.Name)
	}
	var complaint bytes.Buffer
	command := exec.Command(python(t), arguments...)
	command.Stderr = &complaint
	listed, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &complaint)
	}
	modeled, filed := outputs(string(listed)), outputs(readFile(t, outputsFile))
	if *update {
		maps.DeleteFunc(modeled, func(_, kind string) bool { return kind == "some" })
		var lines strings.Builder
		for _, name := range slices.Sorted(maps.Keys(modeled)) {
			fmt.Fprintln(&lines, name, modeled[name])
		}
		if err := os.WriteFile(outputsFile, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, service := range table {
		for _, op := range service.Operations {
			name := service.Name + " " + op.Name
			if want, known := modeled[name]; known && cmp.Or(filed[name], "some") != want {
				t.Errorf("%s is listed as %q, and is %q", name, filed[name], want)
			}
		}
	}
}
