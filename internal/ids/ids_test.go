package ids

import (
	"regexp"
	"testing"

	"github.com/google/uuid"
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

func TestParseUUID(t *testing.T) {
	s := New()
	for range 100 {
		u := s.NewUUID()
		if got, ok := ParseUUID(u.String()); !ok || got != u {
			t.Errorf("%s is read as %s, %t", u, got, ok)
		}
	}
	const id = "0198c5d2-7b1a-4c3e-9f00-0123456789ab"
	for at := range id {
		for _, c := range []string{"A", "F", "g", "`", ":", "/", "\x00", "\xff"} {
			if text := id[:at] + c + id[at+1:]; len(text) == len(id) {
				if _, ok := ParseUUID(text); ok {
					t.Errorf("%q is no UUID in lower case", text)
				}
			}
		}
	}
	for _, text := range []string{"", id[1:], id + "0", "{" + id + "}", "0198c5d27b1a4c3e9f000123456789ab", "01-98c5d2-7b1a-4c3e-9f00-0123456789a"} {
		if _, ok := ParseUUID(text); ok {
			t.Errorf("%q is no UUID as it is printed", text)
		}
	}
	if u, ok := ParseUUID("00000000-0000-0000-0000-000000000000"); !ok || u != uuid.Nil {
		t.Errorf("the nil UUID is read as %s, %t", u, ok)
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
