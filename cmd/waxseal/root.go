package main

import (
	"os"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases.
var version = "dev"

// defaultAddr is where serve listens and where all other commands look.
const defaultAddr = "127.0.0.1:4566"

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "waxseal",
		Short:         "An emulator of Amazon SQS, SNS and KMS that enforces security as AWS does",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
	}
	// What was asked for goes to standard output; cobra's Print would take standard error.
	root.SetOut(os.Stdout)
	root.AddCommand(newServe(), newExec(), newEval(), newExplain(), newCoverage(), newEnv(), newAWS(), newClock(), newHealth(), newSchema(), newVersion())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(cmd *cobra.Command, _ []string) { cmd.Println(version) },
	}
}

// fromEnv is the value of an environment variable, or fallback where it is not set.
func fromEnv(name, fallback string) string {
	if v, ok := os.LookupEnv(name); ok && v != "" {
		return v
	}
	return fallback
}
