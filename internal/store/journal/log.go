package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	// segmentSize is how heavy a file of the log gets before the log goes on in the other.
	// Where the checkpoint of that has not ended, updates wait for it, and fail where it
	// fails. So what Open has to apply after a kill is no more than two segments.
	segmentSize = 512 << 20
	// quietSize is how heavy it must be to go on in the other when nothing is written for a
	// while. Its file keeps this much of the disk after its checkpoint.
	quietSize = 64 << 20
	// largeWeight is how many bytes more a byte of a large value weighs: until its
	// checkpoint it is in memory.
	largeWeight = 7
	// roomAhead is by how much a file is made longer at once where records are synced: a sync
	// takes a third less where the disk need not note that the file has grown.
	roomAhead = 1 << 20
)

// segment is one of the two files of a log. It begins with the folder's id.
type segment struct {
	path string
	file file
	end  int64  // behind its last record
	last uint64 // number of its last record
	room int64  // how long the file is, as far as lengthen has made it so
	// round is the log's, as it was when the segment was active.
	round int
}

// file is what a log needs of an *os.File.
type file interface {
	io.WriterAt
	io.ReaderAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// log is what the holder of the engine's turn writes to.
type log struct {
	id   string
	sync bool
	size int64 // segmentSize, but for tests

	segments [2]segment
	active   int   // where records are written
	extra    int64 // what large values weigh there beyond their bytes
	round    int   // how often the log has gone on in the other segment
	last     uint64
	broken   error // why nothing can be written until the log has begun anew

	// apply brings the records of a segment into the file.
	apply func(*segment) error
	// leap has the file expect a number that no record has had yet, and returns the one before it.
	leap func() (uint64, error)
	// pending: the other segment waits for its checkpoint, or for its end.
	pending bool
	running bool       // a checkpoint runs
	done    chan error // what it ends with

	heavy   chan struct{} // to the committer: there is something for when it is quiet
	watched bool          // it knows
}

// segmentPaths are where the log of a file is.
func segmentPaths(database string) [2]string {
	base := database[:len(database)-len(filepath.Ext(database))]
	return [2]string{base + ".1.log", base + ".2.log"}
}

// create makes the files of the log. It removes what is there: it has been applied.
func (l *log) create() (err error) {
	l.active, l.extra, l.pending = 0, 0, false
	l.round++
	for i := range l.segments {
		s := &l.segments[i]
		s.end, s.room, s.round = idSize, 0, l.round
		if err := l.remove(s); err != nil {
			return err
		}
		f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		s.file = syncedFile{f}
		if _, err := f.WriteAt([]byte(l.id), 0); err != nil {
			return err
		}
	}
	if l.sync {
		return syncFolder(filepath.Dir(l.segments[0].path))
	}
	return nil
}

// remove removes the file of a segment, where it is there.
func (*log) remove(s *segment) error {
	var err error
	if s.file != nil {
		err = s.file.Close()
		s.file = nil
	}
	if removing := os.Remove(s.path); !errors.Is(removing, os.ErrNotExist) {
		err = errors.Join(err, removing)
	}
	return err
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
	if len(r) > maxRecord {
		return fmt.Errorf("%d bytes are more than one transaction can write", len(r))
	}
	s := &l.segments[l.active]
	r.seal(l.id, l.last+1)
	if _, err := s.file.WriteAt(r, s.end); err != nil {
		return err
	}
	if l.sync {
		s.lengthen(s.end + int64(len(r)))
		if err := s.file.Sync(); err != nil {
			l.broken = err
			return err
		}
	}
	l.last++
	s.last = l.last
	s.end += int64(len(r))
	return nil
}

// lengthen makes the file longer than end, by zeros, which are no record. Where the disk
// is full it gets no longer than that lets it.
func (s *segment) lengthen(end int64) {
	if end <= s.room {
		return
	}
	if _, err := s.file.WriteAt(make([]byte, roomAhead), end); err == nil {
		s.room = end + roomAhead
	}
}

// weight is how heavy the active segment is.
func (l *log) weight() int64 { return l.segments[l.active].end + l.extra }

// makeRoom goes on in the other segment when the active one is full, and waits for the
// checkpoint when both are. It is not to be called in a transaction of the front, which
// the checkpoint needs, too.
func (l *log) makeRoom() error {
	if l.broken != nil {
		return l.beginAnew()
	}
	if l.weight() >= l.size {
		if err := l.finish(); err != nil {
			return fmt.Errorf("store: the log is full, and its checkpoint fails: %w", err)
		}
		l.goOn()
	}
	if l.weight() >= quietSize && !l.watched {
		l.watched = true
		l.heavy <- struct{}{}
	}
	return nil
}

// look sees whether the checkpoint has ended, or waits until it has.
func (l *log) look(wait bool) {
	switch {
	case !l.running:
	case wait:
		l.ended(<-l.done)
	default:
		select {
		case err := <-l.done:
			l.ended(err)
		default:
		}
	}
}

// tidy begins what is left to do when nothing is written, and reports whether there was anything.
func (l *log) tidy() bool {
	l.look(false)
	switch {
	case l.running:
	case l.pending:
		l.start()
	case l.broken == nil && l.weight() >= quietSize:
		l.goOn()
	default:
		l.watched = false
	}
	return l.watched
}

// goOn has the log go on in the other segment, and begins the checkpoint of the active one.
func (l *log) goOn() {
	l.active, l.extra = 1-l.active, 0
	l.round++
	l.segments[l.active].end, l.segments[l.active].round = idSize, l.round
	l.pending = true
	l.start()
}

// finish waits for the checkpoint, and tries it again where it has failed.
func (l *log) finish() error {
	l.look(true)
	if !l.pending {
		return nil
	}
	err := l.apply(&l.segments[1-l.active])
	l.ended(err)
	return err
}

// start begins the checkpoint of the segment that is not active.
func (l *log) start() {
	l.running = true
	s := &l.segments[1-l.active]
	go func() { l.done <- l.apply(s) }()
}

func (l *log) ended(err error) { l.running, l.pending = false, err != nil }

// beginAnew makes a new log, after a sync that failed: what the disk says later of the
// old one is no proof of what it holds. What was acknowledged is brought into the bbolt
// file, and the record that was not gets no chance: its number is not expected any more.
func (l *log) beginAnew() error {
	err := l.applyAll()
	if err == nil {
		l.last, err = l.leap()
	}
	if err == nil {
		err = l.create()
	}
	if err != nil {
		return fmt.Errorf("store: the disk failed (%w), and the log cannot begin anew: %w", l.broken, err)
	}
	l.broken = nil
	return nil
}

// close applies what is left, and removes the log. Where it fails, the log remains.
func (l *log) close() error {
	err := l.applyAll()
	for i := range l.segments {
		s := &l.segments[i]
		switch {
		case err == nil:
			err = l.remove(s)
		case s.file != nil:
			_ = s.file.Close() // it has what is to be applied by the next Open
		}
	}
	return err
}

func (l *log) applyAll() error {
	if err := l.finish(); err != nil {
		return err
	}
	if s := &l.segments[l.active]; s.end > idSize {
		return l.apply(s)
	}
	return nil
}
