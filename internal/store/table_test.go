package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// queue is a record that derives something when it is loaded.
type queue struct {
	Name   string
	Tags   map[string]string
	Policy json.RawMessage `json:",omitempty"`

	loaded int    // how often Load ran
	upper  string // derived
}

var errBadName = errors.New("bad name")

func (q *queue) Load() error {
	if q.Name == "bad" {
		return errBadName
	}
	q.loaded++
	q.upper = strings.ToUpper(q.Name)
	return nil
}

// engines runs a test on every engine.
func engines(t *testing.T, test func(*testing.T, store.Engine)) {
	t.Run("mem", func(t *testing.T) { test(t, mem.New()) })
	t.Run("twice", func(t *testing.T) { test(t, rerun.Twice(mem.New())) })
	t.Run("conflicting", func(t *testing.T) { test(t, rerun.Conflicting(mem.New())) })
	t.Run("disk", func(t *testing.T) {
		e := disk.Open(t, filepath.Join(t.TempDir(), "waxseal.db"))
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(t, e)
	})
}

func update(t *testing.T, e store.Engine, write func(store.Tx)) {
	t.Helper()
	if err := e.Update(t.Context(), func(tx store.Tx) error { write(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, e store.Engine, table *store.Table[queue], key string) (q *queue) {
	t.Helper()
	if err := e.View(t.Context(), func(r store.Reader) error { q = table.Get(r, key); return nil }); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestTable(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		if got := get(t, e, queues, "a"); got != nil {
			t.Errorf("Get of a missing record = %v", got)
		}
		want := &queue{Name: "orders <&> \u2028", Tags: map[string]string{"k": "v"}, Policy: json.RawMessage(`{"Version":"2012-10-17"}`)}
		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", want) })
		got := get(t, e, queues, "a")
		if got.Name != want.Name || !cmp.Equal(got.Tags, want.Tags) || string(got.Policy) != string(want.Policy) {
			t.Errorf("Get = %+v, want %+v", got, want)
		}
		if got == want {
			t.Error("the record that was put is the one that is read")
		}
		update(t, e, func(tx store.Tx) {
			queues.Delete(tx, "a")
			queues.Delete(tx, "missing")
			if got := queues.Get(tx, "a"); got != nil {
				t.Errorf("Get of a deleted record = %v", got)
			}
		})
		if got := get(t, e, queues, "a"); got != nil {
			t.Errorf("Get of a deleted record = %v", got)
		}
	})
}

func TestTableSharesDecodedRecords(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "one"}) })
		first := get(t, e, queues, "a")
		if first.loaded != 1 || first.upper != "ONE" {
			t.Errorf("Load ran %d times and derived %q", first.loaded, first.upper)
		}
		if second := get(t, e, queues, "a"); second != first || second.loaded != 1 {
			t.Error("an unchanged record was decoded again")
		}
		if err := e.View(t.Context(), func(r store.Reader) error {
			for _, q := range queues.Scan(r, "", "", store.All) {
				if q != first {
					t.Error("Scan decoded an unchanged record again")
				}
			}
			return nil
		}); err != nil {
			t.Error(err)
		}

		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "two"}) })
		if changed := get(t, e, queues, "a"); changed.Name != "two" || changed.upper != "TWO" || changed.loaded != 1 {
			t.Errorf("a changed record is read as %+v", changed)
		}
		if first.Name != "one" {
			t.Error("a record that a reader holds was changed")
		}

		// Stored again after it was deleted, and equal to before or not.
		update(t, e, func(tx store.Tx) { queues.Delete(tx, "a") })
		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "one"}) })
		if again := get(t, e, queues, "a"); again.Name != "one" {
			t.Errorf("a record that came back is read as %+v", again)
		}
	})
}

// What a discarded transaction wrote, and read back, is not kept.
func TestTableAfterDiscardedWrites(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "old"}) })
		discard := errors.New("discard")
		for name, write := range map[string]func(store.Tx){
			"put":    func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "new"}); queues.Put(tx, "b", &queue{Name: "new"}) },
			"delete": func(tx store.Tx) { queues.Delete(tx, "a") },
		} {
			get(t, e, queues, "a")
			if err := e.Update(t.Context(), func(tx store.Tx) error {
				write(tx)
				if q := queues.Get(tx, "a"); name == "put" && q.Name != "new" || name == "delete" && q != nil {
					t.Errorf("%s: the transaction reads %+v", name, q)
				}
				return discard
			}); !errors.Is(err, discard) {
				t.Fatal(err)
			}
			if q := get(t, e, queues, "a"); q == nil || q.Name != "old" {
				t.Errorf("after a discarded %s: %+v", name, q)
			}
			if q := get(t, e, queues, "b"); q != nil {
				t.Errorf("after a discarded %s a record is there: %+v", name, q)
			}
		}
	})
}

// A view goes on to read its own state while others see the next one.
func TestTableInAnOldSnapshot(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "old"}) })
		if err := e.View(t.Context(), func(r store.Reader) error {
			var other sync.WaitGroup
			other.Go(func() {
				update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "new"}) })
				if q := get(t, e, queues, "a"); q.Name != "new" {
					t.Errorf("a later view reads %q", q.Name)
				}
			})
			other.Wait()
			if q := queues.Get(r, "a"); q.Name != "old" {
				t.Errorf("an earlier view reads %q", q.Name)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if q := get(t, e, queues, "a"); q.Name != "new" {
			t.Errorf("afterwards a view reads %q", q.Name)
		}
	})
}

func TestTableEditIsIndependent(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		update(t, e, func(tx store.Tx) { queues.Put(tx, "a", &queue{Name: "q", Tags: map[string]string{"k": "old"}}) })
		shared := get(t, e, queues, "a")
		update(t, e, func(tx store.Tx) {
			if got := queues.Edit(tx, "missing"); got != nil {
				t.Errorf("Edit of a missing record = %v", got)
			}
			edited := queues.Edit(tx, "a")
			if edited == shared || edited.upper != "Q" {
				t.Errorf("Edit = %+v, shared: %v", edited, edited == shared)
			}
			edited.Tags["k"] = "new"
			if got := queues.Get(tx, "a").Tags["k"]; got != "old" {
				t.Errorf("before Put the record has the tag %q", got)
			}
			queues.Put(tx, "a", edited)
			edited.Tags["k"] = "newer"
			if got := queues.Get(tx, "a").Tags["k"]; got != "new" {
				t.Errorf("after Put the record has the tag %q", got)
			}
		})
		if got := get(t, e, queues, "a").Tags["k"]; got != "new" || shared.Tags["k"] != "old" {
			t.Errorf("afterwards: stored %q, shared earlier %q", got, shared.Tags["k"])
		}
	})
}

func TestTableScan(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues, others := store.NewTable[queue]("queue"), store.NewTable[queue]("queue2")
		update(t, e, func(tx store.Tx) {
			for _, key := range []string{"a/2", "b/1", "a/1", "a/3", "c"} {
				queues.Put(tx, key, &queue{Name: key})
				others.Put(tx, key, &queue{Name: "other"})
			}
		})
		for _, c := range []struct {
			prefix, from string
			limit        int
			want         []string
		}{
			{"", "", 9, []string{"a/1", "a/2", "a/3", "b/1", "c"}},
			{"a/", "", 9, []string{"a/1", "a/2", "a/3"}},
			{"a/", "a/2", 9, []string{"a/2", "a/3"}},
			{"", "b", 9, []string{"b/1", "c"}},
			{"a/", "", 2, []string{"a/1", "a/2"}},
			{"a/", "", store.All, []string{"a/1", "a/2", "a/3"}},
			{"a/", "a/2", 1, []string{"a/2"}},
			{"x", "", 9, nil},
		} {
			var got []string
			if err := e.View(t.Context(), func(r store.Reader) error {
				got = nil
				for key, q := range queues.Scan(r, c.prefix, c.from, c.limit) {
					if q.Name != key {
						t.Errorf("the record of %q is %q", key, q.Name)
					}
					got = append(got, key)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("Scan(%q, %q, %d) (-want +got):\n%s", c.prefix, c.from, c.limit, diff)
			}
		}
	})
}

// A record that cannot be read fails the transaction, and says which it is.
func TestTableFailures(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		update(t, e, func(tx store.Tx) {
			tx.Put("queue\x00broken", []byte("{"))
			queues.Put(tx, "bad", &queue{Name: "bad"})
			queues.Put(tx, "good", &queue{Name: "good"})
		})
		reads := map[string]func(r store.Reader, key string){
			"Get": func(r store.Reader, key string) {
				if q := queues.Get(r, key); q != nil {
					t.Errorf("Get = %+v", q)
				}
			},
			"GetMany": func(r store.Reader, key string) {
				if q := queues.GetMany(r, []string{"good", key, "missing"}); len(q) != 3 || q[0].Name != "good" || q[1] != nil || q[2] != nil {
					t.Errorf("GetMany = %+v", q)
				}
			},
			"Scan": func(r store.Reader, key string) {
				for range queues.Scan(r, key, "", store.All) {
					t.Error("Scan yields it")
				}
			},
		}
		for name, read := range reads {
			for _, key := range []string{"broken", "bad"} {
				err := e.View(t.Context(), func(r store.Reader) error { read(r, key); return nil })
				if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("record %q of %q", key, "queue")) {
					t.Errorf("%s of %s: %v", name, key, err)
				}
				if key == "bad" && !errors.Is(err, errBadName) {
					t.Errorf("%s of %s: %v is not Load's error", name, key, err)
				}
			}
		}
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			if q := queues.Edit(tx, "bad"); q != nil {
				t.Errorf("Edit = %+v", q)
			}
			tx.Put("other", nil)
			return nil
		}); !errors.Is(err, errBadName) {
			t.Errorf("Edit: %v", err)
		}
		unencodable := store.NewTable[chan int]("chan")
		if err := e.Update(t.Context(), func(tx store.Tx) error {
			unencodable.Put(tx, "a", new(chan int))
			return nil
		}); err == nil || !strings.Contains(err.Error(), `record "a" of "chan"`) {
			t.Errorf("Put of what has no JSON: %v", err)
		}
		if q := get(t, e, queues, "good"); q.Name != "good" {
			t.Errorf("another record: %+v", q)
		}
	})
}

// Who can do without the records that cannot be read is told of them, and gets the others.
func TestScanWhole(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		update(t, e, func(tx store.Tx) {
			tx.Put("queue\x00broken", []byte("{"))
			queues.Put(tx, "bad", &queue{Name: "bad"})
			queues.Put(tx, "good", &queue{Name: "good"})
			queues.Put(tx, "a", &queue{Name: "a"})
			queues.Put(tx, "z", &queue{Name: "z"})
		})
		var got, damaged []string
		if err := e.View(t.Context(), func(r store.Reader) error {
			got, damaged = nil, nil
			for key := range queues.ScanWhole(r, "", "", 2, func(key string, err error) { damaged = append(damaged, fmt.Sprint(key, " ", err)) }) {
				got = append(got, key)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := e.View(t.Context(), func(r store.Reader) error {
			found, missed := []string{}, 0
			for _, q := range queues.GetManyWhole(r, []string{"z", "bad", "missing", "a"}, func(string, error) { missed++ }) {
				if q == nil {
					found = append(found, "none")
				} else {
					found = append(found, q.Name)
				}
			}
			if diff := cmp.Diff([]string{"z", "none", "none", "a"}, found); diff != "" || missed != 1 {
				t.Errorf("GetManyWhole missed %d and answers (-want +got):\n%s", missed, diff)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a", "good"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(damaged) != 2 || !strings.Contains(damaged[0], `bad store: record "bad" of "queue"`) || !strings.Contains(damaged[1], `broken store: record "broken"`) {
			t.Errorf("damaged %q", damaged)
		}
	})
}

func TestTableIsSafeForConcurrentUse(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		queues := store.NewTable[queue]("queue")
		var group sync.WaitGroup
		for g := range 8 {
			group.Go(func() {
				for i := range 50 {
					key := fmt.Sprint(i % 5)
					switch {
					case g == 0 && i%10 == 9:
						update(t, e, func(tx store.Tx) { queues.Delete(tx, key) })
					case g < 4:
						update(t, e, func(tx store.Tx) { queues.Put(tx, key, &queue{Name: key + "/" + fmt.Sprint(g, i)}) })
					default:
						if q := get(t, e, queues, key); q != nil && (!strings.HasPrefix(q.Name, key+"/") || q.upper != q.Name || q.loaded != 1) {
							t.Errorf("the record of %s is %+v", key, q)
						}
					}
				}
			})
		}
		group.Wait()
	})
}

// estate derives something that its heirs take over where it is the same.
type estate struct {
	Text, Other string
	derived     *string
}

func (e *estate) Load() error {
	text := e.Text
	e.derived = &text
	return nil
}

func (e *estate) Reuse(old *estate) {
	if *e.derived == *old.derived {
		e.derived = old.derived
	}
}

func TestTableRecordsInherit(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		table := store.NewTable[estate]("estate")
		put := func(key string, record estate) *estate {
			t.Helper()
			update(t, e, func(tx store.Tx) { table.Put(tx, key, &record) })
			var got *estate
			if err := e.View(t.Context(), func(r store.Reader) error {
				got = table.Get(r, key)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return got
		}
		first := put("k", estate{Text: "a"})
		if second := put("k", estate{Text: "a", Other: "x"}); second == first || second.derived != first.derived || second.Other != "x" {
			t.Errorf("a record that changed elsewhere: %+v after %+v", second, first)
		}
		if third := put("k", estate{Text: "b", Other: "x"}); third.derived == first.derived || *third.derived != "b" {
			t.Errorf("a record that changed: %+v after %+v", third, first)
		}
		if other := put("l", estate{Text: "a"}); other.derived == first.derived {
			t.Error("a record inherited of another key's")
		}
	})
}
