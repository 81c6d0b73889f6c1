package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newClock() *cobra.Command {
	c, asJSON := new(client), new(bool)
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
	c.flag(cmd.PersistentFlags())
	cmd.PersistentFlags().BoolVar(asJSON, "json", false, "print the answer as data")
	show := func(method string, body func(args []string) any) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			return showClock(cmd, c, *asJSON, method, body(args))
		}
	}
	turn := func(body func(args []string) any) func(*cobra.Command, []string) error {
		return show(http.MethodPost, body)
	}
	cmd.RunE = show(http.MethodGet, func([]string) any { return nil })
	cmd.AddCommand(
		&cobra.Command{
			Use: "show", Short: "Show what the clock shows", Args: cobra.NoArgs,
			Example: "  waxseal clock show --json",
			RunE:    cmd.RunE,
		},
		&cobra.Command{
			Use: "advance DURATION", Short: "Turn the clock on by a duration, such as 90s, 5m, 12h or 14d, or back by a negative one", Args: cobra.ExactArgs(1),
			Example: "  waxseal clock advance 5m\n  waxseal clock advance -1h",
			RunE:    turn(func(args []string) any { return map[string]string{"advance": args[0]} }),
		},
		&cobra.Command{
			Use: "set TIME", Short: "Set the clock to a time, such as 2026-01-01T00:00:00Z", Args: cobra.ExactArgs(1),
			Example: "  waxseal clock set 2026-01-01T00:00:00Z",
			RunE:    turn(func(args []string) any { return map[string]string{"set": args[0]} }),
		},
		&cobra.Command{
			Use: "reset", Short: "Set the clock to real time", Args: cobra.NoArgs,
			Example: "  waxseal clock reset",
			RunE:    turn(func([]string) any { return map[string]bool{"reset": true} }),
		})
	return cmd
}

// showClock reads or turns the clock and prints what it shows afterwards.
func showClock(cmd *cobra.Command, c *client, asJSON bool, method string, body any) error {
	var clock struct{ Now, Offset string }
	text, err := c.call(cmd.Context(), method, "/clock", body, &clock)
	if err != nil {
		return err
	}
	if asJSON {
		_, err = cmd.OutOrStdout().Write(text)
		return err
	}
	if behind, ok := strings.CutPrefix(clock.Offset, "-"); ok {
		cmd.Printf("%s (%s behind real time)\n", clock.Now, behind)
		return nil
	}
	cmd.Printf("%s (%s ahead of real time)\n", clock.Now, clock.Offset)
	return nil
}

// negativeDurations inserts a "--" before a negative duration of clock advance,
// so that it is an argument and not a flag.
func negativeDurations(args []string) []string {
	advance := slices.Index(args, "advance")
	if len(args) == 0 || args[0] != "clock" || advance < 0 || slices.Contains(args, "--") {
		return args
	}
	negative := func(arg string) bool {
		return len(arg) > 1 && arg[0] == '-' && (arg[1] == '.' || '0' <= arg[1] && arg[1] <= '9')
	}
	i := slices.IndexFunc(args[advance:], negative)
	if i < 0 {
		return args
	}
	rest := slices.Delete(slices.Clone(args), advance+i, advance+i+1)
	return append(rest, "--", args[advance+i])
}
