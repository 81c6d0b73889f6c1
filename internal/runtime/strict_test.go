package runtime

import "testing"

func TestParseStrict(t *testing.T) {
	for list, want := range map[string]Strict{
		"": {}, "credentials": {Credentials: true}, "principals, transport": {Principals: true, Transport: true}, "templates": {Templates: true}, "all": {true, true, true, true},
	} {
		if got, err := ParseStrict(list); err != nil || got != want {
			t.Errorf("ParseStrict(%q) = %+v, %v", list, got, err)
		}
	}
	if _, err := ParseStrict("everything"); err == nil {
		t.Error("an unknown word was taken")
	}
}
