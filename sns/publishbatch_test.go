package sns

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func entries(ids ...string) (list []PublishBatchRequestEntry) {
	for _, id := range ids {
		list = append(list, PublishBatchRequestEntry{Id: id, Message: "m-" + id})
	}
	return list
}

func TestPublishBatch(t *testing.T) { // [N112]
	w := newTestbed(t)
	w.createTopic("orders", "KmsMasterKeyId", "alias/k")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	batch := entries("a", "b-B_1")
	batch[0].MessageAttributes = readAttributes("x=Number:1")
	batch[1].MessageStructure, batch[1].Message = "json", `{"default":"d","sqs":"q"}`
	out := must(w.PublishBatch(request(), &PublishBatchInput{TopicArn: testTopic, PublishBatchRequestEntries: batch}))
	if out.Failed == nil || len(out.Failed) != 0 || len(out.Successful) != 2 || out.Successful[0].Id != "a" || out.Successful[1].Id != "b-B_1" ||
		out.Successful[0].MessageId == out.Successful[1].MessageId || out.Successful[0].SequenceNumber != "" {
		t.Errorf("answered %+v", out)
	}
	got := w.queues.take(testQueue)
	if diff := cmp.Diff([]string{"m-a", "q"}, bodies(got)); diff != "" {
		t.Error(diff)
	}
	if got[0].Attributes["x"].text() != "1" {
		t.Errorf("delivered %+v", got[0])
	}
	if w.kms.generated != 1 { // [B7]
		t.Errorf("%d data keys for one batch", w.kms.generated)
	}
}

func TestPublishBatchRefuses(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue)
	var eleven []string
	for i := range 11 {
		eleven = append(eleven, fmt.Sprint(i))
	}
	large := entries("a", "b")
	large[0].Message, large[1].Message = strings.Repeat("a", 131072), strings.Repeat("b", 131072-len("kStringv"))
	large[1].MessageAttributes = readAttributes("k=String:vv")
	alone := entries("a")
	alone[0].Message = strings.Repeat("a", 262145)
	attribute := entries("a")
	attribute[0].MessageAttributes = readAttributes("attr1=String:")
	structure := entries("a", "b")
	structure[1].MessageStructure = "json"
	for name, c := range map[string]struct {
		entries       []PublishBatchRequestEntry
		code, message string
	}{
		"empty":          {nil, "EmptyBatchRequest", "The batch request doesn't contain any entries."},
		"N113 11":        {entries(eleven...), "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible."},
		"N114 repeated":  {entries("1", "2", "1"), "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."},
		"N115 dot":       {entries("message.id"), "InvalidBatchEntryId", "The Id of a batch entry in the batch request contains an impermissible character: message.id"},
		"N115 at":        {entries("a@b"), "InvalidBatchEntryId", "The Id of a batch entry in the batch request contains an impermissible character: a@b"},
		"N116 too long":  {entries(strings.Repeat("a", 81)), "InvalidBatchEntryId", "The Id of a batch entry in the batch request is too long: " + strings.Repeat("a", 81)},
		"N117 the sum":   {large, "BatchRequestTooLong", "The length of all the messages put together is more than the limit."},
		"one too large":  {alone, "BatchRequestTooLong", "The length of all the messages put together is more than the limit."},
		"N118 attribute": {attribute, "ParameterValueInvalid", "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'."},
		"N118 structure": {structure, "InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse"},
	} {
		_, err := w.PublishBatch(request(), &PublishBatchInput{TopicArn: testTopic, PublishBatchRequestEntries: c.entries})
		t.Run(name, func(t *testing.T) { wantError(t, err, c.code, c.message) })
	}
	_, err := w.PublishBatch(request(), &PublishBatchInput{TopicArn: testTopic + "x", PublishBatchRequestEntries: entries("a")})
	wantError(t, err, "NotFound", "Topic does not exist") // [N119]
	if got := w.queues.take(testQueue); got != nil {
		t.Errorf("refused batches delivered %v", got)
	}
	large[1].MessageAttributes = readAttributes("k=String:v")
	must(w.PublishBatch(request(), &PublishBatchInput{TopicArn: testTopic, PublishBatchRequestEntries: large}))
	must(w.PublishBatch(request(), &PublishBatchInput{TopicArn: testTopic, PublishBatchRequestEntries: entries(strings.Repeat("a", 80))}))
}
