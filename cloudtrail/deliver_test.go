package cloudtrail

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
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

// A leap of the clock over weeks makes up for the last of them.
func TestDigestsOfALongLeap(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(100 * 24 * time.Hour)
	digests := w.files(true)
	if len(digests) != 7*24+1 {
		t.Fatalf("%d digests", len(digests))
	}
	first := w.digest(digests[0])
	if first.DigestStartTime != "2026-03-01T12:00:00Z" || first.DigestEndTime != "2026-06-02T12:00:00Z" || len(first.LogFiles) != 1 {
		t.Errorf("the first is %+v", first)
	}
	w.verify(digests)
}

// verify checks the chain of digest files, as whoever has the public keys would.
func (w *trailWorld) verify(digests []string) {
	w.t.Helper()
	keys := must[*ListPublicKeysOutput](w.t)(w.ListPublicKeys(here(), &ListPublicKeysInput{StartTime: ptr(time.Unix(0, 0)), EndTime: ptr(w.clock.Now())}))
	var before *digest
	var hash string
	for _, file := range digests {
		content, metadata := w.content(file)
		d := w.digest(file)
		if d.DigestS3Object != file || d.DigestS3Bucket != "logs" {
			w.t.Errorf("%s says that it is %s in %s", file, d.DigestS3Object, d.DigestS3Bucket)
		}
		previous := "null"
		if d.PreviousDigestSignature != nil {
			previous = *d.PreviousDigestSignature
			if before == nil || *d.PreviousDigestS3Object != before.DigestS3Object || *d.PreviousDigestHashValue != hash || d.DigestStartTime != before.DigestEndTime {
				w.t.Errorf("%s does not follow %+v", file, before)
			}
		}
		sum := sha256.Sum256(content)
		hash = hex.EncodeToString(sum[:])
		signed := sha256.Sum256([]byte(d.DigestEndTime + "\nlogs/" + file + "\n" + hash + "\n" + previous))
		signature := must[[]byte](w.t)(hex.DecodeString(metadata["signature"]))
		verified := false
		for _, k := range keys.PublicKeyList {
			if k.Fingerprint == d.DigestPublicKeyFingerprint {
				public := must[*rsa.PublicKey](w.t)(x509.ParsePKCS1PublicKey(k.Value))
				verified = rsa.VerifyPKCS1v15(public, crypto.SHA256, signed[:], signature) == nil
			}
		}
		if !verified || metadata["signature-algorithm"] != "SHA256withRSA" {
			w.t.Errorf("the signature of %s is not good: %v", file, metadata)
		}
		for _, f := range d.LogFiles {
			content, _ := w.content(f.S3Object)
			if hashOf(content) != f.HashValue || f.HashAlgorithm != "SHA-256" || f.S3Bucket != "logs" {
				w.t.Errorf("%s says of a log file %+v", file, f)
			}
		}
		before = d
	}
}

func TestDigests(t *testing.T) {
	w := newTrailWorld(t)
	w.clock.Advance(20*time.Minute + 1500*time.Millisecond)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(10 * time.Minute)
	w.call("DisableKey")
	w.turn(30 * time.Minute)
	w.turn(time.Hour)
	digests := w.files(true)
	const first = "AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2026/03/01/123456789012_CloudTrail-Digest_us-east-1_audit_us-east-1_20260301T130000Z.json.gz"
	if len(digests) != 2 || digests[0] != first {
		t.Fatalf("delivered %q", digests)
	}
	w.verify(digests)
	d := w.digest(first)
	want := &digest{
		AWSAccountID: account, DigestStartTime: "2026-03-01T12:20:01Z", DigestEndTime: "2026-03-01T13:00:00Z",
		DigestS3Bucket: "logs", DigestS3Object: first, DigestPublicKeyFingerprint: d.DigestPublicKeyFingerprint, DigestSignatureAlgorithm: "SHA256withRSA",
		OldestEventTime: ptr("2026-03-01T12:20:01Z"), NewestEventTime: ptr("2026-03-01T12:30:01Z"), LogFiles: d.LogFiles,
	}
	if diff := cmp.Diff(want, d); diff != "" || len(d.LogFiles) != 2 || d.LogFiles[0].OldestEventTime != "2026-03-01T12:20:01Z" {
		t.Error(diff, d.LogFiles)
	}
	if ok, _ := regexp.MatchString(`^[0-9a-f]{32}$`, d.DigestPublicKeyFingerprint); !ok {
		t.Errorf("the fingerprint is %s", d.DigestPublicKeyFingerprint)
	}
	content, _ := w.content(digests[1])
	var members map[string]any
	if err := json.Unmarshal(content, &members); err != nil {
		t.Fatal(err)
	}
	for _, null := range []string{"newestEventTime", "oldestEventTime"} {
		if v, there := members[null]; !there || v != nil {
			t.Errorf("without events %s is %v", null, v)
		}
	}
	if files, ok := members["logFiles"].([]any); !ok || len(files) > 0 {
		t.Errorf("without events logFiles is %v", members["logFiles"])
	}
	if got := w.status("audit"); got.LatestDigestDeliveryTime != time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC) || got.LatestDigestDeliveryError != "" {
		t.Errorf("the status is %+v", got)
	}
}

func TestNoDigestsWithoutValidation(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", EnableLogFileValidation: ptr(false)})
	w.call("CreateKey")
	w.turn(2 * time.Hour)
	if got := w.files(true); len(got) > 0 || len(w.logged()) != 1 {
		t.Errorf("delivered %q, %q", got, w.logged())
	}
}

// StopLogging delivers what is left with a last digest; StartLogging begins a new chain.
func TestStopLogging(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(61 * time.Minute)
	w.call("DisableKey")
	w.clock.Advance(time.Minute)
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	w.call("EnableKey")
	digests := w.files(true)
	if diff := cmp.Diff([]string{"CreateKey", "DisableKey"}, w.logged()); diff != "" || len(digests) != 2 {
		t.Fatal(diff, digests)
	}
	last := w.digest(digests[1])
	if last.DigestEndTime != "2026-03-01T13:02:00Z" || len(last.LogFiles) != 1 || last.PreviousDigestSignature == nil {
		t.Errorf("the last digest is %+v", last)
	}
	status := w.status("audit")
	if status.IsLogging || status.TimeLoggingStopped != "2026-03-01T13:02:00Z" || !status.StopLoggingTime.Equal(w.clock.Now()) {
		t.Errorf("the status is %+v", status)
	}
	w.turn(2 * time.Hour)
	if got := w.files(true); len(got) != 2 {
		t.Errorf("after the stop: %q", got)
	}
	must[*StartLoggingOutput](t)(w.StartLogging(here(), &StartLoggingInput{Name: "audit"}))
	w.turn(time.Hour)
	digests = w.files(true)
	if len(digests) != 3 || w.digest(digests[2]).PreviousDigestSignature != nil || w.digest(digests[2]).DigestStartTime != "2026-03-01T15:02:00Z" {
		t.Errorf("after the start: %q", digests)
	}
	w.verify(digests)
}

// A trail that is started again while its stop still delivers has the chains of digests
// that its start begins.
func TestStartLoggingWhileItsStopDelivers(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", IsMultiRegionTrail: ptr(true)})
	w.turn(time.Minute)
	w.call("CreateKey")
	w.call("CreateKey", in("eu-west-1"))
	var once sync.Once
	started := make(chan error, 1)
	w.around.whenPut(func() {
		once.Do(func() {
			go func() {
				_, err := w.StartLogging(here(), &StartLoggingInput{Name: "audit"})
				started <- err
			}()
			select {
			case err := <-started: // it should wait until the stop has delivered
				started <- err
			case <-time.After(50 * time.Millisecond):
			}
			w.clock.Advance(59 * time.Minute)
		})
	})
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	w.turn(2 * time.Hour)
	start := w.status("audit").StartLoggingTime.Format(time.RFC3339)
	begun := 0
	for _, key := range w.files(true) {
		if d := w.digest(key); d.DigestStartTime == start && d.DigestEndTime != start {
			begun++
		}
	}
	if begun != 2 {
		t.Errorf("%d chains begin at %s: %q", begun, start, w.files(true))
	}
}

// What is stopped in the second in which it was started, again and again, writes over no
// digest.
func TestDigestsOfOneSecond(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	for range 3 {
		w.call("CreateKey")
		must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
		must[*StartLoggingOutput](t)(w.StartLogging(here(), &StartLoggingInput{Name: "audit"}))
	}
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	digests := w.files(true)
	if len(digests) != 3 || len(w.logged()) != 3 {
		t.Errorf("delivered %q, %q", digests, w.logged())
	}
	w.verify(digests)
}

func TestValidationTurnedOffAndOn(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.turn(90 * time.Minute)
	update := func(validation bool) {
		t.Helper()
		must[*UpdateTrailOutput](t)(w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", EnableLogFileValidation: &validation}))
	}
	w.call("CreateKey")
	update(false)
	w.call("DisableKey")
	w.turn(2 * time.Hour)
	digests := w.files(true)
	if len(digests) != 2 || w.digest(digests[1]).DigestEndTime != "2026-03-01T13:30:00Z" || len(w.digest(digests[1]).LogFiles) != 1 {
		t.Fatalf("%q", digests)
	}
	update(true)
	w.turn(time.Hour)
	digests = w.files(true)
	if d := w.digest(digests[2]); len(digests) != 3 || d.PreviousDigestSignature != nil || d.DigestStartTime != "2026-03-01T15:30:00Z" || len(d.LogFiles) > 0 {
		t.Errorf("%q: %+v", digests, d)
	}
	w.verify(digests)
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

// A digest that cannot be delivered waits, and names then what was delivered meanwhile.
func TestDigestThatFails(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(30 * time.Minute)
	w.around.close("logs", &api.Error{Code: "NoSuchBucket"})
	w.turn(30 * time.Minute)
	if status := w.status("audit"); status.LatestDigestDeliveryError != "NoSuchBucket" || status.LatestDeliveryError != "" {
		t.Errorf("the status is %+v", status)
	}
	w.around.close("logs", nil)
	w.turn(5 * time.Minute)
	digests := w.files(true)
	if len(digests) != 1 || w.digest(digests[0]).DigestEndTime != "2026-03-01T13:00:00Z" || w.status("audit").LatestDigestDeliveryError != "" {
		t.Errorf("delivered %q, %+v", digests, w.status("audit"))
	}
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

// What a turned clock makes due comes before the last digest, also where the trail is
// stopped at once.
func TestStopLoggingAfterTheClockIsTurned(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.clock.Advance(150 * time.Minute)
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	digests := w.files(true)
	if len(digests) != 3 || w.digest(digests[2]).DigestStartTime != "2026-03-01T14:00:00Z" {
		t.Errorf("%q", digests)
	}
	w.verify(digests)
}

// A clock that is turned by a week makes many digests due. Who stops a trail does not wait
// for those of all the others.
func TestStopLoggingWhileMuchIsDue(t *testing.T) {
	w := newTrailWorld(t)
	names := []string{"a-first", "b-second", "c-stopped"}
	for _, name := range names {
		w.logs(CreateTrailInput{Name: name})
	}
	digestsOf := func(name string) (n int) {
		for _, key := range w.around.list("logs") {
			if strings.Contains(key, "_"+name+"_") {
				n++
			}
		}
		return n
	}
	var once sync.Once
	stopped := make(chan int, 1)
	w.around.whenPut(func() {
		once.Do(func() {
			go func() {
				if _, err := w.StopLogging(here(), &StopLoggingInput{Name: "c-stopped"}); err != nil {
					t.Error(err)
				}
				stopped <- digestsOf("a-first") + digestsOf("b-second")
			}()
		})
		if len(stopped) == 0 {
			time.Sleep(time.Millisecond) // in all a third of a second, in which a busy machine comes to stop the trail
		}
	})
	const hours = 7 * 24
	w.turn(hours * time.Hour)
	if n := <-stopped; n == 2*hours {
		t.Error("the trail was stopped after all digests of the others")
	}
	for _, name := range names {
		if n := digestsOf(name); n != hours {
			t.Errorf("%s has %d digests", name, n)
		}
	}
}

func TestDeletedTrailLeavesNothing(t *testing.T) {
	w := newTrailWorld(t)
	for range 2 {
		w.logs(CreateTrailInput{Name: "audit"})
		w.call("CreateKey")
		w.clock.Advance(time.Minute)
		must[*DeleteTrailOutput](t)(w.DeleteTrail(here(), &DeleteTrailInput{Name: "audit"}))
	}
	if len(w.logged()) != 2 || len(w.files(true)) != 2 {
		t.Errorf("delivered %q", w.keys())
	}
	w.logs(CreateTrailInput{Name: "audit"})
	w.around.close("logs", &api.Error{Code: "AccessDenied"})
	for range 3 {
		w.call("CreateKey")
		w.clock.Advance(time.Minute)
	}
	must[*DeleteTrailOutput](t)(w.DeleteTrail(here(), &DeleteTrailInput{Name: "audit"}))
	w.turn(time.Hour)
	if left := w.leftovers(); len(left) > 0 {
		t.Errorf("it leaves %q", left)
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

// A trail that is multi-region no more ends its chains of other regions.
func TestTrailOfOneRegionAgain(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", IsMultiRegionTrail: ptr(true)})
	w.call("CreateKey", in("eu-west-1"))
	w.clock.Advance(10 * time.Minute)
	must[*UpdateTrailOutput](t)(w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", IsMultiRegionTrail: ptr(false)}))
	w.call("DisableKey", in("eu-west-1"))
	w.turn(2 * time.Hour)
	var ends []string
	for _, key := range w.files(true) {
		if strings.Contains(key, "/eu-west-1/") {
			ends = append(ends, w.digest(key).DigestEndTime)
		}
	}
	if diff := cmp.Diff([]string{"2026-03-01T12:10:00Z"}, ends); diff != "" || len(w.logged()) != 1 {
		t.Error(diff, w.keys())
	}
}
