package main

import (
	"os"
	"path"
	"strconv"
	"strings"
)

// memoryLimit is how many bytes of memory the system lets the program have, by the
// control groups that it is in; 0: it does not say.
func memoryLimit() int64 {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	return groupLimit("/sys/fs/cgroup", string(own))
}

// groupLimit is the least memory.max of the groups that the second version's line of a
// proc_pid_cgroup names, and of those around them, below root. Of a container the
// innermost one is at the root itself.
func groupLimit(root, own string) (limit int64) {
	for line := range strings.Lines(own) {
		group, found := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !found {
			continue
		}
		for group = path.Clean("/" + group); ; group = path.Dir(group) {
			text, err := os.ReadFile(path.Join(root, group, "memory.max")) // no group but the outermost is without
			if n, bad := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && bad == nil && (limit == 0 || n < limit) {
				limit = n // which is not "max"
			}
			if group == "/" {
				return limit
			}
		}
	}
	return 0
}
