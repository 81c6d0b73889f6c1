// Package servertest is what tests share that ask a whole server: they make one
// on an engine in memory, make requests of its handler, and look at what it
// remembers of them.
package servertest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

// Scope is an Authorization header that signs for SQS as the root user; its
// signature is none, which only a strict server refuses.
const Scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0"

// New is a server that is closed when the test ends.
func New(t testing.TB, c server.Config) *server.Server {
	t.Helper()
	s, err := server.New(t.Context(), c)
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

// Serve answers at a port of 127.0.0.1 until stop is called or the test ends. A
// request that is still running then has a second. It returns the host and port.
func Serve(t testing.TB, s *server.Server) (addr string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l, time.Second) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return l.Addr().String(), stop
}

// Ask makes a request of the handler and answers status and body. Headers are
// names and values by turns. Where the handler closes the connection without an
// answer, both are zero.
func Ask(s http.Handler, method, target, body string, header ...string) (status int, answer string) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
			panic(p)
		}
	}()
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

// SQS makes a JSON call of SQS as root and answers status and body.
func SQS(s http.Handler, operation, body string) (int, string) {
	return Ask(s, http.MethodPost, "/", body,
		"X-Amz-Target", "AmazonSQS."+operation, "Content-Type", "application/x-amz-json-1.0", "Authorization", Scope)
}

// WantAnswer fails the test where the status is another or the body lacks wantBody.
func WantAnswer(t testing.TB, status int, body string, wantStatus int, wantBody string) {
	t.Helper()
	if status != wantStatus || !strings.Contains(body, wantBody) {
		t.Errorf("answered %d %s\nwant %d with %s", status, strings.TrimSpace(body), wantStatus, wantBody)
	}
}

// ActAs performs one call as a principal and answers its response; a call that fails ends the test.
func ActAs(t testing.TB, s http.Handler, as, action string, params map[string]any) map[string]any {
	t.Helper()
	status, result := TryAs(t, s, as, action, params)
	if status != http.StatusOK {
		t.Fatalf("%s as %s answered %d: %v", action, as, status, result)
	}
	return result
}

// TryAs performs one call as a principal and answers its status, and its response or error.
func TryAs(t testing.TB, s http.Handler, as, action string, params map[string]any) (int, map[string]any) {
	t.Helper()
	request, err := json.Marshal(map[string]any{"as": as, "action": action, "params": params})
	if err != nil {
		t.Fatal(err)
	}
	status, body := Ask(s, http.MethodPost, "/_waxseal/act", string(request))
	if status != http.StatusOK {
		t.Fatalf("%s as %s answered %d: %s", action, as, status, body)
	}
	var result struct {
		Status          int
		Response, Error map[string]any
	}
	if err := json.Unmarshal([]byte(body), &result); err != nil {
		t.Fatal(err)
	}
	if result.Error != nil {
		return result.Status, result.Error
	}
	return result.Status, result.Response
}

// PolicyText is a policy of the statements, which are JSON objects parted by commas.
func PolicyText(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// AttributesOf are what SQS answers of the queue's attributes, as the root user.
func AttributesOf(s http.Handler, queue string) string {
	_, body := SQS(s, "GetQueueAttributes", `{"QueueUrl":"http://127.0.0.1:4566/123456789012/`+queue+`","AttributeNames":["All"]}`)
	return body
}

// Decisions are what was decided, oldest first.
func Decisions(s *server.Server) []*trail.Decision {
	return oldestFirst(s.Runtime().Dispatcher.Decisions().Newest())
}

// Events are the CloudTrail records, oldest first.
func Events(s *server.Server) []*trail.Event { return oldestFirst(s.Runtime().Dispatcher.Events()) }

// Deliveries are what became of deliveries, oldest first.
func Deliveries(s *server.Server) []trail.Delivery {
	return oldestFirst(s.Runtime().Deliveries.Newest())
}

func oldestFirst[T any](newest iter.Seq[T]) []T {
	all := slices.Collect(newest)
	slices.Reverse(all)
	return all
}

// Delivered waits until SNS has delivered n messages.
func Delivered(t testing.TB, s *server.Server, n int) {
	t.Helper()
	Eventually(t, fmt.Sprint(n, " deliveries"), func() bool { return len(Deliveries(s)) >= n })
}

// Eventually waits until something is so, and ends the test after a minute in vain.
func Eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come", what)
		}
	}
}
