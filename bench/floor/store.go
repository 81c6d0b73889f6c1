package floor

import (
	"encoding/binary"
	"sync"

	"go.etcd.io/bbolt"
)

// Store keeps what is sent.
type Store interface {
	// Put returns when the bytes are as safe as the store makes them.
	Put(b []byte) error
}

// Memory keeps the last 100,000 messages under one lock.
type Memory struct {
	mu   sync.Mutex
	next int
	kept [100_000][]byte
}

// Put replaces the oldest.
func (m *Memory) Put(b []byte) error {
	m.mu.Lock()
	m.kept[m.next] = b
	m.next = (m.next + 1) % len(m.kept)
	m.mu.Unlock()
	return nil
}

// Bolt is a file of bbolt's, in which each Put is a record under the next key.
type Bolt struct {
	db   *bbolt.DB
	next uint64
}

var messages = []byte("messages")

// OpenBolt makes or opens a file.
func OpenBolt(name string) (*Bolt, error) {
	db, err := bbolt.Open(name, 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(messages)
		return err
	})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return &Bolt{db: db}, nil
}

// Close closes the file.
func (s *Bolt) Close() error { return s.db.Close() }

// Commit writes records and waits for the disk. It is for one caller at a time.
func (s *Bolt) Commit(records [][]byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(messages)
		bucket.FillPercent = 0.9 // keys only grow
		for _, b := range records {
			s.next++
			if err := bucket.Put(binary.BigEndian.AppendUint64(nil, s.next), b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Group commits what has queued up since the last commit, at once: a lone
// writer waits for one commit, and many share one.
type Group struct{ in chan item }

type item struct {
	b    []byte
	done chan error
}

// maxGroup bounds how many records one commit writes.
const maxGroup = 1024

// NewGroup begins to commit. It never ends: the program does.
func NewGroup(commit func(records [][]byte) error) *Group {
	g := &Group{in: make(chan item, maxGroup)}
	go func() {
		for first := range g.in {
			items, records := []item{first}, [][]byte{first.b}
		more:
			for len(items) < maxGroup {
				select {
				case it := <-g.in:
					items, records = append(items, it), append(records, it.b)
				default:
					break more
				}
			}
			err := commit(records)
			for _, it := range items {
				it.done <- err
			}
		}
	}()
	return g
}

// Put waits for the commit that writes the bytes.
func (g *Group) Put(b []byte) error {
	done := make(chan error, 1)
	g.in <- item{b, done}
	return <-done
}
