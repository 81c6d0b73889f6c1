package journal

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

// Each update writes what sending one message does: a record of 1 KiB, an
// index entry and a counter.
func BenchmarkUpdate(b *testing.B) {
	record := make([]byte, 1024)
	for _, durability := range []Durability{Full, Relaxed} {
		for _, writers := range []int{1, 2, 16, 64} {
			b.Run(fmt.Sprintf("%s/%d", durability, writers), func(b *testing.B) {
				e := start(b, filepath.Join(b.TempDir(), "waxseal.db"), durability)
				b.ReportAllocs()
				race(b, writers, func(n int64) error {
					return e.Update(b.Context(), func(tx store.Tx) error {
						tx.Put(fmt.Sprintf("m/%016x", n), record)
						tx.Put(fmt.Sprintf("v/%016x", n), nil)
						tx.Put("c", append([]byte(nil), tx.Get("c")...))
						return nil
					})
				})
			})
		}
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
