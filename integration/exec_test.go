package integration

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ended is a run of the program that has ended.
type ended struct {
	stdout, stderr string
	status         int
}

// wordless is the environment without any word of AWS.
func wordless(extra ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "WAXSEAL_")
	})
	return append(env, extra...)
}

// program runs the program to its end.
func program(t *testing.T, env []string, args ...string) ended {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), args...)
	cmd.Env = env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := runProcess(t, cmd); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// temporary has the program keep its files in a folder of the test's own, and
// answers what it has left there.
func temporary(t *testing.T) (variable string, left func() []string) {
	dir := t.TempDir()
	return "TMPDIR=" + dir, func() (names []string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
}

// The promise of exec: a test suite of another language in one line, with no
// AWS variables set and no server running.
func TestExecPytest(t *testing.T) {
	t.Parallel()
	py := python(t)
	if out, err := exec.Command(py, "-c", "import pytest").CombinedOutput(); err != nil {
		missing(t, "pytest", fmt.Errorf("%w: %s", err, out))
	}
	for _, flags := range [][]string{nil, {"--https"}, {"--https", "--strict", "transport"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			args := append(append([]string{"exec", "--coverage-min", "10"}, flags...), "--", py, "-m", "pytest", "-q", "-p", "no:cacheprovider", "python/test_chapter.py")
			got := program(t, wordless("HOME="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1"), args...)
			if got.status != 0 || !strings.Contains(got.stdout, "3 passed") {
				t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
			}
			want := regexp.MustCompile(`(?m)^waxseal: \d+ calls, 1 denied; \d+ of \d+ policy statements covered \(\d+\.\d %\)\n` +
				`  1× sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:transport by\n    arn:aws:iam::123456789012:root: with an explicit deny in a resource-based policy$`)
			if !want.MatchString(got.stderr) {
				t.Errorf("the summary is:\n%s\nwant %s", got.stderr, want)
			}
			if strings.Contains(got.stdout, "waxseal:") {
				t.Errorf("the program writes on COMMAND's standard output:\n%s", got.stdout)
			}
		})
	}
}

func TestExecStatus(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("echo hello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	garbled := filepath.Join(dir, "garbled")
	if err := os.WriteFile(garbled, []byte{0, 1, 2}, 0o755); err != nil {
		t.Fatal(err)
	}
	const none = "waxseal: no call reached the server; does COMMAND take its endpoint from AWS_ENDPOINT_URL?\n"
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stderr string // all of it
	}{
		{"success", []string{"--", "true"}, 0, none},
		{"failure", []string{"--", "sh", "-c", "exit 42"}, 42, none},
		{"its own usage error", []string{"--", "sh", "-c", "exit 2"}, 2, none},
		{"killed", []string{"--", "sh", "-c", "kill -KILL $$"}, 128 + 9, none},
		{"terminated", []string{"--", "sh", "-c", "kill -TERM $$"}, 128 + 15, none},
		{"calls that leave no record", []string{"--", "sh", "-c", binary(t) + " clock reset >/dev/null"}, 0, "waxseal: no call is recorded: what reached the server was refused before it was authorized, or a reset made it forgotten\n"},
		{"without dashes", []string{"sh", "-c", "exit 3"}, 3, none},
		{"not found", []string{"--", "no-such-command"}, 127, "waxseal: no-such-command: command not found\n"},
		{"no such file", []string{"--", dir + "/none"}, 127, "waxseal: " + dir + "/none: command not found\n"},
		{"a shell's line", []string{"--", "echo a | cat"}, 127, "waxseal: echo a | cat: command not found; a line for the shell is run by: waxseal exec -- sh -c '…'\n"},
		{"not executable", []string{"--", plain}, 126, "waxseal: " + plain + ": cannot be executed: permission denied\n"},
		{"a folder", []string{"--", dir}, 126, "waxseal: " + dir + ": cannot be executed: is a directory\n"},
		{"no program", []string{"--", garbled}, 126, "waxseal: " + garbled + ": cannot be executed: exec format error\n"},
		{"no command", nil, 2, "waxseal: there is no COMMAND to run, as in: waxseal exec -- pytest; see: waxseal exec --help\n"},
		{"no command after dashes", []string{"--"}, 2, "waxseal: there is no COMMAND to run, as in: waxseal exec -- pytest; see: waxseal exec --help\n"},
		{"account", []string{"--account", "12", "--", "true"}, 2, "waxseal: --account: \"12\" is not an account of 12 digits\n"},
		{"strict", []string{"--strict", "very", "--", "true"}, 2, "waxseal: --strict: \"very\" is none of credentials, principals, transport, templates, all\n"},
		{"log", []string{"--log", "loud", "--", "true"}, 2, "waxseal: --log: \"loud\" is none of debug, info, warn, error\n"},
		{"coverage above all", []string{"--coverage-min", "101", "--", "true"}, 2, "waxseal: --coverage-min: 101 is not a percentage between 0 and 100\n"},
		{"coverage that is no number", []string{"--coverage-min", "NaN", "--", "true"}, 2, "waxseal: --coverage-min: NaN is not a percentage between 0 and 100\n"},
		{"principal", []string{"--as", "consumer", "--", "true"}, 2, "waxseal: --as: a principal is \"root\", \"role/NAME\", \"user/NAME\" or an ARN, not \"consumer\"\n"},
		{"summary nowhere", []string{"--summary", dir + "/none/s.json", "--", "sh", "-c", "echo ran"}, 2, "waxseal: --summary: open " + dir + "/none/s.json: no such file or directory\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			variable, left := temporary(t)
			got := program(t, wordless(variable), append([]string{"exec"}, c.args...)...)
			if d := cmp.Diff(ended{"", c.stderr, c.status}, got, cmp.AllowUnexported(ended{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if names := left(); len(names) > 0 {
				t.Errorf("left behind: %q", names)
			}
		})
	}
}

// variables are those that COMMAND finds.
func variables(t *testing.T, env []string, flags ...string) map[string]string {
	t.Helper()
	got := program(t, env, append(append([]string{"exec"}, flags...), "--", "env", "-0")...)
	if got.status != 0 {
		t.Fatalf("status %d\n%s", got.status, got.stderr)
	}
	found := map[string]string{}
	for v := range strings.SplitSeq(strings.TrimSuffix(got.stdout, "\x00"), "\x00") {
		name, value, _ := strings.Cut(v, "=")
		found[name] = value
	}
	return found
}

// What a developer's shell has of AWS must neither reach COMMAND nor keep it
// from reaching the server.
func TestExecEnvironment(t *testing.T) {
	theirs := []string{
		"AWS_PROFILE=production", "AWS_DEFAULT_PROFILE=production", "AWS_SDK_LOAD_CONFIG=1",
		"AWS_ACCESS_KEY_ID=AKIAREAL", "AWS_SECRET_ACCESS_KEY=real", "AWS_SESSION_TOKEN=real", "AWS_SECURITY_TOKEN=real",
		"AWS_ACCOUNT_ID=111122223333", "AWS_ROLE_ARN=arn:aws:iam::111122223333:role/real", "AWS_WEB_IDENTITY_TOKEN_FILE=/real",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/real", "AWS_CONTAINER_AUTHORIZATION_TOKEN=real", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://real",
		"AWS_ENDPOINT_URL=http://real", "AWS_ENDPOINT_URL_SQS=http://real", "AWS_KMS_ENDPOINT=http://real", "AWS_IAM_ENDPOINT=http://real", "AWS_STS_ENDPOINT=http://real", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
		"AWS_USE_FIPS_ENDPOINT=true", "AWS_USE_DUALSTACK_ENDPOINT=true", "AWS_BEARER_TOKEN_BEDROCK=real",
		"AWS_CONFIG_FILE=/real", "AWS_SHARED_CREDENTIALS_FILE=/real", "AWS_REGION=ap-south-1", "AWS_DEFAULT_REGION=ap-south-1",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://real",
		"AWS_RETRY_MODE=standard", "AWS_QUEUE_NAME=orders", "NO_PROXY=corp.example", "no_proxy=",
	}
	got := variables(t, wordless(theirs...))
	for name, want := range map[string]string{
		"AWS_ACCESS_KEY_ID": `^123456789012$`, "AWS_SECRET_ACCESS_KEY": `^.+$`,
		"AWS_ENDPOINT_URL": `^http://127\.0\.0\.1:\d+$`, "AWS_KMS_ENDPOINT": `^http://127\.0\.0\.1:\d+$`, "AWS_REGION": `^us-east-1$`, "AWS_DEFAULT_REGION": `^us-east-1$`,
		"AWS_CA_BUNDLE": `waxseal-exec-\d+/ca\.pem$`, "AWS_CONFIG_FILE": `waxseal-exec-\d+/config$`, "AWS_SHARED_CREDENTIALS_FILE": `waxseal-exec-\d+/credentials$`,
		"AWS_EC2_METADATA_DISABLED": `^true$`, "AWS_RETRY_MODE": `^standard$`, "AWS_QUEUE_NAME": `^orders$`,
		"NO_PROXY": `^corp\.example,127\.0\.0\.1,localhost,::1$`, "no_proxy": `^corp\.example,127\.0\.0\.1,localhost,::1$`,
	} {
		if !regexp.MustCompile(want).MatchString(got[name]) {
			t.Errorf("%s = %q, want %s", name, got[name], want)
		}
	}
	for name, value := range got {
		if strings.HasPrefix(name, "AWS_") && (strings.Contains(value, "real") || strings.Contains(value, "REAL") || name == "AWS_USE_FIPS_ENDPOINT" ||
			name == "AWS_USE_DUALSTACK_ENDPOINT" || name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" || name == "AWS_PROFILE" || name == "AWS_ACCOUNT_ID") {
			t.Errorf("the shell's %s=%s reaches COMMAND", name, value)
		}
	}
}

func TestExecEnvironmentOfFlags(t *testing.T) {
	t.Run("https", func(t *testing.T) {
		got := variables(t, wordless("JAVA_TOOL_OPTIONS=-Dtheirs=1"), "--https", "--region", "eu-west-1", "--account", "999988887777")
		if !strings.HasPrefix(got["AWS_ENDPOINT_URL"], "https://127.0.0.1:") || got["AWS_REGION"] != "eu-west-1" || got["AWS_DEFAULT_REGION"] != "eu-west-1" || got["AWS_ACCESS_KEY_ID"] != "999988887777" {
			t.Errorf("%q", got)
		}
		for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
			if got[name] == "" || got[name] != got["AWS_CA_BUNDLE"] {
				t.Errorf("%s = %q, want the server's CA in %s", name, got[name], got["AWS_CA_BUNDLE"])
			}
		}
		if got["AWS_KMS_ENDPOINT"] != got["AWS_ENDPOINT_URL"] {
			t.Errorf("KMS is at %s", got["AWS_KMS_ENDPOINT"])
		}
		if options := got["JAVA_TOOL_OPTIONS"]; !strings.HasPrefix(options, "-Dtheirs=1 -Djavax.net.ssl.trustStore=") {
			t.Errorf("JAVA_TOOL_OPTIONS=%s", options)
		}
	})
	t.Run("http", func(t *testing.T) {
		got := variables(t, wordless("SSL_CERT_FILE=/theirs", "REQUESTS_CA_BUNDLE=/theirs", "JAVA_TOOL_OPTIONS=-Dtheirs=1"))
		if got["SSL_CERT_FILE"] != "/theirs" || got["REQUESTS_CA_BUNDLE"] != "/theirs" || got["JAVA_TOOL_OPTIONS"] != "-Dtheirs=1" {
			t.Errorf("without need %q, %q and %q take the place of the shell's", got["SSL_CERT_FILE"], got["REQUESTS_CA_BUNDLE"], got["JAVA_TOOL_OPTIONS"])
		}
	})
	t.Run("from WAXSEAL_ variables", func(t *testing.T) {
		got := variables(t, wordless("WAXSEAL_REGION=eu-west-3", "WAXSEAL_ACCOUNT=999988887777"))
		if got["AWS_REGION"] != "eu-west-3" || got["AWS_ACCESS_KEY_ID"] != "999988887777" {
			t.Errorf("%q", got)
		}
	})
	t.Run("no proxy at all", func(t *testing.T) {
		if got := variables(t, wordless("no_proxy=*", "NO_PROXY=")); got["no_proxy"] != "*" || got["NO_PROXY"] != "*" {
			t.Errorf("%q, %q", got["no_proxy"], got["NO_PROXY"])
		}
	})
}

// What trusted other CAs before, such as a company's, goes on trusting them.
func TestExecTrustsWhatWasTrusted(t *testing.T) {
	t.Parallel()
	company := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "company") }))
	defer company.Close()
	bundle := filepath.Join(t.TempDir(), "company.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: company.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	py := python(t)
	const code = `
import os, ssl, urllib.request, sys
for url in sys.argv[1], os.environ["AWS_ENDPOINT_URL"] + "/_waxseal/health":
    print(urllib.request.urlopen(url, context=ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])).status)
    print(urllib.request.urlopen(url).status)  # by SSL_CERT_FILE
`
	got := program(t, wordless("AWS_CA_BUNDLE="+bundle, "SSL_CERT_FILE="+bundle), "exec", "--https", "--", py, "-c", code, company.URL)
	if got.status != 0 || got.stdout != "200\n200\n200\n200\n" {
		t.Errorf("%d\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// Java trusts the server, and what the environment's bundles trusted before, by
// a trust store; also where its folder has a space in its name.
func TestExecIsTrustedByJava(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"java", "javac"} { // a JDK: the program is compiled as it is run
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, "a JDK", err)
		}
	}
	company := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "company") }))
	defer company.Close()
	dir := filepath.Join(t.TempDir(), "a folder")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	garbled := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")})
	bundle, source := filepath.Join(dir, "company.pem"), filepath.Join(dir, "Ask.java")
	for file, text := range map[string][]byte{
		bundle: append(garbled, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: company.Certificate().Raw})...),
		source: []byte(`
import java.net.HttpURLConnection;
import java.net.URL;

class Ask {
    public static void main(String[] urls) throws Exception {
        System.out.println(System.getProperty("theirs"));
        for (String url : new String[] {System.getenv("AWS_ENDPOINT_URL") + "/_waxseal/health", urls[0]}) {
            System.out.println(((HttpURLConnection) new URL(url).openConnection()).getResponseCode());
        }
    }
}
`),
	} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := wordless("TMPDIR="+dir, "SSL_CERT_FILE="+bundle, "JAVA_TOOL_OPTIONS=-Dtheirs=kept")
	got := program(t, env, "exec", "--https", "--", "java", source, company.URL)
	if got.status != 0 || got.stdout != "kept\n200\n200\n" {
		t.Errorf("%d\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// What is not emulated is named when COMMAND has ended, once each.
func TestExecNamesWhatIsNotEmulated(t *testing.T) {
	t.Parallel()
	py := python(t)
	const code = `
import boto3
for service, call in ("dynamodb", "list_tables"), ("rds", "describe_db_instances"), ("dynamodb", "list_tables"):
    try:
        getattr(boto3.client(service), call)()
    except Exception as e:
        print(service, "is not emulated" in str(e))
`
	file := filepath.Join(t.TempDir(), "summary.json")
	got := program(t, wordless(), "exec", "--log", "error", "--summary", file, "--", py, "-c", code)
	if got.status != 0 || got.stdout != "dynamodb True\nrds True\ndynamodb True\n" || !strings.HasSuffix(got.stderr, "\n  not emulated, and called: dynamodb, rds\n") {
		t.Errorf("%d\n%s%s", got.status, got.stdout, got.stderr)
	}
	var s struct{ NotEmulated []string }
	if err := json.Unmarshal([]byte(readFile(t, file)), &s); err != nil || !slices.Equal(s.NotEmulated, []string{"dynamodb", "rds"}) {
		t.Errorf("%v, %v", s, err)
	}
}

// A proxy that the environment names is not asked for the way to the server.
func TestExecGoesPastProxies(t *testing.T) {
	t.Parallel()
	py := python(t)
	env := wordless("HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9")
	const code = `import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])`
	for _, flags := range [][]string{nil, {"--https"}} {
		got := program(t, env, append(append([]string{"exec"}, flags...), "--", py, "-c", code)...)
		if got.status != 0 || got.stdout != "arn:aws:iam::123456789012:root\n" {
			t.Errorf("%v: %d\n%s%s", flags, got.status, got.stdout, got.stderr)
		}
	}
}

// A profile of ~/.aws names real credentials and another endpoint; neither is used.
func TestExecReadsNoProfile(t *testing.T) {
	t.Parallel()
	py := python(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	const profile = "[default]\naws_access_key_id = 111122223333\naws_secret_access_key = real\nendpoint_url = http://127.0.0.1:9\nregion = ap-south-1\n"
	for _, name := range []string{"config", "credentials"} {
		if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(profile), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := program(t, wordless("HOME="+home), "exec", "--", py, "-c", `import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])`)
	if got.status != 0 || got.stdout != "arn:aws:iam::123456789012:root\n" {
		t.Errorf("%d\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// AWS CLI version 1 does not heed AWS_ENDPOINT_URL for SQS; the shim says it.
func TestExecAWSCLI(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	for _, c := range []struct{ name, line string }{
		{"from a shell", `aws sqs create-queue --queue-name orders >/dev/null && aws sqs list-queues --query 'QueueUrls[0]' --output text`},
		{"an endpoint of one's own", `aws --endpoint-url "http://localhost:${AWS_ENDPOINT_URL##*:}" sqs create-queue --queue-name orders --query QueueUrl --output text`},
		{"by the program", `"$WAXSEAL" aws sqs create-queue --queue-name 'orders' --query QueueUrl --output text`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := program(t, wordless("WAXSEAL="+binary(t)), "exec", "--", "sh", "-c", c.line)
			if ok, _ := regexp.MatchString(`^http://(127\.0\.0\.1|localhost):\d+/123456789012/orders\n$`, got.stdout); !ok || got.status != 0 {
				t.Errorf("%d\n%s%s", got.status, got.stdout, got.stderr)
			}
		})
	}
	t.Run("as COMMAND", func(t *testing.T) {
		got := program(t, wordless(), "exec", "--", "aws", "sqs", "create-queue", "--queue-name", "orders", "--tags", `{"Team":"O'Brien & $sons"}`, "--output", "text")
		if got.status != 0 || !strings.Contains(got.stdout, "/123456789012/orders") {
			t.Errorf("%d\n%s%s", got.status, got.stdout, got.stderr)
		}
	})
}

func TestExecStdin(t *testing.T) {
	cmd := exec.Command(binary(t), "exec", "--", "tr", "a-z", "A-Z")
	var out strings.Builder
	cmd.Env, cmd.Stdin, cmd.Stdout = wordless(), strings.NewReader("hello\n"), &out
	if err := runProcess(t, cmd); err != nil || out.String() != "HELLO\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// Each signal reaches COMMAND, which has the server until its own end.
func TestExecPassesSignalsOn(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			variable, left := temporary(t)
			script := fmt.Sprintf(`trap 'sleep 0.2; "$WAXSEAL" health >/dev/null && echo served; exit 5' %d; echo ready; while :; do sleep 0.05; done`, s)
			cmd := exec.Command(binary(t), "exec", "--", "sh", "-c", script)
			cmd.Env = wordless(variable, "WAXSEAL="+binary(t))
			// A session of its own has no terminal, whatever the test has.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			out := signaled(t, cmd, s)
			if cmd.ProcessState.ExitCode() != 5 || out != "ready\nserved\n" {
				t.Errorf("status %d, printed %q", cmd.ProcessState.ExitCode(), out)
			}
			if names := left(); len(names) > 0 {
				t.Errorf("left behind: %q", names)
			}
		})
	}
	t.Run("one that COMMAND does not expect", func(t *testing.T) {
		cmd := exec.Command(binary(t), "exec", "--", "sh", "-c", "echo ready; exec sleep 60")
		cmd.Env, cmd.SysProcAttr = wordless(), &syscall.SysProcAttr{Setsid: true}
		signaled(t, cmd, syscall.SIGTERM)
		if got := cmd.ProcessState.ExitCode(); got != 128+15 {
			t.Errorf("status %d", got)
		}
	})
}

// signaled starts the command, sends the signal once it has printed a line,
// and answers what it printed until its end.
func signaled(t *testing.T, cmd *exec.Cmd, s syscall.Signal) string {
	t.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := startProcess(t, cmd); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(time.Minute, func() { killGroup(cmd) }).Stop()
	first := make([]byte, 64)
	n, err := stdout.Read(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(stdout)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is what the caller asks
	return string(first[:n]) + string(rest)
}

// queueWithPolicy makes a queue whose policy has a statement that denies
// sending and one that nothing exercises.
const queueWithPolicy = `
import boto3, json, sys
s = lambda sid, effect, action: {"Sid": sid, "Effect": effect, "Principal": {"AWS": "123456789012"}, "Action": action, "Resource": "*"}
policy = {"Version": "2012-10-17", "Statement": [s("Send", "Deny", "sqs:SendMessage"), s("Purge", "Deny", "sqs:PurgeQueue")]}
sqs = boto3.client("sqs")
url = sqs.create_queue(QueueName="orders", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
for _ in range(2):
    try:
        sqs.send_message(QueueUrl=url, MessageBody="x")
    except sqs.exceptions.ClientError:
        pass
sys.exit(int(sys.argv[1]))
`

const (
	queueSummary = "waxseal: 3 calls, 2 denied; 1 of 2 policy statements covered (50.0 %)\n" +
		"  2× sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:orders by arn:aws:iam::123456789012:root:\n    with an explicit deny in a resource-based policy\n"
	queueCoverage = "1/2  arn:aws:sqs:us-east-1:123456789012:orders resource\n     line 1: Deny Purge: never matched (2 requests)\n1 of 2 statements covered (50.0 %)\n"
)

func TestExecCoverageMin(t *testing.T) {
	t.Parallel()
	py := python(t)
	for _, c := range []struct {
		name, least, status string
		want                ended
	}{
		{"reached", "50", "0", ended{"", queueSummary, 0}},
		{"missed", "50.1", "0", ended{"", queueSummary + queueCoverage + "waxseal: 50.0 % of the policy statements are covered, less than --coverage-min 50.1\n", 1}},
		{"missed, but COMMAND failed", "100", "3", ended{"", queueSummary, 3}},
		{"reached, but COMMAND failed", "50", "3", ended{"", queueSummary, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := program(t, wordless(), "exec", "--coverage-min", c.least, "--", py, "-c", queueWithPolicy, c.status)
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(ended{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestExecExplain(t *testing.T) {
	t.Parallel()
	py := python(t)
	got := program(t, wordless(), "exec", "--explain", "--", py, "-c", queueWithPolicy, "0")
	if !strings.HasPrefix(got.stderr, queueSummary+"\n    DENIED  sqs:SendMessage\n") || !strings.Contains(got.stderr, `#1 "Send" Deny (line 1) applies`) {
		t.Errorf("%s", got.stderr)
	}
}

func TestExecSummaryAsJSON(t *testing.T) {
	t.Parallel()
	py := python(t)
	file := filepath.Join(t.TempDir(), "summary.json")
	got := program(t, wordless(), "exec", "--summary", file, "--", py, "-c", queueWithPolicy, "4")
	if got.status != 4 || got.stderr != queueSummary {
		t.Errorf("%d\n%s", got.status, got.stderr)
	}
	var s struct {
		Calls   int
		Denials []struct {
			Count                                                    int
			Action, Resource, Principal, Why, RequestID, Explanation string
		}
		Coverage struct {
			Covered, Statements int
			Percent             float64
		}
		Status int
	}
	if err := json.Unmarshal([]byte(readFile(t, file)), &s); err != nil {
		t.Fatal(err)
	}
	if s.Calls != 3 || s.Status != 4 || s.Coverage.Covered != 1 || s.Coverage.Statements != 2 || s.Coverage.Percent != 50 || len(s.Denials) != 1 {
		t.Fatalf("%+v", s)
	}
	if d := s.Denials[0]; d.Count != 2 || d.Action != "sqs:SendMessage" || d.Resource != "arn:aws:sqs:us-east-1:123456789012:orders" ||
		d.Principal != "arn:aws:iam::123456789012:root" || d.RequestID == "" || !strings.HasPrefix(d.Explanation, "DENIED  sqs:SendMessage\n") {
		t.Errorf("%+v", d)
	}
}

// Two at a time do not meet.
func TestExecTwice(t *testing.T) {
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if got := program(t, wordless(), "exec", "--", "sh", "-c", `"`+binary(t)+`" health >/dev/null`); got.status != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A process that COMMAND leaves behind does not hold it up.
func TestExecDoesNotWaitForWhatIsLeftBehind(t *testing.T) {
	began := time.Now()
	got := program(t, wordless(), "exec", "--", "sh", "-c", `sleep 20 >/dev/null 2>&1 & echo $!`)
	if got.status != 0 || time.Since(began) > 10*time.Second {
		t.Errorf("%+v after %v", got, time.Since(began))
	}
	_ = exec.Command("kill", strings.TrimSpace(got.stdout)).Run()
}

// principals are fixtures with a role and a user.
const principals = `
accounts:
  "123456789012":
    roles:
      - name: consumer
        policies: {read: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*"}]}}
    users: [{name: alice}]
    queues: [{name: orders}]
  "999988887777":
    roles: [{name: partner}]
`

func TestExecAs(t *testing.T) {
	t.Parallel()
	py := python(t)
	file := filepath.Join(t.TempDir(), "principals.yaml")
	if err := os.WriteFile(file, []byte(principals), 0o600); err != nil {
		t.Fatal(err)
	}
	const code = `import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])`
	for as, want := range map[string]string{
		"root":                                   "arn:aws:iam::123456789012:root",
		"role/consumer":                          "arn:aws:sts::123456789012:assumed-role/consumer/waxseal",
		"user/alice":                             "arn:aws:iam::123456789012:user/alice",
		"arn:aws:iam::999988887777:role/partner": "arn:aws:sts::999988887777:assumed-role/partner/waxseal",
		"arn:aws:iam::999988887777:root":         "arn:aws:iam::999988887777:root",
	} {
		for _, flags := range [][]string{nil, {"--https", "--strict", "all"}} {
			t.Run(as+strings.Join(flags, " "), func(t *testing.T) {
				t.Parallel()
				// The shell's own keys would go before those of the principal.
				env := wordless("AWS_ACCESS_KEY_ID=AKIAREAL", "AWS_SECRET_ACCESS_KEY=real", "AWS_SESSION_TOKEN=real")
				got := program(t, env, append(append([]string{"exec", "--init", file, "--as", as}, flags...), "--", py, "-c", code)...)
				if got.status != 0 || got.stdout != want+"\n" {
					t.Errorf("%d\n%s%s, want %s", got.status, got.stdout, got.stderr, want)
				}
			})
		}
	}
	for as, want := range map[string]string{
		"role/none":                           "there is no role none in account 123456789012",
		"user/none":                           "there is no user none in account 123456789012",
		"arn:aws:iam::999988887777:role/none": "there is no role none in account 999988887777",
	} {
		got := program(t, wordless(), "exec", "--init", file, "--as", as, "--", "echo", "ran")
		if got.status != 2 || got.stdout != "" || got.stderr != "waxseal: --as: "+want+"; declare it in a fixture file and name that with --init\n" {
			t.Errorf("%s: %+v", as, got)
		}
	}
	t.Run("what the role may not do", func(t *testing.T) {
		got := program(t, wordless(), "exec", "--init", file, "--as", "role/consumer", "--", py, "-c", `
import boto3
sqs = boto3.client("sqs")
url = "http://localhost/123456789012/orders"
sqs.receive_message(QueueUrl=url)
sqs.send_message(QueueUrl=url, MessageBody="x")
`)
		const want = "waxseal: 2 calls, 1 denied; 1 of 1 policy statement covered (100.0 %)\n  1× sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:orders by\n" +
			"    arn:aws:sts::123456789012:assumed-role/consumer/waxseal: because no identity-based policy allows\n    the sqs:SendMessage action\n"
		if got.status != 1 || !strings.HasSuffix(got.stderr, want) {
			t.Errorf("%d\n%s\nwant %s", got.status, got.stderr, want)
		}
	})
	t.Run("a fixture file that is wrong", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "bad.yaml")
		if err := os.WriteFile(bad, []byte("accounts:\n  \"1\": {}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := program(t, wordless(), "exec", "--init", bad, "--", "echo", "ran")
		if got.status != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, bad+":2: ") {
			t.Errorf("%+v", got)
		}
	})
}

// Whatever the clock shows, an SDK that fetches the principal's credentials
// takes them for good: it judges them by real time.
func TestExecAsWithATurnedClock(t *testing.T) {
	t.Parallel()
	py := python(t)
	file := filepath.Join(t.TempDir(), "principals.yaml")
	if err := os.WriteFile(file, []byte(principals), 0o600); err != nil {
		t.Fatal(err)
	}
	const code = `
import boto3, subprocess, sys
for turn in ["advance", "24h"], ["set", "2020-01-01T00:00:00Z"], ["set", "2040-01-01T00:00:00Z"], ["reset"]:
    subprocess.run([sys.argv[1], "clock", *turn], check=True, stdout=subprocess.DEVNULL)
    print(boto3.Session().client("sts").get_caller_identity()["Arn"])
`
	got := program(t, wordless(), "exec", "--init", file, "--as", "role/consumer", "--", py, "-c", code, binary(t))
	if want := strings.Repeat("arn:aws:sts::123456789012:assumed-role/consumer/waxseal\n", 4); got.status != 0 || got.stdout != want {
		t.Errorf("%+v", got)
	}
}
