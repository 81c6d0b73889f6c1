package storetest

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
)

func testEmpty(t *testing.T, e store.Engine) {
	check(t, "an empty engine", all(t, e))
	view(t, e, func(r store.Reader) {
		if v := r.Get("a"); v != nil {
			t.Errorf("Get of a missing key = %q", v)
		}
	})
	update(t, e, func(tx store.Tx) error { tx.Delete("a"); return nil })
	update(t, e, func(store.Tx) error { return nil })
	check(t, "after updates that change nothing", all(t, e))
}

func testPutGetDelete(t *testing.T, e store.Engine) {
	put(t, e, pair{"b", "2"}, pair{"a", "1"}, pair{"c", "3"})
	check(t, "after puts", all(t, e), pair{"a", "1"}, pair{"b", "2"}, pair{"c", "3"})
	put(t, e, pair{"b", "new"})
	update(t, e, func(tx store.Tx) error {
		tx.Delete("a")
		tx.Delete("missing")
		return nil
	})
	check(t, "after a replacement and a deletion", all(t, e), pair{"b", "new"}, pair{"c", "3"})
	put(t, e, pair{"a", "again"})
	check(t, "after a deleted key came back", all(t, e), pair{"a", "again"}, pair{"b", "new"}, pair{"c", "3"})
}

func testGetMany(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"}, pair{"b", "2"}, pair{"empty", ""})
	want := func(r store.Reader, keys string, want ...string) {
		t.Helper()
		got := r.GetMany(strings.Fields(keys))
		if len(got) != len(want) {
			t.Fatalf("GetMany(%s) answers %d values", keys, len(got))
		}
		for i, value := range got {
			if present := want[i] != "none"; present != (value != nil) || present && string(value) != want[i] {
				t.Errorf("GetMany(%s): value %d is %q (nil: %v), want %s", keys, i, value, value == nil, want[i])
			}
		}
	}
	view(t, e, func(r store.Reader) {
		want(r, "b missing a b empty", "2", "none", "1", "2", "")
		want(r, "")
	})
	update(t, e, func(tx store.Tx) error {
		tx.Put("a", []byte("new"))
		tx.Put("c", []byte("3"))
		tx.Delete("b")
		want(tx, "c b empty a missing", "3", "none", "", "new", "none")
		return nil
	})
}

func testReadYourWrites(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"}, pair{"b", "2"})
	update(t, e, func(tx store.Tx) error {
		tx.Put("a", []byte("new"))
		tx.Put("c", []byte("3"))
		tx.Delete("b")
		if got := string(tx.Get("a")) + string(tx.Get("c")); got != "new3" || tx.Get("b") != nil {
			t.Errorf("an update reads a, c = %q, b = %q", got, tx.Get("b"))
		}
		check(t, "an update scans", collect(tx.Scan("", "", store.All)), pair{"a", "new"}, pair{"c", "3"})
		tx.Put("b", []byte("back"))
		if got := tx.Get("b"); string(got) != "back" {
			t.Errorf("a key deleted and put again = %q", got)
		}
		return nil
	})
	check(t, "afterwards", all(t, e), pair{"a", "new"}, pair{"b", "back"}, pair{"c", "3"})
}

func testErrorDiscards(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"})
	if err := e.Update(t.Context(), func(tx store.Tx) error {
		tx.Put("b", []byte("2"))
		return errWanted
	}); !wanted(err) {
		t.Errorf("Update = %v, want the closure's own error", err)
	}
	check(t, "afterwards", all(t, e), pair{"a", "1"})
	if err := e.View(t.Context(), func(store.Reader) error { return errWanted }); !wanted(err) {
		t.Errorf("View = %v, want the closure's own error", err)
	}
}

func writeEveryKind(tx store.Tx) {
	tx.Put("replaced", []byte("x"))
	tx.Put("replaced", []byte("y"))
	tx.Delete("deleted")
	tx.Put("emptied", nil)
	tx.Put("new", []byte("x"))
	tx.Put("brief", []byte("x"))
	tx.Delete("brief")
	tx.Delete("back")
	tx.Put("back", []byte("x"))
	tx.Delete("missing")
}

var beforeEveryKind = []pair{
	{"back", "b"}, {"deleted", "d"}, {"emptied", "e"}, {"replaced", "r"}, {"was empty", ""},
}

func testErrorRestores(t *testing.T, e store.Engine) {
	put(t, e, beforeEveryKind...)
	if err := e.Update(t.Context(), func(tx store.Tx) error {
		writeEveryKind(tx)
		tx.Put("was empty", []byte("x"))
		return errWanted
	}); !wanted(err) {
		t.Errorf("Update = %v", err)
	}
	check(t, "afterwards", all(t, e), beforeEveryKind...)
}

func testPanicDiscards(t *testing.T, e store.Engine) {
	put(t, e, beforeEveryKind...)
	for _, transaction := range []func(){
		func() { _ = e.Update(t.Context(), func(tx store.Tx) error { writeEveryKind(tx); panic(errWanted) }) },
		func() { _ = e.View(t.Context(), func(store.Reader) error { panic(errWanted) }) },
	} {
		func() {
			defer func() {
				if got := recover(); !wanted(got) {
					t.Errorf("recovered %v, want the closure's own panic", got)
				}
			}()
			transaction()
		}()
	}
	check(t, "afterwards", all(t, e), beforeEveryKind...)
	put(t, e, pair{"zz", "the engine lives"})
}

// A closure that ends its goroutine, as t.FailNow does, ends nobody else's.
func testGoexitDiscards(t *testing.T, e store.Engine) {
	put(t, e, beforeEveryKind...)
	var others sync.WaitGroup
	for i := range 8 {
		others.Go(func() {
			_ = e.Update(t.Context(), func(tx store.Tx) error {
				if i%2 == 0 {
					writeEveryKind(tx)
					runtime.Goexit()
				}
				return nil
			})
		})
	}
	others.Wait()
	check(t, "afterwards", all(t, e), beforeEveryKind...)
}

func testFail(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"})
	second := errors.New("second")
	for name, err := range map[string]error{"nil": nil, "an error": second} {
		if got := e.Update(t.Context(), func(tx store.Tx) error {
			tx.Put("b", []byte("2"))
			tx.Fail(errWanted)
			tx.Fail(second)
			tx.Put("c", []byte("3"))
			return err
		}); !wanted(got) {
			t.Errorf("Update whose closure returned %s = %v, want the first failure", name, got)
		}
		if got := e.View(t.Context(), func(r store.Reader) error {
			r.Fail(errWanted)
			r.Fail(second)
			return err
		}); !wanted(got) {
			t.Errorf("View whose closure returned %s = %v, want the first failure", name, got)
		}
	}
	check(t, "afterwards", all(t, e), pair{"a", "1"})
}

func testSequence(t *testing.T, e store.Engine) {
	for i := range 100 {
		update(t, e, func(tx store.Tx) error {
			if got := len(tx.Get("n")); got != i {
				t.Errorf("update %d reads the state after %d", i, got)
			}
			tx.Put("n", make([]byte, i+1))
			return nil
		})
		view(t, e, func(r store.Reader) {
			if got := len(r.Get("n")); got != i+1 {
				t.Errorf("a view after update %d reads the state after %d", i+1, got)
			}
		})
	}
}

// A closure that keeps to the rules does the same when it runs again.
func testSecondRun(t *testing.T, e store.Engine) {
	for run := range 2 {
		var result []string
		write := func(tx store.Tx) error {
			result = nil
			for key := range tx.Scan("in/", "", store.All) {
				result = append(result, key)
				tx.Delete(key)
				tx.Put("out/"+key, nil)
			}
			return nil
		}
		put(t, e, pair{"in/1", ""}, pair{"in/2", ""})
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			if err := write(tx); err != nil {
				return err
			}
			return errWanted // the first run is discarded
		}); !wanted(err) {
			t.Fatal(err)
		}
		update(t, e, write)
		if diff := cmp.Diff([]string{"in/1", "in/2"}, result); diff != "" {
			t.Errorf("run %d (-want +got):\n%s", run, diff)
		}
	}
	check(t, "afterwards", all(t, e), pair{"out/in/1", ""}, pair{"out/in/2", ""})
}
