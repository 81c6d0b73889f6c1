package cloudtrail

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// in is a change of a call's event: it happened in another region.
func in(region string) func(*trail.Event) {
	return func(e *trail.Event) { e.AWSRegion = region }
}

func TestLogFiles(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", S3KeyPrefix: "evidence"})
	w.turn(time.Minute)
	w.call("CreateKey")
	w.turn(3 * time.Minute)
	w.call("DisableKey")
	if files := w.keys(); len(files) > 0 {
		t.Errorf("delivered after 4 minutes: %q", files)
	}
	w.turn(time.Minute)
	files := w.files(false)
	form := regexp.MustCompile(`^evidence/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/123456789012_CloudTrail_us-east-1_20260301T1205Z_[A-Za-z0-9]{16}\.json\.gz$`)
	if len(files) != 1 || !form.MatchString(files[0]) {
		t.Fatalf("delivered %q", files)
	}
	content, metadata := w.content(files[0])
	var file map[string][]trail.Event
	if err := json.Unmarshal(content, &file); err != nil || len(file) != 1 || len(file["Records"]) != 2 || len(metadata) > 0 {
		t.Fatalf("%s, %v, %v", content, metadata, err)
	}
	if e := file["Records"][1]; e.EventName != "DisableKey" || e.EventTime != "2026-03-01T12:04:00Z" {
		t.Errorf("the second record is %v", e)
	}
	w.turn(20 * time.Minute)
	if got := w.files(false); len(got) != 1 {
		t.Errorf("without events: %q", got)
	}
	want := &GetTrailStatusOutput{
		IsLogging: true, StartLoggingTime: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), LatestDeliveryTime: time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC),
		LatestDeliveryAttemptTime: "2026-03-01T12:05:00Z", LatestDeliveryAttemptSucceeded: "2026-03-01T12:05:00Z", TimeLoggingStarted: "2026-03-01T12:00:00Z",
	}
	if diff := cmp.Diff(want, w.status("audit")); diff != "" {
		t.Error(diff)
	}
}

// A clock that is turned over several periods delivers what was due, in order and with
// the times at which it was.
func TestLogFilesOfATurnedClock(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.clock.Advance(2 * time.Minute)
	w.call("CreateKey")
	w.turn(3 * time.Hour)
	w.call("DisableKey")
	w.turn(time.Hour)
	var got []string
	for _, key := range w.keys() {
		got = append(got, regexp.MustCompile(`_(\d{8}T\d{4,6}Z)`).FindStringSubmatch(key)[1])
	}
	want := []string{
		"20260301T130000Z", "20260301T140000Z", "20260301T150000Z", "20260301T160000Z",
		"20260301T1205Z", "20260301T1505Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, files := range []int{1, 0, 0, 1} {
		d := w.digest(w.files(true)[i])
		if len(d.LogFiles) != files || (d.PreviousDigestSignature == nil) != (i == 0) {
			t.Errorf("digest %d: %+v", i, d)
		}
		if from := fmt.Sprintf("2026-03-01T%d:00:00Z", 12+i); d.DigestStartTime != from {
			t.Errorf("digest %d begins at %s", i, d.DigestStartTime)
		}
	}
}

func TestMultiRegionTrail(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "everywhere", IsMultiRegionTrail: ptr(true)})
	w.logs(CreateTrailInput{Name: "one-region", S3BucketName: "logs", S3KeyPrefix: "one"})
	w.turn(10 * time.Minute)
	w.call("CreateKey")
	w.call("DisableKey", in("eu-west-1"))
	w.call("EnableKey", in("cn-north-1"))
	w.call("TagKey", func(e *trail.Event) { e.RecipientAccountID = other })
	w.turn(time.Hour)
	folders := map[string]int{}
	for _, key := range w.keys() {
		folders[key[:strings.Index(key, "/2026")]]++
	}
	want := map[string]int{
		"AWSLogs/123456789012/CloudTrail/us-east-1": 1, "AWSLogs/123456789012/CloudTrail-Digest/us-east-1": 1,
		"AWSLogs/123456789012/CloudTrail/eu-west-1": 1, "AWSLogs/123456789012/CloudTrail-Digest/eu-west-1": 1,
		"one/AWSLogs/123456789012/CloudTrail/us-east-1": 1, "one/AWSLogs/123456789012/CloudTrail-Digest/us-east-1": 1,
	}
	if diff := cmp.Diff(want, folders); diff != "" {
		t.Error(diff)
	}
	for _, key := range w.files(true) {
		if strings.Contains(key, "/eu-west-1/") && !strings.HasSuffix(key, "_CloudTrail-Digest_eu-west-1_everywhere_us-east-1_20260301T130000Z.json.gz") {
			t.Errorf("the digest of another region is %s", key)
		}
	}
}

func TestGlobalServiceEvents(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "with", S3KeyPrefix: "with"})
	w.logs(CreateTrailInput{Name: "without", S3KeyPrefix: "without", IncludeGlobalServiceEvents: ptr(false)})
	d := &done{at: w.clock.Now(), size: 1, events: []*trail.Event{{EventName: "CreateRole", AWSRegion: region, RecipientAccountID: account, ManagementEvent: true}}}
	w.Record(globalCall{d})
	w.turn(5 * time.Minute)
	if files := w.files(false); len(files) != 1 || !strings.HasPrefix(files[0], "with/") {
		t.Errorf("delivered %q", files)
	}
}

type globalCall struct{ *done }

func (globalCall) Global() bool { return true }

func TestSelectedEventsAreLogged(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	must[*PutEventSelectorsOutput](t)(w.PutEventSelectors(here(), &PutEventSelectorsInput{TrailName: "audit", AdvancedEventSelectors: []AdvancedEventSelector{
		{FieldSelectors: []AdvancedFieldSelector{field(fieldCategory, categoryData), field(fieldType, "AWS::SQS::Queue")}},
	}}))
	record := func(e trail.Event) {
		e.AWSRegion, e.RecipientAccountID = region, account
		w.Record(&done{at: w.clock.Now(), size: 1, data: !e.ManagementEvent, events: []*trail.Event{&e}})
	}
	record(*createQueue)
	record(*sendMessage)
	record(*publish)
	w.turn(5 * time.Minute)
	if diff := cmp.Diff([]string{"SendMessage"}, w.logged()); diff != "" {
		t.Error(diff)
	}
}

func TestDeliveryThatFails(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.around.close("logs", &api.Error{Code: "AccessDenied"})
	w.call("CreateKey")
	w.turn(5 * time.Minute)
	status := w.status("audit")
	if status.LatestDeliveryError != "AccessDenied" || status.LatestDeliveryAttemptTime != "2026-03-01T12:05:00Z" || status.LatestDeliveryAttemptSucceeded != "" {
		t.Errorf("the status is %+v", status)
	}
	before := w.around.attempts
	w.turn(4 * time.Minute)
	if w.around.attempts != before {
		t.Error("it is tried again before the five minutes are over")
	}
	w.call("DisableKey")
	w.turn(55 * time.Minute)
	if status := w.status("audit"); status.LatestDigestDeliveryError != "" && status.LatestDeliveryError == "" {
		t.Errorf("the status is %+v", status)
	}
	w.around.close("logs", nil)
	w.turn(5 * time.Minute)
	if diff := cmp.Diff([]string{"CreateKey", "DisableKey"}, w.logged()); diff != "" {
		t.Error(diff)
	}
	if status := w.status("audit"); status.LatestDeliveryError != "" || status.LatestDigestDeliveryError != "" {
		t.Errorf("the status is %+v", status)
	}
	w.verify(w.files(true))
}

func TestNotifications(t *testing.T) {
	w := newTrailWorld(t)
	const topic = "arn:aws:sns:us-east-1:123456789012:news"
	out := w.logs(CreateTrailInput{Name: "audit", SnsTopicName: "news"})
	w.call("CreateKey")
	w.turn(5 * time.Minute)
	want := []*Notification{{
		Behalf: Behalf{out.TrailARN, account, region}, Topic: topic, Message: `{"s3Bucket":"logs","s3ObjectKey":["` + w.files(false)[0] + `"]}`,
	}}
	if diff := cmp.Diff(want, w.around.told); diff != "" {
		t.Error(diff)
	}
	if s := w.status("audit"); s.LatestNotificationAttemptSucceeded != "2026-03-01T12:05:00Z" || s.LatestNotificationTime.IsZero() || s.LatestNotificationError != "" {
		t.Errorf("the status is %+v", s)
	}
	w.around.close(topic, &api.Error{Code: "NotFound"})
	w.call("DisableKey")
	w.turn(5 * time.Minute)
	s := w.status("audit")
	if s.LatestNotificationError != "NotFound" || s.LatestNotificationAttemptTime != "2026-03-01T12:10:00Z" || s.LatestNotificationAttemptSucceeded != "2026-03-01T12:05:00Z" {
		t.Errorf("the status is %+v", s)
	}
	if len(w.logged()) != 2 {
		t.Errorf("logged %q", w.logged())
	}
}

// What a trail has not delivered yet survives the program.
func TestPendingEventsSurviveARestart(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.restart()
	w.clock.Advance(time.Second)
	w.call("DisableKey")
	w.turn(5 * time.Minute)
	w.restart()
	w.turn(time.Hour)
	if diff := cmp.Diff([]string{"CreateKey", "DisableKey"}, w.logged()); diff != "" {
		t.Error(diff)
	}
	w.restart()
	w.turn(time.Hour)
	digests := w.files(true)
	if len(digests) != 2 || len(w.digest(digests[0]).LogFiles) == 0 {
		t.Errorf("delivered %q", digests)
	}
	w.verify(digests)
}

// What was due while the program did not run is delivered at its start.
func TestDueAtTheStart(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.Close()
	w.clock.Advance(2 * time.Hour)
	w.open()
	w.delivered()
	if digests := w.files(true); len(digests) != 2 || len(w.logged()) != 1 {
		t.Errorf("delivered %q, %q", digests, w.logged())
	}
}

// A clock that is turned back begins another chain.
func TestClockTurnedBack(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.turn(3 * time.Hour)
	w.call("CreateKey")
	w.turn(-48 * time.Hour)
	w.call("DisableKey")
	w.turn(time.Hour)
	w.turn(time.Hour)
	if logged := w.logged(); len(logged) != 2 {
		t.Errorf("logged %q", logged)
	}
	digests := w.files(true)
	if len(digests) != 5 || w.digest(digests[0]).PreviousDigestSignature != nil || len(w.digest(digests[0]).LogFiles) != 2 {
		t.Errorf("delivered %q", digests)
	}
	w.verify(digests)
}

// What there is much of does not wait for five minutes.
func TestFullBacklogIsDelivered(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	const each, calls = 100 << 10, 2 * maxBacklog / (100 << 10)
	for range calls {
		w.call("Encrypt", func(e *trail.Event) { e.ErrorMessage = strings.Repeat("x", each) })
	}
	if err := w.trails.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.delivered()
	if n := len(w.logged()); n < calls/2 {
		t.Errorf("%d of %d are delivered at once", n, calls)
	}
	w.turn(5 * time.Minute)
	if n := len(w.logged()); n != calls {
		t.Errorf("%d of %d are delivered", n, calls)
	}
	w.turn(time.Hour)
	w.verify(w.files(true))
}

// A delivery makes a data key, which the trail logs: it goes into a later log file, so that
// there is an end to delivering.
func TestDeliveriesThatAreLogged(t *testing.T) {
	const many = 200 // at which a delivery without an end is given one
	for name, deliver := range map[string]func(*trailWorld){
		"they are due":                      func(w *trailWorld) { w.turn(5 * time.Minute) },
		"the clock is turned back":          func(w *trailWorld) { w.turn(-time.Hour) },
		"the clock is turned by three days": func(w *trailWorld) { w.turn(72 * time.Hour) },
		"the backlog is full": func(w *trailWorld) {
			w.call("Encrypt", func(e *trail.Event) { e.ErrorMessage = strings.Repeat("x", maxBacklog) })
			w.flush()
			w.delivered()
		},
		"validation is turned off": func(w *trailWorld) {
			must[*UpdateTrailOutput](w.t)(w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", EnableLogFileValidation: ptr(false)}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTrailWorld(t)
			w.logs(CreateTrailInput{Name: "audit"})
			w.call("CreateKey")
			w.flush()
			puts := 0
			w.around.whenPut(func() {
				if puts++; puts < many {
					w.clock.Advance(time.Millisecond)
					w.call("GenerateDataKey")
					w.flush()
				}
			})
			deliver(w)
			if files := w.files(false); len(files) != 1 {
				t.Errorf("%d log files", len(files))
			}
			w.around.whenPut(nil)
			w.turn(2 * time.Hour)
			if logged := w.logged(); !slices.Contains(logged, "CreateKey") || !slices.Contains(logged, "GenerateDataKey") {
				t.Errorf("logged %q", logged)
			}
		})
	}
}

// Where no trail logs, or none that could take the call, a call costs nothing.
func TestCallsThatNoTrailLogsCostNothing(t *testing.T) {
	w := newTrailWorld(t)
	management, data := w.call("CreateKey"), w.call("Publish")
	data.data = true
	costs := func(c Call) float64 { return testing.AllocsPerRun(100, func() { w.trails.record(c) }) }
	if n := costs(management); n > 0 {
		t.Errorf("%v allocations without trails", n)
	}
	w.logs(CreateTrailInput{Name: "audit"})
	if n := costs(data); n > 0 {
		t.Errorf("%v allocations for a data event", n)
	}
	if err := w.trails.flush(t.Context()); err != nil || w.trails.incoming.bytes > 0 {
		t.Errorf("%v, %d bytes are kept", err, w.trails.incoming.bytes)
	}
}
