package sqs

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAttributes(t *testing.T) {
	standard := map[string]string{ // [Q058]
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
	fifo := with(standard, "QueueArn", "arn:aws:sqs:us-east-1:123456789012:q.fifo", // [Q060]
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
		{"A1.3 by Set", "q", nil, [][]string{{"KmsMasterKeyId", "testKeyId"}}, // [A2.3]: nobody asks whether it exists
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
			w := newTestbed(t)
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
	}
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			w := newTestbed(t)
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
}

func TestGetQueueAttributes(t *testing.T) {
	w := newTestbed(t)
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
	if got, err := get("Policy", "RedrivePolicy"); err != nil || got != nil { // [Q065]
		t.Errorf("Q065: %v, %v", got, err)
	}
	if got, err := get("QueueArn", "CreatedTimestamp", "VisibilityTimeout"); err != nil || len(got) != 3 { // [Q066]
		t.Errorf("Q066: %v, %v", got, err)
	}
	_, err := get("Foobar")
	wantError(t, err, "InvalidAttributeName", "Unknown Attribute Foobar.") // [Q027]
}
