package main

import (
	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/server"
)

// fixtureFlag adds --init, which overrides WAXSEAL_INIT.
func fixtureFlag(cmd *cobra.Command, files *[]string) {
	envListFlag(cmd, files, "init", "fixture file, YAML or JSON, or what terraform show -json prints, applied before the server is ready; repeatable, or a list with commas")
}

// loadFixtures reads the files that --init names; nil: it names none.
func loadFixtures(files []string, c *server.Config) (*fixture.Set, error) {
	if len(files) == 0 {
		return nil, nil
	}
	set, err := fixture.Options{
		Account: c.Account, Region: c.Region, Regions: c.Regions,
		StrictPrincipals: c.Strict.Principals, StrictTemplates: c.Strict.Templates,
	}.Load(files...)
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
