package integration

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

const (
	scenarioFile   = "testdata/sqs/scenario.json"
	scenarioGolden = "testdata/sqs/scenario.golden"
)

// TestScenario plays one scenario of Amazon SQS with four clients, each on a
// server of its own: Go v2, boto3 and JavaScript v3 speak JSON, JavaScript v2
// of that time Query. All see the same.
func TestScenario(t *testing.T) {
	t.Parallel()
	var golden string
	if !*update {
		golden = readFile(t, scenarioGolden)
	}
	for _, client := range []struct {
		name string
		play func(t *testing.T, url string) string
	}{
		{"Go v2", playGo},
		{"boto3", func(t *testing.T, url string) string {
			return run(t, scenarioEnv(url), python(t), "python/sqs_scenario.py", scenarioFile)
		}},
		{"JavaScript v3", func(t *testing.T, url string) string {
			return run(t, scenarioEnv(url), node(t), "js/sqs_scenario.mjs", scenarioFile, "v3")
		}},
		{"JavaScript v2, Query", func(t *testing.T, url string) string {
			return run(t, scenarioEnv(url), nodeV2(t), "js/sqs_scenario.mjs", scenarioFile, "v2")
		}},
	} {
		t.Run(client.name, func(t *testing.T) {
			got := transcript(t, client.play(t, start(t).URL()))
			if golden == "" { // the first client writes what the others are compared with
				golden = got
				if err := os.WriteFile(scenarioGolden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.Split(golden, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-%s +got):\n%s", scenarioGolden, diff)
			}
		})
	}
}

func scenarioEnv(url string) []string {
	return (&process{url: url}).env("AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE=1")
}

// nodeV2 is Node.js with the AWS SDK for JavaScript v2 of integration/js.
func nodeV2(t *testing.T) string {
	t.Helper()
	check := exec.Command("node", "-e", "require('aws-sdk/package.json')")
	check.Dir = "js"
	if out, err := check.CombinedOutput(); err != nil {
		missing(t, "Node.js with aws-sdk (npm install in integration/js)", fmt.Errorf("%w: %s", err, out))
	}
	return "node"
}

// scenarioStep is a step of the scenario: a call, or a turn of the clock.
type scenarioStep struct {
	Advance, Op string
	Params      any
	Save        map[string]string
	Until       *struct{ Path, Is string }
}

// playGo plays the scenario with the SDK for Go: inputs are read into its
// shapes, as JSON, and what it answers is written in the same way.
func playGo(t *testing.T, url string) string {
	client := sqs.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	var steps []scenarioStep
	if err := json.Unmarshal([]byte(readFile(t, scenarioFile)), &steps); err != nil {
		t.Fatal(err)
	}
	saved := map[string]any{}
	var out strings.Builder
	for _, s := range steps {
		if s.Advance != "" {
			answer, err := http.Post(url+"/_waxseal/clock", "application/json", strings.NewReader(`{"advance":"`+s.Advance+`"}`))
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatal(answer, err)
			}
			_ = answer.Body.Close()
		}
		if s.Op == "" {
			continue
		}
		result, err := callGo(t, client, s.Op, resolve(s.Params, saved))
		for end := time.Now().Add(time.Minute); s.Until != nil && at(result, s.Until.Path) != s.Until.Is; {
			if time.Now().After(end) {
				t.Fatalf("%s stays %v", s.Op, result)
			}
			time.Sleep(20 * time.Millisecond)
			result, err = callGo(t, client, s.Op, resolve(s.Params, saved))
		}
		for name, path := range s.Save {
			saved[name] = at(result, path)
		}
		line := map[string]any{"op": s.Op, "result": result}
		if err != nil {
			line = map[string]any{"op": s.Op, "error": goError(t, err)}
		}
		if err := json.NewEncoder(&out).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// callGo calls an operation by its name.
func callGo(t *testing.T, client *sqs.Client, op string, params any) (result any, err error) {
	t.Helper()
	method := reflect.ValueOf(client).MethodByName(op)
	in := reflect.New(method.Type().In(1).Elem())
	raw, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, in.Interface()); err != nil {
		t.Fatal(err)
	}
	got := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
	if err, failed := got[1].Interface().(error); failed {
		return nil, err
	}
	if raw, err = json.Marshal(got[0].Interface()); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		t.Fatal(err)
	}
	delete(result.(map[string]any), "ResultMetadata")
	return result, nil
}

func goError(t *testing.T, err error) map[string]any {
	t.Helper()
	if _, ok := errors.AsType[smithy.APIError](err); !ok {
		t.Fatal(err)
	}
	f := failure(t, err)
	return map[string]any{"Code": f.code, "Message": f.message, "Status": f.status}
}

// resolve puts saved values in the place of $names. Bytes stay in base64.
func resolve(v any, saved map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		if b, ok := v["$bytes"]; ok {
			return b
		}
		out := map[string]any{}
		for key, value := range v {
			out[key] = resolve(value, saved)
		}
		return out
	case []any:
		out := []any{}
		for _, value := range v {
			out = append(out, resolve(value, saved))
		}
		return out
	case string:
		if name, ok := strings.CutPrefix(v, "$"); ok {
			return saved[name]
		}
	}
	return v
}

func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		}
	}
	return v
}

// transcript is what a client printed in the form that all clients have in
// common: members that say nothing are left out, and what is another at every
// run is called by its kind and the order in which it turned up.
func transcript(t *testing.T, printed string) string {
	t.Helper()
	n := namer{names: map[string]string{}, count: map[string]int{}}
	var out strings.Builder
	lines := bufio.NewScanner(strings.NewReader(printed))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v in %q", err, lines.Text())
		}
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if err := e.Encode(n.plain("", line)); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// namer gives names to what is another at every run.
type namer struct {
	names map[string]string // by value
	count map[string]int    // by kind
}

// random are the members that are another at every run; of times nothing is kept.
var (
	random = []string{"MessageId", "ReceiptHandle", "SequenceNumber", "TaskHandle", "NextToken"}
	times  = []string{"SentTimestamp", "ApproximateFirstReceiveTimestamp", "CreatedTimestamp", "LastModifiedTimestamp", "StartedTimestamp"}
	host   = regexp.MustCompile(`http://[^/]+/`)
)

func (n *namer) name(kind, value string) string {
	if n.names[value] == "" {
		n.count[kind]++
		n.names[value] = fmt.Sprintf("%s-%d", kind, n.count[kind])
	}
	return n.names[value]
}

func (n *namer) plain(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, member := range slices.Sorted(maps.Keys(v)) {
			value := n.plain(member, v[member])
			if member == "queueUrls" { // the name of the API [Q189]; that of Go's shape is QueueUrls
				member = "QueueUrls"
			}
			if !nothing(value) {
				out[member] = value
			}
		}
		return out
	case []any:
		out := []any{}
		for _, value := range v {
			out = append(out, n.plain(key, value))
		}
		return out
	}
	if slices.Contains(times, key) && v != nil {
		return "TIME"
	}
	text, ok := v.(string)
	if !ok {
		return v
	}
	if slices.Contains(random, key) {
		return n.name(key, text)
	}
	for value, name := range n.names { // handles turn up in messages
		text = strings.ReplaceAll(text, value, name)
	}
	text = strings.Replace(text, "does not exist for this wsdl version.", "does not exist.", 1) // [Q018]: the one text that Query has for itself
	return host.ReplaceAllString(text, "")
}

// nothing reports whether a member says nothing: clients differ in how they say so.
func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	default:
		return false
	}
}
