package provision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/provision"
)

func (w *world) topic(arn string) map[string]any {
	w.t.Helper()
	return w.ask("sns", "GetTopicAttributes", map[string]any{"TopicArn": arn})["Attributes"].(map[string]any)
}

func (w *world) subscription(arn string) map[string]any {
	w.t.Helper()
	return w.ask("sns", "GetSubscriptionAttributes", map[string]any{"SubscriptionArn": arn})["Attributes"].(map[string]any)
}

// endpoints are a topic's subscriptions, as PROTOCOL ENDPOINT.
func (w *world) endpoints(topic string) string {
	w.t.Helper()
	all, _ := w.ask("sns", "ListSubscriptionsByTopic", map[string]any{"TopicArn": topic})["Subscriptions"].([]any)
	var list []string
	for _, item := range all {
		s := item.(map[string]any)
		list = append(list, s["Protocol"].(string)+" "+s["Endpoint"].(string)[strings.LastIndex(s["Endpoint"].(string), ":")+1:])
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestTopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.ask("iam", "CreateRole", map[string]any{"RoleName": "log", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	arn := role["Role"].(map[string]any)["Arn"].(string)
	protection := `{"Name":"p","Version":"2021-06-01","Statement":[{"DataDirection":"Inbound","Principal":["*"],"DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],"Operation":{"Deny":{}}}]}`
	topic := w.createTagged("AWS::SNS::Topic", "Topic", `{"TopicName":"news","DisplayName":"News","KmsMasterKeyId":"alias/aws/sns","SignatureVersion":"2",
		"TracingConfig":"Active","MaximumMessageSize":2048,
		"DeliveryStatusLogging":[{"Protocol":"http/s","SuccessFeedbackRoleArn":"`+arn+`","FailureFeedbackRoleArn":"`+arn+`","SuccessFeedbackSampleRate":"10"},
			{"Protocol":"lambda","FailureFeedbackRoleArn":"`+arn+`"}]}`, map[string]string{"team": "a", "old": "1", "aws:cloudformation:stack-name": "stack"})
	wants(t, topic.PhysicalID, "arn:aws:sns:us-east-1:123456789012:news")
	wants(t, topic.get("TopicArn"), topic.PhysicalID)
	wants(t, topic.get("TopicName"), "news")
	shown := w.topic(topic.PhysicalID)
	for attribute, want := range map[string]string{
		"DisplayName": "News", "KmsMasterKeyId": "alias/aws/sns", "SignatureVersion": "2", "TracingConfig": "Active", "MaximumMessageSize": "2048",
		"HTTPSuccessFeedbackRoleArn": arn, "HTTPFailureFeedbackRoleArn": arn, "HTTPSuccessFeedbackSampleRate": "10", "LambdaFailureFeedbackRoleArn": arn,
	} {
		has(t, shown, attribute, `"`+want+`"`)
	}
	tags := func() map[string]any {
		return w.ask("sns", "ListTagsForResource", map[string]any{"ResourceArn": topic.PhysicalID})
	}
	has(t, tags(), "Tags", `[{"Key":"aws:cloudformation:stack-name","Value":"stack"},{"Key":"old","Value":"1"},{"Key":"team","Value":"a"}]`)

	topic.updateTagged(`{"TopicName":"news","DisplayName":"Old news","DataProtectionPolicy":`+protection+`,"DeliveryStatusLogging":[{"Protocol":"sqs","FailureFeedbackRoleArn":"`+arn+`"}]}`,
		map[string]string{"team": "b", "new": "2", "aws:cloudformation:stack-name": "stack"})
	shown = w.topic(topic.PhysicalID)
	for attribute, want := range map[string]string{
		"DisplayName": `"Old news"`, "KmsMasterKeyId": "null", "SignatureVersion": `"1"`, "TracingConfig": `"PassThrough"`, "MaximumMessageSize": `"262144"`,
		"HTTPSuccessFeedbackRoleArn": "null", "HTTPFailureFeedbackRoleArn": "null", "HTTPSuccessFeedbackSampleRate": `"0"`, "LambdaFailureFeedbackRoleArn": "null",
		"SQSFailureFeedbackRoleArn": `"` + arn + `"`,
	} {
		has(t, shown, attribute, want)
	}
	has(t, tags(), "Tags", `[{"Key":"aws:cloudformation:stack-name","Value":"stack"},{"Key":"team","Value":"b"},{"Key":"new","Value":"2"}]`)
	protected := func() string {
		s, _ := w.ask("sns", "GetDataProtectionPolicy", map[string]any{"ResourceArn": topic.PhysicalID})["DataProtectionPolicy"].(string)
		return s
	}
	wants(t, protected(), protection)
	topic.updateTagged(`{"TopicName":"news"}`, nil)
	wants(t, protected(), "")
	has(t, w.topic(topic.PhysicalID), "DisplayName", `""`)
	has(t, tags(), "Tags", `[]`)

	topic.delete()
	if _, err := w.Call(t.Context(), "sns", "GetTopicAttributes", map[string]any{"TopicArn": topic.PhysicalID}); err == nil {
		t.Error("the topic is still there")
	}
}

func TestFifoTopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	topic := w.create("AWS::SNS::Topic", "Topic", `{"FifoTopic":true,"ContentBasedDeduplication":true,"FifoThroughputScope":"MessageGroup","ArchivePolicy":{"MessageRetentionPeriod":"30"}}`)
	wants(t, topic.get("TopicName"), "stack-Topic-Token0000001.fifo")
	shown := w.topic(topic.PhysicalID)
	has(t, shown, "ContentBasedDeduplication", `"true"`)
	has(t, shown, "FifoThroughputScope", `"MessageGroup"`)
	has(t, shown, "ArchivePolicy", `"{\"MessageRetentionPeriod\":\"30\"}"`)
	topic.update(`{"FifoTopic":true}`)
	shown = w.topic(topic.PhysicalID)
	has(t, shown, "ContentBasedDeduplication", `"false"`)
	has(t, shown, "FifoThroughputScope", `"Topic"`)
	has(t, shown, "ArchivePolicy", `null`)
	topic.delete()
	w.create("AWS::SNS::Topic", "Standard", `{"FifoTopic":false}`)
}

func TestTopicRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("AWS::SNS::Topic", "Topic", `{"TopicName":"news"}`)
	for properties, want := range map[string]string{
		`{"TopicName":"news"}`:                                       "Resource of type 'AWS::SNS::Topic' with identifier 'news' already exists.",
		`{"TopicName":"plain","FifoTopic":true}`:                     "Invalid parameter: Topic Name (Service: Sns",
		`{"DeliveryStatusLogging":[{"Protocol":"carrier"}]}`:         "Invalid DeliveryStatusLogging protocol: carrier.",
		`{"Subscription":[{"Protocol":"sqs","Endpoint":"nowhere"}]}`: "Invalid parameter: SQS endpoint ARN",
		`{"SignatureVersion":"3"}`:                                   "HandlerErrorCode: InvalidRequest",
	} {
		if got := w.refuses("AWS::SNS::Topic", "Bad", properties); !strings.Contains(got, want) {
			t.Errorf("%s: %s", properties, got)
		}
	}
	all := w.ask("sns", "ListTopics", map[string]any{})["Topics"].([]any)
	if len(all) != 1 {
		t.Errorf("what failed is left: %v", all)
	}
}

func TestInlineSubscriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.create("AWS::SQS::Queue", "A", `{"QueueName":"a"}`), w.create("AWS::SQS::Queue", "B", `{"QueueName":"b"}`)
	to := func(r *resource) string { return `{"Protocol":"sqs","Endpoint":"` + r.get("Arn") + `"}` }
	topic := w.create("AWS::SNS::Topic", "Topic", `{"Subscription":[`+to(a)+`]}`)
	wants(t, w.endpoints(topic.PhysicalID), "sqs a")
	topic.update(`{"DisplayName":"x","Subscription":[` + to(a) + `]}`)
	wants(t, w.endpoints(topic.PhysicalID), "sqs a")
	topic.update(`{"Subscription":[` + to(b) + `,{"Protocol":"email","Endpoint":"a@example.com"}]}`)
	wants(t, w.endpoints(topic.PhysicalID), "email a@example.com, sqs b")
	topic.update(`{}`)
	wants(t, w.endpoints(topic.PhysicalID), "email a@example.com")
}

func TestTopicPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.create("AWS::SNS::Topic", "A", `{}`), w.create("AWS::SNS::Topic", "B", `{}`)
	policy := func(r *resource) string { return w.topic(r.PhysicalID)["Policy"].(string) }
	fresh := policy(a)
	document := func(r *resource) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"` + r.PhysicalID + `"}]}`
	}
	p := w.create("AWS::SNS::TopicPolicy", "Policy", `{"Topics":["`+a.PhysicalID+`"],"PolicyDocument":`+document(a)+`}`)
	wants(t, p.PhysicalID, "stack-Policy-Token0000003")
	wants(t, p.get("Id"), p.PhysicalID)
	wants(t, policy(a), document(a))
	p.update(`{"Topics":["` + b.PhysicalID + `"],"PolicyDocument":` + document(b) + `}`)
	wants(t, policy(a), fresh)
	wants(t, policy(b), document(b))
	p.delete()
	wants(t, policy(b), strings.ReplaceAll(fresh, a.PhysicalID, b.PhysicalID))
	b.delete()
	p.delete()

	inline := w.create("AWS::SNS::TopicInlinePolicy", "Inline", `{"TopicArn":"`+a.PhysicalID+`","PolicyDocument":`+document(a)+`}`)
	wants(t, inline.PhysicalID, a.PhysicalID)
	wants(t, policy(a), document(a))
	if got := w.refuses("AWS::SNS::TopicInlinePolicy", "Second", `{"TopicArn":"`+a.PhysicalID+`","PolicyDocument":{}}`); !strings.Contains(got, "AlreadyExists") {
		t.Error(got)
	}
	changed := strings.Replace(document(a), "Publish", "Subscribe", 1)
	inline.update(`{"TopicArn":"` + a.PhysicalID + `","PolicyDocument":` + changed + `}`)
	wants(t, policy(a), changed)
	inline.delete()
	wants(t, policy(a), fresh)
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	topic, queue, dead := w.create("AWS::SNS::Topic", "Topic", `{}`), w.create("AWS::SQS::Queue", "Queue", `{}`), w.create("AWS::SQS::Queue", "Dead", `{}`)
	to := `"TopicArn":"` + topic.PhysicalID + `","Protocol":"sqs","Endpoint":"` + queue.get("Arn") + `"`
	s := w.create("AWS::SNS::Subscription", "Subscription", `{`+to+`,"RawMessageDelivery":"true","FilterPolicy":{"kind":["a"]},
		"RedrivePolicy":{"deadLetterTargetArn":"`+dead.get("Arn")+`"}}`)
	if !strings.HasPrefix(s.PhysicalID, topic.PhysicalID+":") {
		t.Error(s.PhysicalID)
	}
	wants(t, s.get("Arn"), s.PhysicalID)
	shown := w.subscription(s.PhysicalID)
	has(t, shown, "RawMessageDelivery", `"true"`)
	has(t, shown, "FilterPolicy", `"{\"kind\":[\"a\"]}"`)
	has(t, shown, "FilterPolicyScope", `"MessageAttributes"`)
	has(t, shown, "RedrivePolicy", `"{\"deadLetterTargetArn\":\"`+dead.get("Arn")+`\"}"`)

	s.update(`{` + to + `,"FilterPolicyScope":"MessageBody","FilterPolicy":{"kind":{"of":["b"]}}}`)
	shown = w.subscription(s.PhysicalID)
	has(t, shown, "RawMessageDelivery", `"false"`)
	has(t, shown, "FilterPolicy", `"{\"kind\":{\"of\":[\"b\"]}}"`)
	has(t, shown, "FilterPolicyScope", `"MessageBody"`)
	has(t, shown, "RedrivePolicy", `null`)
	wants(t, s.get("Arn"), s.PhysicalID)
	s.update(`{` + to + `,"FilterPolicyScope":"MessageAttributes","FilterPolicy":{"kind":["c"]}}`)
	has(t, w.subscription(s.PhysicalID), "FilterPolicyScope", `"MessageAttributes"`)
	s.update(`{` + to + `}`)
	has(t, w.subscription(s.PhysicalID), "FilterPolicy", `null`)
	s.delete()
	wants(t, w.endpoints(topic.PhysicalID), "")

	web := w.create("AWS::SNS::Subscription", "Mail", `{"TopicArn":"`+topic.PhysicalID+`","Protocol":"email","Endpoint":"a@example.com"}`)
	web.delete()
	wants(t, w.endpoints(topic.PhysicalID), "")
	if got := w.refuses("AWS::SNS::Subscription", "Bad", `{"TopicArn":"`+topic.PhysicalID+`x","Protocol":"sqs","Endpoint":"`+queue.get("Arn")+`"}`); !strings.Contains(got, "Topic does not exist") || !strings.Contains(got, "NotFound") {
		t.Error(got)
	}
}

// A subscription may be of a topic of another region; the calls then go there.
func TestSubscriptionOfAnotherRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	queue := w.create("AWS::SQS::Queue", "Queue", `{}`)
	out, err := w.Call(provision.In(t.Context(), "eu-west-1"), "sns", "CreateTopic", map[string]any{"Name": "far"})
	if err != nil {
		t.Fatal(err)
	}
	topic := out["TopicArn"].(string)
	s := w.create("AWS::SNS::Subscription", "Subscription", `{"Region":"eu-west-1","TopicArn":"`+topic+`","Protocol":"sqs","Endpoint":"`+queue.get("Arn")+`"}`)
	s.update(`{"Region":"eu-west-1","TopicArn":"` + topic + `","Protocol":"sqs","Endpoint":"` + queue.get("Arn") + `","RawMessageDelivery":true}`)
	out, err = w.Call(provision.In(t.Context(), "eu-west-1"), "sns", "GetSubscriptionAttributes", map[string]any{"SubscriptionArn": s.PhysicalID})
	if err != nil {
		t.Fatal(err)
	}
	has(t, out["Attributes"].(map[string]any), "RawMessageDelivery", `"true"`)
	s.delete()
}
