package testsize

import (
	"os"
	"testing"
)

// Missing skips the test for want of a program, unless WAXSEAL_TEST_REQUIRE_ALL says
// that nothing may be skipped.
func Missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("WAXSEAL_TEST_REQUIRE_ALL") != "" {
		t.Fatalf("%s is required here: %v", what, err)
	}
	t.Skipf("needs %s: %v", what, err)
}
