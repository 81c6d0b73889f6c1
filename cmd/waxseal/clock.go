package main

import (
	"net/http"

	"github.com/spf13/cobra"
)

func newClock() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clock",
		Short: "Show or turn the clock of a running server",
		Long: `Show or turn the clock of a running server. Everything that expires, waits,
rotates or is scheduled follows it.`,
		Example: `  waxseal clock
  waxseal clock advance 5m
  waxseal clock advance 14d
  waxseal clock set 2026-01-01T00:00:00Z
  waxseal clock reset`,
		Args: cobra.NoArgs,
	}
	show := clockCommand("show", "Show what the clock shows", cobra.NoArgs, http.MethodGet,
		func([]string) any { return nil })
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return showClock(cmd, &client{endpoint: fromEnv("AWS_ENDPOINT_URL", "http://"+defaultAddr)}, http.MethodGet, nil)
	}
	cmd.AddCommand(show,
		clockCommand("advance DURATION", "Turn the clock on by a duration, such as 90s, 5m, 12h or 14d", cobra.ExactArgs(1), http.MethodPost,
			func(args []string) any { return map[string]string{"advance": args[0]} }),
		clockCommand("set TIME", "Set the clock to a time, such as 2026-01-01T00:00:00Z", cobra.ExactArgs(1), http.MethodPost,
			func(args []string) any { return map[string]string{"set": args[0]} }),
		clockCommand("reset", "Set the clock to real time", cobra.NoArgs, http.MethodPost,
			func([]string) any { return map[string]bool{"reset": true} }))
	return cmd
}

func clockCommand(use, short string, args cobra.PositionalArgs, method string, body func(args []string) any) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: args}
	c := endpointFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return showClock(cmd, c, method, body(args))
	}
	return cmd
}

// showClock asks or turns the clock and prints what it then shows.
func showClock(cmd *cobra.Command, c *client, method string, body any) error {
	var clock struct{ Now, Offset string }
	if _, err := c.call(cmd.Context(), method, "/clock", body, &clock); err != nil {
		return err
	}
	cmd.Printf("%s (%s ahead of real time)\n", clock.Now, clock.Offset)
	return nil
}
