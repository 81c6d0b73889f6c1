package integration

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal runs a command whose terminal the test is, types keys
// once the command has printed "ready", and answers all that was printed.
func terminal(t *testing.T, cmd *exec.Cmd, keys string) string {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		missing(t, "pseudo terminals", err)
	}
	defer func() { _ = ptmx.Close() }()
	if err := unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := startProcess(t, cmd); err != nil {
		t.Fatal(err)
	}
	_ = tty.Close()
	defer time.AfterFunc(time.Minute, func() { killGroup(cmd) }).Stop()
	var printed strings.Builder
	chunk, typed := make([]byte, 4096), keys == ""
	for {
		n, err := ptmx.Read(chunk)
		printed.Write(chunk[:n])
		if !typed && strings.Contains(printed.String(), "ready") {
			typed = true
			if _, err := ptmx.WriteString(keys); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			// EIO: nobody has the terminal open any more.
			if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.EIO) {
				t.Fatal(err)
			}
			break
		}
	}
	_ = cmd.Wait() // its status is what the caller asks
	return printed.String()
}

// Ctrl-C reaches COMMAND once: from the terminal, not from the program too.
func TestExecCtrlC(t *testing.T) {
	const script = `trap 'echo caught' INT; echo ready; n=0; while [ $n -lt 20 ]; do sleep 0.05; n=$((n+1)); done; "$0" health; exit 5`
	cmd := exec.Command(binary(t), "exec", "--", "sh", "-c", script, binary(t))
	cmd.Env = wordless()
	out := terminal(t, cmd, "\x03")
	if n := strings.Count(out, "caught"); n != 1 || cmd.ProcessState.ExitCode() != 5 || !strings.Contains(out, "ok\x1b[0m  waxseal") {
		t.Errorf("caught %d times, status %d:\n%s", n, cmd.ProcessState.ExitCode(), out)
	}
}

// Color on a terminal, but where the environment wants none.
func TestColorOnATerminal(t *testing.T) {
	t.Parallel()
	py := python(t)
	for _, c := range []struct {
		env  string
		want bool
	}{
		{"TERM=xterm", true}, {"TERM=dumb", false}, {"NO_COLOR=1", false}, {"NO_COLOR=", true},
	} {
		t.Run(c.env, func(t *testing.T) {
			cmd := exec.Command(binary(t), "exec", "--explain", "--", "sh", "-c", `"$0" -c "$1" 0; "$2" explain; "$2" coverage; "$2" explain --json`, py, queueWithPolicy, binary(t))
			cmd.Env = wordless("TERM=xterm", c.env)
			out := terminal(t, cmd, "")
			for _, painted := range []string{"\x1b[31mDENIED\x1b[0m  sqs:SendMessage", "\x1b[33m     line 1: Deny Purge", "\x1b[31m2 denied\x1b[0m"} {
				if strings.Contains(out, painted) != c.want {
					t.Errorf("%q is there: %v\n%q", painted, !c.want, out)
				}
			}
			if !c.want && strings.Contains(out, "\x1b[") {
				t.Errorf("%q", out)
			}
			if _, data, _ := strings.Cut(out, `{"decisions":`); strings.Contains(strings.SplitN(data, "\n", 2)[0], "\x1b") || data == "" {
				t.Errorf("JSON is painted or missing: %q", out)
			}
		})
	}
}
