package load

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of /proc/PID/stat, 10 ms on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// CPU is the time that a process has computed, as Linux tells it.
func CPU(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return cpuOf(string(stat))
}

func cpuOf(stat string) (cpu time.Duration, err error) {
	// The program's name, in brackets, may hold spaces; what follows does not.
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(f) < 13 {
		return 0, fmt.Errorf("%q tells no CPU time", stat)
	}
	for _, ticks := range f[11:13] {
		n, err := strconv.ParseInt(ticks, 10, 64)
		if err != nil {
			return 0, err
		}
		cpu += time.Duration(n) * clockTick
	}
	return cpu, nil
}

// Resident is a process's resident memory in bytes, as Linux tells it.
func Resident(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0, fmt.Errorf("/proc/%d/status tells no resident memory: %w", pid, err)
	}
	return kib << 10, nil
}
