package bolt

import (
	"context"
	"runtime"

	"github.com/waxseal/waxseal/internal/store"
)

// maxBatch bounds how many updates share a commit. Without it, a steady stream
// of writers would delay the commit forever.
const maxBatch = 1024

// request is an update that waits for the committer.
type request struct {
	ctx     context.Context
	write   func(store.Tx) error
	done    chan struct{} // closed when what follows is final
	outcome outcome
	err     error
	panic   any
}

type outcome uint8

const (
	returned outcome = iota
	panicked
	exited // the closure ended its goroutine
)

// enqueue hands an update to the committer and waits for it.
func (e *Engine) enqueue(r *request) error {
	e.queued.Add(1)
	defer e.queued.Add(-1)
	e.queue <- r
	<-r.done
	switch r.outcome {
	case panicked:
		panic(r.panic)
	case exited:
		runtime.Goexit()
	case returned:
	}
	return r.err
}

// commitLoop is the committer.
func (e *Engine) commitLoop() {
	ended := false
	defer func() {
		if ended {
			close(e.stopped)
		} else { // A closure has ended this goroutine: another takes over.
			go e.commitLoop()
		}
	}()
	for r := range e.queue {
		e.serve(r)
	}
	ended = true
}

// serve runs r and what is queued behind it, and commits them together. Those that
// failed are released with the others: what they failed on may be what one of these
// wrote, and who reads next is to see it.
func (e *Engine) serve(r *request) {
	e.turn.Lock()
	defer e.turn.Unlock()
	var members []*request
	defer func() {
		err := e.end()
		for _, r := range members {
			if err != nil {
				r.err = err
			}
			close(r.done)
		}
	}()
	for {
		members = append(members, r)
		e.run(r)
		if len(members) == maxBatch {
			return
		}
		select {
		case r = <-e.queue:
			if r != nil { // else the engine is being closed
				continue
			}
		default:
		}
		return
	}
}

// run runs the closure of r.
func (e *Engine) run(r *request) {
	r.outcome = exited
	defer func() {
		if p := recover(); p != nil {
			r.outcome, r.panic = panicked, p
		}
	}()
	if r.err = r.ctx.Err(); r.err == nil {
		r.err = e.apply(r.write, true)
	}
	r.outcome = returned
}
