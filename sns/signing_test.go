package sns

import (
	"crypto"
	"fmt"
	"io"
	"strings"
	"testing"
)

// countingSigner counts signatures.
type countingSigner struct {
	crypto.Signer
	made int
}

func (s *countingSigner) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	s.made++
	return s.Signer.Sign(rand, digest, opts)
}

// TestSignaturesAreFew: a signature, which costs more than all the rest, is made once for
// a text, and only where a subscriber gets it.
func TestSignaturesAreFew(t *testing.T) {
	w := newTestbed(t)
	counter := &countingSigner{Signer: must(w.signer.current(request())).key}
	w.signer.pair.key = counter
	for _, name := range []string{"raw", "mixed", "newer", "ordered.fifo"} {
		var attributes []string
		if isFifo(name) {
			attributes = []string{"FifoTopic", "true"}
		}
		topic := w.createTopic(name, attributes...)
		for i := range 5 {
			queue := fmt.Sprintf("%s-%s-%d", testQueue, name, i)
			w.subscribe(topic, "sqs", queue, "RawMessageDelivery", "true")
			if name != "raw" {
				w.subscribe(topic, "sqs", queue+"-enveloped")
			}
		}
	}
	mixed := testTopicNamed("mixed")
	w.subscribe(mixed, "lambda", "arn:aws:lambda:us-east-1:123456789012:function:f")
	w.set(t, testTopicNamed("newer"), "SignatureVersion", "2")
	for _, c := range []struct {
		name string
		want int
		in   PublishInput
	}{
		{"raw", 0, PublishInput{Message: "m"}},
		{"mixed", 1, PublishInput{Message: "m"}},
		{"mixed", 2, PublishInput{MessageStructure: "json", Message: `{"default":"m","lambda":"another text"}`}},
		{"mixed", 1, PublishInput{MessageStructure: "json", Message: `{"default":"m","http":"a text that nobody gets"}`}},
		{"newer", 1, PublishInput{Message: "m"}},
		{"ordered.fifo", 0, PublishInput{Message: "m", MessageGroupId: "g", MessageDeduplicationId: "d"}},
	} {
		counter.made = 0
		c.in.TopicArn = ptr(testTopicNamed(c.name))
		w.publish(&c.in)
		if counter.made != c.want {
			t.Errorf("%s, %q: %d signatures, want %d", c.name, c.in.Message, counter.made, c.want)
		}
	}
	counter.made = 0
	must(w.PublishBatch(request(), &PublishBatchInput{TopicArn: mixed, PublishBatchRequestEntries: []PublishBatchRequestEntry{{Id: "1", Message: "m"}, {Id: "2", Message: "m"}}}))
	if counter.made != 2 {
		t.Errorf("%d signatures for two messages", counter.made)
	}
}

func testTopicNamed(name string) string { return strings.TrimSuffix(testTopic, "orders") + name }
