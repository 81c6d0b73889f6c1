package waxseal_test

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var measure = flag.Bool("measure", false, "measure the program: size, start, idle memory (make measure)")

// TestMeasure builds the program as releases do and prints its size, the time
// from its start to its first answer, and its resident memory when it has
// nothing to do. It judges nothing: the figures are the machine's, too.
func TestMeasure(t *testing.T) {
	if !*measure {
		t.Skip("run it with: make measure")
	}
	program := filepath.Join(t.TempDir(), "waxseal")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./cmd/waxseal")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("size             %.1f MB (%d bytes)\n", float64(info.Size())/1e6, info.Size())
	const starts = 10
	times, memory := make([]time.Duration, starts), make([]int, starts)
	for i := range starts {
		times[i], memory[i] = startOnce(t, program)
	}
	slices.Sort(times)
	slices.Sort(memory)
	fmt.Printf("first answer     %v at the median of %d starts; %v to %v\n", times[starts/2], starts, times[0], times[starts-1])
	if runtime.GOOS == "linux" {
		fmt.Printf("resident, idle   %.1f MiB at the median; %.1f to %.1f\n", float64(memory[starts/2])/1024, float64(memory[0])/1024, float64(memory[starts-1])/1024)
	}
}

// startOnce is the time from the program's start to its first answer, and its
// resident memory in KiB when it has answered once more and been idle since.
func startOnce(t *testing.T, program string) (time.Duration, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program, "serve", "--addr", addr)
	began := time.Now()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	}()
	ask(t, addr)
	took := time.Since(began)
	time.Sleep(time.Second)
	ask(t, addr)
	time.Sleep(300 * time.Millisecond)
	return took, resident(server.Process.Pid)
}

// ask asks until there is an answer.
func ask(t *testing.T, addr string) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(200 * time.Microsecond) {
		answer, err := http.Get("http://" + addr + "/_waxseal/health")
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			return
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal(err)
		}
	}
}

// resident is a process's resident memory in KiB, where Linux tells it.
func resident(pid int) (kib int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if n, err := fmt.Sscanf(line, "VmRSS: %d kB", &kib); n == 1 && err == nil {
			return kib
		}
	}
	return 0
}
