package identity_test

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
)

// The test vectors of RFC 6238, appendix B, of which AWS shows the last six digits.
func TestCode(t *testing.T) {
	seed := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got, err := identity.Code(seed, time.Unix(seconds, 0)); got != want || err != nil {
			t.Errorf("at %d: %s, %v; want %s", seconds, got, err, want)
		}
	}
}
