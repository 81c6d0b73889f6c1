package provision

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

var snsHandlers = map[string]Handler{
	"AWS::SNS::Topic":             {createTopic, updateTopic, deleteTopic},
	"AWS::SNS::TopicPolicy":       {createTopicPolicy, updateTopicPolicy, deleteTopicPolicy},
	"AWS::SNS::TopicInlinePolicy": {createTopicInlinePolicy, setTopicInlinePolicy, deleteTopicInlinePolicy},
	"AWS::SNS::Subscription":      {createSubscription, updateSubscription, deleteSubscription},
}

// topicAttributes are the attributes of topics that are properties, and what they become
// when the property is removed.
var topicAttributes = map[string]string{
	"ArchivePolicy":             "",
	"ContentBasedDeduplication": "false",
	"DisplayName":               "",
	"FifoThroughputScope":       "Topic",
	"KmsMasterKeyId":            "",
	"MaximumMessageSize":        "262144",
	"SignatureVersion":          "1",
	"TracingConfig":             "PassThrough",
}

// loggedProtocols are the protocols of DeliveryStatusLogging, and how the names of their
// attributes begin.
var loggedProtocols = map[string]string{
	"http/s": "HTTP", "sqs": "SQS", "lambda": "Lambda", "firehose": "Firehose", "application": "Application",
}

// loggedAttributes are the rest of those names, and what they are where nothing is logged.
var loggedAttributes = map[string]string{"SuccessFeedbackRoleArn": "", "FailureFeedbackRoleArn": "", "SuccessFeedbackSampleRate": "0"}

func createTopic(ctx context.Context, j *Job) error {
	name := j.topicName()
	arn := strings.Join([]string{"arn", j.Stack.Partition, "sns", j.Stack.Region, j.Stack.Account, name}, ":")
	_, err := j.Call(ctx, "sns", "GetTopicAttributes", map[string]any{"TopicArn": arn})
	if err == nil {
		return j.exists(name)
	}
	if !isCode(err, notFound) {
		return err
	}
	set, err := wantedTopic(j.Properties)
	if err != nil {
		return err
	}
	if fifo := j.Properties.Get("FifoTopic"); fifo != nil {
		set["FifoTopic"] = fifo.String()
	}
	in := map[string]any{"Name": name, "Attributes": set, "Tags": tagList(j.Tags, "Key", "Value")}
	if policy := j.Properties.Get("DataProtectionPolicy"); policy != nil {
		in["DataProtectionPolicy"] = document(policy)
	}
	out, err := j.Call(ctx, "sns", "CreateTopic", in)
	if err != nil {
		return err
	}
	j.PhysicalID = text(out, "TopicArn")
	j.describeTopic()
	return j.subscribeInline(ctx)
}

// topicName is the topic's name; a made-up one is a FIFO topic's by its end [C204].
func (j *Job) topicName() string {
	if name := j.Properties.Get("TopicName"); name != nil || j.Properties.Get("FifoTopic").String() != "true" {
		return j.named("TopicName", 256)
	}
	return j.madeUp(256, ".fifo")
}

// describeTopic sets what Fn::GetAtt yields [C215].
func (j *Job) describeTopic() {
	j.attributes(map[string]any{"TopicArn": j.PhysicalID, "TopicName": j.PhysicalID[strings.LastIndex(j.PhysicalID, ":")+1:]})
}

// wantedTopic are the attributes that properties ask for.
func wantedTopic(properties *template.Node) (map[string]any, error) {
	set := map[string]any{}
	for attribute := range topicAttributes {
		if value := properties.Get(attribute); value != nil {
			set[attribute] = document(value)
		}
	}
	for logging := range properties.Get("DeliveryStatusLogging").All() {
		protocol := logging.Get("Protocol").String()
		prefix, ok := loggedProtocols[protocol]
		if !ok {
			return nil, failf(invalidRequest, "Invalid DeliveryStatusLogging protocol: %s. Valid values are application, firehose, http/s, lambda and sqs.", protocol)
		}
		for attribute := range loggedAttributes {
			if value := logging.Get(attribute); value != nil {
				set[prefix+attribute] = value.String()
			}
		}
	}
	return set, nil
}

// unsetTopicAttribute is what an attribute becomes that is no longer asked for.
func unsetTopicAttribute(name string) string {
	for _, prefix := range loggedProtocols {
		if value, ok := loggedAttributes[strings.TrimPrefix(name, prefix)]; ok && strings.HasPrefix(name, prefix) {
			return value
		}
	}
	return topicAttributes[name]
}

func updateTopic(ctx context.Context, j *Job) error {
	had, err := wantedTopic(j.Before)
	if err != nil {
		had = nil // what could not be made has not been
	}
	has, err := wantedTopic(j.Properties)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(had)) {
		if _, still := has[name]; !still {
			has[name] = unsetTopicAttribute(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if had[name] == has[name] {
			continue
		}
		if err := j.setTopicAttribute(ctx, j.PhysicalID, name, has[name]); err != nil {
			return err
		}
	}
	if j.changed("DataProtectionPolicy") {
		in := map[string]any{"ResourceArn": j.PhysicalID, "DataProtectionPolicy": document(j.Properties.Get("DataProtectionPolicy"))}
		if err := j.do(ctx, "sns", "PutDataProtectionPolicy", in); err != nil {
			return err
		}
	}
	if err := j.subscribeInline(ctx); err != nil {
		return err
	}
	j.describeTopic()
	return j.retag(func(tags map[string]string) error {
		return j.do(ctx, "sns", "TagResource", map[string]any{"ResourceArn": j.PhysicalID, "Tags": tagList(tags, "Key", "Value")})
	}, func(keys []any) error {
		return j.do(ctx, "sns", "UntagResource", map[string]any{"ResourceArn": j.PhysicalID, "TagKeys": keys})
	})
}

func (j *Job) setTopicAttribute(ctx context.Context, topic, name string, value any) error {
	return j.do(ctx, "sns", "SetTopicAttributes", map[string]any{"TopicArn": topic, "AttributeName": name, "AttributeValue": value})
}

// deleteTopic deletes a topic with its subscriptions. SNS deletes one that is gone as well.
func deleteTopic(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "sns", "DeleteTopic", map[string]any{"TopicArn": j.PhysicalID}))
}

// subscribeInline makes the subscriptions of the property Subscription, and ends those
// that are no longer in it. They are no resources of their own [C216].
func (j *Job) subscribeInline(ctx context.Context) error {
	had, has := j.Before.Get("Subscription"), j.Properties.Get("Subscription")
	for s := range has.All() {
		if contains(had, s) {
			continue
		}
		if err := j.do(ctx, "sns", "Subscribe", map[string]any{
			"TopicArn": j.PhysicalID, "Protocol": s.Get("Protocol"), "Endpoint": s.Get("Endpoint"), "ReturnSubscriptionArn": true,
		}); err != nil {
			return err
		}
	}
	for s := range had.All() {
		if contains(has, s) {
			continue
		}
		if err := j.unsubscribeInline(ctx, s.Get("Protocol").String(), s.Get("Endpoint").String()); err != nil {
			return err
		}
	}
	return nil
}

func contains(list, item *template.Node) bool {
	return list != nil && slices.ContainsFunc(list.Items, item.Equal)
}

// unsubscribeInline ends a topic's subscription of an endpoint. One that still waits for its
// confirmation shows no ARN, and ends by itself.
func (j *Job) unsubscribeInline(ctx context.Context, protocol, endpoint string) error {
	in := map[string]any{"TopicArn": j.PhysicalID}
	for {
		out, err := j.Call(ctx, "sns", "ListSubscriptionsByTopic", in)
		if err != nil {
			return err
		}
		all, _ := out["Subscriptions"].([]any)
		for _, item := range all {
			s, _ := item.(map[string]any)
			arn := text(s, "SubscriptionArn")
			if text(s, "Protocol") == protocol && text(s, "Endpoint") == endpoint && strings.HasPrefix(arn, "arn:") {
				return j.unsubscribe(ctx, arn)
			}
		}
		if in["NextToken"] = text(out, "NextToken"); in["NextToken"] == "" {
			return nil
		}
	}
}

func (j *Job) unsubscribe(ctx context.Context, subscription string) error {
	return gone(j.do(ctx, "sns", "Unsubscribe", map[string]any{"SubscriptionArn": subscription}))
}
