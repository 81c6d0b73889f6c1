package sqs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func arnOf(name string) string { return "arn:aws:sqs:us-east-1:123456789012:" + name }

func redriveTo(name string, n int) []string {
	return []string{"RedrivePolicy", fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arnOf(name), n)}
}

func TestDeadLetters(t *testing.T) {
	for n := 1; n <= 2; n++ { // [Q186]
		t.Run(fmt.Sprint("after ", n, " receives"), func(t *testing.T) {
			w := newTestbed(t)
			dlq := w.create("dlq")
			url := w.create("q", redriveTo("dlq", n)...)
			trace := MessageSystemAttributeValue{DataType: "String", StringValue: "Root=1"}
			sent := must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{
				QueueUrl: url, MessageBody: "x",
				MessageAttributes:       map[string]MessageAttributeValue{"a": {DataType: "String", StringValue: "b"}},
				MessageSystemAttributes: map[string]MessageSystemAttributeValue{"AWSTraceHeader": trace},
			}))
			for range n {
				wantBodies(t, w.receiveFrom(url, 10), "x")
				w.clock.Advance(30 * time.Second)
			}
			w.wantCounts(url, 1, 0, 0)
			w.wantCounts(dlq, 0, 0, 0)
			wantBodies(t, w.receiveFrom(url, 10))
			w.wantCounts(url, 0, 0, 0)
			got := w.receiveFrom(dlq, 10)
			wantBodies(t, got, "x")
			a := got[0].Attributes // [Q187]
			if got[0].MessageId != sent.MessageId || got[0].MessageAttributes["a"].StringValue != "b" || a["AWSTraceHeader"] != "Root=1" ||
				a["ApproximateReceiveCount"] != fmt.Sprint(n+1) || a["DeadLetterQueueSourceArn"] != arnOf("q") || a["SentTimestamp"] != fmt.Sprint(start.UnixMilli()) {
				t.Errorf("%+v", got[0])
			}
		})
	}
	t.Run("a long poll at the dead-letter queue wakes", func(t *testing.T) {
		w := newTestbed(t)
		dlq := w.create("dlq")
		url := w.create("q", redriveTo("dlq", 1)...)
		w.sendTo(url, "x")
		w.receiveFrom(url, 1)
		w.clock.Advance(30 * time.Second)
		out := make(chan []Message)
		go func() {
			got, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: dlq, WaitTimeSeconds: p(int32(20))})
			if err != nil {
				t.Error(err)
			}
			out <- got.Messages
		}()
		w.waitForPolls(dlq, 1)
		wantBodies(t, w.receiveFrom(url, 1))
		wantBodies(t, <-out, "x")
	})
	t.Run("others are received in their place", func(t *testing.T) {
		w := newTestbed(t)
		w.create("dlq")
		url := w.create("q", redriveTo("dlq", 1)...)
		w.sendTo(url, "old")
		w.receiveFrom(url, 1)
		w.clock.Advance(30 * time.Second)
		w.sendTo(url, "new")
		wantBodies(t, w.receiveFrom(url, 1), "new")
	})
	t.Run("more at once than a transaction takes", func(t *testing.T) {
		w := newTestbed(t)
		dlq := w.create("dlq")
		url := w.create("q")
		for range 2*dueAtOnce + 10 {
			w.sendTo(url, "x")
		}
		for range 2*dueAtOnce/10 + 2 {
			w.receiveFrom(url, 10)
		}
		w.clock.Advance(30 * time.Second)
		w.set(url, redriveTo("dlq", 1)...)
		w.sendTo(url, "new")
		wantBodies(t, w.receiveFrom(url, 10), "new")
		w.wantCounts(dlq, 2*dueAtOnce+10, 0, 0)
	})
	t.Run("a dead-letter queue that was deleted", func(t *testing.T) {
		w := newTestbed(t)
		dlq := w.create("dlq")
		url := w.create("q", redriveTo("dlq", 1)...)
		w.sendTo(url, "x")
		w.receiveFrom(url, 1)
		must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: dlq}))
		w.clock.Advance(30 * time.Second)
		wantBodies(t, w.receiveFrom(url, 1), "x")
	})
	t.Run("a standard queue's messages stay as old as they are", func(t *testing.T) {
		w := newTestbed(t)
		dlq := w.create("dlq", "MessageRetentionPeriod", "100")
		url := w.create("q", redriveTo("dlq", 1)...)
		w.sendTo(url, "x")
		w.receiveFrom(url, 1)
		w.clock.Advance(99 * time.Second)
		wantBodies(t, w.receiveFrom(url, 1))
		w.wantCounts(dlq, 1, 0, 0)
		w.clock.Advance(time.Second)
		w.wantCounts(dlq, 0, 0, 0)
	})
	t.Run("Q188 FIFO", func(t *testing.T) {
		w := newTestbed(t)
		dlq := w.create("dlq.fifo", "FifoQueue", "true", "MessageRetentionPeriod", "100")
		url := w.fifo(redriveTo("dlq.fifo", 1)...)
		w.post(url, "g-1", "g-2")
		first := w.receiveFrom(url, 1)[0]
		w.clock.Advance(99 * time.Second)
		wantBodies(t, w.receiveFrom(url, 1), "g-2")
		w.clock.Advance(99 * time.Second) // it is as old as its move
		got := w.receiveFrom(dlq, 1)
		wantBodies(t, got, "g-1")
		if got[0].Attributes["MessageDeduplicationId"] != first.MessageId || got[0].Attributes["MessageGroupId"] != "g" {
			t.Errorf("%+v", got[0])
		}
	})
}

func TestListDeadLetterSourceQueues(t *testing.T) {
	w := newTestbed(t)
	dlq := w.create("dlq")
	var want []string
	for i := range 3 {
		want = append(want, w.create(fmt.Sprint("q", i), redriveTo("dlq", 1)...))
	}
	w.create("other")
	list := func(in ListDeadLetterSourceQueuesInput) *ListDeadLetterSourceQueuesOutput {
		t.Helper()
		in.QueueUrl = dlq
		return must[*ListDeadLetterSourceQueuesOutput](t)(w.ListDeadLetterSourceQueues(ctx(), &in))
	}
	if got := list(ListDeadLetterSourceQueuesInput{}); !slices.Equal(got.QueueUrls, want) || got.NextToken != "" { // [Q189]
		t.Errorf("%+v", got)
	}
	first := list(ListDeadLetterSourceQueuesInput{MaxResults: p(int32(2))})
	rest := list(ListDeadLetterSourceQueuesInput{MaxResults: p(int32(2)), NextToken: first.NextToken})
	if !slices.Equal(append(first.QueueUrls, rest.QueueUrls...), want) || rest.NextToken != "" {
		t.Errorf("pages %+v, %+v", first, rest)
	}
	w.set(want[0], "RedrivePolicy", "")
	must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: want[1]}))
	if got := list(ListDeadLetterSourceQueuesInput{}); !slices.Equal(got.QueueUrls, want[2:]) {
		t.Errorf("%+v", got)
	}
}

// move puts messages into the dead-letter queues of queues, by failing to process them.
func (w *testbed) move(url string, bodies ...string) {
	w.Helper()
	for _, body := range bodies {
		w.sendTo(url, body)
	}
	w.receiveFrom(url, 10)
	w.clock.Advance(30 * time.Second)
	wantBodies(w.T, w.receiveFrom(url, 10))
}

func (w *testbed) startMove(in StartMessageMoveTaskInput) string {
	w.Helper()
	return must[*StartMessageMoveTaskOutput](w.T)(w.StartMessageMoveTask(ctx(), &in)).TaskHandle
}

func (w *testbed) tasksOf(name string) []ListMessageMoveTasksResultEntry {
	w.Helper()
	in := &ListMessageMoveTasksInput{SourceArn: arnOf(name), MaxResults: p(int32(10))}
	return must[*ListMessageMoveTasksOutput](w.T)(w.ListMessageMoveTasks(ctx(), in)).Results
}

// waitForTask is the newest task of a source once it has ended.
func (w *testbed) waitForTask(name string) ListMessageMoveTasksResultEntry {
	w.Helper()
	w.work.Wait()
	return w.tasksOf(name)[0]
}

func TestMoveBackToSources(t *testing.T) {
	w := newTestbed(t)
	dlq := w.create("dlq")
	one, two := w.create("one", redriveTo("dlq", 1)...), w.create("two", redriveTo("dlq", 1)...)
	w.move(one, "1a", "1b")
	w.move(two, "2a")
	w.wantCounts(dlq, 3, 0, 0)
	handle := w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq")})
	raw, err := base64.StdEncoding.DecodeString(handle) // [Q190]
	var h map[string]string
	if err != nil || json.Unmarshal(raw, &h) != nil || len(h["taskId"]) != 36 || h["sourceArn"] != arnOf("dlq") {
		t.Errorf("handle %s", raw)
	}
	task := w.waitForTask("dlq")
	if task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 3 || *task.ApproximateNumberOfMessagesToMove != 3 || // [Q192]
		task.TaskHandle != "" || task.DestinationArn != "" || task.SourceArn != arnOf("dlq") || task.StartedTimestamp != w.clock.Now().UnixMilli() {
		t.Errorf("task %+v", task)
	}
	got := w.receiveFrom(one, 10) // [Q191]
	wantBodies(t, got, "1a", "1b")
	wantBodies(t, w.receiveFrom(two, 10), "2a")
	w.wantCounts(dlq, 0, 0, 0)
	if a := got[0].Attributes; a["ApproximateReceiveCount"] != "1" || a["DeadLetterQueueSourceArn"] != "" || a["SentTimestamp"] != fmt.Sprint(w.clock.Now().UnixMilli()) {
		t.Errorf("it is not a new message: %+v", a)
	}
}

func TestMoveWithRate(t *testing.T) {
	w := newTestbed(t)
	dlq := w.create("dlq")
	w.move(w.create("q", redriveTo("dlq", 1)...), "a", "b", "c", "d")
	to := w.create("to")
	handle := w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("to"), MaxNumberOfMessagesPerSecond: p(int32(1))})
	for moved := 1; moved <= 3; moved++ { // [Q196]: four messages take three seconds
		w.waitFor(func() bool {
			return w.tasksOf("dlq")[0].ApproximateNumberOfMessagesMoved == int64(moved) && w.clockWaits()
		})
		task := w.tasksOf("dlq")[0]
		if task.Status != "RUNNING" || task.TaskHandle != handle || *task.MaxNumberOfMessagesPerSecond != 1 || task.DestinationArn != arnOf("to") { // [Q193]
			t.Errorf("task %+v", task)
		}
		w.clock.Advance(999 * time.Millisecond)
		w.wantCounts(to, moved, 0, 0)
		w.clock.Advance(time.Millisecond)
	}
	if task := w.waitForTask("dlq"); task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 4 {
		t.Errorf("task %+v", task)
	}
	w.wantCounts(to, 4, 0, 0)
	w.wantCounts(dlq, 0, 0, 0)
}

// waitFor waits for something that happens in the background.
func (w *testbed) waitFor(done func() bool) {
	w.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) {
			w.Fatal("it does not happen")
		}
	}
}

// clockWaits reports whether what runs in the background waits for the clock.
func (w *testbed) clockWaits() bool { return w.clock.Waiting() > 0 }

func TestMoveTaskEnds(t *testing.T) {
	setup := func(t *testing.T) (w *testbed, handle string) {
		w = newTestbed(t)
		w.create("dlq")
		w.move(w.create("q", redriveTo("dlq", 1)...), "a", "b", "c")
		w.create("to")
		handle = w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("to"), MaxNumberOfMessagesPerSecond: p(int32(1))})
		w.waitFor(func() bool { return w.tasksOf("dlq")[0].ApproximateNumberOfMessagesMoved == 1 && w.clockWaits() })
		return w, handle
	}
	t.Run("canceled", func(t *testing.T) {
		w, handle := setup(t)
		out := must[*CancelMessageMoveTaskOutput](t)(w.CancelMessageMoveTask(ctx(), &CancelMessageMoveTaskInput{TaskHandle: handle}))
		if out.ApproximateNumberOfMessagesMoved != 1 {
			t.Errorf("moved %d", out.ApproximateNumberOfMessagesMoved)
		}
		w.clock.Advance(time.Minute)
		if task := w.waitForTask("dlq"); task.Status != "CANCELLED" || task.TaskHandle != "" { // [Q194]
			t.Errorf("task %+v", task)
		}
		w.wantCounts("dlq", 2, 0, 0)
		_, err := w.CancelMessageMoveTask(ctx(), &CancelMessageMoveTaskInput{TaskHandle: handle})
		wantError(t, err, "AWS.SimpleQueueService.UnsupportedOperation", "")
		w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq")})
		if task := w.waitForTask("dlq"); task.Status != "COMPLETED" || len(w.tasksOf("dlq")) != 2 {
			t.Errorf("tasks %+v", w.tasksOf("dlq"))
		}
	})
	t.Run("destination deleted", func(t *testing.T) {
		w, _ := setup(t)
		must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: "to"}))
		w.clock.Advance(time.Second)
		if task := w.waitForTask("dlq"); task.Status != "FAILED" || task.FailureReason != "AWS.SimpleQueueService.NonExistentQueue" { // [Q195]
			t.Errorf("task %+v", task)
		}
	})
	t.Run("source deleted", func(t *testing.T) {
		w, _ := setup(t)
		must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: "dlq"}))
		w.clock.Advance(time.Second)
		w.work.Wait()
		w.clock.Advance(time.Minute)
		w.create("dlq")
		if tasks := w.tasksOf("dlq"); tasks != nil {
			t.Errorf("tasks %+v", tasks)
		}
	})
	t.Run("goes on after a restart", func(t *testing.T) {
		w, _ := setup(t)
		w.Close()
		if task := w.tasksOf("dlq")[0]; task.Status != "RUNNING" {
			t.Errorf("task %+v", task)
		}
		c := w.Config
		asked := ""
		c.Principal = func(_ context.Context, account, region, arn string) (*api.Caller, error) {
			asked = account + " " + region + " " + arn
			return root(account), nil
		}
		again := &testbed{T: t, Service: New(c), clock: w.clock, kms: w.kms}
		defer again.Close()
		again.clock.Advance(time.Minute)
		if task := again.waitForTask("dlq"); task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 3 {
			t.Errorf("task %+v", task)
		}
		if want := account + " us-east-1 arn:aws:iam::" + account + ":root"; asked != want {
			t.Errorf("asked for %q, want %q", asked, want)
		}
	})
	t.Run("a message of no source", func(t *testing.T) {
		w := newTestbed(t)
		w.create("dlq")
		w.create("q", redriveTo("dlq", 1)...)
		w.sendTo("dlq", "x")
		w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq")})
		if task := w.waitForTask("dlq"); task.Status != "FAILED" || task.FailureReason != "CouldNotDetermineMessageSource" {
			t.Errorf("task %+v", task)
		}
		w.wantCounts("dlq", 1, 0, 0)
	})
}

// What a role began, no other role of its name goes on with.
func TestAMoveTaskOfARoleThatWasMadeAgain(t *testing.T) {
	const role = "arn:aws:iam::" + account + ":role/mover"
	w := newTestbed(t, func(c *Config) {
		c.Principal = func(_ context.Context, account, _, arn string) (*api.Caller, error) {
			return &api.Caller{Principal: policyeval.Principal{Type: policyeval.AssumedRole, Account: account, IssuerARN: arn, ID: "AROA2"}}, nil
		}
	})
	for id, want := range map[string]string{"AROA1": "", "AROA2": "AROA2", "": "AROA2"} {
		starter := w.asStarter(&task{Account: account, Region: "us-east-1", Principal: role, PrincipalID: id})
		if got := api.RequestFrom(starter).Caller.ID; got != want {
			t.Errorf("begun by %q, gone on with as %q", id, got)
		}
	}
}

func TestMoveTaskRefuses(t *testing.T) {
	w := newTestbed(t)
	w.create("dlq")
	w.create("dlq.fifo", "FifoQueue", "true")
	w.move(w.create("q", redriveTo("dlq", 1)...), "a", "b")
	start := func(in StartMessageMoveTaskInput) error {
		_, err := w.StartMessageMoveTask(ctx(), &in)
		return err
	}
	wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("q")}), "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.") // [Q197]
	wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("none")}), "ResourceNotFoundException",                       // [Q198]
		"The resource that you specified for the DestinationArn parameter doesn't exist.")
	wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("none")}), "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
	wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("dlq")}), "InvalidParameterValue", "")
	wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("dlq.fifo")}), "InvalidParameterValue", "")
	for _, rate := range []int32{0, 501} {
		wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), MaxNumberOfMessagesPerSecond: &rate}), "InvalidParameterValue", "")
	}
	handle := w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), MaxNumberOfMessagesPerSecond: p(int32(1))})
	wantError(t, start(StartMessageMoveTaskInput{SourceArn: arnOf("dlq")}), "InvalidParameterValue", // [Q199]
		"There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	cancel := func(handle string) error {
		_, err := w.CancelMessageMoveTask(ctx(), &CancelMessageMoveTaskInput{TaskHandle: handle})
		return err
	}
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, bad := range []string{"!", encode("x"), encode("{}"), encode(`{"taskId":"x","sourceArn":"y"}`)} { // [Q200]
		wantError(t, cancel(bad), "InvalidParameterValue", "Value for parameter TaskHandle is invalid.")
	}
	wantError(t, cancel(encode(`{"taskId":"x","sourceArn":"`+arnOf("none")+`"}`)), "ResourceNotFoundException", // [Q201]
		"The resource that you specified for the SourceArn parameter doesn't exist.")
	wantError(t, cancel(encode(`{"taskId":"x","sourceArn":"`+arnOf("dlq")+`"}`)), "ResourceNotFoundException", "Task does not exist.") // [Q202]
	if err := cancel(handle); err != nil {
		t.Error(err)
	}
	for _, n := range []int32{0, 11} {
		_, err := w.ListMessageMoveTasks(ctx(), &ListMessageMoveTasksInput{SourceArn: arnOf("dlq"), MaxResults: &n})
		wantError(t, err, "InvalidParameterValue", "")
	}
}

func TestOnlyTheNewestTasksAreKept(t *testing.T) {
	w := newTestbed(t)
	w.create("dlq")
	w.create("q", redriveTo("dlq", 1)...)
	for range maxTasks + 3 {
		w.startMove(StartMessageMoveTaskInput{SourceArn: arnOf("dlq")})
		w.work.Wait()
		w.clock.Advance(time.Second)
	}
	tasks := w.tasksOf("dlq")
	if len(tasks) != maxTasks || tasks[0].StartedTimestamp != start.Add((maxTasks+2)*time.Second).UnixMilli() {
		t.Errorf("%d tasks, the first %+v", len(tasks), tasks[0])
	}
	out := must[*ListMessageMoveTasksOutput](t)(w.ListMessageMoveTasks(ctx(), &ListMessageMoveTasksInput{SourceArn: arnOf("dlq")}))
	if len(out.Results) != 1 {
		t.Errorf("%d tasks without MaxResults, want 1", len(out.Results))
	}
}

func TestMoveTaskTargets(t *testing.T) {
	w := newTestbed(t)
	w.create("dlq")
	w.create("one", redriveTo("dlq", 1)...)
	w.create("two", redriveTo("dlq", 1)...)
	w.create("to")
	describe := func(operation string, in any) (out []string) {
		t.Helper()
		operations := w.API().Operations
		i := slices.IndexFunc(operations, func(o api.Operation) bool { return o.Name == operation })
		resolved, err := operations[i].Resolve(ctx(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range resolved.Checks {
			text := c.Action + " " + c.Target.ARN
			if c.Target.Missing != nil {
				text += " " + c.Target.Missing.Message
			}
			out = append(out, text)
		}
		return out
	}
	want := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("checks %q, want %q", got, want)
		}
	}
	source := []string{ // [A3.5]
		"sqs:StartMessageMoveTask " + arnOf("dlq"), "sqs:ReceiveMessage " + arnOf("dlq"),
		"sqs:DeleteMessage " + arnOf("dlq"), "sqs:GetQueueAttributes " + arnOf("dlq"),
	}
	want(describe("StartMessageMoveTask", &StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("to")}),
		append(slices.Clone(source), "sqs:SendMessage "+arnOf("to"))...)
	want(describe("StartMessageMoveTask", &StartMessageMoveTaskInput{SourceArn: arnOf("dlq")}),
		append(slices.Clone(source), "sqs:SendMessage "+arnOf("one"), "sqs:SendMessage "+arnOf("two"))...)
	want(describe("StartMessageMoveTask", &StartMessageMoveTaskInput{SourceArn: arnOf("dlq"), DestinationArn: arnOf("none")}),
		append(slices.Clone(source), "sqs:SendMessage "+arnOf("none")+" The resource that you specified for the DestinationArn parameter doesn't exist.")...)
	const missing = " The resource that you specified for the SourceArn parameter doesn't exist."
	want(describe("ListMessageMoveTasks", &ListMessageMoveTasksInput{SourceArn: "garbage"}), "sqs:ListMessageMoveTasks garbage"+missing)
	elsewhere := "arn:aws:sqs:us-west-2:123456789012:dlq"
	want(describe("ListMessageMoveTasks", &ListMessageMoveTasksInput{SourceArn: elsewhere}), "sqs:ListMessageMoveTasks "+elsewhere+missing)
	handle := (&task{ID: "x", Source: arnOf("dlq")}).handle()
	want(describe("CancelMessageMoveTask", &CancelMessageMoveTaskInput{TaskHandle: handle}), "sqs:CancelMessageMoveTask "+arnOf("dlq"))
	_, _, err := w.cancelTarget(ctx(), &CancelMessageMoveTaskInput{TaskHandle: "!"})
	wantError(t, err, "InvalidParameterValue", "Value for parameter TaskHandle is invalid.")

	want(describe("ListQueues", &ListQueuesInput{}), "sqs:ListQueues arn:aws:sqs:us-east-1:123456789012:*")
	want(describe("TagQueue", &TagQueueInput{QueueUrl: "to", Tags: map[string]string{"a": "b"}}), "sqs:TagQueue "+arnOf("to"))
	want(describe("UntagQueue", &UntagQueueInput{QueueUrl: "to", TagKeys: []string{"a"}}), "sqs:UntagQueue "+arnOf("to"))
}

// What happens to the dead-letter queue and the destination while a step of a
// move task encrypts anew, outside any transaction.
func TestMoveTaskMeetsOthers(t *testing.T) {
	setup := func(t *testing.T) (w *testbed, key string, t1 *task, h *moveStep) {
		t.Helper()
		w = newTestbed(t)
		w.create("dlq")
		w.move(w.create("q", redriveTo("dlq", 1)...), "a", "b")
		t1 = &task{ID: "x", Source: arnOf("dlq"), Status: taskRunning, ToMove: 2}
		key = taskKey(t1)
		err := w.Engine.Update(ctx(), func(tx store.Tx) error { w.tasks.Put(tx, key, t1); return nil })
		if err != nil {
			t.Fatal(err)
		}
		h, err = w.loadStep(ctx(), key, 10, nil, w.clock.Now())
		if err != nil || len(h.load) != 2 {
			t.Fatal(len(h.load), err)
		}
		if err := w.resendAll(ctx(), h, nil, w.clock.Now()); err != nil || len(h.load) != 2 {
			t.Fatal(len(h.load), err)
		}
		return w, key, h.task, h
	}
	unload := func(w *testbed, key string, h *moveStep) (int, error) {
		return w.commitStep(ctx(), key, h, w.clock.Now())
	}
	t.Run("nothing", func(t *testing.T) {
		w, key, _, h := setup(t)
		if n, err := unload(w, key, h); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := unload(w, key, h); n != 0 || !errors.Is(err, errAgain) { // a second time it is all done
			t.Errorf("again: %d, %v", n, err)
		}
	})
	t.Run("one is received", func(t *testing.T) {
		w, key, _, h := setup(t)
		wantBodies(t, w.receiveFrom("dlq", 1), "a")
		if n, err := unload(w, key, h); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		wantBodies(t, w.receiveFrom("q", 10), "b")
	})
	t.Run("all are received", func(t *testing.T) {
		w, key, _, h := setup(t)
		w.receiveFrom("dlq", 10)
		if n, err := unload(w, key, h); n != 0 || !errors.Is(err, errAgain) {
			t.Errorf("%d, %v", n, err)
		}
	})
	t.Run("the destination's encryption changes", func(t *testing.T) {
		w, key, _, h := setup(t)
		w.set("q", "KmsMasterKeyId", "k")
		if n, err := unload(w, key, h); n != 0 || !errors.Is(err, errAgain) {
			t.Errorf("%d, %v", n, err)
		}
		w.wantCounts("dlq", 2, 0, 0)
	})
	t.Run("the dead-letter queue is purged", func(t *testing.T) {
		w, key, _, h := setup(t)
		must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: "dlq"}))
		if n, err := unload(w, key, h); n != 0 || !errors.Is(err, errAgain) {
			t.Errorf("%d, %v", n, err)
		}
		w.wantCounts("q", 0, 0, 0)
	})
	t.Run("the task is canceled", func(t *testing.T) {
		w, key, t1, h := setup(t)
		must[*CancelMessageMoveTaskOutput](t)(w.CancelMessageMoveTask(ctx(), &CancelMessageMoveTaskInput{TaskHandle: t1.handle()}))
		if n, err := unload(w, key, h); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		w.wantCounts("dlq", 2, 0, 0)
	})
}

// A queue whose encryption changes while a message is encrypted for it stores
// nothing by the old one.
func TestSendMeetsChangedEncryption(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q", "SqsManagedSseEnabled", "false")
	_, old, err := w.resolve(ctx(), queueName(ctx(), url))
	if err != nil {
		t.Fatal(err)
	}
	w.set(url, "KmsMasterKeyId", "k")
	drafts := make([]draft, 1)
	if err := drafts[0].fill(old, &SendMessageInput{MessageBody: "secret"}); err != nil {
		t.Fatal(err)
	}
	if err := w.send(ctx(), old, drafts); !errors.Is(err, api.ErrChanged) {
		t.Fatalf("sent to what the queue was: %v", err)
	}
	if got := w.atRest("q"); len(got) != 0 {
		t.Errorf("at rest %+v", got)
	}
}
