// Command waxseal is an emulator of Amazon SQS, SNS and KMS that enforces
// security as AWS does.
//
// Manners. Standard output carries what was asked for and nothing else; what is
// said about the work (the log, warnings, errors) goes to standard error. Exit
// status 0 is success, 1 is "the answer is no" (unhealthy, findings, a test that
// failed), 2 is a command, flag, file or folder that cannot be used; aws ends
// with the status of what it ran. An error is one line that says what is wrong,
// where, and what to do next.
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
	err := newRoot().ExecuteContext(ctx)
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
