package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
)

// The environment of a child process names the store to write to, and how.
const (
	writerFile       = "WAXSEAL_TEST_WRITER"
	writerDurability = "WAXSEAL_TEST_DURABILITY"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		if err := writeForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForever writes pairs of records by many updates at once, and a line to
// standard output for each that was acknowledged. The log is so short that it goes on in
// its other file, and checkpoints run, all the time.
func writeForever(path string) error {
	e, err := Open(path, Durability(os.Getenv(writerDurability)))
	if err != nil {
		return err
	}
	e.turn.Lock()
	e.log.size = 1 << 18
	e.turn.Unlock()
	failed := make(chan error)
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d/%d/%d", os.Getpid(), w, i)
				if err := e.Update(context.Background(), func(tx store.Tx) error {
					tx.Put("a/"+name, []byte(valueOf(name)))
					tx.Put("b/"+name, nil)
					return nil
				}); err != nil {
					failed <- err
				}
				if _, err := os.Stdout.WriteString(name + "\n"); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// valueOf is what is written under a name: for some a large value.
func valueOf(name string) string {
	times := 20
	if strings.HasSuffix(name, "7") {
		times = filedSize
	}
	return strings.Repeat(name, times)
}

// A process that is killed in the middle of many updates loses nothing that it
// acknowledged, and leaves no half of an update, whichever durability it and its
// predecessors had.
func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	for _, durabilities := range [][3]Durability{{Full, Full, Full}, {Relaxed, Relaxed, Relaxed}, {Relaxed, Full, Relaxed}} {
		t.Run(fmt.Sprint(durabilities), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "waxseal.db")
			var acknowledged []string
			for i, durability := range durabilities {
				acknowledged = append(acknowledged, runAndKill(t, path, durability)...)
				verify(t, path, durabilities[(i+1)%3], acknowledged)
			}
		})
	}
}

func runAndKill(t *testing.T, path string, durability Durability) (acknowledged []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), writerFile+"="+path, writerDurability+"="+string(durability))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == 500 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(acknowledged) < 500 {
		t.Fatalf("the child ended by itself (%v) after %d updates", err, len(acknowledged))
	}
	return acknowledged
}

func verify(t *testing.T, path string, durability Durability, acknowledged []string) {
	t.Helper()
	check(t, path)
	e, err := Open(path, durability)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := e.View(t.Context(), func(r store.Reader) error {
		for _, name := range acknowledged {
			if got := string(r.Get("a/" + name)); got != valueOf(name) || r.Get("b/"+name) == nil {
				t.Errorf("%s was acknowledged and is not there: %.100q", name, got)
			}
		}
		for key := range r.Scan("a/", "", store.All) {
			if r.Get("b/"+strings.TrimPrefix(key, "a/")) == nil {
				t.Errorf("half an update is there: %s", key)
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// A second process is told at once that the file is taken.
func TestFileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	e := start(t, path, Full)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), writerFile+"="+path, writerDurability+"="+string(Full))
	var stderr strings.Builder
	child.Stderr = &stderr
	if err := child.Run(); err == nil {
		t.Error("a second process opened the same file")
	}
	if got, want := stderr.String(), "store: "+path+" is in use by another process\n"; got != want {
		t.Errorf("it was told %q, want %q", got, want)
	}
	if err := e.Update(t.Context(), func(tx store.Tx) error { tx.Put("a", nil); return nil }); err != nil {
		t.Errorf("the first one afterwards: %v", err)
	}
}
