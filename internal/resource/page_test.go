package resource_test

import (
	"slices"
	"testing"

	"github.com/waxseal/waxseal/internal/resource"
)

// TestPagesFollowEachOther: what comes and goes between two calls is neither
// shown twice nor lost of the rest.
func TestPagesFollowEachOther(t *testing.T) {
	self := func(s string) string { return s }
	first, next, valid := resource.Page([]string{"d", "a", "c", "b"}, self, "", 2)
	if !slices.Equal(first, []string{"a", "b"}) || next == "" || !valid {
		t.Fatal(first, next, valid)
	}
	rest, end, valid := resource.Page([]string{"d", "e", "b", "a2"}, self, next, 2)
	if !slices.Equal(rest, []string{"d", "e"}) || end != "" || !valid {
		t.Error(rest, end, valid)
	}
}

func TestTokens(t *testing.T) {
	for _, key := range []string{"a", "arn:aws:sns:us-east-1:123456789012:t", "é\x00/"} {
		if got, valid := resource.ReadToken(resource.NewToken(key)); got != key || !valid {
			t.Errorf("%q becomes %q, %v", key, got, valid)
		}
	}
	if key, valid := resource.ReadToken(""); key != "" || !valid {
		t.Error("no token is not the beginning")
	}
	for _, token := range []string{"!", "bm90IGEgbWFya2Vy", "YXQ", resource.NewToken("a") + "="} {
		if key, valid := resource.ReadToken(token); valid {
			t.Errorf("%q is read as %q", token, key)
		}
	}
}
