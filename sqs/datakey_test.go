package sqs

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// encodeFirst is the stored form of a message in the first version.
func encodeFirst(m *message) []byte {
	b := appendText([]byte{1, byte(m.Encryption)}, m.ID)
	b = binary.AppendVarint(b, m.Sent)
	for _, text := range [...]string{m.Sender, m.Group, m.Deduplication, m.Trace, m.DeadLetterSource, m.BodyMD5, m.KeyARN, m.SealedFor} {
		b = appendText(b, text)
	}
	b = binary.AppendUvarint(appendText(b, m.Wrapped), uint64(len(m.Attributes)))
	for _, a := range m.Attributes {
		b = appendText(appendText(appendText(b, a.Name), a.DataType), a.Value)
	}
	return append(b, m.Body...)
}

// inFirstForm stores the oldest message of the queue q as the first version did, without
// a data key beside it.
func (w *testbed) inFirstForm() {
	w.Helper()
	err := w.Engine.Update(context.Background(), func(tx store.Tx) error {
		v := look(tx, w.queues.Get(tx, name{account, region, "q"}.key()), w.clock.Now())
		o := v.oldest()
		tx.Put(v.key(keyMessage, string(o)), encodeFirst(v.message(o)))
		for key := range tx.Scan(v.key(keyDataKey, ""), "", store.All) {
			tx.Delete(key)
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

func TestMessagesOfAnEarlierVersion(t *testing.T) {
	for _, attributes := range [][]string{{"SqsManagedSseEnabled", "false"}, nil, {"KmsMasterKeyId", "k"}} {
		w := newTestbed(t)
		later := w.create("later")
		url := w.create("q", slices.Concat([]string{"VisibilityTimeout", "0"}, attributes, redriveTo("later", 2))...)
		sent := must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{
			QueueUrl: url, MessageBody: "old",
			MessageAttributes: map[string]MessageAttributeValue{"n": {DataType: "String", StringValue: "v"}},
		}))
		w.inFirstForm()
		for range 2 {
			got := w.receiveFrom(url, 1)
			wantBodies(t, got, "old")
			if got[0].MessageId != sent.MessageId || got[0].MD5OfBody != sent.MD5OfMessageBody || got[0].MessageAttributes["n"].StringValue != "v" {
				t.Errorf("received %+v, sent %+v", got[0], sent)
			}
		}
		wantBodies(t, w.receiveFrom(url, 1)) // it goes to the dead-letter queue, in the form of today
		wantBodies(t, w.receiveFrom(later, 1), "old")
	}
}

// The backlog of an earlier version is used as it is, until a purge or deletion.
func TestBacklogOfAnEarlierVersion(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "VisibilityTimeout", "0")
	err := w.Engine.Update(context.Background(), func(tx store.Tx) error {
		key := name{account, region, "q"}.key()
		q := w.queues.Edit(tx, key)
		q.Backlog = 7
		w.queues.Put(tx, key, q)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	records := func(prefix string) (n int) {
		t.Helper()
		err := w.Engine.View(context.Background(), func(r store.Reader) error {
			n = 0
			for range r.Scan(prefix, "", store.All) {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.sendTo(url, "old")
	wantBodies(t, w.receiveFrom(url, 1), "old")
	if old, others := records(earlierPrefix), records(backlogPrefix); old != 4 || others != 0 {
		t.Errorf("%d and %d records, want 4 and 0", old, others)
	}
	must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url}))
	w.work.Wait()
	w.sendTo(url, "new")
	wantBodies(t, w.receiveFrom(url, 1), "new")
	if old, others := records(earlierPrefix), records(backlogPrefix); old != 0 || others != 4 {
		t.Errorf("after a purge %d and %d records, want 0 and 4", old, others)
	}
}

// dataKeys is how many data keys are stored in the backlog of a queue.
func (w *testbed) dataKeys(queue string) (n int) {
	w.Helper()
	err := w.Engine.View(context.Background(), func(r store.Reader) error {
		n = 0
		v := look(r, w.queues.Get(r, name{account, region, queue}.key()), w.clock.Now())
		for range r.Scan(v.key(keyDataKey, ""), "", store.All) {
			n++
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// Messages have data keys in common, each as long as one of them has it.
func TestDataKeysAreStoredAsLongAsTheyAreNeeded(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "KmsMasterKeyId", "k", "KmsDataKeyReusePeriodSeconds", "3600", "MessageRetentionPeriod", "1209600", "VisibilityTimeout", "0")
	send := func(body string) {
		w.sendTo(url, body)
		w.sendTo(url, body)
	}
	send("first")
	if n := w.dataKeys("q"); n != 1 {
		t.Errorf("%d data keys are stored for the messages of one, want 1", n)
	}
	for i := range 50 { // the first one's messages are there all the time
		w.clock.Advance(2 * time.Hour)
		send(fmt.Sprint(i))
	}
	if n := w.dataKeys("q"); n != 51 {
		t.Errorf("%d data keys are stored for the messages of 51", n)
	}
	for {
		got := w.receiveFrom(url, 10)
		if len(got) == 0 {
			break
		}
		for _, m := range got {
			w.delete(url, m.ReceiptHandle)
		}
	}
	for range 200 { // there is never more than one message
		w.clock.Advance(2 * time.Hour)
		w.sendTo(url, "x")
		w.delete(url, w.receiveFrom(url, 1)[0].ReceiptHandle)
	}
	if n := w.dataKeys("q"); n > 100 {
		t.Errorf("%d data keys are stored for no message; of 251 that there were, most should be gone", n)
	}
}

// kept is how much of the heap is in use, in bytes.
func kept() int64 {
	runtime.GC()
	runtime.GC() // what pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What a message takes in memory, beside its body, and that a purge and single deletions
// give it back.
func TestMemoryOfMessages(t *testing.T) {
	const messages = 20_000
	body := strings.Repeat("x", 100)
	for _, kind := range [][]string{nil, {"SqsManagedSseEnabled", "false"}, {"KmsMasterKeyId", "k"}} {
		for _, how := range []string{"purged", "one by one"} {
			w := newTestbedOn(t, mem.New())
			w.T = t
			url := w.create("q", append([]string{"VisibilityTimeout", "0"}, kind...)...)
			w.sendTo(url, body) // what the queue itself needs is there
			before := kept()
			for range messages {
				w.sendTo(url, body)
			}
			if each := (kept() - before) / messages; each > 350 {
				t.Errorf("%v: a message of 100 bytes takes %d bytes of memory", kind, each)
			}
			if how == "purged" {
				must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url}))
				w.work.Wait()
			} else {
				for got := w.receiveFrom(url, 10); len(got) > 0; got = w.receiveFrom(url, 10) {
					for _, m := range got {
						w.delete(url, m.ReceiptHandle)
					}
				}
			}
			if left := kept() - before; left > 256<<10 {
				t.Errorf("%v, %s: %d KiB are still in use", kind, how, left>>10)
			}
			runtime.KeepAlive(w)
		}
	}
}
