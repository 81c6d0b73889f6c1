package integration

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// atRestMessage is a message of GET /_waxseal/at-rest.
type atRestMessage struct {
	MessageID, Encryption, KeyID        string
	EncryptedDataKey, Nonce, Ciphertext []byte
	Body                                *string
}

// TestAtRest: of a queue with either kind of encryption the file holds
// ciphertext and no body, of one without the body [A3.1] [A3.6]; what the
// control API shows is what the file holds; and KMS opens the data key of SSE-KMS
// with the queue's encryption context alone [A5.1].
func TestAtRest(t *testing.T) {
	data := t.TempDir()
	p := serve(t, "--data", data)
	c := newClients(t, p.config(p.url))
	id, keyARN := c.key()
	type stored struct {
		queue, queueARN, body, encryption string
		message                           atRestMessage
	}
	queues := []stored{
		{queue: "with-kms", body: "PLAINTEXT-OF-SSE-KMS", encryption: "SSE-KMS"},
		{queue: "with-sqs", body: "PLAINTEXT-OF-SSE-SQS", encryption: "SSE-SQS"},
		{queue: "without", body: "PLAINTEXT-OF-NO-QUEUE-WITH-ENCRYPTION", encryption: "none"},
	}
	for i := range queues {
		q := &queues[i]
		attributes := map[string]map[string]string{"SSE-KMS": {"KmsMasterKeyId": id}, "none": {"SqsManagedSseEnabled": "false"}}[q.encryption]
		var url string
		url, q.queueARN = c.queue(q.queue, attributes)
		if err := c.send(url, q.body); err != nil {
			t.Fatal(err)
		}
		if got := c.bodies(url); len(got) != 1 || got[0] != q.body { // the plaintext was in memory
			t.Fatalf("%s: received %q", q.queue, got)
		}
		var answer struct{ Messages []atRestMessage }
		if err := json.Unmarshal(p.get("/_waxseal/at-rest/123456789012/us-east-1/"+q.queue), &answer); err != nil || len(answer.Messages) != 1 {
			t.Fatalf("%s: %+v, %v", q.queue, answer, err)
		}
		q.message = answer.Messages[0]
	}

	dataKey := openDataKey(t, c, queues[0].message.EncryptedDataKey, map[string]string{"aws:sqs:arn": queues[0].queueARN})
	if queues[0].message.KeyID != keyARN || queues[1].message.KeyID != "" {
		t.Errorf("keys %q and %q, want %q and none", queues[0].message.KeyID, queues[1].message.KeyID, keyARN)
	}
	blob := &kms.DecryptInput{CiphertextBlob: queues[0].message.EncryptedDataKey, EncryptionContext: map[string]string{"aws:sqs:arn": queues[1].queueARN}}
	_, err := c.kms.Decrypt(t.Context(), blob)
	want(t, "the data key with another queue's encryption context", err, answer{400, "InvalidCiphertextException", ""})
	if got := openBody(t, dataKey, queues[0].message, queues[0].queueARN); got != queues[0].body {
		t.Errorf("the ciphertext is that of %q", got)
	}

	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(data, "waxseal.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queues {
		m, inFile := q.message, bytes.Contains(file, []byte(q.body))
		if m.Encryption != q.encryption {
			t.Errorf("%s: encryption %s, want %s", q.queue, m.Encryption, q.encryption)
		}
		if q.encryption == "none" {
			if m.Body == nil || *m.Body != q.body || m.Ciphertext != nil || !inFile {
				t.Errorf("%s: %+v, in the file: %t", q.queue, m, inFile)
			}
			continue
		}
		if m.Body != nil || inFile {
			t.Errorf("%s: the body is at rest: %+v, in the file: %t", q.queue, m, inFile)
		}
		sealed := append(bytes.Clone(m.Nonce), m.Ciphertext...)
		if len(m.Nonce) != 12 || len(m.Ciphertext) != len(q.body)+16 || !bytes.Contains(file, sealed) || !bytes.Contains(file, m.EncryptedDataKey) {
			t.Errorf("%s: what is shown is not what the file holds: %+v", q.queue, m)
		}
	}
	if bytes.Contains(file, dataKey) {
		t.Error("the file holds a data key in plaintext")
	}
}

func openDataKey(t *testing.T, c *clients, wrapped []byte, context map[string]string) []byte {
	t.Helper()
	out, err := c.kms.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: wrapped, EncryptionContext: context})
	if err != nil {
		t.Fatal(err)
	}
	return out.Plaintext
}

// openBody decrypts what is at rest, bound to its queue and message.
func openBody(t *testing.T, dataKey []byte, m atRestMessage, queueARN string) string {
	t.Helper()
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	body, err := aead.Open(nil, m.Nonce, m.Ciphertext, []byte(queueARN+"\n"+m.MessageID))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
