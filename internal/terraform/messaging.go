package terraform

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// renamed are arguments of Terraform's and what AWS calls them.
type renamed struct{ argument, name string }

var queueAttributes = []renamed{
	{"visibility_timeout_seconds", "VisibilityTimeout"},
	{"message_retention_seconds", "MessageRetentionPeriod"},
	{"max_message_size", "MaximumMessageSize"},
	{"delay_seconds", "DelaySeconds"},
	{"receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"},
	{"policy", "Policy"},
	{"redrive_policy", "RedrivePolicy"},
	{"redrive_allow_policy", "RedriveAllowPolicy"},
}

var fifoQueueAttributes = []renamed{
	{"fifo_queue", "FifoQueue"},
	{"content_based_deduplication", "ContentBasedDeduplication"},
	{"deduplication_scope", "DeduplicationScope"},
	{"fifo_throughput_limit", "FifoThroughputLimit"},
}

// settings puts arguments among the attributes of a fixture.
func (r *reader) settings(one *resource, o *object, all []renamed) {
	for _, a := range all {
		if value := r.known(one, a.argument); value != nil {
			o.within("attributes").put(a.name, value)
		}
	}
}

func (r *reader) queue(one *resource) {
	o := r.add(one, "queues")
	o.put("name", one.get("name"))
	r.settings(one, o, queueAttributes)
	if one.is("fifo_queue") {
		r.settings(one, o, fifoQueueAttributes)
	}
	if key := r.known(one, "kms_master_key_id"); key != nil {
		o.within("attributes").put("KmsMasterKeyId", key)
		o.within("attributes").put("KmsDataKeyReusePeriodSeconds", one.get("kms_data_key_reuse_period_seconds"))
	} else {
		r.settings(one, o, []renamed{{"sqs_managed_sse_enabled", "SqsManagedSseEnabled"}})
	}
	o.put("tags", one.tags())
	one.inRegion(o)
}

var topicAttributes = []renamed{
	{"display_name", "DisplayName"},
	{"delivery_policy", "DeliveryPolicy"},
	{"kms_master_key_id", "KmsMasterKeyId"},
	{"tracing_config", "TracingConfig"},
	{"application_success_feedback_role_arn", "ApplicationSuccessFeedbackRoleArn"},
	{"application_failure_feedback_role_arn", "ApplicationFailureFeedbackRoleArn"},
	{"firehose_success_feedback_role_arn", "FirehoseSuccessFeedbackRoleArn"},
	{"firehose_failure_feedback_role_arn", "FirehoseFailureFeedbackRoleArn"},
	{"http_success_feedback_role_arn", "HTTPSuccessFeedbackRoleArn"},
	{"http_failure_feedback_role_arn", "HTTPFailureFeedbackRoleArn"},
	{"lambda_success_feedback_role_arn", "LambdaSuccessFeedbackRoleArn"},
	{"lambda_failure_feedback_role_arn", "LambdaFailureFeedbackRoleArn"},
	{"sqs_success_feedback_role_arn", "SQSSuccessFeedbackRoleArn"},
	{"sqs_failure_feedback_role_arn", "SQSFailureFeedbackRoleArn"},
}

// topicRates Terraform sets of every topic, to 0 where nobody says otherwise.
var topicRates = []renamed{
	{"application_success_feedback_sample_rate", "ApplicationSuccessFeedbackSampleRate"},
	{"firehose_success_feedback_sample_rate", "FirehoseSuccessFeedbackSampleRate"},
	{"http_success_feedback_sample_rate", "HTTPSuccessFeedbackSampleRate"},
	{"lambda_success_feedback_sample_rate", "LambdaSuccessFeedbackSampleRate"},
	{"sqs_success_feedback_sample_rate", "SQSSuccessFeedbackSampleRate"},
}

var fifoTopicAttributes = []renamed{
	{"fifo_topic", "FifoTopic"},
	{"content_based_deduplication", "ContentBasedDeduplication"},
	{"fifo_throughput_scope", "FifoThroughputScope"},
	{"archive_policy", "ArchivePolicy"},
}

func (r *reader) topic(one *resource) {
	o := r.add(one, "topics")
	o.put("name", one.get("name"))
	r.settings(one, o, topicAttributes)
	r.settings(one, o, topicRates)
	if one.text("signature_version") != "0" { // which is that it is not set
		r.settings(one, o, []renamed{{"signature_version", "SignatureVersion"}})
	}
	if one.is("fifo_topic") {
		r.settings(one, o, fifoTopicAttributes)
	}
	// The policy that every topic begins with needs no saying.
	if policy := r.known(one, "policy"); policy != nil && !(strings.Contains(policy.Value, `"__default_statement_ID"`) && strings.Count(policy.Value, `"Effect"`) == 1) {
		o.within("attributes").put("Policy", policy)
	}
	o.put("tags", one.tags())
	one.inRegion(o)
}

var subscriptionAttributes = []renamed{
	{"delivery_policy", "DeliveryPolicy"},
	{"filter_policy", "FilterPolicy"},
	{"redrive_policy", "RedrivePolicy"},
	{"replay_policy", "ReplayPolicy"},
	{"subscription_role_arn", "SubscriptionRoleArn"},
}

func (r *reader) subscription(one *resource) {
	endpoint := r.known(one, "endpoint")
	if endpoint == nil {
		return
	}
	topic := r.owner(one, "topic_arn", "aws_sns_topic")
	if topic == nil {
		return
	}
	o := newObject(one.node)
	o.put("protocol", one.get("protocol"))
	o.put("endpoint", endpoint)
	if id := one.text("arn"); strings.Contains(id, ":") {
		o.put("id", one.word(id[strings.LastIndex(id, ":")+1:]))
	}
	r.settings(one, o, subscriptionAttributes)
	if one.get("filter_policy") != nil {
		r.settings(one, o, []renamed{{"filter_policy_scope", "FilterPolicyScope"}})
	}
	if one.is("raw_message_delivery") {
		r.settings(one, o, []renamed{{"raw_message_delivery", "RawMessageDelivery"}})
	}
	push(topic.list("subscriptions"), o.Node)
}

// push puts an item at the end of a list.
func push(list, item *yaml.Node) { list.Content = append(list.Content, item) }
