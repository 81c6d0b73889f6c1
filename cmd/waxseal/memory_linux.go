package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// mapping is a range of memory; readOnly: it maps a part of the program file
// that is not writable.
type mapping struct {
	from, to uintptr
	readOnly bool
}

// unload releases the memory that holds the program's own pages. What answers requests
// is mapped again from the page cache, without reading the disk, when it is used again:
// about a hundred page faults, and a third of a millisecond more for the first request.
// What only the start, a collection or a rare call needs is not. Of an idle server it
// is more than half: 6 MiB of 13 after the start, 12 to 16 after calls. Errors are
// ignored: the pages then stay.
func unload() {
	for _, m := range programMappings() {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

// programMappings are the mapped parts of the program file that are read-only
// and unmodified. The loader of a position-independent program, or a debugger,
// can leave modified pages, whose content is not in the file.
func programMappings() (clean []mapping) {
	program, err := os.Executable()
	if err != nil {
		return nil
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer func() { _ = maps.Close() }()
	var current mapping
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		if m, ok := parseMapping(line, program); ok {
			current = m
		}
		if fields := strings.Fields(line); current.readOnly && len(fields) > 1 && fields[0] == "Anonymous:" && fields[1] == "0" {
			clean = append(clean, current)
		}
	}
	return clean
}

// parseMapping reads the line that opens a mapping: its range, access and
// file, as proc_pid_smaps(5) has it.
func parseMapping(line, program string) (m mapping, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return mapping{}, false
	}
	from, to, found := strings.Cut(fields[0], "-")
	if !found {
		return mapping{}, false
	}
	m.from, m.to = address(from), address(to)
	m.readOnly = strings.HasPrefix(fields[1], "r-") && strings.HasSuffix(line, " "+program)
	return m, m.from < m.to
}

// address is 0 for what is no address in hexadecimal digits.
func address(digits string) uintptr {
	a, err := strconv.ParseUint(digits, 16, strconv.IntSize)
	if err != nil {
		return 0
	}
	return uintptr(a)
}
