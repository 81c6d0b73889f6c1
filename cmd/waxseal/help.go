package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// values are what a shell offers for the flags that take one of a few values.
var values = map[string][]string{
	"as":         {"root", "role/", "user/"},
	"durability": {"full", "relaxed"},
	"format":     {"text", "json", "lcov", "html"},
	"log":        {"debug", "info", "warn", "error"},
	"log-format": {"text", "json"},
	"strict":     {"credentials", "principals", "transport", "templates", "all"},
}

// mannered sets up a command and its subcommands: their usage errors say what
// to do next, and shells can complete their flags' values.
func mannered(cmd *cobra.Command) {
	if args := cmd.Args; args != nil {
		cmd.Args = func(cmd *cobra.Command, given []string) error {
			if err := args(cmd, given); err != nil {
				return fmt.Errorf("%w; see: %s --help", err, cmd.CommandPath())
			}
			return nil
		}
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		how := cobra.ShellCompDirectiveNoFileComp
		if f.Name == "as" {
			how |= cobra.ShellCompDirectiveNoSpace // a name follows
		}
		if known := values[f.Name]; known != nil && f.Value.Type() == "string" {
			// It fails only where the flag does not exist or has one already.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(known, how))
		}
	})
	if cmd.ValidArgsFunction == nil && !strings.Contains(cmd.Use, "FILE") && !strings.Contains(cmd.Use, "ARG") {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		mannered(sub)
	}
}

// oneCommand accepts only the names of commands as arguments, and suggests
// similar names for an unknown one.
func oneCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("there is no command %q; did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no command %q", args[0])
}
