package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGroupLimit(t *testing.T) {
	root := t.TempDir()
	write := func(group, limit string) {
		t.Helper()
		dir := filepath.Join(root, group)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "memory.max"), []byte(limit+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("slice", "1000")
	write("slice/tight", "300")
	write("slice/wide", "5000")
	write("slice/free", "max")
	write("free", "max")
	for own, want := range map[string]int64{
		"0::/slice/tight\n":               300,
		"1:cpu:/x\n0::/slice/wide/gone\n": 1000, // the group around it has less
		"0::/slice/free\n":                1000,
		"0::/free\n":                      0,
		"0::/../../slice\n":               1000,
		"4:memory:/x\n":                   0, // of the first version
	} {
		if got := groupLimit(root, own); got != want {
			t.Errorf("%q: %d, want %d", own, got, want)
		}
	}
	write("", "200") // a container's own
	if got := groupLimit(root, "0::/\n"); got != 200 {
		t.Errorf("at the root: %d, want 200", got)
	}
}
