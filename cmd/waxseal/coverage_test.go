package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const coverageAnswer = `{"covered":2,"statements":5,"percent":40,"policies":[` +
	`{"owner":"arn:aws:iam::123456789012:role/r","kind":"identity","name":"send","statements":[` +
	`{"sid":"","effect":"Allow","line":1,"endLine":1,"allowed":3,"denied":0,"conditionFailed":0,"unmatched":1},` +
	`{"sid":"","effect":"Deny","line":1,"endLine":1,"allowed":0,"denied":0,"conditionFailed":0,"unmatched":0}]},` +
	`{"owner":"arn:aws:sqs:us-east-1:123456789012:q","kind":"resource","name":"resource","statements":[` +
	`{"sid":"Transport","effect":"Deny","line":3,"endLine":5,"allowed":0,"denied":2,"conditionFailed":9,"unmatched":0},` +
	`{"sid":"<b>Topic</b>","effect":"Allow","line":6,"endLine":7,"allowed":0,"denied":0,"conditionFailed":1,"unmatched":7},` +
	`{"sid":"","effect":"Allow","line":9,"endLine":9,"allowed":0,"denied":0,"conditionFailed":0,"unmatched":8}]}]}` + "\n"

// execute runs the program against a server that answers the coverage report,
// and answers what it prints and how it exits.
func execute(t *testing.T, body string, args ...string) (string, error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/_waxseal/coverage" || r.URL.RawQuery != "" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, body)
	}))
	defer s.Close()
	t.Setenv("AWS_CA_BUNDLE", "")
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append([]string{"coverage", "--endpoint-url", s.URL}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestCoverageText(t *testing.T) {
	for _, args := range [][]string{nil, {"--format", "text"}} {
		got, err := execute(t, coverageAnswer, args...)
		if err != nil {
			t.Fatal(err)
		}
		const want = `1/2  arn:aws:iam::123456789012:role/r identity send
     line 1: Deny statement 2: never matched (no request met the policy)
1/3  arn:aws:sqs:us-east-1:123456789012:q resource
     line 6: Allow <b>Topic</b>: condition never true (1 request)
     line 9: Allow statement 3: never matched (8 requests)
2 of 5 statements covered (40.0 %)
`
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestCoverageJSON(t *testing.T) {
	if got, err := execute(t, coverageAnswer, "--format", "json"); err != nil || got != coverageAnswer {
		t.Errorf("%s, %v", got, err)
	}
}

func TestCoverageLCOV(t *testing.T) {
	got, err := execute(t, coverageAnswer, "--format", "lcov")
	if err != nil {
		t.Fatal(err)
	}
	// Two statements share line 1 of the first policy: the one that was never exercised shows.
	const want = `SF:arn:aws:iam::123456789012:role/r/send
DA:1,0
LF:1
LH:0
end_of_record
SF:arn:aws:sqs:us-east-1:123456789012:q/resource
DA:3,2
DA:4,2
DA:5,2
DA:6,0
DA:7,0
DA:9,0
LF:6
LH:3
end_of_record
`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestCoverageHTML(t *testing.T) {
	got, err := execute(t, coverageAnswer, "--format", "html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<!DOCTYPE html>", "2 of 5 statements covered (40.0 %)", "arn:aws:sqs:us-east-1:123456789012:q resource: 1 of 3",
		`<tr class="yes"><td>Transport</td><td>Deny</td><td class="n">3–5</td><td class="n">0</td><td class="n">2</td><td class="n">9</td>`,
		`<tr class="no"><td>&lt;b&gt;Topic&lt;/b&gt;</td>`, "condition never true (1 request)", "</html>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in the page", want)
		}
	}
	for _, not := range []string{"<b>", "<script", "http://", "https://", " src=", "<link"} {
		if strings.Contains(got, not) {
			t.Errorf("the page has %s", not)
		}
	}
}

func TestCoverageMin(t *testing.T) {
	const nothing = `{"covered":0,"statements":0,"percent":100,"policies":[]}`
	for _, test := range []struct {
		body, min string
		status    int
	}{
		{coverageAnswer, "0", 0},
		{coverageAnswer, "40", 0},
		{coverageAnswer, "40.1", exitNo},
		{coverageAnswer, "100", exitNo},
		{nothing, "100", 0},
		// Two thirds are shown as 66.6 %, and are more than that.
		{`{"covered":2,"statements":3,"percent":66.6,"policies":[]}`, "66.66", 0},
		{coverageAnswer, "101", exitUsage},
		{coverageAnswer, "-1", exitUsage},
		{coverageAnswer, "NaN", exitUsage},
		{coverageAnswer, "most", exitUsage},
	} {
		out, err := execute(t, test.body, "--min", test.min)
		if got := statusOf(err); got != test.status {
			t.Errorf("--min %s: exit status %d (%v), want %d", test.min, got, err, test.status)
		}
		if printed := strings.Contains(out, "statements covered"); printed != (test.status != exitUsage) {
			t.Errorf("--min %s printed %q", test.min, out)
		}
	}
}

// statusOf is the exit status that run makes of an error.
func statusOf(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.status
	}
	return exitUsage
}

func TestCoverageUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--format", "xml"}, `--format: "xml" is not one of text, json, lcov and html`},
		{[]string{"extra"}, "extra"},
		{[]string{"--endpoint-url", "http://127.0.0.1:1"}, "start one with: waxseal serve"},
	} {
		out, err := execute(t, coverageAnswer, test.args...)
		if err == nil || !strings.Contains(err.Error(), test.want) || out != "" {
			t.Errorf("%v: printed %q, %v; want %s", test.args, out, err, test.want)
		}
	}
}

// What a fixture file declares is told by the file, and a key by its alias too.
func TestCoverageOfPoliciesOfAFile(t *testing.T) {
	const answer = `{"covered":1,"statements":3,"percent":33.3,"policies":[
{"owner":"arn:aws:iam::123456789012:role/r","kind":"identity","name":"send","statements":[
 {"sid":"Send","effect":"Allow","file":"f.yaml","line":12,"endLine":14,"allowed":2,"denied":0,"conditionFailed":0,"unmatched":0},
 {"sid":"Purge","effect":"Allow","file":"f.yaml","line":15,"endLine":15,"allowed":0,"denied":0,"conditionFailed":0,"unmatched":1}]},
{"owner":"arn:aws:kms:us-east-1:123456789012:key/k","kind":"resource","name":"resource","alias":"alias/shop","statements":[
 {"sid":"Key","effect":"Allow","file":"f.yaml","line":31,"endLine":31,"allowed":0,"denied":0,"conditionFailed":0,"unmatched":0}]}]}`
	for format, want := range map[string]string{
		"text": "1/2  arn:aws:iam::123456789012:role/r identity send\n     f.yaml:15: Allow Purge: never matched (1 request)\n" +
			"0/1  arn:aws:kms:us-east-1:123456789012:key/k (alias/shop) resource\n     f.yaml:31: Allow Key: never matched (no request met the policy)\n",
		"lcov": "SF:f.yaml\nDA:12,2\nDA:13,2\nDA:14,2\nDA:15,0\nDA:31,0\nLF:5\nLH:3\nend_of_record\n",
		"html": `<td class="n">f.yaml:12–14</td>`,
	} {
		got, err := execute(t, answer, "--format", format)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v\n%s\nwant in it\n%s", format, err, got, want)
		}
	}
}

// A long line is broken where there is no terminal, too.
func TestWhatIsPrintedForAPersonIsWrapped(t *testing.T) {
	long := "arn:aws:iam::123456789012:role/" + strings.Repeat("r", 60)
	got, err := execute(t, `{"covered":0,"statements":1,"percent":0,"policies":[{"owner":"`+long+`","kind":"identity","name":"`+strings.Repeat("n", 60)+`","statements":[{"effect":"Allow"}]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(got) {
		if len(line) > 101 {
			t.Errorf("a line of %d characters: %s", len(line)-1, line)
		}
	}
}
