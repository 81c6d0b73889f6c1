package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// residentFile is how much of files is in the test's memory, in KiB.
func residentFile(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(line, "RssFile: %d kB", &kib); n == 1 {
			return kib
		}
	}
	t.Skip("this kernel does not tell RssFile")
	return 0
}

func TestUnload(t *testing.T) {
	if len(programMappings()) == 0 {
		t.Fatal("no part of the program is found in memory")
	}
	before := residentFile(t)
	unload()
	if after := residentFile(t); after > before*3/4 {
		t.Errorf("%d KiB of the program are in memory, and %d before", after, before)
	}
}

// What is written to, as relocations and break points are, is never given up:
// the file does not hold it.
func TestUnloadKeepsWhatIsWritten(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		m, ok := parseMapping(strings.TrimSpace(line), "")
		if !ok || !strings.Contains(strings.Fields(line)[1], "w") {
			continue
		}
		for _, ours := range programMappings() {
			if ours.from < m.to && m.from < ours.to {
				t.Errorf("%s is writable and would be given up", line)
			}
		}
	}
}
