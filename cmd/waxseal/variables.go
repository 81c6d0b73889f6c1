package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/waxseal/waxseal/internal/nearest"
)

// othersVariables are variables with the prefix WAXSEAL_ that are not settings: those
// of the tests, and those that Kubernetes and Docker set for a service or container
// with the name waxseal.
var othersVariables = regexp.MustCompile(`^WAXSEAL_(TEST_.*|SERVICE_(HOST|PORT)(_.*)?|PORT(_.*)?|NAME|ENV_.*)$`)

// checkVariables refuses a variable that belongs to no flag, as an unknown flag
// is refused: otherwise a misspelled variable would silently have no effect.
func checkVariables(root *cobra.Command, environment []string) error {
	known := map[string]bool{}
	collectVariables(root, known)
	for _, setting := range slices.Sorted(slices.Values(environment)) {
		name, _, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, "WAXSEAL_") && !known[name] && !othersVariables.MatchString(name) {
			return fmt.Errorf("unknown variable %s in the environment%s", name, nearest.Hint(name, slices.Sorted(maps.Keys(known))))
		}
	}
	return nil
}

// collectVariables adds the variables that a command's flags, and those of the
// commands below it, name in their usage.
func collectVariables(cmd *cobra.Command, known map[string]bool) {
	add := func(f *pflag.Flag) {
		for _, name := range usedVariable.FindAllString(f.Usage, -1) {
			known[name] = true
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.PersistentFlags().VisitAll(add)
	for _, sub := range cmd.Commands() {
		collectVariables(sub, known)
	}
}

// usedVariable is a variable of waxseal's in the usage of a flag.
var usedVariable = regexp.MustCompile(`WAXSEAL_[A-Z_]+`)
