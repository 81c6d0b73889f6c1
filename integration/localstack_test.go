package integration

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A script of LocalStack's runs before the line Ready. and finds the server by
// its environment.
func TestLocalStackInitScripts(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready.d")
	if err := os.Mkdir(ready, 0o700); err != nil {
		t.Fatal(err)
	}
	script := `#!/bin/sh
echo "endpoint $AWS_ENDPOINT_URL region $AWS_DEFAULT_REGION key $AWS_ACCESS_KEY_ID"
echo "awslocal is $(basename $(command -v awslocal))"
`
	if err := os.WriteFile(filepath.Join(ready, "01.sh"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("DEFAULT_REGION", "eu-central-1")
	t.Setenv("SERVICES", "sqs,dynamodb")
	t.Setenv("LOCALSTACK_HOST", "emulator:4566")
	p := serve(t, "--init-scripts", dir)

	var state struct {
		Completed bool
		Scripts   []struct{ Stage, Name, State string }
	}
	if err := json.Unmarshal(p.get("/_localstack/init/ready"), &state); err != nil {
		t.Fatal(err)
	}
	if !state.Completed || len(state.Scripts) != 1 || state.Scripts[0].State != "SUCCESSFUL" {
		t.Errorf("once it is ready the scripts are %+v", state)
	}
	// The Testcontainers module for Go waits for this one.
	if health := string(p.get("/_localstack/health")); !strings.Contains(health, `"sqs":"running"`) {
		t.Errorf("the health is %s", health)
	}
	// A browser may use the name of LOCALSTACK_HOST.
	request, err := http.NewRequest(http.MethodGet, p.url+"/_waxseal/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "emulator:4566"
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("by the name of LOCALSTACK_HOST: %s", answer.Status)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Errorf("it ends with %v", err)
	}
	said := p.stderr.String()
	// The Testcontainers module for Node.js waits for the first "Ready", those
	// for Java and Python for the line "Ready.": nothing else may say it.
	if strings.Contains(said, "Ready") {
		t.Errorf("standard error says Ready:\n%s", said)
	}
	for _, want := range []string{
		"endpoint " + p.url + " region eu-central-1 key test\nawslocal is awslocal\n",
		"SERVICES names dynamodb, which waxseal does not have",
		"LOCALSTACK_HOST: browsers and the control API may use the name emulator",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("standard error lacks %q:\n%s", want, said)
		}
	}
}

// awslocal is the AWS CLI with the endpoint.
func TestAwslocal(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "ready.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ready.d", "queue.sh"), []byte("awslocal sqs create-queue --queue-name from-script\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, "--init-scripts", dir, "--account", "111122223333")
	root := newClients(t, p.config(p.url))
	if got := root.attribute(p.url+"/111122223333/from-script", "QueueArn"); !strings.HasSuffix(got, ":from-script") {
		t.Errorf("the script's queue is %q", got)
	}
}

// A container whose root cannot be written to runs without a folder for
// temporary files: only init scripts take one.
func TestServeWithoutTemporaryFolder(t *testing.T) {
	binary(t)
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	p := serve(t)
	if health := string(p.get("/_waxseal/health")); !strings.Contains(health, `"status":"ok"`) {
		t.Errorf("the health is %s", health)
	}
}
