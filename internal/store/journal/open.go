package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/bolt"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// Open opens the store in the bbolt file at path, and beside it the log that a process
// which was killed has left. It fails as bolt.Open does.
func Open(path string, durability Durability) (*Engine, error) {
	file, err := bolt.Open(path)
	if err != nil {
		return nil, err
	}
	e := (*Engine)(nil)
	// The log is beside the file itself, whatever links lead there.
	if path, err = filepath.EvalSymlinks(path); err == nil {
		e, err = open(file, segmentPaths(path), durability)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), file.Close())
	}
	return e, nil
}

func open(file *bolt.Engine, paths [2]string, durability Durability) (*Engine, error) {
	e := &Engine{
		durability: durability, front: mem.New(), file: file,
		queue: make(chan *request, maxBatch), stopped: make(chan struct{}),
		views: views{present: new(sync.WaitGroup)}, large: large{},
	}
	var known bool
	if e.mark, known = decodeMark(file.Mark()); !known {
		e.mark = newMark()
	}
	e.log = &log{
		id: e.mark.id, sync: durability == Full, size: segmentSize,
		apply: e.checkpoint, leap: e.leap, done: make(chan error, 1), heavy: make(chan struct{}, 1),
		segments: [2]segment{{path: paths[0]}, {path: paths[1]}},
	}
	found, err := e.recover(paths)
	if err == nil && (found || !known) {
		_, err = e.leap()
	}
	if err == nil {
		err = e.load()
	}
	if err != nil {
		return nil, err
	}
	e.log.last = e.mark.last
	if err := e.log.create(); err != nil {
		return nil, errors.Join(err, e.log.close())
	}
	go e.commitLoop(nil)
	return e, nil
}

// recover applies a log that was left, and reports whether there was one.
func (e *Engine) recover(paths [2]string) (found bool, err error) {
	var left []*os.File
	for _, path := range paths {
		f, there, failed := e.openSegment(path)
		if found = found || there; f != nil {
			left = append(left, f)
		}
		if err = failed; err != nil {
			break
		}
	}
	if err == nil {
		err = e.applyLeft(left)
	}
	for _, f := range left {
		_ = f.Close() // it was only read
	}
	return found, err
}

// applyLeft applies segments, which may be in either order: one that goes on where the
// other ends has nothing for the first round.
func (e *Engine) applyLeft(segments []*os.File) error {
	for range segments {
		for _, f := range segments {
			info, err := f.Stat()
			if err != nil {
				return err
			}
			if _, err := e.applySegment(f, info.Size()); err != nil {
				return err
			}
		}
	}
	return nil
}

// openSegment opens a segment that was left, and reports whether there is one; nil where it
// holds nothing. One that belongs to another folder is refused: what it holds would be lost.
func (e *Engine) openSegment(path string) (f *os.File, found bool, err error) {
	f, err = os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	id := make([]byte, idSize)
	n, err := io.ReadFull(f, id)
	switch {
	case n < idSize && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)), n == idSize && string(id) == string(make([]byte, idSize)):
		return nil, true, f.Close() // a crash of the machine left nothing of it
	case err == nil && string(id) != e.mark.id:
		err = fmt.Errorf("%s is the log of another database; remove it to go on without what it holds", path)
	}
	if err != nil {
		return nil, true, errors.Join(err, f.Close())
	}
	return f, true, nil
}

// loadSize is how many keys one transaction of the front loads: as many as it
// handles best.
const loadSize = 64

// load fills the front from the file.
func (e *Engine) load() error {
	return e.file.View(context.Background(), func(file store.Reader) error {
		type pair struct {
			key   string
			value []byte
		}
		var items []pair
		flush := func() error {
			defer func() { items = items[:0] }()
			return e.front.Update(context.Background(), func(tx store.Tx) error {
				for _, i := range items {
					tx.Put(i.key, i.value)
				}
				return nil
			})
		}
		for key, value := range file.Scan("", "", store.All) {
			if len(value) >= filedSize {
				value = filed
			}
			if items = append(items, pair{key, value}); len(items) == loadSize {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	})
}
