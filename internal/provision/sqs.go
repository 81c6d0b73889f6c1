package provision

import (
	"context"
	"strings"
)

var sqsHandlers = map[string]Handler{
	"AWS::SQS::Queue":             {createQueue, updateQueue, deleteQueue},
	"AWS::SQS::QueuePolicy":       {createQueuePolicy, updateQueuePolicy, deleteQueuePolicy},
	"AWS::SQS::QueueInlinePolicy": {createQueueInlinePolicy, setQueueInlinePolicy, deleteQueueInlinePolicy},
}

// queueAttributes are the attributes of queues that are properties, and what they become
// when the property is removed; those without a value then stay as they are [C211].
var queueAttributes = map[string]string{
	"ContentBasedDeduplication":     "false",
	"DeduplicationScope":            stays,
	"DelaySeconds":                  "0",
	"FifoThroughputLimit":           stays,
	"KmsDataKeyReusePeriodSeconds":  "300",
	"KmsMasterKeyId":                "",
	"MaximumMessageSize":            "262144", // not what a new queue has
	"MessageRetentionPeriod":        "345600",
	"ReceiveMessageWaitTimeSeconds": "0",
	"RedriveAllowPolicy":            "",
	"RedrivePolicy":                 "",
	"SqsManagedSseEnabled":          stays,
	"VisibilityTimeout":             "30",
}

// stays marks an attribute that nothing sets back.
const stays = "stays"

func createQueue(ctx context.Context, j *Job) error {
	name := j.queueName()
	_, err := j.Call(ctx, "sqs", "GetQueueUrl", map[string]any{"QueueName": name})
	if err == nil {
		return j.exists(name)
	}
	if !isCode(err, notFound) {
		return err
	}
	set := map[string]any{}
	for attribute := range queueAttributes {
		if value := j.Properties.Get(attribute); value != nil {
			set[attribute] = document(value)
		}
	}
	// A standard queue with FifoQueue: false is SQS's to refuse, as it is on AWS [C212].
	if fifo := j.Properties.Get("FifoQueue"); fifo != nil {
		set["FifoQueue"] = fifo.String()
	}
	out, err := j.Call(ctx, "sqs", "CreateQueue", map[string]any{"QueueName": name, "Attributes": set, "tags": j.Tags})
	if err != nil {
		return err
	}
	j.PhysicalID = text(out, "QueueUrl")
	return j.describeQueue(ctx)
}

// queueName is the queue's name; a made-up one is a FIFO queue's by its end [C204].
func (j *Job) queueName() string {
	if name := j.Properties.Get("QueueName"); name != nil || j.Properties.Get("FifoQueue").String() != "true" {
		return j.named("QueueName", 80)
	}
	return j.madeUp(80, ".fifo")
}

// describeQueue sets what Fn::GetAtt yields [C210].
func (j *Job) describeQueue(ctx context.Context) error {
	out, err := j.Call(ctx, "sqs", "GetQueueAttributes", map[string]any{"QueueUrl": j.PhysicalID, "AttributeNames": []string{"QueueArn"}})
	if err != nil {
		return err
	}
	shown, _ := out["Attributes"].(map[string]any)
	arn := text(shown, "QueueArn")
	j.attributes(map[string]any{"Arn": arn, "QueueName": arn[strings.LastIndex(arn, ":")+1:], "QueueUrl": j.PhysicalID})
	return nil
}

func updateQueue(ctx context.Context, j *Job) error {
	set := map[string]any{}
	for attribute, back := range queueAttributes {
		if !j.changed(attribute) {
			continue
		}
		switch value := j.Properties.Get(attribute); {
		case value != nil:
			set[attribute] = document(value)
		case back != stays:
			set[attribute] = back
		}
	}
	if len(set) > 0 {
		if err := j.do(ctx, "sqs", "SetQueueAttributes", map[string]any{"QueueUrl": j.PhysicalID, "Attributes": set}); err != nil {
			return err
		}
	}
	err := j.retag(func(tags map[string]string) error {
		return j.do(ctx, "sqs", "TagQueue", map[string]any{"QueueUrl": j.PhysicalID, "Tags": tags})
	}, func(keys []any) error {
		return j.do(ctx, "sqs", "UntagQueue", map[string]any{"QueueUrl": j.PhysicalID, "TagKeys": keys})
	})
	if err != nil {
		return err
	}
	return j.describeQueue(ctx)
}

func deleteQueue(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "sqs", "DeleteQueue", map[string]any{"QueueUrl": j.PhysicalID}))
}

// setQueuePolicy sets the policy of a queue; an empty one is removed.
func (j *Job) setQueuePolicy(ctx context.Context, url, policy string) error {
	return j.do(ctx, "sqs", "SetQueueAttributes", map[string]any{"QueueUrl": url, "Attributes": map[string]any{"Policy": policy}})
}

func createQueuePolicy(ctx context.Context, j *Job) error { return updateQueuePolicy(ctx, j) }

// queuePath is the part of a queue's URL that tells which queue it is: the same queue has
// other URLs for those who reach this server by another name.
func queuePath(url string) string {
	parts := strings.Split(url, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// updateQueuePolicy sets the policy of each queue, and removes it from those that are no
// longer among them [C213].
func updateQueuePolicy(ctx context.Context, j *Job) error {
	had, has := j.Before.Get("Queues").Strings(), j.Properties.Get("Queues").Strings()
	err := onEach(had, has, queuePath, j.changed("PolicyDocument"), func(url string) error {
		err := j.setQueuePolicy(ctx, url, document(j.Properties.Get("PolicyDocument")))
		return j.begun(err)
	}, func(url string) error {
		return gone(j.setQueuePolicy(ctx, url, ""))
	})
	j.attributes(map[string]any{"Id": j.PhysicalID})
	return err
}

func deleteQueuePolicy(ctx context.Context, j *Job) error {
	for _, url := range j.Properties.Get("Queues").Strings() {
		if err := gone(j.setQueuePolicy(ctx, url, "")); err != nil {
			return err
		}
	}
	return nil
}

// createQueueInlinePolicy sets the policy of a queue that has none [C214].
func createQueueInlinePolicy(ctx context.Context, j *Job) error {
	url := j.Properties.Get("Queue").String()
	out, err := j.Call(ctx, "sqs", "GetQueueAttributes", map[string]any{"QueueUrl": url, "AttributeNames": []string{"Policy"}})
	if err != nil {
		return err
	}
	if shown, _ := out["Attributes"].(map[string]any); text(shown, "Policy") != "" {
		return j.exists(url)
	}
	if err := setQueueInlinePolicy(ctx, j); err != nil {
		return err
	}
	j.PhysicalID = url
	return nil
}

func setQueueInlinePolicy(ctx context.Context, j *Job) error {
	j.attributes(nil)
	return j.setQueuePolicy(ctx, j.Properties.Get("Queue").String(), document(j.Properties.Get("PolicyDocument")))
}

func deleteQueueInlinePolicy(ctx context.Context, j *Job) error {
	return gone(j.setQueuePolicy(ctx, j.PhysicalID, ""))
}
