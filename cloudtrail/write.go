package cloudtrail

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/store"
)

// The event history of a state that outlives the process is written behind the calls:
// the first call that is not written yet wakes the writer, which waits a little for
// others and writes them all. A process that is killed loses the last second of it.

const (
	// writeDelay is how long a call waits to be written, at most, where the disk keeps up.
	writeDelay = 500 * time.Millisecond
	// writeAt is how many calls are written at once, without waiting for more.
	writeAt = 2000
	// listSize is how many records one transaction writes or deletes at most.
	listSize = store.SweepSize
	// maxStored is how many records of a partition are stored. When there are more, the
	// oldest go, a list at a time.
	maxStored = 100_000
)

// writer writes the event history in the background.
type writer struct {
	wake, full chan struct{} // something is to be written; much is
	work       context.Context
	stop       context.CancelFunc // ends work
	ended      chan struct{}      // closed when the writer has ended
}

func newWriter() *writer {
	w := &writer{wake: make(chan struct{}, 1), full: make(chan struct{}, 1), ended: make(chan struct{})}
	w.work, w.stop = context.WithCancel(context.Background())
	return w
}

// signal sends to a channel that is waited at; one signal is as good as many.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// write runs in the background until the writer is stopped.
func (s *Service) write(w *writer) {
	defer close(w.ended)
	if err := s.pruneAll(w.work); err != nil && w.work.Err() == nil {
		s.log.Error("old records of the event history are not deleted", slog.Any("cause", err))
	}
	for {
		select {
		case <-w.wake:
		case <-w.work.Done():
			return
		}
		select {
		case <-clock.AfterReal(writeDelay):
		case <-w.full:
		case <-w.work.Done():
			return
		}
		if err := s.Flush(w.work); err != nil && w.work.Err() == nil {
			s.log.Error("the event history is not written; it will be tried again", slog.Any("cause", err))
		}
		if s.history.some() {
			signal(w.wake)
		}
	}
}

// Close ends what runs in the background and writes what is left. What calls that still
// run leave behind, a later Flush writes.
func (s *Service) Close() {
	s.trails.close()
	if s.writer == nil {
		return
	}
	s.writer.stop()
	<-s.writer.ended
	if err := s.Flush(context.Background()); err != nil {
		s.log.Error("the end of the event history is not written", slog.Any("cause", err))
	}
}

// Flush writes what was recorded before it was called, where the state outlives the process.
func (s *Service) Flush(ctx context.Context) error {
	if !s.durable {
		return nil
	}
	if err := s.trails.flush(ctx); err != nil {
		return err
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	for last := s.history.last(); ; {
		some := s.history.first(listSize, last)
		if len(some) == 0 {
			return nil
		}
		if err := s.store(ctx, some); err != nil {
			return err
		}
		s.history.forget(some)
	}
}

// stored is a record as it is to be written.
type stored struct {
	key   string
	value []byte
}

// written is what one transaction writes of a partition.
type written struct {
	records []stored
	newest  kept
}

// encoded is a partition's calls as they are to be written.
func (s *Service) encoded(p partition, calls []kept) (b written) {
	for i := range calls {
		k := &calls[i]
		e, record := k.entry(p, s.history.origin)
		if e == nil {
			continue
		}
		if _, err := e.withText(record); err != nil {
			s.log.Error("an event cannot be stored", slog.String("event", e.id), slog.Any("cause", err))
			continue
		}
		b.records = append(b.records, stored{e.key, e.encode()})
		if b.newest.call == nil || k.call.Time().After(b.newest.call.Time()) {
			b.newest = *k
		}
	}
	return b
}

// store writes the records of calls.
func (s *Service) store(ctx context.Context, calls map[partition][]kept) error {
	batches := map[partition]written{}
	for p, some := range calls {
		if b := s.encoded(p, some); len(b.records) > 0 {
			batches[p] = b
		}
	}
	expired := s.expired()
	var due []partition
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		due = nil
		for p, b := range batches {
			keys := make([]string, len(b.records))
			for i, r := range b.records {
				keys[i] = r.key
				tx.Put(p.in(recordBucket)+r.key, r.value)
			}
			list := age(b.newest.call.Time()) + strconv.FormatUint(b.newest.sequence, 16) + s.history.origin
			tx.Put(p.in(listBucket)+list, []byte(strings.Join(keys, "\n")))
			putCount(tx, p, count(tx, p)+len(keys))
			if _, is := oldest(tx, p, expired); is {
				due = append(due, p)
			}
		}
		return nil
	})
	for _, p := range due {
		if err == nil {
			err = s.prune(ctx, p, expired)
		}
	}
	return err
}

// age is a time in the keys of lists: the oldest comes first.
func age(t time.Time) string {
	return strconv.FormatInt(1e12+t.Unix(), 10) + "." // as many digits for every time that the clock shows
}

// expired is the age of what is too old to be kept.
func (s *Service) expired() string { return age(s.clock.Now().Add(-historyAge)) }

// count is how many records of a partition are stored.
func count(r store.Reader, p partition) int {
	n, _ := strconv.Atoi(string(r.Get(p.in(countBucket))))
	return n
}

func putCount(tx store.Tx, p partition, n int) {
	if n <= 0 {
		tx.Delete(p.in(countBucket))
		return
	}
	tx.Put(p.in(countBucket), []byte(strconv.Itoa(n)))
}

// list is a list of records that were written in one transaction.
type list struct {
	key  string
	keys []string
}

// oldest is the list that is to be deleted next, where all its records are of the age
// expired or older, or where there are too many; false: none is.
func oldest(r store.Reader, p partition, expired string) (list, bool) {
	for key, value := range r.Scan(p.in(listBucket), "", 1) {
		return list{key, strings.Split(string(value), "\n")}, key < p.in(listBucket)+expired+"~" || count(r, p) > maxStored
	}
	return list{}, false
}

// prune deletes what a partition has too much.
func (s *Service) prune(ctx context.Context, p partition, expired string) error {
	return store.Sweep(ctx, s.engine, func(tx store.Tx) (more bool) {
		l, due := oldest(tx, p, expired)
		if !due {
			return false
		}
		for _, key := range l.keys {
			tx.Delete(p.in(recordBucket) + key)
		}
		tx.Delete(l.key)
		putCount(tx, p, count(tx, p)-len(l.keys))
		return true
	})
}

// pruneAll deletes what is too old in any partition.
func (s *Service) pruneAll(ctx context.Context) error {
	expired := s.expired()
	var due []partition
	err := s.engine.View(ctx, func(r store.Reader) error {
		due = nil
		for key := range r.Scan(countBucket, "", store.All) {
			p, ok := partitionOf(countBucket, key)
			if !ok {
				continue
			}
			if _, is := oldest(r, p, expired); is {
				due = append(due, p)
			}
		}
		return nil
	})
	for _, p := range due {
		if err == nil {
			err = s.prune(ctx, p, expired)
		}
	}
	return err
}
