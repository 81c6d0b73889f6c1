package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

func testSnapshotScan(t *testing.T, e store.Engine) {
	fill(t, e, 1000)
	view(t, e, func(r store.Reader) {
		n := 0
		for key, value := range r.Scan("k", "", store.All) {
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
		view(t, e, func(r store.Reader) { check(t, what, collect(r.Scan(c.prefix, c.from, store.All)), c.want...) })
		update(t, e, func(tx store.Tx) error {
			check(t, what+" in an update", collect(tx.Scan(c.prefix, c.from, store.All)), c.want...)
			return nil
		})
	}
}

// A scan with a limit yields the first so many of what it yields without, in
// whatever layers an engine keeps what it has and what the update wrote.
func testScanLimits(t *testing.T, e store.Engine) {
	fill(t, e, 300)
	scan := func(r store.Reader, want []pair) {
		for _, limit := range []int{1, 2, 3, 99, len(want), len(want) + 1, store.All} {
			expected := want
			if limit != store.All {
				expected = want[:min(limit, len(want))]
			}
			what := fmt.Sprintf("with a limit of %d", limit)
			check(t, what, collect(r.Scan("k", "", limit)), expected...)
			seq := r.Scan("k", want[5].Key, limit)
			for range 2 { // which begins anew
				check(t, what+" from the sixth on", collect(seq), want[5:min(len(want), 5+max(len(expected), 1))]...)
			}
		}
	}
	var want []pair
	for i := range 300 {
		want = append(want, numbered(i))
	}
	view(t, e, func(r store.Reader) { scan(r, want) })
	update(t, e, func(tx store.Tx) error {
		scan(tx, want)
		var changed []pair
		for i, p := range want {
			switch i % 3 {
			case 0:
				tx.Delete(p.Key)
				continue
			case 1:
				p.Value = "new"
				tx.Put(p.Key, []byte(p.Value))
			}
			changed = append(changed, p)
		}
		scan(tx, changed)
		// Writing while scanning does not change how many are wanted.
		n := 0
		for range tx.Scan("k", "", 7) {
			tx.Put(fmt.Sprintf("other%d", n), nil)
			n++
		}
		if n != 7 {
			t.Errorf("a scan with a limit of 7 yielded %d keys while others were put", n)
		}
		return nil
	})
}

func testScanStops(t *testing.T, e store.Engine) {
	fill(t, e, 500)
	scan := func(r store.Reader) {
		n := 0
		for range r.Scan("k", "", store.All) {
			if n++; n == 3 {
				break
			}
		}
		if n != 3 {
			t.Errorf("the loop saw %d entries before it stopped", n)
		}
		// An iterator can be run again, and two at once.
		seq := r.Scan("k", numbered(498).Key, store.All)
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
				for key := range tx.Scan("k", "", store.All) {
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
		for key, value := range r.Scan("", "", store.All) {
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
