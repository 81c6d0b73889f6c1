package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What a command cannot do is one line that says what is wrong, and status 2, or
// 1 where the answer is no.
func TestWrongFlagsAreSaid(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // where nothing answers
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"serve --log loud", exitUsage, `--log: "loud" is none of debug, info, warn, error`},
		{"serve --durability half", exitUsage, `--durability: "half" is neither full nor relaxed`},
		{"serve --log-format xml", exitUsage, `--log-format: "xml" is neither text nor json`},
		{"serve --strict very", exitUsage, `--strict: "very" is none of credentials, principals, transport, templates, all`},
		{"serve --allow-region no/where", exitUsage, `--allow-region: "no/where"`},
		{"serve --control-token näher", exitUsage, "--control-token: a token has no spaces and no other characters than those of ASCII"},
		{"serve --tls-cert " + text, exitUsage, "--tls-cert and --tls-key go together"},
		{"serve --tls-key " + text, exitUsage, "--tls-cert and --tls-key go together"},
		{"serve --tls-cert " + text + " --tls-key " + text, exitUsage, "--tls-cert: tls: failed to find any PEM data"},
		{"serve --tls-cert " + dir + "/none --tls-key " + text, exitUsage, "--tls-cert: open " + dir + "/none: no such file"},
		{"serve --root-key " + text + " --addr 127.0.0.1:0", exitUsage, "--root-key: " + text + " does not hold a root key"},
		{"exec --control-token näher -- true", exitUsage, "--control-token: a token has no spaces"},
		{"exec --init " + dir + "/none -- true", exitUsage, dir + "/none: cannot be read: no such file"},
		{"env --as consumer", exitUsage, `--as: a principal is "root", "role/NAME", "user/NAME" or an ARN, not "consumer"`},
		{"env --account 12", exitUsage, `--account: "12" is not an account of 12 digits`},
		{"env --as role/worker", exitUsage, "no server answers at http://127.0.0.1:1"},
		{"env", exitUsage, "no server answers at http://127.0.0.1:1"},
		{"env --shell csh", exitUsage, `--shell: "csh" is none of bash, zsh, fish, powershell`},
		{"env --https", exitUsage, "no server answers at http://127.0.0.1:1"},
		{"env --endpoint-url ://x --https", exitUsage, "--endpoint-url: "},
		{"explain --message m 1", exitUsage, "--message goes with neither a request id nor --json; the deliveries as data are at /_waxseal/deliveries"},
		{"explain --message m --json", exitUsage, "--message goes with neither a request id nor --json"},
		{"health --control-token näher", exitNo, "--control-token: a token has no spaces"},
		{"health --endpoint-url ://x", exitNo, "--endpoint-url: "},
		{"coverage --format xml", exitUsage, `"xml"`},
		{"coverage", exitUsage, "no server answers at http://127.0.0.1:1"},
		{"clock", exitUsage, "no server answers at http://127.0.0.1:1"},
		{"eval " + dir, exitUsage, "is a directory"},
	} {
		out, status, err := command(t, "", strings.Fields(c.args)...)
		if strings.HasPrefix(c.args, "env") {
			out = strings.TrimPrefix(out, shells[0].failing()) // which the shell gets
		}
		if err == nil || status != c.status || !strings.Contains(err.Error(), c.want) || out != "" {
			t.Errorf("%s: status %d, %v, printed %q; want status %d, %s", c.args, status, err, out, c.status, c.want)
		}
	}
}

// A server without an answer of waxseal's, and one that cannot be trusted, are told apart.
func TestWhatIsNoServerOfWaxsealsIsSaid(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "text")
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	answering := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, c := range []struct {
		name, bundle, token string
		answer              http.HandlerFunc
		want                string
	}{
		{"a web server", "", "", answering(200, "<html>hello</html>"), "does not answer as waxseal does"},
		{"another API", "", "", answering(503, "come back later\n"), "come back later"},
		{"an error of waxseal's", "", "", answering(400, `{"error":"there is no parameter \"x\""}`), `there is no parameter "x"`},
		{"no token", "", "", answering(401, ""), "the server wants its control token, and none is given: --control-token or WAXSEAL_CONTROL_TOKEN says which"},
		{"another token", "", "s3cret", answering(401, ""), "the server wants its control token, and this is another one (--control-token, WAXSEAL_CONTROL_TOKEN)"},
		{"a bundle that is absent", dir + "/none", "", answering(200, "{}"), "AWS_CA_BUNDLE: open " + dir + "/none"},
		{"a bundle that is none", file, "", answering(200, "{}"), "AWS_CA_BUNDLE: " + file + " holds no certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			t.Setenv("AWS_CA_BUNDLE", c.bundle)
			t.Setenv("WAXSEAL_CONTROL_TOKEN", c.token)
			out, status, err := command(t, "", "health", "--endpoint-url", s.URL)
			if err == nil || status != exitNo || !strings.Contains(err.Error(), c.want) || out != "" {
				t.Errorf("status %d, %v, printed %q; want %s", status, err, out, c.want)
			}
		})
	}
}

// Flags of a list and of a text are taken from the environment, and the command
// line goes over it.
func TestFlagsFromTheEnvironment(t *testing.T) {
	t.Setenv("WAXSEAL_ALLOW_REGION", "mars-north-1,mars-south-1")
	t.Setenv("WAXSEAL_REGION", "mars-south-1")
	if err := started(t); err != nil {
		t.Errorf("a region that the environment allows: %v", err)
	}
	if err := started(t, "--region", "mars-west-1"); err == nil || !strings.Contains(err.Error(), "mars-west-1") {
		t.Errorf("a region that nobody allows: %v", err)
	}
	if err := started(t, "--allow-region", "moon-west-1"); err == nil || !strings.Contains(err.Error(), "mars-south-1") {
		t.Errorf("the command line's list does not go over the environment's: %v", err)
	}
}

// fakeAWS puts a script before the installed AWS CLI.
func fakeAWS(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("programs are no scripts there")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "aws"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	for _, name := range []string{
		"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "WAXSEAL_ADDR", "WAXSEAL_CONTROL_TOKEN",
	} {
		t.Setenv(name, "")
	}
}

// The AWS CLI gets the server's address and what it needs beside it, unless the
// caller has said so.
func TestAWSGetsTheServer(t *testing.T) {
	const script = `echo "$* as ${AWS_ACCESS_KEY_ID:-nobody} in ${AWS_DEFAULT_REGION:-nowhere} with ${AWS_CONTAINER_AUTHORIZATION_TOKEN:-no token}"`
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"nothing is set", nil, []string{"sqs", "list-queues"}, "--endpoint-url http://127.0.0.1:4566 sqs list-queues as test in us-east-1 with no token"},
		{"an address in the environment", map[string]string{"WAXSEAL_ADDR": ":5000"}, []string{"sqs", "list-queues"}, "--endpoint-url http://127.0.0.1:5000 sqs list-queues as test in us-east-1 with no token"},
		{"an endpoint among the arguments", nil, []string{"sqs", "list-queues", "--endpoint-url", "http://x"}, "sqs list-queues --endpoint-url http://x as test in us-east-1 with no token"},
		{"an endpoint in one word", nil, []string{"--endpoint-url=http://x", "sts", "help"}, "--endpoint-url=http://x sts help as test in us-east-1 with no token"},
		{"credentials and region", map[string]string{"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_DEFAULT_REGION": "eu-west-1"}, []string{"sts"}, "--endpoint-url http://127.0.0.1:4566 sts as AKIA1 in eu-west-1 with no token"},
		{"a profile has both", map[string]string{"AWS_PROFILE": "p"}, []string{"sts"}, "--endpoint-url http://127.0.0.1:4566 sts as nobody in nowhere with no token"},
		{"credentials of the control API", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:4566/_waxseal/credentials/x", "WAXSEAL_CONTROL_TOKEN": "s3cret"},
			[]string{"sts"}, "--endpoint-url http://127.0.0.1:4566 sts as nobody in us-east-1 with Bearer s3cret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fakeAWS(t, script)
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			out, status, err := command(t, "", append([]string{"aws"}, c.args...)...)
			if err != nil || status != 0 || out != c.want+"\n" {
				t.Errorf("status %d, %v\n%swant %s", status, err, out, c.want)
			}
		})
	}
}

// Its status is the program's, with nothing said beside what it says itself.
func TestAWSEndsWithTheStatusOfTheCLI(t *testing.T) {
	fakeAWS(t, "echo wrong >&2; exit 254")
	out, status, err := command(t, "", "aws", "sqs", "nonsense")
	var e *exitError
	if !errors.As(err, &e) || status != 254 || e.err != nil || e.Error() != "exit status 254" || out != "wrong\n" {
		t.Errorf("status %d, %v, %q", status, err, out)
	}
}
