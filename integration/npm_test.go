package integration

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// npmSource is what the package waxseal of npm is made of.
const npmSource = repository + "/packaging/npm"

// platformPackage is the name of the package that has the program for this platform.
func platformPackage() (string, error) {
	out, err := exec.Command("node", "-p", "`@waxseal/${process.platform}-${process.arch}`").Output()
	return strings.TrimSpace(string(out)), err
}

// furnishNode gives the shell's folder the packages that the tests have, and
// waxseal's own as it is here, with the program that the tests built.
func (s *shell) furnishNode(here string) error {
	modules := filepath.Join(s.dir, "node_modules")
	if err := os.Mkdir(modules, 0o700); err != nil {
		return err
	}
	installed, err := os.ReadDir(filepath.Join(here, "integration", "js", "node_modules"))
	if err != nil {
		return nil // pages that need them are skipped
	}
	for _, e := range installed {
		err = errors.Join(err, os.Symlink(filepath.Join(here, "integration", "js", "node_modules", e.Name()), filepath.Join(modules, e.Name())))
	}
	platform, unknown := platformPackage()
	program := filepath.Join(modules, filepath.FromSlash(platform), "bin", "waxseal")
	return errors.Join(err, unknown,
		os.CopyFS(filepath.Join(modules, "waxseal"), os.DirFS(filepath.Join(here, "packaging", "npm", "waxseal"))),
		os.MkdirAll(filepath.Dir(program), 0o700),
		os.Symlink(binary(s.t), program))
}

// npmProject is an empty project into which the packages were installed as a user
// does, without a network, and which has the SDK that the tests have.
func npmProject(t *testing.T) string {
	t.Helper()
	node(t)
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, "npm", err)
	}
	dist, project := t.TempDir(), t.TempDir()
	target := runtime.GOOS + "/" + runtime.GOARCH
	program, err := os.ReadFile(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dist, "waxseal_"+runtime.GOOS+"_"+runtime.GOARCH), program, 0o600); err != nil {
		t.Fatal(err)
	}
	tarballs := strings.Fields(run(t, wordless(), npmSource+"/build", "v1.2.3-rc.1", dist, target))
	if len(tarballs) != 2 {
		t.Fatalf("the tarballs are %q", tarballs)
	}
	if err := os.WriteFile(filepath.Join(project, "package.json"), []byte(`{"private": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	install := append([]string{"install", "--prefix", project, "--offline", "--no-audit", "--no-fund", "--cache", t.TempDir()}, tarballs...)
	run(t, wordless("HOME="+t.TempDir()), "npm", install...)
	sdk, err := filepath.Abs("js/node_modules/@aws-sdk")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(sdk, filepath.Join(project, "node_modules", "@aws-sdk")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api.test.mjs", "require.test.cjs", "start.mjs", "fixtures.yaml", "wrong.yaml"} {
		if err := os.WriteFile(filepath.Join(project, name), []byte(readFile(t, filepath.Join("testdata/npm", name))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return project
}

// inProject is a command in the project, with an environment that leads elsewhere.
func inProject(t *testing.T, project, line string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "bash", "-c", line)
	cmd.Dir = project
	cmd.Env = wordless("HOME="+project, "AWS_PROFILE=elsewhere", "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9", "AWS_USE_FIPS_ENDPOINT=true")
	return cmd
}

// The npm package, installed from its tarballs into an empty project.
func TestNPM(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector has nothing to see in JavaScript")
	}
	t.Parallel()
	sampled(t, false)
	project := npmProject(t)
	t.Run("import and require", func(t *testing.T) {
		data := filepath.Join(project, "data")
		cmd := inProject(t, project, "exec node --test --test-reporter=spec")
		cmd.Env = append(cmd.Env, "WAXSEAL_CONTROL_TOKEN=of-another-server", "WAXSEAL_DATA="+data)
		var out output
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := runProcess(t, cmd); err != nil || !strings.Contains(out.String(), "ℹ pass 12\n") {
			t.Errorf("%v\n%s", err, out.String())
		}
		if _, err := os.Stat(data); err == nil {
			t.Error("the server keeps its state where the environment says that another one does")
		}
	})
	t.Run("its end", func(t *testing.T) { testServerEndsWithNode(t, project) })
	t.Run("the program", func(t *testing.T) { testProgramOfNPM(t, project) })
}

// No server outlives the process that started it.
func testServerEndsWithNode(t *testing.T, project string) {
	for _, way := range []string{"killed", "by-itself"} {
		cmd := inProject(t, project, "exec node start.mjs "+way)
		lines := begun(t, cmd)
		if !lines.Scan() {
			t.Fatalf("%s: it does not say where the server is", way)
		}
		endpoint := lines.Text()
		if way == "killed" {
			if err := errors.Join(reachable(endpoint), cmd.Process.Kill()); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Wait(); (err == nil) != (way == "by-itself") {
			t.Errorf("%s: it ends by %v", way, err)
		}
		for deadline := time.Now().Add(20 * time.Second); reachable(endpoint) == nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %s answers though the process that started it is gone", way, endpoint)
			}
		}
	}
}

// The command of the package is the program.
func testProgramOfNPM(t *testing.T, project string) {
	cmd := inProject(t, project, "exec node_modules/.bin/waxseal serve --addr 127.0.0.1:0")
	lines := begun(t, cmd)
	for lines.Scan() && lines.Text() != "Ready." {
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("told to stop, it ends by %v", err)
	}
	for _, test := range []struct {
		line, stdout, stderr string
		status               int
	}{
		{"npx --offline waxseal version", "dev\n", "", 0},
		{"npx --offline waxseal serve --adr :0", "", "waxseal: unknown flag: --adr", 2},
		{"npx --offline waxseal exec -- sh -c 'exit 7'", "", "", 7},
		{"echo hello | node_modules/.bin/waxseal exec -- cat", "hello\n", "", 0},
		{"node_modules/.bin/waxseal exec -- sh -c 'kill -TERM $$'", "", "", 128 + int(syscall.SIGTERM)},
		{"rm -r node_modules/@waxseal; node_modules/.bin/waxseal version", "", "npm install --omit=optional", 2},
	} {
		cmd := inProject(t, project, test.line)
		var stdout, stderr output
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = runProcess(t, cmd)
		if got := cmd.ProcessState.ExitCode(); got != test.status || stdout.String() != test.stdout || !strings.Contains(stderr.String(), test.stderr) {
			t.Errorf("%s: status %d, want %d\n%q, want %q\n%s\nwant %s", test.line, got, test.status, stdout.String(), test.stdout, stderr.String(), test.stderr)
		}
	}
}

// begun starts a command, whose lines are read.
func begun(t *testing.T, cmd *exec.Cmd) *bufio.Scanner {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := startProcess(t, cmd); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(out)
}

// reachable is nil where somebody listens at the endpoint.
func reachable(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return fmt.Errorf("%q is no endpoint: %w", endpoint, err)
	}
	conn, err := net.DialTimeout("tcp", u.Host, 5*time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}
