package sqs

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// post sends bodies such as g1-m2 to the groups before the hyphen.
func (w *testbed) post(url string, bodies ...string) {
	w.Helper()
	for _, body := range bodies {
		group, _, _ := strings.Cut(body, "-")
		must[*SendMessageOutput](w.T)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: body, MessageGroupId: &group}))
	}
}

func (w *testbed) hide(url, handle string, seconds int32) {
	w.Helper()
	must[*ChangeMessageVisibilityOutput](w.T)(w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: &seconds}))
}

func (w *testbed) fifo(attributes ...string) string {
	w.Helper()
	return w.create("q.fifo", append([]string{"FifoQueue", "true", "ContentBasedDeduplication", "true"}, attributes...)...)
}

func TestFIFODelivery(t *testing.T) {
	t.Run("Q155 order survives the visibility timeout", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g-1", "g-2", "g-3")
		wantBodies(t, w.receiveFrom(url, 2), "g-1", "g-2")
		w.clock.Advance(30 * time.Second)
		wantBodies(t, w.receiveFrom(url, 10), "g-1", "g-2", "g-3")
	})
	t.Run("Q156 as many as possible from a group, then the next", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g1-m1", "g2-m1", "g1-m2", "g1-m3")
		wantBodies(t, w.receiveFrom(url, 10), "g1-m1", "g1-m2", "g1-m3", "g2-m1")
	})
	t.Run("Q157 a group with a message in flight yields nothing", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g-1", "g-2")
		w.receiveFrom(url, 1)
		wantBodies(t, w.receiveFrom(url, 10))
		w.post(url, "g-3", "h-1")
		wantBodies(t, w.receiveFrom(url, 10), "h-1")
		w.wantCounts(url, 2, 2, 0) // [Q069]
	})
	t.Run("Q158 deleting all in flight frees the group, deleting some does not", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g-1", "g-2", "g-3")
		got := w.receiveFrom(url, 2)
		w.delete(url, got[0].ReceiptHandle)
		wantBodies(t, w.receiveFrom(url, 10))
		w.delete(url, got[1].ReceiptHandle)
		wantBodies(t, w.receiveFrom(url, 10), "g-3")
	})
	t.Run("Q159 a message that is visible again comes alone and after other groups", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g1-m1", "g1-m2", "g1-m3", "g2-m1", "g3-m1")
		got := w.receiveFrom(url, 2)
		w.hide(url, got[0].ReceiptHandle, 0)
		wantBodies(t, w.receiveFrom(url, 10), "g2-m1", "g3-m1", "g1-m1")
		wantBodies(t, w.receiveFrom(url, 10))
	})
	for extended, want := range [][]string{nil, {"g-1"}, {"g-1", "g-2"}} {
		t.Run(fmt.Sprint("Q160 extended at position ", extended), func(t *testing.T) {
			w := newTestbed(t)
			url := w.fifo()
			w.post(url, "g-1", "g-2", "g-3")
			got := w.receiveFrom(url, 3)
			w.hide(url, got[extended].ReceiptHandle, 100)
			w.clock.Advance(30 * time.Second)
			wantBodies(t, w.receiveFrom(url, 10), want...)
		})
	}
	t.Run("Q161 receiving with timeout 0 keeps the order and moves the line on", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g1-m1", "g1-m2", "g2-m1")
		peek := &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: p(int32(2)), VisibilityTimeout: p(int32(0))}
		wantBodies(t, must[*ReceiveMessageOutput](t)(w.ReceiveMessage(ctx(), peek)).Messages, "g1-m1", "g1-m2")
		wantBodies(t, w.receiveFrom(url, 10), "g2-m1", "g1-m1", "g1-m2")
	})
	t.Run("Q163 the queue's delay applies to all and keeps their order", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo("DelaySeconds", "10")
		w.post(url, "g-1")
		w.clock.Advance(5 * time.Second)
		w.post(url, "g-2")
		w.wantCounts(url, 0, 0, 2)
		w.clock.Advance(5 * time.Second)
		wantBodies(t, w.receiveFrom(url, 10), "g-1")
		w.clock.Advance(5 * time.Second)
		w.wantCounts(url, 1, 1, 0)
		w.clock.Advance(25 * time.Second)
		wantBodies(t, w.receiveFrom(url, 10), "g-1", "g-2")
	})
	t.Run("a changed delay applies to what is in the queue", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo("DelaySeconds", "100")
		w.post(url, "g-1")
		w.clock.Advance(5 * time.Second)
		wantBodies(t, w.receiveFrom(url, 10))
		w.set(url, "DelaySeconds", "5")
		wantBodies(t, w.receiveFrom(url, 10), "g-1")
	})
	t.Run("Q169 a group that was empty works again", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g-1")
		w.delete(url, w.receiveFrom(url, 1)[0].ReceiptHandle)
		w.post(url, "g-2")
		wantBodies(t, w.receiveFrom(url, 10), "g-2")
	})
	t.Run("order survives a clock that is turned back", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		w.post(url, "g-1")
		w.clock.Advance(-time.Hour)
		w.post(url, "g-2")
		wantBodies(t, w.receiveFrom(url, 10), "g-1", "g-2")
	})
	t.Run("a message that expires at the front frees the group", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo("MessageRetentionPeriod", "60", "VisibilityTimeout", "100")
		w.post(url, "g-1")
		w.receiveFrom(url, 1)
		w.clock.Advance(59 * time.Second)
		w.post(url, "g-2")
		wantBodies(t, w.receiveFrom(url, 10))
		w.clock.Advance(time.Second)
		wantBodies(t, w.receiveFrom(url, 10), "g-2")
	})
}

func TestDeduplication(t *testing.T) {
	send := func(w *testbed, url, group, id, body string) *SendMessageOutput {
		t.Helper()
		in := &SendMessageInput{QueueUrl: url, MessageBody: body, MessageGroupId: &group}
		if id != "" {
			in.MessageDeduplicationId = &id
		}
		return must[*SendMessageOutput](t)(w.SendMessage(ctx(), in))
	}
	t.Run("Q164 five minutes", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		first := send(w, url, "g", "id", "one")
		w.delete(url, w.receiveFrom(url, 1)[0].ReceiptHandle)
		w.clock.Advance(5*time.Minute - time.Millisecond)
		again := send(w, url, "g", "id", "two")
		if again.MessageId != first.MessageId || again.SequenceNumber != first.SequenceNumber {
			t.Errorf("the duplicate is %+v, the first was %+v", again, first)
		}
		w.wantCounts(url, 0, 0, 0)
		w.clock.Advance(time.Millisecond)
		if late := send(w, url, "g", "id", "two"); late.SequenceNumber <= first.SequenceNumber { // [Q090]
			t.Errorf("sequence numbers %s then %s", first.SequenceNumber, late.SequenceNumber)
		}
		wantBodies(t, w.receiveFrom(url, 10), "two")
	})
	t.Run("Q165 by content", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		send(w, url, "g", "", "Test")
		send(w, url, "g", "", "Test")
		got := w.receiveFrom(url, 10)
		wantBodies(t, got, "Test")
		if id := got[0].Attributes["MessageDeduplicationId"]; id != "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25" {
			t.Errorf("MessageDeduplicationId %s", id)
		}
	})
	scopes := []struct {
		fact       string
		attributes []string
		then       []string
		want       []string
	}{
		{"Q166", nil, nil, []string{"one"}},
		{"Q167", []string{"DeduplicationScope", "messageGroup"}, nil, []string{"one", "two"}},
		{"Q167 with the limit", []string{"DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId"}, nil, []string{"one", "two"}},
		{"Q079 to group", nil, []string{"DeduplicationScope", "messageGroup"}, []string{"one"}},
		{"Q079 to queue", []string{"DeduplicationScope", "messageGroup"}, []string{"DeduplicationScope", "queue"}, []string{"one", "two"}},
	}
	for _, c := range scopes {
		t.Run(c.fact, func(t *testing.T) {
			w := newTestbed(t)
			url := w.fifo(c.attributes...)
			if c.then != nil {
				w.set(url, c.then...)
				if got := w.attributes(url)["DeduplicationScope"]; got != c.then[1] {
					t.Errorf("DeduplicationScope %s", got)
				}
			}
			send(w, url, "g", "id", "one")
			send(w, url, "h", "id", "two")
			wantBodies(t, w.receiveFrom(url, 10), c.want...)
		})
	}
	t.Run("Q168 a purge forgets", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		first := send(w, url, "g", "id", "one")
		must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url}))
		second := send(w, url, "g", "id", "two")
		wantBodies(t, w.receiveFrom(url, 10), "two")
		if second.SequenceNumber <= first.SequenceNumber {
			t.Errorf("sequence numbers %s then %s", first.SequenceNumber, second.SequenceNumber)
		}
	})
	t.Run("what expired is forgotten", func(t *testing.T) {
		w := newTestbed(t)
		url := w.fifo()
		for i := range 200 {
			w.delete(url, must[*ReceiveMessageOutput](t)(func() (*ReceiveMessageOutput, error) {
				send(w, url, "g", fmt.Sprint(i), "x")
				return w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})
			}()).Messages[0].ReceiptHandle)
			w.clock.Advance(30 * time.Second)
		}
		if n := w.records(); n > 30 { // ten sends in five minutes, two records each, and some to come
			t.Errorf("%d records for an empty queue", n)
		}
	})
}

func TestFIFORefuses(t *testing.T) {
	id := p("id")
	cases := []struct {
		fact       string
		in         SendMessageInput
		code, text string
	}{
		{"Q100", SendMessageInput{MessageBody: "x", MessageGroupId: id, MessageDeduplicationId: id, DelaySeconds: p(int32(2))}, "InvalidParameterValue",
			"Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."},
		{"Q102", SendMessageInput{MessageBody: "x", MessageDeduplicationId: id}, "MissingParameter", "The request must contain the parameter MessageGroupId."},
		{"Q103", SendMessageInput{MessageBody: "x", MessageGroupId: id}, "InvalidParameterValue",
			"The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"},
		{"Q105", SendMessageInput{MessageBody: "x", MessageGroupId: p("group 123"), MessageDeduplicationId: id}, "InvalidParameterValue",
			"Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"Q105 empty", SendMessageInput{MessageBody: "x", MessageGroupId: p(""), MessageDeduplicationId: id}, "InvalidParameterValue",
			"Value  for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"Q106", SendMessageInput{MessageBody: "x", MessageGroupId: id, MessageDeduplicationId: p(strings.Repeat("x", 129))}, "InvalidParameterValue",
			"Value " + strings.Repeat("x", 129) + " for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newTestbed(t)
			c.in.QueueUrl = w.create("q.fifo", "FifoQueue", "true")
			_, err := w.SendMessage(ctx(), &c.in)
			wantError(t, err, c.code, c.text)
			w.wantCounts(c.in.QueueUrl, 0, 0, 0)
		})
	}
	w := newTestbed(t)
	url := w.create("q.fifo", "FifoQueue", "true", "DelaySeconds", "5")
	ok := &SendMessageInput{QueueUrl: url, MessageBody: "x", MessageGroupId: id, MessageDeduplicationId: p(strings.Repeat("x", 128)), DelaySeconds: p(int32(0))}
	must[*SendMessageOutput](t)(w.SendMessage(ctx(), ok))
	w.wantCounts(url, 0, 0, 1) // [Q101]: the queue's delay applies all the same
}

func TestReceiveAttempt(t *testing.T) {
	w := newTestbed(t)
	url := w.fifo()
	w.post(url, "g-1", "g-2", "h-1")
	attempt := func(id string) []Message {
		t.Helper()
		in := &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: p(int32(2)), ReceiveRequestAttemptId: &id, AttributeNames: []string{"All"}}
		return must[*ReceiveMessageOutput](t)(w.ReceiveMessage(ctx(), in)).Messages
	}
	first := attempt("a")
	wantBodies(t, first, "g-1", "g-2")
	w.clock.Advance(20 * time.Second)
	again := attempt("a")
	for i := range again {
		if again[i].ReceiptHandle != first[i].ReceiptHandle || again[i].Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("again %+v, first %+v", again[i], first[i])
		}
	}
	wantBodies(t, again, "g-1", "g-2")
	w.clock.Advance(20 * time.Second) // the timeout began anew
	w.wantCounts(url, 1, 2, 0)
	wantBodies(t, attempt("b"), "h-1")
	w.delete(url, first[0].ReceiptHandle)
	wantBodies(t, attempt("a")) // one of them is gone: it is another receive
	w.clock.Advance(30 * time.Second)
	wantBodies(t, attempt("a"), "g-2", "h-1") // the line of groups as their timeouts ran out
	_, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, ReceiveRequestAttemptId: p("a b")})
	wantError(t, err, "InvalidParameterValue", "")
	_, err = w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: w.create("q"), ReceiveRequestAttemptId: p("a")})
	wantError(t, err, "InvalidParameterValue", "")
}
