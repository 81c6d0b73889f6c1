package integration

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/waxseal/waxseal/internal/testsize"
	lessons "github.com/waxseal/waxseal/learn"
)

// learner is one who does exercises on a server.
type learner struct {
	t   *testing.T
	env []string
}

func newLearner(t *testing.T, url string) *learner {
	return &learner{t, wordless("HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir(), "AWS_ENDPOINT_URL="+url)}
}

// learn runs waxseal learn, which must end with a status and print all the texts.
func (l *learner) learn(status int, args string, wants ...string) string {
	l.t.Helper()
	got := program(l.t, l.env, append([]string{"learn"}, strings.Fields(args)...)...)
	all := got.stdout + got.stderr
	if got.status != status {
		l.t.Fatalf("waxseal learn %s: status %d, want %d:\n%s", args, got.status, status, all)
	}
	flat := strings.Join(strings.Fields(all), " ")
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			l.t.Errorf("waxseal learn %s does not say %q:\n%s", args, want, all)
		}
	}
	return all
}

func exercises(t *testing.T) []*lessons.Exercise {
	t.Helper()
	all, err := lessons.All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Whoever types waxseal learn is led from there through an exercise.
func TestLearn(t *testing.T) {
	t.Parallel()
	all := exercises(t)
	first := all[0]
	l := newLearner(t, "http://127.0.0.1:"+freePort(t))
	l.learn(0, "", fmt.Sprintf("%d exercises", len(all)), "none answers at", "waxseal serve")
	l.learn(0, "list", first.Title, first.Domain)
	l.learn(2, "start 1", "no server answers")
	l.learn(2, "check", "no server answers")

	p := serve(t)
	l = newLearner(t, p.url)
	l.learn(0, "", "Next is exercise 1", "waxseal learn start 1")
	l.learn(2, "start nothing", `there is no exercise "nothing"; see: waxseal learn list`)
	l.learn(2, "check", "no exercise is under way; begin with: waxseal learn start 1")
	l.learn(2, "hint", "no exercise is under way")
	l.learn(2, "answer", "no exercise is under way")
	story := strings.Join(strings.Fields(first.Story), " ")
	l.learn(0, "start "+first.Name, "Exercise 1: "+first.Title, story, strings.Join(strings.Fields(first.Goal), " "), `eval "$(waxseal env)"`, "waxseal learn check")
	l.learn(0, "", story)
	l.learn(1, "check", "✗", "Not yet", "waxseal learn hint")
	for i, hint := range first.Hints {
		l.learn(0, "hint", fmt.Sprintf("Hint %d of 3", i+1), strings.Join(strings.Fields(hint), " "))
	}
	l.learn(0, "hint", "no more hints", "waxseal learn answer")
	l.learn(0, "answer", "An answer to exercise 1", "docs.aws.amazon.com")
	l.learn(0, "reset 1", story)
	l.learn(0, "hint", "Hint 1 of 3")
	l.learn(0, "reset", "waxseal learn start 1")
	l.learn(2, "check", "no exercise is under way")
}

// A name that is taken stops an exercise from being started, and nothing else happens.
func TestLearnStartRefused(t *testing.T) {
	t.Parallel()
	p := serve(t)
	l := newLearner(t, p.url)
	p.act(`{"as":"root","action":"sqs:CreateQueue","params":{"QueueName":"pettracker-notifications"}}`)
	l.learn(2, "start 1", "names that are taken: queue pettracker-notifications")
	l.learn(2, "check", "no exercise is under way")
}

// act makes a call by the control API.
func (p *process) act(body string) {
	p.t.Helper()
	answer, err := http.Post(p.url+"/_waxseal/act", "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(text), `"status":200`) {
		p.t.Fatalf("%s: %s, %v", body, text, err)
	}
}

const encrypts = `{"as":"root","action":"sqs:SetQueueAttributes","params":{"QueueUrl":"http://localhost:4566/123456789012/pettracker-notifications","Attributes":{"SqsManagedSseEnabled":"true"}}}`

// A progress that cannot be read is told, and left as it is.
func TestLearnDamagedProgress(t *testing.T) {
	t.Parallel()
	l := newLearner(t, "http://127.0.0.1:1")
	state := t.TempDir()
	l.env = append(l.env, "XDG_STATE_HOME="+state)
	file := filepath.Join(state, "waxseal", "learn.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"exercises":`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"", "list", "reset", "check"} {
		l.learn(2, args, file, "is damaged")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != `{"exercises":` {
		t.Errorf("the file is %q, %v", text, err)
	}
}

// What is done is kept in a file that others cannot read.
func TestLearnProgress(t *testing.T) {
	t.Parallel()
	p := serve(t)
	l := newLearner(t, p.url)
	state := t.TempDir()
	l.env = append(l.env, "XDG_STATE_HOME="+state)
	l.learn(0, "start 1")
	p.act(encrypts)
	l.learn(0, "check", "Well done: exercise 1 is solved.", "Next is exercise 2", "waxseal learn start 2")
	l.learn(0, "", "Exercise 1", "You have solved exercise 1.", "waxseal learn start 2")
	l.learn(0, "list", "✓ 1 ")
	l.learn(0, "list --json", `"name": "encrypted-by-default"`)
	info, err := os.Stat(filepath.Join(state, "waxseal", "learn.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Join(state, "waxseal"))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside it are %v, %v", entries, err)
	}
	l.learn(0, "reset 1")
	if got := l.learn(0, "list"); strings.Contains(got, "✓") {
		t.Errorf("after the reset:\n%s", got)
	}
}

// check --watch checks again after a call, and when the server is back that was away.
func TestLearnWatch(t *testing.T) {
	t.Parallel()
	port, data := freePort(t), t.TempDir()
	server := func() *process { return serve(t, "--addr", "127.0.0.1:"+port, "--data", data) }
	p := server()
	l := newLearner(t, p.url)
	l.learn(0, "start 1")
	watch := exec.CommandContext(t.Context(), binary(t), "learn", "check", "--watch")
	watch.Env = l.env
	printed, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := startProcess(t, watch); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(printed)
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("it ends without %q", want)
	}
	until("Watching")
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until("is away")
	p = server()
	p.act(encrypts)
	until("Well done")
	_, _ = io.Copy(io.Discard, printed)
	if err := watch.Wait(); err != nil {
		t.Error(err)
	}
}

// Shells complete the names of exercises.
func TestLearnCompletion(t *testing.T) {
	t.Parallel()
	got := program(t, wordless("HOME="+t.TempDir()), "__complete", "learn", "start", "")
	for _, e := range exercises(t) {
		if !strings.Contains(got.stdout, e.Name+"\t") {
			t.Errorf("%s is not offered:\n%s", e.Name, got.stdout)
		}
	}
}

// The answers are what a person would type, for the AWS CLI that there is.
func TestLearnAnswersByTheCLI(t *testing.T) {
	t.Parallel()
	unwatched(t)
	awsCLI(t)
	cli, err := exec.LookPath("aws")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	l := newLearner(t, p.url)
	l.env = append(l.env, "XDG_CACHE_HOME="+t.TempDir(), "PATH="+filepath.Dir(cli)+":/usr/bin:/bin", "WAXSEAL="+binary(t))
	// A sample at full size, too: internal/lab runs each without the CLI, which takes a second for a call.
	sample := testsize.Of(3, 6)
	for i, e := range exercises(t) {
		if i%sample != 0 {
			continue
		}
		l.learn(0, "start "+e.Name)
		l.learn(1, "check")
		script := exec.CommandContext(t.Context(), "bash", "-ec", `eval "$("$WAXSEAL" env)"`+"\n"+e.Answer)
		script.Env, script.Dir = l.env, t.TempDir()
		if out, err := script.CombinedOutput(); err != nil {
			t.Errorf("%s: the answer: %v\n%s", e.Name, err, out)
			continue
		}
		l.learn(0, "check")
	}
	l.learn(0, "reset")
}
