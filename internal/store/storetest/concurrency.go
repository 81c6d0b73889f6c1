package storetest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

func testSnapshot(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"}, pair{"b", "2"})
	began, written := make(chan bool), make(chan bool)
	begin := sync.OnceFunc(func() { close(began) }) // the view may run again
	var reader sync.WaitGroup
	reader.Go(func() {
		view(t, e, func(r store.Reader) {
			begin()
			<-written
			if got := r.Get("a"); string(got) != "1" {
				t.Errorf("a view reads a = %q, which was written after it began", got)
			}
			if got := r.Get("c"); got != nil {
				t.Errorf("a view reads c = %q, which was written after it began", got)
			}
			check(t, "a view scans", collect(r.Scan("", "", store.All)), pair{"a", "1"}, pair{"b", "2"})
		})
	})
	<-began
	update(t, e, func(tx store.Tx) error {
		tx.Put("a", []byte("new"))
		tx.Put("c", []byte("3"))
		tx.Delete("b")
		return nil
	})
	close(written)
	reader.Wait()
	check(t, "a view begun afterwards", all(t, e), pair{"a", "new"}, pair{"c", "3"})
}

func testConcurrent(t *testing.T, e store.Engine) {
	const writers, updates = 16, 100
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range updates {
				own := fmt.Sprintf("%02d/%03d", w, i)
				update(t, e, func(tx store.Tx) error {
					tx.Put("count", append(bytes.Clone(tx.Get("count")), 'x'))
					tx.Put(own, nil)
					return nil
				})
				view(t, e, func(r store.Reader) {
					if r.Get(own) == nil {
						t.Errorf("%s is not there after its Update returned", own)
					}
				})
			}
		})
	}
	group.Wait()
	view(t, e, func(r store.Reader) {
		if got := len(r.Get("count")); got != writers*updates {
			t.Errorf("%d updates of %d count", got, writers*updates)
		}
	})
}

// An update that fails, or panics, takes nobody else's writes with it, even
// where they touch the same keys.
func testConcurrentFailures(t *testing.T, e store.Engine) {
	const writers, updates = 16, 60
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range updates {
				failing(t, e, w, i)
			}
		})
	}
	group.Wait()
	want := 0
	for w := range writers {
		for i := range updates {
			if (w+i)%3 == 0 {
				want++
			}
		}
	}
	view(t, e, func(r store.Reader) {
		if got := len(r.Get("count")); got != want {
			t.Errorf("%d updates count, want %d", got, want)
		}
		if got := len(collect(r.Scan("own/", "", store.All))); got != want {
			t.Errorf("%d keys were written, want %d", got, want)
		}
		if r.Get("deleted") != nil || len(collect(r.Scan("bad/", "", store.All))) != 0 {
			t.Error("a discarded write is there")
		}
	})
}

func failing(t *testing.T, e store.Engine, w, i int) {
	outcome := (w + i) % 3
	defer func() {
		if got := recover(); (outcome == 2) != wanted(got) {
			t.Errorf("outcome %d: recovered %v", outcome, got)
		}
	}()
	err := e.Update(t.Context(), func(tx store.Tx) error {
		tx.Put("count", append(bytes.Clone(tx.Get("count")), 'x'))
		switch outcome {
		case 0:
			tx.Put(fmt.Sprintf("own/%d/%d", w, i), nil)
			return nil
		case 1:
			tx.Put("deleted", nil)
			tx.Put(fmt.Sprintf("bad/%d/%d", w, i), nil)
			return errWanted
		default:
			tx.Delete("count")
			tx.Put("deleted", nil)
			panic(errWanted)
		}
	})
	if (outcome == 1) != wanted(err) {
		t.Errorf("outcome %d: Update = %v", outcome, err)
	}
}

// Writers move one unit between two accounts; no reader ever sees it in flight.
func testReadersAmongWriters(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "xxxxxxxxxx"}, pair{"b", ""})
	done := make(chan bool)
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				view(t, e, func(r store.Reader) {
					sum := len(r.Get("a")) + len(r.Get("b"))
					for _, v := range r.Scan("", "", store.All) {
						sum += len(v)
					}
					if sum != 20 {
						t.Errorf("a reader saw a state in between: %d", sum)
					}
				})
			}
		})
	}
	for range 4 {
		writers.Go(func() {
			for i := range 100 {
				from, to := "a", "b"
				if i%2 == 1 {
					from, to = to, from
				}
				update(t, e, func(tx store.Tx) error {
					if source := tx.Get(from); len(source) > 0 {
						tx.Put(from, bytes.Clone(source[1:]))
						tx.Put(to, append(bytes.Clone(tx.Get(to)), 'x'))
					}
					return nil
				})
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}
