package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

const objectScope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"

// askS3 makes a request as root, whose key is not known.
func askS3(s http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if r.Host == "example.com" {
		r.Host = "127.0.0.1:4566"
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func withBucket(t *testing.T) *server.Server {
	t.Helper()
	s := servertest.New(t, server.Config{AllowHosts: []string{"waxseal.test"}})
	for _, bucket := range []string{"pics", "my.pics"} {
		if w := askS3(s, "PUT", "/"+bucket, "", "Authorization", objectScope); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	return s
}

// multipartOf is a form of fields, names and values by turns, with a file at the end.
func multipartOf(file string, fields ...string) (media, body string) {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		fmt.Fprintf(&b, "--b\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", fields[i], fields[i+1])
	}
	fmt.Fprintf(&b, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.jpg\"\r\nContent-Type: image/gif\r\n\r\n%s\r\n--b--\r\n", file)
	return "multipart/form-data; boundary=b", b.String()
}

// Every way to name a bucket leads to the same one.
func TestBucketsByHost(t *testing.T) {
	s := withBucket(t)
	for _, test := range []struct{ target, want string }{
		{"http://127.0.0.1:4566/pics/k", "NoSuchKey"},
		{"http://localhost/pics/k", "NoSuchKey"},
		{"http://pics.localhost:4566/k", "NoSuchKey"},
		{"http://pics.waxseal.test/k", "NoSuchKey"},
		{"http://my.pics.localhost/k", "NoSuchKey"},
		{"http://pics.s3.localhost/k", "NoSuchKey"},
		{"http://my.pics.s3.us-east-1.localhost/k", "NoSuchKey"},
		{"http://pics.s3.us-east-1.amazonaws.com/k", "NoSuchKey"},
		{"http://pics.s3.dualstack.us-east-1.amazonaws.com/k", "NoSuchKey"},
		{"http://s3.us-east-1.amazonaws.com/pics/k", "NoSuchKey"},
		{"http://s3/pics/k", "NoSuchKey"},
		{"http://PICS.S3.localhost/k", "NoSuchKey"},
		{"http://none.s3.localhost/k", "<BucketName>none</BucketName>"},
		{"http://none.localhost/k", "<BucketName>none</BucketName>"},
		// The name of this machine, where no bucket is called so.
		{"http://machine.localhost/pics/k", "NoSuchKey"},
		{"http://pics.machine.localhost/k", "NoSuchKey"},
		{"http://machine.localhost/", "ListAllMyBucketsResult"},
	} {
		if w := askS3(s, "GET", test.target, "", "Authorization", objectScope); !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s", test.target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"http://sqs.localhost/", "http://lambda.us-east-1.localhost/", "http://kms.us-east-1.amazonaws.com/"} {
		if w := askS3(s, "GET", target, ""); !strings.Contains(w.Body.String(), "UnknownOperation") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// Keys are what was sent, byte for byte.
func TestKeysSurvive(t *testing.T) {
	s := withBucket(t)
	keys := []string{"/", "//", "/a", "a/", "a//b", ".", "..", "../x", "a/../b", "./a", "%2F", "%", "+", " ", "  ", "a b", "?", "#", "é", "\u00a0", "😀", "\u202e", "\ufffe", "a\\b", "<&>\"'", "{}|^`~", "*", ":", ";=,@$!()"}
	for c := range rune(0x80) {
		keys = append(keys, "k"+string(c)+"e")
	}
	for _, key := range keys {
		var escaped strings.Builder
		for i := range len(key) {
			fmt.Fprintf(&escaped, "%%%02X", key[i])
		}
		path := "/pics/" + escaped.String()
		if w := askS3(s, "PUT", path, "body of "+key, "Authorization", objectScope); w.Code != 200 {
			t.Fatalf("%q: %d %s", key, w.Code, w.Body)
		}
		w := askS3(s, "GET", path, "", "Authorization", objectScope)
		if w.Code != 200 || w.Body.String() != "body of "+key {
			t.Errorf("%q: %d %s", key, w.Code, w.Body)
		}
		if w := askS3(s, "GET", "/pics?list-type=2&encoding-type=url&prefix="+escaped.String(), "", "Authorization", objectScope); w.Code != 200 || !strings.Contains(w.Body.String(), "<KeyCount>") || strings.Contains(w.Body.String(), "<KeyCount>0</KeyCount>") {
			t.Errorf("%q is not listed: %s", key, w.Body)
		}
		if w := askS3(s, "DELETE", path, "", "Authorization", objectScope); w.Code != 204 {
			t.Errorf("%q: %d %s", key, w.Code, w.Body)
		}
	}
	if w := askS3(s, "GET", "/pics?list-type=2", "", "Authorization", objectScope); !strings.Contains(w.Body.String(), "<KeyCount>0</KeyCount>") {
		t.Error(w.Body)
	}
}

func policyOf(expires time.Time, conditions string) string {
	return base64.StdEncoding.EncodeToString([]byte(`{"expiration":"` + expires.UTC().Format("2006-01-02T15:04:05.000Z") + `","conditions":[` + conditions + `]}`))
}

func TestPostedForms(t *testing.T) {
	s := withBucket(t)
	now := time.Now() //nolint:forbidigo // a policy expires by real time
	credential := []string{"x-amz-algorithm", "AWS4-HMAC-SHA256", "x-amz-credential", "test/20260101/us-east-1/s3/aws4_request", "x-amz-date", "20260101T000000Z", "x-amz-signature", "0"}
	const covered = `["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]`
	signed := func(conditions string, fields ...string) []string {
		if conditions != "" {
			conditions = "," + conditions
		}
		return append(append(append([]string{}, fields...), credential...), "policy", policyOf(now.Add(time.Hour), covered+conditions))
	}
	const key = `["starts-with","$key",""]`
	for _, test := range []struct {
		name   string
		fields []string
		file   string
		status int
		want   string
	}{
		{"S129: no content", signed(key, "key", "a"), "x", 204, ""},
		{"S129: created", signed(key+`,{"success_action_status":"201"}`, "key", "a b", "success_action_status", "201"), "x", 201, "<PostResponse><Location>http://127.0.0.1:4566/pics/a%20b</Location><Bucket>pics</Bucket><Key>a b</Key><ETag>&quot;"},
		{"S129: fine", signed(key+`,{"success_action_status":"200"}`, "key", "a", "success_action_status", "200"), "x", 200, ""},
		{"S129: redirected", signed(key+`,["starts-with","$success_action_redirect",""]`, "key", "a", "success_action_redirect", "http://page.test/?x=1"), "x", 303, ""},
		{"S129: the file's name", signed(`{"key":"in/cat.jpg"},{"success_action_status":"201"}`, "key", "in/${filename}", "success_action_status", "201"), "x", 201, "<Key>in/cat.jpg</Key>"},
		{"version 2", []string{"key", "a", "AWSAccessKeyId", "test", "signature", "x", "policy", policyOf(now.Add(time.Hour), key)}, "x", 204, ""},
		{"S131: expired", append(append([]string{"key", "a"}, credential...), "policy", policyOf(now.Add(-time.Hour), covered+","+key)), "x", 403, "Invalid according to Policy: Policy expired."},
		{"S131: a condition", signed(`{"key":"b"}`, "key", "a"), "x", 403, "Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;b&quot;]"},
		{"S131: another bucket", signed(key+`,{"bucket":"other"}`, "key", "a"), "x", 403, "$bucket"},
		{"S131: no condition", signed(key+`,{"a":"b","c":"d"}`, "key", "a"), "x", 400, "Simple-Conditions must have exactly one property specified."},
		{"a field without a condition", signed(key, "key", "a", "acl", "private"), "x", 403, "Extra input fields: acl"},
		{"no JSON", append(append([]string{"key", "a"}, credential...), "policy", "e30x"), "x", 400, "InvalidPolicyDocument"},
		{"S132: too large", signed(key+`,["content-length-range",1,"2"]`, "key", "a"), "xxxx", 400, "<ProposedSize>4</ProposedSize><MaxSizeAllowed>2</MaxSizeAllowed>"},
		{"S132: too small", signed(key+`,["content-length-range",2,3]`, "key", "a"), "x", 400, "<ProposedSize>1</ProposedSize><MinSizeAllowed>2</MinSizeAllowed>"},
		{"S132: just right", signed(key+`,["content-length-range",2,3]`, "key", "a"), "xx", 204, ""},
		{"S132: no bounds", signed(key+`,["content-length-range","x",3]`, "key", "a"), "xx", 403, "Policy Condition failed"},
		{"S132: case counts", signed(`["starts-with","$key","A"]`, "key", "a"), "xx", 403, "Policy Condition failed"},
		{"S133: no signature", []string{"key", "a", "policy", policyOf(now.Add(time.Hour), key), "x-amz-algorithm", "AWS4-HMAC-SHA256", "x-amz-credential", "c", "x-amz-date", "d"}, "x", 400, "Bucket POST must contain a field named &#39;X-Amz-Signature&#39;.  If it is specified, please check the order of the fields."},
		{"S133: no signature of version 2", []string{"key", "a", "policy", policyOf(now.Add(time.Hour), key), "AWSAccessKeyId", "test"}, "x", 400, "field named &#39;Signature&#39;"},
		{"S133: a policy that nobody signed", []string{"key", "a", "policy", policyOf(now.Add(time.Hour), key)}, "x", 403, "<Code>AccessDenied</Code><Message>Access Denied</Message>"},
		{"S131: a condition on no field", signed(key+`,["eq","acl","private"],["eq","$acl","private"]`, "key", "a", "acl", "private"), "x", 403, "Policy Condition failed: [&quot;eq&quot;, &quot;acl&quot;, &quot;private&quot;]"},
		{"no base64", append(append([]string{"key", "a"}, credential...), "policy", "e30"), "x", 400, "Invalid Base64 Encoding."},
		{"signed for another service", []string{"key", "a", "policy", policyOf(now.Add(time.Hour), key), "x-amz-algorithm", "AWS4-HMAC-SHA256", "x-amz-credential", "test/20260101/us-east-1/sqs/aws4_request", "x-amz-date", "20260101T000000Z", "x-amz-signature", "0"}, "x", 400, "the Credential is mal-formed"},
		{"S074: metadata as it is written", signed(key+`,["starts-with","$x-amz-meta-a",""]`, "key", "meta", "x-amz-meta-a", "=?UTF-8?Q?ascii?="), "x", 204, ""},
		{"S133: anonymous", []string{"key", "a"}, "x", 403, "<Code>AccessDenied</Code>"},
		{"no key", []string{"acl", "private"}, "x", 400, "field named &#39;key&#39;"},
		{"an empty key", signed(key, "key", ""), "x", 400, "<Code>InvalidArgument</Code><Message>User key must have a length greater than 0.</Message><ArgumentName>key</ArgumentName>"},
		{"S134: tags", signed(key+`,["starts-with","$tagging",""]`, "key", "a", "tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>v w</Value></Tag></TagSet></Tagging>"), "x", 204, ""},
		{"S134: no XML", signed(key+`,["starts-with","$tagging",""]`, "key", "a", "tagging", "k=v"), "x", 400, "MalformedXML"},
		{"S188: an ACL", signed(key+`,{"acl":"public-read"}`, "key", "a", "acl", "public-read"), "x", 400, "AccessControlListNotSupported"},
		{"a lock", signed(key+`,{"x-amz-object-lock-mode":"GOVERNANCE"}`, "key", "a", "x-amz-object-lock-mode", "GOVERNANCE"), "x", 400, "Bucket is missing Object Lock Configuration"},
		{"S197: a customer's key", signed(key+`,{"x-amz-server-side-encryption-customer-algorithm":"AES256"}`, "key", "a", "x-amz-server-side-encryption-customer-algorithm", "AES256"), "x", 400, "must provide an appropriate secret key"},
		{"S082: a storage class", signed(key+`,{"x-amz-storage-class":"COLD"}`, "key", "a", "x-amz-storage-class", "COLD"), "x", 400, "InvalidStorageClass"},
		{"S134: other XML", signed(key+`,["starts-with","$tagging",""]`, "key", "a", "tagging", "<Tags/>"), "x", 204, ""},
		{"long fields", signed(key, "key", "a", "x-ignore-me", strings.Repeat("x", 21<<10)), "x", 400, "MaxPostPreDataLengthExceeded"},
	} {
		media, body := multipartOf(test.file, test.fields...)
		w := askS3(s, "POST", "/pics", body, "Content-Type", media)
		if got := strings.ReplaceAll(w.Body.String(), "'", "&#39;"); w.Code != test.status || !strings.Contains(got, test.want) {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
		if w.Code == 303 && !strings.HasPrefix(w.Header().Get("Location"), "http://page.test/?bucket=pics&etag=%22") {
			t.Errorf("%s: %s", test.name, w.Header().Get("Location"))
		}
	}
	if w := askS3(s, "GET", "/pics/in/cat.jpg", "", "Authorization", objectScope); w.Body.String() != "x" {
		t.Errorf("what was posted: %d %s", w.Code, w.Body)
	}
	if w := askS3(s, "HEAD", "/pics/meta", "", "Authorization", objectScope); !slices.Equal(w.Header()["x-amz-meta-a"], []string{"=?UTF-8?Q?ascii?="}) { //nolint:staticcheck // it is sent in lower case
		t.Errorf("metadata of a form: %v", w.Header())
	}
	for name, media := range map[string]string{"S133 no form": "text/plain", "no boundary": "multipart/form-data"} {
		if w := askS3(s, "POST", "/pics", "x", "Content-Type", media); w.Code != 412 || !strings.Contains(w.Body.String(), "enclosure-type multipart/form-data") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, body := range map[string]string{"no file": "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n--b--\r\n", "cut": "--b\r\nContent-Disposition: form-da"} {
		if w := askS3(s, "POST", "/pics", body, "Content-Type", "multipart/form-data; boundary=b"); w.Code != 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// TestPostedObjectsAreTold: what a form has put is told as such, to queues and to EventBridge.
func TestPostedObjectsAreTold(t *testing.T) {
	s := withBucket(t)
	const open = `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}]}`
	queue := func(name string) (url, arn string) {
		status, answer := servertest.SQS(s, "CreateQueue", `{"QueueName":"`+name+`","Attributes":{"Policy":"`+open+`"}}`)
		servertest.WantAnswer(t, status, answer, 200, "QueueUrl")
		return strings.Split(answer, `"`)[3], "arn:aws:sqs:us-east-1:" + servertest.Account + ":" + name
	}
	told, toldARN := queue("told")
	heard, heardARN := queue("heard")
	servertest.ActAs(t, s, "root", "events:PutRule", map[string]any{"Name": "r", "EventPattern": `{"source":["aws.s3"]}`})
	servertest.ActAs(t, s, "root", "events:PutTargets", map[string]any{"Rule": "r", "Targets": []map[string]any{{"Id": "1", "Arn": heardARN}}})
	w := askS3(s, "PUT", "/pics?notification", "<NotificationConfiguration><QueueConfiguration><Queue>"+toldARN+"</Queue><Event>s3:ObjectCreated:Post</Event></QueueConfiguration>"+
		"<EventBridgeConfiguration/></NotificationConfiguration>", "Authorization", objectScope)
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	media, body := multipartOf("x", "key", "a", "x-amz-algorithm", "AWS4-HMAC-SHA256", "x-amz-credential", "test/20260101/us-east-1/s3/aws4_request",
		"x-amz-date", "20260101T000000Z", "x-amz-signature", "0", "policy", policyOf(time.Now().Add(time.Hour), //nolint:forbidigo // a policy expires by real time
			`["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""],["starts-with","$key",""]`))
	if w := askS3(s, "POST", "/pics", body, "Content-Type", media); w.Code != 204 {
		t.Fatal(w.Body)
	}
	for _, test := range []struct{ name, url, want string }{
		{"S130 of S3", told, `\"eventName\":\"ObjectCreated:Post\"`},
		{"S130 of EventBridge", heard, `\"reason\":\"POST Object\"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			servertest.Eventually(t, "a message with "+test.want, func() bool {
				_, answer := servertest.SQS(s, "ReceiveMessage", `{"QueueUrl":"`+test.url+`","MaxNumberOfMessages":10,"VisibilityTimeout":0}`)
				return strings.Contains(answer, test.want)
			})
		})
	}
}

// A client that does not wait for its answer is no failure of the server's: the log is not
// told of one.
func TestClientThatIsGone(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if w := askS3(s, "PUT", "/pics", "", "Authorization", objectScope); w.Code != 200 {
		t.Fatal(w.Body)
	}
	ctx, goes := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodPut, "/pics/k", io.MultiReader(strings.NewReader("some"), readFunc(goes)))
	r.Host = "127.0.0.1:4566"
	r.Header.Set("Authorization", objectScope)
	s.ServeHTTP(httptest.NewRecorder(), r)
	if strings.Contains(log.String(), "failure") {
		t.Errorf("the log is told %s", log.String())
	}
	if w := askS3(s, "GET", "/pics/k", "", "Authorization", objectScope); w.Code != 404 {
		t.Errorf("the object is answered %d %s", w.Code, w.Body)
	}
}

// readFunc is the end of a body, which does something when it is read.
type readFunc func()

func (f readFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}
