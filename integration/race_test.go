//go:build race

package integration

// raceDetector finds nothing in programs that are built without it.
const raceDetector = true
