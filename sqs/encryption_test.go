package sqs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/testsize"
	"github.com/waxseal/waxseal/policyeval"
)

// TestKMSErrors is the table of what KMS refuses, at every operation that asks
// it, before and after the reuse period [A6.5] [A7] [A8].
func TestKMSErrors(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:123456789012:key/k"
	cases := []struct {
		name          string
		code, message string // KMS's
		want          string
		status        int
		shape         string
	}{
		{"absent", "NotFoundException", "Alias arn:aws:kms:us-east-1:123456789012:alias/x is not found.", "KMS.NotFoundException", 400, "KmsNotFound"},
		{"disabled", "DisabledException", key + " is disabled.", "KMS.DisabledException", 400, "KmsDisabled"},
		{"pending deletion", "KMSInvalidStateException", key + " is pending deletion.", "KMS.InvalidStateException", 400, "KmsInvalidState"},
		{"wrong usage", "InvalidKeyUsageException", key + " key usage is SIGN_VERIFY which is not valid for GenerateDataKey.", "KMS.InvalidKeyUsageException", 400, "KmsInvalidKeyUsage"},
		{"denied", "AccessDeniedException", "User: x is not authorized to perform: kms:GenerateDataKey", "KMS.AccessDeniedException", 400, "KmsAccessDenied"},
		{"throttled", "ThrottlingException", "Rate exceeded", "KMS.ThrottlingException", 400, "KmsThrottled"},
		{"not subscribed", "OptInRequired", "The AWS Access Key Id needs a subscription for the service", "KMS.OptInRequired", 403, "KmsOptInRequired"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			url := w.create("q", "KmsMasterKeyId", "k")
			w.sendTo(url, "one")
			w.sendTo(url, "two")
			w.delete(url, w.receiveFrom(url, 1)[0].ReceiptHandle)
			refuse := func(string, string) error { return &api.Error{Code: c.code, Message: c.message} }
			calls := map[string]func() error{
				"SendMessage": func() error {
					_, err := w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "three"})
					return err
				},
				"SendMessageBatch": func() error { // [A7.3]
					_, err := w.SendMessageBatch(ctx(), &SendMessageBatchInput{QueueUrl: url, Entries: entries(2)})
					return err
				},
				"ReceiveMessage": func() error {
					_, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, VisibilityTimeout: p(int32(0))})
					return err
				},
			}
			w.kms.deny = refuse
			for name, call := range calls {
				if err := call(); err != nil {
					t.Errorf("%s within the period: %v", name, err)
				}
			}
			w.clock.Advance(300 * time.Second)
			before := w.dump()
			for name, call := range calls {
				e := api.AsError(call())
				if e.Query() != c.want || e.HTTPStatus() != c.status || e.Code != c.shape || e.Fault != api.Sender {
					t.Errorf("%s: %s (%s) %d, want %s (%s) %d", name, e.Query(), e.Code, e.HTTPStatus(), c.want, c.shape, c.status)
				}
				pattern := c.message + " (Service: AWSKMS; Status Code: 400; Error Code: " + c.code + "; Request ID: "
				if !strings.HasPrefix(e.Message, pattern) || !strings.HasSuffix(e.Message, "; Proxy: null)") || len(e.Message) != len(pattern)+36+len("; Proxy: null)") {
					t.Errorf("%s says %q", name, e.Message)
				}
				if after := w.dump(); after != before { // [A9.2]
					t.Errorf("a failed %s changed the store: %s", name, cmp.Diff(before, after))
				}
			}
			w.kms.deny = nil
			w.wantCounts(url, 4, 0, 0)
		})
	}
	t.Run("what SQS has no name for", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q", "KmsMasterKeyId", "k")
		cause := errors.New("the disk is full")
		w.kms.deny = func(string, string) error { return cause }
		_, err := w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "x"})
		if !errors.Is(err, cause) || !errors.Is(api.AsError(err), api.ErrInternal) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("A8.6 a service", func(t *testing.T) {
		w := newTestbed(t)
		url := w.create("q", "KmsMasterKeyId", "k")
		w.kms.deny = func(string, string) error { return &api.Error{Code: "AccessDeniedException", Message: "secret"} }
		sns := as(&api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "sns.amazonaws.com"}})
		_, err := w.SendMessage(sns, &SendMessageInput{QueueUrl: url, MessageBody: "x"})
		if e := api.AsError(err); e.Query() != "KMS.AccessDeniedException" || !strings.HasPrefix(e.Message, "null (Service: AWSKMS;") {
			t.Errorf("error %v", err)
		}
	})
}

// dump is everything in the store.
func (w *testbed) dump() string {
	w.Helper()
	var b strings.Builder
	err := w.Engine.View(context.Background(), func(r store.Reader) error {
		for key, value := range r.Scan("", "", store.All) {
			fmt.Fprintf(&b, "%q %q\n", key, value)
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return b.String()
}

func TestNobodyAsksKMSInVain(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "KmsMasterKeyId", "k")
	w.kms.deny = func(string, string) error { return &api.Error{Code: "AccessDeniedException"} }
	wantBodies(t, w.receiveFrom(url, 10)) // [A4.5]
	w.attributes(url)
	w.set(url, "KmsMasterKeyId", "other", "KmsDataKeyReusePeriodSeconds", "60")
	must[*ListQueuesOutput](t)(w.ListQueues(ctx(), &ListQueuesInput{}))
	must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url})) // [A4.4]
	for _, attributes := range [][]string{{"SqsManagedSseEnabled", "true"}, {"SqsManagedSseEnabled", "false"}} {
		w.set(url, attributes...) // [A3.6]
		w.sendTo(url, "x")
		got := w.receiveFrom(url, 1)
		wantBodies(t, got, "x")
		w.delete(url, got[0].ReceiptHandle)
	}
	if calls := w.kms.take(); calls != nil {
		t.Errorf("KMS was asked: %v", calls)
	}
}

func TestKMSIsAskedAsTheCaller(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "KmsMasterKeyId", "k")
	send := func(caller *api.Caller) {
		t.Helper()
		must[*SendMessageOutput](t)(w.SendMessage(as(caller), &SendMessageInput{QueueUrl: url, MessageBody: "x"}))
	}
	receive := func(caller *api.Caller) {
		t.Helper()
		must[*ReceiveMessageOutput](t)(w.ReceiveMessage(as(caller), &ReceiveMessageInput{QueueUrl: url, VisibilityTimeout: p(int32(0))}))
	}
	wantCalls := func(want ...string) {
		t.Helper()
		for i := range want {
			want[i] = "arn:aws:iam::123456789012:user/" + want[i]
		}
		if got := w.kms.take(); !slices.Equal(got, want) {
			t.Errorf("KMS was asked %q, want %q", got, want)
		}
	}
	send(user("p"))
	wantCalls("p GenerateDataKey", "p Decrypt") // [A4.2]
	send(user("p"))
	wantCalls()
	receive(user("c"))
	wantCalls("c Decrypt")
	receive(user("c"))
	wantCalls()
	receive(user("d")) // [A6.1]
	wantCalls("d Decrypt")
	w.clock.Advance(300 * time.Second)
	receive(user("c"))
	wantCalls("c Decrypt")
	send(user("p"))
	wantCalls("p GenerateDataKey", "p Decrypt")
}

// A batch that holds a message under a key that the caller may not use fails;
// one that does not succeeds [A9.3].
func TestMixedKeys(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "KmsMasterKeyId", "good")
	w.sendTo(url, "good")
	w.set(url, "KmsMasterKeyId", "bad")
	w.sendTo(url, "bad") // [A3.3]: the first message keeps its key
	w.set(url, "KmsMasterKeyId", "good")
	w.clock.Advance(time.Hour)
	bad := w.atRest("q")[1].EncryptedDataKey
	w.kms.deny = func(string, string) error { return nil }
	w.kms.denyKey = bad
	_, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: p(int32(2))})
	wantError(t, err, "KMS.DisabledException", "")
	w.wantCounts(url, 2, 0, 0)
	wantBodies(t, w.receiveFrom(url, 1), "good")
}

func (w *testbed) atRest(name string) []AtRestMessage {
	w.Helper()
	messages, found, err := w.AtRest(context.Background(), account, region, name)
	if err != nil || !found {
		w.Fatal(found, err)
	}
	return messages
}

func TestAtRest(t *testing.T) {
	w := newTestbed(t)
	const secret = "the secret body"
	cases := []struct {
		name       string
		attributes []string
		want       string
	}{
		{"owned", nil, "SSE-SQS"}, // [A1.1]
		{"kms", []string{"KmsMasterKeyId", "k"}, "SSE-KMS"},
		{"plain", []string{"SqsManagedSseEnabled", "false"}, "none"},
		{"cleared", []string{"SqsManagedSseEnabled", "false", "KmsMasterKeyId", ""}, "none"},
	}
	for _, c := range cases {
		url := w.create(c.name, c.attributes...)
		sent := w.sendTo(url, secret)
		got := w.atRest(c.name)
		if len(got) != 1 || got[0].MessageID != sent.MessageId || got[0].Encryption != c.want {
			t.Fatalf("%s: %+v", c.name, got)
		}
		m := got[0]
		switch c.want {
		case "none":
			if m.Body == nil || *m.Body != secret || m.Nonce != nil || m.EncryptedDataKey != nil {
				t.Errorf("%s: %+v", c.name, m)
			}
		default:
			if m.Body != nil || len(m.Nonce) != envelope.NonceSize || len(m.Ciphertext) != len(secret)+16 || len(m.EncryptedDataKey) == 0 || (m.KeyID != "") != (c.want == "SSE-KMS") {
				t.Errorf("%s: %+v", c.name, m)
			}
			if strings.Contains(w.roomOf(c.name), secret) { // [A3.1]
				t.Errorf("%s: the body is in the store", c.name)
			}
		}
		wantBodies(t, w.receiveFrom(url, 1), secret)
	}
	if m := w.atRest("kms")[0]; m.KeyID != "arn:aws:kms:us-east-1:123456789012:key/k" {
		t.Errorf("key %s", m.KeyID)
	}
	if _, found, err := w.AtRest(context.Background(), account, region, "none"); found || err != nil {
		t.Errorf("a queue that does not exist: %t, %v", found, err)
	}
}

// roomOf is what the store holds of a queue's messages.
func (w *testbed) roomOf(queueName string) string {
	w.Helper()
	var b bytes.Buffer
	err := w.Engine.View(context.Background(), func(r store.Reader) error {
		q := w.queues.Get(r, name{account, region, queueName}.key())
		for _, value := range r.Scan(prefixOf(q.Backlog), "", store.All) {
			b.Write(value)
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return b.String()
}

func TestCiphertextIsBound(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.sendTo(url, "one")
	w.sendTo(url, "two")
	err := w.Engine.Update(context.Background(), func(tx store.Tx) error { // whoever can write to the store swaps two bodies
		q := w.queues.Get(tx, name{account, region, "q"}.key())
		v := look(tx, q, w.clock.Now())
		var orders []order
		for c := range v.candidates {
			orders = append(orders, c.o)
		}
		one, two := v.message(orders[0]), v.message(orders[1])
		one.Body, two.Body = two.Body, one.Body
		tx.Put(v.key(keyMessage, string(orders[0])), one.encode())
		tx.Put(v.key(keyMessage, string(orders[1])), two.encode())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url}); err != nil || len(got.Messages) > 0 {
			t.Errorf("a swapped body was delivered: %+v, %v", got, err)
		}
	}
}

func TestChangedEncryption(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "SqsManagedSseEnabled", "false")
	w.sendTo(url, "plain")
	w.set(url, "SqsManagedSseEnabled", "true")
	w.sendTo(url, "owned")
	w.set(url, "KmsMasterKeyId", "k")
	w.sendTo(url, "kms")
	w.set(url, "KmsMasterKeyId", "")
	w.sendTo(url, "plain again")
	var kinds []string
	for _, m := range w.atRest("q") { // [A3.2]
		kinds = append(kinds, m.Encryption)
	}
	if want := []string{"none", "SSE-SQS", "SSE-KMS", "none"}; !slices.Equal(kinds, want) {
		t.Errorf("at rest %v, want %v", kinds, want)
	}
	wantBodies(t, w.receiveFrom(url, 10), "plain", "owned", "kms", "plain again")
	if calls := w.kms.take(); len(calls) != 3 { // [A3.2]: disabled, but still needs Decrypt
		t.Errorf("KMS was asked %v", calls)
	}
}

// Dead letters keep their key, and with it the encryption context of the queue
// that they were sent to [A3.4]. Moved back they are sent anew [A3.5].
func TestEncryptedDeadLetters(t *testing.T) {
	w := newTestbed(t)
	dlq := w.create("dlq", "SqsManagedSseEnabled", "false")
	url := w.create("q", append(redriveTo("dlq", 1), "KmsMasterKeyId", "k")...)
	w.move(url, "secret")
	m := w.atRest("dlq")[0]
	if m.Encryption != "SSE-KMS" || m.KeyID != "arn:aws:kms:us-east-1:123456789012:key/k" {
		t.Errorf("in the dead-letter queue: %+v", m)
	}
	w.clock.Advance(time.Hour)
	w.kms.take()
	consumer := as(user("c"))
	got := must[*ReceiveMessageOutput](t)(w.ReceiveMessage(consumer, &ReceiveMessageInput{QueueUrl: dlq}))
	wantBodies(t, got.Messages, "secret")
	if calls := w.kms.take(); !slices.Equal(calls, []string{"arn:aws:iam::123456789012:user/c Decrypt"}) {
		t.Errorf("KMS was asked %v", calls)
	}

	encrypted := w.create("kmsdlq", "KmsMasterKeyId", "d")
	w.move(w.create("p", append(redriveTo("kmsdlq", 1), "SqsManagedSseEnabled", "false")...), "open")
	if m := w.atRest("kmsdlq")[0]; m.Encryption != "none" { // plain stays plain
		t.Errorf("in the dead-letter queue: %+v", m)
	}
	wantBodies(t, w.receiveFrom(encrypted, 1), "open")
}

func TestMoveTaskAsksKMSAsItsStarter(t *testing.T) {
	w := newTestbed(t)
	w.create("dlq", "KmsMasterKeyId", "d")
	url := w.create("q", append(redriveTo("dlq", 1), "KmsMasterKeyId", "k")...)
	w.move(url, "secret")
	w.clock.Advance(time.Hour)
	w.kms.take()
	mover := "arn:aws:iam::123456789012:user/m "
	start := func() ListMessageMoveTasksResultEntry {
		t.Helper()
		must[*StartMessageMoveTaskOutput](t)(w.StartMessageMoveTask(as(user("m")), &StartMessageMoveTaskInput{SourceArn: arnOf("dlq")}))
		return w.waitForTask("dlq")
	}
	w.kms.deny = func(_, operation string) error {
		if operation == "GenerateDataKey" {
			return &api.Error{Code: "AccessDeniedException"}
		}
		return nil
	}
	if task := start(); task.Status != "FAILED" || task.FailureReason != "KMS.AccessDeniedException" {
		t.Errorf("task %+v", task)
	}
	w.wantCounts("dlq", 1, 0, 0)
	w.kms.deny = nil
	w.clock.Advance(time.Hour)
	w.kms.take()
	if task := start(); task.Status != "COMPLETED" {
		t.Errorf("task %+v", task)
	}
	if calls := w.kms.take(); !slices.Equal(calls, []string{mover + "Decrypt", mover + "GenerateDataKey", mover + "Decrypt"}) {
		t.Errorf("KMS was asked %v", calls)
	}
	if m := w.atRest("q")[0]; m.KeyID != "arn:aws:kms:us-east-1:123456789012:key/k" {
		t.Errorf("moved back: %+v", m)
	}
	wantBodies(t, w.receiveFrom(url, 1), "secret")
}

// TestCost counts KMS's calls over a virtual month: the worked examples of
// AWS's formula R = B/D × (2P + C) [A6.6].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-estimate-kms-usage-costs.
func TestCost(t *testing.T) {
	type queueUse struct{ producers, consumers int }
	const day = 24 * time.Hour
	days := testsize.Of(31, 3) // of 288 periods: 31 are 26784 calls, as in AWS's example
	cases := []struct {
		name          string
		billing       time.Duration
		reuse         time.Duration
		step          time.Duration
		queues        []queueUse
		want          int
		perQueueCalls []int
	}{
		{"one producer, one consumer, 31 days of 5 minutes, or 3", time.Duration(days) * day, 5 * time.Minute, time.Minute, []queueUse{{1, 1}}, 864 * days, []int{864 * days}},
		{"two queues, 28 days of a day", 28 * day, day, time.Hour, []queueUse{{3, 1}, {5, 2}}, 532, []int{196, 336}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			var total int
			var perQueue []int
			var urls []string
			for i := range c.queues {
				urls = append(urls, w.create(fmt.Sprint("q", i), "KmsMasterKeyId", "k", "KmsDataKeyReusePeriodSeconds", fmt.Sprint(int(c.reuse.Seconds()))))
				perQueue = append(perQueue, 0)
			}
			for elapsed := time.Duration(0); elapsed < c.billing; elapsed += c.step {
				for i, q := range c.queues {
					for n := range q.producers {
						must[*SendMessageOutput](t)(w.SendMessage(as(user(fmt.Sprint("p", n))), &SendMessageInput{QueueUrl: urls[i], MessageBody: "x"}))
					}
					for n := range q.consumers {
						all := &ReceiveMessageInput{QueueUrl: urls[i], MaxNumberOfMessages: p(int32(10)), VisibilityTimeout: p(int32(0))}
						got := must[*ReceiveMessageOutput](t)(w.ReceiveMessage(as(user(fmt.Sprint("c", n))), all)).Messages
						if len(got) != q.producers {
							t.Fatalf("%d messages", len(got))
						}
						if n == q.consumers-1 {
							for _, m := range got {
								w.delete(urls[i], m.ReceiptHandle)
							}
						}
					}
					perQueue[i] += len(w.kms.take())
				}
				w.clock.Advance(c.step)
			}
			for _, n := range perQueue {
				total += n
			}
			if total != c.want || !slices.Equal(perQueue, c.perQueueCalls) {
				t.Errorf("%v calls of KMS, %d in all, want %v, %d", perQueue, total, c.perQueueCalls, c.want)
			}
		})
	}
}
