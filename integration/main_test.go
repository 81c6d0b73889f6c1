package integration

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/testsize"
)

var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func TestMain(m *testing.M) {
	if os.Getenv(reaperVariable) != "" {
		reap(os.Stdin)
		return
	}
	expectSignals()
	flag.Parse()
	if folder := flag.Lookup("test.gocoverdir").Value.String(); folder != "" {
		_ = os.Setenv("GOCOVERDIR", folder) // else it is one of go test's own, which it does not keep
	}
	if raceDetector && os.Getenv("GORACE") == "" {
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each program sleeps a second before it ends
	}
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// binary is the path of the program, built once for all tests.
func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		built.dir, built.err = os.MkdirTemp("", "waxseal-test")
		if built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "waxseal")
		build := exec.Command("go", "build", "-o", built.path, module+"cmd/waxseal")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if raceDetector { // what the tests start is watched, too
			build = exec.Command("go", "build", "-race", "-o", built.path, module+"cmd/waxseal")
		}
		if packages := os.Getenv("WAXSEAL_TEST_COVERPKG"); packages != "" { // .ci/coverage counts what it runs, too
			build.Args = slices.Insert(build.Args, 2, "-cover", "-covermode="+testing.CoverMode(), "-coverpkg="+packages)
		}
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// process is a running `waxseal serve`.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string  // http://127.0.0.1:PORT
	stderr *output // may be read while it runs
	exited chan error
}

// serve starts the program on a free port and waits until it says that it is ready.
func serve(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, stderr: new(output), exited: make(chan error, 1)}
	p.cmd = exec.Command(binary(t), append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := startProcess(t, p.cmd); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); strings.HasPrefix(lines.Text(), "waxseal ready: ") {
			p.url = words[2]
		}
		if lines.Text() == "Ready." {
			break
		}
	}
	go func() {
		for lines.Scan() {
		}
		p.exited <- p.cmd.Wait()
	}()
	if p.url == "" {
		t.Fatalf("waxseal serve did not get ready: %v\n%s", <-p.exited, p.stderr)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			if err := p.stop(syscall.SIGTERM); err != nil {
				t.Errorf("waxseal serve: %v\n%s", err, p.stderr)
			}
		}
	})
	return p
}

// stop sends the signal and waits for the end.
func (p *process) stop(signal syscall.Signal) error {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		return err
	case <-time.After(time.Minute):
		killGroup(p.cmd)
		p.t.Fatalf("waxseal serve did not end on %v\n%s", signal, p.stderr)
		return nil
	}
}

// httpsURL is the same port by HTTPS.
func (p *process) httpsURL() string { return strings.Replace(p.url, "http:", "https:", 1) }

// caBundle is a file with the server's CA.
func (p *process) caBundle() string {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, p.get("/_waxseal/ca.pem"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return file
}

// get fetches a path of the control API.
func (p *process) get(path string) []byte {
	p.t.Helper()
	answer, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body := new(bytes.Buffer)
	if _, err := body.ReadFrom(answer.Body); err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %s\n%s", path, answer.Status, body)
	}
	return body.Bytes()
}

// env is the environment of a client process that knows the server by
// variables alone. extra are NAME=value and go over the rest.
func (p *process) env(extra ...string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			env = append(env, v)
		}
	}
	env = append(env,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_ENDPOINT_URL="+p.url, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	return append(env, extra...)
}

// run runs a command to its end and answers what it printed on standard output.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	out, err := tryRun(t, env, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return out
}

func tryRun(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := runProcess(t, cmd); err != nil {
		return stdout.String(), fmt.Errorf("%w\n%s%s", err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}

// missing skips the test for want of another runtime, unless nothing may be skipped.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	testsize.Missing(t, what, err)
}

// unwatched skips a test of a slow client where the race detector watches: another one
// calls the same operations.
func unwatched(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("another client calls the same under the race detector")
	}
}

// interpreter is the tests' Python, WAXSEAL_TEST_PYTHON or python3, by a path
// that means the same in every folder and with every PATH; the name itself where there is none.
func interpreter() string {
	name := cmp.Or(os.Getenv("WAXSEAL_TEST_PYTHON"), "python3")
	if file, err := exec.LookPath(name); err == nil {
		if file, err = filepath.Abs(file); err == nil {
			return file
		}
	}
	return name
}

// python is a Python with boto3.
func python(t *testing.T) string {
	t.Helper()
	name := interpreter()
	if out, err := exec.Command(name, "-c", "import boto3").CombinedOutput(); err != nil {
		missing(t, "Python with boto3", fmt.Errorf("%w: %s", err, out))
	}
	return name
}

// node is Node.js with the AWS SDK for JavaScript v3 in integration/js (npm install).
func node(t *testing.T) string {
	t.Helper()
	check := exec.Command("node", "-e", "for (const name of ['client-sqs', 'client-s3', 'client-eventbridge']) require('@aws-sdk/' + name)")
	check.Dir = "js"
	if out, err := check.CombinedOutput(); err != nil {
		missing(t, "Node.js with the AWS SDK (npm install in integration/js)", fmt.Errorf("%w: %s", err, bytes.TrimSpace(out)))
	}
	return "node"
}

// awsCLI makes sure that the AWS CLI is installed.
func awsCLI(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("aws", "--version").CombinedOutput(); err != nil {
		missing(t, "the AWS CLI", fmt.Errorf("%w: %s", err, out))
	}
}
