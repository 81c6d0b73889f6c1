package main

import (
	"math"
	"runtime/debug"
	"sync/atomic"
)

// ballastSize is how much garbage a server may have, at the least, before it is
// collected. The collector by itself lets it be as much as what is in use, which
// of a server that holds little are a few megabytes: then it runs a hundred
// times a second under load, and goes each time through all that the trail
// keeps. It was a sixth of the processor's time.
const ballastSize = 32 << 20

// ballast counts as in use. Nobody touches it, so that it takes no memory.
var ballast atomic.Pointer[[ballastSize]byte]

// takeBallast lets garbage gather, unless the user limits the memory: the
// ballast would count towards the limit.
func takeBallast() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		ballast.Store(new([ballastSize]byte))
	}
}
