package sns

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

func TestCreateTopicAnswersItsARN(t *testing.T) { // [N009] [N019]
	w := newTestbed(t)
	if got := w.createTopic("orders"); got != testTopic {
		t.Errorf("got %s", got)
	}
	out := must(w.CreateTopic(request(in("eu-west-1")), &CreateTopicInput{Name: "orders"}))
	if want := "arn:aws:sns:eu-west-1:123456789012:orders"; out.TopicArn != want {
		t.Errorf("got %s, want %s", out.TopicArn, want)
	}
	for region, want := range map[string]string{testRegion: testTopic, "eu-west-1": out.TopicArn} {
		list := must(w.ListTopics(request(in(region)), &ListTopicsInput{}))
		if diff := cmp.Diff([]Topic{{want}}, list.Topics); diff != "" {
			t.Errorf("%s: %s", region, diff)
		}
	}
}

func TestTopicNames(t *testing.T) { // [N010]-[N012]
	w := newTestbed(t)
	fifo := map[string]string{"FifoTopic": "true"}
	for _, c := range []struct {
		name       string
		attributes map[string]string
		ok         bool
	}{
		{strings.Repeat("a", 256), nil, true},
		{strings.Repeat("a", 257), nil, false},
		{"", nil, false},
		{"a-b_C9", nil, true},
		{"a:b", nil, false}, {"a;b", nil, false}, {"a!b", nil, false}, {"a@b", nil, false},
		{"a|b", nil, false}, {"a^b", nil, false}, {"a%b", nil, false}, {"a b", nil, false}, {"a.b", nil, false},
		{"a.fifo", nil, false},
		{"a.fifo", fifo, true},
		{"b", fifo, false},
		{".fifo", fifo, false},
		{"c", map[string]string{"FifoTopic": "false"}, true},
	} {
		_, err := w.CreateTopic(request(), &CreateTopicInput{Name: c.name, Attributes: c.attributes})
		if c.ok {
			if err != nil {
				t.Errorf("%q: %v", c.name, err)
			}
			continue
		}
		wantError(t, err, "InvalidParameter", "Invalid parameter: Topic Name")
	}
}

func TestCreateTopicAgain(t *testing.T) { // [N013]-[N018]
	w := newTestbed(t)
	create := func(attributes map[string]string, tags ...Tag) error {
		_, err := w.CreateTopic(request(), &CreateTopicInput{Name: "orders", Attributes: attributes, Tags: tags})
		return err
	}
	a, b := Tag{"a", "1"}, Tag{"b", "2"}
	if err := create(map[string]string{"SignatureVersion": "2"}, a, b); err != nil {
		t.Fatal(err)
	}
	w.set(t, testTopic, "DisplayName", "later")
	for name, c := range map[string]struct {
		attributes map[string]string
		tags       []Tag
		message    string
	}{
		"nothing":              {},
		"equal":                {attributes: map[string]string{"SignatureVersion": "2"}},
		"FifoTopic=false":      {attributes: map[string]string{"FifoTopic": "false"}},
		"different":            {attributes: map[string]string{"SignatureVersion": "1"}, message: "Invalid parameter: Attributes Reason: Topic already exists with different attributes"},
		"additional":           {attributes: map[string]string{"KmsMasterKeyId": "k"}, message: "Invalid parameter: Attributes Reason: Topic already exists with different attributes"},
		"FifoTopic=":           {attributes: map[string]string{"FifoTopic": ""}, message: "Invalid parameter: Attributes Reason: FifoTopic: Invalid value []. Must be true or false."},
		"FifoTopic=true":       {attributes: map[string]string{"FifoTopic": "true"}, message: "Invalid parameter: Topic Name"},
		"same tags":            {tags: []Tag{b, a}},
		"a subset of the tags": {tags: []Tag{b}},
		"other tags":           {tags: []Tag{{"c", "3"}}, message: "Invalid parameter: Tags Reason: Topic already exists with different tags"},
		"other value of a tag": {tags: []Tag{{"a", "3"}}, message: "Invalid parameter: Tags Reason: Topic already exists with different tags"},
	} {
		err := create(c.attributes, c.tags...)
		if c.message == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantError(t, err, "InvalidParameter", c.message)
	}
	if got := w.attributesOf(t, testTopic)["DisplayName"]; got != "later" {
		t.Errorf("DisplayName is %q after the topic was created again", got)
	}
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	if err := create(nil, Tag{"z", "9"}); err != nil { // [N018]
		t.Fatal(err)
	}
}

func (w *testbed) set(t *testing.T, topic, name, value string) {
	t.Helper()
	if _, err := w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: topic, AttributeName: name, AttributeValue: value}); err != nil {
		t.Fatalf("%s=%s: %v", name, value, err)
	}
}

func (w *testbed) attributesOf(t *testing.T, topic string) map[string]string {
	t.Helper()
	out, err := w.GetTopicAttributes(request(), &GetTopicAttributesInput{TopicArn: topic})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func TestNewTopicsAttributes(t *testing.T) { // [N022]-[N026]
	w := newTestbed(t)
	w.createTopic("orders", "FifoTopic", "false")
	want := map[string]string{
		"TopicArn": testTopic, "Owner": testAccount, "DisplayName": "",
		"SubscriptionsConfirmed": "0", "SubscriptionsDeleted": "0", "SubscriptionsPending": "0",
		"EffectiveDeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`,
		"Policy":                  `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"arn:aws:sns:us-east-1:123456789012:orders","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}`,
	}
	if diff := cmp.Diff(want, w.attributesOf(t, testTopic)); diff != "" {
		t.Error(diff)
	}
	fifo := w.attributesOf(t, w.createTopic("orders.fifo", "FifoTopic", "true"))
	if fifo["FifoTopic"] != "true" || fifo["ContentBasedDeduplication"] != "false" {
		t.Errorf("a FIFO topic shows %v", fifo)
	}
}

func TestSetTopicAttributes(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("orders.fifo", "FifoTopic", "true")
	fifo := testTopic + ".fifo"
	for _, c := range []struct{ topic, name, value, shown string }{
		{testTopic, "DisplayName", "Orders & more", "Orders & more"},
		{testTopic, "KmsMasterKeyId", "alias/nobody-made-this", "alias/nobody-made-this"}, // [B2]
		{testTopic, "SignatureVersion", "2", "2"},
		{testTopic, "TracingConfig", "Active", "Active"},
		{testTopic, "SQSSuccessFeedbackSampleRate", "0", "0"},
		{testTopic, "HTTPFailureFeedbackRoleArn", "arn:aws:iam::123456789012:role/log", "arn:aws:iam::123456789012:role/log"},
		{testTopic, "MaximumMessageSize", "1024", "1024"},
		{fifo, "ContentBasedDeduplication", "TRUE", "true"},
		{fifo, "LambdaSuccessFeedbackSampleRate", "0", "0"},
	} {
		w.set(t, c.topic, c.name, c.value)
		if got := w.attributesOf(t, c.topic)[c.name]; got != c.shown {
			t.Errorf("%s=%s shows as %q, want %q", c.name, c.value, got, c.shown)
		}
	}
	w.set(t, testTopic, "KmsMasterKeyId", "") // [B1]
	if got, ok := w.attributesOf(t, testTopic)["KmsMasterKeyId"]; ok {
		t.Errorf("KmsMasterKeyId still shows as %q", got)
	}
}

func TestSetTopicAttributesRefuses(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	for _, c := range []struct{ topic, name, value, code, message string }{
		{testTopic, "FifoTopic", "true", "InvalidParameter", "Invalid parameter: AttributeName"}, // [N027]
		{testTopic, "Nonsense", "1", "InvalidParameter", "Invalid parameter: AttributeName"},
		{testTopic, "ContentBasedDeduplication", "true", "InvalidParameter", "Invalid parameter: AttributeName"},
		{testTopic, "Policy", "", "InvalidParameter", "Invalid parameter: Policy Error: null"},
		{testTopic, "SignatureVersion", "3", "InvalidParameter", "Invalid parameter: SignatureVersion: Invalid value [3]. Must be 1 or 2."},
		{testTopic, "SQSSuccessFeedbackSampleRate", "101", "InvalidParameter", "Invalid parameter: SQSSuccessFeedbackSampleRate: Invalid value [101]. Must be an integer between 0 and 100."},
		{testTopic, "DisplayName", "a\nb", "InvalidParameter", "Invalid parameter: DisplayName: Must be at most 100 characters long and must not contain control characters."},
		{testTopic + "x", "DisplayName", "a", "NotFound", "Topic does not exist"},
	} {
		_, err := w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: c.topic, AttributeName: c.name, AttributeValue: c.value})
		t.Run(c.name+"="+c.value, func(t *testing.T) { wantError(t, err, c.code, c.message) })
	}
}

func TestTopicARNs(t *testing.T) { // [N006]-[N008]
	w := newTestbed(t)
	w.createTopic("orders")
	operations := map[string]api.Operation{}
	for _, o := range w.API().Operations {
		operations[o.Name] = o
	}
	elements := "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not "
	for _, c := range []struct{ arn, code, message string }{
		{"", "InvalidParameter", elements + "1"},
		{"randomstring", "InvalidParameter", elements + "1"},
		{"randomstring:1", "InvalidParameter", elements + "2"},
		{"arn:aws:sns:us-east-1:random", "InvalidParameter", elements + "5"},
		{"arn:aws:sns:us-west-2:123456789012:orders", "InvalidParameter", "Invalid parameter: TopicArn"},
		{"arn:aws:sqs:us-east-1:123456789012:orders", "InvalidParameter", "Invalid parameter: TopicArn"},
		{"arn:aws-cn:sns:us-east-1:123456789012:orders", "InvalidParameter", "Invalid parameter: TopicArn"},
		{"arn:aws:sns:us-east-1:123456789012:orders:1", "InvalidParameter", "Invalid parameter: TopicArn"},
	} {
		for name, in := range map[string]any{
			"GetTopicAttributes": &GetTopicAttributesInput{TopicArn: c.arn},
			"SetTopicAttributes": &SetTopicAttributesInput{TopicArn: c.arn},
			"DeleteTopic":        &DeleteTopicInput{TopicArn: c.arn},
			"Subscribe":          &SubscribeInput{TopicArn: c.arn},
		} {
			o := operations[name]
			_, err := o.Resolve(request(), in)
			t.Run(name+" "+c.arn, func(t *testing.T) { wantError(t, err, c.code, c.message) })
		}
	}
	target, _, err := w.topicTarget(request(as(otherAccount)), testTopic+"x", "TopicArn")
	if err != nil || target.Missing == nil || target.Account != testAccount || target.Policy != nil {
		t.Errorf("a topic that does not exist: %+v, %v", target, err)
	}
	wantError(t, target.Missing, "NotFound", "Topic does not exist") // [N007]
	target, _, err = w.topicTarget(request(), testTopic, "TopicArn")
	if err != nil || target.Missing != nil || target.Policy == nil || target.Policy.Name != testTopic {
		t.Errorf("a topic that exists: %+v, %v", target, err)
	}
}

func TestDeleteTopic(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.subscribe(testTopic, "sqs", testQueue)
	for range 2 { // [N020]
		must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	}
	_, err := w.GetTopicAttributes(request(), &GetTopicAttributesInput{TopicArn: testTopic})
	wantError(t, err, "NotFound", "Topic does not exist")
	w.createTopic("orders")
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if got := w.queues.take(testQueue); len(got) != 0 {
		t.Errorf("%s of the deleted topic got %v", subscription, got)
	}
	if again := w.subscribe(testTopic, "sqs", testQueue); again == subscription {
		t.Error("the new topic has the old topic's subscription")
	}
}

func TestListTopicsPages(t *testing.T) { // [N041]
	w := newTestbed(t)
	want := map[string]bool{}
	for i := range 201 {
		want[w.createTopic(fmt.Sprintf("t%03d", i))] = true
	}
	token, pages := "", 0
	for {
		out := must(w.ListTopics(request(), &ListTopicsInput{NextToken: token}))
		for _, topic := range out.Topics {
			delete(want, topic.TopicArn)
		}
		pages++
		if token = out.NextToken; token == "" {
			break
		}
		if len(out.Topics) != 100 {
			t.Errorf("page %d has %d topics", pages, len(out.Topics))
		}
	}
	if len(want) > 0 || pages != 3 {
		t.Errorf("%d pages, not listed: %v", pages, want)
	}
	if out := must(w.ListTopics(request(as(otherAccount)), &ListTopicsInput{})); out.Topics == nil || len(out.Topics) != 0 {
		t.Errorf("another account sees %v", out.Topics) // [N005]
	}
	_, err := w.ListTopics(request(), &ListTopicsInput{NextToken: "!"})
	wantError(t, err, "InvalidParameter", "Invalid parameter: NextToken")
}

func TestCreateTopicChecks(t *testing.T) {
	w := newTestbed(t)
	actions := func(in *CreateTopicInput) (list []string) {
		checks, err := w.createTopicChecks(request(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			list = append(list, c.Action+" "+c.Target.ARN)
		}
		return list
	}
	if diff := cmp.Diff([]string{"sns:CreateTopic " + testTopic}, actions(&CreateTopicInput{Name: "orders"})); diff != "" {
		t.Error(diff)
	}
	tagged := &CreateTopicInput{Name: "orders", Tags: []Tag{{"a", "1"}}}
	if diff := cmp.Diff([]string{"sns:CreateTopic " + testTopic, "sns:TagResource " + testTopic}, actions(tagged)); diff != "" {
		t.Error(diff)
	}
	_, err := w.CreateTopic(request(), &CreateTopicInput{Name: "orders", Tags: []Tag{{"a", "1"}, {"a", "2"}}})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.")
}
