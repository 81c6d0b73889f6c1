package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases.
var version = "dev"

// defaultAddr is the address on which serve listens and which all other
// commands call, unless WAXSEAL_ADDR is set.
const defaultAddr = "127.0.0.1:4566"

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "waxseal",
		Short:         "An emulator of Amazon SQS, SNS and KMS that enforces security as AWS does",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          oneCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see: %s --help", err, cmd.CommandPath())
	})
	// Output goes to standard output; cobra's Print would use standard error.
	root.SetOut(os.Stdout)
	root.AddCommand(newServe(), newExec(), newEval(), newExplain(), newEvents(), newCoverage(), newEnv(), newAWS(), newClock(), newHealth(), newLearn(), newSchema(), newDocs(), newVersion())
	mannered(root)
	return root
}

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Example: `  waxseal version
  waxseal version --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return printJSON(cmd.OutOrStdout(), []string{"version=" + version, "go=" + runtime.Version(), "platform=" + runtime.GOOS + "/" + runtime.GOARCH})
			}
			cmd.Println(version)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as data, with the platform")
	return cmd
}

// fromEnv is the value of an environment variable, or fallback where it is not set.
func fromEnv(name, fallback string) string {
	if v, ok := os.LookupEnv(name); ok && v != "" {
		return v
	}
	return fallback
}
