package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/bolt"
)

func put(t *testing.T, e store.Engine, key string, value []byte) {
	t.Helper()
	if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put(key, value); return nil }); err != nil {
		t.Fatal(err)
	}
}

func keys(t *testing.T, e store.Engine) (keys []string) {
	t.Helper()
	if err := e.View(t.Context(), func(r store.Reader) error {
		keys = []string{}
		for key := range r.Scan("", "", store.All) {
			keys = append(keys, key)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

// crashed is the path of a store as a process would leave it that is killed now.
func crashed(t *testing.T, path string) string {
	t.Helper()
	folder := t.TempDir()
	logs := segmentPaths(path)
	for _, from := range []string{path, logs[0], logs[1]} {
		b, err := os.ReadFile(from)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(from)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, filepath.Base(path))
}

// Whatever happens to the end of a log, what it begins with is there: whole updates,
// in their order, and none after one that is missing.
func TestDamagedLogs(t *testing.T) {
	for _, durability := range []Durability{Full, Relaxed} {
		path := filepath.Join(t.TempDir(), "waxseal.db")
		e := start(t, path, durability)
		var ends []int64
		var want [][]string
		for i := range 4 {
			put(t, e, fmt.Sprint(i), bytes.Repeat([]byte{'v'}, 100*i))
			ends, want = append(ends, e.log.segments[0].end), append(want, keys(t, e))
		}
		for _, c := range []struct {
			name   string
			left   int // how many updates
			damage func(b []byte) []byte
		}{
			{"whole", 4, func(b []byte) []byte { return b }},
			{"cut in a record", 3, func(b []byte) []byte { return b[:ends[3]-1] }},
			{"cut in a head", 2, func(b []byte) []byte { return b[:ends[1]+headSize/2] }},
			{"cut between records", 2, func(b []byte) []byte { return b[:ends[1]] }},
			{"cut in the id", 0, func(b []byte) []byte { return b[:idSize/2] }},
			{"a bit in the last record", 3, func(b []byte) []byte { b[ends[3]-1] ^= 4; return b }},
			{"a bit in a record before", 1, func(b []byte) []byte { b[ends[1]-1] ^= 4; return b }},
			{"a bit in a length", 2, func(b []byte) []byte { b[ends[1]+7] ^= 64; return b }},
			{"a bit in a number", 2, func(b []byte) []byte { b[ends[1]+8] ^= 1; return b }},
			{"pages that never came", 1, func(b []byte) []byte { return append(b[:ends[0]], make([]byte, 5000)...) }},
			{"nothing came", 0, func(b []byte) []byte { return make([]byte, len(b)) }},
			{"text behind it", 4, func(b []byte) []byte { return append(b, "text text text text text"...) }},
			{"its own beginning behind it", 4, func(b []byte) []byte { return append(b, b[idSize:]...) }},
		} {
			t.Run(string(durability)+"/"+c.name, func(t *testing.T) {
				path := crashed(t, path)
				log := segmentPaths(path)[0]
				b, err := os.ReadFile(log)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(log, c.damage(b), 0o600); err != nil {
					t.Fatal(err)
				}
				e := start(t, path, Full)
				left := []string{}
				if c.left > 0 {
					left = want[c.left-1]
				}
				if diff := cmp.Diff(left, keys(t, e)); diff != "" {
					t.Errorf("what is left (-want +got):\n%s", diff)
				}
				put(t, e, "new", nil)
				again := start(t, crashed(t, path), Relaxed)
				if diff := cmp.Diff(append(left, "new"), keys(t, again)); diff != "" {
					t.Errorf("after another update and crash (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// A log is applied to the database that it belongs to, and to no other.
func TestForeignLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	put(t, start(t, path, Full), "a", nil)
	path = crashed(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	log := segmentPaths(path)[0]
	before, _ := os.ReadFile(log)
	_, err := Open(path, Full)
	want := "store: " + log + " is the log of another database; remove it to go on without what it holds"
	if err == nil || err.Error() != want {
		t.Errorf("Open = %v, want %s", err, want)
	}
	if after, _ := os.ReadFile(log); !bytes.Equal(before, after) {
		t.Error("the log was changed")
	}
}

// A store that is closed is its bbolt file alone, and one that has no log yet is taken over.
func TestTheFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	old, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, old, "old", nil)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for i, durability := range []Durability{Full, Relaxed, Full} {
		e, err := Open(path, durability)
		if err != nil {
			t.Fatal(err)
		}
		put(t, e, fmt.Sprint(i), nil)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.log")); len(left) > 0 {
			t.Errorf("%s are left", left)
		}
	}
	file, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if diff := cmp.Diff([]string{"0", "1", "2", "old"}, keys(t, file)); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
}

// An update that only reads, or that fails, writes nothing to the log.
func TestNothingToWrite(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Full)
	put(t, e, "a", nil)
	before := e.log.last
	if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Get("a"); return nil }); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put("b", nil); return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if e.log.last != before {
		t.Errorf("%d records after %d", e.log.last, before)
	}
	put(t, e, "b", nil)
	if e.log.last != before+1 {
		t.Errorf("%d records after %d and a write", e.log.last, before)
	}
}

// disk is a file on a disk that gets full, or fails.
type disk struct {
	file
	room    int // how many bytes more can be written; less than 0: any
	syncing error
}

func (d *disk) WriteAt(b []byte, at int64) (int, error) {
	if d.room < 0 || len(b) <= d.room {
		return d.file.WriteAt(b, at)
	}
	n, err := d.file.WriteAt(b[:d.room], at)
	if err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

func (d *disk) Sync() error { return errors.Join(d.syncing, d.file.Sync()) }

// Where the disk is full, updates fail and leave nothing, and go on when there is room again.
func TestDiskFull(t *testing.T) {
	for _, durability := range []Durability{Full, Relaxed} {
		t.Run(string(durability), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "waxseal.db")
			e := start(t, path, durability)
			put(t, e, "a", nil)
			d := &disk{file: e.log.segments[0].file, room: 30}
			e.log.segments[0].file = d
			for range 3 {
				err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put("b", make([]byte, 100)); tx.Delete("a"); return nil })
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("an update on a full disk = %v", err)
				}
				if err := e.Clear(t.Context()); err != nil && !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("Clear on a full disk = %v", err)
				}
				put := keys(t, e)
				if diff := cmp.Diff(put, keys(t, start(t, crashed(t, path), Full))); diff != "" {
					t.Errorf("what a crash leaves (-want +got):\n%s", diff)
				}
			}
			d.room = -1
			put(t, e, "c", nil)
			if diff := cmp.Diff(keys(t, e), keys(t, start(t, crashed(t, path), Full))); diff != "" {
				t.Errorf("what a crash leaves when there is room again (-want +got):\n%s", diff)
			}
		})
	}
}

// Where records are synced the file is made longer ahead of them, once for many; what is
// not written yet is no record, and a full disk has room for a record all the same.
func TestRoomAhead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Full)
	size := func() int64 {
		info, err := os.Stat(segmentPaths(path)[0])
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	put(t, e, "a", nil)
	first := size()
	put(t, e, "b", make([]byte, 1000))
	if got := size(); got != first || got < roomAhead {
		t.Errorf("the file has %d bytes after the first update, and %d after the second", first, got)
	}
	s := &e.log.segments[0]
	s.file = &disk{file: s.file, room: roomAhead}
	put(t, e, "c", make([]byte, roomAhead-1000))
	if diff := cmp.Diff([]string{"a", "b", "c"}, keys(t, start(t, crashed(t, path), Full))); diff != "" {
		t.Errorf("what a crash leaves (-want +got):\n%s", diff)
	}
}

// A log whose sync has failed is not trusted any more: what the disk says later is no
// proof of what it holds. A new one is made, once what was acknowledged is in the file, and
// the update that failed never comes back from the old one.
func TestDiskFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Full)
	put(t, e, "a", nil)
	failing := errors.New("failing")
	apply := e.log.apply
	e.log.apply = func(*segment) error { return failing }
	e.log.segments[0].file = &disk{file: e.log.segments[0].file, room: -1, syncing: syscall.EIO}
	for range 3 {
		err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put("b", nil); return nil })
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("an update on a failed disk = %v", err)
		}
	}
	if diff := cmp.Diff([]string{"a"}, keys(t, e)); diff != "" {
		t.Errorf("what is read (-want +got):\n%s", diff)
	}
	old, err := os.ReadFile(segmentPaths(path)[0])
	if err != nil {
		t.Fatal(err)
	}
	e.log.apply = apply
	put(t, e, "c", nil)
	put(t, e, "d", nil)
	want := []string{"a", "c", "d"}
	if diff := cmp.Diff(want, keys(t, e)); diff != "" {
		t.Errorf("what is read when the disk is well again (-want +got):\n%s", diff)
	}
	left := crashed(t, path)
	if diff := cmp.Diff(want, keys(t, start(t, left, Full))); diff != "" {
		t.Errorf("what a crash leaves (-want +got):\n%s", diff)
	}
	left = crashed(t, path)
	if err := os.WriteFile(segmentPaths(left)[1], old, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, keys(t, start(t, left, Full))); diff != "" {
		t.Errorf("what a crash leaves that brings the old log back (-want +got):\n%s", diff)
	}
}

// When nothing is written any more, a heavy log is brought into the file, and most of the
// disk that it took is given back.
func TestQuiet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Relaxed)
	value := make([]byte, quietSize+1)
	put(t, e, "k", value)
	put(t, e, "last", nil)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		info, err := os.Stat(segmentPaths(path)[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(inFront(t, e, "k")) == len(filed) && info.Size() <= quietSize {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a log of %d bytes is left, and a value of %d in memory", info.Size(), len(inFront(t, e, "k")))
		}
	}
	compare(t, e, map[string]string{"k": string(value), "last": ""})
}

// A checkpoint that fails is tried again when the log is full.
func TestCheckpointFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Relaxed)
	e.log.size = 8 << 20
	failing, apply := errors.New("failing"), e.log.apply
	e.log.apply = func(*segment) error { return failing }
	value := make([]byte, 1<<16)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		err = e.Update(t.Context(), func(tx store.Tx) error { tx.Put(fmt.Sprintf("%04d", n), value); return nil })
	}
	if !errors.Is(err, failing) || n < 32 {
		t.Fatalf("after %d updates: %v", n, err)
	}
	if got := len(keys(t, start(t, crashed(t, path), Full))); got != n-1 {
		t.Errorf("%d keys are left by a crash, want %d", got, n-1)
	}
	e.log.apply = apply
	put(t, e, "last", nil)
	if got := len(keys(t, e)); got != n {
		t.Errorf("%d keys, want %d", got, n)
	}
	if got := len(keys(t, start(t, crashed(t, path), Full))); got != n {
		t.Errorf("%d keys are left by a crash, want %d", got, n)
	}
}

// A log is applied in pieces, whatever is larger than one.
func TestLogInPieces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Relaxed)
	want := map[string]string{}
	for i, size := range []int{pieceSize / 2, pieceSize/2 + 1, pieceSize + 1, 0, 1000} {
		key := fmt.Sprint(i % 4)
		want[key] = strings.Repeat("v", size)
		put(t, e, key, []byte(want[key]))
	}
	compare(t, start(t, crashed(t, path), Full), want)
}

// The log goes on in its other file again and again, while large values move to the
// bbolt file, are replaced, deleted, cleared and read.
func TestCheckpoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Relaxed)
	e.log.size = 1 << 20
	want := map[string]string{}
	for i := range 400 {
		key := fmt.Sprint(i % 37)
		switch {
		case i == 250:
			if err := e.Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			clear(want)
		case i%5 == 4:
			if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Delete(key); return nil }); err != nil {
				t.Fatal(err)
			}
			delete(want, key)
		default:
			want[key] = strings.Repeat(fmt.Sprintf("%d ", i), (i%11)*3_000)
			put(t, e, key, []byte(want[key]))
		}
		if i%20 == 0 {
			compare(t, e, want)
		}
		if i%100 == 30 {
			compare(t, start(t, crashed(t, path), Full), want)
		}
	}
	if e.log.round < 3 {
		t.Errorf("the log went on in its other file %d times", e.log.round)
	}
	compare(t, e, want)
}

func compare(t *testing.T, e *Engine, want map[string]string) {
	t.Helper()
	got, many := map[string]string{}, map[string]string{}
	if err := e.View(t.Context(), func(r store.Reader) error {
		var names []string
		for key, value := range r.Scan("", "", store.All) {
			got[key] = string(value)
			names = append(names, key)
		}
		for i, value := range r.GetMany(names) {
			many[names[i]] = string(value)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("scanned (-want +got):\n%.2000s", diff)
	}
	if diff := cmp.Diff(want, many); diff != "" {
		t.Fatalf("got (-want +got):\n%.2000s", diff)
	}
}

// A view reads the large values that were there when it began, however many checkpoints
// have changed them since.
func TestViewAcrossCheckpoints(t *testing.T) {
	e := start(t, filepath.Join(t.TempDir(), "waxseal.db"), Relaxed)
	e.log.size = 64 << 20
	value := bytes.Repeat([]byte("v"), filedSize)
	put(t, e, "k", value)
	checkpoint := func() {
		for round := e.log.round; e.log.round == round; {
			put(t, e, "filler", make([]byte, 1<<20))
		}
	}
	checkpoint()
	for { // until the value is in the file
		inFile := false
		if err := e.front.View(t.Context(), func(r store.Reader) error { inFile = bytes.Equal(r.Get("k"), filed); return nil }); err != nil {
			t.Fatal(err)
		}
		if inFile {
			break
		}
	}
	if err := e.View(t.Context(), func(r store.Reader) error {
		if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Delete("k"); return nil }); err != nil {
			t.Error(err)
		}
		checkpoint()
		for range 4 { // updates go on while the checkpoint waits for this view
			put(t, e, "filler", make([]byte, 1<<20))
		}
		if !bytes.Equal(r.Get("k"), value) {
			t.Error("the value is gone")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
