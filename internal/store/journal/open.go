package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
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
	m, known := decodeMark(file.Mark())
	if !known {
		m = newMark()
	}
	var err error
	if m.last, err = e.recover(paths, m); err != nil {
		return nil, err
	}
	if err := e.load(); err != nil {
		return nil, err
	}
	e.log = &log{
		id: m.id, last: m.last, sync: durability == Full, open: createFile,
		apply: e.checkpoint, done: make(chan error, 1),
		segments: [2]segment{{path: paths[0], end: idSize}, {path: paths[1]}},
	}
	if !known {
		e.log.open = e.markFirst(m)
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

// markFirst is createFile for a folder without a mark, which gets one before its log.
func (e *Engine) markFirst(m mark) func(path string) (file, error) {
	return func(path string) (file, error) {
		if err := e.write(writes{}, m); err != nil {
			return nil, err
		}
		e.log.open = createFile
		return createFile(path)
	}
}

// recover applies a log that was left, and removes it. It returns the number of the last record.
func (e *Engine) recover(paths [2]string, m mark) (uint64, error) {
	type numbered struct {
		number uint64
		writes []byte
	}
	var found []numbered
	for _, path := range paths {
		b, err := readSegment(path, m.id)
		if err != nil {
			return 0, err
		}
		for number, of := range records(m.id, b) {
			found = append(found, numbered{number, of})
		}
	}
	slices.SortStableFunc(found, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	w, last := writes{values: map[string][]byte{}}, m.last
	for _, r := range found {
		if r.number == last+1 {
			w.add(r.writes)
			last++
		}
	}
	if last > m.last {
		if err := e.write(w, mark{m.id, last}); err != nil {
			return 0, err
		}
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	return last, nil
}

// readSegment reads the records of a segment, if it exists. One that belongs to another
// folder is refused: what it holds would be lost.
func readSegment(path, id string) ([]byte, error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case len(b) < idSize || string(b[:idSize]) == string(make([]byte, idSize)):
		return nil, nil // a crash of the machine left nothing of it
	case string(b[:idSize]) != id:
		return nil, fmt.Errorf("%s is the log of another database; remove it to go on without what it holds", path)
	}
	return b[idSize:], nil
}

// loadSize is how many keys one transaction of the front loads: as many as it
// handles best.
const loadSize = 64

// load fills the front from the file.
func (e *Engine) load() error {
	return e.file.View(context.Background(), func(file store.Reader) error {
		type item struct {
			key   string
			value []byte
		}
		var items []item
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
			if items = append(items, item{key, value}); len(items) == loadSize {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	})
}
