package mem

import (
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

func fill(b *testing.B, n int) *Engine {
	e := New()
	for i := range n {
		if err := e.Update(b.Context(), func(tx store.Tx) error { send(tx, i); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	b.ReportAllocs()
	return e
}

// send writes what sending one message does: a record, an index entry and a counter.
func send(tx store.Tx, i int) {
	tx.Put(fmt.Sprintf("m/%016x", uint64(i)*0x9e3779b97f4a7c15), nil)
	tx.Put(fmt.Sprintf("v/%016x", i), nil)
	tx.Get("c")
	tx.Put("c", nil)
}

func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{0, 1000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := fill(b, n)
			for i := n; b.Loop(); i++ {
				if err := e.Update(b.Context(), func(tx store.Tx) error { send(tx, i); return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkView(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		e := fill(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					key := fmt.Sprintf("v/%016x", i*7919%n)
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
		})
	}
}

func BenchmarkScan100(b *testing.B) {
	e := fill(b, 100_000)
	for b.Loop() {
		if err := e.View(b.Context(), func(r store.Reader) error {
			n := 0
			for range r.Scan("v/", "", store.All) {
				if n++; n == 100 {
					break
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}
