package trail

import "testing"

func TestIDsAreKeptAsTheyAre(t *testing.T) {
	for _, text := range []string{
		"", "x", "0198c5d2-7b1a-7c3e-9f00-0123456789ab", "0198C5D2-7b1a-7c3e-9f00-0123456789ab",
		"00000000-0000-0000-0000-000000000000", "{198c5d2-7b1a-7c3e-9f00-0123456789ab", "0198c5d27b1a7c3e9f000123456789ab",
	} {
		if got := IDOf(text).String(); got != text {
			t.Errorf("%q is kept as %q", text, got)
		}
		if is := IDOf(text).Is(IDOf(text)); is != (text != "") {
			t.Errorf("%q is itself: %v", text, is)
		}
		if IDOf(text).Is(IDOf("other")) || IDOf("other").Is(IDOf(text)) {
			t.Errorf("%q is another", text)
		}
	}
}
