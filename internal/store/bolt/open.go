package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Schema is the version of the form in which this program stores its records.
// It is written into every file that is opened. A change that older programs would
// misread raises it. Since 2 a log may belong to the file, see package journal, and
// messages have a shorter form.
const Schema = 2

var (
	stateBucket = []byte("state")
	metaBucket  = []byte("meta")
	schemaKey   = []byte("schema")
)

// Open opens the store in the file at path, which is made (0600) where it does
// not exist. It fails with one line that names the file: where another process
// has it open, where it is not a waxseal database or is damaged, and where a
// newer waxseal wrote it. A file that it refuses is left as it was.
func Open(path string) (*Engine, error) {
	db, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", explain(path, err))
	}
	return newEngine(db), nil
}

func open(path string) (*bbolt.DB, error) {
	info, err := os.Stat(path)
	fresh := errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0
	if !fresh {
		if fresh, err = inspect(path); err != nil {
			return nil, err
		}
	}
	db, err := openFile(path, bbolt.Options{
		Timeout:         atOnce,
		InitialMmapSize: mapSize(),
		// The list of free pages is gathered when the file is opened instead of
		// being written with every commit: a queue that was emptied leaves a
		// long one.
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, err
	}
	db.AllocSize = 4 << 20 // by which the file grows
	if fresh {
		err = db.Update(prepare)
	} else {
		err = raise(db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openFile turns the panics of bbolt, where a file is damaged, into an error.
func openFile(path string, options bbolt.Options) (db *bbolt.DB, err error) {
	defer recoverTo(&err)
	return bbolt.Open(path, 0o600, &options)
}

func recoverTo(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%v", r)
	}
}

// atOnce, a nanosecond, makes an attempt at a lock that is taken fail at once.
const atOnce = 1

// mapSize is how much of the file is mapped from the start. Where the file
// outgrows the mapping, a commit must wait for all running views. A large
// mapping makes that rare, and address space costs nothing.
func mapSize() int {
	if strconv.IntSize == 64 && runtime.GOOS != "windows" { // which makes the file as long as the mapping
		return 1 << 30
	}
	return 16 << 20
}

// errForeign is the error for a bbolt file that waxseal did not write.
var errForeign = errors.New("another program's database")

func explain(path string, err error) error {
	var (
		pathError *os.PathError
		newer     newerError
	)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s is in use by another process", path)
	case errors.As(err, &pathError):
		return err // names the file
	case errors.As(err, &newer):
		return fmt.Errorf("%s was %w", path, err)
	default:
		return fmt.Errorf("%s is not a waxseal database, or is damaged: %w", path, err)
	}
}

type newerError uint32

func (v newerError) Error() string {
	return fmt.Sprintf("written by a newer waxseal: its schema is %d, this one knows up to %d", v, Schema)
}

// prepare fills a new file.
func prepare(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucket(stateBucket); err != nil {
		return err
	}
	return meta.Put(schemaKey, schema())
}

func schema() []byte { return binary.BigEndian.AppendUint32(nil, Schema) }

// raise keeps programs away that would misread what this one writes.
func raise(db *bbolt.DB) error {
	current := false
	err := db.View(func(tx *bbolt.Tx) error {
		current = bytes.Equal(tx.Bucket(metaBucket).Get(schemaKey), schema())
		return nil
	})
	if err != nil || current {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(schemaKey, schema()) })
}

// inspect reads the whole of a file before it is opened for writing. With a
// damaged file, bbolt panics or reads beyond its end. Here that becomes an
// error, and nothing is changed. A file is fresh where bbolt has made it, and the process
// was killed before anything was put into it.
func inspect(path string) (fresh bool, err error) {
	if err := readThrough(path); err != nil {
		return false, err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recoverTo(&err)
	db, err := openFile(path, bbolt.Options{ReadOnly: true, Timeout: atOnce})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bbolt.Tx) error {
		if bucket, _ := tx.Cursor().First(); bucket == nil {
			fresh = true
			return nil
		}
		if err := checkSchema(tx); err != nil {
			return err
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return walk(b) })
	})
	return fresh, err
}

// readThrough reads the file once from beginning to end into the page cache.
// This is faster than bbolt's reads of single pages in random order.
func readThrough(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, f)
	return errors.Join(err, f.Close())
}

func checkSchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil || tx.Bucket(stateBucket) == nil {
		return errForeign
	}
	version := meta.Get(schemaKey)
	if len(version) != 4 {
		return errors.New("no schema version")
	}
	if v := binary.BigEndian.Uint32(version); v > Schema {
		return newerError(v)
	}
	return nil
}

// walk reads every page of a bucket, and checks the order of its keys.
func walk(b *bbolt.Bucket) error {
	var last, end []byte
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if last != nil && bytes.Compare(last, k) >= 0 {
			return errors.New("its keys are out of order")
		}
		last, end = k, append(end[:0], v[max(0, len(v)-1):]...)
	}
	return nil
}
