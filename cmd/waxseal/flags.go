package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/upstream"
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

// token is the control API's token, from a flag or from the environment.
type token struct{ flag string }

// tokenName is the name of the token's flag; the name of the variable is
// derived from it.
const tokenName = "control-token"

// add adds the flag. Help does not show a token from the environment.
func (t *token) add(flags *pflag.FlagSet, usage string) {
	flags.StringVar(&t.flag, tokenName, "", usage+" ["+variable(tokenName)+"]")
}

// value is the token; empty: there is none.
func (t *token) value() (string, error) {
	value := cmp.Or(t.flag, fromEnv(variable(tokenName), ""))
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("--" + tokenName + ": a token has no spaces and no other characters than those of ASCII, for it is sent in a header")
	}
	return value, nil
}

// bearer is the Authorization header for a token. SDKs that fetch credentials
// from the control API send it too.
func bearer(token string) string { return "Bearer " + token }

// variable is the environment variable of a flag.
func variable(flag string) string {
	return "WAXSEAL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// regionFlag adds --allow-region to a command that starts a server.
func regionFlag(cmd *cobra.Command, p *[]string) {
	envListFlag(cmd, p, "allow-region", "region to allow beside AWS's; repeatable, or a list with commas")
}

// checkPlace checks --account, --region and --allow-region, and returns the regions that exist.
func checkPlace(account, region string, allowed []string) (*arn.Regions, error) {
	if !arn.IsAccountID(account) {
		return nil, fmt.Errorf("--account: %q is not an account of 12 digits", account)
	}
	regions, err := arn.NewRegions(allowed...)
	if err != nil {
		return nil, fmt.Errorf("--allow-region: %w", err)
	}
	if err := regions.Check(region); err != nil {
		return nil, fmt.Errorf("--region: %w", err)
	}
	return regions, nil
}

// checkHosts checks --allow-host: a value that no Host header can have would
// have no effect.
func checkHosts(hosts []string) error {
	for _, host := range hosts {
		if u, err := url.Parse("http://" + host); err != nil || u.Host != host || u.Hostname() == "" || strings.Contains(host, "*") {
			return fmt.Errorf("--allow-host: %q is no host name, such as emulator.example", host)
		}
	}
	return nil
}

// upstreamFlag adds --upstream to a command that starts a server.
func upstreamFlag(cmd *cobra.Command, p *string) {
	envFlag(cmd, p, "upstream", "", "URL of another emulator, to which calls for services that waxseal does not emulate are passed on as they come; empty: they are refused")
}

// parseUpstream reads --upstream; nil: there is none.
func parseUpstream(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := upstream.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("--upstream: %w", err)
	}
	return u, nil
}
