package resource_test

import (
	"encoding/base64"
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

func TestTokens(t *testing.T) { // [N042]
	for _, key := range []string{"a", "arn:aws:sns:us-east-1:123456789012:t", "é\x00/"} {
		token := resource.NewToken(key)
		if got, valid := resource.ReadToken(token); got != key || !valid {
			t.Errorf("%q becomes %q, %v", key, got, valid)
		}
		if _, err := base64.StdEncoding.DecodeString(token); err != nil {
			t.Errorf("the token %q of %q is not base64: %v", token, key, err)
		}
	}
	if key, valid := resource.ReadToken(""); key != "" || !valid {
		t.Error("no token is not the beginning")
	}
	for _, token := range []string{"!", "bm90IGEgdG9rZW4=", "YXQ=", "YXQAYQ", resource.NewToken("a") + "="} {
		if key, valid := resource.ReadToken(token); valid {
			t.Errorf("%q is read as %q", token, key)
		}
	}
}
