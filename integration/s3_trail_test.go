package integration

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

// s3Trail is a server on a clock that stands still, with the buckets logs and pets, and a
// trail that logs data events alone: of the objects whose ARNs begin so.
type s3Trail struct {
	*server.Server
	t     *testing.T
	clock *clock.Turnable
}

func newS3Trail(t *testing.T, objects string) *s3Trail {
	t.Helper()
	w := &s3Trail{t: t, clock: clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	w.Server = servertest.New(t, server.Config{Clock: w.clock})
	servertest.TrailBucket(t, w.Server, "logs")
	w.s3(http.MethodPut, "/pets", "")
	name := map[string]any{"Name": "audit"}
	servertest.ActAs(t, w, "root", "cloudtrail:CreateTrail", map[string]any{"Name": "audit", "S3BucketName": "logs"})
	servertest.ActAs(t, w, "root", "cloudtrail:PutEventSelectors", map[string]any{"TrailName": "audit", "EventSelectors": []any{map[string]any{
		"IncludeManagementEvents": false, "DataResources": []any{map[string]any{"Type": "AWS::S3::Object", "Values": []any{objects}}},
	}}})
	servertest.ActAs(t, w, "root", "cloudtrail:StartLogging", name)
	return w
}

// s3 makes a request of S3 as the root user.
func (w *s3Trail) s3(method, target, body string, header ...string) {
	w.t.Helper()
	header = append(header, "Authorization", strings.Replace(servertest.Scope, "/sqs/", "/s3/", 1))
	if status, answer := servertest.Ask(w, method, target, body, header...); status >= http.StatusBadRequest && status != http.StatusNotFound {
		w.t.Fatalf("%s %s answered %d %s", method, target, status, answer)
	}
}

// files are the keys of the log files, in the order in which they came.
func (w *s3Trail) files() []string {
	return servertest.Keys(w.t, w.Server, "logs", "AWSLogs/123456789012/CloudTrail/")
}

// next turns the clock, and answers the events in the one log file that comes by that.
func (w *s3Trail) next(by time.Duration) []trail.Event {
	w.t.Helper()
	before := w.files()
	w.clock.Advance(by)
	var fresh []string
	servertest.Eventually(w.t, "a log file", func() bool {
		fresh = slices.DeleteFunc(w.files(), func(key string) bool { return slices.Contains(before, key) })
		return len(fresh) > 0
	})
	if len(fresh) != 1 {
		w.t.Fatalf("there are %q", fresh)
	}
	_, body := servertest.Object(w.t, w.Server, "logs", fresh[0])
	return eventsIn(w.t, body)
}

// The calls on objects with a prefix, as a trail logs them: what each acted on are the
// objects, each by its key, and their buckets.
func TestDataEventsOfS3(t *testing.T) {
	t.Parallel()
	w := newS3Trail(t, "arn:aws:s3:::pets/in/")
	w.s3(http.MethodPut, "/pets/in/a%20b", "meow")
	w.s3(http.MethodGet, "/pets/in/a%20b", "")
	w.s3(http.MethodHead, "/pets/in/none", "")
	w.s3(http.MethodPut, "/pets/out/c", "", "X-Amz-Copy-Source", "pets/in/a%20b")
	w.s3(http.MethodGet, "/pets?list-type=2&prefix=in/", "")
	w.s3(http.MethodGet, "/pets?list-type=2", "")
	const gone = "<Delete><Object><Key>in/a b</Key></Object><Object><Key>in/none</Key></Object></Delete>"
	digest := md5.Sum([]byte(gone))
	w.s3(http.MethodPost, "/pets?delete", gone, "Content-MD5", base64.StdEncoding.EncodeToString(digest[:]))
	w.s3(http.MethodDelete, "/pets/in/none", "")
	w.s3(http.MethodDelete, "/pets/out/c", "")
	w.s3(http.MethodPut, "/pets?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")

	var got []string
	for _, e := range w.next(5 * time.Minute) {
		text := fmt.Sprint(e.EventName, " ", e.ReadOnly, " ", e.ErrorCode)
		for _, r := range e.Resources {
			text += fmt.Sprintf(" %s=%s%s", strings.TrimPrefix(r.Type, "AWS::S3::"), r.ARN, r.ARNPrefix)
		}
		if got = append(got, text); e.EventCategory != "Data" || e.ManagementEvent || e.RecipientAccountID != servertest.Account {
			t.Errorf("%s is no data event: %+v", e.EventName, e)
		}
	}
	want := []string{
		"PutObject false  Object=arn:aws:s3:::pets/in/a b Bucket=arn:aws:s3:::pets",
		"GetObject true  Object=arn:aws:s3:::pets/in/a b Bucket=arn:aws:s3:::pets",
		"HeadObject true NoSuchKey Object=arn:aws:s3:::pets/in/none Bucket=arn:aws:s3:::pets",
		"CopyObject false  Object=arn:aws:s3:::pets/in/a b Object=arn:aws:s3:::pets/out/c Bucket=arn:aws:s3:::pets",
		"ListObjectsV2 true  Object=arn:aws:s3:::pets/in/ Bucket=arn:aws:s3:::pets",
		"DeleteObjects false  Object=arn:aws:s3:::pets/in/a b Object=arn:aws:s3:::pets/in/none Bucket=arn:aws:s3:::pets",
		"DeleteObject false  Object=arn:aws:s3:::pets/in/none Bucket=arn:aws:s3:::pets",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	found := servertest.ActAs(t, w, "root", "cloudtrail:LookupEvents", map[string]any{"LookupAttributes": []any{
		map[string]any{"AttributeKey": "ResourceType", "AttributeValue": "AWS::S3::Bucket"},
	}})
	var names []string
	for _, e := range found["Events"].([]any) {
		names = append(names, e.(map[string]any)["EventName"].(string))
	}
	if want := []string{"PutBucketVersioning", "CreateBucket"}; !slices.Equal(slices.DeleteFunc(names, func(n string) bool { return n == "GetBucketAcl" }), want) {
		t.Errorf("the history has of buckets %q, want %q", names, want)
	}
}

// A trail that logs the objects of its own bucket logs each of its files in the next one,
// and no faster than one follows the other: however far the clock is turned, that ends.
func TestTrailOfItsOwnBucket(t *testing.T) {
	t.Parallel()
	w := newS3Trail(t, "arn:aws:s3:::logs/")
	w.s3(http.MethodGet, "/logs/none", "")
	last := w.next(5 * time.Minute)
	if len(last) != 1 || last[0].EventName != "GetObject" {
		t.Fatalf("the first file has %+v", last)
	}
	for _, turned := range []time.Duration{5 * time.Minute, 24 * time.Hour, 60 * 24 * time.Hour, 5 * time.Minute} {
		file := w.files()
		newest := file[len(file)-1]
		events := w.next(turned)
		if len(events) != 1 || events[0].EventName != "PutObject" || events[0].UserIdentity.InvokedBy != "cloudtrail.amazonaws.com" ||
			events[0].Resources[0].ARN != "arn:aws:s3:::logs/"+newest {
			t.Errorf("after %v the next file has %+v, not %s", turned, events, newest)
		}
	}
	if n := len(w.files()); n != 5 {
		t.Errorf("there are %d files", n)
	}
}
