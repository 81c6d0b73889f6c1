package integration

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shell is what a reader of a page has: a bash in an empty folder, with an
// empty home folder, in whose PATH are waxseal, and python3, pytest (with waxseal's plugin)
// and node as the tests know them. The port that waxseal has by itself is a free one.
type shell struct {
	t         *testing.T
	dir, port string
	env       []string
	bash      *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	terminal  *window // in which waxseal serve runs; nil: none
	cancel    context.CancelFunc
}

const usualPort = "4566"

func newShell(t *testing.T) *shell {
	t.Helper()
	s := &shell{t: t, dir: t.TempDir(), port: freePort(t)}
	home, bin := t.TempDir(), t.TempDir()
	for name, script := range map[string]string{
		"waxseal": fmt.Sprintf(`WAXSEAL_ADDR=${WAXSEAL_ADDR:-127.0.0.1:%s} AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL:-http://127.0.0.1:%s} exec %s "$@"`, s.port, s.port, binary(t)),
		"python3": "exec " + interpreter() + ` "$@"`,
		"pytest":  `exec python3 -m pytest -p no:cacheprovider "$@"`,
	} {
		if name == "python3" && !filepath.IsAbs(interpreter()) {
			continue // there is none, and a script of its name would run itself
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	plugin, err := filepath.Abs(filepath.Join(repository, "packaging", "python"))
	if err != nil {
		t.Fatal(err)
	}
	// The plugin of pytest is there as if pip had installed it.
	cache := append(goEnv(t), "PYTHONPATH="+plugin, "PYTEST_PLUGINS=waxseal_pytest")
	s.env = wordless(append(cache, "HOME="+home, "PATH="+bin+":"+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1", "PS1=", "GOWORK=off")...)
	var ctx context.Context
	ctx, s.cancel = context.WithTimeout(t.Context(), 15*time.Minute) // some pages build what they fetch
	s.bash = exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	s.bash.Dir, s.bash.Env = s.dir, s.env
	if s.in, err = s.bash.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.bash.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.bash.Stderr = s.bash.Stdout
	if err := startProcess(t, s.bash); err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	return s
}

// goEnv keeps the caches of Go where they are, for they are in the home folder, and
// has packages built as the tests are: else a page would compile all of them again.
func goEnv(t *testing.T) []string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "CGO_ENABLED", "GOFLAGS"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, name := range names {
		lines[i] = name + "=" + lines[i]
	}
	lines[len(names)-1] += " -mod=mod"
	return lines
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// here is a command as it runs here: the page's port is this shell's, and what
// `go run` would build again is built already.
func (s *shell) here(command string) string {
	return strings.ReplaceAll(strings.ReplaceAll(command, ":"+usualPort, ":"+s.port), "go run ./cmd/waxseal", "waxseal")
}

// there is what a command printed as the page shows it.
func (s *shell) there(output string) string {
	return strings.ReplaceAll(strings.ReplaceAll(output, ":"+s.port, ":"+usualPort), s.dir, ".")
}

// run runs the command and notes what it printed.
func (s *shell) run(c *command) (status int, err error) {
	if text := s.here(c.text); strings.HasPrefix(text, "waxseal serve") {
		return s.serve(c, text)
	}
	const mark = "--- the command has ended with"
	if _, err := fmt.Fprintf(s.in, "{ %s\n} </dev/null 2>&1; printf '\\n%s %%d\\n' $?\n", s.here(c.text), mark); err != nil {
		return 0, err
	}
	var output strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			return 0, fmt.Errorf("the shell ended: %w\n%s", err, output.String()+line)
		}
		if number, ok := strings.CutPrefix(line, mark+" "); ok {
			c.actual = s.there(output.String())
			return strconv.Atoi(strings.TrimSpace(number))
		}
		output.WriteString(line)
	}
}

// window is a terminal in which waxseal serve runs.
type window struct {
	cmd    *exec.Cmd
	exited chan error
	ready  chan struct{}
	mu     sync.Mutex
	screen bytes.Buffer
}

func (w *window) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := bytes.Contains(w.screen.Bytes(), []byte("\nReady.\n"))
	w.screen.Write(b)
	if !before && bytes.Contains(w.screen.Bytes(), []byte("\nReady.\n")) {
		close(w.ready)
	}
	return len(b), nil
}

func (w *window) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.screen.String()
}

// serve starts a server, where there was one instead of it, and waits until it
// is ready or has ended.
func (s *shell) serve(c *command, text string) (status int, err error) {
	if err := s.stopServer(); err != nil {
		return 0, err
	}
	w := &window{exited: make(chan error, 1), ready: make(chan struct{})}
	w.cmd = exec.Command("bash", "-c", "exec "+text)
	w.cmd.Dir, w.cmd.Env, w.cmd.Stdout, w.cmd.Stderr = s.dir, s.env, w, w
	if err := startProcess(s.t, w.cmd); err != nil {
		return 0, err
	}
	go func() { w.exited <- w.cmd.Wait() }()
	select {
	case <-w.ready:
		s.terminal = w
	case err = <-w.exited:
		if _, ok := errors.AsType[*exec.ExitError](err); ok {
			status, err = w.cmd.ProcessState.ExitCode(), nil
		}
	case <-time.After(time.Minute):
		killGroup(w.cmd)
		err = errors.New("the server does not get ready")
	}
	c.actual = s.there(w.text())
	return status, err
}

func (s *shell) stopServer() error {
	w := s.terminal
	if w == nil {
		return nil
	}
	s.terminal = nil
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("waxseal serve: %w\n%s", err, w.text())
	}
	select {
	case err := <-w.exited:
		if err != nil {
			return fmt.Errorf("waxseal serve: %w\n%s", err, w.text())
		}
		return nil
	case <-time.After(time.Minute):
		killGroup(w.cmd)
		return fmt.Errorf("waxseal serve does not end\n%s", w.text())
	}
}

// close ends the shell and its server.
func (s *shell) close() error {
	err := s.stopServer()
	_ = s.in.Close()
	_ = s.bash.Wait()
	s.cancel()
	return err
}
