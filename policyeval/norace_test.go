//go:build !race

package policyeval

const raceDetector = false
