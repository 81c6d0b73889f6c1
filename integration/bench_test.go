package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/testsize"
)

// The command that measures still can: its figures are judged by nobody. By
// itself one measurement is tried, and at full size each.
func TestBench(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil || raceDetector {
		t.Skip("what is measured is the program that users have, on Linux")
	}
	t.Parallel()
	command := filepath.Join(t.TempDir(), "bench")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", command, module+"bench").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	args := []string{"-waxseal", binary(t), "-source", repository, "-dir", t.TempDir(), "-quick", "-rounds", "1", "-d", "100ms", "-markdown"}
	if !testsize.Full() {
		args = append(args, "-run", "^cpu/send$")
	}
	cmd := exec.CommandContext(t.Context(), command, args...)
	stdout, stderr := new(output), new(output)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = stdout, stderr, 10*time.Second
	if err := runProcess(t, cmd); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	if !regexp.MustCompile(`(?m)^\| CPU: SendMessage \| [\d.]+ µs \| floor [\d.]+ µs \| \d\.\d\d \| ≤ 1\.20`).MatchString(stdout.String()) {
		t.Errorf("it prints\n%s", stdout)
	}
	if testsize.Full() && strings.Count(stdout.String(), "\n|") < 40 {
		t.Errorf("it prints\n%s", stdout)
	}
}
