package integration

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var rust = flag.Bool("rust", false, "run the Rust example, whose SDK compiles for minutes")

// exampleLines are the command lines that examples/README.md gives for each
// language: the last one runs the example, those before it install what it needs.
func exampleLines(t *testing.T) map[string][]string {
	t.Helper()
	lines := map[string][]string{}
	var section string
	for line := range strings.SplitSeq(readFile(t, "../examples/README.md"), "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			section = name
		}
		if command, ok := strings.CutPrefix(line, "    "); ok {
			lines[section] = append(lines[section], command)
		}
	}
	return lines
}

// exampleEnv is what somebody has who follows examples/README.md: no word of
// AWS, and waxseal and the tests' Python on PATH. Nothing is left among the sources.
func exampleEnv(t *testing.T) []string {
	t.Helper()
	path := filepath.Dir(binary(t))
	if py := interpreter(); filepath.IsAbs(py) {
		path += string(filepath.ListSeparator) + filepath.Dir(py)
	}
	return wordless("PATH="+path+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"PYTHONDONTWRITEBYTECODE=1", "PYTEST_ADDOPTS=-p no:cacheprovider")
}

// inExamples runs a line in the folder examples, as a shell does.
func inExamples(t *testing.T, timeout time.Duration, env []string, line string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir, cmd.Env = "../examples", env
	// Ended by a signal, exec ends what it runs, too.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err = runProcess(t, cmd)
	return out.String(), log.String(), errors.Join(err, ctx.Err())
}

// The examples tell one story in six languages: six calls, of which one is
// denied for the same reason. Each is run by the line that its readers copy.
func TestExamples(t *testing.T) {
	if raceDetector {
		t.Skip("one client after another: the race detector has nothing to see")
	}
	t.Parallel()
	const told = `(?m)waxseal: 6 calls, 1 denied; 2 of 3 policy statements covered \(66\.6 %\)\n` +
		`  1× kms:GenerateDataKey on\s+arn:aws:kms:us-east-1:123456789012:key/\S+ \(alias/\S+\)\s+by\s+arn:aws:sts::123456789012:assumed-role/shop/waxseal:\s+` +
		`because\s+no\s+resource-based\s+policy\s+allows\s+the\s+kms:GenerateDataKey\s+action$`
	lines := exampleLines(t)
	for _, example := range []struct {
		language string
		needs    string // in words
		check    string // the line that fails where they are missing
		stdout   string // what the runner says
		stderr   string // what waxseal says
	}{
		{"Go", "Go", "go version", `(?m)^ok\s+github\.com/waxseal/waxseal/examples/go\s`, ``},
		{"Python", "pytest and boto3", "pytest --version && python3 -c 'import boto3'", `\b2 passed in `, told},
		{"JavaScript", "Node.js with the SDK (npm install in examples/javascript)", `cd javascript && node -e "require('@aws-sdk/client-sqs')"`, `(?m)^\S+ pass 2$`, told},
		// Maven says nothing where all is well.
		{"Java", "Java 17 and Maven with what examples/java/pom.xml names (mvn -f examples/java test -DskipTests)", "mvn -q -B -o test -DskipTests -f java", ``, told},
		{"Rust", "cargo", "cargo --version", `(?m)^test result: ok\. 2 passed;`, told},
		{"Shell", "the AWS CLI and curl", "aws --version && curl --version", `(?m)^2 passed$`, told},
	} {
		commands := lines[example.language]
		t.Run(example.language, func(t *testing.T) {
			t.Parallel()
			sampled(t, example.language == "Python")
			if len(commands) == 0 {
				t.Fatal("examples/README.md has no line for it")
			}
			timeout := 3 * time.Minute
			if example.language == "Rust" {
				timeout = time.Hour
				if !*rust {
					t.Skip("takes minutes; run it by: make example-rust")
				}
			}
			env := exampleEnv(t)
			if stdout, stderr, err := inExamples(t, timeout, env, example.check); err != nil {
				missing(t, example.needs, fmt.Errorf("%w\n%s%s", err, stdout, stderr))
			}
			stdout, stderr, err := inExamples(t, timeout, env, commands[len(commands)-1])
			if err != nil || !regexp.MustCompile(example.stdout).MatchString(stdout) || !regexp.MustCompile(example.stderr).MatchString(stderr) {
				t.Errorf("%s: %v\n%s\n%s\nwant %s\nand %s", commands[len(commands)-1], err, stdout, stderr, example.stdout, example.stderr)
			}
		})
		delete(lines, example.language)
	}
	for language := range lines {
		t.Errorf("examples/README.md has lines for %s, which this test does not know", language)
	}
}
