package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/server"
)

// envFlag adds a flag that can be given as an environment variable too:
// --root-key as WAXSEAL_ROOT_KEY.
func envFlag(cmd *cobra.Command, p *string, name, fallback, usage string) {
	env := "WAXSEAL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	cmd.Flags().StringVar(p, name, fromEnv(env, fallback), usage+" ["+env+"]")
}

// checkPlace judges --account and --region.
func checkPlace(account, region string) error {
	if !arn.IsAccountID(account) {
		return fmt.Errorf("--account: %q is not an account of 12 digits", account)
	}
	if !server.IsRegion(region) {
		return fmt.Errorf("--region: %q is not the name of a region, such as %s", region, server.DefaultRegion)
	}
	return nil
}
