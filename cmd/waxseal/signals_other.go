//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import "os"

// passedOn are the signals that exec passes on to COMMAND.
func passedOn() []os.Signal { return []os.Signal{os.Interrupt} }

// fromTerminal reports whether COMMAND has the signal already: a console sends
// its interrupt to all processes that are attached to it.
func fromTerminal(s os.Signal) bool { return s == os.Interrupt }

// exitStatus is the status of a process that has ended.
func exitStatus(s *os.ProcessState) int { return s.ExitCode() }

// isTerminal reports whether f is a terminal.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// columns is how wide a terminal is; 0: it is not known.
func columns(*os.File) int { return 0 }
