package bolt

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// Each update writes what sending one message does: a record of 1 KiB, an
// index entry and a counter.
func BenchmarkUpdate(b *testing.B) {
	record := make([]byte, 1024)
	for _, writers := range []int{1, 2, 16, 64} {
		b.Run(fmt.Sprintf("group/%d", writers), func(b *testing.B) {
			e := start(b, filepath.Join(b.TempDir(), "waxseal.db"))
			race(b, writers, func(n int64) error {
				return e.Update(b.Context(), func(tx store.Tx) error {
					tx.Put(fmt.Sprintf("m/%016x", n), record)
					tx.Put(fmt.Sprintf("v/%016x", n), nil)
					tx.Put("c", append([]byte(nil), tx.Get("c")...))
					return nil
				})
			})
		})
		b.Run(fmt.Sprintf("one by one/%d", writers), func(b *testing.B) {
			e := start(b, filepath.Join(b.TempDir(), "waxseal.db"))
			race(b, writers, func(n int64) error {
				return e.db.Update(func(tx *bbolt.Tx) error {
					state := tx.Bucket(stateBucket)
					for key, value := range map[string][]byte{
						fmt.Sprintf("m/%016x", n): record, fmt.Sprintf("v/%016x", n): nil, "c": nil,
					} {
						if err := state.Put([]byte(key), value); err != nil {
							return err
						}
					}
					return nil
				})
			})
		})
	}
}

// race has the writers do b.N updates between them.
func race(b *testing.B, writers int, update func(n int64) error) {
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range writers {
		group.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				if err := update(n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
}

func BenchmarkView(b *testing.B) {
	e := start(b, filepath.Join(b.TempDir(), "waxseal.db"))
	if err := e.Update(b.Context(), func(tx store.Tx) error {
		for i := range 100_000 {
			tx.Put(fmt.Sprintf("m/%016x", i), make([]byte, 1024))
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			key := fmt.Sprintf("m/%016x", i*7919%100_000)
			if err := e.View(b.Context(), func(r store.Reader) error {
				if r.Get(key) == nil {
					b.Error("a key is missing")
				}
				return nil
			}); err != nil {
				b.Error(err)
			}
		}
	})
}
