package main

import (
	"net"
	"testing"
	"time"
)

// fakeMemory is a giveBack whose time and memory are a test's.
type fakeMemory struct {
	*giveBack
	at        time.Duration
	due       time.Duration // of the timer
	set       func()        // what it calls; nil: none runs
	bytes     uint64        // ever allocated
	live      uint64
	collected int
	timersRun int
	whileAtIt func() // called within a collection
	t         *testing.T
}

func newFakeMemory(t *testing.T) *fakeMemory {
	f := &fakeMemory{t: t}
	f.giveBack = &giveBack{
		now: func() time.Time { return time.Unix(1e9, 0).Add(f.at) },
		after: func(d time.Duration, do func()) {
			if f.set != nil {
				t.Error("two timers run")
			}
			if d <= 0 {
				t.Errorf("a timer of %v", d)
			}
			f.due, f.set = f.at+d, do
		},
		collect: func() {
			f.collected++
			if f.whileAtIt != nil {
				f.whileAtIt()
			}
		},
		memory: func() (uint64, uint64) { return f.bytes, f.live },
	}
	return f
}

// pass lets time pass, and the timer with it.
func (f *fakeMemory) pass(d time.Duration) {
	end := f.at + d
	for f.set != nil && f.due <= end {
		f.at, f.timersRun = f.due, f.timersRun+1
		do := f.set
		f.set = nil
		do()
	}
	f.at = end
}

// call is a call that allocates so many bytes.
func (f *fakeMemory) call(bytes uint64) {
	f.bytes += bytes
	f.touch()
}

func (f *fakeMemory) want(what string, collected int) {
	f.t.Helper()
	if f.collected != collected {
		f.t.Errorf("%s: %d collections, want %d", what, f.collected, collected)
	}
}

func TestGiveBackWhenNobodyCalls(t *testing.T) {
	f := newFakeMemory(t)
	f.pass(time.Hour)
	f.want("nobody has ever called", 0)
	for range 600 {
		f.call(10 << 20)
		f.pass(100 * time.Millisecond)
	}
	f.want("somebody calls all the time", 0)
	if most := int(time.Minute/lull) + 1; f.timersRun > most {
		t.Errorf("the timer has fired %d times in a minute, want %d at most", f.timersRun, most)
	}
	f.pass(2 * lull)
	f.want("nobody calls any more", 1)
	f.pass(time.Hour)
	f.want("nobody calls", 1)
	if f.set != nil {
		t.Error("a timer runs though nothing is to be done")
	}
	f.call(10 << 20)
	f.pass(2 * lull)
	f.want("somebody has called again", 2)
}

func TestGiveBackLittleGarbageSeldom(t *testing.T) {
	f := newFakeMemory(t)
	f.live = 1 << 30
	f.call(100)
	f.pass(2 * lull)
	f.want("the first call", 1)
	for range 12 { // health checks
		f.call(f.live / shareOfLive / 100)
		f.pass(10 * time.Second)
	}
	if most := 1 + 120/int(seldom.Seconds()); f.collected < 3 || f.collected > most {
		t.Errorf("two minutes of health checks: %d collections, want 3 to %d", f.collected, most)
	}
	f.pass(time.Minute)
	before := f.collected
	f.call(100) // such as a purge of few and large messages
	f.pass(seldom + 2*lull)
	f.want("a call that makes little garbage", before+1)
}

// A sweep goes on after the last call.
func TestGiveBackWhatWorkInTheBackgroundFrees(t *testing.T) {
	f := newFakeMemory(t)
	f.call(10 << 20)
	f.pass(2 * lull)
	f.want("the call", 1)
	f.bytes += 10 << 20
	f.pass(lull)
	f.want("work in the background", 2)
	f.pass(time.Hour)
	f.want("nothing", 2)
}

// A call that comes while the timer's function ends is not forgotten.
func TestGiveBackCallsAtTheSameTime(t *testing.T) {
	f := newFakeMemory(t)
	f.call(10 << 20)
	f.whileAtIt = func() { f.whileAtIt = nil; f.call(10 << 20) }
	f.pass(10 * time.Minute)
	f.want("a call during the collection", 2)
}

func TestWatchedListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := newFakeMemory(t)
	watched := watchedListener{l, f.giveBack}
	defer func() { _ = watched.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	server, err := watched.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	if f.stage.Load() != resting {
		t.Error("a connection alone is no call")
	}
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if f.stage.Load() != called {
		t.Error("nobody has noticed the call")
	}
}
