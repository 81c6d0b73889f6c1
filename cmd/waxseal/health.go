package main

import (
	"net/http"

	"github.com/spf13/cobra"
)

func newHealth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it is well; exit status 1 if not",
		Args:  cobra.NoArgs,
	}
	c := endpointFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		body, err := c.call(cmd.Context(), http.MethodGet, "/health", nil, nil)
		if err != nil {
			return &exitError{exitNo, err}
		}
		cmd.Print(string(body))
		return nil
	}
	return cmd
}
