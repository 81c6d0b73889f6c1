package floor

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/bench/load"
)

// kept is a store that shows what it was given.
type kept struct{ bodies [][]byte }

func (k *kept) Put(b []byte) error {
	k.bodies = append(k.bodies, b)
	return nil
}

func serve(t *testing.T, s Store) *load.Client {
	srv := httptest.NewServer(New(s).Handler())
	t.Cleanup(srv.Close)
	c := load.NewClient(strings.TrimPrefix(srv.URL, "http://"))
	t.Cleanup(c.Close)
	return c
}

func call(t *testing.T, c *load.Client, r *load.Request, out any) {
	t.Helper()
	body, err := c.Call(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatal(err)
	}
}

func TestSend(t *testing.T) {
	k := new(kept)
	c := serve(t, k)
	type result struct{ Id, MessageId, MD5OfMessageBody string }
	var one result
	call(t, c, load.SQS("SendMessage", map[string]string{"QueueUrl": "q", "MessageBody": "hello"}), &one)
	var batch struct{ Successful []result }
	call(t, c, load.SQS("SendMessageBatch", map[string]any{"Entries": []map[string]string{{"Id": "a", "MessageBody": "hello"}, {"Id": "b", "MessageBody": "world"}}}), &batch)
	if len(batch.Successful) != 2 || batch.Successful[1].Id != "b" || batch.Successful[0].MD5OfMessageBody != one.MD5OfMessageBody ||
		one.MD5OfMessageBody != "5d41402abc4b2a76b9719d911017c592" || len(one.MessageId) != 36 {
		t.Errorf("%+v, %+v", one, batch)
	}
	if len(k.bodies) != 3 || len(k.bodies[0]) != 12+5+16 || bytes.Contains(k.bodies[0], []byte("hello")) {
		t.Errorf("%q is kept", k.bodies)
	}
}

func TestKMS(t *testing.T) {
	c := serve(t, new(kept))
	var sealed, key struct{ CiphertextBlob, Plaintext []byte }
	call(t, c, load.KMS("Encrypt", map[string]any{"KeyId": "k", "Plaintext": []byte("hello")}), &sealed)
	call(t, c, load.KMS("GenerateDataKey", map[string]any{"KeyId": "k", "KeySpec": "AES_256"}), &key)
	for _, x := range [][2][]byte{{sealed.CiphertextBlob, []byte("hello")}, {key.CiphertextBlob, key.Plaintext}} {
		var got struct{ Plaintext []byte }
		call(t, c, load.KMS("Decrypt", map[string][]byte{"CiphertextBlob": x[0]}), &got)
		if !bytes.Equal(got.Plaintext, x[1]) || len(x[1]) == 0 {
			t.Errorf("opened %q, want %q", got.Plaintext, x[1])
		}
	}
	for _, bad := range []string{"", "a", strings.Repeat("a", 60)} {
		if _, err := c.Call(load.KMS("Decrypt", map[string][]byte{"CiphertextBlob": []byte(bad)})); err == nil {
			t.Errorf("%q opens", bad)
		}
	}
}

func TestRefused(t *testing.T) {
	k := new(kept)
	srv := httptest.NewServer(New(k).Handler())
	defer srv.Close()
	for _, authorization := range []string{"", "AWS4-HMAC-SHA256 Credential=" + load.AccessKey + "/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00"} {
		r, err := http.NewRequest(http.MethodPost, srv.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", authorization)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%q: status %d", authorization, answer.StatusCode)
		}
	}
	if _, err := serve(t, k).Call(load.SQS("DeleteQueue", struct{}{})); err == nil {
		t.Error("what is no operation is answered")
	}
}

// What is put is in the file, and many writers share commits.
func TestGroup(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	b, err := OpenBolt(name)
	if err != nil {
		t.Fatal(err)
	}
	commits := 0
	ready := make(chan struct{})
	g := NewGroup(func(records [][]byte) error {
		<-ready
		commits++
		return b.Commit(records)
	})
	const writers = 50
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			if err := g.Put([]byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	close(ready)
	wg.Wait()
	n := 0
	err = b.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(messages).ForEach(func(_, v []byte) error { n++; return nil })
	})
	if err != nil || n != writers || commits > writers {
		t.Errorf("%d records in %d commits, %v", n, commits, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := g.Put(nil); err == nil {
		t.Error("a closed file takes records")
	}
}

func TestGroupTellsErrors(t *testing.T) {
	full := errors.New("full")
	if err := NewGroup(func([][]byte) error { return full }).Put(nil); !errors.Is(err, full) {
		t.Error(err)
	}
}

func TestMemory(t *testing.T) {
	m := new(Memory)
	for range len(m.kept) + 3 {
		_ = m.Put([]byte("x"))
	}
	if m.next != 3 {
		t.Errorf("the next goes to place %d", m.next)
	}
}
