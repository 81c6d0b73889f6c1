package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
)

// filedSize is the size from which values are read from the file instead of being kept in
// memory, once a checkpoint has brought them there.
const filedSize = 4 << 10

// filed stands in the front for a value that is in the file. It is made anew in every
// process, and never leaves it: no value is taken for it.
var filed = func() []byte {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails
	return b
}()

var errFiled = errors.New("store: a value is missing in the file")

// whole is the value that stands in the front for a key, read from the file where it is there.
func (r *reader) whole(key string, value []byte) []byte {
	if len(value) != len(filed) || !bytes.Equal(value, filed) {
		return value
	}
	value = nil
	err := r.file.View(context.Background(), func(file store.Reader) error {
		value = file.Get(key)
		return nil
	})
	if err == nil && value == nil {
		err = errFiled
	}
	if err != nil && r.failed == nil {
		r.failed = err
	}
	return value
}

// views counts the views that run. A checkpoint changes no value in the file that one
// may still read there.
type views struct {
	mu      sync.Mutex
	present *sync.WaitGroup // those that began since the last checkpoint
}

// begin counts a view; Done ends it.
func (v *views) begin() *sync.WaitGroup {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.present.Add(1)
	return v.present
}

// waitForEarlier waits until the views that have begun have ended.
func (v *views) waitForEarlier() {
	v.mu.Lock()
	earlier := v.present
	v.present = new(sync.WaitGroup)
	v.mu.Unlock()
	earlier.Wait()
}

// pieceSize is how much of a segment is applied in one transaction: what a checkpoint
// takes of memory.
const pieceSize = 16 << 20

// pieceItems is how many writes it has at the most, each of which may take a page of the
// file into memory.
const pieceItems = 1 << 15

// buffers are those of pieces.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// checkpoint applies a segment that is complete to the file.
func (e *Engine) checkpoint(s *segment) error {
	e.views.waitForEarlier()
	last, err := e.applySegment(s.file, s.end)
	if err != nil {
		return err
	}
	if last < s.last {
		return fmt.Errorf("%s is damaged after record %d", s.path, last)
	}
	if err := e.forget(s.round); err != nil || max(s.end, s.room) <= quietSize {
		return err
	}
	s.room = min(s.room, quietSize)
	return s.file.Truncate(quietSize)
}

// applySegment applies the records of a segment to the file that follow those that it
// has, a piece at a time. It returns the number of the last record that the file has then.
func (e *Engine) applySegment(f io.ReaderAt, end int64) (last uint64, err error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for at := int64(idSize); at < end; {
		b, err := readPiece(f, at, end, buffer)
		if err != nil {
			return e.mark.last, err
		}
		w, next := writes{}, e.mark
		size := int64(0)
		for number, r := range records(e.mark.id, b) {
			if number > next.last+1 || len(w.items) >= pieceItems {
				break
			}
			if number == next.last+1 {
				w.add(r)
				next.last = number
			}
			size += int64(len(r))
		}
		if size == 0 {
			break
		}
		at += size
		if next == e.mark {
			continue
		}
		if err := e.file.Checkpoint(w.cleared, w.last(), next.encode()); err != nil {
			return e.mark.last, err
		}
		e.mark = next
	}
	return e.mark.last, nil
}

// readPiece reads about pieceSize bytes of a segment, and no less than the first record.
func readPiece(f io.ReaderAt, at, end int64, buffer *[]byte) ([]byte, error) {
	size := min(pieceSize, end-at)
	if end-at >= headSize {
		var head [headSize]byte
		if _, err := f.ReadAt(head[:], at); err != nil {
			return nil, err
		}
		size = min(max(size, record(head[:]).size()), end-at)
	}
	if int64(cap(*buffer)) < size {
		*buffer = make([]byte, size)
	}
	b := (*buffer)[:size]
	_, err := f.ReadAt(b, at)
	return b, err
}

// large says of keys in which round of the log a large value was put last. Meanwhile the
// key may have got a short one, or been deleted.
type large map[string]int

// forget replaces in the front the values that are large and in the file, which has
// everything up to a round of the log: a value at a time, so that no update waits long.
func (e *Engine) forget(round int) error {
	var keys []string
	if err := e.front.Update(context.Background(), func(store.Tx) error {
		for key, put := range e.large {
			if put <= round {
				keys = append(keys, key)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, key := range keys {
		if err := e.front.Update(context.Background(), func(tx store.Tx) error {
			if put, ok := e.large[key]; !ok || put > round {
				return nil
			}
			delete(e.large, key)
			if len(tx.Get(key)) >= filedSize {
				tx.Put(key, filed)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// mark says which records the file holds. It is written with them.
type mark struct {
	id   string // of the folder
	last uint64
}

const idSize = 16

func newMark() mark {
	id := make([]byte, idSize)
	_, _ = rand.Read(id) // never fails
	return mark{id: string(id)}
}

func (m mark) encode() []byte { return binary.BigEndian.AppendUint64([]byte(m.id), m.last) }

// leap raises the mark by more than a log has records, so that none that was written up to
// now has the number that is expected next.
func (e *Engine) leap() (last uint64, err error) {
	const many = 1 << 40
	next := mark{e.mark.id, (e.mark.last/many + 1) * many}
	if err := e.file.Checkpoint(false, new(writes).last(), next.encode()); err != nil {
		return 0, err
	}
	e.mark = next
	return next.last, nil
}

// decodeMark reads a mark; false where there is none.
func decodeMark(b []byte) (mark, bool) {
	if len(b) != idSize+8 {
		return mark{}, false
	}
	return mark{string(b[:idSize]), binary.BigEndian.Uint64(b[idSize:])}, true
}
