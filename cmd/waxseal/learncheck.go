package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/learn"
)

func (l *lessons) check() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check", Short: "Check whether the goal of the exercise that is under way is reached; exit status 1 if not yet", Args: cobra.NoArgs,
		Long: `Check whether the goal of the exercise that is under way is reached. The check makes its
calls on a copy of the state: it changes nothing on the server and leaves no trace there.
With --watch it is made again after each call of yours, until the goal is reached.`,
		Example: "  waxseal learn check\n  waxseal learn check --watch",
	}
	watch := cmd.Flags().Bool("watch", false, "check again after each call, until the goal is reached or you interrupt it")
	asJSON := cmd.Flags().Bool("json", false, "print the result as data")
	cmd.RunE = l.command(func(ctx context.Context, l *lessons, _ []string) error {
		if *watch && *asJSON {
			return errors.New("--json and --watch do not go together")
		}
		e, err := l.underWay(ctx)
		if err != nil {
			return err
		}
		if *watch {
			return l.watch(ctx, e)
		}
		report, text, err := l.checkOnce(ctx, e)
		switch {
		case err != nil:
			return err
		case *asJSON:
			_, _ = cmd.OutOrStdout().Write(text)
		default:
			l.report(e, report)
		}
		if !report.Passed {
			return &exitError{exitNo, nil}
		}
		return nil
	})
	return cmd
}

// report is what the server answers to a check.
type report struct {
	Passed bool
	Checks []struct {
		What   string
		Passed bool
		Detail string
	}
}

// checkOnce has an exercise checked, and keeps that it is done.
func (l *lessons) checkOnce(ctx context.Context, e *learn.Exercise) (*report, []byte, error) {
	r := new(report)
	text, err := l.call(ctx, http.MethodPost, "/learn/check", map[string]string{"exercise": e.Name}, r)
	if err == nil && r.Passed {
		err = l.progress.change(e, func(p *exerciseProgress) {
			if p.Done.IsZero() {
				p.Done = clock.Real().UTC().Truncate(time.Second)
			}
		})
	}
	return r, text, err
}

// report tells what was checked, and what to do next.
func (l *lessons) report(e *learn.Exercise, r *report) {
	failed := 0
	for _, c := range r.Checks {
		if c.Passed {
			l.marked(l.paint.in(green, "✓"), c.What)
			continue
		}
		failed++
		l.marked(l.paint.in(red, "✗"), c.What)
		for detail := range strings.SplitSeq(c.Detail, "\n") {
			l.line("    %s", detail)
		}
	}
	l.line("")
	if !r.Passed {
		fail := "fail"
		if failed == 1 {
			fail = "fails"
		}
		l.say("Not yet: %d of %d checks %s. A hint: waxseal learn hint", failed, len(r.Checks), fail)
		return
	}
	l.say("%s", l.paint.in(green, fmt.Sprintf("Well done: exercise %d is solved.", e.Number)))
	l.onward()
}

// onward says what to do after an exercise that is done.
func (l *lessons) onward() {
	l.say("Why it works, and another way: waxseal learn answer")
	if next := l.next(); next != nil {
		l.say("Next is exercise %d: %s:", next.Number, next.Title)
		l.typed(fmt.Sprintf("waxseal learn start %d", next.Number))
		return
	}
	l.say("That was the last one: you have solved them all.")
}

const (
	// quiet is how long no call must come until a check is made, so that one is made after
	// many calls, and busy is how long it waits for that at most.
	quiet = 300 * time.Millisecond
	busy  = 2 * time.Second
	// away is how long it waits until it asks a server again that does not answer.
	away = time.Second
)

// watch checks an exercise now and after each call, until its goal is reached.
func (l *lessons) watch(ctx context.Context, e *learn.Exercise) error {
	w := &watcher{lessons: l, exercise: e}
	for first := true; ; first = false {
		err := w.follow(ctx)
		switch {
		case w.passed:
			return nil
		case ctx.Err() != nil:
			return &exitError{exitNo, nil}
		case err != nil && (first || isStatus(err)):
			return err
		case !w.told:
			w.told = true
			l.say("The server at %s is away. Waiting for it; ctrl-C ends that.", l.endpoint)
		}
		select {
		case <-clock.AfterReal(away):
		case <-ctx.Done():
		}
	}
}

func isStatus(err error) bool {
	_, ok := errors.AsType[*statusError](err)
	return ok
}

// watcher checks an exercise after calls.
type watcher struct {
	*lessons
	exercise *learn.Exercise
	shown    string // the result that was printed last, without what is fleeting
	passed   bool
	told     bool // that the server is away
}

// follow checks, and again after the calls of one stream of events, until that ends.
func (w *watcher) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	called := make(chan struct{}, 1)
	signal := func() {
		select {
		case called <- struct{}{}:
		default:
		}
	}
	ended := make(chan error, 1)
	go func() {
		// The stream begins before the first check: no call falls between them.
		ended <- w.stream(ctx, "/events/stream", func() error { signal(); return nil }, func([]byte) error { signal(); return nil })
	}()
	for {
		select {
		case <-called:
			if err := w.again(ctx, called); err != nil || w.passed {
				return err
			}
		case err := <-ended:
			return err
		}
	}
}

// again makes a check when no more calls come, and prints what it has found where that is
// something else than before.
func (w *watcher) again(ctx context.Context, called <-chan struct{}) error {
	if w.shown != "" {
		for latest := clock.AfterReal(busy); latest != nil; {
			select {
			case <-called:
			case <-clock.AfterReal(quiet):
				latest = nil
			case <-latest:
				latest = nil
			case <-ctx.Done():
				return nil
			}
		}
	}
	found, text, err := w.checkOnce(ctx, w.exercise)
	if err != nil {
		return err
	}
	w.told = false
	result := fleeting.ReplaceAllString(string(text), "")
	if result != w.shown {
		w.report(w.exercise, found)
		if !found.Passed {
			w.say("Watching: checked again after each call. ctrl-C ends it.")
		}
	}
	w.shown, w.passed = result, found.Passed
	return nil
}

// fleeting is what every check has anew: request ids, receipt handles, ciphertexts.
var fleeting = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9+/=_-]{64,}`)
