package sqs

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// poll is a long poll of 20 seconds in the background, which has begun to wait.
func (w *testbed) poll(url string) (messages chan []Message, errs chan error) {
	w.Helper()
	messages, errs = make(chan []Message, 1), make(chan error, 1)
	go func() {
		out, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: p(int32(20)), MaxNumberOfMessages: p(int32(10))})
		if err != nil {
			errs <- err
			return
		}
		messages <- out.Messages
	}()
	w.waitForPolls(url, 1)
	return messages, errs
}

// What a long poll waits for, beside a message that is sent.
func TestLongPollWakesBy(t *testing.T) {
	cases := []struct {
		name string
		fifo bool
		// before is what happens before the poll, wake what ends it.
		before, wake func(w *testbed, url string)
		want         []string
	}{
		{"a delay that runs out", false, nil, func(w *testbed, url string) {
			must[*SendMessageOutput](w.T)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "x", DelaySeconds: p(int32(5))}))
			w.clock.Advance(5 * time.Second)
		}, []string{"x"}},
		{"a visibility timeout that is ended", false, func(w *testbed, url string) { w.sendTo(url, "x"); w.first = w.receiveFrom(url, 1) },
			func(w *testbed, url string) { w.hide(url, w.first[0].ReceiptHandle, 0) }, []string{"x"}},
		{"a visibility timeout that is shortened", false, func(w *testbed, url string) { w.sendTo(url, "x"); w.first = w.receiveFrom(url, 1) },
			func(w *testbed, url string) {
				w.hide(url, w.first[0].ReceiptHandle, 3)
				w.clock.Advance(3 * time.Second)
			}, []string{"x"}},
		{"a group that is freed", true, func(w *testbed, url string) { w.post(url, "g-1", "g-2"); w.first = w.receiveFrom(url, 1) },
			func(w *testbed, url string) { w.delete(url, w.first[0].ReceiptHandle) }, []string{"g-2"}},
		{"a FIFO queue's delay that runs out", true, func(w *testbed, url string) { w.set(url, "DelaySeconds", "7"); w.post(url, "g-1") },
			func(w *testbed, _ string) { w.clock.Advance(7 * time.Second) }, []string{"g-1"}},
		{"a FIFO queue's delay that is shortened", true, func(w *testbed, url string) { w.set(url, "DelaySeconds", "900"); w.post(url, "g-1") },
			func(w *testbed, url string) { w.set(url, "DelaySeconds", "0") }, []string{"g-1"}},
		{"the end of a message that held back others", true, func(w *testbed, url string) {
			w.set(url, "MessageRetentionPeriod", "60", "VisibilityTimeout", "900")
			w.post(url, "g-1")
			w.first = w.receiveFrom(url, 1)
			w.clock.Advance(50 * time.Second)
			w.post(url, "g-2")
		}, func(w *testbed, _ string) { w.clock.Advance(10 * time.Second) }, []string{"g-2"}},
		{"a batch", false, nil, func(w *testbed, url string) {
			must[*SendMessageBatchOutput](w.T)(w.SendMessageBatch(ctx(), &SendMessageBatchInput{QueueUrl: url, Entries: entries(2)}))
		}, []string{"body 0", "body 1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			url := w.create("q")
			if c.fifo {
				url = w.fifo()
			}
			if c.before != nil {
				c.before(w, url)
			}
			messages, errs := w.poll(url)
			c.wake(w, url)
			select {
			case got := <-messages:
				wantBodies(t, got, c.want...)
			case err := <-errs:
				t.Error(err)
			}
		})
	}
	t.Run("the queue's deletion", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q")
		_, errs := w.poll(url)
		must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: url}))
		wantError(t, <-errs, "AWS.SimpleQueueService.NonExistentQueue", "")
	})
	t.Run("the queue's own wait (Q138)", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q", "ReceiveMessageWaitTimeSeconds", "5")
		out := make(chan []Message)
		go func() {
			got, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})
			if err != nil {
				t.Error(err)
			}
			out <- got.Messages
		}()
		w.waitForPolls(url, 1)
		w.clock.Advance(5 * time.Second)
		wantBodies(t, <-out)
	})
	t.Run("many at once", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q")
		out := make(chan string)
		for range 20 {
			go func() {
				got, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: p(int32(20))})
				if err != nil {
					t.Error(err)
				}
				out <- got.Messages[0].Body
			}()
		}
		w.waitForPolls(url, 20)
		seen := map[string]bool{}
		for i := range 20 {
			w.sendTo(url, fmt.Sprint(i))
		}
		for range 20 {
			seen[<-out] = true
		}
		if len(seen) != 20 {
			t.Errorf("%d different messages, want 20", len(seen))
		}
		if len(w.waiters.queues) != 0 {
			t.Error("a pollers of nobody is left")
		}
	})
}

// More falls due at once than one transaction catches up on.
func TestCatchUpInChunks(t *testing.T) {
	const n = 3*dueAtOnce + 7
	t.Run("delayed", func(t *testing.T) {
		for _, fifo := range []bool{false, true} {
			w := newTestbed(t)
			url := w.create("q", "DelaySeconds", "10")
			if fifo {
				url = w.fifo("DelaySeconds", "10")
			}
			for i := range n {
				if fifo {
					w.post(url, fmt.Sprint("g", i, "-x"))
				} else {
					w.sendTo(url, "x")
				}
			}
			w.wantCounts(url, 0, 0, n)
			w.clock.Advance(10 * time.Second)
			w.wantCounts(url, n, 0, 0)
		}
	})
	t.Run("too old", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q", "MessageRetentionPeriod", "60")
		for range n {
			w.sendTo(url, "x")
		}
		w.clock.Advance(time.Minute)
		w.sendTo(url, "new")
		wantBodies(t, w.receiveFrom(url, 10), "new")
		w.wantCounts(url, 0, 1, 0)
	})
	t.Run("too old for a change of attributes", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q", "MessageRetentionPeriod", "60")
		for range n {
			w.sendTo(url, "x")
		}
		w.clock.Advance(time.Minute)
		w.set(url, "MessageRetentionPeriod", "600")
		w.wantCounts(url, 0, 0, 0)
	})
}

// damage changes the first record of a kind in the queue named q.
func (w *testbed) damage(kind byte, change func(raw []byte) []byte) {
	w.Helper()
	w.damageIn("q", kind, change)
}

func (w *testbed) damageIn(queue string, kind byte, change func(raw []byte) []byte) {
	w.Helper()
	err := w.Engine.Update(context.Background(), func(tx store.Tx) error {
		q := w.queues.Get(tx, name{account, region, queue}.key())
		v := look(tx, q, w.clock.Now())
		for key, raw := range tx.Scan(v.key(kind, ""), "", store.All) {
			tx.Put(key, change(bytes.Clone(raw)))
			break
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

func TestDamagedState(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.sendTo(url, "x")
	w.damage(keyReady, func([]byte) []byte { return []byte{9} })
	_, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})
	if e := api.AsError(err); err == nil || e.HTTPStatus() != 500 {
		t.Errorf("error %v", err)
	}
}

func TestADamagedMessageHidesNoOther(t *testing.T) {
	for name, change := range map[string]func(raw []byte) []byte{
		"no message":         func([]byte) []byte { return []byte{9} },
		"another ciphertext": func(raw []byte) []byte { raw[len(raw)-1]++; return raw },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			w := newTestbed(t)
			w.log = slog.New(slog.NewTextHandler(&log, nil))
			url := w.create("q", "SqsManagedSseEnabled", "true", "MessageRetentionPeriod", "600", "VisibilityTimeout", "30")
			for _, body := range []string{"damaged", "one", "two"} {
				w.sendTo(url, body)
				w.clock.Advance(time.Second)
			}
			w.damage(keyMessage, change)
			wantBodies(t, w.peekAt("q", Peeked{}), "one", "two")
			var got []string
			for range 4 {
				out, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range out.Messages {
					got = append(got, m.Body)
				}
			}
			if !slices.Equal(got, []string{"one", "two"}) {
				t.Errorf("received %q", got)
			}
			if n := strings.Count(log.String(), "is not delivered"); n != 1 {
				t.Errorf("the log says %d times:\n%s", n, log.String())
			}
			w.clock.Advance(10 * time.Minute)
			w.wantCounts(url, 0, 0, 0)
		})
	}
}

// A damaged message with a group does not hold back its group, nor others, and
// goes when it is too old, ready or in flight.
func TestADamagedMessageOfAGroupHidesNoOther(t *testing.T) {
	for kind, attributes := range map[string][]string{
		"fifo":     {"FifoQueue", "true", "ContentBasedDeduplication", "true"},
		"standard": nil,
	} {
		for _, received := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, received %v", kind, received), func(t *testing.T) {
				w := newTestbed(t)
				w.log = slog.New(slog.DiscardHandler)
				queue := map[string]string{"fifo": "q.fifo", "standard": "q"}[kind]
				url := w.create(queue, append(attributes, "MessageRetentionPeriod", "600", "VisibilityTimeout", "900", "SqsManagedSseEnabled", "false")...)
				want := []string{"one", "two"}
				for _, m := range [][2]string{{"g", "damaged"}, {"g", "one"}, {"h", "two"}} {
					must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: m[1], MessageGroupId: &m[0]}))
					w.clock.Advance(time.Second)
				}
				if received {
					wantBodies(t, w.receiveFrom(url, 1), "damaged")
					if kind == "fifo" { // in flight it holds back its group, damaged or not
						want = []string{"two"}
					}
				}
				w.damageIn(queue, keyMessage, func([]byte) []byte { return []byte{9} })
				var got []string
				for range 3 {
					got = append(got, bodies(must[*ReceiveMessageOutput](t)(w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})).Messages)...)
				}
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("received %q", got)
				}
				w.clock.Advance(10 * time.Minute)
				w.wantCounts(url, 0, 0, 0)
			})
		}
	}
}

// A data key that KMS does not know for its own is its messages' loss alone.
func TestADamagedDataKeyHidesNoOther(t *testing.T) {
	w := newTestbed(t)
	w.log = slog.New(slog.DiscardHandler)
	url := w.create("q", "KmsMasterKeyId", "alias/a", "KmsDataKeyReusePeriodSeconds", "60", "VisibilityTimeout", "30")
	for _, body := range []string{"damaged", "one", "two"} {
		w.sendTo(url, body)
		w.clock.Advance(2 * time.Minute)
	}
	w.damage(keyMessage, func(raw []byte) []byte {
		var m message
		m.decode(raw)
		m.dataKey = dataKey{Wrapped: []byte("nonsense")}
		return m.encode()
	})
	wantBodies(t, w.receiveFrom(url, 10), "one", "two")
}

// A move task moves what it can read. What is damaged stays, and is not counted.
func TestAMoveTaskPassesByDamagedMessages(t *testing.T) {
	for name, change := range map[string]func(raw []byte) []byte{
		"no message":         func([]byte) []byte { return []byte{9} },
		"another ciphertext": func(raw []byte) []byte { raw[len(raw)-1]++; return raw },
	} {
		for kind, rate := range map[string]*int32{"at once": nil, "one by one": p(int32(1))} {
			t.Run(name+", "+kind, func(t *testing.T) {
				var log bytes.Buffer
				w := newTestbed(t)
				w.log = slog.New(slog.NewTextHandler(&log, nil))
				dlq := w.create("q", "SqsManagedSseEnabled", "true")
				w.move(w.create("of", redriveTo("q", 1)...), "damaged", "one", "two")
				to := w.create("to")
				w.damage(keyMessage, change)
				w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("q"), DestinationArn: arnOf("to"), MaxNumberOfMessagesPerSecond: rate})
				w.waitFor(func() bool {
					w.clock.Advance(time.Second)
					return w.tasksOf("q")[0].Status != "RUNNING"
				})
				task := w.waitForTask("q")
				if task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 2 || *task.ApproximateNumberOfMessagesToMove != 3 {
					t.Errorf("task %+v", task)
				}
				wantBodies(t, w.receiveFrom(to, 10), "one", "two")
				w.wantCounts(dlq, 1, 0, 0)
				if n := strings.Count(log.String(), "is not delivered"); n != 1 {
					t.Errorf("the log says %d times:\n%s", n, log.String())
				}
			})
		}
	}
}

func FuzzDecodeMessage(f *testing.F) {
	m := message{
		ID: "id", Sent: 1, Sender: "s", Group: "g", Deduplication: "d", Trace: "t", DeadLetterSource: "a", BodyMD5: "m",
		Attributes: []messageAttribute{{"n", "String", []byte("v")}}, Encryption: sseKMS, dataKey: dataKey{KeyARN: "k", Wrapped: []byte("w"), SealedFor: "q"}, Body: []byte("b"),
	}
	f.Add(m.encode())
	f.Add(encodeFirst(&m))
	m.ID, m.BodyMD5, m.dataKey = "4b1c1f5e-6f0c-4f58-9d1e-0a8b3c2d1e0f", "78e731027d8fd50ed642340b7c9a63b3", dataKey{key: "12345678"}
	f.Add(m.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m, again message
		if !m.decode(raw) {
			return
		}
		if !again.decode(m.encode()) || fmt.Sprint(again) != fmt.Sprint(m) {
			t.Errorf("%+v became %+v", m, again)
		}
	})
}

func TestUnauthorizedOtherAccounts(t *testing.T) {
	w := newTestbed(t)
	w.create("q")
	anonymous := api.WithRequest(context.Background(), &api.Request{Caller: &api.Caller{}, Account: account, Region: region})
	for name, ctx := range map[string]context.Context{
		"anonymous": anonymous, "another account": as(root("999999999999")),
		"a service": as(&api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "sns.amazonaws.com"}}),
	} {
		target, _, err := w.namedQueue(ctx, &GetQueueUrlInput{QueueName: "q", QueueOwnerAWSAccountId: account})
		if err != nil || target.Hidden != ErrNoAccess {
			t.Errorf("%s: %+v, %v", name, target, err)
		}
	}
	target, _, err := w.namedQueue(ctx(), &GetQueueUrlInput{QueueName: "q"})
	if err != nil || target.Hidden != nil {
		t.Errorf("the owner: %+v, %v", target, err)
	}
	denial := &api.Denial{Caller: user("u"), Action: "sqs:SendMessage", Target: &target}
	wantError(t, denied(denial), "AccessDenied", denial.Text("sqs:sendmessage")) // [E2]
	wantError(t, ownerOnly(denial), "AccessDenied", "Only the queue owner is allowed to invoke this action.")
	wantError(t, invalid([]api.Violation{{Member: "QueueUrl", Null: true}, {Member: "x", Null: true}}), "MissingParameter", "The request must contain the parameter QueueUrl.") // [Q029]
	if e := invalid([]api.Violation{{Member: "x", Path: "x", Constraint: "c"}}); e.Query() != "InvalidParameterValue" {
		t.Errorf("%v", e)
	}
}

// The service's own key of a queue that is gone still opens what it sealed.
func TestDeadLettersOutliveTheirQueue(t *testing.T) {
	w := newTestbed(t)
	dlq := w.create("dlq")
	url := w.create("q", redriveTo("dlq", 1)...)
	w.move(url, "x")
	must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: url}))
	wantBodies(t, w.receiveFrom(dlq, 1), "x")
}
