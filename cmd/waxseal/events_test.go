package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

// eventServer is a server on a clock that stands still, and its URL.
func eventServer(t *testing.T) (*server.Server, *clock.Turnable, string) {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	c := clock.NewStill(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	s := servertest.New(t, server.Config{Clock: c})
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, c, listening.URL
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// Who used which key for which queue is a line each, the newest last; what was denied
// says why.
func TestEvents(t *testing.T) {
	s, c, url := eventServer(t)
	made := servertest.ActAs(t, s, "root", "kms:CreateKey", map[string]any{})
	keyARN := made["KeyMetadata"].(map[string]any)["Arn"]
	servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "orders", "Attributes": map[string]any{"KmsMasterKeyId": keyARN}})
	for name, actions := range map[string]string{"producer": `["sqs:*","kms:*"]`, "intruder": `"sqs:*"`} {
		servertest.ActAs(t, s, "root", "iam:CreateRole", map[string]any{"RoleName": name, "AssumeRolePolicyDocument": servertest.PolicyText(
			`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}`)})
		servertest.ActAs(t, s, "root", "iam:PutRolePolicy", map[string]any{"RoleName": name, "PolicyName": "p", "PolicyDocument": servertest.PolicyText(
			`{"Effect":"Allow","Action":` + actions + `,"Resource":"*"}`)})
	}
	c.Advance(time.Minute)
	send := func(as string) int {
		status, _ := servertest.TryAs(t, s, as, "sqs:SendMessage", map[string]any{"QueueUrl": url + "/123456789012/orders", "MessageBody": "m"})
		return status
	}
	if send("role/producer") != http.StatusOK || send("role/intruder") == http.StatusOK {
		t.Fatal("the wrong role sends")
	}
	for _, test := range []struct{ args, want string }{
		{"--since 59s", `
2026-01-01T00:01:00Z  role/producer/waxseal  kms:GenerateDataKey   key/UUID  for queue orders  allowed  via sqs.amazonaws.com
2026-01-01T00:01:00Z  role/producer/waxseal  kms:Decrypt           key/UUID  for queue orders  allowed  via sqs.amazonaws.com
2026-01-01T00:01:00Z  role/producer/waxseal  sqs:SendMessage       orders  allowed
2026-01-01T00:01:00Z  role/intruder/waxseal  kms:GenerateDataKey   -  AccessDenied  via sqs.amazonaws.com
2026-01-01T00:01:00Z  role/intruder/waxseal  sqs:SendMessage       orders  KMS.AccessDeniedException`},
		{"--event-source kms --principal role/producer --limit 1", `
2026-01-01T00:01:00Z  role/producer/waxseal  kms:Decrypt           key/UUID  for queue orders  allowed  via sqs.amazonaws.com`},
		{"--event-name CreateQueue", `
2026-01-01T00:00:00Z  root                  sqs:CreateQueue       orders  allowed`},
		{"--resource orders --principal root", `
2026-01-01T00:00:00Z  root                  sqs:CreateQueue       orders  allowed`},
		{"--resource nothing", ""},
	} {
		out, status, err := command(t, "", append([]string{"events", "--endpoint-url", url}, strings.Fields(test.args)...)...)
		got := "\n" + strings.TrimSuffix(uuids.ReplaceAllString(out, "UUID"), "\n")
		if err != nil || status != 0 || got != test.want && got != "\n"+test.want {
			t.Errorf("events %s: status %d, %v%s\nwant%s", test.args, status, err, got, test.want)
		}
	}
	out, _, err := command(t, "", "events", "--endpoint-url", url, "--json", "--limit", "2")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last trail.Event
	if err != nil || len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &last) != nil || last.EventName != "SendMessage" {
		t.Errorf("as data: %s, %v", out, err)
	}
}

// A call of another account and one of a service are told as such.
func TestEventLines(t *testing.T) {
	p := &eventPrinter{}
	for _, test := range []struct {
		event trail.Event
		want  string
	}{
		{
			trail.Event{
				EventTime: "T", EventSource: "kms.amazonaws.com", EventName: "Decrypt", RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "AWSAccount", AccountID: "999988887777"},
				RequestParameters: json.RawMessage(`{"encryptionContext":{"aws:sns:topicArn":"arn:aws:sns:us-east-1:999988887777:alerts"}}`),
			},
			"T  999988887777          kms:Decrypt           -  for topic 999988887777 alerts  allowed",
		},
		{
			trail.Event{
				EventTime: "T", EventSource: "sqs.amazonaws.com", EventName: "SendMessage", RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "AWSService", InvokedBy: "sns.amazonaws.com"},
				Resources: []trail.Resource{{ARN: "arn:aws:sqs:us-east-1:999988887777:q"}, {ARN: "arn:aws:sqs:us-east-1:123456789012:r"}},
			},
			"T  sns.amazonaws.com     sqs:SendMessage       999988887777 q,r  allowed",
		},
		{
			trail.Event{EventTime: "T", EventSource: "sqs.amazonaws.com", EventName: "ReceiveMessage", UserIdentity: trail.UserIdentity{Type: "Unknown"}, ErrorCode: "AccessDenied"},
			"T  anonymous             sqs:ReceiveMessage    -  AccessDenied",
		},
	} {
		if got := p.line(&test.event); got != test.want {
			t.Errorf("%q\nwant %q", got, test.want)
		}
	}
}

// buffer is what a command has written so far.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// What comes is printed as it comes, once, also after a reset; an interrupt ends it well.
func TestEventsFollow(t *testing.T) {
	s, _, url := eventServer(t)
	create := func(name string) {
		servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": name})
	}
	create("before")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out := new(buffer)
	ended := make(chan error, 1)
	go func() {
		root := newRoot()
		root.SetOut(out)
		root.SetArgs([]string{"events", "--endpoint-url", url, "--follow", "--event-name", "CreateQueue"})
		ended <- root.ExecuteContext(ctx)
	}()
	shows := func(name string) {
		t.Helper()
		servertest.Eventually(t, name+" in "+out.String(), func() bool { return strings.Contains(out.String(), name) })
	}
	shows("before")
	create("after")
	shows("after")
	if status, _ := servertest.Ask(s, http.MethodPost, "/_waxseal/reset", ""); status != http.StatusNoContent {
		t.Fatalf("reset: %d", status)
	}
	create("anew")
	shows("anew")
	interrupt()
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
	if n := strings.Count(out.String(), "\n"); n != 3 {
		t.Errorf("%d lines are printed:\n%s", n, out)
	}
}

// Wrong arguments, and a server that is none, are told.
func TestEventsRefuses(t *testing.T) {
	_, _, url := eventServer(t)
	for args, want := range map[string]string{
		"--since yesterday":                 "since is a duration",
		"--limit -1":                        "limit is a positive number",
		"now":                               "unknown command",
		"--endpoint-url http://127.0.0.1:1": "no server answers",
		"--follow --endpoint-url http://127.0.0.1:1":          "no server answers",
		"--follow --since yesterday --event-name SendMessage": "since is a duration",
	} {
		_, status, err := command(t, "", append([]string{"events", "--endpoint-url", url}, strings.Fields(args)...)...)
		if err == nil || status != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("events %s: status %d, %v; want %s", args, status, err, want)
		}
	}
}
