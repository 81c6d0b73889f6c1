package sqs

import (
	"context"
	"testing"
	"time"
)

func TestSendReceiveDelete(t *testing.T) {
	for _, attributes := range [][]string{nil, {"SqsManagedSseEnabled", "false"}, {"KmsMasterKeyId", "key"}} {
		w := newTestbed(t)
		url := w.create("q", attributes...)
		sent := w.sendTo(url, "message")
		if sent.MD5OfMessageBody != "78e731027d8fd50ed642340b7c9a63b3" { // [Q098]
			t.Errorf("MD5 %s", sent.MD5OfMessageBody)
		}
		w.wantCounts(url, 1, 0, 0)
		got := w.receiveFrom(url, 10)
		wantBodies(t, got, "message")
		if got[0].MessageId != sent.MessageId || got[0].MD5OfBody != sent.MD5OfMessageBody {
			t.Errorf("received %+v, sent %+v", got[0], sent)
		}
		w.wantCounts(url, 0, 1, 0)
		wantBodies(t, w.receiveFrom(url, 10)) // it is in flight
		w.delete(url, got[0].ReceiptHandle)
		w.delete(url, got[0].ReceiptHandle) // [Q170]
		w.wantCounts(url, 0, 0, 0)
		w.clock.Advance(time.Minute)
		wantBodies(t, w.receiveFrom(url, 10))
	}
}

func TestVisibilityTimeout(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "VisibilityTimeout", "30")
	w.sendTo(url, "first")
	first := w.receiveFrom(url, 1)[0]
	w.sendTo(url, "second")
	w.clock.Advance(30*time.Second - time.Millisecond)
	w.wantCounts(url, 1, 1, 0)
	w.clock.Advance(time.Millisecond)
	w.wantCounts(url, 2, 0, 0)
	got := w.receiveFrom(url, 10)
	wantBodies(t, got, "first", "second")            // [Q154]
	if first.ReceiptHandle == got[0].ReceiptHandle { // [Q139]
		t.Error("two receives gave one handle")
	}
	if got[0].Attributes["ApproximateReceiveCount"] != "2" || got[0].Attributes["ApproximateFirstReceiveTimestamp"] != first.Attributes["ApproximateFirstReceiveTimestamp"] { // [Q144]
		t.Errorf("attributes %v", got[0].Attributes)
	}
}

func TestDelay(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "DelaySeconds", "60")
	w.sendTo(url, "as the queue says")
	_, err := w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "at once", DelaySeconds: p(int32(0))})
	if err != nil {
		t.Fatal(err)
	}
	w.wantCounts(url, 1, 0, 1)
	wantBodies(t, w.receiveFrom(url, 10), "at once")
	w.clock.Advance(time.Minute)
	wantBodies(t, w.receiveFrom(url, 10), "as the queue says", "at once")
}

func TestRetention(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "MessageRetentionPeriod", "60")
	w.sendTo(url, "in flight")
	in := w.receiveFrom(url, 1)[0]
	w.sendTo(url, "ready")
	w.clock.Advance(time.Minute)
	w.delete(url, in.ReceiptHandle) // [Q153]
	wantBodies(t, w.receiveFrom(url, 10))
	w.wantCounts(url, 0, 0, 0)
}

func TestLongPoll(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	receive := func(ctx context.Context) chan []Message {
		out := make(chan []Message, 1)
		go func() {
			got, err := w.ReceiveMessage(ctx, &ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: p(int32(20))})
			if err != nil {
				t.Error(err)
				got = &ReceiveMessageOutput{}
			}
			out <- got.Messages
		}()
		w.waitForPolls(url, 1)
		return out
	}
	t.Run("wakes by a send", func(t *testing.T) {
		out := receive(ctx())
		w.sendTo(url, "hello")
		wantBodies(t, <-out, "hello")
	})
	t.Run("wakes when the visibility timeout runs out", func(t *testing.T) {
		out := receive(ctx())
		w.clock.Advance(30 * time.Second) // also the end of the wait
		<-out
		w.clock.Advance(30 * time.Second)
		wantBodies(t, w.receiveFrom(url, 1), "hello")
		w.clock.Advance(20 * time.Second)
		out = receive(ctx())
		w.clock.Advance(10 * time.Second)
		wantBodies(t, <-out, "hello")
	})
	t.Run("ends empty", func(t *testing.T) {
		out := receive(ctx())
		w.clock.Advance(20 * time.Second)
		wantBodies(t, <-out)
	})
	t.Run("ends with its request", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx())
		out := receive(ctx)
		cancel()
		wantBodies(t, <-out)
	})
	t.Run("ends with the service", func(t *testing.T) {
		out := receive(ctx())
		w.Close()
		wantBodies(t, <-out)
	})
}

// waitForPolls returns when n long polls wait at the queue and have looked.
func (w *testbed) waitForPolls(url string, n int) {
	w.Helper()
	arn := queueName(ctx(), url).arn()
	w.waitFor(func() bool {
		w.waiters.mu.Lock()
		defer w.waiters.mu.Unlock()
		c := w.waiters.queues[arn]
		return c != nil && c.size >= n && w.clock.Waiting() >= n
	})
}
