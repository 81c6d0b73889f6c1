package provision_test

import (
	"strings"
	"testing"
)

func (w *world) queue(url string) map[string]any {
	w.t.Helper()
	out := w.ask("sqs", "GetQueueAttributes", map[string]any{"QueueUrl": url, "AttributeNames": []string{"All"}})
	return out["Attributes"].(map[string]any)
}

func (w *world) queueTags(url string) map[string]any {
	w.t.Helper()
	return w.ask("sqs", "ListQueueTags", map[string]any{"QueueUrl": url})
}

func TestQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dead := w.create("AWS::SQS::Queue", "Dead", `{}`)
	wants(t, dead.PhysicalID, "http://localhost:4566/123456789012/stack-Dead-Token0000001")
	wants(t, dead.get("Arn"), "arn:aws:sqs:us-east-1:123456789012:stack-Dead-Token0000001")
	wants(t, dead.get("QueueName"), "stack-Dead-Token0000001")
	wants(t, dead.get("QueueUrl"), dead.PhysicalID)

	q := w.createTagged("AWS::SQS::Queue", "Queue", `{"QueueName":"orders","DelaySeconds":"2","MaximumMessageSize":2048,"MessageRetentionPeriod":600,
		"ReceiveMessageWaitTimeSeconds":3,"VisibilityTimeout":40,"KmsMasterKeyId":"alias/aws/sqs","KmsDataKeyReusePeriodSeconds":60,
		"RedrivePolicy":{"deadLetterTargetArn":"`+dead.get("Arn")+`","maxReceiveCount":"3"},
		"RedriveAllowPolicy":{"redrivePermission":"denyAll"}}`, map[string]string{"team": "a", "old": "1"})
	wants(t, q.get("QueueName"), "orders")
	shown := w.queue(q.PhysicalID)
	for attribute, want := range map[string]string{
		"DelaySeconds": `"2"`, "MaximumMessageSize": `"2048"`, "MessageRetentionPeriod": `"600"`, "ReceiveMessageWaitTimeSeconds": `"3"`,
		"VisibilityTimeout": `"40"`, "KmsMasterKeyId": `"alias/aws/sqs"`, "KmsDataKeyReusePeriodSeconds": `"60"`, "SqsManagedSseEnabled": `"false"`,
		"RedriveAllowPolicy": `"{\"redrivePermission\":\"denyAll\"}"`,
		"RedrivePolicy":      `"{\"deadLetterTargetArn\":\"` + dead.get("Arn") + `\",\"maxReceiveCount\":3}"`,
	} {
		has(t, shown, attribute, want)
	}
	has(t, w.queueTags(q.PhysicalID), "Tags", `{"team":"a","old":"1"}`)

	q.updateTagged(`{"QueueName":"orders","DelaySeconds":5,"VisibilityTimeout":40,"KmsMasterKeyId":"alias/aws/sqs"}`, map[string]string{"team": "b", "new": "2"})
	shown = w.queue(q.PhysicalID)
	has(t, shown, "DelaySeconds", `"5"`)
	has(t, shown, "VisibilityTimeout", `"40"`)
	has(t, w.queueTags(q.PhysicalID), "Tags", `{"team":"b","new":"2"}`)
	wants(t, q.get("Arn"), "arn:aws:sqs:us-east-1:123456789012:orders")

	dead.delete()
	q.delete()
	if _, err := w.Call(t.Context(), "sqs", "GetQueueUrl", map[string]any{"QueueName": "orders"}); err == nil {
		t.Error("the queue is still there")
	}
}

// What is removed from a queue's properties is set back, but not to what a new queue has.
func TestQueueIsSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dead := w.create("AWS::SQS::Queue", "Dead", `{"FifoQueue":true}`)
	q := w.createTagged("AWS::SQS::Queue", "Queue", `{"FifoQueue":true,"ContentBasedDeduplication":true,"DeduplicationScope":"messageGroup","FifoThroughputLimit":"perMessageGroupId",
		"DelaySeconds":2,"MaximumMessageSize":2048,"MessageRetentionPeriod":600,"ReceiveMessageWaitTimeSeconds":3,"VisibilityTimeout":40,
		"KmsMasterKeyId":"alias/aws/sqs","KmsDataKeyReusePeriodSeconds":60,"RedrivePolicy":{"deadLetterTargetArn":"`+dead.get("Arn")+`","maxReceiveCount":3},
		"RedriveAllowPolicy":{"redrivePermission":"denyAll"}}`, map[string]string{"team": "a"})
	q.updateTagged(`{"FifoQueue":true}`, nil)
	shown := w.queue(q.PhysicalID)
	for attribute, want := range map[string]string{
		"MessageRetentionPeriod": `"345600"`, "ReceiveMessageWaitTimeSeconds": `"0"`, "DelaySeconds": `"0"`, "VisibilityTimeout": `"30"`,
		"ContentBasedDeduplication": `"false"`, "RedrivePolicy": "null", "RedriveAllowPolicy": "null", "MaximumMessageSize": `"262144"`,
		"KmsMasterKeyId": "null", "SqsManagedSseEnabled": `"false"`,
		"DeduplicationScope": `"messageGroup"`, "FifoThroughputLimit": `"perMessageGroupId"`,
	} {
		has(t, shown, attribute, want)
	}
	has(t, w.queueTags(q.PhysicalID), "Tags", "null")

	plain := w.create("AWS::SQS::Queue", "Plain", `{"SqsManagedSseEnabled":false}`)
	has(t, w.queue(plain.PhysicalID), "MaximumMessageSize", `"1048576"`)
	plain.update(`{}`)
	has(t, w.queue(plain.PhysicalID), "SqsManagedSseEnabled", `"false"`)
	has(t, w.queue(plain.PhysicalID), "MaximumMessageSize", `"1048576"`)
	plain.update(`{"SqsManagedSseEnabled":true}`)
	has(t, w.queue(plain.PhysicalID), "SqsManagedSseEnabled", `"true"`)
}

func TestQueueNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fifo := w.create("AWS::SQS::Queue", "Fifo", `{"FifoQueue":"true"}`)
	wants(t, fifo.get("QueueName"), "stack-Fifo-Token0000001.fifo")
	w.create("AWS::SQS::Queue", "Named", `{"QueueName":"taken"}`)
	wants(t, w.refuses("AWS::SQS::Queue", "Again", `{"QueueName":"taken"}`),
		`Resource handler returned message: "Resource of type 'AWS::SQS::Queue' with identifier 'taken' already exists." (RequestToken: TOKEN, HandlerErrorCode: AlreadyExists)`)
	if got := w.refuses("AWS::SQS::Queue", "NotFifo", `{"FifoQueue":false}`); !strings.Contains(got, "Unknown Attribute FifoQueue.") {
		t.Error(got)
	}
	if got := w.refuses("AWS::SQS::Queue", "Late", `{"DelaySeconds":901}`); !strings.Contains(got, "HandlerErrorCode: InvalidRequest") {
		t.Error(got)
	}
}

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}`

func TestQueuePolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, c := w.create("AWS::SQS::Queue", "A", `{}`), w.create("AWS::SQS::Queue", "B", `{}`), w.create("AWS::SQS::Queue", "C", `{}`)
	policy := func(r *resource) string { s, _ := w.queue(r.PhysicalID)["Policy"].(string); return s }
	p := w.create("AWS::SQS::QueuePolicy", "Policy", `{"Queues":["`+a.PhysicalID+`","`+b.PhysicalID+`"],"PolicyDocument":`+allowAll+`}`)
	wants(t, p.PhysicalID, "stack-Policy-Token0000004")
	wants(t, p.get("Id"), p.PhysicalID)
	wants(t, policy(a), allowAll)
	wants(t, policy(b), allowAll)
	changed := strings.Replace(allowAll, "SendMessage", "ReceiveMessage", 1)
	p.update(`{"Queues":["` + b.PhysicalID + `","` + c.PhysicalID + `"],"PolicyDocument":` + changed + `}`)
	wants(t, policy(a), "")
	wants(t, policy(b), changed)
	wants(t, policy(c), changed)
	wants(t, p.get("Id"), p.PhysicalID)
	// Another name of this server is no other queue.
	p.update(`{"Queues":["` + strings.Replace(b.PhysicalID, "localhost", "127.0.0.1", 1) + `","` + c.PhysicalID + `"],"PolicyDocument":` + changed + `}`)
	wants(t, policy(b), changed)
	c.delete()
	p.delete()
	wants(t, policy(b), "")
	if got := w.refuses("AWS::SQS::QueuePolicy", "Bad", `{"Queues":["`+a.PhysicalID+`"],"PolicyDocument":"no"}`); !strings.Contains(got, "Invalid value for the parameter Policy.") {
		t.Error(got)
	}
	// What fails before it has done anything leaves everything as it was.
	w.create("AWS::SQS::QueuePolicy", "Other", `{"Queues":["`+a.PhysicalID+`"],"PolicyDocument":`+allowAll+`}`)
	if got := w.refuses("AWS::SQS::QueuePolicy", "Late", `{"Queues":["`+c.PhysicalID+`","`+a.PhysicalID+`"],"PolicyDocument":`+changed+`}`); !strings.Contains(got, "HandlerErrorCode: NotFound") {
		t.Error(got)
	}
	wants(t, policy(a), allowAll)
}

func TestQueueInlinePolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.create("AWS::SQS::Queue", "Queue", `{}`)
	policy := func() string { s, _ := w.queue(q.PhysicalID)["Policy"].(string); return s }
	properties := `{"Queue":"` + q.PhysicalID + `","PolicyDocument":` + allowAll + `}`
	p := w.create("AWS::SQS::QueueInlinePolicy", "Policy", properties)
	wants(t, p.PhysicalID, q.PhysicalID)
	wants(t, policy(), allowAll)
	if got := w.refuses("AWS::SQS::QueueInlinePolicy", "Second", properties); !strings.Contains(got, "AlreadyExists") {
		t.Error(got)
	}
	wants(t, policy(), allowAll)
	p.update(strings.Replace(properties, "SendMessage", "ReceiveMessage", 1))
	wants(t, policy(), strings.Replace(allowAll, "SendMessage", "ReceiveMessage", 1))
	p.delete()
	wants(t, policy(), "")
	p.update(properties)
	q.delete()
	p.delete()
}
