package main

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func newExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [REQUEST-ID]",
		Short: "Say why a request was allowed or denied",
		Long: `Say why a request was allowed or denied: every policy, every statement, every
condition with the value it saw. Without a request id: the last denial.

The request id is in every answer, as x-amzn-RequestId, and in every SDK's error.`,
		Example: `  waxseal explain
  waxseal explain 0b8f5d6e-6a27-4a59-9e4a-0f3f3d2c1b7a`,
		Args: cobra.MaximumNArgs(1),
	}
	c := endpointFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		query := url.Values{}
		if len(args) == 1 {
			query.Set("request-id", args[0])
		}
		text, err := c.call(cmd.Context(), http.MethodGet, "/explain?"+query.Encode(), nil, nil)
		if err != nil {
			return &exitError{exitNo, err}
		}
		cmd.Print(string(text))
		return nil
	}
	return cmd
}
