package server_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// chromium is the User-Agent that Chromium sends.
const chromium = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36"

// listQueues is an API call in a link: all that a page can make a browser send.
const listQueues = "/?Action=ListQueues&Version=2012-11-05&AWSAccessKeyId=x"

// Who asks for what, by which name and from which page.
func TestWhoMayReachWhat(t *testing.T) {
	s := servertest.New(t, server.Config{AllowHosts: []string{"waxseal.test"}})
	browser := func(header ...string) []string { return append([]string{"User-Agent", chromium}, header...) }
	for _, test := range []struct {
		name         string
		control, aws int
		header       []string
	}{
		{"an SDK", 200, 200, []string{"User-Agent", "aws-sdk-go-v2/1.30.0"}},
		{"an SDK by another name", 403, 200, []string{"Host", "waxseal.internal"}},
		{"an SDK by AWS's name", 403, 200, []string{"Host", "sqs.us-east-1.amazonaws.com"}},
		{"an SDK by no name", 403, 200, []string{"Host", ""}},
		{"an SDK by a name below localhost", 200, 200, []string{"Host", "sqs.us-east-1.localhost:4566"}},
		{"an SDK by a container's name", 200, 200, []string{"Host", "waxseal:4566"}},
		{"an SDK by LocalStack's name", 200, 200, []string{"Host", "localhost.localstack.cloud:4566"}},
		{"an SDK by a name below LocalStack's", 200, 200, []string{"Host", "sqs.us-east-1.Localhost.LocalStack.cloud"}},
		{"an SDK by a name that only ends so", 403, 200, []string{"Host", "evil-localhost.localstack.cloud"}},
		{"an SDK by an address of version 6", 200, 200, []string{"Host", "[::1]:4566"}},
		{"an SDK by a name with an address in it", 403, 200, []string{"Host", "127.0.0.1.evil.example:4566"}},
		{"an SDK by an allowed name", 200, 200, []string{"Host", "WAXSEAL.test:4566"}},

		{"an address typed in", 200, 200, browser("Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-User", "?1")},
		{"the same origin's fetch", 200, 200, browser("Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty")},
		{"the same origin's post", 200, 200, browser("Origin", "http://127.0.0.1:4566", "Sec-Fetch-Site", "same-origin")},
		{"the same origin's post by an allowed name", 200, 200, browser("Origin", "http://waxseal.test:4566", "Host", "waxseal.test:4566")},
		{"a fetch of old, same origin", 200, 200, browser("Referer", "http://192.168.0.7:4566/_waxseal/", "Host", "192.168.0.7:4566")},
		{"a browser that names no page, to this machine", 200, 200, browser()},
		{"PowerShell, which calls itself a browser, at another machine", 200, 403, []string{"User-Agent", "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1", "Host", "192.168.0.7:4566"}},

		{"another page's image", 403, 403, browser("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Referer", "http://evil.example/")},
		{"another page's image that hides its page", 403, 403, browser("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image")},
		{"another page's image by an address of the net", 403, 403, browser("Referer", "http://evil.example/", "Host", "192.168.0.7:4566")},
		{"another page's link", 403, 403, browser("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")},
		{"another port's page", 403, 403, browser("Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:3000")},
		{"another page's post", 403, 403, browser("Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors")},
		{"a post of a browser without Sec-Fetch", 403, 403, []string{"Origin", "http://evil.example"}},
		{"a sandboxed page's post", 403, 403, browser("Origin", "null")},
		{"a file's fetch", 403, 403, browser("Origin", "file://")},
		{"Sec-Fetch-Mode alone", 403, 403, []string{"Sec-Fetch-Mode", "cors", "Host", "evil.example"}},

		{"a name that points here, GET", 403, 403, browser("Host", "evil.example:4566")},
		{"a name that points here, POST", 403, 403, browser("Origin", "http://evil.example:4566", "Host", "evil.example:4566")},
		{"a name that points here, TLS", 403, 403, browser("Sec-Fetch-Site", "same-origin", "Host", "evil.example")},

		{"SNS", 403, 403, []string{"User-Agent", "Amazon Simple Notification Service Agent", "X-Amz-Sns-Message-Type", "Notification"}},
		{"any header of SNS's", 403, 403, []string{"x-amz-sns-rawdelivery", "true"}},
	} {
		for target, want := range map[string]int{
			"/_waxseal/clock": test.control, "/_localstack/init": test.control, "/_aws/sns/sms-messages": test.control, "/_waxseal/health": test.control,
			listQueues: test.aws,
		} {
			if status, body := servertest.Ask(s, http.MethodGet, target, "", test.header...); status != want {
				t.Errorf("%s: %s answered %d %s, want %d", test.name, target, status, body, want)
			}
		}
	}
}

// What a page could make a browser send to AWS's API as the root user is not done,
// and the log says why.
func TestAPageDoesNotActAsRoot(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	const deletion = "Action=DeleteQueue&Version=2012-11-05&AWSAccessKeyId=x&QueueUrl=http%3A%2F%2F127.0.0.1%3A4566%2F123456789012%2Fq"
	image := []string{"User-Agent", chromium, "Accept", "image/avif,image/webp,*/*;q=0.8", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Referer", "http://evil.example/"}
	post := []string{"User-Agent", chromium, "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "empty"}
	rebound := []string{"User-Agent", chromium, "Host", "evil.example:4566"}

	status, body := servertest.Ask(s, http.MethodGet, "/?"+deletion, "", image...)
	servertest.WantAnswer(t, status, body, 403, "<Code>AccessDenied</Code><Message>Refused by waxseal, not by AWS: a page of another origin may not ask for this.</Message>")
	status, body = servertest.Ask(s, http.MethodPost, "/", deletion, post...)
	servertest.WantAnswer(t, status, body, 403, "<Code>AccessDenied</Code>")
	status, body = servertest.Ask(s, http.MethodGet, "/123456789012/q?Action=DeleteQueue&AWSAccessKeyId=x", "", image...)
	servertest.WantAnswer(t, status, body, 403, "<Code>AccessDenied</Code>")
	status, body = servertest.Ask(s, http.MethodGet, "/?"+deletion, "", rebound...)
	servertest.WantAnswer(t, status, body, 403, "a name without dots or one given by --allow-host")
	status, body = servertest.Ask(s, http.MethodPost, "/", `{"QueueUrl":"q"}`, "X-Amz-Target", "AmazonSQS.DeleteQueue", "Content-Type", "application/x-amz-json-1.0", "Origin", "http://evil.example")
	servertest.WantAnswer(t, status, body, 403, `{"__type":"AccessDeniedException","message":"Refused by waxseal`)
	status, body = servertest.Ask(s, http.MethodOptions, "/", "", "Origin", "http://evil.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-amz-target")
	servertest.WantAnswer(t, status, body, 403, "AccessDenied")

	if status, body := servertest.SQS(s, "GetQueueUrl", `{"QueueName":"q"}`); status != 200 {
		t.Errorf("the queue is gone: %d %s", status, body)
	}
	if !strings.Contains(log.String(), "a call is refused") || !strings.Contains(log.String(), "origin=http://evil.example") {
		t.Errorf("the log is told %s", log.String())
	}
	before := log.String()
	servertest.Ask(s, http.MethodGet, "/?"+deletion, "", image...)
	if again := strings.TrimPrefix(log.String(), before); strings.Contains(again, "a call is refused") {
		t.Errorf("a page that goes on asking fills the log: %s", again)
	}
}

// Browsers name the page by plain HTTP to this machine alone; over TLS always.
func TestABrowserOverTLSIsBelieved(t *testing.T) {
	s := servertest.New(t, server.Config{})
	r := httptest.NewRequest(http.MethodGet, "https://192.168.0.7:4566"+listQueues, nil)
	r.Header.Set("User-Agent", chromium)
	r.TLS = new(tls.ConnectionState)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	servertest.WantAnswer(t, w.Code, w.Body.String(), 200, "ListQueuesResult")
}

// The control API under a token: 401 without it, on every way to it but health.
func TestControlToken(t *testing.T) {
	s := servertest.New(t, server.Config{ControlToken: "s3cret"})
	for _, test := range []struct {
		method, path string
		status       int
		header       []string
	}{
		{"GET", "/_waxseal/clock", 401, nil},
		{"GET", "/_waxseal/clock", 200, []string{"Authorization", "Bearer s3cret"}},
		{"GET", "/_waxseal/clock", 200, []string{"Authorization", "bearer  s3cret"}},
		{"GET", "/_waxseal/clock", 401, []string{"Authorization", "Bearer s3cre"}},
		{"GET", "/_waxseal/clock", 401, []string{"Authorization", "Bearer s3cret2"}},
		{"GET", "/_waxseal/clock", 401, []string{"Authorization", "Bearer"}},
		{"GET", "/_waxseal/clock", 401, []string{"Authorization", "s3cret"}},
		{"GET", "/_waxseal/clock", 401, []string{"Authorization", "Basic s3cret"}},
		{"POST", "/_waxseal/reset", 401, nil},
		{"GET", "/_waxseal/credentials/123456789012/root", 401, nil},
		{"GET", "/_waxseal/ca.pem", 401, nil},
		{"GET", "/_waxseal/absent", 401, nil},
		{"GET", "/_localstack/init", 401, nil},
		{"POST", "/_localstack/state/reset", 401, nil},
		{"GET", "/_aws/sns/sms-messages", 401, nil},
		{"GET", "/_aws/sqs/messages", 401, nil},

		{"GET", "/_waxseal/health", 200, nil},
		{"GET", "/_localstack/health", 200, nil},
		{"HEAD", "/_localstack/health", 200, nil},
		{"HEAD", "/_waxseal/health", 200, nil},
		{"POST", "/_waxseal/health", 401, nil},
		// A token makes nobody another page, another name or another server.
		{"GET", "/_waxseal/clock", 403, []string{"Authorization", "Bearer s3cret", "Origin", "http://evil.example"}},
		{"GET", "/_waxseal/clock", 403, []string{"Authorization", "Bearer s3cret", "Host", "evil.example"}},
		{"POST", "/_waxseal/reset", 403, []string{"Authorization", "Bearer s3cret", "X-Amz-Sns-Message-Type", "Notification"}},
	} {
		if status, body := servertest.Ask(s, test.method, test.path, "", test.header...); status != test.status {
			t.Errorf("%s %s with %q: %d %s, want %d", test.method, test.path, test.header, status, body, test.status)
		}
	}
	if status, body := servertest.Ask(s, http.MethodGet, listQueues, ""); status != 200 {
		t.Errorf("AWS's API wants the token: %d %s", status, body)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/_waxseal/events", nil))
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="waxseal"` {
		t.Errorf("WWW-Authenticate: %s", got)
	}
}

// No spelling of the control API's paths, and no other path, is AWS's root.
func TestUnknownPathsAreNotTheRoot(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	receive := []string{
		"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0",
		"Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
	}
	const send = `{"QueueUrl":"http://127.0.0.1:4566/123456789012/q","MessageBody":"b"}`
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	const sendForm = "Action=SendMessage&Version=2012-11-05&AWSAccessKeyId=x&MessageBody=b&QueueUrl=q"
	for path, json := range map[string]string{
		"/_aws": "there is no control request POST /_aws", "/_aws/": "no control request", "/_aws/sqs": "no control request", "/_aws/nonsense/x": "no control request",
		"/_localstack": "no control request", "/_localstack/nonsense": "no control request",
		"/_waxseal": "no control request", "/_waxseal/nonsense": "no control request", "/%5Fwaxseal/reset": "no control request",
		"/foo": `{"__type":"UnknownOperationException"}`, "/foo/": `{"__type":"UnknownOperationException"}`, "/_awsome": `{"__type":"UnknownOperationException"}`,
		"//_waxseal/reset": `{"__type":"UnknownOperationException"}`, "/x/../_waxseal/reset": `{"__type":"UnknownOperationException"}`,
		"/123456789012": `{"__type":"UnknownOperationException"}`, "/123456789012/q/x": `{"__type":"UnknownOperationException"}`, "/queue/us-east-1": `{"__type":"UnknownOperationException"}`,
		"/2015-03-31/functions": `{"__type":"UnknownOperationException"}`,
	} {
		target := "http://127.0.0.1:4566" + path // so that a path that begins with // is one
		status, body := servertest.Ask(s, http.MethodPost, target, send, receive...)
		servertest.WantAnswer(t, status, body, 404, json)
		if status, body = servertest.Ask(s, http.MethodPost, target, sendForm, form...); status != 404 {
			t.Errorf("%s answered a form %d %s", path, status, body)
		}
		if strings.Contains(json, "UnknownOperation") {
			servertest.WantAnswer(t, status, body, 404, "<UnknownOperationException/>")
		}
	}
	if got := servertest.AttributesOf(s, "q"); !strings.Contains(got, `"ApproximateNumberOfMessages":"0"`) {
		t.Errorf("a call was served: %s", got)
	}
	for _, path := range []string{"/", "", "//", "/123456789012/q", "/123456789012/q/", "/queue/us-east-1/123456789012/q"} {
		if status, body := servertest.Ask(s, http.MethodPost, "http://127.0.0.1:4566"+path, send, receive...); status != 200 {
			t.Errorf("%q answered %d %s", path, status, body)
		}
	}
}
