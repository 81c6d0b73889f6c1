// Package testsize says how much the tests try, and whether they may do without a program
// that is missing. What is proved by many cases, long months or the clients of other
// languages is sampled by a plain `go test ./...`, so that it ends within about a minute;
// with the variable WAXSEAL_TEST_FULL=1, which .ci/run sets, all of it runs, or a larger
// sample where the test says so. Nothing else differs.
package testsize

import "os"

// Full reports whether everything is to be tried.
func Full() bool { return os.Getenv("WAXSEAL_TEST_FULL") != "" }

// Of is the full size, or the sample's.
func Of(full, sample int) int {
	if Full() {
		return full
	}
	return sample
}
