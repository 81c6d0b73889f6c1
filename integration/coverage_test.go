package integration

import (
	"os/exec"
	"strings"
	"testing"
)

// The program says which statements real calls have exercised, and fails a
// build that exercised too few.
func TestCoverageOfRealCalls(t *testing.T) {
	p := serve(t)
	root := newClients(t, p.config(p.url))
	url, arn := root.queue("covered", map[string]string{"Policy": `{"Version":"2012-10-17","Statement":[
		{"Sid":"Purge","Effect":"Deny","Principal":"*","Action":"sqs:PurgeQueue","Resource":"*"},
		{"Sid":"Send","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sqs:SendMessage","Resource":"*"}
	]}`})
	// Beside this one there was the GetQueueAttributes that told the ARN.
	if err := root.send(url, "hello"); err != nil {
		t.Fatal(err)
	}
	got := run(t, p.env(), binary(t), "coverage", "--min", "50")
	for _, want := range []string{"1/2  " + arn + " resource\n", "line 2: Deny Purge: never matched (2 requests)\n", "1 of 2 statements covered (50.0 %)\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	cmd := exec.Command(binary(t), "coverage", "--min", "51", "--format", "lcov")
	cmd.Env = p.env()
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "SF:"+arn+"/resource\nDA:2,0\nDA:3,1\n") {
		t.Errorf("--min 51: %v\n%s", err, out)
	}
}
