package integration

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// runner is what GitHub gives a step of a job.
type runner struct {
	t       *testing.T
	folder  string
	release string
}

// newRunner is a runner for which a release with the program of this platform is served.
func newRunner(t *testing.T) *runner {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "tar"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, tool, err)
		}
	}
	files := http.FileServer(http.Dir(packages(t)))
	releases := http.NewServeMux()
	for _, folder := range []string{"/latest/download/", "/download/v1.2.3-rc.1/"} {
		releases.Handle(folder, http.StripPrefix(folder, files))
	}
	server := httptest.NewServer(releases)
	t.Cleanup(server.Close)
	return &runner{t, t.TempDir(), server.URL}
}

// step runs the action with inputs, NAME=value, and answers what it printed.
func (r *runner) step(inputs ...string) (string, error) {
	r.t.Helper()
	system := map[string]string{"linux": "Linux", "darwin": "macOS"}[runtime.GOOS]
	arch := map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH]
	env := wordless("RUNNER_OS="+system, "RUNNER_ARCH="+arch, "RUNNER_TEMP="+r.folder, "ACTION_RELEASES="+r.release, "ACTION_ADDR=127.0.0.1:0")
	for _, name := range []string{"PATH", "ENV", "OUTPUT"} {
		env = append(env, "GITHUB_"+name+"="+filepath.Join(r.folder, name))
	}
	return tryRun(r.t, append(env, inputs...), "bash", filepath.Join(repository, "packaging", "action.sh"))
}

// The action of GitHub's workflows puts the program of a release on PATH, and runs a server.
func TestAction(t *testing.T) {
	r := newRunner(t)
	version := strings.TrimSpace(run(t, os.Environ(), binary(t), "version"))
	for _, inputs := range [][]string{nil, {"ACTION_REF=v1"}, {"ACTION_REF=v1.2.3-rc.1"}, {"ACTION_VERSION=1.2.3-rc.1"}, {"ACTION_VERSION=v1.2.3-rc.1"}} {
		out, err := r.step(inputs...)
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, out, "waxseal "+version+" is on PATH")
	}
	bin := strings.Fields(readFile(t, filepath.Join(r.folder, "PATH")))[0]
	if got := strings.TrimSpace(run(t, os.Environ(), filepath.Join(bin, "waxseal"), "version")); got != version {
		t.Errorf("the program on PATH is version %q, not %q", got, version)
	}
	wantText(t, readFile(t, filepath.Join(r.folder, "OUTPUT")), "version="+version+"\n")

	fixtures := filepath.Join(t.TempDir(), "fixtures.yaml")
	if err := os.WriteFile(fixtures, []byte("accounts:\n  \"123456789012\":\n    queues: [{name: orders}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.step("ACTION_INIT=" + fixtures); err != nil {
		t.Fatal(err)
	}
	given := strings.Fields(readFile(t, filepath.Join(r.folder, "ENV")))
	if out := run(t, wordless(given...), python(t), "-c", "import boto3; print(boto3.client('sqs').get_queue_url(QueueName='orders')['QueueUrl'])"); !strings.Contains(out, "/123456789012/orders") {
		t.Errorf("the queue's URL is %s", out)
	}
}

// What cannot be installed is told, and installs nothing.
func TestActionFails(t *testing.T) {
	r := newRunner(t)
	for _, c := range []struct{ input, says string }{
		{"ACTION_VERSION=9.9.9", "/download/v9.9.9/SHA256SUMS cannot be fetched"},
		{"RUNNER_ARCH=RISCV", "there is no program for RISCV"},
		{"RUNNER_OS=Windows", "the release has no program for windows/"},
		{"ACTION_INIT=/nowhere.yaml", "/nowhere.yaml"},
	} {
		_, err := r.step(c.input)
		if err == nil || !strings.Contains(err.Error(), "::error::waxseal: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v\nwant %q", c.input, err, c.says)
		}
	}
}
