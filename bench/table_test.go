package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRows(t *testing.T) {
	for _, c := range []struct {
		row    row
		cells  []string
		missed bool
	}{
		{row{what: "a", ours: micros(36), against: "floor", beside: micros(30), goal: atMost(1.25)}, []string{"a", "36.0 µs", "floor 30.0 µs", "1.20", "≤ 1.25"}, false},
		{row{what: "b", ours: micros(90), against: "floor", beside: micros(20), times: 3, goal: atMost(1.25)}, []string{"b", "90.0 µs", "3 × floor 20.0 µs", "1.50", "≤ 1.25, missed"}, true},
		{row{what: "c", ours: perSecond(1234567), against: "memory", beside: perSecond(2000000), goal: atLeast(0.85)}, []string{"c", "1,234,567 /s", "memory 2,000,000 /s", "0.62", "≥ 0.85, missed"}, true},
		{row{what: "d", ours: mebibytes(1234 << 20), goal: most(450, "MiB")}, []string{"d", "1,234 MiB", "", "", "≤ 450 MiB, missed"}, true},
		{row{what: "e", ours: perSecond(250000), goal: fewest(100000, "/s")}, []string{"e", "250,000 /s", "", "", "≥ 100,000 /s"}, false},
		{row{what: "f", ours: quantity{-0.5, "µs"}, against: "raw", beside: micros(1)}, []string{"f", "-0.50 µs", "raw 1.00 µs", "-0.50", ""}, false},
	} {
		if got := c.row.cells(); !cmp.Equal(got, c.cells) || c.row.missed() != c.missed {
			t.Errorf("%s: %q, missed %v", c.row.what, got, c.row.missed())
		}
	}
}

func TestTable(t *testing.T) {
	tab := &table{settings: "here", rows: []row{
		{what: "a", ours: micros(2), against: "floor", beside: micros(1), goal: atMost(1)},
		{what: "b", ours: micros(2)},
	}}
	for markdown, want := range map[bool]string{
		true:  "| what | waxseal | beside it | ratio | goal |\n|---|---:|---:|---:|---|\n| a | 2.00 µs | floor 1.00 µs | 2.00 | ≤ 1.00, missed |\n| b | 2.00 µs |  |  |  |\n\nhere. 1 of 1 goals are missed.\n",
		false: "what  waxseal  beside it      ratio  goal\na     2.00 µs  floor 1.00 µs  2.00   ≤ 1.00, missed\nb     2.00 µs                        \n\nhere. 1 of 1 goals are missed.\n",
	} {
		var b strings.Builder
		if err := tab.write(&b, markdown); err != nil || b.String() != want {
			t.Errorf("%v\n%s", err, cmp.Diff(want, b.String()))
		}
	}
}

func TestMedian(t *testing.T) {
	for want, values := range map[float64][]float64{3: {9, 1, 3}, 2.5: {9, 2, 3, 1}, 7: {7}} {
		if got := median(values); got != want {
			t.Errorf("the median of %v is %v", values, got)
		}
	}
}

func TestPage(t *testing.T) {
	tab := &table{settings: "here", rows: []row{{what: "a", ours: micros(2)}}}
	name := filepath.Join(t.TempDir(), "page.md")
	for text, want := range map[string]string{
		"# A\n<!-- bench: written by it -->\nold\n<!-- /bench -->\nB\n": "# A\n<!-- bench: written by it -->\n| what | waxseal | beside it | ratio | goal |\n|---|---:|---:|---:|---|\n| a | 2.00 µs |  |  |  |\n\nhere. 0 of 0 goals are missed.\n<!-- /bench -->\nB\n",
		"# A\n": "",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := tab.writePage(name)
		if want == "" {
			if err == nil {
				t.Error("a page without a place takes the table")
			}
			continue
		}
		got, readErr := os.ReadFile(name)
		if err != nil || readErr != nil || string(got) != want {
			t.Errorf("%v, %v\n%s", err, readErr, cmp.Diff(want, string(got)))
		}
	}
}

func TestReadBenchmarks(t *testing.T) {
	got, err := readBenchmarks(strings.NewReader("goos: linux\nBenchmarkParse-2   100   5000 ns/op   200.5 MB/s   7 allocs/op\nBenchmarkDecide/A-2  1  30 ns/op\nBenchmarkDecide/A-2  1  40 ns/op\nPASS\n"))
	want := map[string]map[string][]float64{
		"BenchmarkParse":    {"ns/op": {5000}, "MB/s": {200.5}, "allocs/op": {7}},
		"BenchmarkDecide/A": {"ns/op": {30, 40}},
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
	if _, err := readBenchmarks(strings.NewReader("BenchmarkParse-2 100 many ns/op\n")); err == nil {
		t.Error("what is no number is read")
	}
}
