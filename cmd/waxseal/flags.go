package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// envFlag adds a flag that can be given as an environment variable too:
// --root-key as WAXSEAL_ROOT_KEY.
func envFlag(cmd *cobra.Command, p *string, name, fallback, usage string) {
	env := "WAXSEAL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	cmd.Flags().StringVar(p, name, fromEnv(env, fallback), usage+" ["+env+"]")
}
