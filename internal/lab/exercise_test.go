package lab

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/testsize"
	"github.com/waxseal/waxseal/learn"
)

// folders is where the exercises are, with the wrong answers, which the program does not
// have in it.
const folders = "../../learn"

var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newRuntime(t *testing.T, change ...func(*runtime.Config)) *runtime.Runtime {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	c := runtime.Config{
		Engine: mem.New(), Clock: clock.NewStill(begun), IDs: ids.New(), HSM: module,
		Account: learn.Account, Region: learn.Region, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	rt, err := runtime.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rt.Close)
	return rt
}

// started is a Runtime on which an exercise was started, and a second has passed since.
func started(t *testing.T, e *learn.Exercise) *runtime.Runtime {
	t.Helper()
	rt := newRuntime(t)
	if _, err := Start(t.Context(), rt, e); err != nil {
		t.Fatal(err)
	}
	rt.Config().Clock.Advance(time.Second)
	return rt
}

func checked(t *testing.T, rt *runtime.Runtime, e *learn.Exercise) *Report {
	t.Helper()
	report, err := Check(t.Context(), rt, e, baseURL)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// failures are the checks that failed, with why.
func failures(r *Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		if !c.Passed {
			b.WriteString("✗ " + c.What + "\n    " + strings.ReplaceAll(c.Detail, "\n", "\n    ") + "\n")
		}
	}
	return b.String()
}

// Every exercise: what it begins with does not reach the goal, the answer does, and each
// wrong answer does not.
func TestExercises(t *testing.T) {
	all, err := learn.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			folder, err := filepath.Glob(filepath.Join(folders, "[0-9][0-9]-"+e.Name))
			if err != nil || len(folder) != 1 {
				t.Fatal(folder, err)
			}
			testExercise(t, e, folder[0])
		})
	}
}

// tryQueues does with an exercise's queues what a learner may do before the checks: it
// empties them, sends a message and receives it, and sends another one. Where a key does
// not let the root user send nothing is sent.
func tryQueues(t *testing.T, rt *runtime.Runtime) {
	t.Helper()
	r, err := current(t.Context(), rt)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range r.all(rt) {
		if one.Kind != "queue" {
			continue
		}
		u, url := unchecked{rt, one.Account, one.Region}, baseURL+"/"+one.Account+"/"+one.Name
		if len(r.Makes) == 0 { // else it may not have been made
			if _, err := u.call(t.Context(), "sqs:PurgeQueue", members{"QueueUrl": url}); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range []string{"1", "2"} {
			message := members{"QueueUrl": url, "MessageBody": "try " + n}
			if strings.HasSuffix(one.Name, ".fifo") {
				message["MessageGroupId"], message["MessageDeduplicationId"] = "try", n
			}
			_, _ = u.call(t.Context(), "sqs:SendMessage", message)
			if n == "1" {
				_, _ = u.call(t.Context(), "sqs:ReceiveMessage", members{"QueueUrl": url})
			}
		}
	}
}

func testExercise(t *testing.T, e *learn.Exercise, folder string) {
	rt := started(t, e)
	nothing := checked(t, rt, e)
	if nothing.Passed {
		t.Error("doing nothing passes")
	}
	for _, check := range nothing.Checks {
		if strings.Contains(check.Detail, "PurgeQueueInProgress") {
			t.Errorf("%s That the check has emptied the queues gets in its own way: %s", check.What, check.Detail)
		}
	}
	if err := runScript(t, rt, "answer.sh", e.Answer); err != nil {
		t.Fatal(err)
	}
	if report := checked(t, rt, e); !report.Passed {
		t.Errorf("the answer fails:\n%s", failures(report))
	}
	if tryQueues(t, rt); len(e.Before) == 0 {
		if report := checked(t, rt, e); !report.Passed {
			t.Errorf("the answer fails when the learner has tried the queues:\n%s", failures(report))
		}
	}
	if err := Remove(t.Context(), rt); err != nil {
		t.Errorf("it cannot be removed: %v", err)
	}
	if _, err := Start(t.Context(), rt, e); err != nil {
		t.Errorf("it cannot be started again: %v", err)
	}
	wrong, err := filepath.Glob(filepath.Join(folder, "wrong-*.sh"))
	if err != nil || len(wrong) == 0 {
		t.Fatal("no wrong answers", err)
	}
	for _, file := range wrong {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		reason, _, _ := strings.Cut(string(text), "\n")
		if !strings.HasPrefix(reason, "# ") {
			t.Errorf("%s does not say what is wrong with it", name)
		}
		rt := started(t, e)
		if err := runScript(t, rt, name, string(text)); err != nil && !errors.Is(err, errAWS) {
			t.Error(err)
			continue
		}
		report := checked(t, rt, e)
		if report.Passed {
			t.Errorf("%s passes, which is wrong: %s", name, reason)
		}
		t.Logf("%s: %s\n%s", name, reason, failures(report))
	}
}

// The exercises are the same in another default account and region.
func TestExercisesElsewhere(t *testing.T) {
	all, err := learn.All()
	if err != nil {
		t.Fatal(err)
	}
	const account, region = "210987654321", "eu-west-1"
	for i, e := range all {
		if i%testsize.Of(1, 4) != 0 {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			e := e.In(account, region)
			rt := newRuntime(t, func(c *runtime.Config) { c.Account, c.Region = account, region })
			start(t, rt, e)
			rt.Config().Clock.Advance(time.Second)
			if checked(t, rt, e).Passed {
				t.Error("doing nothing passes")
			}
			if err := runScript(t, rt, "answer.sh", e.Answer); err != nil {
				t.Fatal(err)
			}
			if report := checked(t, rt, e); !report.Passed {
				t.Errorf("the answer fails:\n%s", failures(report))
			}
		})
	}
}
