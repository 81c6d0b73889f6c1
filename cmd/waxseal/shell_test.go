package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each shell reads its lines as they are meant, by what it says itself.
func TestShellsReadTheirLines(t *testing.T) {
	const hard = `a 'quoted' $HOME \ "x" ` + "`id`"
	for _, s := range shells {
		interpreter, err := exec.LookPath(map[string]string{"powershell": "pwsh"}[s.name] + strings.TrimPrefix(s.name, "powershell"))
		if err != nil {
			if s.name != "powershell" && os.Getenv("WAXSEAL_TEST_REQUIRE_ALL") != "" {
				t.Errorf("%s is not installed", s.name)
			}
			continue
		}
		run := func(script string) string {
			cmd := exec.Command(interpreter, "-c", script)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "OLD=there", "HOME=" + t.TempDir(), "TERM=dumb"}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v: %s", s.name, err, out)
			}
			return string(out)
		}
		lines := s.lines([]string{"HARD=" + hard}, []string{"OLD", "NEVER_SET"})
		if got := run(lines + "\nenv"); !strings.Contains(got, "HARD="+hard+"\n") || strings.Contains(got, "OLD=") {
			t.Errorf("%s: after\n%s\nthe environment is\n%s", s.name, lines, got)
		}
		// What is evaluated fails, as a command whose status a script looks at.
		check := map[string]string{
			"fish":       "printf '%s' \"$LINES_\" | source; and echo went on\nenv",
			"powershell": "try { Invoke-Expression $Env:LINES_; echo 'went on' } catch { }; env",
		}[s.name]
		if check == "" {
			check = `eval "$LINES_" && echo went on; env`
		}
		cmd := exec.Command(interpreter, "-c", check)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=dumb", "LINES_=" + s.failing(), "AWS_SECRET_ACCESS_KEY=s3cret"}
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "went on") || strings.Contains(string(out), "s3cret") {
			t.Errorf("%s: %v: %s", s.name, err, out)
		}
	}
}

func TestPowerShellLines(t *testing.T) {
	s, err := shellFor("powershell")
	if err != nil {
		t.Fatal(err)
	}
	want := "$Env:A = 'it''s'\nRemove-Item -ErrorAction SilentlyContinue Env:B,Env:C\n"
	if diff := cmp.Diff(want, s.lines([]string{"A=it's"}, []string{"B", "C"})); diff != "" {
		t.Error(diff)
	}
}

// script writes a program into a folder of its own.
func script(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A shim finds the AWS CLI behind all shims, and never calls without a URL.
func TestShim(t *testing.T) {
	cli := script(t, `echo cli "$@"`)
	first, second := filepath.Join(t.TempDir(), "bin"), filepath.Join(t.TempDir(), "b i*n")
	for _, dir := range []string{first, second, first} {
		if name, err := writeShim(dir); err != nil || name != filepath.Join(dir, "aws") {
			t.Fatal(name, err)
		}
	}
	if left, err := os.ReadDir(first); err != nil || len(left) != 2 {
		t.Errorf("the folder of the shim has %v, %v", left, err)
	}
	path := strings.Join([]string{second, "relative", first, "", cli, "/usr/bin", "/bin"}, ":")
	t.Setenv("PATH", path)
	if got, err := installedCLI(); err != nil || got != filepath.Join(cli, "aws") {
		t.Errorf("the AWS CLI is %s, %v", got, err)
	}
	run := func(path string, env []string, args ...string) (string, int) {
		cmd := exec.Command(filepath.Join(second, "aws"), args...)
		cmd.Env = append([]string{"PATH=" + path}, env...)
		out, err := cmd.CombinedOutput()
		if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, status := run(path, []string{"AWS_ENDPOINT_URL=http://h:1"}, "sqs", "list queues"); out != "cli --endpoint-url http://h:1 sqs list queues\n" || status != 0 {
		t.Errorf("status %d: %s", status, out)
	}
	if out, status := run(path, nil, "sqs", "list-queues"); strings.Contains(out, "cli --") || status != 253 {
		t.Errorf("without a URL: status %d: %s", status, out)
	}
	if out, status := run(path, []string{"AWS_ENDPOINT_URL=http://h:1"}, "$(touch x)"); out != "cli --endpoint-url http://h:1 $(touch x)\n" || status != 0 {
		t.Errorf("a strange service: status %d: %s", status, out)
	}
	if out, status := run(strings.Join([]string{second, first, "/usr/bin", "/bin"}, ":"), []string{"AWS_ENDPOINT_URL=http://h:1"}, "sqs"); !isFile("/usr/bin/aws") && (status != 127 || !strings.Contains(out, "not installed")) {
		t.Errorf("without an AWS CLI: status %d: %s", status, out)
	}
}

// env's lines put the shim first on PATH, once.
func TestShimmedPath(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("PATH", "/a:/b")
	once, err := shimmedPath()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "/c:"+once)
	twice, err := shimmedPath()
	folders := filepath.SplitList(once)
	if want := slices.Concat(folders[:1], []string{"/c"}, folders[1:]); err != nil || len(folders) != 3 || !isFile(filepath.Join(folders[0], "aws")) || !slices.Equal(filepath.SplitList(twice), want) {
		t.Errorf("PATH is %s, and then %s, %v", once, twice, err)
	}
	t.Setenv("HOME", "")
	if path, err := shimmedPath(); err == nil {
		t.Errorf("without a home PATH is %s", path)
	}
}
