// Command waxseal is an emulator of Amazon SQS, SNS and KMS that enforces
// security as AWS does.
//
// # Manners
//
//   - Standard output has only what was asked for; the log, warnings, summaries
//     and errors go to standard error. With exec and aws, standard output
//     belongs to the command that they run.
//   - Exit status 0 is success; 1 is "the answer is no" (unhealthy, findings,
//     nothing to explain, too little coverage, a test that failed); 2 is a
//     command, flag, file, folder or server that cannot be used. exec and aws end
//     with the status of what they run: 128+n where signal n ended it, 127 where
//     it is not found, 126 where it cannot be executed.
//   - An error is one line that says what is wrong, where, and what to do next.
//     Each problem of a fixture file is a line that begins with FILE:LINE:, of a
//     template with FILE:LINE:COLUMN:.
//   - Output that programs may read is available as JSON: by --json, or by
//     --format where there are more than two forms. Text for people may change.
//   - Color is used only where the output is a terminal, and never with
//     NO_COLOR in the environment or with TERM=dumb.
//   - Every command has help with examples that can be run unchanged, and
//     shells complete commands and flags: waxseal completion --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/waxseal/waxseal/internal/fixture"
)

// The exit statuses.
const (
	exitNo    = 1
	exitUsage = 2
)

// exitError ends the program with a status; err is nil where the message was printed
// already.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// no is an error with exit status 1 and its reason.
func no(format string, args ...any) error {
	return &exitError{exitNo, fmt.Errorf(format, args...)}
}

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(negativeDurations(os.Args[1:]))
	err := checkVariables(root, os.Environ())
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return 0
	}
	status := exitUsage
	if e, ok := errors.AsType[*exitError](err); ok {
		status = e.status
		if e.err == nil {
			return status
		}
	}
	if problems, ok := errors.AsType[fixture.Problems](err); ok {
		fmt.Fprintln(os.Stderr, problems) // FILE:LINE: MESSAGE, a form that editors can follow
		return status
	}
	fmt.Fprintln(os.Stderr, "waxseal:", err)
	return status
}
