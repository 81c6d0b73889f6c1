package bolt

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

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
