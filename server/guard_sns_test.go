package server_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// A subscription to the server's own address reaches neither the control API nor
// AWS's: SNS is answered 403, and nothing is done.
func TestSNSDoesNotCallItsOwnServer(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, _ := servertest.Serve(t, s)
	own := "http://" + addr
	queue := servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "q"})["QueueUrl"].(string)
	topic := servertest.ActAs(t, s, "root", "sns:CreateTopic", map[string]any{"Name": "t"})["TopicArn"]
	endpoints := []string{
		own + "/_waxseal/reset", own + "/_localstack/state/reset",
		own + "/?Action=DeleteQueue&AWSAccessKeyId=x&QueueUrl=" + url.QueryEscape(queue), own + "/123456789012/q?Action=DeleteQueue&AWSAccessKeyId=x",
	}
	for _, endpoint := range endpoints {
		servertest.ActAs(t, s, "root", "sns:Subscribe", map[string]any{"TopicArn": topic, "Protocol": "http", "Endpoint": endpoint})
	}
	servertest.Delivered(t, s, len(endpoints))
	for i := range endpoints {
		servertest.Eventually(t, "an attempt", func() bool { return servertest.Deliveries(s)[i].StatusCode != 0 })
		if d := servertest.Deliveries(s)[i]; d.StatusCode != 403 {
			t.Errorf("the delivery to %s: %+v", d.Endpoint, d.Outcome)
		}
	}
	if got := servertest.AttributesOf(s, "q"); !strings.Contains(got, "QueueArn") {
		t.Errorf("the queue is gone: %s", got)
	}
}
