package sqs

import "sync"

// waiters are the long polls, by the ARN of the queue that they wait at.
type waiters struct {
	mu     sync.Mutex
	queues map[string]*pollers
}

// pollers are the long polls that wait at one queue: changed is closed when something
// changed there, and replaced.
type pollers struct {
	changed chan struct{}
	size    int
}

// join begins a wait. It is followed by leave.
func (w *waiters) join(queue string) *pollers {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queues == nil {
		w.queues = map[string]*pollers{}
	}
	p := w.queues[queue]
	if p == nil {
		p = &pollers{changed: make(chan struct{})}
		w.queues[queue] = p
	}
	p.size++
	return p
}

// next is closed by the next change. It is taken before looking at the queue,
// so that no change between the look and the wait is missed.
func (w *waiters) next(p *pollers) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return p.changed
}

func (w *waiters) leave(queue string, p *pollers) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.size--; p.size == 0 {
		delete(w.queues, queue)
	}
}

// wake wakes the long polls at a queue after a change there: a message may be
// available, or will be sooner. It is called after the commit of the change.
func (w *waiters) wake(queue string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.queues[queue]; p != nil {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}
