//go:build race

package policyeval

// raceDetector makes everything many times slower, so that tests of numbers do with fewer.
const raceDetector = true
