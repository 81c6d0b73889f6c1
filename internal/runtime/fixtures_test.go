package runtime_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
	"github.com/waxseal/waxseal/server"
)

const declared = `accounts:
  "123456789012":
    roles: [{name: sender, tags: {team: a}}]
    keys: [{id: 1234abcd-12ab-34cd-56ef-1234567890ab, alias: alias/fixed, material: KEY}]
    queues:
      - {name: orders, attributes: {VisibilityTimeout: 60, RedrivePolicy: {deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:dead", maxReceiveCount: 3}}}
      - {name: dead}
    topics:
      - {name: news, subscriptions: [{protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:orders"}]}
`

var (
	material = strings.Repeat("0f", 32)
	first    = strings.Replace(declared, "KEY", material, 1)
)

func parse(t *testing.T, content string) *fixture.Set {
	t.Helper()
	set, err := fixture.Options{}.Parse("f.yaml", content)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestResetBringsFixturesBack(t *testing.T) {
	s := servertest.New(t, server.Config{Fixtures: parse(t, first)})
	before := servertest.AttributesOf(s, "orders")
	if !strings.Contains(before, `"VisibilityTimeout":"60"`) {
		t.Fatalf("the queue is %s", before)
	}
	servertest.SQS(s, "DeleteQueue", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/orders"}`)
	servertest.SQS(s, "CreateQueue", `{"QueueName":"other"}`)
	for _, path := range []string{"/_waxseal/reset", "/_localstack/state/reset"} {
		if status, body := servertest.Ask(s, http.MethodPost, path, ""); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		if after := servertest.AttributesOf(s, "orders"); !strings.Contains(after, `"VisibilityTimeout":"60"`) {
			t.Errorf("after %s the queue is %s", path, after)
		}
		if after := servertest.AttributesOf(s, "other"); !strings.Contains(after, "NonExistentQueue") && !strings.Contains(after, "QueueDoesNotExist") {
			t.Errorf("after %s there is still %s", path, after)
		}
	}
	// What is declared was not called for: there are neither decisions nor events of it.
	_, events := servertest.Ask(s, http.MethodGet, "/_waxseal/events?event-name=CreateTopic", "")
	servertest.WantAnswer(t, 200, events, 200, `{"events":[]}`)
}

// Applied to what an earlier run left, fixtures bring it to what they say and
// keep the rest: messages, and what they do not name.
func TestFixturesOverOldState(t *testing.T) {
	file := t.TempDir() + "/waxseal.db"
	with := func(content string, f func(s *server.Server)) error {
		engine := disk.Open(t, file)
		s, err := server.New(t.Context(), server.Config{Engine: engine, RootKey: make([]byte, 32), Fixtures: parse(t, content)})
		if err != nil {
			if closing := engine.Close(); closing != nil {
				t.Fatal(closing)
			}
			return err
		}
		f(s)
		return s.Close()
	}
	err := with(first, func(s *server.Server) {
		servertest.SQS(s, "SendMessage", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/orders","MessageBody":"kept"}`)
		servertest.SQS(s, "SetQueueAttributes", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/orders","Attributes":{"DelaySeconds":"7","VisibilityTimeout":"8"}}`)
		servertest.SQS(s, "CreateQueue", `{"QueueName":"own"}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	again := func(s *server.Server) {
		got := servertest.AttributesOf(s, "orders")
		for _, want := range []string{`"VisibilityTimeout":"60"`, `"DelaySeconds":"0"`, `"ApproximateNumberOfMessages":"1"`, "maxReceiveCount"} {
			if !strings.Contains(got, want) {
				t.Errorf("the queue lacks %s: %s", want, got)
			}
		}
		if got := servertest.AttributesOf(s, "own"); !strings.Contains(got, `"QueueArn"`) {
			t.Errorf("the queue that is not declared is gone: %s", got)
		}
	}
	if err := with(first, again); err != nil {
		t.Fatal(err)
	}
	// Without its redrive policy it has none.
	without := strings.Replace(first, `RedrivePolicy: {deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:dead", maxReceiveCount: 3}`, "DelaySeconds: 3", 1)
	err = with(without, func(s *server.Server) {
		if got := servertest.AttributesOf(s, "orders"); strings.Contains(got, "maxReceiveCount") || !strings.Contains(got, `"DelaySeconds":"3"`) {
			t.Errorf("the redrive policy is still there: %s", got)
		}
		_, sources := servertest.SQS(s, "ListDeadLetterSourceQueues", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/dead"}`)
		servertest.WantAnswer(t, 200, sources, 200, "{}")
	})
	if err != nil {
		t.Fatal(err)
	}
	// A key of another material is another key, and then nothing is touched.
	other := strings.NewReplacer("VisibilityTimeout: 60", "VisibilityTimeout: 99", material, strings.Repeat("f0", 32)).Replace(first)
	err = with(other, func(*server.Server) {})
	want := "f.yaml:4: key 1234abcd-12ab-34cd-56ef-1234567890ab exists and is another key than the fixture's"
	if err == nil || err.Error() != want {
		t.Errorf("another key's material: %v\nwant %s", err, want)
	}
	if err := with("accounts: {}", func(s *server.Server) {
		if got := servertest.AttributesOf(s, "orders"); !strings.Contains(got, `"VisibilityTimeout":"60"`) {
			t.Errorf("the refused file changed the queue: %s", got)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// A declared trail logs from the start, and anew after a reset.
func TestDeclaredTrailsLog(t *testing.T) {
	c := clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	s := servertest.New(t, server.Config{Clock: c, Fixtures: parse(t, `accounts:
  "123456789012":
    queues: [{name: orders}]
    trails: [{name: audit, bucket: logs, dataEvents: ["arn:aws:sqs:us-east-1:123456789012:orders"]}]
`)})
	for _, round := range []string{"at the start", "after a reset"} {
		servertest.SQS(s, "SendMessage", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/orders","MessageBody":"m"}`)
		var keys []string
		c.Advance(5 * time.Minute)
		servertest.Eventually(t, "a log file "+round, func() (there bool) {
			keys = servertest.Keys(t, s, "logs", "")
			return len(keys) > 0
		})
		if len(keys) != 1 || !strings.Contains(keys[0], "/CloudTrail/us-east-1/2026/03/01/") {
			t.Errorf("%s %q is delivered", round, keys)
		}
		if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/reset", ""); status != http.StatusNoContent {
			t.Fatalf("reset: %d %s", status, body)
		}
		if keys := servertest.Keys(t, s, "logs", ""); len(keys) > 0 {
			t.Errorf("the reset leaves %q", keys)
		}
	}
}
