// Package storetest is the conformance suite of store engines: what package
// store promises, tested against whichever engine it is given.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
)

// Run tests the engine that open makes. open is called for every test and
// makes an empty engine each time, which the test may or may not close.
func Run(t *testing.T, open func(*testing.T) store.Engine) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Engine)
	}{
		{"Empty", testEmpty},
		{"PutGetDelete", testPutGetDelete},
		{"ReadYourWrites", testReadYourWrites},
		{"ErrorDiscards", testErrorDiscards},
		{"ErrorRestoresEveryKindOfWrite", testErrorRestores},
		{"PanicDiscards", testPanicDiscards},
		{"GoexitDiscards", testGoexitDiscards},
		{"Fail", testFail},
		{"Snapshot", testSnapshot},
		{"SnapshotOfARunningScan", testSnapshotScan},
		{"UpdateSeesWhatReturnedBefore", testSequence},
		{"Scan", testScan},
		{"ScanStopsEarly", testScanStops},
		{"ScanWhileWriting", testScanWhileWriting},
		{"ScanManyKeys", testScanMany},
		{"Values", testValues},
		{"ValuesMayBeKept", testValuesKept},
		{"BinaryKeys", testBinaryKeys},
		{"KeyLengths", testKeyLengths},
		{"ConcurrentUpdates", testConcurrent},
		{"FailuresAmongConcurrentUpdates", testConcurrentFailures},
		{"ReadersAmongWriters", testReadersAmongWriters},
		{"SecondRun", testSecondRun},
		{"ContextDone", testContext},
		{"Clear", testClear},
		{"Close", testClose},
		{"CloseWaits", testCloseWaits},
		{"UseAfterReturn", testUseAfterReturn},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := open(t)
			defer e.Close()
			test.run(t, e)
		})
	}
}

var errWanted = errors.New("wanted")

type pair struct{ Key, Value string }

func put(t *testing.T, e store.Engine, pairs ...pair) {
	t.Helper()
	update(t, e, func(tx store.Tx) error {
		for _, p := range pairs {
			tx.Put(p.Key, []byte(p.Value))
		}
		return nil
	})
}

func update(t *testing.T, e store.Engine, write func(store.Tx) error) {
	t.Helper()
	if err := e.Update(t.Context(), write); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t *testing.T, e store.Engine, read func(store.Reader)) {
	t.Helper()
	if err := e.View(t.Context(), func(r store.Reader) error {
		read(r)
		return nil
	}); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// all is what the engine holds.
func all(t *testing.T, e store.Engine) (pairs []pair) {
	t.Helper()
	view(t, e, func(r store.Reader) { pairs = collect(r.Scan("", "")) })
	return pairs
}

func collect(seq iter.Seq2[string, []byte]) (pairs []pair) {
	for key, value := range seq {
		pairs = append(pairs, pair{key, string(value)})
	}
	return pairs
}

func check(t *testing.T, what string, got []pair, want ...pair) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

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

func testReadYourWrites(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"}, pair{"b", "2"})
	update(t, e, func(tx store.Tx) error {
		tx.Put("a", []byte("new"))
		tx.Put("c", []byte("3"))
		tx.Delete("b")
		if got := string(tx.Get("a")) + string(tx.Get("c")); got != "new3" || tx.Get("b") != nil {
			t.Errorf("an update reads a, c = %q, b = %q", got, tx.Get("b"))
		}
		check(t, "an update scans", collect(tx.Scan("", "")), pair{"a", "new"}, pair{"c", "3"})
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
	}); err != errWanted {
		t.Errorf("Update = %v, want the closure's own error", err)
	}
	check(t, "afterwards", all(t, e), pair{"a", "1"})
	if err := e.View(t.Context(), func(store.Reader) error { return errWanted }); err != errWanted {
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
	}); err != errWanted {
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
				if got := recover(); got != errWanted {
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
		}); got != errWanted {
			t.Errorf("Update whose closure returned %s = %v, want the first failure", name, got)
		}
		if got := e.View(t.Context(), func(r store.Reader) error {
			r.Fail(errWanted)
			r.Fail(second)
			return err
		}); got != errWanted {
			t.Errorf("View whose closure returned %s = %v, want the first failure", name, got)
		}
	}
	check(t, "afterwards", all(t, e), pair{"a", "1"})
}

func testSnapshot(t *testing.T, e store.Engine) {
	put(t, e, pair{"a", "1"}, pair{"b", "2"})
	began, written := make(chan bool), make(chan bool)
	var reader sync.WaitGroup
	reader.Go(func() {
		view(t, e, func(r store.Reader) {
			close(began)
			<-written
			if got := r.Get("a"); string(got) != "1" {
				t.Errorf("a view reads a = %q, which was written after it began", got)
			}
			if got := r.Get("c"); got != nil {
				t.Errorf("a view reads c = %q, which was written after it began", got)
			}
			check(t, "a view scans", collect(r.Scan("", "")), pair{"a", "1"}, pair{"b", "2"})
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

func testSnapshotScan(t *testing.T, e store.Engine) {
	fill(t, e, 1000)
	view(t, e, func(r store.Reader) {
		n := 0
		for key, value := range r.Scan("k", "") {
			if want := numbered(n); key != want.Key || string(value) != want.Value {
				t.Fatalf("entry %d is %q = %q, want %v", n, key, value, want)
			}
			if n%100 == 0 {
				// An update of another goroutine: a closure calls no engine itself.
				var writer sync.WaitGroup
				writer.Go(func() {
					update(t, e, func(tx store.Tx) error {
						tx.Delete(numbered(n + 1).Key)
						tx.Put(numbered(n+2).Key, []byte("changed"))
						tx.Put(key+"x", []byte("added"))
						return nil
					})
				})
				writer.Wait()
			}
			n++
		}
		if n != 1000 {
			t.Errorf("the scan saw %d entries of 1000", n)
		}
	})
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

func testScan(t *testing.T, e store.Engine) {
	pairs := []pair{{"a", "1"}, {"b", "2"}, {"b/1", "3"}, {"b/2", "4"}, {"b/3", "5"}, {"b0", "6"}, {"c", "7"}}
	put(t, e, pairs...)
	for _, c := range []struct {
		prefix, from string
		want         []pair
	}{
		{"", "", pairs},
		{"", "b/2", pairs[3:]},
		{"", "b/25", pairs[4:]},
		{"", "d", nil},
		{"b/", "", pairs[2:5]},
		{"b/", "b/2", pairs[3:5]},
		{"b/", "b/2\x00", pairs[4:5]},
		{"b/", "a", pairs[2:5]},
		{"b/", "b0", nil},
		{"b/", "c", nil},
		{"b", "", pairs[1:6]},
		{"x", "", nil},
		{"A", "", nil},
	} {
		what := fmt.Sprintf("Scan(%q, %q)", c.prefix, c.from)
		view(t, e, func(r store.Reader) { check(t, what, collect(r.Scan(c.prefix, c.from)), c.want...) })
		update(t, e, func(tx store.Tx) error {
			check(t, what+" in an update", collect(tx.Scan(c.prefix, c.from)), c.want...)
			return nil
		})
	}
}

func testScanStops(t *testing.T, e store.Engine) {
	fill(t, e, 500)
	scan := func(r store.Reader) {
		n := 0
		for range r.Scan("k", "") {
			if n++; n == 3 {
				break
			}
		}
		if n != 3 {
			t.Errorf("the loop saw %d entries before it stopped", n)
		}
		// An iterator can be run again, and two at once.
		seq := r.Scan("k", numbered(498).Key)
		for range 2 {
			check(t, "the end", collect(seq), numbered(498), numbered(499))
		}
		pairs := 0
		for range seq {
			for range seq {
				pairs++
			}
		}
		if pairs != 4 {
			t.Errorf("a scan within itself saw %d pairs", pairs)
		}
	}
	view(t, e, scan)
	update(t, e, func(tx store.Tx) error { scan(tx); return nil })
}

// Keys that are not written while scanning are seen once each, in order,
// whatever happens around them.
func testScanWhileWriting(t *testing.T, e store.Engine) {
	const n = 3000
	for name, write := range map[string]func(store.Tx, int){
		"delete the key itself": func(tx store.Tx, i int) { tx.Delete(numbered(i).Key) },
		"delete keys ahead": func(tx store.Tx, i int) {
			if i%10 == 0 {
				for j := range 100 {
					tx.Delete(numbered(i+1+j).Key + "#")
				}
			}
		},
		"delete keys behind": func(tx store.Tx, i int) { tx.Delete(numbered(i-1).Key + "#") },
		"put keys ahead": func(tx store.Tx, i int) {
			if i%10 == 0 {
				tx.Put(numbered(i+50).Key+"!", []byte("x"))
			}
		},
		"put keys behind": func(tx store.Tx, i int) { tx.Put(fmt.Sprintf("k%06d!", n-i), []byte("x")) },
		"delete all":      func(tx store.Tx, i int) { clearAround(tx, i, n) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := e.Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			fill(t, e, n)
			update(t, e, func(tx store.Tx) error {
				for i := range n {
					tx.Put(numbered(i).Key+"#", []byte("x"))
				}
				return nil
			})
			update(t, e, func(tx store.Tx) error {
				next := 0
				for key := range tx.Scan("k", "") {
					if strings.ContainsAny(key, "#!") {
						continue
					}
					if want := numbered(next).Key; key != want {
						t.Fatalf("saw %q, want %q", key, want)
					}
					write(tx, next)
					next++
				}
				if next != n {
					t.Errorf("saw %d keys of %d", next, n)
				}
				return nil
			})
		})
	}
}

// clearAround deletes, at the key in the middle, everything that no scan of
// the numbered keys depends on: the tree shrinks under it.
func clearAround(tx store.Tx, i, n int) {
	if i != n/2 {
		return
	}
	for j := range n {
		tx.Delete(numbered(j).Key + "#")
		if j <= i {
			tx.Delete(numbered(j).Key)
		}
	}
}

func numbered(i int) pair { return pair{fmt.Sprintf("k%06d", i), fmt.Sprint(i)} }

func fill(t *testing.T, e store.Engine, n int) {
	t.Helper()
	update(t, e, func(tx store.Tx) error {
		// Not in order: 7919 is a prime that divides no n in use here.
		for i := range n {
			p := numbered(i * 7919 % n)
			tx.Put(p.Key, []byte(p.Value))
		}
		return nil
	})
}

func testScanMany(t *testing.T, e store.Engine) {
	const n = 20000
	fill(t, e, n)
	view(t, e, func(r store.Reader) {
		next := 0
		for key, value := range r.Scan("", "") {
			if want := numbered(next); key != want.Key || string(value) != want.Value {
				t.Fatalf("entry %d is %q = %q", next, key, value)
			}
			next++
		}
		if next != n {
			t.Errorf("the scan saw %d entries of %d", next, n)
		}
	})
	update(t, e, func(tx store.Tx) error {
		for i := range n {
			if i%100 != 0 {
				tx.Delete(numbered(i).Key)
			}
		}
		return nil
	})
	want := make([]pair, 0, n/100)
	for i := 0; i < n; i += 100 {
		want = append(want, numbered(i))
	}
	check(t, "after most were deleted", all(t, e), want...)
}

func testValues(t *testing.T, e store.Engine) {
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
	values := map[string][]byte{
		"empty": {}, "nil": nil, "binary": {0, 255, 0, 10, 13, 0}, "large": large, "large2": append([]byte("x"), large...),
	}
	update(t, e, func(tx store.Tx) error {
		for key, value := range values {
			tx.Put(key, value)
		}
		return nil
	})
	read := func(r store.Reader) {
		for key, want := range values {
			if got := r.Get(key); got == nil || !bytes.Equal(got, want) {
				t.Errorf("%s: Get = %d bytes (nil: %v), want %d", key, len(got), got == nil, len(want))
			}
		}
		for key, got := range r.Scan("", "") {
			if got == nil || !bytes.Equal(got, values[key]) {
				t.Errorf("%s: Scan yields %d bytes (nil: %v), want %d", key, len(got), got == nil, len(values[key]))
			}
		}
	}
	view(t, e, read)
	update(t, e, func(tx store.Tx) error {
		tx.Put("binary", values["binary"])
		read(tx)
		return nil
	})
}

func testValuesKept(t *testing.T, e store.Engine) {
	fill(t, e, 100)
	kept := map[string][]byte{}
	keep := func(r store.Reader) {
		for key, value := range r.Scan("", "") {
			kept[key] = value
		}
		for i := range 50 {
			kept["get "+numbered(i).Key] = r.Get(numbered(i).Key)
		}
	}
	view(t, e, keep)
	update(t, e, func(tx store.Tx) error { keep(tx); return nil })
	for range 50 {
		update(t, e, func(tx store.Tx) error {
			for i := range 100 {
				tx.Put(numbered(i).Key, bytes.Repeat([]byte("x"), 2000))
			}
			return nil
		})
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for key, value := range kept {
		if want := strings.TrimLeft(key[len(key)-6:], "0"); string(value) != want && key[len(key)-6:] != "000000" {
			t.Errorf("the value kept of %q became %.20q", key, value)
		}
	}
}

func testBinaryKeys(t *testing.T, e store.Engine) {
	pairs := []pair{
		{"\x00", "1"}, {"\x00\x00", "2"}, {"\x00\xff", "3"}, {"a\x00", "4"}, {"a\x00b", "5"}, {"a\xfe", "6"}, {"a\xff", "7"},
		{"a\xff\xff", "8"}, {"b", "9"}, {"é", "10"}, {"\xff", "11"}, {"\xff\x00", "12"}, {"\xff\xff", "13"},
	}
	put(t, e, pairs...)
	check(t, "the order is that of bytes", all(t, e), pairs...)
	view(t, e, func(r store.Reader) {
		check(t, "under 0x00", collect(r.Scan("\x00", "")), pairs[:3]...)
		check(t, "under a 0xff", collect(r.Scan("a\xff", "")), pairs[6:8]...)
		check(t, "under 0xff", collect(r.Scan("\xff", "")), pairs[10:]...)
		check(t, "under 0xff 0xff", collect(r.Scan("\xff\xff", "")), pairs[12])
		check(t, "behind a 0x00", collect(r.Scan("a", "a\x00\x00")), pairs[4:8]...)
		for _, p := range pairs {
			if got := r.Get(p.Key); string(got) != p.Value {
				t.Errorf("Get(%q) = %q, want %q", p.Key, got, p.Value)
			}
		}
		if got := r.Get("a"); got != nil {
			t.Errorf("Get of a mere prefix = %q", got)
		}
	})
}

func testKeyLengths(t *testing.T, e store.Engine) {
	longest := strings.Repeat("k", store.MaxKeySize)
	put(t, e, pair{longest, "1"})
	check(t, "the longest key", all(t, e), pair{longest, "1"})
	for name, key := range map[string]string{"empty": "", "too long": longest + "k"} {
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			tx.Put("a", []byte("1"))
			tx.Put(key, []byte("1"))
			return nil
		}); err == nil {
			t.Errorf("a key that is %s was put", name)
		}
		view(t, e, func(r store.Reader) {
			if got := r.Get(key); got != nil {
				t.Errorf("Get of a key that is %s = %q", name, got)
			}
		})
		update(t, e, func(tx store.Tx) error { tx.Delete(key); return nil })
	}
	check(t, "afterwards", all(t, e), pair{longest, "1"})
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
		if got := len(collect(r.Scan("own/", ""))); got != want {
			t.Errorf("%d keys were written, want %d", got, want)
		}
		if r.Get("deleted") != nil || len(collect(r.Scan("bad/", ""))) != 0 {
			t.Error("a discarded write is there")
		}
	})
}

func failing(t *testing.T, e store.Engine, w, i int) {
	outcome := (w + i) % 3
	defer func() {
		if got := recover(); (outcome == 2) != (got == errWanted) {
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
	if (outcome == 1) != (err == errWanted) {
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
					for _, v := range r.Scan("", "") {
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

// A closure that keeps to the rules does the same when it runs again.
func testSecondRun(t *testing.T, e store.Engine) {
	for run := range 2 {
		var result []string
		write := func(tx store.Tx) error {
			result = nil
			for key := range tx.Scan("in/", "") {
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
		}); err != errWanted {
			t.Fatal(err)
		}
		update(t, e, write)
		if diff := cmp.Diff([]string{"in/1", "in/2"}, result); diff != "" {
			t.Errorf("run %d (-want +got):\n%s", run, diff)
		}
	}
	check(t, "afterwards", all(t, e), pair{"out/in/1", ""}, pair{"out/in/2", ""})
}

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
		if n := len(collect(r.Scan("", ""))); n != 2000 {
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
	var group sync.WaitGroup
	group.Go(func() {
		view(t, e, func(r store.Reader) {
			close(began)
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
	view(t, e, func(r store.Reader) { reader, seq = r, r.Scan("", "") })
	update(t, e, func(tx store.Tx) error { writer = tx; return nil })
	for name, use := range map[string]func(){
		"Reader.Get":  func() { reader.Get("a") },
		"Reader.Scan": func() { collect(seq) },
		"Tx.Get":      func() { writer.Get("a") },
		"Tx.Put":      func() { writer.Put("a", []byte("2")) },
		"Tx.Delete":   func() { writer.Delete("a") },
		"Tx.Fail":     func() { writer.Fail(errWanted) },
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
