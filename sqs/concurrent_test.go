package sqs

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/journal"
	"github.com/waxseal/waxseal/internal/testsize"
)

var concurrentMessages = flag.Int("concurrent.messages", testsize.Of(100_000, 20_000), "messages of the concurrency test")

// crashVariable names the folder of the process that TestKill kills.
const crashVariable = "WAXSEAL_TEST_CRASH"

// TestMain looks whether the tests leave anything running.
func TestMain(m *testing.M) {
	if folder := os.Getenv(crashVariable); folder != "" {
		crash(folder)
		return
	}
	before := runtime.NumGoroutine()
	code := m.Run()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(code) // fuzzing listens to signals to the end
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before && code == 0 {
		fmt.Fprintf(os.Stderr, "%d goroutines are left, %d were there before\n", n, before)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

const workers = 16

// TestConcurrent: no message is lost and none comes twice, whoever hurries.
func TestConcurrent(t *testing.T) {
	for name, url := range map[string]func(*testbed) string{
		"standard": func(w *testbed) string { return w.create("q") },
		"kms":      func(w *testbed) string { return w.create("q", "KmsMasterKeyId", "k") },
		"fifo":     func(w *testbed) string { return w.fifo("DeduplicationScope", "messageGroup") },
	} {
		t.Run(name, func(t *testing.T) {
			n := *concurrentMessages
			if name != "standard" {
				n /= 10
			}
			w := newTestbed(t) // whose clock stands still: nothing becomes visible again
			hurry(w, url(w), n, name == "fifo")
		})
	}
}

// hurry sends n messages with many producers to as many consumers.
func hurry(w *testbed, url string, n int, fifo bool) {
	w.Helper()
	var sent, received sync.Map
	var acknowledged, seen atomic.Int64
	var last [workers]atomic.Int64 // of a FIFO group: the number of the last message
	done, cancel := context.WithCancel(ctx())
	defer cancel()

	var producers, consumers sync.WaitGroup
	for p := range workers {
		producers.Go(func() {
			group := fmt.Sprint(p)
			for i := p; i < n; i += workers {
				body := fmt.Sprintf("%d %d", p, i)
				in := &SendMessageInput{QueueUrl: url, MessageBody: body}
				if fifo {
					in.MessageGroupId = &group
				}
				out, err := w.SendMessage(ctx(), in)
				if err != nil {
					w.Error(err)
					return
				}
				sent.Store(out.MessageId, true)
				acknowledged.Add(1)
			}
		})
		consumers.Go(func() {
			for done.Err() == nil {
				ten, wait := int32(10), int32(20)
				out, err := w.ReceiveMessage(done, &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: &ten, WaitTimeSeconds: &wait})
				if err != nil && done.Err() == nil {
					w.Error(err)
					return
				}
				if err != nil {
					return
				}
				batch := &DeleteMessageBatchInput{QueueUrl: url}
				for i, m := range out.Messages {
					if _, twice := received.LoadOrStore(m.MessageId, true); twice {
						w.Errorf("%q came twice", m.Body)
					}
					if fifo {
						var p int
						var number int64
						if _, err := fmt.Sscan(m.Body, &p, &number); err != nil {
							w.Error(err)
						}
						if previous := last[p].Swap(number + 1); previous > number {
							w.Errorf("%q came after number %d", m.Body, previous-1)
						}
					}
					batch.Entries = append(batch.Entries, DeleteMessageBatchRequestEntry{Id: fmt.Sprint(i), ReceiptHandle: m.ReceiptHandle})
				}
				if len(batch.Entries) == 0 {
					continue
				}
				if out, err := w.DeleteMessageBatch(ctx(), batch); err != nil || out.Failed != nil {
					w.Error(out, err)
				}
				if seen.Add(int64(len(batch.Entries))) == int64(n) {
					cancel()
				}
			}
		})
	}
	producers.Wait()
	consumers.Wait()
	if acknowledged.Load() != int64(n) || seen.Load() != int64(n) {
		w.Errorf("%d sent, %d received, want %d", acknowledged.Load(), seen.Load(), n)
	}
	sent.Range(func(id, _ any) bool {
		if _, ok := received.Load(id); !ok {
			w.Errorf("%s was lost", id)
		}
		return true
	})
	w.wantCounts(url, 0, 0, 0)
}

// service is SQS on a folder, as the killed process and its successor have it.
func serviceOn(folder string) (*Service, *clock.Turnable, func(), error) {
	key, err := os.ReadFile(filepath.Join(folder, "root.key"))
	if err != nil {
		return nil, nil, nil, err
	}
	module, err := hsm.New(key)
	if err != nil {
		return nil, nil, nil, err
	}
	engine, err := journal.Open(filepath.Join(folder, "waxseal.db"), journal.Full)
	if err != nil {
		return nil, nil, nil, err
	}
	c := clock.New()
	s := New(Config{Engine: engine, Clock: c, IDs: ids.New(), HSM: module, KMS: new(fakeKMS)})
	return s, c, func() {
		s.Close()
		_ = engine.Close()
	}, nil
}

// crash sends, receives and deletes until it is killed, and says what was acknowledged.
func crash(folder string) {
	s, _, _, err := serviceOn(folder)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	out, err := s.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q"})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	url := out.QueueUrl
	var say sync.Mutex
	line := func(words ...any) {
		say.Lock()
		defer say.Unlock()
		fmt.Println(words...)
	}
	for range workers {
		go func() {
			for {
				out, err := s.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "a body"})
				if err != nil {
					line("error", err)
					return
				}
				line("sent", out.MessageId)
			}
		}()
		go func() {
			for {
				five, wait := int32(5), int32(20)
				out, err := s.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: &five, WaitTimeSeconds: &wait})
				if err != nil {
					line("error", err)
					return
				}
				for i, m := range out.Messages {
					if i%2 == 1 {
						continue // some stay in flight
					}
					line("deleting", m.MessageId)
					if _, err := s.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
						line("error", err)
						return
					}
					line("deleted", m.MessageId)
				}
			}
		}()
	}
	select {}
}

// TestKill kills a process in the middle of its work: whatever it acknowledged
// is so when the next one opens the folder.
func TestKill(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "root.key"), hsm.NewRootKey(), 0o600); err != nil {
		t.Fatal(err)
	}
	said := map[string]map[string]bool{"sent": {}, "deleting": {}, "deleted": {}}
	for round := range 3 {
		workUntilKilled(t, folder, 900, said)
		t.Logf("round %d: %d sent, %d deleted", round, len(said["sent"]), len(said["deleted"]))
	}
	s, c, end, err := serviceOn(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	c.Advance(time.Minute) // what was in flight is visible again
	w := &testbed{T: t, Service: s}
	found := map[string]bool{}
	for {
		got := w.receiveFrom("q", 10)
		if len(got) == 0 {
			break
		}
		for _, m := range got {
			if m.Body != "a body" {
				t.Errorf("the body is %q", m.Body)
			}
			if said["deleted"][m.MessageId] {
				t.Errorf("%s came back after its deletion", m.MessageId)
			}
			found[m.MessageId] = true
		}
	}
	for id := range said["sent"] {
		// A deletion that was under way may or may not have come to pass.
		if !said["deleting"][id] && !found[id] {
			t.Errorf("%s was lost", id)
		}
	}
}

// workUntilKilled lets a process work until it has said n things, and kills it.
func workUntilKilled(t *testing.T, folder string, n int, said map[string]map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashVariable+"="+folder)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	for lines := bufio.NewScanner(pipe); lines.Scan(); n-- {
		word, id, _ := strings.Cut(lines.Text(), " ")
		if said[word] == nil {
			t.Errorf("the process says %q", lines.Text())
			continue
		}
		said[word][id] = true
		if n == 0 && !killed {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed, and says so
}
