package s3

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

func TestNotificationsReadBack(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	get := func() *GetBucketNotificationConfigurationOutput {
		t.Helper()
		out, err := w.GetBucketNotificationConfiguration(w.ctx, &GetBucketNotificationConfigurationInput{Bucket: name})
		w.must(err)
		return out
	}
	none := new(GetBucketNotificationConfigurationOutput)
	if diff := cmp.Diff(none, get()); diff != "" { // [S270]
		t.Error(diff)
	}
	w.must(w.configure(&NotificationConfiguration{
		TopicConfigurations:      []TopicConfiguration{{TopicArn: topicARN, Events: []string{"s3:ObjectCreated:*"}, Filter: filter("SUFFIX=.jpg", "prefix=")}},
		QueueConfigurations:      []QueueConfiguration{{Id: "tags", QueueArn: queueARN, Events: []string{"s3:ObjectTagging:*", "s3:ObjectRemoved:Delete"}}},
		EventBridgeConfiguration: &EventBridgeConfiguration{},
	}))
	got := get()
	if id, err := base64.StdEncoding.DecodeString(got.TopicConfigurations[0].Id); err != nil || len(id) != 36 { // [S289]
		t.Errorf("the id that was made is %q", got.TopicConfigurations[0].Id)
	}
	got.TopicConfigurations[0].Id = ""
	want := &GetBucketNotificationConfigurationOutput{
		TopicConfigurations:      []TopicConfiguration{{TopicArn: topicARN, Events: []string{"s3:ObjectCreated:*"}, Filter: filter("Suffix=.jpg", "Prefix=")}}, // [S282]
		QueueConfigurations:      []QueueConfiguration{{Id: "tags", QueueArn: queueARN, Events: []string{"s3:ObjectTagging:*", "s3:ObjectRemoved:Delete"}}},
		EventBridgeConfiguration: &EventBridgeConfiguration{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.must(w.configure(&NotificationConfiguration{})) // switches all off
	if diff := cmp.Diff(none, get()); diff != "" {
		t.Error(diff)
	}
}

func TestNotificationForms(t *testing.T) {
	t.Parallel()
	created := []string{"s3:ObjectCreated:*"}
	queue := func(arn string, f *NotificationConfigurationFilter, events ...string) *NotificationConfiguration {
		return &NotificationConfiguration{QueueConfigurations: []QueueConfiguration{{QueueArn: arn, Events: events, Filter: f}}}
	}
	topics := func(all ...TopicConfiguration) *NotificationConfiguration {
		return &NotificationConfiguration{TopicConfigurations: all}
	}
	for id, test := range map[string]struct {
		c    *NotificationConfiguration
		want string
	}{
		"S273 no ARN": {queue("invalid-queue", nil, created...), "InvalidArgument: The ARN could not be parsed; ArgumentName=Queue; ArgumentValue=invalid-queue"},
		"S273 the first of two": {&NotificationConfiguration{
			QueueConfigurations:          []QueueConfiguration{{QueueArn: queueARN + "-missing", Events: created}, {QueueArn: "bad", Events: created}},
			LambdaFunctionConfigurations: []LambdaFunctionConfiguration{{LambdaFunctionArn: "worse", Events: created}},
		}, "InvalidArgument: The ARN could not be parsed; ArgumentName=Queue; ArgumentValue=bad"},
		"S273 topic":    {topics(TopicConfiguration{TopicArn: queueARN, Events: created}), "InvalidArgument: The ARN could not be parsed; ArgumentName=Topic; ArgumentValue=" + queueARN},
		"S273 function": {&NotificationConfiguration{LambdaFunctionConfigurations: []LambdaFunctionConfiguration{{LambdaFunctionArn: "f", Events: created}}}, "InvalidArgument: The ARN could not be parsed; ArgumentName=CloudFunction; ArgumentValue=f"},
		"no event":      {queue(queueARN, nil), "MalformedXML: " + ErrMalformedXML.Message},
		"another event": {queue(queueARN, nil, "s3:ObjectCreated:Move"), "InvalidArgument: The event 's3:ObjectCreated:Move' is not supported for notifications; ArgumentName=Event; ArgumentValue=s3:ObjectCreated:Move"},
		"S282 rule":     {queue(queueARN, filter("INVALID=x"), created...), "InvalidArgument: filter rule name must be either prefix or suffix; ArgumentName=FilterRule.Name; ArgumentValue=INVALID"},
		"S283 twice":    {queue(queueARN, filter("prefix=a", "Prefix=b"), created...), "InvalidArgument: Cannot specify more than one prefix rule in a filter.; ArgumentName=FilterRule.Name; ArgumentValue=prefix"},
		"S283 long": {queue(queueARN, filter("suffix="+strings.Repeat("x", 1025)), created...),
			"InvalidArgument: Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation; ArgumentName=FilterRule.Value; ArgumentValue=" + strings.Repeat("x", 1025)},
		"S279 queue":   {queue(queueARN+".fifo", nil, created...), "InvalidArgument: FIFO SQS queues are not supported.; ArgumentName=Queue; ArgumentValue=" + queueARN + ".fifo"},
		"S279 topic":   {topics(TopicConfiguration{TopicArn: topicARN + ".fifo", Events: created}), "InvalidArgument: FIFO SNS topics are not supported.; ArgumentName=Topic; ArgumentValue=" + topicARN + ".fifo"},
		"S280 regions": {queue(strings.Replace(queueARN, "us-east-1", "eu-west-1", 1), nil, created...), "InvalidArgument: The notification destination service region is not valid for the bucket location constraint; ArgumentName=Queue; ArgumentValue=" + strings.Replace(queueARN, "us-east-1", "eu-west-1", 1)},
		"S289 ids": {topics(TopicConfiguration{Id: "a", TopicArn: topicARN, Events: created}, TopicConfiguration{Id: "a", TopicArn: topicARN, Events: []string{"s3:ObjectRemoved:*"}}),
			"InvalidArgument: Same ID used for multiple configurations. IDs must be unique.; ArgumentName=Id; ArgumentValue=a"},
	} {
		for _, skip := range []bool{false, true} { // [S272]
			w := newTold(t)
			_, err := w.PutBucketNotificationConfiguration(w.ctx, &PutBucketNotificationConfigurationInput{Bucket: name, NotificationConfiguration: test.c, SkipDestinationValidation: &skip})
			if got := wording(err); got != test.want {
				t.Errorf("%s: got  %s\nwant %s", id, got, test.want)
			}
			if len(w.sent) > 0 {
				t.Errorf("%s: a test event was sent", id)
			}
		}
	}
	w := newTold(t)
	_, err := w.PutBucketNotificationConfiguration(w.ctx, &PutBucketNotificationConfigurationInput{Bucket: "absent", NotificationConfiguration: queue("bad", nil, created...)})
	failsWith(t, err, "NoSuchBucket: The specified bucket does not exist; BucketName=absent") // [S291]
}

func TestTooManyNotifications(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	c := new(NotificationConfiguration)
	for i := range maxNotifications + 1 {
		c.QueueConfigurations = append(c.QueueConfigurations, QueueConfiguration{QueueArn: queueARN, Events: []string{"s3:ObjectCreated:*"}, Filter: filter(fmt.Sprintf("prefix=%04d", i))})
	}
	if err := w.configure(c); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	c.QueueConfigurations = c.QueueConfigurations[1:]
	w.must(w.configure(c))
	if len(w.sent) != 1 {
		t.Errorf("%d test events were sent to one queue", len(w.sent))
	}
}

// Two configurations, as FILTERS EVENT, and what S3 says of them.
func TestNotificationsOverlap(t *testing.T) {
	t.Parallel()
	const (
		plain     = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
		ambiguous = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type."
	)
	for _, test := range []struct {
		id           string
		first        *NotificationConfigurationFilter
		event        string
		second       *NotificationConfigurationFilter
		with         string
		refused, and string
	}{
		{"S285", nil, "s3:ObjectRemoved:*", nil, "s3:ObjectRemoved:*", plain, "s3:ObjectRemoved:*, s3:ObjectRemoved:*"},
		{"S287 a kind contains its events", nil, "s3:ObjectCreated:*", filter(), "s3:ObjectCreated:Put", plain, "s3:ObjectCreated:*, s3:ObjectCreated:Put"},
		{"S286 one prefix begins with the other", filter("prefix=images"), "s3:ObjectCreated:*", filter("prefix=images/cats"), "s3:ObjectCreated:*", ambiguous, "s3:ObjectCreated:*, s3:ObjectCreated:*"},
		{"S287 one suffix ends with the other", filter("suffix=jpg"), "s3:ObjectCreated:Put", filter("suffix=pg"), "s3:ObjectCreated:*", ambiguous, "s3:ObjectCreated:Put, s3:ObjectCreated:*"},
		{"S287 a prefix alone and a suffix alone", filter("prefix=images/"), "s3:ObjectCreated:*", filter("suffix=.jpg"), "s3:ObjectCreated:*", ambiguous, "s3:ObjectCreated:*, s3:ObjectCreated:*"},
		{"S287 none overlaps with any", nil, "s3:ObjectCreated:*", filter("suffix=.jpg"), "s3:ObjectCreated:*", ambiguous, "s3:ObjectCreated:*, s3:ObjectCreated:*"},
		{"S287 encoded or not", filter("prefix=a+b"), "s3:ObjectCreated:*", filter("prefix=a%20b/"), "s3:ObjectCreated:*", ambiguous, "s3:ObjectCreated:*, s3:ObjectCreated:*"},
		{"S287 other suffixes", filter("suffix=.jpg"), "s3:ObjectCreated:*", filter("suffix=.png"), "s3:ObjectCreated:*", "", ""},
		{"S287 same prefix, other suffixes", filter("prefix=images/", "suffix=.jpg"), "s3:ObjectCreated:*", filter("prefix=images/", "suffix=.png"), "s3:ObjectCreated:*", "", ""},
		{"S287 other prefixes, same suffix", filter("prefix=a/", "suffix=.jpg"), "s3:ObjectCreated:*", filter("prefix=b/", "suffix=.jpg"), "s3:ObjectCreated:*", "", ""},
		{"S287 other events", filter("prefix=images"), "s3:ObjectCreated:Put", filter("prefix=images"), "s3:ObjectCreated:Post", "", ""},
	} {
		w := newTold(t)
		err := w.configure(&NotificationConfiguration{ // [S288]
			TopicConfigurations:      []TopicConfiguration{{TopicArn: topicARN, Events: []string{"s3:ObjectAcl:Put", test.event}, Filter: test.first}},
			QueueConfigurations:      []QueueConfiguration{{QueueArn: queueARN, Events: []string{test.with}, Filter: test.second}},
			EventBridgeConfiguration: &EventBridgeConfiguration{},
		})
		want := "no error of S3: none"
		if test.refused != "" {
			want = "InvalidArgument: " + test.refused + "; ArgumentName=Event; ArgumentValue=" + test.and
		}
		if got := wording(err); got != want {
			t.Errorf("%s: got  %s\nwant %s", test.id, got, want)
		}
	}
}

func TestDestinationsAreValidated(t *testing.T) {
	t.Parallel()
	const (
		unable      = "InvalidArgument: Unable to validate the following destination configurations"
		closedQueue = "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
		closedTopic = "Permissions on the destination topic do not allow S3 to publish notifications from this bucket"
	)
	denied := &api.Error{Code: "AccessDenied", Status: 403, Message: "no"}
	removed := []string{"s3:ObjectRemoved:*"}
	both := &NotificationConfiguration{
		TopicConfigurations: []TopicConfiguration{{TopicArn: topicARN, Events: []string{"s3:ObjectCreated:*"}}},
		QueueConfigurations: []QueueConfiguration{{QueueArn: queueARN, Events: removed}},
	}
	function := &NotificationConfiguration{LambdaFunctionConfigurations: []LambdaFunctionConfiguration{{LambdaFunctionArn: functionARN, Events: removed}}}
	for id, test := range map[string]struct {
		c        *NotificationConfiguration
		refusing map[string]error
		want     string
	}{
		"S274 one":   {toQueue("q", removed...), map[string]error{queueARN: ErrNoReceiver}, unable + "; ArgumentName1=" + queueARN + "; ArgumentValue1=The destination queue does not exist"},
		"S275":       {toQueue("q", removed...), map[string]error{queueARN: denied}, unable + "; ArgumentName1=" + queueARN + "; ArgumentValue1=" + closedQueue},
		"one of two": {both, map[string]error{queueARN: denied}, unable + "; ArgumentName1=" + queueARN + "; ArgumentValue1=" + closedQueue},
		"S274 two": {both, map[string]error{topicARN: ErrNoReceiver, queueARN: ErrNoReceiver}, unable + "; ArgumentName1=" + topicARN + "; ArgumentValue1=" + closedTopic +
			"; ArgumentName2=" + queueARN + "; ArgumentValue2=The destination queue does not exist"},
		"S277": {function, nil, unable + "; ArgumentName1=" + functionARN + ", null; ArgumentValue1=Not authorized to invoke function [" + functionARN + "]"},
	} {
		w := newTold(t)
		w.must(w.configure(toQueue("before", "s3:ObjectCreated:*")))
		w.sent = nil
		w.refusing = test.refusing
		if got := wording(w.configure(test.c)); got != test.want {
			t.Errorf("%s: got  %s\nwant %s", id, got, test.want)
		}
		if len(w.sent) > 0 { // [S300]
			t.Errorf("%s: a test event was sent, though the call failed", id)
		}
		out, err := w.GetBucketNotificationConfiguration(w.ctx, &GetBucketNotificationConfigurationInput{Bucket: name})
		if err != nil || len(out.QueueConfigurations) != 1 || out.QueueConfigurations[0].Id != "before" {
			t.Errorf("%s: afterwards %+v, %v", id, out, err)
		}
		skip := true
		_, err = w.PutBucketNotificationConfiguration(w.ctx, &PutBucketNotificationConfigurationInput{Bucket: name, NotificationConfiguration: test.c, SkipDestinationValidation: &skip})
		if err != nil || len(w.sent) > 0 {
			t.Errorf("%s: without validation %v, sent %v", id, err, w.sent)
		}
	}
}

func TestFunctionsAreMissing(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	skip := true
	_, err := w.PutBucketNotificationConfiguration(w.ctx, &PutBucketNotificationConfigurationInput{Bucket: name, SkipDestinationValidation: &skip, NotificationConfiguration: &NotificationConfiguration{
		LambdaFunctionConfigurations: []LambdaFunctionConfiguration{{LambdaFunctionArn: functionARN, Events: []string{"s3:ObjectCreated:*"}}},
	}})
	w.must(err)
	w.put("a", "1")
	w.eventually("a record", func() bool { return len(w.records) == 1 })
	if d := w.records[0]; d.Status != trail.StatusFailure || d.Protocol != "lambda" || !strings.Contains(d.ProviderResponse, "Function not found") {
		t.Errorf("recorded %+v", d)
	}
}
