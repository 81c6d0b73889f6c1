package journal

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/store"
)

// maxBatch bounds how many updates share a commit. Without it, a steady stream
// of writers would delay the commit forever.
const maxBatch = 1024

// maxGroup is how many bytes they write when no more of them join.
const maxGroup = 4 << 20

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

// commitLoop is the committer. It begins with requests that another has left.
func (e *Engine) commitLoop(left []*request) {
	ended := false
	defer func() {
		if ended {
			close(e.stopped)
		} else { // A closure has ended this goroutine: another takes over.
			go e.commitLoop(left)
		}
	}()
	for len(left) > 0 {
		r := left[0]
		left = left[1:]
		e.serve(r, &left)
	}
	for !ended {
		select {
		case r, more := <-e.queue:
			if more {
				e.serve(r, &left)
			} else {
				ended = true
			}
		case <-e.log.heavy:
			e.quiet = clock.AfterReal(quietTime)
		case <-e.quiet:
			e.tidy()
		}
	}
}

// quietTime is for how long nothing is written when it counts as quiet.
const quietTime = time.Second

// tidy does what is left for when it is quiet, if it is.
func (e *Engine) tidy() {
	e.turn.Lock()
	defer e.turn.Unlock()
	if last := e.log.last; last != e.seen {
		e.seen = last
	} else if !e.log.tidy() {
		e.quiet = nil
		return
	}
	e.quiet = clock.AfterReal(quietTime)
}

// serve runs r and what is queued behind it, and commits them together. Those that
// failed are released with the others: what they failed on may be what one of these
// wrote, and who reads next is to see it. Where a closure ends the goroutine, the
// transaction has ended with it, and the others are left for another round.
func (e *Engine) serve(r *request, left *[]*request) {
	e.turn.Lock()
	defer e.turn.Unlock()
	var members []*request
	err, committed := error(nil), false
	defer func() {
		if !committed {
			last := len(members) - 1
			*left = slices.Concat(members[:last], *left)
			members = members[last:]
		}
		for _, r := range members {
			if err != nil {
				r.err = err
			}
			close(r.done)
		}
	}()
	if err = e.log.makeRoom(); err != nil {
		members, committed = []*request{r}, true
		return
	}
	err = e.front.Update(context.Background(), func(front store.Tx) error {
		e.begin()
		for {
			members = append(members, r)
			e.run(front, r)
			if len(members) == maxBatch || len(e.record) >= maxGroup {
				break
			}
			if r = e.next(); r == nil {
				break
			}
		}
		return e.commit()
	})
	committed = true
}

// next is the next request that is queued; nil where there is none.
func (e *Engine) next() *request {
	select {
	case r := <-e.queue: // nil where the engine is being closed
		return r
	default:
		return nil
	}
}

// run runs the closure of r.
func (e *Engine) run(front store.Tx, r *request) {
	r.outcome = exited
	defer func() {
		if p := recover(); p != nil {
			r.outcome, r.panic = panicked, p
		}
	}()
	if r.err = r.ctx.Err(); r.err == nil {
		r.err = e.apply(front, r.write, true)
	}
	r.outcome = returned
}
