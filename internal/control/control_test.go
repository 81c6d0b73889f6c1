package control_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
	"github.com/waxseal/waxseal/server"
)

func TestHealth(t *testing.T) {
	s := servertest.New(t, server.Config{Version: "1.2.3"})
	for _, path := range []string{"/_waxseal/health", "/_localstack/health"} {
		status, body := servertest.Ask(s, http.MethodGet, path, "")
		servertest.WantAnswer(t, status, body, 200, `"sqs":"running"`)
		servertest.WantAnswer(t, status, body, 200, `"status":"ok","version":"1.2.3"`)
	}
}

func TestClock(t *testing.T) {
	s := servertest.New(t, server.Config{Clock: clock.NewStill(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))})
	for _, step := range []struct{ body, want string }{
		{`{"advance":"5m"}`, `{"now":"2026-01-01T00:05:00Z","offset":"5m0s"}`},
		{`{"advance":"14d"}`, `"now":"2026-01-15T00:05:00Z"`},
		{`{"set":"2026-02-01T00:00:00Z"}`, `"now":"2026-02-01T00:00:00Z"`},
		{`{"reset":true}`, `{"now":"2026-01-01T00:00:00Z","offset":"0s"}`},
	} {
		status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/clock", step.body)
		servertest.WantAnswer(t, status, body, 200, step.want)
	}
	for _, body := range []string{`{}`, `{"advance":"soon"}`, `{"set":"noon"}`, `{"advance":"5m","reset":true}`, `{"advanse":"5m"}`, `5`, `{"advance":"5m"}x`} {
		status, answer := servertest.Ask(s, http.MethodPost, "/_waxseal/clock", body)
		servertest.WantAnswer(t, status, answer, 400, `"error"`)
	}
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/clock", "")
	servertest.WantAnswer(t, status, body, 200, `"now":"2026-01-01T00:00:00Z"`)
}

func TestClockSurvivesARestart(t *testing.T) {
	file := t.TempDir() + "/waxseal.db"
	open := func() *server.Server {
		engine := disk.Open(t, file)
		s, err := server.New(t.Context(), server.Config{Engine: engine, RootKey: make([]byte, 32)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	servertest.Ask(s, http.MethodPost, "/_waxseal/clock", `{"advance":"14d"}`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/clock", "")
	servertest.WantAnswer(t, status, body, 200, `"offset":"336h0m0s"`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownControlRequests(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for _, test := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/_waxseal/decisions?reqest-id=1", 400, `there is no parameter \"reqest-id\"; there are: request-id, principal`},
		{"GET", "/_waxseal/decisions?decision=deny", 400, "decision is Allow or Deny"},
		{"GET", "/_waxseal/events?limit=0", 400, "limit is a positive number"},
		{"GET", "/_waxseal/events?since=yesterday", 400, `since is a duration such as 90s, 5m or 1d, not \"yesterday\"`},
		{"GET", "/_waxseal/events?since=-5m", 400, "since is a duration"},
		{"GET", "/_waxseal/events/stream?since=5m", 400, "there is no parameter"},
		{"GET", "/_waxseal/deliveries?status=lost", 400, "status is SUCCESS"},
		{"GET", "/_waxseal/deliveries?source=kms", 400, "source is sns, events or s3"},
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
		status, body := servertest.Ask(s, test.method, test.path, "")
		servertest.WantAnswer(t, status, body, test.status, test.want)
	}
}

// A parameter that is unknown is refused by every control request, and what it
// was to be done is not done.
func TestUnknownParametersAreRefused(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	for _, request := range []string{
		"GET health", "GET clock", "GET decisions", "GET decisions/stream", "GET explain", "GET events", "GET events/stream", "GET deliveries", "GET outbox", "GET coverage",
		"GET at-rest/123456789012/us-east-1/q", "GET credentials/123456789012/role/r", "GET credentials/123456789012/root", "GET ca.pem",
		"POST clock", "POST act", "POST reset",
	} {
		method, path, _ := strings.Cut(request, " ")
		status, body := servertest.Ask(s, method, "/_waxseal/"+path+"?quue=q", `{"advance":"5m"}`)
		servertest.WantAnswer(t, status, body, 400, `there is no parameter \"quue\"`)
	}
	if now := clockIs(t, s); !strings.Contains(now, `"offset":"0s"`) {
		t.Errorf("the clock was turned: %s", now)
	}
	status, body := servertest.SQS(s, "ListQueues", `{}`)
	servertest.WantAnswer(t, status, body, 200, "/123456789012/q")
}

func TestDecisionsAndEventsAreFound(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q","Attributes":{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"NoSending\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}}"}}`)
	status, body := servertest.SQS(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"secret text"}`)
	servertest.WantAnswer(t, status, body, 403, "with an explicit deny in a resource-based policy")

	for query, want := range map[string]int{
		"": 2, "decision=Deny": 1, "decision=Allow": 1, "action=SQS:sendmessage": 1, "action=sqs:ReceiveMessage": 0,
		"principal=root": 2, "principal=arn:aws:iam::123456789012:root": 2, "principal=role/x": 0,
		"resource=arn:aws:sqs:us-east-1:123456789012:q": 2, "limit=1": 1,
	} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/decisions?"+query, "")
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
		_, body := servertest.Ask(s, http.MethodGet, "/_waxseal/events?"+query, "")
		if n := strings.Count(body, `"eventVersion"`); n != want {
			t.Errorf("events?%s: %d events, want %d", query, n, want)
		}
		if strings.Contains(body, "secret text") {
			t.Error("an event shows a message body (F3)")
		}
	}
	_, body = servertest.Ask(s, http.MethodGet, "/_waxseal/events?event-name=SendMessage", "")
	servertest.WantAnswer(t, 200, body, 200, `"errorCode":"AccessDenied"`)
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/explain", "")
	servertest.WantAnswer(t, status, body, 200, "NoSending")
}

func TestAtRestAndCredentials(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	servertest.SQS(s, "CreateQueue", `{"QueueName":"plain","Attributes":{"SqsManagedSseEnabled":"false"}}`)
	servertest.SQS(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"secret text"}`)
	servertest.SQS(s, "SendMessage", `{"QueueUrl":"plain","MessageBody":"open text"}`)
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/at-rest/123456789012/us-east-1/q", "")
	servertest.WantAnswer(t, status, body, 200, `"encryption":"SSE-SQS"`)
	servertest.WantAnswer(t, status, body, 200, `"ciphertext":"`)
	if strings.Contains(body, "secret text") {
		t.Error("the body is stored in the clear")
	}
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/at-rest/123456789012/us-east-1/plain", "")
	servertest.WantAnswer(t, status, body, 200, `"encryption":"none"`)
	servertest.WantAnswer(t, status, body, 200, "open text")

	if err := s.Runtime().Identity.ApplyRole(t.Context(), identity.RoleSpec{Account: server.DefaultAccount, Region: server.DefaultRegion, Name: "worker"}); err != nil {
		t.Fatal(err)
	}
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/credentials/123456789012/role/worker", "")
	for _, member := range []string{`"AccessKeyId":"ASIA`, `"SecretAccessKey":"`, `"Token":"`, `"Expiration":"`, `"RoleArn":"arn:aws:iam::123456789012:role/worker"`} {
		servertest.WantAnswer(t, status, body, 200, member)
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
		s := servertest.New(t, server.Config{Strict: test.strict})
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/credentials/111122223333/root", "")
		servertest.WantAnswer(t, status, body, 200, test.want)
		status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/credentials/1111/root", "")
		servertest.WantAnswer(t, status, body, 404, "there is no control request")
	}
}

func TestStreamOfDecisions(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, stop := servertest.Serve(t, s)

	answer, err := http.Get("http://" + addr + "/_waxseal/decisions/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type = %s", got)
	}
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, `data: {"requestId":"`) || !strings.Contains(line, `"action":"sqs:CreateQueue"`) {
		t.Errorf("streamed %q, %v", line, err)
	}
	// The stream would never end by itself; the end of the server ends it.
	stop()
	if _, err := io.ReadAll(answer.Body); err != nil {
		t.Errorf("the stream did not end whole: %v", err)
	}
}
