package main

import (
	"net"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

const (
	// lull is how long nobody has called when memory is given back, at the least; twice
	// that at the most.
	lull = 1500 * time.Millisecond
	// seldom is how often at most memory is given back for a little garbage, so that a
	// health check that comes again and again does not cost a collection each time.
	seldom = 20 * time.Second
	// littleGarbage is how many bytes, and shareOfLive which part of the live memory, is a
	// little garbage.
	littleGarbage = 1 << 20
	shareOfLive   = 16
)

// giveBack gives memory back to the system when nobody has called for a while: garbage, and
// the pages of the program. Without it a server keeps what its busiest moment took: without
// calls no garbage is made, and without garbage Go does not collect. While somebody calls, a
// timer fires once in each lull; when nothing more is to be done, none runs.
type giveBack struct {
	// How the time passes, and what memory there is; tests have their own.
	now     func() time.Time
	after   func(time.Duration, func())
	collect func()
	memory  func() (made, live uint64) // bytes that were ever allocated; those in use

	stage atomic.Int32

	// Of the timer's function alone.
	owed bool      // somebody has called since the last collection
	last time.Time // of which this is the time,
	made uint64    // and this what had been allocated by then
}

// The stages of a giveBack.
const (
	resting int32 = iota // no timer runs
	waiting              // one runs, and nobody has called since it was set
	called               // somebody has
)

func newGiveBack() *giveBack {
	return &giveBack{
		now:   clock.Real,
		after: func(d time.Duration, f func()) { time.AfterFunc(d, f) }, //nolint:forbidigo // the program's own time, which nobody turns
		collect: func() {
			debug.FreeOSMemory()
			unload()
		},
		memory: readMemory,
	}
}

func readMemory() (made, live uint64) {
	samples := [...]metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples[:])
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// touch says that somebody calls. Under load it is one atomic read.
func (g *giveBack) touch() {
	if g.stage.Load() == called {
		return
	}
	if g.stage.Swap(called) == resting {
		g.after(lull, g.look)
	}
}

// look is the timer's function: it collects where nobody has called since it was set.
func (g *giveBack) look() {
	if g.stage.CompareAndSwap(called, waiting) {
		g.owed = true
		g.after(lull, g.look)
		return
	}
	made, live := g.memory()
	much := made-g.made > max(littleGarbage, live/shareOfLive)
	rest := seldom - g.now().Sub(g.last)
	switch {
	case much || g.owed && rest <= 0:
		g.collect()
		g.owed, g.last = false, g.now()
		g.made, _ = g.memory()
		g.after(lull, g.look) // what goes on without calls, such as the sweep of a purged queue, makes garbage, too
	case g.owed:
		g.after(rest, g.look)
	case !g.stage.CompareAndSwap(waiting, resting):
		g.after(lull, g.look)
	}
}

// watchedListener tells a giveBack of whatever its connections receive.
type watchedListener struct {
	net.Listener
	giveBack *giveBack
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return watchedConn{conn, l.giveBack}, nil
}

type watchedConn struct {
	net.Conn
	giveBack *giveBack
}

func (c watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.giveBack.touch()
	return n, err
}
