package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/bolt"
)

func newServer(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask makes a request of the handler and answers status and body.
func ask(s http.Handler, method, target, body string, header ...string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:4566"
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// sqsCall makes a JSON call of SQS as root.
func sqsCall(s http.Handler, operation, body string) (int, string) {
	return ask(s, http.MethodPost, "/", body,
		"X-Amz-Target", "AmazonSQS."+operation, "Content-Type", "application/x-amz-json-1.0",
		"Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
}

func wantAnswer(t *testing.T, status int, body string, wantStatus int, wantBody string) {
	t.Helper()
	if status != wantStatus || !strings.Contains(body, wantBody) {
		t.Errorf("answered %d %s\nwant %d with %s", status, strings.TrimSpace(body), wantStatus, wantBody)
	}
}

func TestHealth(t *testing.T) {
	s := newServer(t, Config{Version: "1.2.3"})
	for _, path := range []string{"/_waxseal/health", "/_localstack/health"} {
		status, body := ask(s, http.MethodGet, path, "")
		wantAnswer(t, status, body, 200, `"sqs":"running"`)
		wantAnswer(t, status, body, 200, `"status":"ok","version":"1.2.3"`)
	}
}

func TestClock(t *testing.T) {
	s := newServer(t, Config{Clock: clock.NewStill(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))})
	for _, step := range []struct{ body, want string }{
		{`{"advance":"5m"}`, `{"now":"2026-01-01T00:05:00Z","offset":"5m0s"}`},
		{`{"advance":"14d"}`, `"now":"2026-01-15T00:05:00Z"`},
		{`{"set":"2026-02-01T00:00:00Z"}`, `"now":"2026-02-01T00:00:00Z"`},
		{`{"reset":true}`, `{"now":"2026-01-01T00:00:00Z","offset":"0s"}`},
	} {
		status, body := ask(s, http.MethodPost, "/_waxseal/clock", step.body)
		wantAnswer(t, status, body, 200, step.want)
	}
	for _, body := range []string{`{}`, `{"advance":"soon"}`, `{"set":"noon"}`, `{"advance":"5m","reset":true}`, `{"advanse":"5m"}`, `5`, `{"advance":"5m"}x`} {
		status, answer := ask(s, http.MethodPost, "/_waxseal/clock", body)
		wantAnswer(t, status, answer, 400, `"error"`)
	}
	status, body := ask(s, http.MethodGet, "/_waxseal/clock", "")
	wantAnswer(t, status, body, 200, `"now":"2026-01-01T00:00:00Z"`)
}

func TestClockSurvivesARestart(t *testing.T) {
	file := t.TempDir() + "/waxseal.db"
	open := func() *Server {
		engine, err := bolt.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(t.Context(), Config{Engine: engine, RootKey: make([]byte, 32)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	ask(s, http.MethodPost, "/_waxseal/clock", `{"advance":"14d"}`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	status, body := ask(s, http.MethodGet, "/_waxseal/clock", "")
	wantAnswer(t, status, body, 200, `"offset":"336h0m0s"`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownControlRequests(t *testing.T) {
	s := newServer(t, Config{})
	for _, test := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/_waxseal/decisions?reqest-id=1", 400, `there is no parameter \"reqest-id\"; there are: request-id, principal`},
		{"GET", "/_waxseal/decisions?decision=deny", 400, "decision is Allow or Deny"},
		{"GET", "/_waxseal/events?limit=0", 400, "limit is a positive number"},
		{"GET", "/_waxseal/deliveries?status=lost", 400, "status is SUCCESS"},
		{"GET", "/_waxseal/nonsense", 404, "there is no control request GET /_waxseal/nonsense"},
		{"POST", "/_waxseal/health", 404, "there is no control request POST /_waxseal/health"},
		{"GET", "/_waxseal/at-rest/123456789012/us-east-1/absent", 404, "there is no queue absent"},
		{"GET", "/_waxseal/credentials/123456789012/role/absent", 404, "there is no role absent"},
		{"GET", "/_waxseal/explain", 404, "no request has been denied"},
		{"GET", "/_waxseal/explain?request-id=1", 404, "no decision of request 1"},
		{"GET", "/_waxseal/explain?message-id=1", 404, "no delivery of message 1 is remembered"},
		{"GET", "/_waxseal/explain?message-id=1&request-id=1", 400, "either request-id or message-id is explained, not both"},
		{"GET", "/_waxseal/outbox?limit=many", 400, `limit is a positive number, not \"many\"`},
		{"GET", "/_waxseal/deliveries?limit=-1", 400, "limit is a positive number"},
		{"GET", "/_waxseal/decisions?limit=1.5", 400, "limit is a positive number"},
		{"GET", "/_waxseal/issuers/absent/.well-known/jwks.json", 404, "there is no issuer absent"},
	} {
		status, body := ask(s, test.method, test.path, "")
		wantAnswer(t, status, body, test.status, test.want)
	}
}

// A parameter that is unknown is refused by every control request, and what it
// was to be done is not done.
func TestUnknownParametersAreRefused(t *testing.T) {
	s := newServer(t, Config{})
	sqsCall(s, "CreateQueue", `{"QueueName":"q"}`)
	for _, request := range []string{
		"GET health", "GET clock", "GET decisions", "GET decisions/stream", "GET explain", "GET events", "GET deliveries", "GET outbox", "GET coverage",
		"GET at-rest/123456789012/us-east-1/q", "GET credentials/123456789012/role/r", "GET credentials/123456789012/root", "GET ca.pem",
		"POST clock", "POST act", "POST reset",
	} {
		method, path, _ := strings.Cut(request, " ")
		status, body := ask(s, method, "/_waxseal/"+path+"?quue=q", `{"advance":"5m"}`)
		wantAnswer(t, status, body, 400, `there is no parameter \"quue\"`)
	}
	if now := clockIs(t, s); !strings.Contains(now, `"offset":"0s"`) {
		t.Errorf("the clock was turned: %s", now)
	}
	status, body := sqsCall(s, "ListQueues", `{}`)
	wantAnswer(t, status, body, 200, "/123456789012/q")
}

func TestResetMakesEverythingAsAtTheStart(t *testing.T) {
	c := clock.NewStill(time.Now())
	s := newServer(t, Config{Clock: c})
	status, body := sqsCall(s, "CreateQueue", `{"QueueName":"q"}`)
	wantAnswer(t, status, body, 200, "/123456789012/q")
	ask(s, http.MethodPost, "/_waxseal/clock", `{"advance":"5m"}`)
	waiting := c.Waiting()

	// A long poll is under way; it must not hold up the reset.
	polled := make(chan int, 1)
	go func() {
		status, _ := sqsCall(s, "ReceiveMessage", `{"QueueUrl":"q","WaitTimeSeconds":20}`)
		polled <- status
	}()
	eventually(t, "a long poll", func() bool { return c.Waiting() > waiting })

	if status, body := ask(s, http.MethodPost, "/_waxseal/reset", ""); status != 204 || body != "" {
		t.Fatalf("reset answered %d %s", status, body)
	}
	select {
	case status := <-polled:
		if status != 200 {
			t.Errorf("the long poll answered %d", status)
		}
	case <-time.After(time.Minute):
		t.Error("the long poll went on after the reset")
	}
	status, body = sqsCall(s, "ListQueues", `{}`)
	wantAnswer(t, status, body, 200, `{}`)
	status, body = ask(s, http.MethodGet, "/_waxseal/clock", "")
	wantAnswer(t, status, body, 200, `"offset":"0s"`)
	status, body = ask(s, http.MethodGet, "/_waxseal/events?event-name=CreateQueue", "")
	wantAnswer(t, status, body, 200, `{"events":[]}`)
}

func TestDecisionsAndEventsAreFound(t *testing.T) {
	s := newServer(t, Config{})
	sqsCall(s, "CreateQueue", `{"QueueName":"q","Attributes":{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"NoSending\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}}"}}`)
	status, body := sqsCall(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"secret text"}`)
	wantAnswer(t, status, body, 403, "with an explicit deny in a resource-based policy")

	for query, want := range map[string]int{
		"": 2, "decision=Deny": 1, "decision=Allow": 1, "action=SQS:sendmessage": 1, "action=sqs:ReceiveMessage": 0,
		"principal=root": 2, "principal=arn:aws:iam::123456789012:root": 2, "principal=role/x": 0,
		"resource=arn:aws:sqs:us-east-1:123456789012:q": 2, "limit=1": 1,
	} {
		status, body := ask(s, http.MethodGet, "/_waxseal/decisions?"+query, "")
		var found struct {
			Decisions []struct{ RequestID, Decision, Action, Message string }
		}
		if err := json.Unmarshal([]byte(body), &found); err != nil || status != 200 || len(found.Decisions) != want {
			t.Errorf("decisions?%s: %d, %d decisions (%v), want %d", query, status, len(found.Decisions), err, want)
		}
		if query == "limit=1" && found.Decisions[0].Decision != "Deny" {
			t.Error("the newest decision is not the first")
		}
	}
	for query, want := range map[string]int{
		"": 2, "event-name=SendMessage": 1, "event-source=sqs.amazonaws.com": 2, "event-source=kms.amazonaws.com": 0, "username=nobody": 0, "limit=1": 1,
	} {
		_, body := ask(s, http.MethodGet, "/_waxseal/events?"+query, "")
		if n := strings.Count(body, `"eventVersion"`); n != want {
			t.Errorf("events?%s: %d events, want %d", query, n, want)
		}
		if strings.Contains(body, "secret text") {
			t.Error("an event shows a message body (F3)")
		}
	}
	_, body = ask(s, http.MethodGet, "/_waxseal/events?event-name=SendMessage", "")
	wantAnswer(t, 200, body, 200, `"errorCode":"AccessDenied"`)
	status, body = ask(s, http.MethodGet, "/_waxseal/explain", "")
	wantAnswer(t, status, body, 200, "NoSending")
}

func TestAtRestAndCredentials(t *testing.T) {
	s := newServer(t, Config{})
	sqsCall(s, "CreateQueue", `{"QueueName":"q"}`)
	sqsCall(s, "CreateQueue", `{"QueueName":"plain","Attributes":{"SqsManagedSseEnabled":"false"}}`)
	sqsCall(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"secret text"}`)
	sqsCall(s, "SendMessage", `{"QueueUrl":"plain","MessageBody":"open text"}`)
	status, body := ask(s, http.MethodGet, "/_waxseal/at-rest/123456789012/us-east-1/q", "")
	wantAnswer(t, status, body, 200, `"encryption":"SSE-SQS"`)
	wantAnswer(t, status, body, 200, `"ciphertext":"`)
	if strings.Contains(body, "secret text") {
		t.Error("the body is stored in the clear")
	}
	status, body = ask(s, http.MethodGet, "/_waxseal/at-rest/123456789012/us-east-1/plain", "")
	wantAnswer(t, status, body, 200, `"encryption":"none"`)
	wantAnswer(t, status, body, 200, "open text")

	if err := s.Runtime().Identity.ApplyRole(t.Context(), identity.RoleSpec{Account: DefaultAccount, Region: DefaultRegion, Name: "worker"}); err != nil {
		t.Fatal(err)
	}
	status, body = ask(s, http.MethodGet, "/_waxseal/credentials/123456789012/role/worker", "")
	for _, member := range []string{`"AccessKeyId":"ASIA`, `"SecretAccessKey":"`, `"Token":"`, `"Expiration":"`, `"RoleArn":"arn:aws:iam::123456789012:role/worker"`} {
		wantAnswer(t, status, body, 200, member)
	}
}

// The root user's credentials are refused by a strict server unless it made them.
func TestRootCredentials(t *testing.T) {
	for _, test := range []struct {
		strict runtime.Strict
		want   string
	}{
		{runtime.Strict{}, `{"AccessKeyId":"111122223333","SecretAccessKey":"root"}`},
		{runtime.Strict{Credentials: true}, `"AccessKeyId":"ASIA`},
	} {
		s := newServer(t, Config{Strict: test.strict})
		status, body := ask(s, http.MethodGet, "/_waxseal/credentials/111122223333/root", "")
		wantAnswer(t, status, body, 200, test.want)
		status, body = ask(s, http.MethodGet, "/_waxseal/credentials/1111/root", "")
		wantAnswer(t, status, body, 404, "there is no control request")
	}
}

func TestStreamOfDecisions(t *testing.T) {
	s := newServer(t, Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l, time.Second) }()

	answer, err := http.Get("http://" + l.Addr().String() + "/_waxseal/decisions/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type = %s", got)
	}
	sqsCall(s, "CreateQueue", `{"QueueName":"q"}`)
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, `data: {"requestId":"`) || !strings.Contains(line, `"action":"sqs:CreateQueue"`) {
		t.Errorf("streamed %q, %v", line, err)
	}
	// The stream would never end by itself; the end of the server ends it.
	stop()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := io.ReadAll(answer.Body); err != nil {
		t.Errorf("the stream did not end whole: %v", err)
	}
}

// dump writes everything that the engine holds.
func dump(ctx context.Context, e store.Engine, w io.Writer) error {
	return e.View(ctx, func(r store.Reader) error {
		for key, value := range r.Scan("", "", store.All) {
			if _, err := fmt.Fprintf(w, "%q=%q\n", key, value); err != nil {
				return err
			}
		}
		return nil
	})
}
