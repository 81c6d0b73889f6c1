package sqs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
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
			w := newWorld(t)
			url := w.create("q", c.first...)
			if want := baseURL + "/" + account + "/q"; url != want {
				t.Errorf("URL %s, want %s", url, want)
			}
			w.sendTo(url, "x") // Q045: counts do not take part
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
		w := newWorld(t)
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
		{"D8 an owner's action for strangers", "q", []string{"Policy", strings.ReplaceAll("{'Statement':{'Effect':'Allow','Principal':{'AWS':'999999999999'},'Action':'sqs:ListQueues','Resource':'*'}}", "'", `"`)},
			"InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 no JSON", "q", []string{"Policy", "{"}, "InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 no object", "q", []string{"Policy", `"x"`}, "InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"D8 too long", "q", []string{"Policy", `{"Version":"2012-10-17","Statement":` + anyone + `,"Id":"` + strings.Repeat("x", 8192) + `"}`}, "InvalidAttributeValue", "Invalid value for the parameter Policy."},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: c.name, Attributes: pairs(c.attributes)})
			wantError(t, err, c.code, c.text)
			_, err = w.GetQueueUrl(ctx(), &GetQueueUrlInput{QueueName: c.name})
			wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
		})
	}
}

func TestAttributes(t *testing.T) {
	standard := map[string]string{ // Q058
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
		"CreatedTimestamp": fmt.Sprint(start.Unix()), "LastModifiedTimestamp": fmt.Sprint(start.Unix()),
		"DelaySeconds": "0", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
		"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "ReceiveMessageWaitTimeSeconds": "0",
		"SqsManagedSseEnabled": "true", "VisibilityTimeout": "30",
	}
	with := func(base map[string]string, list ...string) map[string]string {
		m := maps.Clone(base)
		maps.Copy(m, pairs(list))
		maps.DeleteFunc(m, func(_, v string) bool { return v == "" })
		return m
	}
	fifo := with(standard, "QueueArn", "arn:aws:sqs:us-east-1:123456789012:q.fifo", // Q060
		"ContentBasedDeduplication", "false", "DeduplicationScope", "queue", "FifoQueue", "true", "FifoThroughputLimit", "perQueue")
	policy := `{ "Version":"2012-10-17", "Statement": ` + anyone + ` }`
	cases := []struct {
		fact, name string
		create     []string
		sets       [][]string
		want       map[string]string
	}{
		{"Q058", "q", nil, nil, standard},
		{"Q060", "q.fifo", []string{"FifoQueue", "true"}, nil, fifo},
		{"Q061", "q.fifo", []string{"FifoQueue", "true", "DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId"}, nil,
			with(fifo, "DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId")},
		{"Q063, A1.3, A1.9", "q", []string{"KmsMasterKeyId", "alias/x"}, nil,
			with(standard, "KmsMasterKeyId", "alias/x", "KmsDataKeyReusePeriodSeconds", "300", "SqsManagedSseEnabled", "false")},
		{"Q064, A1.6", "q", []string{"KmsMasterKeyId", "alias/x", "KmsDataKeyReusePeriodSeconds", "60"},
			[][]string{{"KmsMasterKeyId", "", "KmsDataKeyReusePeriodSeconds", "300"}}, with(standard, "SqsManagedSseEnabled", "false")},
		{"A1.3 by Set", "q", nil, [][]string{{"KmsMasterKeyId", "testKeyId"}}, // A2.3: nobody asks whether it exists
			with(standard, "KmsMasterKeyId", "testKeyId", "KmsDataKeyReusePeriodSeconds", "300", "SqsManagedSseEnabled", "false")},
		{"A1.5", "q", []string{"KmsMasterKeyId", "k", "SqsManagedSseEnabled", "false"}, nil,
			with(standard, "KmsMasterKeyId", "k", "KmsDataKeyReusePeriodSeconds", "300", "SqsManagedSseEnabled", "false")},
		{"A1.7", "q", []string{"KmsMasterKeyId", "k"}, [][]string{{"SqsManagedSseEnabled", "true"}}, standard},
		{"H3", "q", nil, [][]string{{"KmsDataKeyReusePeriodSeconds", "60"}}, standard},
		{"Q054", "q", nil, [][]string{{"SqsManagedSseEnabled", "False"}}, with(standard, "SqsManagedSseEnabled", "false")},
		{"Q070", "q", []string{"Policy", policy}, [][]string{{"Policy", ""}}, standard},
		{"Q072", "q", nil, [][]string{{"Policy", policy}}, with(standard, "Policy", policy)},
		{"D8 the version is added", "q", nil, [][]string{{"Policy", `{ "Statement":` + anyone + ` }`}}, with(standard, "Policy", `{"Version":"2008-10-17", "Statement":`+anyone+` }`)},
		{"an unrelated Set keeps the policy", "q", []string{"Policy", policy}, [][]string{{"VisibilityTimeout", "7"}}, with(standard, "Policy", policy, "VisibilityTimeout", "7")},
		{"Q071", "q", nil, [][]string{{"RedrivePolicy", ""}}, standard},
		{"Q074", "q.fifo", []string{"FifoQueue", "true"}, [][]string{{"FifoQueue", "true"}}, fifo},
		{"Q078", "q.fifo", []string{"FifoQueue", "true", "ContentBasedDeduplication", "true"}, [][]string{{"ContentBasedDeduplication", "false"}}, fifo},
		{"RedriveAllowPolicy", "q", nil, [][]string{{"RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`}}, with(standard, "RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`)},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newWorld(t)
			url := w.create(c.name, c.create...)
			for _, set := range c.sets {
				w.set(url, set...)
			}
			if diff := cmp.Diff(c.want, w.attributes(url)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSetQueueAttributesRefuses(t *testing.T) {
	cases := []struct {
		fact, name, attribute, value string
		code, text                   string
	}{
		{"Q073", "q", "FifoQueue", "true", "InvalidAttributeName", "Unknown Attribute FifoQueue."},
		{"Q075", "f.fifo", "FifoQueue", "false", "InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."},
		{"Q077 no target", "q", "RedrivePolicy", `{"maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"Q077 no count", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq"}`, "InvalidParameterValue", ""},
		{"Q077 no number", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq","maxReceiveCount":"many"}`, "InvalidParameterValue", ""},
		{"count 0", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq","maxReceiveCount":0}`, "InvalidParameterValue", ""},
		{"count 1001", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq","maxReceiveCount":1001}`, "InvalidParameterValue", ""},
		{"no JSON", "q", "RedrivePolicy", `{`, "InvalidParameterValue", "Value { for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map."},
		{"no such target", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:none","maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"no ARN", "q", "RedrivePolicy", `{"deadLetterTargetArn":"dlq","maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"itself", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:q","maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"another type", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:f.fifo","maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"another region", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-west-2:123456789012:dlq","maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"denied by the target", "q", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:closed","maxReceiveCount":1}`, "InvalidParameterValue", ""},
		{"allow nobody knows", "q", "RedriveAllowPolicy", `{"redrivePermission":"maybe"}`, "InvalidAttributeValue", "Invalid value for the parameter RedriveAllowPolicy."},
		{"byQueue without queues", "q", "RedriveAllowPolicy", `{"redrivePermission":"byQueue"}`, "InvalidAttributeValue", ""},
		{"allowAll with queues", "q", "RedriveAllowPolicy", `{"redrivePermission":"allowAll","sourceQueueArns":["x"]}`, "InvalidAttributeValue", ""},
		{"11 queues", "q", "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["x","x","x","x","x","x","x","x","x","x","x"]}`, "InvalidAttributeValue", ""},
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newWorld(t)
			w.create("dlq")
			w.create("closed", "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:123456789012:other"]}`)
			w.create("q")
			w.create("f.fifo", "FifoQueue", "true")
			url := baseURL + "/" + account + "/" + c.name
			before := w.attributes(url)
			_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{c.attribute: c.value}})
			wantError(t, err, c.code, c.text)
			if diff := cmp.Diff(before, w.attributes(url)); diff != "" {
				t.Errorf("a refused call changed something: %s", diff)
			}
		})
	}
	t.Run("Q056 allowed and read back as given", func(t *testing.T) {
		w := newWorld(t)
		w.create("dlq", "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:123456789012:q"]}`)
		for _, policy := range []string{
			`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount":5}`,
			`{"maxReceiveCount":"5","deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dlq"}`,
		} {
			url := w.create("q")
			w.set(url, "RedrivePolicy", policy)
			if got := w.attributes(url)["RedrivePolicy"]; got != policy {
				t.Errorf("read back %s", got)
			}
		}
	})
}

func TestGetQueueAttributes(t *testing.T) {
	w := newWorld(t)
	url := w.create("q")
	get := func(names ...string) (map[string]string, error) {
		out, err := w.GetQueueAttributes(ctx(), &GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	}
	if got, err := get(); err != nil || got != nil {
		t.Errorf("none asked: %v, %v", got, err)
	}
	if got, err := get("Policy", "RedrivePolicy"); err != nil || got != nil { // Q065
		t.Errorf("Q065: %v, %v", got, err)
	}
	if got, err := get("QueueArn", "CreatedTimestamp", "VisibilityTimeout"); err != nil || len(got) != 3 { // Q066
		t.Errorf("Q066: %v, %v", got, err)
	}
	_, err := get("Foobar")
	wantError(t, err, "InvalidAttributeName", "Unknown Attribute Foobar.") // Q027
}

func TestMissingQueue(t *testing.T) {
	w := newWorld(t)
	urls := []string{baseURL + "/" + account + "/none", "none", baseURL, "::", ""}
	for _, url := range urls {
		for name, err := range w.everyOperation(url) {
			wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
			if e := api.AsError(err); e.QueryMessage != "The specified queue does not exist for this wsdl version." { // Q020
				t.Errorf("%s at %q: in Query %q", name, url, e.QueryMessage)
			}
		}
	}
}

// everyOperation calls every operation that has a QueueUrl, with otherwise good input.
func (w *world) everyOperation(url string) map[string]error {
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
	_, err = w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: "garbage"}) // M002
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

func TestDeleteQueue(t *testing.T) {
	w := newWorld(t)
	url := w.create("q")
	w.sendTo(url, "old")
	must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: url}))
	_, err := w.GetQueueAttributes(ctx(), &GetQueueAttributesInput{QueueUrl: url})
	wantError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "")
	w.clock.Advance(time.Minute - time.Millisecond)
	_, err = w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q"})
	wantError(t, err, "AWS.SimpleQueueService.QueueDeletedRecently", // Q053
		"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	w.clock.Advance(time.Millisecond)
	w.create("q")
	w.wantCounts(url, 0, 0, 0)
	wantBodies(t, w.receiveFrom(url, 10))
}

func TestPurgeQueue(t *testing.T) {
	w := newWorld(t)
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
	wantBodies(t, w.receiveFrom(url, 10), "later") // Q180
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
	w := newWorld(t)
	url := w.create("q")
	gone := w.create("gone")
	for i := range sweepChunk {
		w.sendTo(url, fmt.Sprint(i))
		w.sendTo(gone, fmt.Sprint(i))
	}
	must[*PurgeQueueOutput](t)(w.PurgeQueue(ctx(), &PurgeQueueInput{QueueUrl: url}))
	must[*DeleteQueueOutput](t)(w.DeleteQueue(ctx(), &DeleteQueueInput{QueueUrl: gone}))
	w.sendTo(url, "kept")
	w.work.Wait()
	var rooms, left int
	err := w.Engine.View(context.Background(), func(r store.Reader) error {
		for range r.Scan(roomPrefix, "") {
			rooms++
		}
		for range r.Scan(sweepPrefix, "") {
			left++
		}
		return nil
	})
	if err != nil || rooms != 3 || left != 0 { // the counts, the message, its state
		t.Errorf("%d records, %d rooms to sweep, %v; want 3 and 0", rooms, left, err)
	}
	wantBodies(t, w.receiveFrom(url, 10), "kept")
}

func TestListQueues(t *testing.T) {
	w := newWorld(t)
	list := func(in *ListQueuesInput) *ListQueuesOutput {
		t.Helper()
		return must[*ListQueuesOutput](t)(w.ListQueues(ctx(), in))
	}
	if got := list(&ListQueuesInput{}); got.QueueUrls != nil { // Q080
		t.Errorf("no queues: %v", got)
	}
	var want []string
	for i := range 10 {
		want = append(want, w.create(fmt.Sprintf("a%d", i)))
	}
	b := w.create("b")
	elsewhere := *api.RequestFrom(ctx())
	elsewhere.Region = "us-west-2"
	must[*CreateQueueOutput](t)(w.CreateQueue(api.WithRequest(context.Background(), &elsewhere), &CreateQueueInput{QueueName: "a0"})) // Q084
	if got := list(&ListQueuesInput{QueueNamePrefix: "a"}); !slices.Equal(got.QueueUrls, want) || got.NextToken != "" {               // Q081, Q083
		t.Errorf("by prefix: %v", got)
	}
	first := list(&ListQueuesInput{QueueNamePrefix: "a", MaxResults: p(int32(2))}) // Q082
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

func TestQueueURLs(t *testing.T) {
	w := newWorld(t)
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

func TestTags(t *testing.T) {
	w := newWorld(t)
	out, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q", Tags: map[string]string{"a": "1"}}) // Q055
	url := must[*CreateQueueOutput](t)(out, err).QueueUrl
	list := func() map[string]string {
		t.Helper()
		return must[*ListQueueTagsOutput](t)(w.ListQueueTags(ctx(), &ListQueueTagsInput{QueueUrl: url})).Tags
	}
	tag := func(tags map[string]string) error {
		_, err := w.TagQueue(ctx(), &TagQueueInput{QueueUrl: url, Tags: tags})
		return err
	}
	if err := tag(map[string]string{"A": "2", "b": ""}); err != nil { // Q086
		t.Fatal(err)
	}
	if err := tag(map[string]string{"a": "3"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "3", "A": "2", "b": ""}, list()); diff != "" {
		t.Error(diff)
	}
	untag := &UntagQueueInput{QueueUrl: url, TagKeys: []string{"a", "b", "A", "never there"}} // Q087
	must[*UntagQueueOutput](t)(w.UntagQueue(ctx(), untag))
	if got := list(); got != nil { // Q088
		t.Errorf("tags %v", got)
	}
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for _, bad := range []map[string]string{many, {"": "x"}, {strings.Repeat("x", 129): ""}, {"x": strings.Repeat("x", 257)}} {
		wantError(t, tag(bad), "InvalidParameterValue", "")
		_, err := w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "r", Tags: bad})
		wantError(t, err, "InvalidParameterValue", "")
	}
}

func TestPermissions(t *testing.T) {
	w := newWorld(t)
	url := w.create("q")
	add := func(label string, accounts []string, actions ...string) error {
		_, err := w.AddPermission(ctx(), &AddPermissionInput{QueueUrl: url, Label: label, AWSAccountIds: accounts, Actions: actions})
		return err
	}
	remove := func(label string) error {
		_, err := w.RemovePermission(ctx(), &RemovePermissionInput{QueueUrl: url, Label: label})
		return err
	}
	const arn = "arn:aws:sqs:us-east-1:123456789012:q"
	one := `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:ReceiveMessage","Resource":"` + arn + `"}`
	two := `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Action":["SQS:SendMessage","SQS:*"],"Resource":"` + arn + `"}`
	document := func(statements string) string {
		return `{"Version":"2008-10-17","Id":"` + arn + `/SQSDefaultPolicy","Statement":[` + statements + `]}`
	}
	wantPolicy := func(want string) {
		t.Helper()
		if got := w.attributes(url)["Policy"]; got != want {
			t.Errorf("policy\n%s, want\n%s", got, want)
		}
	}
	if err := add("one", []string{"111111111111"}, "ReceiveMessage"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(document(one)) // Q182
	if err := add("two", []string{"111111111111", "222222222222"}, "SendMessage", "*"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(document(one + "," + two))
	wantError(t, add("one", []string{"111111111111"}, "SendMessage"), "InvalidParameterValue", // Q183
		"Value one for parameter Label is invalid. Reason: Already exists.")
	wantError(t, remove("three"), "InvalidParameterValue", // Q184
		"Value three for parameter Label is invalid. Reason: can't find label.")
	wantError(t, add("x", []string{"111111111111"}, "SetQueueAttributes"), "InvalidParameterValue", "")
	wantError(t, add("x", []string{"1"}, "SendMessage"), "InvalidParameterValue", "Value 1 for parameter PrincipalId is invalid. Reason: Unable to verify.")
	wantError(t, add("a b", []string{"111111111111"}, "SendMessage"), "InvalidParameterValue", "")
	wantError(t, add("x", []string{"111111111111"}, "*", "*", "*", "*", "*", "*", "*", "*"), "OverLimit", "8 Actions were found, maximum allowed is 7.")
	for i := range 18 {
		if err := add(fmt.Sprint("n", i), []string{"111111111111"}, "SendMessage"); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, add("toomany", []string{"111111111111"}, "SendMessage"), "OverLimit", "")
	for i := range 18 {
		if err := remove(fmt.Sprint("n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := remove("one"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(document(two))
	if err := remove("two"); err != nil {
		t.Fatal(err)
	}
	wantPolicy("") // Q185

	// A policy that was there stays, a single statement becomes a list.
	w.set(url, "Policy", `{"Version":"2012-10-17","Statement":{"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"<&>"}}}}`)
	if err := add("one", []string{"111111111111"}, "ReceiveMessage"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(`{"Version":"2012-10-17","Statement":[{"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"<&>"}}},` + one + `]}`)
}

func TestTargets(t *testing.T) {
	w := newWorld(t)
	must[*CreateQueueOutput](t)(w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "q", Tags: map[string]string{"team": "a"},
		Attributes: map[string]string{"Policy": `{"Version":"2012-10-17","Statement":` + anyone + `}`}}))
	checks := func(ctx context.Context, name string, in any) []api.Check {
		t.Helper()
		operations := w.API().Operations
		i := slices.IndexFunc(operations, func(o api.Operation) bool { return o.Name == name })
		got, err := operations[i].Checks(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		return got
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
	stranger := as(root("999999999999"))
	url := baseURL + "/" + account + "/q"
	if got := checks(stranger, "SendMessage", &SendMessageInput{QueueUrl: url})[0].Target; got.ARN != arn || got.Account != account || got.Hidden != nil {
		t.Errorf("another account sends: %+v", got)
	}
	if got := checks(stranger, "GetQueueUrl", &GetQueueUrlInput{QueueName: "q", QueueOwnerAWSAccountId: account})[0].Target; got.Hidden != ErrNoAccess {
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

func TestStrictTransport(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.StrictTransport = true })
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
