package sqs

import "sync"

// waiters are the long polls, by the ARN of the queue that they wait at.
type waiters struct {
	mu     sync.Mutex
	queues map[string]*crowd
}

// crowd waits at one queue: changed is closed when something changed there, and replaced.
type crowd struct {
	changed chan struct{}
	size    int
}

// join begins a wait. It is followed by leave.
func (w *waiters) join(queue string) *crowd {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queues == nil {
		w.queues = map[string]*crowd{}
	}
	c := w.queues[queue]
	if c == nil {
		c = &crowd{changed: make(chan struct{})}
		w.queues[queue] = c
	}
	c.size++
	return c
}

// next is closed by the next change. It is taken before looking at the queue,
// so that no change between the look and the wait is missed.
func (w *waiters) next(c *crowd) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return c.changed
}

func (w *waiters) leave(queue string, c *crowd) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.size--; c.size == 0 {
		delete(w.queues, queue)
	}
}

// wake tells who waits at a queue that something changed there: something may
// be available, or will be sooner. It follows the commit of the change.
func (w *waiters) wake(queue string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.queues[queue]; c != nil {
		close(c.changed)
		c.changed = make(chan struct{})
	}
}
