package sqs

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

func TestRedrivePolicyIsReadBackAsAMapWithANumber(t *testing.T) { // [Q056] [Q171d]
	const want = `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq","maxReceiveCount":5}`
	for _, given := range []string{
		want,
		`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq","maxReceiveCount":"5"}`,
		` { "maxReceiveCount" : "05", "deadLetterTargetArn" : "arn:aws:sqs:us-east-1:123456789012:dlq" } `,
	} {
		t.Run(given, func(t *testing.T) {
			w := newTestbed(t)
			w.create("dlq")
			url := w.create("q", "RedrivePolicy", given)
			if got := w.attributes(url)["RedrivePolicy"]; got != want {
				t.Errorf("after CreateQueue it is %s", got)
			}
			w.create("q", "RedrivePolicy", given) // [Q041]
			w.create("q", "RedrivePolicy", want)
			w.create("other")
			w.set("other", "RedrivePolicy", given)
			if got := w.attributes("other")["RedrivePolicy"]; got != want {
				t.Errorf("after SetQueueAttributes it is %s", got)
			}
		})
	}
}

// Earlier versions kept the policy as it was given.
func TestRedrivePolicyOfAnEarlierVersion(t *testing.T) {
	engine := mem.New()
	w := newTestbedOn(t, engine)
	w.create("dlq")
	w.create("q", redriveTo("dlq", 1)...)
	err := engine.Update(context.Background(), func(tx store.Tx) error {
		key := "sqs.queue\x00" + name{account, "us-east-1", "q"}.key()
		old := strings.NewReplacer(`\"maxReceiveCount\":1`, `\"maxReceiveCount\":\"1\",\"x\":0`).Replace(string(tx.Get(key)))
		if !strings.Contains(old, `\"x\":0`) {
			t.Fatalf("the record is %s", old)
		}
		tx.Put(key, []byte(old))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	again := newTestbedOn(t, engine, func(c *Config) { c.HSM, c.Clock = w.HSM, w.Clock })
	if got := again.attributes("q")["RedrivePolicy"]; got != redriveTo("dlq", 1)[1] {
		t.Errorf("it is read back as %s", got)
	}
	again.clock = w.clock
	again.move("q", "x")
	again.wantCounts("dlq", 1, 0, 0)
}

func TestRedrivePolicyRefuses(t *testing.T) {
	arn := arnOf("dlq")
	for _, c := range []struct{ name, value, reason string }{ // [Q077]
		{"nothing", `{}`, "Redrive policy does not contain mandatory attribute: maxReceiveCount."},
		{"no target", `{"maxReceiveCount":1}`, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."},
		{"no count", `{"deadLetterTargetArn":"` + arn + `"}`, "Redrive policy does not contain mandatory attribute: maxReceiveCount."},
		{"null", `{"deadLetterTargetArn":null,"maxReceiveCount":1}`, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."},
		{"another case", `{"DeadLetterTargetArn":"` + arn + `","maxReceiveCount":1}`, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."},
		{"no number", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":"many"}`, "Invalid value for maxReceiveCount: many, valid values are from 1 to 1000 both inclusive."},
		{"a truth", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":true}`, "Invalid value for maxReceiveCount: true, valid values are from 1 to 1000 both inclusive."},
		{"a fraction", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":1.5}`, "Invalid value for maxReceiveCount: 1.5, valid values are from 1 to 1000 both inclusive."},
		{"a list", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":[1]}`, "Invalid value for maxReceiveCount: [1], valid values are from 1 to 1000 both inclusive."},
		{"zero", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":0}`, "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."},
		{"1001", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":"1001"}`, "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive."},
		{"no ARN", `{"deadLetterTargetArn":"dlq","maxReceiveCount":1}`, "Dead-letter target ARN should be fully qualified ARN."},
		{"a number for an ARN", `{"deadLetterTargetArn":1,"maxReceiveCount":1}`, "Dead-letter target ARN should be fully qualified ARN."},
		{"a topic", `{"deadLetterTargetArn":"arn:aws:sns:us-east-1:123456789012:t","maxReceiveCount":1}`, "Only SQS queues are valid resources for deadLetterTargetArn."},
		{"one more", `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":1,"x":1}`, "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]."},
		{"no such queue", `{"deadLetterTargetArn":"` + arnOf("none") + `","maxReceiveCount":1}`, "Dead letter target does not exist."},
		{"another type", `{"deadLetterTargetArn":"` + arnOf("f.fifo") + `","maxReceiveCount":1}`, "Dead-letter queue must be same type of queue as the source."},
		{"another region", `{"deadLetterTargetArn":"arn:aws:sqs:us-west-2:123456789012:dlq","maxReceiveCount":1}`, "Dead-letter target owner should be same as the source."},
		{"denied by the target", `{"deadLetterTargetArn":"` + arnOf("closed") + `","maxReceiveCount":1}`, "Queue does not have permission to use " + arnOf("closed") + " as a dead-letter queue."},
	} {
		t.Run(c.name, func(t *testing.T) {
			refuses(t, "RedrivePolicy", c.value, "InvalidParameterValue", "Value "+c.value+" for parameter RedrivePolicy is invalid. Reason: "+c.reason)
		})
	}
	for _, value := range []string{
		`{`, ` `, `[]`, `"x"`, `1`, `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":1} x`,
		`{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":1,"maxReceiveCount":2}`,
	} {
		t.Run(value, func(t *testing.T) {
			refuses(t, "RedrivePolicy", value, "InvalidAttributeValue", "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.")
		})
	}
}

func TestRedriveAllowPolicyRefuses(t *testing.T) {
	eleven := strings.Repeat(`"x",`, 10) + `"x"`
	for _, c := range []struct{ name, value, reason string }{
		{"byQueue without queues", `{"redrivePermission":"byQueue"}`, "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values."},
		{"byQueue with none", `{"redrivePermission":"byQueue","sourceQueueArns":[]}`, "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values."},
		{"allowAll with queues", `{"redrivePermission":"allowAll","sourceQueueArns":["x"]}`, "To specify one or more source queue ARNs, you must set redrivePermission to byQueue."},
		{"denyAll with queues", `{"redrivePermission":"denyAll","sourceQueueArns":["x"]}`, "To specify one or more source queue ARNs, you must set redrivePermission to byQueue."},
		{"11 queues", `{"redrivePermission":"byQueue","sourceQueueArns":[` + eleven + `]}`, "The maximum number of source queue ARNs you can specify is 10."},
	} {
		t.Run(c.name, func(t *testing.T) {
			refuses(t, "RedriveAllowPolicy", c.value, "InvalidParameterValue",
				"Value "+c.value+" for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the redrive allow policy. "+c.reason)
		})
	}
	for _, value := range []string{
		`{`, `[]`, `{}`, `{"redrivePermission":"maybe"}`, `{"redrivePermission":1}`, `{"RedrivePermission":"allowAll"}`,
		`{"redrivePermission":"allowAll","x":1}`, `{"redrivePermission":"allowAll","redrivePermission":"denyAll"}`,
		`{"redrivePermission":"byQueue","sourceQueueArns":"x"}`, `{"redrivePermission":"byQueue","sourceQueueArns":[1]}`,
	} {
		t.Run(value, func(t *testing.T) {
			refuses(t, "RedriveAllowPolicy", value, "InvalidAttributeValue",
				"Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.")
		})
	}
}

// refuses checks that neither SetQueueAttributes nor CreateQueue takes a value.
func refuses(t *testing.T, attribute, value, code, text string) {
	t.Helper()
	w := newTestbed(t)
	w.create("dlq")
	w.create("closed", "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:123456789012:other"]}`)
	w.create("f.fifo", "FifoQueue", "true")
	url := w.create("q")
	before := w.attributes(url)
	_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{attribute: value}})
	wantError(t, err, code, text)
	if diff := cmp.Diff(before, w.attributes(url)); diff != "" {
		t.Errorf("a refused call changed something: %s", diff)
	}
	_, err = w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "new", Attributes: map[string]string{attribute: value}})
	wantError(t, err, code, text)
	_, err = w.GetQueueUrl(ctx(), &GetQueueUrlInput{QueueName: "new"})
	wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
}

func TestRedriveAllowPolicyIsReadBack(t *testing.T) {
	w := newTestbed(t)
	url := w.create("dlq", "RedriveAllowPolicy", ` {"sourceQueueArns":["`+arnOf("q")+`"], "redrivePermission":"byQueue"}`)
	if got, want := w.attributes(url)["RedriveAllowPolicy"], `{"redrivePermission":"byQueue","sourceQueueArns":["`+arnOf("q")+`"]}`; got != want {
		t.Errorf("it is %s", got)
	}
	w.create("q", redriveTo("dlq", 1)...)
	w.set(url, "RedriveAllowPolicy", "")
	w.create("other", redriveTo("dlq", 1)...)
}

// ownDeadLetters is a queue that is its own dead-letter queue after n receives.
func (w *testbed) ownDeadLetters(n int, attributes ...string) string {
	w.Helper()
	queue := "own"
	for _, a := range attributes {
		if a == "FifoQueue" {
			queue = "own.fifo"
		}
	}
	url := w.create(queue, attributes...)
	w.set(url, redriveTo(queue, n)...)
	return url
}

func TestQueueIsItsOwnDeadLetterQueue(t *testing.T) { // [Q171d]
	for _, fifo := range []bool{false, true} {
		t.Run(fmt.Sprint("fifo ", fifo), func(t *testing.T) {
			w := newTestbed(t)
			var attributes []string
			in := &SendMessageInput{MessageBody: "x"}
			if fifo {
				attributes = []string{"FifoQueue", "true"}
				in.MessageGroupId, in.MessageDeduplicationId = p("g"), p("1")
			}
			url := w.ownDeadLetters(2, attributes...)
			in.QueueUrl = url
			must[*SendMessageOutput](t)(w.SendMessage(ctx(), in))
			for i := 1; i <= 6; i++ {
				got := w.receiveFrom(url, 10)
				wantBodies(t, got, "x")
				w.wantCounts(url, 0, 1, 0)
				a := got[0].Attributes
				source := ""
				if i > 2 { // the third receive moved it, and found it where it went
					source = w.attributes(url)["QueueArn"]
				}
				if a["ApproximateReceiveCount"] != fmt.Sprint(i) || a["DeadLetterQueueSourceArn"] != source {
					t.Errorf("receive %d: %v", i, a)
				}
				w.hide(url, got[0].ReceiptHandle, 0)
				w.wantCounts(url, 1, 0, 0)
			}
			sources := must[*ListDeadLetterSourceQueuesOutput](t)(w.ListDeadLetterSourceQueues(ctx(), &ListDeadLetterSourceQueuesInput{QueueUrl: url}))
			if len(sources.QueueUrls) != 1 || sources.QueueUrls[0] != url {
				t.Errorf("its sources are %q", sources.QueueUrls)
			}
			must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: url}))
		})
	}
}

func TestMoveTaskOfAQueueThatIsItsOwnDeadLetterQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.ownDeadLetters(1)
	w.sendTo(url, "a")
	w.sendTo(url, "b")
	for range 2 {
		for _, m := range w.receiveFrom(url, 10) {
			w.hide(url, m.ReceiptHandle, 0)
		}
	}
	w.wantCounts(url, 2, 0, 0)
	w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("own")})
	if task := w.waitForTask("own"); task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 2 {
		t.Errorf("task %+v", task)
	}
	w.wantCounts(url, 2, 0, 0)
	got := w.receiveFrom(url, 10)
	wantBodies(t, got, "a", "b")
	if a := got[0].Attributes; a["ApproximateReceiveCount"] != "1" || a["DeadLetterQueueSourceArn"] != "" {
		t.Errorf("it is not a new message: %v", a)
	}
	_, err := w.StartMessageMoveTask(ctx(), &StartMessageMoveTaskInput{SourceArn: arnOf("own"), DestinationArn: arnOf("own")})
	wantError(t, err, "InvalidParameterValue", "Source queue arn and destination queue arn cannot be the same.")
}

func TestQueueMayRefuseToBeItsOwnDeadLetterQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.create("own")
	set := func(allow string) error {
		attributes := pairs(redriveTo("own", 1))
		attributes["RedriveAllowPolicy"] = allow
		_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: attributes})
		return err
	}
	wantError(t, set(`{"redrivePermission":"denyAll"}`), "InvalidParameterValue", "")
	if _, has := w.attributes(url)["RedriveAllowPolicy"]; has {
		t.Error("a refused call changed something")
	}
	if err := set(`{"redrivePermission":"byQueue","sourceQueueArns":["` + arnOf("own") + `"]}`); err != nil {
		t.Error(err)
	}
	_, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "new", Attributes: pairs(redriveTo("new", 1))})
	wantError(t, err, "InvalidParameterValue", "") // it is not there yet
}

// A dead-letter queue that has one of its own counts the receives from itself.
func TestDeadLetterQueueOfADeadLetterQueue(t *testing.T) {
	w := newTestbed(t)
	last := w.create("last")
	dlq := w.create("dlq", redriveTo("last", 2)...)
	url := w.create("q", redriveTo("dlq", 3)...)
	w.sendTo(url, "x")
	for range 3 {
		w.hide(url, w.receiveFrom(url, 1)[0].ReceiptHandle, 0)
	}
	wantBodies(t, w.receiveFrom(url, 1))
	for count := 4; count <= 5; count++ {
		got := w.receiveFrom(dlq, 1)
		wantBodies(t, got, "x")
		if got[0].Attributes["ApproximateReceiveCount"] != fmt.Sprint(count) { // [Q187]
			t.Errorf("receive %d: %v", count, got[0].Attributes)
		}
		w.hide(dlq, got[0].ReceiptHandle, 0)
	}
	wantBodies(t, w.receiveFrom(dlq, 1))
	wantBodies(t, w.receiveFrom(last, 1), "x")
}
