package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

func testContext(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errWanted)
	ran := false
	for name, err := range map[string]error{
		"View":   e.View(ctx, func(store.Reader) error { ran = true; return nil }),
		"Update": e.Update(ctx, func(tx store.Tx) error { ran = true; tx.Delete("a"); return nil }),
		"Clear":  e.Clear(ctx),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that is done = %v", name, err)
		}
	}
	if ran {
		t.Error("a closure ran although its context was done")
	}
	check(t, "afterwards", all(t, e), pair{"a", "1"})

	// Once begun, an update is carried through.
	ctx, stop := context.WithCancel(t.Context())
	if err := e.Update(ctx, func(tx store.Tx) error {
		stop()
		tx.Put("a", []byte("2"))
		return nil
	}); err != nil {
		t.Errorf("an update whose context ended while it ran = %v", err)
	}
	check(t, "afterwards", all(t, e), pair{"a", "2"})
}

func testClear(t *testing.T, e store.Engine) {
	if err := e.Clear(t.Context()); err != nil {
		t.Fatalf("Clear of an empty engine = %v", err)
	}
	fill(t, e, 2000)
	view(t, e, func(r store.Reader) {
		var clearing sync.WaitGroup
		clearing.Go(func() {
			if err := e.Clear(t.Context()); err != nil {
				t.Errorf("Clear = %v", err)
			}
		})
		clearing.Wait()
		if n := len(collect(r.Scan("", "", store.All))); n != 2000 {
			t.Errorf("a view that began before Clear scans %d entries", n)
		}
	})
	check(t, "after Clear", all(t, e))
	put(t, e, pair{"a", "1"})
	check(t, "after Clear and a put", all(t, e), pair{"a", "1"})

	// Among writers: each update is wholly before it or wholly after.
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 20 {
				put(t, e, pair{fmt.Sprintf("%d/%d/a", w, i), ""}, pair{fmt.Sprintf("%d/%d/b", w, i), ""})
				if w == 0 {
					if err := e.Clear(t.Context()); err != nil {
						t.Errorf("Clear = %v", err)
					}
				}
			}
		})
	}
	group.Wait()
	if n := len(all(t, e)); n%2 != 0 {
		t.Errorf("%d keys are left: Clear cut an update in two", n)
	}
}

func testClose(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"})
	if err := e.Close(); err != nil {
		t.Fatalf("Close = %v", err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("Close of a closed engine = %v", err)
	}
	ran := false
	for name, err := range map[string]error{
		"View":   e.View(t.Context(), func(store.Reader) error { ran = true; return nil }),
		"Update": e.Update(t.Context(), func(store.Tx) error { ran = true; return nil }),
		"Clear":  e.Clear(t.Context()),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s of a closed engine = %v, want %v", name, err, store.ErrClosed)
		}
	}
	if ran {
		t.Error("a closure ran on a closed engine")
	}
}

func testCloseWaits(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"})
	began, release := make(chan bool), make(chan bool)
	begin := sync.OnceFunc(func() { close(began) }) // the view may run again
	var group sync.WaitGroup
	group.Go(func() {
		view(t, e, func(r store.Reader) {
			begin()
			<-release
			if got := r.Get("a"); string(got) != "1" {
				t.Errorf("a view that Close waits for reads %q", got)
			}
		})
	})
	for w := range 8 {
		group.Go(func() {
			for i := 0; ; i++ {
				err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put(fmt.Sprintf("%d/%d", w, i), nil); return nil })
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					t.Errorf("an update around Close = %v", err)
					return
				}
			}
		})
	}
	<-began
	closed := make(chan error)
	go func() { closed <- e.Close() }()
	// From some moment on, nothing begins any more; the view still runs.
	for e.View(t.Context(), func(store.Reader) error { return nil }) == nil {
		continue
	}
	select {
	case err := <-closed:
		t.Fatalf("Close returned %v while a view ran", err)
	default:
	}
	close(release)
	if err := <-closed; err != nil {
		t.Errorf("Close = %v", err)
	}
	group.Wait()
}

func testUseAfterReturn(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"})
	var reader store.Reader
	var writer store.Tx
	var seq iter.Seq2[string, []byte]
	view(t, e, func(r store.Reader) { reader, seq = r, r.Scan("", "", store.All) })
	update(t, e, func(tx store.Tx) error { writer = tx; return nil })
	for name, use := range map[string]func(){
		"Reader.Get":     func() { reader.Get("a") },
		"Reader.GetMany": func() { reader.GetMany([]string{"a"}) },
		"Reader.Scan":    func() { collect(seq) },
		"Tx.Get":         func() { writer.Get("a") },
		"Tx.Put":         func() { writer.Put("a", []byte("2")) },
		"Tx.Delete":      func() { writer.Delete("a") },
		"Tx.Fail":        func() { writer.Fail(errWanted) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s after the closure returned went unnoticed", name)
				}
			}()
			use()
		}()
	}
	check(t, "afterwards", all(t, e), pair{"a", "1"})
}
