package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
)

// An update that fails leaves no trace in what is known of large values: not of one that
// was deleted, which no checkpoint brings back, and not of one that is in memory, which
// the next one takes out of it.
func TestFailedUpdatesOfLargeValues(t *testing.T) {
	large := make([]byte, filedSize)
	failed := errors.New("failed")
	for _, c := range []struct {
		name   string
		before func(store.Tx)
		fails  func(store.Tx)
		want   []byte // in the front after a checkpoint
	}{
		{"put over a deleted one", func(tx store.Tx) { tx.Put("k", large); tx.Delete("k") }, func(tx store.Tx) { tx.Put("k", large) }, nil},
		{"put over a short one", func(tx store.Tx) { tx.Put("k", large); tx.Put("k", []byte("short")) }, func(tx store.Tx) { tx.Put("k", large) }, []byte("short")},
		{"deletion of one", func(tx store.Tx) { tx.Put("k", large) }, func(tx store.Tx) { tx.Delete("k") }, filed},
		{"short put over one", func(tx store.Tx) { tx.Put("k", large) }, func(tx store.Tx) { tx.Put("k", nil) }, filed},
		{"put over one", func(tx store.Tx) { tx.Put("k", large) }, func(tx store.Tx) { tx.Put("k", append(large, 1)) }, filed},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Relaxed)
			if err := e.Update(t.Context(), func(tx store.Tx) error { c.before(tx); return nil }); err != nil {
				t.Fatal(err)
			}
			if err := e.Update(t.Context(), func(tx store.Tx) error { c.fails(tx); return failed }); !errors.Is(err, failed) {
				t.Fatal(err)
			}
			checkpoint(t, e)
			if got := inFront(t, e, "k"); !bytes.Equal(got, c.want) {
				t.Errorf("after a checkpoint the front has %.40q, want %q", got, c.want)
			}
			keys(t, e)
		})
	}
}

// checkpoint has the log go on in the other segment, and waits until what was in the
// first is in the file.
func checkpoint(t *testing.T, e *Engine) {
	t.Helper()
	size := e.log.size
	e.log.size = 1
	put(t, e, "checkpoint", nil)
	e.log.size = size
	e.turn.Lock()
	defer e.turn.Unlock()
	if !e.log.running {
		t.Fatal("no checkpoint runs")
	}
	err := <-e.log.done
	if e.log.ended(err); err != nil {
		t.Fatal(err)
	}
}

func inFront(t *testing.T, e *Engine, key string) (value []byte) {
	t.Helper()
	if err := e.front.View(t.Context(), func(r store.Reader) error { value = r.Get(key); return nil }); err != nil {
		t.Fatal(err)
	}
	return value
}

// A checkpoint that fails in its middle and is tried again leaves no large value in memory.
func TestLargeValuesOfAFailedCheckpoint(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Relaxed)
	put(t, e, "first", make([]byte, pieceSize))
	put(t, e, "second", make([]byte, pieceSize))
	s := &e.log.segments[e.log.active]
	whole := s.file
	s.file = &unreadable{whole, pieceSize}
	e.log.size = 1
	put(t, e, "third", nil)
	e.turn.Lock()
	err := <-e.log.done
	e.log.ended(err)
	e.log.size = segmentSize
	s.file = whole
	e.turn.Unlock()
	if err == nil {
		t.Fatal("the checkpoint has not failed")
	}
	e.turn.Lock()
	if err := e.log.finish(); err != nil {
		t.Error(err)
	}
	e.turn.Unlock()
	for _, key := range []string{"first", "second"} {
		if got := len(inFront(t, e, key)); got != len(filed) {
			t.Errorf("%d bytes of the %s value are left in memory", got, key)
		}
	}
}

// unreadable is a file that cannot be read behind a place.
type unreadable struct {
	file
	from int64
}

func (u *unreadable) ReadAt(b []byte, at int64) (int, error) {
	if at >= u.from {
		return 0, errors.New("unreadable")
	}
	return u.file.ReadAt(b, at)
}

// What queued up is not written as one record however large.
func TestGroupsAreBounded(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Full)
	const updates = 3
	var queued []*request
	e.turn.Lock() // until all are queued
	before := e.log.last
	for i := range updates {
		r := &request{ctx: t.Context(), done: make(chan struct{}), write: func(tx store.Tx) error {
			tx.Put(fmt.Sprint(i), make([]byte, pieceSize))
			return nil
		}}
		queued = append(queued, r)
		e.queue <- r
	}
	e.turn.Unlock()
	for _, r := range queued {
		if <-r.done; r.err != nil {
			t.Error(r.err)
		}
	}
	e.turn.Lock()
	defer e.turn.Unlock()
	if got := e.log.last - before; got != updates {
		t.Errorf("they were written as %d records, want %d", got, updates)
	}
}

// A log that a power cut brings back after it was applied is not applied again, whatever
// part of it had been lost then: other records have had these numbers since.
func TestLogComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Relaxed)
	for i := range 4 {
		put(t, e, fmt.Sprint("lost ", i), nil)
	}
	path = crashed(t, path)
	log := segmentPaths(path)[0]
	old, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, make([]byte, len(old)), 0o600); err != nil { // nothing of it came to the disk
		t.Fatal(err)
	}
	e, err = Open(path, Relaxed)
	if err != nil {
		t.Fatal(err)
	}
	put(t, e, "kept 1", nil)
	put(t, e, "kept 2", nil)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"kept 1", "kept 2"}, keys(t, start(t, path, Relaxed))); diff != "" {
		t.Errorf("what is there (-want +got):\n%s", diff)
	}
}

// The log is beside the database itself, by whichever name that is opened.
func TestLinkedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	put(t, start(t, path, Full), "a", nil)
	path = crashed(t, path)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if diff := cmp.Diff([]string{"a"}, keys(t, start(t, link, Full))); diff != "" {
		t.Errorf("opened by a link (-want +got):\n%s", diff)
	}
}

// The files of the log are made by Open: where that is impossible it fails at once, and
// not at the first write.
func TestOpenMakesTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	start(t, path, Full)
	for _, log := range segmentPaths(path) {
		if _, err := os.Stat(log); err != nil {
			t.Error(err)
		}
	}
}
