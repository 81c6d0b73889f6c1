package rerun

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// wrap is what New puts around the engine that it makes.
var wrap = func(e store.Engine) store.Engine { return e }

// New is an empty engine in memory for a service's tests; within Tests, it
// runs closures again.
func New() store.Engine { return wrap(mem.New()) }

// Tests runs tests of a service, which take their engines from New, over each
// of the engines that run closures again. They must not run in parallel.
func Tests(t *testing.T, tests ...func(*testing.T)) {
	for _, engine := range []struct {
		name string
		wrap func(store.Engine) store.Engine
	}{
		{"twice", Twice},
		{"conflicting", Conflicting},
	} {
		t.Run(engine.name, func(t *testing.T) {
			before := wrap
			wrap = engine.wrap
			defer func() { wrap = before }()
			for _, test := range tests {
				t.Run(nameOf(test), test)
			}
		})
	}
}

// nameOf is the name of a test function.
func nameOf(test func(*testing.T)) string {
	name := runtime.FuncForPC(reflect.ValueOf(test).Pointer()).Name()
	return strings.TrimPrefix(name[strings.LastIndexByte(name, '.')+1:], "Test")
}
