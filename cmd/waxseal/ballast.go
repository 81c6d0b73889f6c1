package main

import (
	"math"
	"runtime/debug"
	"sync/atomic"
)

// How much garbage gathers before a collection: floorGarbage, and beside it as many
// percent of the live memory as morePercent says. Go's own rule is as much garbage as
// there is live memory. A server with little state has a few megabytes of that, so under
// load the collector would run a hundred times a second and each time scan all that the
// trail keeps: a sixth of the CPU time, as measured, where more than this floor gains
// nothing. A server with much state would need twice the memory for it. Of eval, whose live
// memory is as little, it was a quarter.
const (
	floorGarbage = 64 << 20
	morePercent  = 50

	ballastSize = floorGarbage * 100 / morePercent
)

// ballast counts as live memory, so that morePercent of it is floorGarbage. It is never
// read or written, so it occupies no physical memory.
var ballast atomic.Pointer[[ballastSize]byte]

// takeBallast lets garbage gather, unless the user has set how much, by GOGC or
// GOMEMLIMIT. Where the system limits the memory, as that of a container, no more
// gathers than nine tenths of the limit have room for.
func takeBallast() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return
	}
	const byDefault = 100
	if set := debug.SetGCPercent(morePercent); set != byDefault {
		debug.SetGCPercent(set)
		return
	}
	ballast.Store(new([ballastSize]byte))
	if limit := memoryLimit(); limit > 0 {
		debug.SetMemoryLimit(limit/10*9 + ballastSize) // which counts, though it occupies nothing
	}
}
