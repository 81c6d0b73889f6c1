package notice

import (
	"fmt"
	"slices"
	"testing"
)

func TestTheLogIsToldOfANameOnce(t *testing.T) {
	var s Set
	for _, name := range []string{"service b", "service a", "region x"} {
		if !s.First(name) || s.First(name) {
			t.Errorf("%s is not first once", name)
		}
	}
	if got := s.WithPrefix("service "); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("services: %q", got)
	}
}

func TestASetIsBounded(t *testing.T) {
	var s Set
	for i := range maxNames {
		if !s.First(fmt.Sprint(i)) {
			t.Fatalf("name %d is not taken", i)
		}
	}
	if s.First("one more") || len(s.names) != maxNames {
		t.Errorf("the set holds %d names", len(s.names))
	}
}
