package s3

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

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
