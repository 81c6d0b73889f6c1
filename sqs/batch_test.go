package sqs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func entries(n int) []SendMessageBatchRequestEntry {
	var out []SendMessageBatchRequestEntry
	for i := range n {
		out = append(out, SendMessageBatchRequestEntry{Id: fmt.Sprint("id_", i), MessageBody: fmt.Sprint("body ", i)})
	}
	return out
}

func TestBatchRefuses(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	const badID = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
	const simple = "AWS.SimpleQueueService."
	cases := []struct {
		fact       string
		ids        []string
		code, text string
	}{
		{"M003, M004", nil, simple + "EmptyBatchRequest", "There should be at least one %s in the request."},
		{"M007, Q178", strings.Split("abcdefghijk", ""), simple + "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 11."},
		{"Q123, Q178", strings.Split("abcdefghijklmnopqrst", ""), simple + "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 20."},
		{"Q124, Q179", []string{"a:b"}, simple + "InvalidBatchEntryId", badID},
		{"M005 empty", []string{""}, simple + "InvalidBatchEntryId", badID},
		{"M005 81", []string{strings.Repeat("x", 81)}, simple + "InvalidBatchEntryId", badID},
		{"M006", []string{"id_1", "id_2", "id_2", "id_1"}, simple + "BatchEntryIdsNotDistinct", "Id id_2 repeated."},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			text := func(kind string) string {
				if strings.Contains(c.text, "%s") {
					return fmt.Sprintf(c.text, kind)
				}
				return c.text
			}
			send, del, hide := &SendMessageBatchInput{QueueUrl: url}, &DeleteMessageBatchInput{QueueUrl: url}, &ChangeMessageVisibilityBatchInput{QueueUrl: url}
			for _, id := range c.ids {
				send.Entries = append(send.Entries, SendMessageBatchRequestEntry{Id: id, MessageBody: "x"})
				del.Entries = append(del.Entries, DeleteMessageBatchRequestEntry{Id: id})
				hide.Entries = append(hide.Entries, ChangeMessageVisibilityBatchRequestEntry{Id: id})
			}
			_, err := w.SendMessageBatch(ctx(), send)
			wantError(t, err, c.code, text("SendMessageBatchRequestEntry"))
			_, err = w.DeleteMessageBatch(ctx(), del)
			wantError(t, err, c.code, text("DeleteMessageBatchRequestEntry"))
			_, err = w.ChangeMessageVisibilityBatch(ctx(), hide)
			wantError(t, err, c.code, text("ChangeMessageVisibilityBatchRequestEntry"))
		})
	}
	w.wantCounts(url, 0, 0, 0)
}

func TestSendMessageBatch(t *testing.T) {
	send := func(w *testbed, url string, entries []SendMessageBatchRequestEntry) (*SendMessageBatchOutput, error) {
		return w.SendMessageBatch(ctx(), &SendMessageBatchInput{QueueUrl: url, Entries: entries})
	}
	t.Run("ten", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q")
		out := must[*SendMessageBatchOutput](t)(send(w, url, entries(10)))
		if len(out.Successful) != 10 || out.Failed != nil { // [Q023]
			t.Errorf("%+v", out)
		}
		for i, s := range out.Successful {
			if s.Id != fmt.Sprint("id_", i) || s.MessageId == "" || s.MD5OfMessageBody != hexMD5(fmt.Sprint("body ", i)) || s.SequenceNumber != "" || s.MD5OfMessageAttributes != "" {
				t.Errorf("%+v", s) // [Q131]
			}
		}
		w.wantCounts(url, 10, 0, 0)
		wantBodies(t, w.receiveFrom(url, 2), "body 0", "body 1")
	})
	t.Run("Q125, M008 total size", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q")
		list := entries(2)
		list[0].MessageBody = strings.Repeat("x", maxMessageSize/2)
		list[1].MessageBody = strings.Repeat("x", maxMessageSize/2-9) // and a Number n of 1 make 8 bytes
		list[1].MessageAttributes = map[string]MessageAttributeValue{"n": {DataType: "Number", StringValue: "12"}}
		must[*SendMessageBatchOutput](t)(send(w, url, list))
		list[1].MessageAttributes["n"] = MessageAttributeValue{DataType: "Number", StringValue: "123"}
		_, err := send(w, url, list)
		wantError(t, err, "AWS.SimpleQueueService.BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
	})
	t.Run("Q126, Q127, Q128 entries fail alone", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q", "MaximumMessageSize", "1024")
		list := entries(4)
		list[0].MessageBody = strings.Repeat("x", 1025)
		list[1].MessageBody = "\x00"
		list[2].MessageBody = strings.Repeat("x", 1024)
		list[3].MessageBody = strings.Repeat("y", 1024)
		out := must[*SendMessageBatchOutput](t)(send(w, url, list))
		want := []BatchResultErrorEntry{
			{"id_0", true, "InvalidParameterValue", "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."},
			{"id_1", true, "InvalidMessageContents", "Invalid binary character '#x0' was found in the message body, the set of allowed characters is " + allowedCharacters},
		}
		if diff := cmp.Diff(want, out.Failed); diff != "" {
			t.Error(diff)
		}
		if len(out.Successful) != 2 || out.Successful[0].Id != "id_2" {
			t.Errorf("successful: %+v", out.Successful)
		}
		w.wantCounts(url, 2, 0, 0)
	})
	t.Run("all fail", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q")
		out := must[*SendMessageBatchOutput](t)(send(w, url, []SendMessageBatchRequestEntry{{Id: "a"}}))
		if len(out.Failed) != 1 || out.Failed[0].Code != "MissingParameter" || out.Successful != nil {
			t.Errorf("%+v", out)
		}
	})
	t.Run("Q129, Q130 FIFO entries fail all", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q.fifo", "FifoQueue", "true")
		list := entries(2)
		list[0].MessageGroupId, list[0].MessageDeduplicationId = p("g"), p("1")
		list[1].MessageGroupId = p("g")
		_, err := send(w, url, list)
		wantError(t, err, "InvalidParameterValue", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
		list[1].MessageGroupId, list[1].MessageDeduplicationId = nil, p("2")
		_, err = send(w, url, list)
		wantError(t, err, "InvalidParameterValue", "The request must contain the parameter MessageGroupId.")
		w.wantCounts(url, 0, 0, 0)
		list[1].MessageGroupId = p("g")
		out := must[*SendMessageBatchOutput](t)(send(w, url, list))
		if out.Successful[0].SequenceNumber >= out.Successful[1].SequenceNumber || len(out.Successful[0].SequenceNumber) != 20 {
			t.Errorf("sequence numbers %+v", out.Successful)
		}
	})
}

func TestDeleteAndChangeVisibilityInBatches(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	must[*SendMessageBatchOutput](t)(w.SendMessageBatch(ctx(), &SendMessageBatchInput{QueueUrl: url, Entries: entries(4)}))
	got := w.receiveFrom(url, 4)
	hide := must[*ChangeMessageVisibilityBatchOutput](t)(w.ChangeMessageVisibilityBatch(ctx(), &ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []ChangeMessageVisibilityBatchRequestEntry{
		{"a", got[0].ReceiptHandle, 0}, {"b", "garbage", 0}, {"c", got[1].ReceiptHandle, 43201}, {"d", got[2].ReceiptHandle, 43200},
	}}))
	if len(hide.Successful) != 2 || hide.Successful[1].Id != "d" || len(hide.Failed) != 2 || hide.Failed[0].Code != "ReceiptHandleIsInvalid" || hide.Failed[1].Code != "InvalidParameterValue" {
		t.Errorf("%+v", hide)
	}
	w.wantCounts(url, 1, 3, 0)
	del := must[*DeleteMessageBatchOutput](t)(w.DeleteMessageBatch(ctx(), &DeleteMessageBatchInput{QueueUrl: url, Entries: []DeleteMessageBatchRequestEntry{
		{"a", got[3].ReceiptHandle}, {"b", got[3].ReceiptHandle}, {"c", ""}, {"d", "garbage"},
	}}))
	want := []BatchResultErrorEntry{
		{"c", true, "MissingParameter", "The request must contain the parameter ReceiptHandle."},
		{"d", true, "ReceiptHandleIsInvalid", `The input receipt handle "garbage" is not a valid receipt handle.`},
	}
	if diff := cmp.Diff(want, del.Failed); diff != "" || len(del.Successful) != 2 {
		t.Errorf("%+v %s", del, diff)
	}
	w.wantCounts(url, 1, 2, 0)
}
