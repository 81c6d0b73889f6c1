package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

func TestResetMakesEverythingAsAtTheStart(t *testing.T) {
	c := clock.NewStill(time.Now())
	s := servertest.New(t, server.Config{Clock: c})
	status, body := servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	servertest.WantAnswer(t, status, body, 200, "/123456789012/q")
	servertest.Ask(s, http.MethodPost, "/_waxseal/clock", `{"advance":"5m"}`)
	waiting := c.Waiting()

	// A long poll is under way; it must not hold up the reset.
	polled := make(chan int, 1)
	go func() {
		status, _ := servertest.SQS(s, "ReceiveMessage", `{"QueueUrl":"q","WaitTimeSeconds":20}`)
		polled <- status
	}()
	servertest.Eventually(t, "a long poll", func() bool { return c.Waiting() > waiting })

	if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/reset", ""); status != 204 || body != "" {
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
	status, body = servertest.SQS(s, "ListQueues", `{}`)
	servertest.WantAnswer(t, status, body, 200, `{}`)
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/clock", "")
	servertest.WantAnswer(t, status, body, 200, `"offset":"0s"`)
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/events?event-name=CreateQueue", "")
	servertest.WantAnswer(t, status, body, 200, `{"events":[]}`)
}

// A test begins with an account of its own, which has what the fixtures declare for the
// default one.
func TestResetInAnotherAccount(t *testing.T) {
	const id = "11111111-2222-3333-4444-123456789012"
	fixtures, err := fixture.Options{}.Parse("fixtures.yaml", `
accounts:
  123456789012:
    keys: [{id: `+id+`, alias: alias/orders}]
    queues: [{name: orders}]
    buckets: [{name: logs-123456789012}, {name: files}]
  "111122223333":
    queues:
      - name: inbox
        policy:
          Statement: {Effect: Allow, Principal: {AWS: 123456789012}, Action: sqs:SendMessage, Resource: "*"}
`)
	if err != nil {
		t.Fatal(err)
	}
	s := servertest.New(t, server.Config{Fixtures: fixtures})
	has := func(account string) {
		t.Helper()
		status, body := servertest.SQS(s, "GetQueueUrl", `{"QueueName":"orders"}`)
		servertest.WantAnswer(t, status, body, 200, "/"+account+"/orders")
		for _, call := range []struct{ action, params, want string }{
			{"kms:DescribeKey", `{"KeyId":"alias/orders"}`, "arn:aws:kms:us-east-1:" + account + ":key/" + id},
			{"s3:ListBuckets", `{}`, "logs-" + account},
			{"s3:HeadBucket", `{"Bucket":"files"}`, `"status":200`},
			{"sqs:SendMessage", `{"QueueUrl":"http://localhost/111122223333/inbox","MessageBody":"hello"}`, `"status":200`},
		} {
			status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"as":"root","action":"`+call.action+`","params":`+call.params+`}`)
			servertest.WantAnswer(t, status, body, 200, call.want)
		}
	}
	reset := func(body string, want int) string {
		t.Helper()
		status, answer := servertest.Ask(s, http.MethodPost, "/_waxseal/reset", body)
		if status != want {
			t.Fatalf("reset to %s answered %d %s", body, status, answer)
		}
		return answer
	}
	has("123456789012")
	for _, account := range []string{"210987654321", "210987654322"} {
		reset(`{"account":"`+account+`"}`, 204)
		has(account)
	}
	// What cannot be changes nothing.
	for _, body := range []string{`{"account":"1"}`, `{"account":""}`, `{"acount":"210987654321"}`, `{"account":"111122223333"}`, `5`} {
		if answer := reset(body, 400); !strings.Contains(answer, `"error":`) {
			t.Errorf("reset to %s answered %s", body, answer)
		}
	}
	has("210987654322")
	for _, body := range []string{"", "{}"} {
		reset(`{"account":"210987654321"}`, 204)
		reset(body, 204)
		has("123456789012")
	}
}
