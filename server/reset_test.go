package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
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
