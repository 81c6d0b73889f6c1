package cloudtrail

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/trail"
)

func TestTrailFixture(t *testing.T) {
	w := newTrailWorld(t)
	const queue = "arn:aws:sqs:us-east-1:123456789012:orders"
	apply := func(f Fixture) {
		t.Helper()
		if err := w.ApplyTrail(here(), f); err != nil {
			t.Fatal(err)
		}
	}
	apply(Fixture{Name: "audit", Bucket: "logs", MultiRegion: true, DataEvents: []string{queue}})
	w.call("CreateKey", func(e *trail.Event) { e.EventCategory = categoryManagement })
	w.clock.Advance(time.Minute)
	apply(Fixture{Name: "audit", Bucket: "logs", DataEvents: []string{queue}}) // as at the next start
	w.turn(time.Hour)
	want := &Trail{
		Name: "audit", S3BucketName: "logs", IncludeGlobalServiceEvents: true, HomeRegion: region, TrailARN: auditARN,
		LogFileValidationEnabled: true, HasCustomEventSelectors: true,
	}
	if diff := cmp.Diff(want, must[*GetTrailOutput](t)(w.GetTrail(here(), &GetTrailInput{Name: "audit"})).Trail); diff != "" {
		t.Error(diff)
	}
	if s := w.status("audit"); !s.IsLogging || s.TimeLoggingStarted != "2026-03-01T12:00:00Z" {
		t.Errorf("the status is %+v", s)
	}
	if diff := cmp.Diff([]string{"CreateKey"}, w.logged()); diff != "" || len(w.files(true)) != 1 {
		t.Error(diff, w.keys())
	}
	for name, f := range map[string]Fixture{
		"its name":   {Name: "a", Bucket: "logs"},
		"its bucket": {Name: "other", Bucket: "L"},
		"an ARN":     {Name: "other", Bucket: "logs", DataEvents: []string{"arn:aws:kms:us-east-1:123456789012:key/k"}},
	} {
		if w.ApplyTrail(here(), f) == nil {
			t.Errorf("a fixture is taken, whatever %s is", name)
		}
	}
}
