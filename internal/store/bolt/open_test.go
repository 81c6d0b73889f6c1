package bolt

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

func TestOpenMakesAPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	start(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("the file's mode is %o", got)
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	for i := range 3 {
		e, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			if got := len(tx.Get("n")); got != i {
				t.Errorf("opened for the %d. time: n = %d", i+1, got)
			}
			tx.Put("n", make([]byte, i+1))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		check(t, path)
	}
}

// raw writes a bbolt file that Open did not make.
func raw(t *testing.T, path string, write func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := db.Update(write); err != nil {
		t.Fatal(err)
	}
}

func setSchema(t *testing.T, path string, version []byte) {
	raw(t, path, func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(schemaKey, version) })
}

// A file of an earlier program is of this one once it is open: the earlier one would
// misread what is written now.
func TestOpenRaisesTheSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	reopen := func() {
		t.Helper()
		e, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	reopen()
	setSchema(t, path, binary.BigEndian.AppendUint32(nil, 1))
	reopen()
	raw(t, path, func(tx *bbolt.Tx) error {
		if got := tx.Bucket(metaBucket).Get(schemaKey); !bytes.Equal(got, schema()) {
			t.Errorf("the schema is %x", got)
		}
		return nil
	})
}

// A file that a process has made which was killed before it put anything into it is begun anew.
func TestOpenGoesOnWithAnEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	raw(t, path, func(*bbolt.Tx) error { return nil })
	fillFile(t, path)
	check(t, path)
}

// Every file that is not ours to use is refused in one line that names it, and left as it was.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		prepare    func(t *testing.T, path string)
	}{
		{"a newer schema", "was written by a newer waxseal: its schema is 3, this one knows up to 2", func(t *testing.T, path string) {
			setSchema(t, path, binary.BigEndian.AppendUint32(nil, Schema+1))
		}},
		{"no schema", "no schema version", func(t *testing.T, path string) { setSchema(t, path, nil) }},
		{"another program's database", "not a waxseal database", func(t *testing.T, path string) {
			remove(t, path)
			raw(t, path, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err })
		}},
		{"a text", "not a waxseal database", func(t *testing.T, path string) {
			write(t, path, []byte("not a database at all\n"))
		}},
		{"much text", "not a waxseal database", func(t *testing.T, path string) {
			write(t, path, bytes.Repeat([]byte("text "), 100_000))
		}},
		{"zeros", "not a waxseal database", func(t *testing.T, path string) { write(t, path, make([]byte, 1<<16)) }},
		{"a file cut short", "damaged", func(t *testing.T, path string) { truncate(t, path, 2*os.Getpagesize()) }},
		{"a file cut within its header", "not a waxseal database", func(t *testing.T, path string) { truncate(t, path, 100) }},
		{"damaged pages", "damaged", func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 2 * os.Getpagesize(); i < len(b); i++ {
				b[i] ^= 0x5a
			}
			write(t, path, b)
		}},
		{"a folder", "is a directory", func(t *testing.T, path string) {
			remove(t, path)
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"a missing folder", "no such file or directory", func(t *testing.T, path string) {
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sub", "waxseal.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			fillFile(t, path)
			c.prepare(t, path)
			before, _ := os.ReadFile(path)
			e, err := Open(path)
			if err == nil {
				_ = e.Close()
				t.Fatal("it was opened")
			}
			if s := err.Error(); !strings.HasPrefix(s, "store: ") || !strings.Contains(s, path) || !strings.Contains(s, c.want) || strings.Contains(s, "\n") {
				t.Errorf("Open = %q, want one line that names the file and says %q", s, c.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func fillFile(t *testing.T, path string) {
	t.Helper()
	e, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update(t.Context(), func(tx store.Tx) error {
		for i := range 1000 {
			tx.Put("key"+strings.Repeat("x", i), []byte("value"))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int) {
	t.Helper()
	if err := os.Truncate(path, int64(size)); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
