package integration

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Each process that a test starts leads a process group, so that what it starts
// in turn can be killed with it: when the test ends, and when the tests end
// without their cleanups, as on a timeout. The latter is the reaper's work, a
// process that is told of the groups and outlives the tests.
const reaperVariable = "WAXSEAL_TEST_REAPER"

var reaper struct {
	once sync.Once
	mu   sync.Mutex
	in   io.Writer
	err  error
}

// startProcess starts the command, nothing of which is left after the test.
func startProcess(t testing.TB, cmd *exec.Cmd) error {
	t.Helper()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
	reaper.once.Do(startReaper)
	if reaper.err != nil {
		t.Fatal(reaper.err)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	tellReaper(cmd.Process.Pid)
	t.Cleanup(func() {
		killGroup(cmd)
		tellReaper(-cmd.Process.Pid)
	})
	return nil
}

// runProcess runs the command to its end, as its method Run does.
func runProcess(t testing.TB, cmd *exec.Cmd) error {
	t.Helper()
	if err := startProcess(t, cmd); err != nil {
		return err
	}
	return cmd.Wait()
}

// output is what a process has printed so far. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// killGroup kills the command and what it has started.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

func startReaper() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), reaperVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // ctrl-C is not for it
	if reaper.in, reaper.err = cmd.StdinPipe(); reaper.err == nil {
		reaper.err = cmd.Start()
	}
}

// tellReaper names a group, or minus a group that has ended.
func tellReaper(group int) {
	reaper.mu.Lock()
	defer reaper.mu.Unlock()
	_, _ = fmt.Fprintln(reaper.in, group)
}

// reap kills the groups that are left when the tests have ended: then its input ends.
func reap(in io.Reader) {
	groups := map[int]bool{}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if group, err := strconv.Atoi(lines.Text()); err == nil && group > 0 {
			groups[group] = true
		} else {
			delete(groups, -group)
		}
	}
	for group := range groups {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
}

// expectSignals gives processes that the tests start the usual disposition of the
// signals that nohup, a trap or a shell's & have made the tests ignore: a shell
// cannot trap what it was started to ignore. The tests themselves go on ignoring them.
func expectSignals() {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

const leaveVariable = "WAXSEAL_TEST_LEAVE"

// TestLeaves is run by TestNothingIsLeftBehind in a process of its own.
func TestLeaves(t *testing.T) {
	how := os.Getenv(leaveVariable)
	if how == "" {
		t.Skip("a part of TestNothingIsLeftBehind")
	}
	cmd := exec.Command("sh", "-c", "trap '' HUP INT TERM; sleep 120 & echo started; sleep 120")
	cmd.Stderr = os.Stdout // which is open as long as one of them runs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := startProcess(t, cmd); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("started\n"))); err != nil {
		t.Fatal(err)
	}
	fmt.Println("started")
	if how == "failure" {
		t.FailNow()
	}
	select {} // until the timeout
}

// What tests have started is gone with them, however they end.
func TestNothingIsLeftBehind(t *testing.T) {
	for how, timeout := range map[string]string{"failure": "1m", "timeout": "5s"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestLeaves$", "-test.timeout="+timeout)
			cmd.Env = append(os.Environ(), leaveVariable+"="+how)
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := startProcess(t, cmd); err != nil {
				t.Fatal(err)
			}
			out, err := io.ReadAll(stdout)
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil || !strings.HasPrefix(string(out), "started\n") {
				t.Errorf("%v\n%s", err, out)
			}
			if took := time.Since(began); took > 100*time.Second {
				t.Errorf("what it started ended by itself, after %v", took)
			}
		})
	}
}
