package trail

import "testing"

func TestDecisionOf(t *testing.T) {
	own, inner := &Decision{RequestID: "a"}, &Decision{RequestID: "b", Origin: "a"}
	for _, c := range []struct {
		name, id   string
		own, inner bool
	}{
		{"the request", "a", true, true},
		{"the call in its course", "b", false, true},
		{"another", "c", false, false},
		{"none", "", false, false},
	} {
		if own.Of(c.id) != c.own || inner.Of(c.id) != c.inner {
			t.Errorf("%s: %v, %v", c.name, own.Of(c.id), inner.Of(c.id))
		}
	}
}
