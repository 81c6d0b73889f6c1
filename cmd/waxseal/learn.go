package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/learn"
)

func newLearn() *cobra.Command {
	l := new(lessons)
	cmd := &cobra.Command{
		Use:   "learn",
		Short: "Learn by exercises: make what is asked for, and have it checked",
		Long: `Learn by exercises for the exam DVA-C02 (AWS Certified Developer - Associate). Each
tells a story of PetTracker, whose queues, topics and keys are not yet as they ought to
be. It makes what the story begins with on a running server, and you reach its goal with
the AWS CLI, an SDK or Terraform. The check asks for behavior: which calls must succeed and
which must not.

Without a command it says where you stand and what to do next.`,
		Example: `  waxseal learn
  waxseal learn start 1
  waxseal learn check`,
		Args: oneCommand,
		RunE: l.command(func(ctx context.Context, l *lessons, _ []string) error { return l.where(ctx) }),
	}
	l.flag(cmd.PersistentFlags())
	cmd.AddCommand(
		l.list(),
		&cobra.Command{
			Use: "start NUMBER|NAME", Short: "Start an exercise, in place of the one that is under way", Args: cobra.ExactArgs(1),
			ValidArgsFunction: exerciseNames,
			Long: `Start an exercise: make what it begins with in the default account, and remove what the
exercise before it made. Nothing else is touched; where a name is taken nothing is done.`,
			Example: "  waxseal learn start 1\n  waxseal learn start encrypted-by-default",
			RunE:    l.command(func(ctx context.Context, l *lessons, args []string) error { return l.start(ctx, args[0]) }),
		},
		l.check(),
		&cobra.Command{
			Use: "hint", Short: "Give the next of the three hints of the exercise that is under way", Args: cobra.NoArgs,
			Example: "  waxseal learn hint",
			RunE:    l.command(func(ctx context.Context, l *lessons, _ []string) error { return l.hint(ctx) }),
		},
		&cobra.Command{
			Use: "answer", Short: "Show an answer to the exercise that is under way, and explain it", Args: cobra.NoArgs,
			Example: "  waxseal learn answer",
			RunE:    l.command(func(ctx context.Context, l *lessons, _ []string) error { return l.answer(ctx) }),
		},
		&cobra.Command{
			Use: "reset [NUMBER|NAME]", Short: "Begin anew: forget the progress and remove what was made", Args: cobra.MaximumNArgs(1),
			ValidArgsFunction: exerciseNames,
			Long: `Begin anew. With an exercise, its progress is forgotten, and where it is under way it is
made again as it begins. Without one, all progress is forgotten, and what the exercise
that is under way has made is removed.`,
			Example: "  waxseal learn reset 1\n  waxseal learn reset",
			RunE: l.command(func(ctx context.Context, l *lessons, args []string) error {
				if len(args) == 0 {
					return l.resetAll(ctx)
				}
				return l.reset(ctx, args[0])
			}),
		})
	return cmd
}

// lessons is a learner at work: the exercises, the server, and what was done so far.
type lessons struct {
	client
	page

	all      []*learn.Exercise
	progress progress
	// current is the name of the exercise that is under way on the server; empty: none is.
	current string
}

// command is a command that reads the exercises and the progress first.
func (l *lessons) command(do func(context.Context, *lessons, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		l.page = newPage(cmd.OutOrStdout())
		if l.all, err = learn.All(); err != nil {
			return err
		}
		if err = l.progress.read(); err != nil {
			return err
		}
		return do(cmd.Context(), l, args)
	}
}

// exerciseNames completes the names of exercises.
func exerciseNames(_ *cobra.Command, given []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all, err := learn.All()
	if err != nil || len(given) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, e := range all {
		names = append(names, cobra.CompletionWithDesc(e.Name, fmt.Sprintf("%d: %s", e.Number, e.Title)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// ask asks the server where the learner stands, and puts the exercises into its default
// account and region.
func (l *lessons) ask(ctx context.Context) error {
	var answer struct {
		Current         string
		Account, Region string
	}
	if _, err := l.call(ctx, http.MethodGet, "/learn", nil, &answer); err != nil {
		return err
	}
	l.current = answer.Current
	if answer.Account == "" || answer.Region == "" {
		return fmt.Errorf("what answers at %s knows no exercises", l.endpoint)
	}
	for i, e := range l.all {
		l.all[i] = e.In(answer.Account, answer.Region)
	}
	return nil
}

// find is the exercise that an argument names.
func (l *lessons) find(which string) (*learn.Exercise, error) {
	if e := learn.Find(l.all, which); e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("there is no exercise %s; see: waxseal learn list", strconv.Quote(which))
}

// next is the first exercise that is not done; nil: all are.
func (l *lessons) next() *learn.Exercise {
	for _, e := range l.all {
		if l.progress.of(e).Done.IsZero() {
			return e
		}
	}
	return nil
}

// underWay is the exercise that is under way.
func (l *lessons) underWay(ctx context.Context) (*learn.Exercise, error) {
	if err := l.ask(ctx); err != nil {
		return nil, err
	}
	if e := learn.Find(l.all, l.current); e != nil {
		return e, nil
	}
	return nil, errors.New("no exercise is under way; " + l.begin())
}

// begin says how to go on where no exercise is under way.
func (l *lessons) begin() string {
	if e := l.next(); e != nil {
		return fmt.Sprintf("begin with: waxseal learn start %d", e.Number)
	}
	return "all are done; do one again with: waxseal learn start NUMBER"
}

// where says where the learner stands, and what to do next.
func (l *lessons) where(ctx context.Context) error {
	err := l.ask(ctx)
	if _, answered := errors.AsType[*statusError](err); answered {
		return err
	}
	if err != nil {
		l.say("%d exercises about queues, topics, keys and who may use them; %d are done.", len(l.all), l.done())
		l.say("They are done on a running server, and none answers at %s. Start one in another terminal:", l.endpoint)
		l.typed("waxseal serve")
		l.say("and then go on here:")
		l.typed("waxseal learn")
		return nil
	}
	if e := learn.Find(l.all, l.current); e != nil {
		l.exercise(e)
		if !l.progress.of(e).Done.IsZero() {
			l.say("%s", l.paint.in(green, fmt.Sprintf("You have solved exercise %d.", e.Number)))
			l.onward()
			return nil
		}
		l.how(e)
		return nil
	}
	l.say("%d of %d exercises are done. None is under way.", l.done(), len(l.all))
	e := l.next()
	if e == nil {
		l.say("You have solved them all. To do one again:")
		l.typed("waxseal learn start 1")
		return nil
	}
	l.say("Next is exercise %d: %s (%s, about %s). Start it:", e.Number, e.Title, e.Domain, minutes(e))
	l.typed(fmt.Sprintf("waxseal learn start %d", e.Number))
	return nil
}

func (l *lessons) done() (n int) {
	for _, e := range l.all {
		if !l.progress.of(e).Done.IsZero() {
			n++
		}
	}
	return n
}

func (l *lessons) list() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the exercises, and which are done; needs no server", Args: cobra.NoArgs,
		Example: "  waxseal learn list\n  waxseal learn list --json",
	}
	asJSON := cmd.Flags().Bool("json", false, "print the list as data")
	cmd.RunE = l.command(func(_ context.Context, l *lessons, _ []string) error {
		if *asJSON {
			return l.listJSON()
		}
		for _, e := range l.all {
			mark := " "
			if !l.progress.of(e).Done.IsZero() {
				mark = l.paint.in(green, "✓")
			}
			l.line("%s %2d  %-58s  %s", mark, e.Number, e.Title, e.Domain)
		}
		return nil
	})
	return cmd
}

func (l *lessons) start(ctx context.Context, which string) error {
	if err := l.ask(ctx); err != nil {
		return err
	}
	e, err := l.find(which)
	if err != nil {
		return err
	}
	var answer struct{ Made []struct{ Kind, Name string } }
	if _, err := l.call(ctx, http.MethodPost, "/learn/start", map[string]string{"exercise": e.Name}, &answer); err != nil {
		return err
	}
	l.exercise(e)
	l.heading("There now")
	for _, made := range answer.Made {
		l.line("  %s %s", made.Kind, made.Name)
	}
	l.line("")
	l.how(e)
	return nil
}

func (l *lessons) hint(ctx context.Context) error {
	e, err := l.underWay(ctx)
	if err != nil {
		return err
	}
	given := l.progress.of(e).Hints
	if given >= len(e.Hints) {
		l.say("There are no more hints. An answer, explained:")
		l.typed("waxseal learn answer")
		return nil
	}
	if err := l.progress.change(e, func(p *exerciseProgress) { p.Hints++ }); err != nil {
		return err
	}
	l.heading(fmt.Sprintf("Hint %d of %d", given+1, len(e.Hints)))
	l.say("%s", e.Hints[given])
	return nil
}

func (l *lessons) answer(ctx context.Context) error {
	e, err := l.underWay(ctx)
	if err != nil {
		return err
	}
	l.heading("An answer to exercise " + strconv.Itoa(e.Number))
	l.verbatim(e.Answer)
	l.heading("Why")
	l.markdown(e.Explanation)
	if e.Wrong != "" {
		l.heading("Often believed")
		l.say("%s", e.Wrong)
	}
	return nil
}

func (l *lessons) reset(ctx context.Context, which string) error {
	e, err := l.find(which)
	if err != nil {
		return err
	}
	asked := l.ask(ctx)
	if _, answered := errors.AsType[*statusError](asked); answered {
		return asked
	}
	if err := l.progress.forget(e.Name); err != nil {
		return err
	}
	if asked == nil && l.current == e.Name {
		return l.start(ctx, e.Name)
	}
	l.say("The progress of exercise %d is forgotten. Begin it anew:", e.Number)
	l.typed(fmt.Sprintf("waxseal learn start %d", e.Number))
	return nil
}

func (l *lessons) resetAll(ctx context.Context) error {
	asked := l.ask(ctx)
	if _, answered := errors.AsType[*statusError](asked); answered {
		return asked
	}
	if asked == nil {
		if _, err := l.call(ctx, http.MethodPost, "/learn/remove", nil, nil); err != nil {
			return err
		}
	}
	if err := l.progress.forget(); err != nil {
		return err
	}
	if asked != nil {
		l.say("All progress is forgotten. No server answers at %s, so that there was nothing to remove.", l.endpoint)
		return nil
	}
	l.say("All progress is forgotten, and what the exercises made is removed. Begin anew:")
	l.typed("waxseal learn start 1")
	return nil
}
