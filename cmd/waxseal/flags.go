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
	env := variable(name)
	cmd.Flags().StringVar(p, name, fromEnv(env, fallback), usage+" ["+env+"]")
}

// envListFlag is envFlag for a list, whose variable separates with commas.
func envListFlag(cmd *cobra.Command, p *[]string, name, usage string) {
	env := variable(name)
	var fallback []string
	if list := fromEnv(env, ""); list != "" {
		fallback = strings.Split(list, ",")
	}
	cmd.Flags().StringSliceVar(p, name, fallback, usage+" ["+env+"]")
}

// variable is the environment variable of a flag.
func variable(flag string) string {
	return "WAXSEAL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
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
