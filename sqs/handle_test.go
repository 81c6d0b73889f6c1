package sqs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (w *testbed) deleteBatch(url string, handles ...string) *DeleteMessageBatchOutput {
	w.Helper()
	in := &DeleteMessageBatchInput{QueueUrl: url}
	for i, handle := range handles {
		in.Entries = append(in.Entries, DeleteMessageBatchRequestEntry{string(rune('a' + i)), handle})
	}
	return must[*DeleteMessageBatchOutput](w.T)(w.DeleteMessageBatch(ctx(), in))
}

func (w *testbed) hideBatch(url string, seconds int32, handles ...string) *ChangeMessageVisibilityBatchOutput {
	w.Helper()
	in := &ChangeMessageVisibilityBatchInput{QueueUrl: url}
	for i, handle := range handles {
		in.Entries = append(in.Entries, ChangeMessageVisibilityBatchRequestEntry{string(rune('a' + i)), handle, seconds})
	}
	return must[*ChangeMessageVisibilityBatchOutput](w.T)(w.ChangeMessageVisibilityBatch(ctx(), in))
}

// receivedTwice is a message of a standard queue whose first receive has run
// out and whose second holds it, with the handles of both.
func (w *testbed) receivedTwice(url string) (first, second string) {
	w.Helper()
	w.sendTo(url, "x")
	first = w.receiveFrom(url, 1)[0].ReceiptHandle
	w.clock.Advance(30 * time.Second)
	second = w.receiveFrom(url, 1)[0].ReceiptHandle
	w.wantCounts(url, 0, 1, 0)
	return first, second
}

func TestEarlierHandleDeletesWhatALaterReceiveHolds(t *testing.T) {
	for name, del := range map[string]func(w *testbed, url, handle string){
		"alone": func(w *testbed, url, handle string) { w.delete(url, handle) },
		"in a batch": func(w *testbed, url, handle string) {
			if out := w.deleteBatch(url, handle); len(out.Successful) != 1 {
				w.Errorf("%+v", out)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { // [Q171a]
			w := newTestbed(t)
			url := w.create("q")
			first, second := w.receivedTwice(url)
			del(w, url, first)
			w.wantCounts(url, 0, 0, 0)
			w.clock.Advance(time.Hour)
			wantBodies(t, w.receiveFrom(url, 1))
			w.delete(url, second)
			_, err := w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: second, VisibilityTimeout: p(int32(1))})
			wantError(t, err, "InvalidParameterValue", // [Q175]
				"Value "+second+" for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")
		})
	}
	t.Run("of a tenant of a fair queue", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q")
		must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "x", MessageGroupId: p("tenant")}))
		first := w.receiveFrom(url, 1)[0].ReceiptHandle
		w.clock.Advance(30 * time.Second)
		w.receiveFrom(url, 1)
		w.delete(url, first)
		w.wantCounts(url, 0, 0, 0)
	})
	t.Run("when nobody holds it", func(t *testing.T) { // [Q171]
		w := newTestbed(t)
		url := w.create("q")
		w.sendTo(url, "x")
		handle := w.receiveFrom(url, 1)[0].ReceiptHandle
		w.clock.Advance(time.Minute)
		w.delete(url, handle)
		w.wantCounts(url, 0, 0, 0)
	})
}

func TestEarlierHandleChangesWhatALaterReceiveHolds(t *testing.T) {
	for name, hide := range map[string]func(w *testbed, url, handle string, seconds int32){
		"alone": (*testbed).hide,
		"in a batch": func(w *testbed, url, handle string, seconds int32) {
			if out := w.hideBatch(url, seconds, handle); len(out.Successful) != 1 {
				w.Errorf("%+v", out)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { // [Q171a]
			w := newTestbed(t)
			url := w.create("q")
			first, second := w.receivedTwice(url)
			hide(w, url, first, 100)
			w.clock.Advance(99 * time.Second)
			w.wantCounts(url, 0, 1, 0)
			hide(w, url, first, 0)
			w.wantCounts(url, 1, 0, 0)
			wantBodies(t, w.receiveFrom(url, 1), "x")
			w.delete(url, second)
			w.wantCounts(url, 0, 0, 0)
		})
	}
}

func TestMessageWhoseTimeoutRanOutStaysAvailable(t *testing.T) {
	for name, end := range map[string]func(w *testbed, url, handle string){
		"it ran out":            func(w *testbed, _, _ string) { w.clock.Advance(30 * time.Second) },
		"it ran out unseen":     func(w *testbed, _, _ string) { w.clock.Advance(time.Hour) },
		"it was ended":          func(w *testbed, url, handle string) { w.hide(url, handle, 0) },
		"ran out and was seen":  func(w *testbed, url, _ string) { w.clock.Advance(30 * time.Second); w.wantCounts(url, 1, 0, 0) },
		"ended and seen":        func(w *testbed, url, handle string) { w.hide(url, handle, 0); w.wantCounts(url, 1, 0, 0) },
		"received without hide": nil,
	} {
		t.Run(name, func(t *testing.T) { // [Q176]
			w := newTestbed(t)
			url := w.create("q")
			w.sendTo(url, "x")
			in := &ReceiveMessageInput{QueueUrl: url}
			if end == nil {
				in.VisibilityTimeout = p(int32(0))
			}
			handle := must[*ReceiveMessageOutput](t)(w.ReceiveMessage(ctx(), in)).Messages[0].ReceiptHandle
			if end != nil {
				end(w, url, handle)
			}
			w.hide(url, handle, 60)
			if out := w.hideBatch(url, 60, handle); len(out.Successful) != 1 {
				t.Errorf("%+v", out)
			}
			w.wantCounts(url, 1, 0, 0)
			wantBodies(t, w.receiveFrom(url, 1), "x")
		})
	}
}

func TestExpiredHandleOfFIFOQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.fifo()
	w.post(url, "g-1")
	handle := w.receiveFrom(url, 1)[0].ReceiptHandle
	w.hide(url, handle, 60)
	w.clock.Advance(59 * time.Second)
	w.hide(url, handle, 60)
	w.clock.Advance(60 * time.Second)
	refused := func(when string) {
		t.Helper()
		text := "Value " + handle + " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
		_, err := w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle})
		wantError(t, err, "InvalidParameterValue", text) // [Q172]
		_, err = w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: p(int32(1))})
		wantError(t, err, "InvalidParameterValue", text)
		entry := []BatchResultErrorEntry{{"a", true, "ReceiptHandleIsInvalid", "The receipt handle has expired"}} // [Q171b]
		if diff := cmp.Diff(entry, w.deleteBatch(url, handle).Failed); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
		if diff := cmp.Diff(entry, w.hideBatch(url, 1, handle).Failed); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	refused("the timeout ran out")
	next := w.receiveFrom(url, 1)[0].ReceiptHandle
	refused("it was received again")
	w.hide(url, next, 100)
	w.clock.Advance(99 * time.Second)
	w.delete(url, next) // [Q173]
	w.delete(url, next) // [Q170]
}

func TestHandleOfAnotherQueue(t *testing.T) {
	w := newTestbed(t)
	url, other := w.create("q"), w.create("other")
	w.sendTo(other, "x")
	handle := w.receiveFrom(other, 1)[0].ReceiptHandle
	text := `The receipt handle "` + handle + `" is not valid for this queue.`
	_, err := w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle})
	wantError(t, err, "ReceiptHandleIsInvalid", text)
	_, err = w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: p(int32(1))})
	wantError(t, err, "ReceiptHandleIsInvalid", text)
	entry := []BatchResultErrorEntry{{"a", true, "ReceiptHandleIsInvalid", text}} // [Q171b]
	if diff := cmp.Diff(entry, w.deleteBatch(url, handle).Failed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(entry, w.hideBatch(url, 1, handle).Failed); diff != "" {
		t.Error(diff)
	}
	w.wantCounts(other, 0, 1, 0)
	changed := strings.NewReplacer("A", "B", "B", "A").Replace(handle)
	_, err = w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: changed})
	wantError(t, err, "ReceiptHandleIsInvalid", `The input receipt handle "`+changed+`" is not a valid receipt handle.`)
}

// earlierHandle is a handle in the form of earlier versions, whose MAC was over
// the receipt and the queue's ARN.
func (w *testbed) earlierHandle(handle, queueARN string) string {
	w.Helper()
	wrapped := must[[]byte](w.T)(w.handles.load(ctx()))
	mac := hmac.New(sha256.New, must[[]byte](w.T)(w.HSM.Unwrap(wrapped, handlesLabel)))
	receipt := must[[]byte](w.T)(base64.StdEncoding.DecodeString(handle))[:receiptSize]
	mac.Write(receipt)
	mac.Write([]byte(queueARN))
	return base64.StdEncoding.EncodeToString(append(receipt, mac.Sum(nil)[:macSize]...))
}

// Whoever received a message from an earlier version deletes it at this one.
func TestHandleOfAnEarlierVersion(t *testing.T) {
	w := newTestbed(t)
	url, other := w.create("q"), w.create("other")
	w.sendTo(url, "x")
	handle := w.earlierHandle(w.receiveFrom(url, 1)[0].ReceiptHandle, arnOf("q"))
	_, err := w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: other, ReceiptHandle: handle})
	wantError(t, err, "ReceiptHandleIsInvalid", `The input receipt handle "`+handle+`" is not a valid receipt handle.`)
	w.wantCounts(url, 0, 1, 0)
	w.delete(url, handle)
	w.wantCounts(url, 0, 0, 0)
}

func TestHandleOfAMessageThatIsElsewhere(t *testing.T) {
	for name, move := range map[string]func(w *testbed, url string){
		"purged": func(w *testbed, url string) {
			must[*PurgeQueueOutput](w.T)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url}))
		},
		"a dead letter": func(w *testbed, url string) {
			w.clock.Advance(30 * time.Second)
			wantBodies(w.T, w.receiveFrom(url, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
			dlq := w.create("dlq")
			url := w.create("q", redriveTo("dlq", 1)...)
			w.sendTo(url, "x")
			handle := w.receiveFrom(url, 1)[0].ReceiptHandle
			move(w, url)
			before := len(w.receiveFrom(dlq, 1))
			w.delete(url, handle)
			w.wantCounts(dlq, 0, before, 0)
			_, err := w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: p(int32(1))})
			wantError(t, err, "InvalidParameterValue", "Value "+handle+" for parameter ReceiptHandle is invalid. "+
				"Reason: Message does not exist or is not available for visibility timeout change.")
		})
	}
}
