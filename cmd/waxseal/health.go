package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newHealth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it is well; exit status 1 if not",
		Example: `  waxseal health
  waxseal health --json`,
		Args: cobra.NoArgs,
	}
	c := endpointFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print the answer as data")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var health struct {
			Status, Version string
			Services        map[string]string
		}
		body, err := c.call(cmd.Context(), http.MethodGet, "/health", nil, &health)
		if err != nil {
			return &exitError{exitNo, err} // whatever it is, it is not well
		}
		if *asJSON {
			_, err = cmd.OutOrStdout().Write(body)
			return err
		}
		cmd.Printf("%s  waxseal %s at %s: %s\n", painter(cmd.OutOrStdout()).in(green, health.Status), health.Version, c.endpoint,
			strings.Join(slices.Sorted(maps.Keys(health.Services)), " "))
		return nil
	}
	return cmd
}
