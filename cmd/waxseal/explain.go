package main

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/layout"
)

func newExplain() *cobra.Command {
	var all, asJSON bool
	var message string
	cmd := &cobra.Command{
		Use:   "explain [REQUEST-ID]",
		Short: "Say why a request was allowed or denied",
		Long: `Say why a request was allowed or denied: every policy, every statement, every
condition with the value it saw. Of a request whose document was refused, such
as a policy: what is wrong with it, with line and column. Of a denial: all that is
missing, for the calls that come after it as well. Without a request id: the last
denial, and how old it is.

The request id is in every answer, as x-amzn-RequestId, and in every SDK's error.`,
		Example: `  waxseal explain
  waxseal explain --json
  waxseal explain 0b8f5d6e-6a27-4a59-9e4a-0f3f3d2c1b7a
  waxseal explain --message 5f1c8b7e-2d0e-4d0a-9c55-0d6f3a1b2c3d`,
		Args: cobra.MaximumNArgs(1),
	}
	c := endpointFlag(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "show every element of every statement, not only those that mattered")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the decisions as data")
	cmd.Flags().StringVar(&message, "message", "", "explain what became of the SNS message of that id, of the EventBridge event, or of the change of an S3 object by the request of that id: delivery by delivery, and what to add to which policy where it was refused")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path, err := explainPath(args, message, all, asJSON)
		if err != nil {
			return err
		}
		text, err := c.call(cmd.Context(), http.MethodGet, path, nil, nil)
		if e, ok := errors.AsType[*statusError](err); ok && e.status == http.StatusNotFound {
			return &exitError{exitNo, err} // there is nothing to explain
		}
		if err != nil {
			return err
		}
		if !asJSON {
			out := cmd.OutOrStdout()
			text = []byte(painter(out).explanation(layout.Wrap(string(text), width(out))))
		}
		cmd.Print(string(text))
		return nil
	}
	return cmd
}

// explainPath is the control request that answers the command.
func explainPath(args []string, message string, all, asJSON bool) (string, error) {
	query := url.Values{}
	if len(args) == 1 {
		query.Set("request-id", args[0])
	}
	switch {
	case message != "" && (len(args) == 1 || asJSON):
		return "", errors.New("--message goes with neither a request id nor --json; the deliveries as data are at /_waxseal/deliveries")
	case message != "":
		query.Set("message-id", message)
	case asJSON && len(args) == 0:
		query.Set("decision", "Deny")
		query.Set("limit", "1")
	}
	if asJSON {
		return "/decisions?" + query.Encode(), nil
	}
	if all {
		query.Set("all", "true")
	}
	return "/explain?" + query.Encode(), nil
}
