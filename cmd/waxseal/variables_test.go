package main

import (
	"strings"
	"testing"
)

func TestUnknownVariablesAreRefused(t *testing.T) {
	for setting, want := range map[string]string{
		"WAXSEAL_STRCT=all":             "unknown variable WAXSEAL_STRCT in the environment; did you mean WAXSEAL_STRICT?",
		"WAXSEAL_ADDRESS=x":             "WAXSEAL_ADDR",
		"WAXSEAL_=":                     "unknown variable WAXSEAL_",
		"WAXSEAL_PORTS=1":               "unknown variable WAXSEAL_PORTS",
		"WAXSEAL_STRICT=all":            "",
		"WAXSEAL_ALLOW_REGION=x":        "",
		"WAXSEAL_CONTROL_TOKEN=x":       "",
		"WAXSEAL_INIT=f.yaml":           "",
		"WAXSEAL_TEST_PYTHON=python3":   "",
		"WAXSEAL_SERVICE_HOST=10.0.0.1": "", // Kubernetes, for a service that is called waxseal
		"WAXSEAL_SERVICE_PORT_HTTP=1":   "",
		"WAXSEAL_PORT=tcp://10.0.0.1":   "",
		"WAXSEAL_PORT_4566_TCP_ADDR=1":  "",
		"WAXSEALED=1":                   "",
	} {
		err := checkVariables(newRoot(), []string{"PATH=/bin", setting})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", setting, err, want)
		}
	}
}
