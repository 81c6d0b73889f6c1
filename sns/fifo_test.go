package sns

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	fifoTopic = testTopic + ".fifo"
	fifoQueue = testQueue + ".fifo"
)

func newFIFOTestbed(t *testing.T, attributes ...string) *testbed {
	t.Helper()
	w := newTestbed(t)
	w.createTopic("orders.fifo", append(attributes, "FifoTopic", "true")...)
	return w
}

func inGroup(group, id, text string) *PublishInput {
	return &PublishInput{TopicArn: ptr(fifoTopic), Message: text, MessageGroupId: group, MessageDeduplicationId: id}
}

func bodies(messages []QueueMessage) (list []string) {
	for _, m := range messages {
		list = append(list, m.Body)
	}
	return list
}

func TestFifoNotification(t *testing.T) { // [N086] [N125] [N131]
	w := newFIFOTestbed(t, "ContentBasedDeduplication", "true")
	w.subscribe(fifoTopic, "sqs", fifoQueue)
	out := w.publish(&PublishInput{TopicArn: ptr(fifoTopic), Message: "Test", Subject: ptr("S"), MessageGroupId: "g", MessageAttributes: readAttributes("a=String:b")})
	if len(out.SequenceNumber) != 20 {
		t.Errorf("the sequence number is %q", out.SequenceNumber)
	}
	got := w.queues.take(fifoQueue)
	if len(got) != 1 {
		t.Fatalf("the queue got %v", got)
	}
	if got[0].GroupID != "g" || got[0].DeduplicationID != "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25" {
		t.Errorf("delivered %+v", got[0])
	}
	body, order := members(t, got[0].Body)
	if diff := cmp.Diff([]string{"Type", "MessageId", "SequenceNumber", "TopicArn", "Subject", "Message", "Timestamp", "UnsubscribeURL", "MessageAttributes"}, order); diff != "" {
		t.Error(diff)
	}
	if body["SequenceNumber"] != out.SequenceNumber || body["MessageId"] != out.MessageId {
		t.Errorf("delivered %v, published %+v", body, out)
	}
}

func TestFifoToAStandardQueue(t *testing.T) { // [N133]
	w := newFIFOTestbed(t)
	w.subscribe(fifoTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	w.publish(inGroup("g", "1", "m"))
	w.publish(inGroup("g", "1", "m"))
	want := []QueueMessage{{QueueArn: testQueue, TopicArn: fifoTopic, Body: "m", Shared: sharedBody{}}}
	if diff := cmp.Diff(want, w.queues.take(testQueue)); diff != "" {
		t.Error(diff)
	}
}

func TestFifoDeduplication(t *testing.T) { // [N132]
	for scope, delivered := range map[string][]string{
		"Topic":        {"one", "two"},
		"MessageGroup": {"one", "two", "other group"},
	} {
		t.Run(scope, func(t *testing.T) {
			w := newFIFOTestbed(t, "FifoThroughputScope", scope)
			w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true")
			first := w.publish(inGroup("g", "1", "one"))
			second := w.publish(inGroup("g", "2", "two"))
			if first.SequenceNumber >= second.SequenceNumber {
				t.Errorf("sequence numbers %s, %s", first.SequenceNumber, second.SequenceNumber)
			}
			if again := w.publish(inGroup("g", "1", "another text")); *again != *first {
				t.Errorf("a duplicate answers %+v, want %+v", again, first)
			}
			w.publish(inGroup("h", "1", "other group"))
			if diff := cmp.Diff(delivered, bodies(w.queues.take(fifoQueue))); diff != "" {
				t.Error(diff)
			}
			w.clock.Advance(5*time.Minute - time.Nanosecond)
			w.publish(inGroup("g", "1", "late"))
			w.clock.Advance(time.Nanosecond)
			fresh := w.publish(inGroup("g", "1", "later"))
			if fresh.MessageId == first.MessageId {
				t.Error("deduplicated after five minutes")
			}
			if diff := cmp.Diff([]string{"later"}, bodies(w.queues.take(fifoQueue))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContentBasedDeduplication(t *testing.T) {
	w := newFIFOTestbed(t, "ContentBasedDeduplication", "true")
	w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true")
	w.publish(inGroup("g", "", "text"))
	w.publish(inGroup("g", "", "text"))
	w.publish(inGroup("h", "", "text")) // [N132]: another group
	w.publish(inGroup("g", "own", "text"))
	w.publish(inGroup("g", "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1", "a text whose id is the first's"))
	if diff := cmp.Diff([]string{"text", "text"}, bodies(w.queues.take(fifoQueue))); diff != "" {
		t.Error(diff)
	}
}

func TestFifoBatch(t *testing.T) { // [N112] [N132]
	w := newFIFOTestbed(t)
	w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true")
	in := &PublishBatchInput{TopicArn: fifoTopic, PublishBatchRequestEntries: []PublishBatchRequestEntry{
		{Id: "a", Message: "1", MessageGroupId: "g", MessageDeduplicationId: "1"},
		{Id: "b", Message: "2", MessageGroupId: "g", MessageDeduplicationId: "2"},
		{Id: "c", Message: "3", MessageGroupId: "g", MessageDeduplicationId: "1"},
	}}
	first := must(w.PublishBatch(request(), in))
	if s := first.Successful; s[0].SequenceNumber >= s[1].SequenceNumber || s[2].MessageId != s[0].MessageId {
		t.Errorf("answered %+v", s)
	}
	again := must(w.PublishBatch(request(), in))
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1", "2"}, bodies(w.queues.take(fifoQueue))); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		entry   PublishBatchRequestEntry
		message string
	}{ // [N118]
		"no group":         {PublishBatchRequestEntry{Id: "x", Message: "m", MessageDeduplicationId: "9"}, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"},
		"no deduplication": {PublishBatchRequestEntry{Id: "x", Message: "m", MessageGroupId: "g"}, "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"},
	} {
		bad := &PublishBatchInput{TopicArn: fifoTopic, PublishBatchRequestEntries: []PublishBatchRequestEntry{{Id: "ok", Message: "m", MessageGroupId: "g", MessageDeduplicationId: "8"}, c.entry}}
		_, err := w.PublishBatch(request(), bad)
		t.Run(name, func(t *testing.T) { wantError(t, err, "InvalidParameter", c.message) })
	}
	if got := w.queues.take(fifoQueue); got != nil {
		t.Errorf("refused batches delivered %v", got)
	}
}

// TestFifoOrder: every queue sees the same order, whoever publishes at once [N134].
func TestFifoOrder(t *testing.T) {
	w := newFIFOTestbed(t, "FifoThroughputScope", "MessageGroup")
	queues := []string{testQueue + "-1.fifo", testQueue + "-2.fifo", testQueue + "-3.fifo"}
	for _, queue := range queues {
		w.subscribe(fifoTopic, "sqs", queue)
	}
	var publishers sync.WaitGroup
	for p := range 8 {
		publishers.Go(func() {
			for i := range 20 {
				if _, err := w.Publish(request(), inGroup("g", fmt.Sprint(p, "-", i), "m")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishers.Wait()
	var orders [][]string
	for _, queue := range queues {
		var sequence []string
		for _, m := range w.queues.take(queue) {
			body, _ := members(t, m.Body)
			sequence = append(sequence, body["SequenceNumber"].(string))
		}
		if len(sequence) != 160 || !slices.IsSorted(sequence) {
			t.Errorf("%s: %d messages, in order: %v", queue, len(sequence), slices.IsSorted(sequence))
		}
		orders = append(orders, sequence)
	}
	if diff := cmp.Diff(orders[0], orders[1]); diff != "" {
		t.Error(diff)
	}
}

// TestFifoForgets: what need not be remembered does not pile up.
func TestFifoForgets(t *testing.T) {
	w := newFIFOTestbed(t)
	for i := range 200 {
		w.publish(inGroup("g", fmt.Sprint("id-", i), "m"))
		w.clock.Advance(10 * time.Second)
	}
	if n := strings.Count(w.dump(), "sns.dedup\x00"); n > 35 {
		t.Errorf("%d ids of a period of 30 are remembered", n)
	}
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: fifoTopic}))
	if left := w.dump(); strings.Contains(left, fifoTopic) {
		t.Errorf("left behind: %s", left)
	}
}

func TestFifoDeadLetter(t *testing.T) { // [N135]: the ids are kept
	w := newFIFOTestbed(t)
	dead := testQueue + "-dead.fifo"
	w.subscribe(fifoTopic, "sqs", fifoQueue, "RedrivePolicy", `{"deadLetterTargetArn":"`+dead+`"}`)
	w.queues.refuse[fifoQueue] = ErrNotFound
	w.publish(inGroup("g", "1", "m"))
	got := w.queues.take(dead)
	if len(got) != 1 || got[0].GroupID != "g" || got[0].DeduplicationID != "1" {
		t.Errorf("the dead-letter queue got %+v", got)
	}
}

func TestFifoAttributes(t *testing.T) {
	w := newFIFOTestbed(t)
	for _, c := range []struct{ name, value, message string }{
		{"FifoThroughputScope", "Queue", "Invalid parameter: FifoThroughputScope: Invalid value [Queue]. Must be Topic or MessageGroup."},
		{"ContentBasedDeduplication", "yes", "Invalid parameter: ContentBasedDeduplication: Invalid value [yes]. Must be true or false."},
		{"TracingConfig", "Active", "Invalid parameter: AttributeName"},
		{"ArchivePolicy", `{"MessageRetentionPeriod":"366"}`, "Invalid parameter: ArchivePolicy: MessageRetentionPeriod must be an integer between 1 and 365"},
		{"ArchivePolicy", `{"MessageRetentionPeriod":0}`, "Invalid parameter: ArchivePolicy: MessageRetentionPeriod must be an integer between 1 and 365"},
		{"ArchivePolicy", `{"x":1}`, "Invalid parameter: ArchivePolicy: invalid JSON. Attribute x is unknown."},
		{"ArchivePolicy", `{"MessageRetentionPeriod":null}`, "Invalid parameter: ArchivePolicy: MessageRetentionPeriod must be an integer between 1 and 365"},
		{"ArchivePolicy", `{"MessageRetentionPeriod":true}`, "Invalid parameter: ArchivePolicy: MessageRetentionPeriod must be an integer"},
	} {
		_, err := w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: fifoTopic, AttributeName: c.name, AttributeValue: c.value})
		t.Run(c.name+"="+c.value, func(t *testing.T) { wantError(t, err, "InvalidParameter", c.message) })
	}
	w.createTopic("orders")
	_, err := w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: testTopic, AttributeName: "ArchivePolicy", AttributeValue: `{"MessageRetentionPeriod":1}`})
	wantError(t, err, "InvalidParameter", "Invalid parameter: AttributeName")
}
