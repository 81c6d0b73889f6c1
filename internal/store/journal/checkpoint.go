package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// checkpoint applies a segment that is complete to the file.
func (e *Engine) checkpoint(s *segment) error {
	b := make([]byte, s.end-idSize)
	if _, err := s.file.ReadAt(b, idSize); err != nil {
		return err
	}
	w, last := writes{values: map[string][]byte{}}, uint64(0)
	for number, of := range records(e.log.id, b) {
		w.add(of)
		last = number
	}
	if last != s.last {
		return fmt.Errorf("%s is damaged after record %d", s.path, last)
	}
	e.views.waitForEarlier()
	if err := e.write(w, mark{e.log.id, last}); err != nil {
		return err
	}
	return e.forget(w.values, s.round)
}

// write brings writes into the file, in one transaction.
func (e *Engine) write(w writes, m mark) error {
	return e.file.Checkpoint(w.cleared, m.encode(), func(tx store.Tx) error {
		for _, key := range slices.Sorted(maps.Keys(w.values)) {
			if value := w.values[key]; value == nil {
				tx.Delete(key)
			} else {
				tx.Put(key, value)
			}
		}
		return nil
	})
}

// large says of the keys whose values are large and in memory in which round of the log
// they were written last.
type large map[string]int

func (l large) put(key string, value []byte, round int) {
	if len(value) >= filedSize {
		l[key] = round
	} else {
		delete(l, key)
	}
}

// forget replaces in the front what is large and now in the file, a value at a time, so
// that no update waits long. What has been written since stays.
func (e *Engine) forget(values map[string][]byte, round int) error {
	for key, value := range values {
		if len(value) < filedSize {
			continue
		}
		if err := e.front.Update(context.Background(), func(tx store.Tx) error {
			if written, ok := e.large[key]; ok && written == round {
				tx.Put(key, filed)
				delete(e.large, key)
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

// decodeMark reads a mark; false where there is none.
func decodeMark(b []byte) (mark, bool) {
	if len(b) != idSize+8 {
		return mark{}, false
	}
	return mark{string(b[:idSize]), binary.BigEndian.Uint64(b[idSize:])}, true
}
