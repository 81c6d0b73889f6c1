// Command waxseal is an emulator of Amazon SQS, SNS and KMS that enforces
// security as AWS does.
//
// # Manners
//
//   - Standard output carries what was asked for and nothing else; what is said
//     about the work (the log, warnings, summaries, errors) goes to standard
//     error. Under exec and aws standard output is the command's that they run.
//   - Exit status 0 is success; 1 is "the answer is no" (unhealthy, findings,
//     nothing to explain, too little coverage, a test that failed); 2 is a
//     command, flag, file, folder or server that cannot be used. exec and aws end
//     with the status of what they run: 128+n where signal n ended it, 127 where
//     it is not found, 126 where it cannot be executed.
//   - An error is one line that says what is wrong, where, and what to do next.
//     What is wrong with a fixture file is a line each, FILE:LINE: first.
//   - What a program may want to read is there as JSON: --json, or --format
//     where there are more than two forms. Lines for a person may change.
//   - Color is for a person: never unless the output is a terminal, never with
//     NO_COLOR in the environment or a TERM that is dumb.
//   - Every command has help with examples that run as they stand, and shells
//     complete commands and flags: waxseal completion --help.
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

// exitError ends the program with a status; err may be nil where everything is said already.
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

// no is the answer no, with its reason.
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
		fmt.Fprintln(os.Stderr, problems) // FILE:LINE: what is wrong, for editors to go there
		return status
	}
	fmt.Fprintln(os.Stderr, "waxseal:", err)
	return status
}
