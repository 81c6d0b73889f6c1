package integration

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

const worker = "accounts: {'123456789012': {roles: [{name: worker}]}}"

func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A server with a control token is one for the commands that know it, and for
// SDKs that fetch credentials by what env prints.
func TestControlToken(t *testing.T) {
	p := serve(t, "--control-token", "s3cret", "--init", writeFile(t, worker))
	endpoint := "AWS_ENDPOINT_URL=" + p.url
	for _, command := range [][]string{
		{"clock"}, {"clock", "advance", "1s"}, {"coverage"}, {"env"}, {"env", "--https", "--as", "role/worker"}, {"health"},
	} {
		name := strings.Join(command, " ")
		got := program(t, wordless(endpoint, "WAXSEAL_CONTROL_TOKEN=s3cret", "HOME="+t.TempDir()), command...)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("%s with the token in its environment: status %d, %s", name, got.status, got.stderr)
		}
		got = program(t, wordless(endpoint, "WAXSEAL_CONTROL_TOKEN=wrong", "HOME="+t.TempDir()), append(command, "--control-token", "s3cret")...)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("%s with the flag: status %d, %s", name, got.status, got.stderr)
		}
		if name == "health" { // which needs none
			continue
		}
		for variable, want := range map[string]string{
			"X=":                          "waxseal: the server wants its control token, and none is given: --control-token or WAXSEAL_CONTROL_TOKEN says which\n",
			"WAXSEAL_CONTROL_TOKEN=wrong": "waxseal: the server wants its control token, and this is another one (--control-token, WAXSEAL_CONTROL_TOKEN)\n",
			"WAXSEAL_CONTROL_TOKEN=a b":   "waxseal: --control-token: a token has no spaces and no other characters than those of ASCII, for it is sent in a header\n",
		} {
			if got := program(t, wordless(endpoint, variable, "HOME="+t.TempDir()), command...); got.status != 2 || got.stderr != want {
				t.Errorf("%s with %s: status %d, %q, want %q", name, variable, got.status, got.stderr, want)
			}
		}
	}
	for _, help := range []string{"serve", "exec", "env", "clock"} {
		if got := program(t, wordless("WAXSEAL_CONTROL_TOKEN=s3cret"), help, "--help"); strings.Contains(got.stdout, "s3cret") {
			t.Errorf("%s --help shows the token", help)
		}
	}
	got := program(t, wordless(endpoint, "WAXSEAL_CONTROL_TOKEN=s3cret"), "env")
	authorization := "export AWS_CONTAINER_AUTHORIZATION_TOKEN='Bearer s3cret'\n"
	if !strings.Contains(got.stdout, authorization) {
		t.Fatalf("env prints %s\nwithout %s", got.stdout, authorization)
	}
	fetch := func(token string) error {
		_, err := endpointcreds.New(p.url+"/_waxseal/credentials/123456789012/role/worker", func(o *endpointcreds.Options) {
			o.AuthorizationToken = token // as AWS_CONTAINER_AUTHORIZATION_TOKEN has it
		}).Retrieve(t.Context())
		return err
	}
	if err := fetch("Bearer s3cret"); err != nil {
		t.Errorf("the SDK got no credentials: %v", err)
	}
	if err := fetch(""); err == nil {
		t.Error("the SDK got credentials without the token")
	}
	if err := p.stop(syscall.SIGTERM); err != nil { // it has said all that it says
		t.Fatal(err)
	}
	if strings.Contains(p.stderr.String(), "s3cret") {
		t.Errorf("the log has the token: %s", p.stderr)
	}
}

// Under exec the command's SDKs become the principal as without a token, and the
// control API is closed to who does not know it.
func TestExecWithAControlToken(t *testing.T) {
	t.Parallel()
	py := python(t)
	script := writeFile(t, `
import boto3, os, urllib.error, urllib.request
print(boto3.client("sts").get_caller_identity()["Arn"])
print(os.environ["WAXSEAL_CONTROL_TOKEN"])
try:
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_waxseal/events")
except urllib.error.HTTPError as e:
    print(e.code, e.headers["WWW-Authenticate"])
`)
	got := program(t, wordless("HOME="+t.TempDir()), "exec", "--control-token", "s3cret", "--init", writeFile(t, worker), "--as", "role/worker", "--", py, script)
	lines := strings.Split(got.stdout, "\n")
	if got.status != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], "arn:aws:sts::123456789012:assumed-role/worker/") ||
		lines[1] != "s3cret" || lines[2] != `401 Bearer realm="waxseal"` {
		t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
}
