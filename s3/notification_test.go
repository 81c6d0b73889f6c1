package s3

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	topicARN    = "arn:aws:sns:us-east-1:111122223333:image-uploads"
	queueARN    = "arn:aws:sqs:us-east-1:111122223333:uploads"
	functionARN = "arn:aws:lambda:us-east-1:111122223333:function:resize"
)

// receivers is SNS, SQS and EventBridge as these tests see them.
type receivers struct {
	mu       sync.Mutex
	refusing map[string]error // by ARN
	asked    []string
	sent     []Message
	events   []BridgeEvent
	records  []trail.Delivery
}

func (r *receivers) Admits(_ context.Context, m *Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, m.Receiver)
	return r.refusing[m.Receiver]
}

func (r *receivers) Send(_ context.Context, m *Message) (Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refusing[m.Receiver]; err != nil {
		return Receipt{RequestID: "refused"}, err
	}
	r.sent = append(r.sent, *m)
	return Receipt{RequestID: "call", MessageID: fmt.Sprint("message ", len(r.sent))}, nil
}

func (r *receivers) PutEvent(_ context.Context, e *BridgeEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, *e)
	return nil
}

func (r *receivers) Record(d trail.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d.ID = ""
	r.records = append(r.records, d)
}

func (r *receivers) refuse(arn string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusing[arn] = err
}

// told is a world whose notifications go to receivers.
type told struct {
	*world
	*receivers
}

func newTold(t *testing.T) *told {
	w := &told{newWorld(t), &receivers{refusing: map[string]error{}}}
	w.connect()
	return w
}

// connect has the service send to the receivers.
func (w *told) connect() {
	s := w.Service
	s.receivers, s.buses, s.recorder = w.receivers, w.receivers, w.receivers
	s.Start()
}

// configure has the bucket tell events.
func (w *told) configure(c *NotificationConfiguration) error {
	_, err := w.PutBucketNotificationConfiguration(w.ctx, &PutBucketNotificationConfigurationInput{Bucket: name, NotificationConfiguration: c})
	return err
}

func (w *told) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// eventually waits until something is so.
func (w *told) eventually(what string, so func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		done := so()
		w.mu.Unlock()
		if done {
			return
		} else if time.Now().After(end) {
			w.t.Fatalf("%s does not come: sent %+v, recorded %+v", what, w.sent, w.records)
		}
	}
}

// bodies are what was sent, as soon as there is so much.
func (w *told) bodies(n int) []string {
	w.t.Helper()
	w.eventually(fmt.Sprint(n, " messages"), func() bool { return len(w.sent) >= n })
	w.mu.Lock()
	defer w.mu.Unlock()
	var bodies []string
	for _, m := range w.sent {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

func toQueue(id string, events ...string) *NotificationConfiguration {
	return &NotificationConfiguration{QueueConfigurations: []QueueConfiguration{{Id: id, QueueArn: queueARN, Events: events}}}
}

// filter is a filter of rules, each "name=value".
func filter(rules ...string) *NotificationConfigurationFilter {
	key := new(KeyFilter)
	for _, rule := range rules {
		name, value, _ := strings.Cut(rule, "=")
		key.FilterRules = append(key.FilterRules, FilterRule{name, value})
	}
	return &NotificationConfigurationFilter{Key: key}
}

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

func TestTestEvents(t *testing.T) { // [S300]
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(&NotificationConfiguration{
		TopicConfigurations: []TopicConfiguration{{TopicArn: topicARN, Events: []string{"s3:ObjectCreated:*"}}},
		QueueConfigurations: []QueueConfiguration{{QueueArn: queueARN, Events: []string{"s3:ObjectRemoved:*"}}},
	}))
	body := `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-03-01T12:00:00.000Z","Bucket":"pettracker-images","RequestId":"request","HostId":"` + api.HostID("request") + `"}`
	message := Message{BucketARN: "arn:aws:s3:::" + name, Account: account, Region: usEast1, Body: body}
	topic, queue := message, message
	topic.Receiver, queue.Receiver = topicARN, queueARN
	if diff := cmp.Diff([]Message{topic, queue}, w.sent); diff != "" {
		t.Error(diff)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	d := destination{Events: []string{"s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"}, Filter: []FilterRule{{"Prefix", "with+space/%C3%BC"}, {"Suffix", ".jpg"}}}
	raw := destination{Events: d.Events, Filter: []FilterRule{{"Prefix", "100%/"}}}
	for _, test := range []struct {
		d          *destination
		event, key string
		want       bool
	}{
		{&d, createdPut, "with space/ü.jpg", true}, // [S284]
		{&d, createdComplete, "with space/ü/a.jpg", true},
		{&d, createdPut, "with+space/%C3%BC.jpg", false},
		{&d, createdPut, "With space/ü.jpg", false},
		{&d, createdPut, "with space/ü.JPG", false},
		{&d, removedDelete, "with space/ü.jpg", true},
		{&d, removedMarker, "with space/ü.jpg", false},
		{&d, taggingPut, "with space/ü.jpg", false},
		{&raw, createdPut, "100%/a", true},
		{&destination{Events: d.Events}, createdPut, "", true},
	} {
		if got := test.d.wants(test.event, test.key); got != test.want {
			t.Errorf("%s of %q: %v", test.event, test.key, got)
		}
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	n := &notice{
		Event: createdPut, Time: start.Add(123456789), Bucket: name, Account: account, Region: usEast1, Key: "my folder/a+b@ü.jpg", Size: 0, ETag: "e",
		VersionID: "v", Sequence: 0x55AED6DCD90281E5, RequestID: "r", SourceIP: "127.0.0.1", Principal: "AWS:AIDAEXAMPLE",
	}
	customer := customerID(account)
	if len(customer) != 14 || customer[0] != 'A' || customer == customerID(other) { // [S309]
		t.Errorf("customer id %q", customer)
	}
	for want, change := range map[string]func(*notice){
		// [S302] [S303] [S304] [S305] [S308]
		`"eventName":"ObjectCreated:Put",` + `"key":"my+folder/a%2Bb%40%C3%BC.jpg","size":0,"eTag":"e","versionId":"v","sequencer":"0055AED6DCD90281E5"`: func(*notice) {},
		// [S307]
		`"eventName":"ObjectCreated:Copy",` + `"key":"my+folder/a%2Bb%40%C3%BC.jpg","size":0,"eTag":"e","sequencer":"0055AED6DCD90281E5"`: func(n *notice) { n.Event, n.VersionID = createdCopy, "" },
		// [S306]
		`"eventName":"ObjectRemoved:Delete",` + `"key":"my+folder/a%2Bb%40%C3%BC.jpg","versionId":"v","sequencer":"0055AED6DCD90281E5"`: func(n *notice) { n.Event = removedDelete },
		`"eventName":"ObjectRemoved:DeleteMarkerCreated",` + `"key":"my+folder/a%2Bb%40%C3%BC.jpg","eTag":"d41d8cd98f00b204e9800998ecf8427e","versionId":"v","sequencer":"0055AED6DCD90281E5"`: func(n *notice) {
			n.Event, n.ETag = removedMarker, ""
		},
		// [S308]
		`"eventName":"ObjectTagging:Put",` + `"key":"my+folder/a%2Bb%40%C3%BC.jpg","eTag":"e","versionId":"v"`: func(n *notice) { n.Event = taggingPut },
	} {
		changed := *n
		change(&changed)
		event, object, _ := strings.Cut(want, ",")
		text := `{"Records":[{"eventVersion":"2.5","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2026-03-01T12:00:00.123Z",` + event +
			`,"userIdentity":{"principalId":"AWS:AIDAEXAMPLE"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-id-2":"` + api.HostID("r") + `","x-amz-request-id":"r"},` +
			`"s3":{"s3SchemaVersion":"1.0","configurationId":"uploads","bucket":{"name":"pettracker-images","ownerIdentity":{"principalId":"` + customer + `"},"arn":"arn:aws:s3:::pettracker-images"},"object":{` + object + `}}}]}`
		if diff := cmp.Diff(text, changed.message("uploads")); diff != "" {
			t.Error(diff)
		}
	}
	n.Generated = map[string]string{"aws:cloudformation:stack-name": "s"}
	if got := n.message("c"); !strings.Contains(got, `"arn":"arn:aws:s3:::pettracker-images","awsGeneratedTags":{"aws:cloudformation:stack-name":"s"}}`) { // [S303]
		t.Error(got)
	}
}

func TestPrincipalsOfRecords(t *testing.T) { // [S309] [S321]
	t.Parallel()
	for _, test := range []struct {
		c               api.Caller
		principal, from string
	}{
		{api.Caller{UserID: account, Principal: policyeval.Principal{Type: policyeval.Root, Account: account}}, customerID(account), account},
		{api.Caller{UserID: "AIDAEXAMPLE", Principal: policyeval.Principal{Type: policyeval.User, Account: account}}, "AWS:AIDAEXAMPLE", account},
		{api.Caller{UserID: "AROAEXAMPLE:session", Principal: policyeval.Principal{Type: policyeval.AssumedRole, Account: other}}, "AWS:AROAEXAMPLE:session", other},
		{api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "cloudtrail.amazonaws.com"}}, "AWS:cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com"},
		{api.Caller{UserID: "anonymous", Principal: policyeval.Principal{Type: policyeval.Anonymous}}, "AWS:anonymous", "anonymous"},
	} {
		if got := principalID(&test.c); got != test.principal {
			t.Errorf("the principal is %s, want %s", got, test.principal)
		}
		if got := requester(&api.Request{Caller: &test.c}); got != test.from {
			t.Errorf("the requester is %s, want %s", got, test.from)
		}
	}
}

func TestEventsForEventBridge(t *testing.T) { // [S320]-[S324]
	t.Parallel()
	base := notice{Time: start, Bucket: name, Account: account, Region: usEast1, Key: "a b&c", Size: 5, ETag: "e", VersionID: "v", Sequence: 0x617F08299329D189, RequestID: "r", Requester: account, SourceIP: "127.0.0.1"}
	const (
		bucket = `{"version":"0","event-version":"1.1","bucket":{"name":"pettracker-images"},`
		from   = `"request-id":"r","requester":"111122223333","source-ip-address":"127.0.0.1"`
	)
	for event, want := range map[string][2]string{
		createdPut:      {"Object Created", `"object":{"key":"a b&c","size":5,"etag":"e","version-id":"v","sequencer":"617f08299329d189"},` + from + `,"reason":"PutObject"}`},
		createdPost:     {"Object Created", `"object":{"key":"a b&c","size":5,"etag":"e","version-id":"v","sequencer":"617f08299329d189"},` + from + `,"reason":"POST Object"}`},
		createdComplete: {"Object Created", `"object":{"key":"a b&c","size":5,"etag":"e","version-id":"v","sequencer":"617f08299329d189"},` + from + `,"reason":"CompleteMultipartUpload"}`},
		removedDelete:   {"Object Deleted", `"object":{"key":"a b&c","version-id":"v","sequencer":"617f08299329d189"},` + from + `,"reason":"DeleteObject","deletion-type":"Permanently Deleted"}`},
		removedMarker: {"Object Deleted", `"object":{"key":"a b&c","etag":"d41d8cd98f00b204e9800998ecf8427e","version-id":"v","sequencer":"617f08299329d189"},` + from +
			`,"reason":"DeleteObject","deletion-type":"Delete Marker Created"}`},
		taggingPut:    {"Object Tags Added", `"object":{"key":"a b&c","etag":"e","version-id":"v"},` + from + `}`},
		taggingDelete: {"Object Tags Deleted", `"object":{"key":"a b&c","etag":"e","version-id":"v"},` + from + `}`},
	} {
		n := base
		n.Event = event
		wanted := &BridgeEvent{Account: account, Region: usEast1, Time: start, DetailType: want[0], Resources: []string{"arn:aws:s3:::" + name}, Detail: bucket + want[1]}
		if diff := cmp.Diff(wanted, n.bridgeEvent()); diff != "" {
			t.Errorf("%s: %s", event, diff)
		}
	}
}

// What is put and deleted is told, once to each, with what the request says of itself.
func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(&NotificationConfiguration{
		TopicConfigurations:      []TopicConfiguration{{Id: "images", TopicArn: topicARN, Events: []string{"s3:ObjectCreated:Put"}, Filter: filter("suffix=.jpg")}},
		QueueConfigurations:      []QueueConfiguration{{Id: "gone", QueueArn: queueARN, Events: []string{"s3:ObjectRemoved:*"}}},
		EventBridgeConfiguration: &EventBridgeConfiguration{},
	}))
	w.sent = nil
	w.put("cat.jpg", "meow")
	w.put("cat.txt", "meow")
	if _, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "cat.jpg"}); err != nil {
		t.Fatal(err)
	}
	w.eventually("everything", func() bool { return len(w.sent) == 2 && len(w.BridgeEvents()) == 3 && len(w.records) == 5 })
	slices.SortFunc(w.sent, func(a, b Message) int { return strings.Compare(a.Receiver, b.Receiver) })
	if m := w.sent[0]; m.Receiver != topicARN || !strings.Contains(m.Body, `"configurationId":"images"`) || !strings.Contains(m.Body, `"key":"cat.jpg","size":4`) {
		t.Errorf("the topic was told %+v", m)
	}
	if m := w.sent[1]; m.Receiver != queueARN || !strings.Contains(m.Body, `"eventName":"ObjectRemoved:Delete"`) || m.BucketARN != "arn:aws:s3:::"+name || m.Account != account {
		t.Errorf("the queue was told %+v", m)
	}
	protocols := map[string]int{}
	for _, d := range w.records {
		protocols[d.Protocol+" "+d.Status]++
		if d.Source != trail.SourceS3 || d.MessageID != "request" || d.Bucket != name || d.Attempts != 1 || d.Published != start || d.StatusCode != 200 {
			t.Errorf("recorded %+v", d)
		}
	}
	if diff := cmp.Diff(map[string]int{"sns SUCCESS": 1, "sqs SUCCESS": 1, "events SUCCESS": 3}, protocols); diff != "" {
		t.Error(diff)
	}
}

// BridgeEvents are the events that EventBridge got.
func (r *receivers) BridgeEvents() []BridgeEvent { return r.events }

// A failed call tells nobody anything, and no more does the deletion of what is not there [S311].
func TestNothingHappenedNothingIsTold(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(toQueue("q", "s3:ObjectCreated:*", "s3:ObjectRemoved:*")))
	star := "*"
	w.put("a", "1")
	if _, err := w.PutObject(w.ctx, &PutObjectInput{Bucket: name, Key: "a", Body: bodyOf("2"), IfNoneMatch: &star}); err == nil {
		t.Fatal("the object was overwritten")
	}
	if _, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "absent", VersionId: new("null")}); err != nil {
		t.Fatal(err)
	}
	w.put("b", "1")
	bodies := w.bodies(3) // the test event, a and b: what was told between them would be there
	if len(bodies) != 3 {
		t.Errorf("sent %q", bodies)
	}
}

func TestRefusedNotificationsAreLostAndRecorded(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(toQueue("q", "s3:ObjectCreated:*")))
	w.refuse(queueARN, &api.Error{Code: "AccessDenied", Status: 403, Message: "no"})
	w.put("a", "1")
	w.eventually("a record", func() bool { return len(w.records) == 1 })
	want := []trail.Delivery{{
		Source: trail.SourceS3, MessageID: "request", Bucket: name, Protocol: "sqs", Endpoint: queueARN, Status: trail.StatusFailure, Attempts: 1, Published: start, Time: start,
		Outcome: trail.Outcome{StatusCode: 403, ProviderResponse: `{"ErrorCode":"AccessDenied","ErrorMessage":"no"}`, DecisionRequestID: "refused"},
	}}
	if diff := cmp.Diff(want, w.records); diff != "" {
		t.Error(diff)
	}
}

func TestFailedNotificationsAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(toQueue("q", "s3:ObjectCreated:*")))
	w.refuse(queueARN, &api.Error{Code: "InternalFailure", Status: 500, Fault: api.Receiver, Message: "broken"})
	w.put("a", "1")
	state := func(status string, attempts int) func() bool {
		return func() bool {
			return slices.ContainsFunc(w.records, func(d trail.Delivery) bool { return d.Status == status && d.Attempts == attempts })
		}
	}
	w.eventually("the first attempt", state(trail.StatusPending, 1))
	w.eventually("its timer", func() bool { return w.clock.Waiting() > 0 })
	w.clock.Advance(time.Second)
	w.eventually("the second attempt", state(trail.StatusPending, 2))
	w.refuse(queueARN, nil)
	w.clock.Advance(time.Minute)
	w.eventually("the third attempt", state(trail.StatusSuccess, 3))
	w.refuse(queueARN, &api.Error{Code: "InternalFailure", Status: 500, Fault: api.Receiver, Message: "broken"})
	w.records = nil
	w.put("b", "1")
	w.eventually("an attempt", state(trail.StatusPending, 1))
	w.clock.Advance(2 * maxRetry)
	w.eventually("the end", state(trail.StatusFailure, 2))
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

// What was not sent when the process ended is sent by the next one.
func TestNotificationsSurviveARestart(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(toQueue("q", "s3:ObjectCreated:*")))
	w.outbox.Close()
	w.put("a", "1")
	w.Close()
	w.open()
	w.connect()
	if bodies := w.bodies(2); !strings.Contains(bodies[1], `"key":"a"`) {
		t.Errorf("sent %q", bodies)
	}
}

func TestTagsAreTold(t *testing.T) {
	t.Parallel()
	w := newTold(t)
	w.must(w.configure(toQueue("q", "s3:ObjectTagging:*")))
	w.put("a", "1")
	if _, err := w.PutObjectTagging(w.ctx, &PutObjectTaggingInput{Bucket: name, Key: "a", Tagging: &Tagging{TagSet: []Tag{{Key: "k", Value: "v"}}}}); err != nil {
		t.Fatal(err)
	}
	if bodies := w.bodies(2); !strings.Contains(bodies[1], `"eventName":"ObjectTagging:Put"`) {
		t.Errorf("sent %q", bodies)
	}
	if _, err := w.DeleteObjectTagging(w.ctx, &DeleteObjectTaggingInput{Bucket: name, Key: "a"}); err != nil {
		t.Fatal(err)
	}
	if bodies := w.bodies(3); !strings.Contains(bodies[2], `"eventName":"ObjectTagging:Delete"`) {
		t.Errorf("sent %q", bodies)
	}
}
