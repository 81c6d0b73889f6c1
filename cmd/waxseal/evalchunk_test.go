package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// manyCases are cases of more chunks than are in the pipeline at once.
func manyCases(n int) []string {
	var cases []string
	for i := range n {
		cases = append(cases, benchCase(i, i%7))
	}
	return cases
}

func TestEvalAnswersInOrder(t *testing.T) {
	const n = 3000
	out, status, err := command(t, strings.Join(manyCases(n), ""), "eval")
	if err != nil || status != 0 {
		t.Fatal(status, err)
	}
	i := 0
	for line := range strings.Lines(out) {
		if want := fmt.Sprintf(`{"id":"%d","decision":"Allowed",`, i); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d: %s", i, line)
		}
		i++
	}
	if i != n {
		t.Errorf("%d answers", i)
	}
}

func TestEvalStopsAtTheFirstWrongCase(t *testing.T) {
	cases := manyCases(2000)
	cases[1500] = "\n" + `{"action":5}` + "\n" // on line 1502
	cases[1600] = "{\n"
	for i := range 10 {
		cases[i] = strings.Replace(cases[i], `"expect":"Allowed"`, `"expect":"ExplicitlyDenied"`, 1)
	}
	out, status, err := command(t, strings.Join(cases, ""), "eval")
	if status != exitUsage || !strings.HasPrefix(err.Error(), "-:1502:11: action is a text, not 5") {
		t.Errorf("exit %d, %v", status, err)
	}
	if n := strings.Count(out, "\n"); n != 1500 {
		t.Errorf("%d answers before", n)
	}
	if _, _, err := command(t, strings.Join(cases[:1500], ""), "eval"); err == nil || err.Error() != "not decided as expected: 10 cases" {
		t.Errorf("those before: %v", err)
	}
}

// TestEvalAnswersAtOnce: who writes one case and waits gets the answer.
func TestEvalAnswersAtOnce(t *testing.T) {
	in, cases := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error)
	go func() { done <- evalFiles([]string{"-"}, in, out, false) }()
	lines := bufio.NewReader(answers)
	for i := range 3 {
		if _, err := io.WriteString(cases, benchCase(i, i)); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Minute, func() { _ = out.CloseWithError(errors.New("no answer")) })
		answer, err := lines.ReadString('\n')
		timer.Stop()
		if err != nil || !strings.HasPrefix(answer, fmt.Sprintf(`{"id":"%d"`, i)) {
			t.Fatalf("%q, %v", answer, err)
		}
	}
	_ = cases.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestEvalLongLines(t *testing.T) {
	line := strings.Replace(benchCase(1, 1), `"context":{`, `"context":{"x:long":"`+strings.Repeat("a", 5*chunkSize)+`",`, 1)
	out, status, err := command(t, line+benchCase(2, 1), "eval")
	if status != 0 || strings.Count(out, "\n") != 2 {
		t.Errorf("a line of several chunks: exit %d, %v: %s", status, err, out)
	}
	endless := io.MultiReader(strings.NewReader(benchCase(1, 1)), iotest.OneByteReader(strings.NewReader("{")), endlessSpace{})
	err = evalFiles([]string{"-"}, endless, io.Discard, false)
	if err == nil || err.Error() != "-:2:1: a line of more than 16 MiB" {
		t.Errorf("a line without end: %v", err)
	}
}

type endlessSpace struct{}

func (endlessSpace) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestEvalOfFilesThatEndEarly(t *testing.T) {
	broken := errors.New("broken")
	var out strings.Builder
	err := evalFiles([]string{"-"}, io.MultiReader(strings.NewReader(benchCase(1, 1)), iotest.ErrReader(broken)), &out, false)
	if !errors.Is(err, broken) || err.Error() != "-: broken" || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("a file that cannot be read further: %v, %q", err, out.String())
	}
	file := filepath.Join(t.TempDir(), "cases.jsonl")
	if err := os.WriteFile(file, []byte(strings.TrimSuffix(benchCase(1, 1), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	text, status, err := command(t, benchCase(2, 1), "eval", file, "-", file, file+"x")
	if status != exitUsage || !errors.Is(err, os.ErrNotExist) || strings.Count(text, "\n") != 3 {
		t.Errorf("a file that is absent behind others: exit %d, %v: %s", status, err, text)
	}
	if err := evalFiles([]string{file}, nil, failingWriter{broken}, false); !errors.Is(err, broken) {
		t.Errorf("answers that cannot be written: %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// TestEvalKeepsPolicies: a policy that is met again is compiled once more, and then kept; what
// is met once is not kept.
func TestEvalKeepsPolicies(t *testing.T) {
	k := newDocuments()
	compile := func(text string) any {
		d, err := k.compile(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if compile(mayAll) == compile(mayAll) || compile(mayAll) != compile(mayAll) || len(k.kept) != 1 {
		t.Error("a policy that is met again is not kept")
	}
	for i := range 3 * maxKept {
		text := strings.Replace(mayAll, "All", fmt.Sprint(i), 1)
		compile(text)
		if i%2 == 0 {
			compile(text)
		}
	}
	if len(k.kept) == 0 || len(k.kept) > maxKept {
		t.Errorf("%d policies are kept", len(k.kept))
	}
}
