package ids

import (
	"regexp"
	"testing"
)

func TestForms(t *testing.T) {
	s := New()
	for _, c := range []struct{ name, got, want string }{
		{"UUID", s.UUID(), `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
		{"Hex", s.Hex(17), `^[0-9a-f]{17}$`},
		{"Principal", s.Principal("AROA"), `^AROA[A-Z2-7]{17}$`},
		{"AccessKey", AccessKey("AKIA"), `^AKIA[A-Z2-7]{16}$`},
		{"Secret", Secret(40), `^[A-Za-z0-9+/]{40}$`},
	} {
		if !regexp.MustCompile(c.want).MatchString(c.got) {
			t.Errorf("%s = %q, want %s", c.name, c.got, c.want)
		}
	}
	if Serial().Sign() <= 0 {
		t.Error("Serial is not positive")
	}
}

func TestSeededSourceRepeats(t *testing.T) {
	a, b, c := NewSeeded(1), NewSeeded(1), NewSeeded(2)
	first := a.UUID()
	if first != b.UUID() {
		t.Error("the same seed gave two ids")
	}
	if first == c.UUID() || first == a.UUID() {
		t.Error("an id came twice")
	}
}
