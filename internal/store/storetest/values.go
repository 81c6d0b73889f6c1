package storetest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

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
		for key, got := range r.Scan("", "", store.All) {
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
		for key, value := range r.Scan("", "", store.All) {
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
		check(t, "under 0x00", collect(r.Scan("\x00", "", store.All)), pairs[:3]...)
		check(t, "under a 0xff", collect(r.Scan("a\xff", "", store.All)), pairs[6:8]...)
		check(t, "under 0xff", collect(r.Scan("\xff", "", store.All)), pairs[10:]...)
		check(t, "under 0xff 0xff", collect(r.Scan("\xff\xff", "", store.All)), pairs[12])
		check(t, "behind a 0x00", collect(r.Scan("a", "a\x00\x00", store.All)), pairs[4:8]...)
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
