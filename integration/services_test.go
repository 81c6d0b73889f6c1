package integration

import (
	"log/slog"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// services is what the services that there are say of themselves, in the order of
// the list of internal/runtime.
func services(t *testing.T) []api.Service {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	rt := runtime.New(runtime.Config{Engine: mem.New(), Clock: clock.New(), IDs: ids.New(), HSM: module, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(rt.Close)
	var all []api.Service
	for _, s := range rt.Dispatcher.Services() {
		all = append(all, *s.Service)
	}
	return all
}

// serviceNames are their names, which are those of their packages, too.
func serviceNames(t *testing.T) (names []string) {
	t.Helper()
	for _, s := range services(t) {
		names = append(names, s.Name)
	}
	return names
}
