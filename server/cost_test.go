//go:build !race

package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// What one call costs the handler: everything but net/http's own work. A user with one
// policy signs it, so that the signature is verified and policies are evaluated.
const (
	costlyKey    = "AKIAIOSFODNN7EXAMPLE"
	costlySecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	costly       = `accounts:
  "123456789012":
    users:
      - name: costly
        accessKey: {id: ` + costlyKey + `, secret: ` + costlySecret + `}
        policies:
          all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
    keys:
      - {id: 1234abcd-12ab-34cd-56ef-1234567890ab, alias: alias/shop}
    queues:
      - name: q
      - name: enc
        attributes: {KmsMasterKeyId: alias/shop}
`
)

// caller makes calls of a handler over a connection in memory, with next to no cost of its own.
type caller struct {
	t       testing.TB
	handler http.Handler
	header  http.Header
	status  int
	answer  []byte
}

func newCaller(t testing.TB) *caller {
	t.Helper()
	file := filepath.Join(t.TempDir(), "costly.yaml")
	if err := os.WriteFile(file, []byte(costly), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := fixture.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return &caller{t: t, handler: servertest.New(t, server.Config{Fixtures: set}), header: http.Header{}}
}

// prepared is a call that is signed and can be made again and again.
type prepared struct {
	request *http.Request
	body    *bytes.Reader
}

func (c *caller) prepare(operation string, input any) *prepared {
	return c.prepareJSON("sqs", "AmazonSQS."+operation, input)
}

func (c *caller) prepareJSON(service, target string, input any) *prepared {
	c.t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.sign(service, body, map[string]string{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target})
}

// prepareForm is a call of SNS.
func (c *caller) prepareForm(parameters ...string) *prepared {
	c.t.Helper()
	form := url.Values{"Version": {"2010-03-31"}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	return c.sign("sns", []byte(form.Encode()), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

func (c *caller) sign(service string, body []byte, header map[string]string) *prepared {
	c.t.Helper()
	p := &prepared{body: bytes.NewReader(body)}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", p.body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("User-Agent", "costly/1.0")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(c.t.Context(), aws.Credentials{AccessKeyID: costlyKey, SecretAccessKey: costlySecret}, r, hex.EncodeToString(hash[:]), service, server.DefaultRegion, time.Now()); err != nil {
		c.t.Fatal(err)
	}
	p.request = r
	return p
}

// call makes a call that succeeds.
func (c *caller) call(p *prepared) {
	if _, err := p.body.Seek(0, io.SeekStart); err != nil {
		c.t.Fatal(err)
	}
	clear(c.header)
	c.status, c.answer = 0, c.answer[:0]
	c.handler.ServeHTTP(c, p.request)
	if c.status != http.StatusOK {
		c.t.Fatalf("answered %d %s", c.status, c.answer)
	}
}

// Header, WriteHeader and Write implement http.ResponseWriter.
func (c *caller) Header() http.Header    { return c.header }
func (c *caller) WriteHeader(status int) { c.status = status }
func (c *caller) Write(b []byte) (int, error) {
	c.answer = append(c.answer, b...)
	return len(b), nil
}

func queueURL(name string) string { return "http://127.0.0.1:4566/123456789012/" + name }

// sending is a SendMessage of 1 KiB.
func (c *caller) sending(queue string) *prepared {
	return c.prepare("SendMessage", map[string]any{"QueueUrl": queueURL(queue), "MessageBody": strings.Repeat("x", 1024)})
}

// dataKey is a GenerateDataKey.
func (c *caller) dataKey() *prepared {
	return c.prepareJSON("kms", "TrentService.GenerateDataKey", map[string]any{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "KeySpec": "AES_256"})
}

// publishing is a Publish of 1 KiB to a new topic, which delivers it raw to so many new queues.
func (c *caller) publishing(queues int) *prepared {
	c.t.Helper()
	const arn = "arn:aws:%s:us-east-1:123456789012:%s"
	topic := fmt.Sprintf(arn, "sns", "to"+strconv.Itoa(queues))
	c.call(c.prepareForm("Action", "CreateTopic", "Name", "to"+strconv.Itoa(queues)))
	for i := range queues {
		queue := fmt.Sprintf("of%d-%d", queues, i)
		c.call(c.prepare("CreateQueue", map[string]any{"QueueName": queue, "Attributes": map[string]string{"Policy": fromTopics}}))
		c.call(c.prepareForm("Action", "Subscribe", "TopicArn", topic, "Protocol", "sqs", "Endpoint", fmt.Sprintf(arn, "sqs", queue),
			"Attributes.entry.1.key", "RawMessageDelivery", "Attributes.entry.1.value", "true"))
	}
	return c.prepareForm("Action", "Publish", "TopicArn", topic, "Message", strings.Repeat("x", 1024))
}

// fromTopics lets topics send to a queue.
const fromTopics = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`

// BenchmarkCall is the handler's part of a call's time and garbage.
//
//	go test -run '^$' -bench Call -benchmem ./server
func BenchmarkCall(b *testing.B) {
	for _, queue := range []string{"q", "enc"} {
		b.Run("send/"+queue, func(b *testing.B) {
			c := newCaller(b)
			send := c.sending(queue)
			b.ReportAllocs()
			for b.Loop() {
				c.call(send)
			}
		})
	}
	b.Run("data-key", func(b *testing.B) {
		c := newCaller(b)
		dataKey := c.dataKey()
		b.ReportAllocs()
		for b.Loop() {
			c.call(dataKey)
		}
	})
	for _, queues := range []int{1, 11} {
		b.Run(fmt.Sprintf("publish/%d", queues), func(b *testing.B) {
			c := newCaller(b)
			publish := c.publishing(queues)
			b.ReportAllocs()
			for b.Loop() {
				c.call(publish)
			}
		})
	}
	b.Run("receive", func(b *testing.B) {
		c := newCaller(b)
		send := c.sending("q")
		receive := c.prepare("ReceiveMessage", map[string]any{"QueueUrl": queueURL("q")})
		for range b.N {
			c.call(send)
		}
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			c.call(receive)
		}
	})
	b.Run("delete", func(b *testing.B) {
		c := newCaller(b)
		send := c.sending("q")
		receive := c.prepare("ReceiveMessage", map[string]any{"QueueUrl": queueURL("q")})
		deletes := make([]*prepared, b.N)
		for i := range deletes {
			c.call(send)
			c.call(receive)
			deletes[i] = c.prepare("DeleteMessage", map[string]any{"QueueUrl": queueURL("q"), "ReceiptHandle": c.received()})
		}
		b.ReportAllocs()
		b.ResetTimer()
		for _, p := range deletes {
			c.call(p)
		}
	})
}

// received is the receipt handle in the last answer.
func (c *caller) received() string {
	var out struct {
		Messages []struct{ ReceiptHandle string }
	}
	if err := json.Unmarshal(c.answer, &out); err != nil || len(out.Messages) != 1 {
		c.t.Fatalf("received %s", c.answer)
	}
	return out.Messages[0].ReceiptHandle
}

// What a call allocates is bounded, with a little room: most of it is what is kept of the
// message, the decision and the call.
func TestCallAllocates(t *testing.T) {
	const runs = 100 // and one before them
	c := newCaller(t)
	send, sendEncrypted := c.sending("q"), c.sending("enc")
	dataKey, publish, publishMore := c.dataKey(), c.publishing(1), c.publishing(11)
	receive := c.prepare("ReceiveMessage", map[string]any{"QueueUrl": queueURL("q")})
	var deletes []*prepared
	for range runs + 1 {
		c.call(send)
		c.call(receive)
		deletes = append(deletes, c.prepare("DeleteMessage", map[string]any{"QueueUrl": queueURL("q"), "ReceiptHandle": c.received()}))
	}
	for _, test := range []struct {
		name string
		most float64
		call func()
	}{
		{"SendMessage", 33, func() { c.call(send) }},
		{"SendMessage with SSE-KMS", 33, func() { c.call(sendEncrypted) }},
		{"GenerateDataKey", 25, func() { c.call(dataKey) }},
		{"Publish to a queue", 76, func() { c.call(publish) }},
		{"Publish to eleven queues", 390, func() { c.call(publishMore) }},
		{"ReceiveMessage", 77, func() { c.call(receive) }},
		{"DeleteMessage", 43, func() { c.call(deletes[0]); deletes = deletes[1:] }},
	} {
		if n := testing.AllocsPerRun(runs, test.call); n > test.most {
			t.Errorf("%s: %v allocations, want %v at most", test.name, n, test.most)
		}
	}
}
