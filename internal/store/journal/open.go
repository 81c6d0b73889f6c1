package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	e, err := open(file, segmentPaths(path), durability)
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
	known := false
	if e.mark, known = decodeMark(file.Mark()); !known {
		e.mark = newMark()
	}
	if err := e.recover(paths); err != nil {
		return nil, err
	}
	if err := e.load(); err != nil {
		return nil, err
	}
	e.log = &log{
		id: e.mark.id, last: e.mark.last, sync: durability == Full, size: segmentSize, open: createFile,
		apply: e.checkpoint, done: make(chan error, 1),
		segments: [2]segment{{path: paths[0], end: idSize}, {path: paths[1]}},
	}
	if !known {
		e.log.open = e.markFirst
	}
	go e.commitLoop(nil)
	return e, nil
}

// createFile opens a segment that does not exist.
func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return syncedFile{f}, nil
}

// markFirst is createFile in a folder without a mark, which gets one before its log.
func (e *Engine) markFirst(path string) (file, error) {
	if err := e.file.Checkpoint(false, new(writes).last(), e.mark.encode()); err != nil {
		return nil, err
	}
	e.log.open = createFile
	return createFile(path)
}

// recover applies a log that was left, and removes it.
func (e *Engine) recover(paths [2]string) error {
	var left []*os.File
	var err error
	for _, path := range paths {
		f, failed := e.openSegment(path)
		err = errors.Join(err, failed)
		if f != nil {
			left = append(left, f)
		}
	}
	if err == nil {
		err = e.applyLeft(left)
	}
	for _, f := range left {
		_ = f.Close() // it was only read
	}
	for _, path := range paths {
		if err == nil {
			if err = os.Remove(path); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
	}
	return err
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
			if _, err := e.applySegment(f, info.Size(), func(*writes) {}); err != nil {
				return err
			}
		}
	}
	return nil
}

// openSegment opens a segment that was left; nil where there is none. One that belongs to
// another folder is refused: what it holds would be lost.
func (e *Engine) openSegment(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	id := make([]byte, idSize)
	n, err := io.ReadFull(f, id)
	switch {
	case n < idSize && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)), n == idSize && string(id) == string(make([]byte, idSize)):
		return nil, f.Close() // a crash of the machine left nothing of it
	case err == nil && string(id) != e.mark.id:
		err = fmt.Errorf("%s is the log of another database; remove it to go on without what it holds", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
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
