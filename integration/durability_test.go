package integration

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

const secret = "PETTRACKER-PLAINTEXT"

func TestEncryptedMessagesSurviveKill(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		durability []string // of the server that is killed, and of the next
		attributes func(key string) map[string]string
	}{
		{"SSE-KMS", []string{"full", "relaxed"}, func(key string) map[string]string { return map[string]string{"KmsMasterKeyId": key} }},
		{"SSE-SQS", []string{"relaxed", "full"}, func(string) map[string]string { return nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := t.TempDir()
			p := serve(t, "--data", data, "--durability", test.durability[0])
			c := newClients(t, p.config(p.url))
			id, _ := c.key()
			queue, _ := c.queue("durable", test.attributes(id))
			const messages, producers = 1000, 8
			var wg sync.WaitGroup
			failed := make(chan error, producers)
			for producer := range producers {
				wg.Go(func() {
					for i := producer; i < messages; i += producers {
						if err := c.send(queue, fmt.Sprintf("%s %d", secret, i)); err != nil {
							failed <- err
							return
						}
					}
				})
			}
			wg.Wait()
			close(failed)
			for err := range failed {
				t.Fatal(err)
			}
			_ = p.stop(syscall.SIGKILL)
			searchPlaintext(t, data)

			p = serve(t, "--data", data, "--durability", test.durability[1])
			c = newClients(t, p.config(p.url))
			if got := c.attribute(p.url+"/123456789012/durable", "ApproximateNumberOfMessages"); got != fmt.Sprint(messages) {
				t.Errorf("after the restart there are %s messages, want %d", got, messages)
			}
			found := map[string]bool{}
			for deadline := time.Now().Add(time.Minute); len(found) < messages && time.Now().Before(deadline); {
				bodies := c.bodies(p.url + "/123456789012/durable")
				if len(bodies) == 0 {
					break
				}
				for _, body := range bodies {
					found[body] = true
				}
			}
			for i := range messages {
				if body := fmt.Sprintf("%s %d", secret, i); !found[body] {
					t.Fatalf("%q is lost; %d of %d were found", body, len(found), messages)
				}
			}
			if err := p.stop(syscall.SIGTERM); err != nil {
				t.Errorf("after SIGTERM: %v\n%s", err, p.stderr)
			}
			searchPlaintext(t, data)
		})
	}
}

// searchPlaintext fails where a body stands in any file of the folder.
func searchPlaintext(t *testing.T, folder string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte(secret)) {
			err = errors.New(path + " holds a plaintext body")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if files == 0 {
		t.Error("the data folder is empty")
	}
}
