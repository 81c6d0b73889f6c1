package sqs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// anyone is the statement of a policy that AWS takes.
const anyone = `[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"whatever"}]`

func TestCreateQueueAgain(t *testing.T) {
	different := func(name string) string {
		return "A queue already exists with the same name and a different value for attribute " + name
	}
	cases := []struct {
		fact        string
		first, then []string
		set         []string
		want        string // the attribute that differs
	}{
		{"Q040", nil, nil, nil, ""},
		{"Q041 the same", []string{"DelaySeconds", "5", "VisibilityTimeout", "9"}, []string{"DelaySeconds", "5", "VisibilityTimeout", "9"}, nil, ""},
		{"Q041 a subset", []string{"DelaySeconds", "5", "VisibilityTimeout", "9"}, []string{"VisibilityTimeout", "9"}, nil, ""},
		{"Q041 none", []string{"DelaySeconds", "5"}, nil, nil, ""},
		{"a default", nil, []string{"DelaySeconds", "0", "SqsManagedSseEnabled", "True"}, nil, ""},
		{"Q042", []string{"DelaySeconds", "1"}, []string{"DelaySeconds", "2"}, nil, "DelaySeconds"},
		{"Q042 the first that differs", []string{"DelaySeconds", "1"}, []string{"VisibilityTimeout", "2", "DelaySeconds", "2"}, nil, "DelaySeconds"},
		{"Q043 the new value", []string{"DelaySeconds", "1"}, []string{"DelaySeconds", "2"}, []string{"DelaySeconds", "2"}, ""},
		{"Q043 the old value", []string{"DelaySeconds", "1"}, []string{"DelaySeconds", "1"}, []string{"DelaySeconds", "2"}, "DelaySeconds"},
		{"A1.12", nil, []string{"KmsMasterKeyId", "alias/other"}, []string{"KmsMasterKeyId", "alias/x"}, "KmsMasterKeyId"},
		{"a document of other spacing", []string{"Policy", `{"Version":"2012-10-17","Statement":` + anyone + `}`}, []string{"Policy", `{"Statement": ` + anyone + `, "Version": "2012-10-17"}`}, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newTestbed(t)
			url := w.create("q", c.first...)
			if want := baseURL + "/" + account + "/q"; url != want {
				t.Errorf("URL %s, want %s", url, want)
			}
			w.sendTo(url, "x") // [Q045]: counts do not take part
			if c.set != nil {
				w.set(url, c.set...)
			}
			out, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q", Attributes: pairs(c.then)})
			if c.want != "" {
				wantError(t, err, "QueueAlreadyExists", different(c.want))
				return
			}
			if must[*CreateQueueOutput](t)(out, err).QueueUrl != url {
				t.Errorf("another URL: %s", out.QueueUrl)
			}
		})
	}
	t.Run("Q044", func(t *testing.T) {
		w := newTestbed(t)
		w.create("q.fifo", "FifoQueue", "true", "ContentBasedDeduplication", "true")
		_, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q.fifo", Attributes: pairs([]string{"FifoQueue", "true", "ContentBasedDeduplication", "false"})})
		wantError(t, err, "QueueAlreadyExists", different("ContentBasedDeduplication"))
	})
}

func TestCreateQueueRefuses(t *testing.T) {
	const only = "You can specify the %s only when FifoQueue is set to true."
	cases := []struct {
		fact, name string
		attributes []string
		code, text string
	}{
		{"Q046", "q", []string{"FifoQueue", "true"}, "InvalidParameterValue", ""},
		{"Q047", "q.fifo", nil, "InvalidParameterValue", ""},
		{"Q047 false", "q.fifo", []string{"FifoQueue", "false"}, "InvalidParameterValue", ""},
		{"Q048", "q", []string{"FifoQueue", "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."},
		{"Q049", "q", []string{"ContentBasedDeduplication", "false"}, "InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication."},
		{"Q050", "q", []string{"DeduplicationScope", "queue"}, "InvalidAttributeName", fmt.Sprintf(only, "DeduplicationScope")},
		{"Q051", "q", []string{"FifoThroughputLimit", "perQueue"}, "InvalidAttributeName", fmt.Sprintf(only, "FifoThroughputLimit")},
		{"Q052", "a/b", nil, "InvalidParameterValue", ""},
		{"81 characters", strings.Repeat("q", 81), nil, "InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"},
		{"81 characters with .fifo", strings.Repeat("q", 76) + ".fifo", []string{"FifoQueue", "true"}, "InvalidParameterValue", ""},
		{"unknown attribute", "q", []string{"Foo", "1"}, "InvalidAttributeName", "Unknown Attribute Foo."},
		{"read-only attribute", "q", []string{"QueueArn", "x"}, "InvalidAttributeName", "Unknown Attribute QueueArn."},
		{"A1.8 too short", "q", []string{"KmsDataKeyReusePeriodSeconds", "59"}, "InvalidAttributeValue", "Invalid value for the parameter KmsDataKeyReusePeriodSeconds."},
		{"A1.8 too long", "q", []string{"KmsDataKeyReusePeriodSeconds", "86401"}, "InvalidAttributeValue", "Invalid value for the parameter KmsDataKeyReusePeriodSeconds."},
		{"A1.8 no number", "q", []string{"KmsDataKeyReusePeriodSeconds", "1m"}, "InvalidAttributeValue", "Invalid value for the parameter KmsDataKeyReusePeriodSeconds."},
		{"delay", "q", []string{"DelaySeconds", "901"}, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."},
		{"size", "q", []string{"MaximumMessageSize", "1048577"}, "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."},
		{"small size", "q", []string{"MaximumMessageSize", "1023"}, "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."},
		{"retention", "q", []string{"MessageRetentionPeriod", "59"}, "InvalidAttributeValue", "Invalid value for the parameter MessageRetentionPeriod."},
		{"wait", "q", []string{"ReceiveMessageWaitTimeSeconds", "21"}, "InvalidAttributeValue", "Invalid value for the parameter ReceiveMessageWaitTimeSeconds."},
		{"visibility", "q", []string{"VisibilityTimeout", "43201"}, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."},
		{"boolean", "q", []string{"SqsManagedSseEnabled", "yes"}, "InvalidAttributeValue", "Invalid value for the parameter SqsManagedSseEnabled."},
		{"A1.4", "q", []string{"KmsMasterKeyId", "k", "SqsManagedSseEnabled", "true"}, "InvalidAttributeName",
			"You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."},
		{"scope", "q.fifo", []string{"FifoQueue", "true", "DeduplicationScope", "group"}, "InvalidAttributeValue", "Invalid value for the parameter DeduplicationScope."},
		{"limit without scope", "q.fifo", []string{"FifoQueue", "true", "FifoThroughputLimit", "perMessageGroupId"}, "InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit."},
		{"D8 an action that SQS does not have", "q", []string{"Policy", strings.ReplaceAll("{'Statement':{'Effect':'Allow','Principal':'*','Action':'sqs:ChangeMessageVisibilityBatch','Resource':'*'}}", "'", `"`)},
			"InvalidParameterValue", "Value sqs:ChangeMessageVisibilityBatch for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions."},
		{"D8 another service's action", "q", []string{"Policy", strings.ReplaceAll("{'Statement':{'Effect':'Allow','Principal':'*','Action':'sns:Publish','Resource':'*'}}", "'", `"`)},
			"InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 an owner's action for others", "q", []string{"Policy", strings.ReplaceAll("{'Statement':{'Effect':'Allow','Principal':{'AWS':'999999999999'},'Action':'sqs:ListQueues','Resource':'*'}}", "'", `"`)},
			"InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 no JSON", "q", []string{"Policy", "{"}, "InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 no object", "q", []string{"Policy", `"x"`}, "InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 too long", "q", []string{"Policy", `{"Version":"2012-10-17","Statement":` + anyone + `,"Id":"` + strings.Repeat("x", 8192) + `"}`}, "OverLimit", "Submitted policy is over max allowed size."},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newTestbed(t)
			_, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: c.name, Attributes: pairs(c.attributes)})
			wantError(t, err, c.code, c.text)
			_, err = w.GetQueueUrl(ctx(), &GetQueueUrlInput{QueueName: c.name})
			wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
		})
	}
}

func TestDeleteQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.sendTo(url, "old")
	must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: url}))
	_, err := w.GetQueueAttributes(ctx(), &GetQueueAttributesInput{QueueUrl: url})
	wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
	w.clock.Advance(time.Minute - time.Millisecond)
	_, err = w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q"})
	wantError(t, err, "AWS.SimpleQueueService.QueueDeletedRecently", // [Q053]
		"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	w.clock.Advance(time.Millisecond)
	w.create("q")
	w.wantCounts(url, 0, 0, 0)
	wantBodies(t, w.receiveFrom(url, 10))
}

// Who deletes a stack waits on AWS until the names of its queues are free.
func TestDeleteQueueForAStack(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	through := ctx()
	api.RequestFrom(through).CalledVia = []string{"cloudformation.amazonaws.com"}
	must[*DeleteQueueOutput](t)(w.DeleteQueue(through, &DeleteQueueInput{QueueUrl: url}))
	w.create("q")
}

func TestPurgeQueue(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.sendTo(url, "in flight")
	got := w.receiveFrom(url, 1)
	w.sendTo(url, "ready")
	if _, err := w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "delayed", DelaySeconds: p(int32(1))}); err != nil {
		t.Fatal(err)
	}
	purge := func() error {
		_, err := w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url})
		return err
	}
	if err := purge(); err != nil {
		t.Fatal(err)
	}
	w.sendTo(url, "later")
	w.delete(url, got[0].ReceiptHandle) // the message is gone, and that is no error
	w.clock.Advance(time.Minute - time.Millisecond)
	wantBodies(t, w.receiveFrom(url, 10), "later") // [Q180]
	wantError(t, purge(), "AWS.SimpleQueueService.PurgeQueueInProgress", "Only one PurgeQueue operation on q is allowed every 60 seconds.")
	if status := api.AsError(purge()).HTTPStatus(); status != 403 {
		t.Errorf("status %d, want 403 (Q181)", status)
	}
	w.clock.Advance(time.Millisecond)
	if err := purge(); err != nil {
		t.Fatal(err)
	}
}

// What deleted and purged queues leave behind is swept, in more than one transaction.
func TestSweep(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	gone := w.create("gone")
	for i := range store.SweepSize {
		w.sendTo(url, fmt.Sprint(i))
		w.sendTo(gone, fmt.Sprint(i))
	}
	must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url}))
	must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: gone}))
	w.sendTo(url, "kept")
	w.work.Wait()
	var rooms, left int
	err := w.Engine.View(context.Background(), func(r store.Reader) error {
		rooms, left = 0, 0
		for range r.Scan(backlogPrefix, "", store.All) {
			rooms++
		}
		for range r.Scan(sweepPrefix, "", store.All) {
			left++
		}
		return nil
	})
	if err != nil || rooms != 4 || left != 0 { // the counts, the message, its state, its data key
		t.Errorf("%d records, %d rooms to sweep, %v; want 4 and 0", rooms, left, err)
	}
	wantBodies(t, w.receiveFrom(url, 10), "kept")
}

func TestListQueues(t *testing.T) {
	w := newTestbed(t)
	list := func(in *ListQueuesInput) *ListQueuesOutput {
		t.Helper()
		return must[*ListQueuesOutput](t)(w.ListQueues(ctx(), in))
	}
	if got := list(&ListQueuesInput{}); got.QueueUrls != nil { // [Q080]
		t.Errorf("no queues: %v", got)
	}
	var want []string
	for i := range 10 {
		want = append(want, w.create(fmt.Sprintf("a%d", i)))
	}
	b := w.create("b")
	elsewhere := *api.RequestFrom(ctx())
	elsewhere.Region = "us-west-2"
	must[*CreateQueueOutput](t)(w.CreateQueue(api.WithRequest(context.Background(), &elsewhere), &CreateQueueInput{QueueName: "a0"})) // [Q084]
	if got := list(&ListQueuesInput{QueueNamePrefix: "a"}); !slices.Equal(got.QueueUrls, want) || got.NextToken != "" {               // [Q081] [Q083]
		t.Errorf("by prefix: %v", got)
	}
	first := list(&ListQueuesInput{QueueNamePrefix: "a", MaxResults: p(int32(2))}) // [Q082]
	if !slices.Equal(first.QueueUrls, want[:2]) || first.NextToken == "" {
		t.Errorf("first page: %v", first)
	}
	rest := list(&ListQueuesInput{QueueNamePrefix: "a", MaxResults: p(int32(10)), NextToken: first.NextToken})
	if !slices.Equal(rest.QueueUrls, want[2:]) || rest.NextToken != "" {
		t.Errorf("second page: %v", rest)
	}
	if got := list(&ListQueuesInput{}); len(got.QueueUrls) != 11 || got.QueueUrls[10] != b {
		t.Errorf("all: %v", got)
	}
	for _, n := range []int32{0, 1001} {
		_, err := w.ListQueues(ctx(), &ListQueuesInput{MaxResults: &n})
		wantError(t, err, "InvalidParameterValue", "")
	}
	_, err := w.ListQueues(ctx(), &ListQueuesInput{NextToken: "!"})
	wantError(t, err, "InvalidParameterValue", "")
}
