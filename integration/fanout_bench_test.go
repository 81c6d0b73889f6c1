package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/server"
)

// benchCalls makes calls through the whole server, but for the socket.
type benchCalls struct {
	tb     testing.TB
	server http.Handler
}

const benchAuthorization = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"

func (c benchCalls) do(service, contentType, target, body string) {
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4566/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", fmt.Sprintf(benchAuthorization, service))
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		c.tb.Fatalf("%s %s: %d %s", target, body, w.Code, w.Body)
	}
}

func (c benchCalls) sqs(operation string, in any) {
	text, err := json.Marshal(in)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.do("sqs", "application/x-amz-json-1.0", "AmazonSQS."+operation, string(text))
}

func (c benchCalls) sns(action string, fields ...string) {
	form := url.Values{"Action": {action}, "Version": {"2010-03-31"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	c.do("sns", "application/x-www-form-urlencoded", "", form.Encode())
}

// BenchmarkFanOutAgainstDirectSends publishes one message of 1 KiB to 100
// queues, and sends it to each of the 100: in turn, so that both have the same
// share of a busy machine. x-direct is what the one costs in terms of the other.
func BenchmarkFanOutAgainstDirectSends(b *testing.B) {
	for _, raw := range []string{"true", "false"} {
		b.Run("raw="+raw, func(b *testing.B) { fanOutAgainstDirectSends(b, raw) })
	}
}

func fanOutAgainstDirectSends(b *testing.B, raw string) {
	const queues, topic = 100, "arn:aws:sns:us-east-1:123456789012:bench"
	turned := clock.New()
	s, err := server.New(context.Background(), server.Config{Clock: turned})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	c := benchCalls{b, s}
	c.sns("CreateTopic", "Name", "bench")
	names := make([]string, queues)
	for i := range names {
		names[i] = fmt.Sprint("http://localhost:4566/123456789012/bench-", i)
		arn := fmt.Sprint("arn:aws:sqs:us-east-1:123456789012:bench-", i)
		policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": allowSNS(arn, topic)})
		if err != nil {
			b.Fatal(err)
		}
		c.sqs("CreateQueue", map[string]any{"QueueName": fmt.Sprint("bench-", i), "Attributes": map[string]string{"Policy": string(policy)}})
		c.sns("Subscribe", "TopicArn", topic, "Protocol", "sqs", "Endpoint", arn,
			"Attributes.entry.1.key", "RawMessageDelivery", "Attributes.entry.1.value", raw)
	}
	message := strings.Repeat("m", 1024)
	var direct, fanOut time.Duration
	rounds := 0
	for b.Loop() {
		began := time.Now()
		for _, queue := range names {
			c.sqs("SendMessage", map[string]string{"QueueUrl": queue, "MessageBody": message})
		}
		direct += time.Since(began)
		began = time.Now()
		c.sns("Publish", "TopicArn", topic, "Message", message)
		fanOut += time.Since(began)
		if rounds++; rounds%200 == 0 { // no queue is to grow without end
			b.StopTimer()
			turned.Advance(time.Minute) // a queue is purged once a minute
			for _, queue := range names {
				c.sqs("PurgeQueue", map[string]string{"QueueUrl": queue})
			}
			b.StartTimer()
		}
	}
	b.ReportMetric(float64(fanOut)/float64(direct), "x-direct")
	b.ReportMetric(float64(direct.Microseconds())/float64(rounds*queues), "µs/send")
	b.ReportMetric(float64(fanOut.Microseconds())/float64(rounds*queues), "µs/delivery")
}
