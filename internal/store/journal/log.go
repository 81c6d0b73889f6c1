package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	// segmentSize is how large a file of the log gets before the log goes on in the other.
	// What is written and deleted meanwhile never comes to the bbolt file.
	segmentSize = 64 << 20
	// patience is how many times as large it gets where the checkpoint of the other takes
	// its time: then updates wait for it, and fail where it fails.
	patience = 4
)

// segment is one of the two files of a log. It begins with the folder's id.
type segment struct {
	path string
	file file   // nil: it does not exist
	end  int64  // behind its last record
	last uint64 // number of its last record
	// round is the log's, as it was when the segment was active.
	round int
}

// file is what a log needs of an *os.File.
type file interface {
	io.WriterAt
	io.ReaderAt
	Sync() error
	Close() error
}

// log is what the holder of the engine's turn writes to.
type log struct {
	id   string
	sync bool
	size int64 // segmentSize, but for tests
	open func(path string) (file, error)

	segments [2]segment
	active   int // where records are written
	round    int // how often the log has gone on in the other segment
	last     uint64
	broken   error // nothing is written any more

	// apply brings the records of a segment into the file.
	apply func(*segment) error
	// pending: the other segment waits for its checkpoint, or for its end.
	pending bool
	running bool       // a checkpoint runs
	done    chan error // what it ends with
	retryAt int64      // where the active segment ends when a failed checkpoint is tried again
}

// segmentPaths are where the log of a file is.
func segmentPaths(database string) [2]string {
	base := database[:len(database)-len(filepath.Ext(database))]
	return [2]string{base + ".1.log", base + ".2.log"}
}

// commit writes a record. When it fails, nothing is written that Open would find, but
// for a record whose sync failed: nobody can say whether that is on the disk.
func (l *log) commit(r record) error {
	if r.empty() {
		return nil
	}
	if err := l.write(r); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

func (l *log) write(r record) error {
	if l.broken != nil {
		return l.broken
	}
	if len(r) > maxRecord {
		return fmt.Errorf("%d bytes are more than one transaction can write", len(r))
	}
	s := &l.segments[l.active]
	if err := l.create(s); err != nil {
		return err
	}
	r.seal(l.id, l.last+1)
	if _, err := s.file.WriteAt(r, s.end); err != nil {
		return err
	}
	if l.sync {
		if err := s.file.Sync(); err != nil {
			l.broken = fmt.Errorf("the log is not written any more since its disk failed: %w", err)
			return err
		}
	}
	l.last++
	s.last = l.last
	s.end += int64(len(r))
	return nil
}

// create makes the file of a segment, where it is not there yet.
func (l *log) create(s *segment) error {
	if s.file != nil {
		return nil
	}
	f, err := l.open(s.path)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(l.id), 0)
	if err == nil && l.sync {
		err = syncFolder(filepath.Dir(s.path))
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(s.path))
	}
	s.file = f
	return nil
}

// makeRoom goes on in the other segment when the active one is full, and waits for the
// checkpoint when both are. It is not to be called in a transaction of the front, which
// the checkpoint needs, too.
func (l *log) makeRoom() error {
	full := l.segments[l.active].end >= patience*l.size
	if l.running {
		select {
		case err := <-l.done:
			l.ended(err)
		default:
			if full {
				l.ended(<-l.done)
			}
		}
	}
	switch end := l.segments[l.active].end; {
	case l.running:
	case l.pending && full:
		return l.retry()
	case l.pending && end >= l.retryAt:
		l.start()
	case !l.pending && end >= l.size:
		l.active = 1 - l.active
		l.round++
		l.segments[l.active].end, l.segments[l.active].round = idSize, l.round
		l.pending = true
		l.start()
	}
	return nil
}

// retry tries a checkpoint again that failed, and waits for its end.
func (l *log) retry() error {
	l.start()
	err := <-l.done
	l.ended(err)
	if err != nil {
		return fmt.Errorf("store: the log is full, and its checkpoint fails: %w", err)
	}
	return nil
}

// start begins the checkpoint of the segment that is not active.
func (l *log) start() {
	l.running = true
	s := &l.segments[1-l.active]
	go func() { l.done <- l.apply(s) }()
}

func (l *log) ended(err error) {
	l.running, l.pending = false, err != nil
	l.retryAt = l.segments[l.active].end + l.size
}

// close applies what is left, and removes the log. Where it fails, the log remains.
func (l *log) close() error {
	if l.running {
		l.ended(<-l.done)
	}
	err := l.applyAll()
	for i := range l.segments {
		s := &l.segments[i]
		if s.file == nil {
			continue
		}
		if closing := s.file.Close(); err == nil {
			err = closing
		}
		if err == nil {
			err = os.Remove(s.path)
		}
	}
	return err
}

func (l *log) applyAll() error {
	if l.pending {
		if err := l.apply(&l.segments[1-l.active]); err != nil {
			return err
		}
	}
	if s := &l.segments[l.active]; s.end > idSize {
		return l.apply(s)
	}
	return nil
}
