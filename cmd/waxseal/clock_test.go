package main

import (
	"slices"
	"strings"
	"testing"
)

func TestNegativeDurationsAreArguments(t *testing.T) {
	for line, want := range map[string]string{
		"clock advance -5m":           "clock advance -- -5m",
		"clock advance -5m --json":    "clock advance --json -- -5m",
		"clock --json advance -.5h":   "clock --json advance -- -.5h",
		"clock advance 5m":            "clock advance 5m",
		"clock advance -h":            "clock advance -h",
		"clock advance -- -5m":        "clock advance -- -5m",
		"exec clock advance -5m":      "exec clock advance -5m",
		"clock set -5m":               "clock set -5m",
		"clock advance":               "clock advance",
		"exec -- waxseal clock -5m x": "exec -- waxseal clock -5m x",
	} {
		if got := negativeDurations(strings.Fields(line)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q is read as %q, want %q", line, got, want)
		}
	}
}
