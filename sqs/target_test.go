package sqs

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

func TestMissingQueue(t *testing.T) {
	w := newTestbed(t)
	urls := []string{baseURL + "/" + account + "/none", "none", baseURL, "::", ""}
	for _, url := range urls {
		for name, err := range w.everyOperation(url) {
			wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
			if e := api.AsError(err); e.QueryMessage != "The specified queue does not exist for this wsdl version." { // [Q020]
				t.Errorf("%s at %q: in Query %q", name, url, e.QueryMessage)
			}
		}
	}
}

// everyOperation calls every operation that has a QueueUrl, with otherwise good input.
func (w *testbed) everyOperation(url string) map[string]error {
	errs := map[string]error{}
	note := func(name string, err error) { errs[name] = err }
	_, err := w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: url})
	note("DeleteQueue", err)
	_, err = w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url})
	note("PurgeQueue", err)
	_, err = w.GetQueueAttributes(ctx(), &GetQueueAttributesInput{QueueUrl: url, AttributeNames: []string{"All"}})
	note("GetQueueAttributes", err)
	_, err = w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"DelaySeconds": "1"}})
	note("SetQueueAttributes", err)
	_, err = w.AddPermission(ctx(), &AddPermissionInput{QueueUrl: url, Label: "l", AWSAccountIds: []string{account}, Actions: []string{"SendMessage"}})
	note("AddPermission", err)
	_, err = w.RemovePermission(ctx(), &RemovePermissionInput{QueueUrl: url, Label: "l"})
	note("RemovePermission", err)
	_, err = w.TagQueue(ctx(), &TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "b"}})
	note("TagQueue", err)
	_, err = w.UntagQueue(ctx(), &UntagQueueInput{QueueUrl: url, TagKeys: []string{"a"}})
	note("UntagQueue", err)
	_, err = w.ListQueueTags(ctx(), &ListQueueTagsInput{QueueUrl: url})
	note("ListQueueTags", err)
	_, err = w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "x"})
	note("SendMessage", err)
	_, err = w.SendMessageBatch(ctx(), &SendMessageBatchInput{QueueUrl: url})
	note("SendMessageBatch", err)
	_, err = w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})
	note("ReceiveMessage", err)
	_, err = w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: "garbage"}) // [M002]
	note("DeleteMessage", err)
	_, err = w.DeleteMessageBatch(ctx(), &DeleteMessageBatchInput{QueueUrl: url})
	note("DeleteMessageBatch", err)
	_, err = w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: "garbage", VisibilityTimeout: p(int32(0))})
	note("ChangeMessageVisibility", err)
	_, err = w.ChangeMessageVisibilityBatch(ctx(), &ChangeMessageVisibilityBatchInput{QueueUrl: url})
	note("ChangeMessageVisibilityBatch", err)
	_, err = w.ListDeadLetterSourceQueues(ctx(), &ListDeadLetterSourceQueuesInput{QueueUrl: url})
	note("ListDeadLetterSourceQueues", err)
	return errs
}

func TestQueueURLs(t *testing.T) {
	w := newTestbed(t)
	w.create("q")
	for _, url := range []string{
		"https://sqs.us-east-1.amazonaws.com/123456789012/q", "http://other:1/123456789012/q", "q", "/123456789012/q",
		"http://localhost:4566/queue/us-east-1/123456789012/q", "http://localhost:4566/123456789012/q/", "123456789012/q",
	} {
		if _, err := w.GetQueueAttributes(ctx(), &GetQueueAttributesInput{QueueUrl: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	_, err := w.GetQueueAttributes(ctx(), &GetQueueAttributesInput{QueueUrl: baseURL + "/999999999999/q"})
	wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
}

func TestTargets(t *testing.T) {
	w := newTestbed(t)
	must[*CreateQueueOutput](t)(w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q", Tags: map[string]string{"team": "a"},
		Attributes: map[string]string{"Policy": `{"Version":"2012-10-17","Statement":` + anyone + `}`}}))
	checks := func(ctx context.Context, name string, in any) []api.Check {
		t.Helper()
		operations := w.API().Operations
		i := slices.IndexFunc(operations, func(o api.Operation) bool { return o.Name == name })
		got, err := operations[i].Resolve(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		return got.Checks
	}
	const arn = "arn:aws:sqs:us-east-1:123456789012:q"
	own := checks(ctx(), "SendMessageBatch", &SendMessageBatchInput{QueueUrl: "q"})[0]
	if own.Action != "sqs:SendMessage" || own.Target.ARN != arn || own.Target.Account != account || own.Target.Policy.Name != arn ||
		own.Target.Tags["team"] != "a" || own.Target.Missing != nil || own.Target.Hidden != nil {
		t.Errorf("own queue: %+v", own)
	}
	if got := checks(ctx(), "SendMessage", &SendMessageInput{QueueUrl: "none"})[0].Target; got.Missing != ErrQueueDoesNotExist {
		t.Errorf("missing queue: %+v", got)
	}
	otherRoot := as(root("999999999999"))
	url := baseURL + "/" + account + "/q"
	if got := checks(otherRoot, "SendMessage", &SendMessageInput{QueueUrl: url})[0].Target; got.ARN != arn || got.Account != account || got.Hidden != nil {
		t.Errorf("another account sends: %+v", got)
	}
	if got := checks(otherRoot, "GetQueueUrl", &GetQueueUrlInput{QueueName: "q", QueueOwnerAWSAccountId: account})[0].Target; got.Hidden != ErrNoAccess {
		t.Errorf("E2: another account asks for the URL: %+v", got)
	}
	service := as(&api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "events.amazonaws.com"}})
	if got := checks(service, "SendMessage", &SendMessageInput{QueueUrl: url})[0].Target; got.Hidden != ErrNoAccess {
		t.Errorf("B16: a service sends: %+v", got)
	}
	create := checks(ctx(), "CreateQueue", &CreateQueueInput{QueueName: "new", Tags: map[string]string{"a": "b"}})
	if len(create) != 2 || create[1].Action != "sqs:TagQueue" || create[0].Target.ARN != "arn:aws:sqs:us-east-1:123456789012:new" {
		t.Errorf("create with tags: %+v", create)
	}
	var keys policyeval.Context
	create[0].Target.Keys(&keys)
	if v, _, ok := keys.Get("aws:RequestTag/a"); !ok || v[0] != "b" {
		t.Errorf("aws:RequestTag/a is %v", v)
	}
	if v, multi, ok := keys.Get("aws:TagKeys"); !ok || !multi || v[0] != "a" {
		t.Errorf("aws:TagKeys is %v", v)
	}
	for _, o := range w.API().Operations {
		if len(o.Actions) == 0 {
			t.Errorf("%s is not guarded", o.Name)
		}
	}
	if n := len(w.API().Operations); n != 23 {
		t.Errorf("%d operations, want 23", n)
	}
}

// What CloudTrail logs only for trails that ask for data events [F2].
func TestDataEvents(t *testing.T) {
	management := []string{
		"AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks", "PurgeQueue",
		"RemovePermission", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue",
	}
	for _, op := range newTestbed(t).API().Operations {
		if want := !slices.Contains(management, op.Name); op.Data != want {
			t.Errorf("%s: data event: %v", op.Name, op.Data)
		}
	}
}

func TestStrictTransport(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.StrictTransport = true })
	secure := *api.RequestFrom(ctx())
	secure.SecureTransport = true
	for name, attributes := range map[string][]string{"owned": nil, "kms": {"KmsMasterKeyId", "k"}, "plain": {"SqsManagedSseEnabled", "false"}} {
		url := w.create(name, attributes...)
		for operation, err := range w.everyOperation(url) {
			if name == "plain" || strings.HasPrefix(operation, "DeleteQueue") {
				continue
			}
			wantError(t, err, "InvalidSecurity", "")
			if status := api.AsError(err).HTTPStatus(); status != 403 {
				t.Errorf("status %d, want 403 (A4.8)", status)
			}
		}
		if name == "plain" {
			continue // it is deleted
		}
		if _, err := w.SendMessage(api.WithRequest(context.Background(), &secure), &SendMessageInput{QueueUrl: url, MessageBody: "x"}); err != nil {
			t.Errorf("over TLS: %v", err)
		}
	}
}
