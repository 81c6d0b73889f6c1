// Command bench measures waxseal and prints one table of ratios: beside a server
// that does as little as possible with the same layers, beside an empty queue of
// the same server, beside an empty server, beside bare commits on the same disk.
// It judges nothing: what misses its goal is marked, and the status is 0.
//
// Each figure is the median of rounds that alternate with those of what it is
// compared with, so that what else the machine does falls on both. Requests are
// signed with the access key of a user with a policy: signatures, policies,
// encryption and the trail are all on. It needs Linux, which tells of processes'
// CPU time and memory in /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	ctx     context.Context
	program string // waxseal
	source  string // the module's folder
	dir     string // for the run's files
	rounds  int
	round   time.Duration
	workers int
	quick   bool
	rival   string // the process and address of another emulator, if any
	log     io.Writer

	servers []*server // that run
}

// size is how many of something there are: a quick run has a twentieth.
func (b *bench) size(n int) int {
	if b.quick {
		return n / 20
	}
	return n
}

// wait is a pause after which memory is measured: a quick run has a fifth.
func (b *bench) wait(d time.Duration) error {
	if b.quick {
		d /= 5
	}
	select {
	case <-b.ctx.Done():
		return b.ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// measurement is a part of the table.
type measurement struct {
	name string
	run  func(b *bench) ([]row, error)
}

var measurements = slices.Concat(cpuMeasurements, []measurement{
	{"publish", publish},
	{"filters", filters},
	{"growth/memory", func(b *bench) ([]row, error) { return growth(b, false) }},
	{"growth/disk", func(b *bench) ([]row, error) { return growth(b, true) }},
	{"growth/fifo", growthFIFO},
	{"growth/topics", manyTopics},
	{"growth/keys", manyKeys},
	{"growth/roles", manyRoles},
	{"memory/messages", memory},
	{"memory/trail", trailMemory},
	{"disk", durable},
	{"eval", eval},
	{"policyeval", policyevalBenchmarks},
	{"start", start},
	{"rival", rival},
})

// longest bounds a run.
const longest = time.Hour

func main() {
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		if err := serveFloor(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "floor:", err)
			os.Exit(1)
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	cancel()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, log io.Writer) (err error) {
	b := &bench{ctx: ctx, log: log}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&b.program, "waxseal", "bin/waxseal", "the `program` to measure")
	flags.StringVar(&b.source, "source", ".", "the `folder` of the module, for its Go benchmarks")
	flags.StringVar(&b.dir, "dir", "", "a `folder` on the disk to measure (default one for temporary files)")
	flags.IntVar(&b.rounds, "rounds", 5, "rounds of which the median counts")
	flags.DurationVar(&b.round, "d", time.Second, "how long a round is")
	flags.IntVar(&b.workers, "c", 16, "clients at once, where it is not one")
	flags.BoolVar(&b.quick, "quick", false, "few rounds and small sizes, for a first look")
	flags.StringVar(&b.rival, "rival", "", "another emulator that runs, as `PID@HOST:PORT`, to compare with")
	page := flags.String("page", "", "write the table into a `file` of Markdown, between the comments for it")
	pattern := flags.String("run", "", "measure only what a regular `expression` matches")
	markdown := flags.Bool("markdown", false, "print the table as Markdown")
	list := flags.Bool("list", false, "print the names of the measurements")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*pattern)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(slices.Clone(measurements), func(m measurement) bool { return !wanted.MatchString(m.name) })
	if *list {
		for _, m := range chosen {
			_, _ = fmt.Fprintln(out, m.name)
		}
		return nil
	}
	if b.quick {
		b.rounds, b.round = min(b.rounds, 3), min(b.round, 300*time.Millisecond)
	}
	t := &table{settings: b.settings()}
	err = b.in(b.dir, func() error {
		for _, m := range chosen {
			_, _ = fmt.Fprintln(log, m.name)
			rows, err := m.run(b)
			b.stopAll()
			if err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			t.rows = append(t.rows, rows...)
		}
		return nil
	})
	// What was measured is shown also where the rest failed.
	if len(t.rows) > 0 {
		err = errors.Join(err, t.write(out, *markdown))
	}
	if err == nil && *page != "" {
		err = t.writePage(*page)
	}
	return err
}

// in does something with a folder of the run's own within another, which is
// removed in every case, after the servers have ended.
func (b *bench) in(parent string, do func() error) (err error) {
	if b.program, err = filepath.Abs(b.program); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(parent, "waxseal-bench-"); err != nil {
		return err
	}
	defer func() {
		b.stopAll()
		err = errors.Join(err, os.RemoveAll(b.dir))
	}()
	return do()
}
