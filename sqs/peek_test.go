package sqs

import (
	"crypto/md5" //nolint:gosec // the protocol's digest
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// peekAt is what Peek shows of a queue in the order in which it shows it.
func (w *testbed) peekAt(queue string, p Peeked) []Message {
	w.Helper()
	return must[*ReceiveMessageOutput](w.T)(w.Peek(w.Context(), account, region, queue, p)).Messages
}

// Peek shows what a receive would get, and on demand what it would not, by the
// clock and without touching it.
func TestPeekChangesNothing(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.sendTo(url, "flying")
	w.receiveFrom(url, 1)
	w.sendTo(url, "ready")
	must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "later", DelaySeconds: p(int32(40))}))
	for range 3 {
		wantBodies(t, w.peekAt("q", Peeked{}), "ready")
	}
	all := w.peekAt("q", Peeked{Invisible: true, Delayed: true})
	wantBodies(t, all, "flying", "ready", "later")
	for i, want := range []string{"false false 1", "true false 0", "false true 0"} {
		a := all[i].Attributes
		if got := a["IsVisible"] + " " + a["IsDelayed"] + " " + a["ApproximateReceiveCount"]; got != want || all[i].ReceiptHandle != PeekHandle {
			t.Errorf("%s is %s with %s, want %s", all[i].Body, got, all[i].ReceiptHandle, want)
		}
	}
	wantBodies(t, w.peekAt("q", Peeked{Invisible: true}), "flying", "ready")
	wantBodies(t, w.peekAt("q", Peeked{Delayed: true}), "ready", "later")
	w.wantCounts(url, 1, 1, 1)

	// What is due is visible although nobody has received meanwhile.
	w.clock.Advance(time.Minute)
	wantBodies(t, w.peekAt("q", Peeked{}), "flying", "ready", "later")
	w.clock.Advance(5 * 24 * time.Hour)
	wantBodies(t, w.peekAt("q", Peeked{Invisible: true, Delayed: true}))
}

// A FIFO group one of whose messages is in flight shows nothing behind it.
func TestPeekAtAFIFOQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q.fifo", "FifoQueue", "true", "ContentBasedDeduplication", "true")
	send := func(group, body string) {
		must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: body, MessageGroupId: p(group)}))
	}
	send("1", "a")
	send("1", "b")
	send("2", "c")
	w.receiveFrom(url, 1)
	wantBodies(t, w.peekAt("q.fifo", Peeked{}), "c")
	all := w.peekAt("q.fifo", Peeked{Invisible: true})
	wantBodies(t, all, "a", "b", "c")
	if a := all[1].Attributes; a["MessageGroupId"] != "1" || a["SequenceNumber"] == "" || a["IsDelayed"] != "" {
		t.Errorf("the attributes are %v", a)
	}
	w.set(url, "DelaySeconds", "60")
	send("3", "d")
	wantBodies(t, w.peekAt("q.fifo", Peeked{}), "c")
	wantBodies(t, w.peekAt("q.fifo", Peeked{Delayed: true}), "c", "d")
}

// A body under a key of KMS is shown as it is stored, and KMS is not asked; what
// SQS itself encrypts, and a message's attributes, are shown.
func TestPeekDoesNotDecryptByKMS(t *testing.T) {
	w := newTestbed(t)
	sealed, managed := w.create("sealed", "KmsMasterKeyId", "alias/k"), w.create("managed")
	for _, url := range []string{sealed, managed} {
		must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{
			QueueUrl: url, MessageBody: "secret text",
			MessageAttributes: map[string]MessageAttributeValue{"a": {DataType: "String", StringValue: "v"}},
		}))
	}
	w.kms.take()
	m := w.peekAt("sealed", Peeked{})[0]
	raw, err := base64.StdEncoding.DecodeString(m.Body)
	sum := md5.Sum([]byte(m.Body)) //nolint:gosec // the protocol's digest
	if err != nil || len(raw) < len("secret text") || strings.Contains(string(raw), "secret") || m.MD5OfBody != hex.EncodeToString(sum[:]) {
		t.Errorf("the body is %q (%v) with MD5 %s", m.Body, err, m.MD5OfBody)
	}
	if got := m.MessageAttributes["a"].StringValue; got != "v" || m.MD5OfMessageAttributes == "" {
		t.Errorf("the attributes are %v", m.MessageAttributes)
	}
	if calls := w.kms.take(); len(calls) > 0 {
		t.Errorf("KMS was asked: %q", calls)
	}
	wantBodies(t, w.peekAt("managed", Peeked{}), "secret text")
	_, err = w.Peek(t.Context(), account, region, "absent", Peeked{})
	wantError(t, err, ErrQueueDoesNotExist.Query(), "")
}
