package integration

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// evidence is what a trail has delivered to its bucket, by key, for `aws cloudtrail
// validate-logs` to read and for tests to tamper with. It answers as S3 does, as far as
// that command asks.
type evidence map[string]*evidenceFile

// evidenceFile is one of its files.
type evidenceFile struct {
	Body     []byte
	Metadata map[string]string
}

func (e evidence) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch o := e[key]; {
	case query.Has("location"):
		_, _ = io.WriteString(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`)
	case key == "":
		e.list(w, query.Get("prefix"), query.Get("marker"))
	case o == nil:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`)
	default:
		for name, value := range o.Metadata {
			w.Header()["x-amz-meta-"+name] = []string{value} // in lower case, as S3 sends them: the CLI's Python keeps the case
		}
		_, _ = w.Write(o.Body)
	}
}

// list answers ListObjects, version 1.
func (e evidence) list(w http.ResponseWriter, prefix, marker string) {
	type contents struct{ Key string }
	answer := struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		IsTruncated bool
		Contents    []contents
	}{}
	for _, key := range slices.Sorted(maps.Keys(e)) {
		if strings.HasPrefix(key, prefix) && key > marker {
			answer.Contents = append(answer.Contents, contents{key})
		}
	}
	_ = xml.NewEncoder(w).Encode(answer)
}

// of are the keys of the files of a region and kind, log files or digest files, in order.
func (e evidence) of(region string, digests bool) (keys []string) {
	folder := "/CloudTrail/"
	if digests {
		folder = "/CloudTrail-Digest/"
	}
	for _, key := range slices.Sorted(maps.Keys(e)) {
		if strings.Contains(key, folder+region+"/") {
			keys = append(keys, key)
		}
	}
	return keys
}

// change replaces a text in a file's content, as somebody would who can write to the bucket.
func (e evidence) change(t *testing.T, key, from, to string) {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(e[key].Body))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil || !bytes.Contains(content, []byte(from)) {
		t.Fatalf("%s has no %s: %s, %v", key, from, content, err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(bytes.ReplaceAll(content, []byte(from), []byte(to))); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	e[key] = &evidenceFile{Body: b.Bytes(), Metadata: e[key].Metadata}
}

// audited is a server whose trail "audit", of us-east-1 and multi-region, has logged for
// three hours from noon in us-east-1 and eu-west-1, was stopped and logged again.
type audited struct {
	t     *testing.T
	s     *server.Server
	url   string
	time  *clock.Turnable
	files int
}

const auditTrail = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"

func newAudited(t *testing.T) *audited {
	c := clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	r := &audited{t: t, s: servertest.New(t, server.Config{Clock: c}), time: c}
	addr, _ := servertest.Serve(t, r.s)
	r.url = "http://" + addr
	servertest.TrailBucket(t, r.s, "logs")
	r.call("us-east-1", "CreateTrail", `{"Name":"audit","S3BucketName":"logs","S3KeyPrefix":"p","IsMultiRegionTrail":true,"EnableLogFileValidation":true}`)
	r.call("us-east-1", "StartLogging", `{"Name":"audit"}`)
	for range 3 {
		r.call("us-east-1", "ListTrails", `{}`)
		r.call("eu-west-1", "ListTrails", `{}`)
		c.Advance(5 * time.Minute)
		r.wait(2)
		r.call("us-east-1", "DescribeTrails", `{}`)
		c.Advance(55 * time.Minute)
		r.wait(3)
	}
	r.call("us-east-1", "StopLogging", `{"Name":"audit"}`)
	c.Advance(30 * time.Minute)
	r.call("us-east-1", "StartLogging", `{"Name":"audit"}`)
	c.Advance(30 * time.Minute)
	r.wait(3)
	return r
}

// call makes a call of CloudTrail as root.
func (r *audited) call(region, operation, body string) {
	r.t.Helper()
	status, answer := servertest.Ask(r.s, http.MethodPost, "/", body, "X-Amz-Target", "CloudTrail_20131101."+operation,
		"Content-Type", "application/x-amz-json-1.1",
		"Authorization", strings.Replace(servertest.Scope, "us-east-1/sqs", region+"/cloudtrail", 1))
	servertest.WantAnswer(r.t, status, answer, http.StatusOK, "")
}

// wait waits until n more files are delivered.
func (r *audited) wait(n int) {
	r.t.Helper()
	r.files += n
	servertest.Eventually(r.t, fmt.Sprint(r.files, " files"), func() bool { return len(r.evidence()) >= r.files })
}

// evidence is a copy of what was delivered.
func (r *audited) evidence() evidence {
	r.t.Helper()
	e := evidence{}
	for _, key := range servertest.Keys(r.t, r.s, "logs", "") {
		o, body := servertest.Object(r.t, r.s, "logs", key)
		e[key] = &evidenceFile{body, o.Metadata}
	}
	return e
}

// validate is what `aws cloudtrail validate-logs` says of the evidence, and whether it is
// content.
func (r *audited) validate(t *testing.T, e evidence, region, cloudTrail string) (string, bool) {
	t.Helper()
	s3 := httptest.NewServer(e)
	defer s3.Close()
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			env = append(env, v)
		}
	}
	env = append(env, "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL_S3="+s3.URL)
	out, err := tryRun(t, env, "sh", "-c", `exec aws --endpoint-url "$0" --region "$1" cloudtrail validate-logs --trail-arn "$2" `+
		`--start-time 2026-03-01T12:00:00Z --end-time 2026-03-01T16:00:00Z --verbose 2>&1`, cloudTrail, region, auditTrail)
	if err != nil {
		out = err.Error()
	}
	return out, err == nil
}

// Log file validation is real: the AWS CLI accepts what a trail wrote, and finds whatever
// was done to it since [T046] [T051] [T052] [T054].
func TestValidateLogs(t *testing.T) {
	awsCLI(t)
	r := newAudited(t)
	untouched := r.evidence()
	logs, digests := untouched.of("us-east-1", false), untouched.of("us-east-1", true)
	if len(logs) < 6 || len(digests) != 4 {
		t.Fatalf("delivered %q, %q", logs, digests)
	}
	all := []string{fmt.Sprintf("%d/%d digest files valid", len(digests), len(digests)), fmt.Sprintf("%d/%d log files valid", len(logs), len(logs))}
	invalid := func(kind, key, text string) string {
		return kind + " file\ts3://logs/" + key + "\tINVALID: " + text
	}
	for name, c := range map[string]struct {
		tamper func(*testing.T, evidence)
		valid  bool
		says   []string
	}{
		"T071 untouched": {func(*testing.T, evidence) {}, true, append(all,
			"No log files were delivered by CloudTrail between 2026-03-01T15:00:00Z and 2026-03-01T15:30:00Z")},
		"T067 a log file removed": {func(_ *testing.T, e evidence) { delete(e, logs[1]) }, false, []string{invalid("Log", logs[1], "not found"), all[0]}},
		"T067 a log file altered": {func(t *testing.T, e evidence) { e.change(t, logs[0], "123456789012", "999988887777") }, false,
			[]string{invalid("Log", logs[0], "hash value doesn't match"), all[0]}},
		"T067 a log file that is none": {func(_ *testing.T, e evidence) { e[logs[0]] = &evidenceFile{Body: []byte("nothing")} }, false,
			[]string{invalid("Log", logs[0], "invalid format")}},
		"T067 two log files in each other's place": {func(_ *testing.T, e evidence) { e[logs[0]], e[logs[1]] = e[logs[1]], e[logs[0]] }, false,
			[]string{invalid("Log", logs[0], "hash value doesn't match"), invalid("Log", logs[1], "hash value doesn't match")}},
		"T069 a digest removed": {func(_ *testing.T, e evidence) { delete(e, digests[1]) }, false,
			[]string{invalid("Digest", digests[1], "not found"), fmt.Sprintf("%d/%d digest files valid, 1/%d digest files INVALID", 3, 4, 4)}},
		"T066 a digest altered": {func(t *testing.T, e evidence) { e.change(t, digests[1], `"hashValue":"`, `"hashValue":"0`) }, false,
			[]string{invalid("Digest", digests[1], "signature verification failed")}},
		"T065 a digest without its signature": {func(_ *testing.T, e evidence) { e[digests[1]] = &evidenceFile{Body: e[digests[1]].Body} }, false,
			[]string{invalid("Digest", digests[1], "signature verification failed")}},
		"T064 a digest in the place of another": {func(_ *testing.T, e evidence) { e[digests[1]] = e[digests[0]] }, false,
			[]string{invalid("Digest", digests[1], "has been moved from its original location")}},
		"T063 a digest that is none": {func(_ *testing.T, e evidence) { e[digests[1]] = &evidenceFile{Body: []byte("nothing")} }, false,
			[]string{invalid("Digest", digests[1], "invalid format")}},
		"T063 a digest without a member": {func(t *testing.T, e evidence) { e.change(t, digests[1], `"digestStartTime"`, `"start"`) }, false,
			[]string{invalid("Digest", digests[1], "invalid format")}},
		"T061 nothing": {func(_ *testing.T, e evidence) { clear(e) }, true, []string{"No digests found"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := maps.Clone(untouched)
			c.tamper(t, e)
			out, valid := r.validate(t, e, "us-east-1", r.url)
			for _, text := range c.says {
				if !strings.Contains(out, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			if valid != c.valid || t.Failed() {
				t.Errorf("valid: %v\n%s", valid, out)
			}
		})
	}
	t.Run("T059 another region", func(t *testing.T) {
		out, valid := r.validate(t, untouched, "eu-west-1", r.url)
		n := len(untouched.of("eu-west-1", true))
		if !valid || n < 3 || !strings.Contains(out, fmt.Sprintf("%d/%d digest files valid", n, n)) || !strings.Contains(out, "3/3 log files valid") {
			t.Errorf("valid: %v\n%s", valid, out)
		}
	})
	t.Run("T066 another server's keys", func(t *testing.T) {
		other := servertest.New(t, server.Config{Clock: r.time})
		addr, _ := servertest.Serve(t, other)
		servertest.TrailBucket(t, other, "logs")
		(&audited{t: t, s: other}).call("us-east-1", "CreateTrail", `{"Name":"audit","S3BucketName":"logs","S3KeyPrefix":"p"}`)
		out, valid := r.validate(t, untouched, "us-east-1", "http://"+addr)
		if valid || !regexp.MustCompile(`INVALID: public key not found in region us-east-1 for fingerprint [0-9a-f]{32}`).MatchString(out) {
			t.Errorf("valid: %v\n%s", valid, out)
		}
	})
}
