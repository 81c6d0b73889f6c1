package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/server"
)

// fixtureFlags say what is there from the start.
type fixtureFlags struct{ files, parameters []string }

// add adds --init and --param, which override WAXSEAL_INIT and WAXSEAL_PARAM.
func (f *fixtureFlags) add(cmd *cobra.Command) {
	envListFlag(cmd, &f.files, "init", "what is there from the start: a fixture file, a CloudFormation template, a folder that cdk synth made, or what terraform show -json printed; repeatable, or a list with commas")
	env := variable("param")
	var fallback []string
	if lines := strings.TrimSpace(fromEnv(env, "")); lines != "" {
		fallback = strings.Split(lines, "\n")
	}
	cmd.Flags().StringArrayVar(&f.parameters, "param", fallback, "NAME=VALUE: a parameter's value, for every template that declares it; repeatable ["+env+", one a line]")
}

// load reads the files; nil: there are none.
func (f *fixtureFlags) load(c *server.Config) (*fixture.Set, error) {
	given := map[string]string{}
	for _, p := range f.parameters {
		name, value, ok := strings.Cut(p, "=")
		if _, twice := given[name]; !ok || name == "" {
			return nil, fmt.Errorf("--param: %q is not NAME=VALUE", p)
		} else if twice {
			return nil, fmt.Errorf("--param: %s is given twice", name)
		}
		given[name] = value
	}
	if len(f.files) == 0 && len(given) == 0 {
		return nil, nil
	}
	set, err := fixture.Options{
		Account: c.Account, Region: c.Region, Regions: c.Regions,
		StrictPrincipals: c.Strict.Principals, StrictTemplates: c.Strict.Templates, Parameters: given,
	}.Load(f.files...)
	if err != nil {
		return nil, err
	}
	for _, w := range set.Warnings() {
		c.Log.Warn(w)
	}
	return set, nil
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of fixture files",
		Long: `Print the JSON Schema of the files that --init takes, for editors that complete
and check YAML and JSON by one.`,
		Example: `  waxseal schema > waxseal.schema.json
  # yaml-language-server: $schema=waxseal.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(fixture.Schema())
			return err
		},
	}
}
