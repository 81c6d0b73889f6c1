//go:build race

package integration

// raceDetector watches the tests, and the program where they start it. It makes
// everything many times slower.
const raceDetector = true
