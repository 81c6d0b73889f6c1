package load

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"
)

func TestHistogramBuckets(t *testing.T) {
	last := -1
	for _, v := range []uint64{0, 1, 63, 64, 65, 127, 128, 129, 1000, 1e6, 1e9, 1 << 40, 1<<63 + 5} {
		i := bucketOf(v)
		if i < last {
			t.Errorf("bucketOf(%d) = %d, under an earlier %d", v, i, last)
		}
		last = i
		if top := bucketTop(i); top < v || float64(top-v) > float64(v)/64 {
			t.Errorf("bucketTop(bucketOf(%d)) = %d", v, top)
		}
		if i > 0 && bucketTop(i-1) >= v {
			t.Errorf("%d belongs in bucket %d", v, i-1)
		}
	}
}

func TestHistogramQuantiles(t *testing.T) {
	var a, b Histogram
	for i := 1; i <= 1000; i++ {
		h := &a
		if i%2 == 0 {
			h = &b
		}
		h.Record(time.Duration(i) * time.Microsecond)
	}
	a.Merge(&b)
	for q, want := range map[float64]float64{0.5: 500, 0.99: 990, 1: 1000} {
		if got := float64(a.Quantile(q)) / 1e3; got < want || got > want*1.02 {
			t.Errorf("quantile %v = %v µs, want about %v", q, got, want)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, r := range []struct {
		got            *Request
		target, body   string
		service, ctype string
	}{
		{SQS("SendMessage", map[string]string{"MessageBody": `a"b`}), "AmazonSQS.SendMessage", `{"MessageBody":"a\"b"}`, "sqs", "application/x-amz-json-1.0"},
		{KMS("Encrypt", map[string][]byte{"Plaintext": []byte("a")}), "TrentService.Encrypt", `{"Plaintext":"YQ=="}`, "kms", "application/x-amz-json-1.1"},
		{SNS("Publish", "TopicArn", "t", "Message", "a b&c"), "", "Action=Publish&Version=2010-03-31&TopicArn=t&Message=a+b%26c", "sns", "application/x-www-form-urlencoded; charset=utf-8"},
	} {
		if g := r.got; g.target != r.target || string(g.body) != r.body || g.service != r.service || g.contentType != r.ctype {
			t.Errorf("%s %s %s %s", g.service, g.target, g.contentType, g.body)
		}
	}
}

func TestFields(t *testing.T) {
	for body, want := range map[string][]string{
		`{"Messages":[{"ReceiptHandle":"a"},{"ReceiptHandle": "b\"c"}]}`:                {"a", `b"c`},
		`<R><ReceiptHandle>a&amp;b</ReceiptHandle><ReceiptHandle>c</ReceiptHandle></R>`: {"a&b", "c"},
		`{}`: nil,
	} {
		got, err := Fields([]byte(body), "ReceiptHandle")
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("Fields(%s) = %q, %v; want %q", body, got, err, want)
		}
	}
	for _, bad := range []string{`{"ReceiptHandle":"a`, `{"ReceiptHandle":7}`} {
		if got, err := Fields([]byte(bad), "ReceiptHandle"); err == nil {
			t.Errorf("Fields(%s) = %q", bad, got)
		}
	}
}

// Signatures are those of the SDK's signer.
func TestSign(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const host = "127.0.0.1:4566"
	for _, r := range []*Request{SQS("SendMessage", struct{}{}), SNS("Publish"), KMS("Encrypt", struct{}{})} {
		req, err := http.NewRequest(http.MethodPost, "http://"+host+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", r.contentType)
		if r.target != "" {
			req.Header.Set("X-Amz-Target", r.target)
		}
		credentials := aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: SecretKey}
		if err := v4.NewSigner().SignHTTP(t.Context(), credentials, req, hexSum(r.body), r.service, Region, at); err != nil {
			t.Fatal(err)
		}
		date, authorization := newSigner(host).sign(r, at)
		if want := req.Header.Get("Authorization"); authorization != want || date != req.Header.Get("X-Amz-Date") {
			t.Errorf("%s: signed %s\n%s, want\n%s", r.service, date, authorization, want)
		}
	}
}

func TestRequestsAreSignedOnceAMinute(t *testing.T) {
	r, s := SNS("Publish"), newSigner("h")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r.render(s, at)
	first := string(r.wire)
	if r.render(s, at.Add(59*time.Second)); string(r.wire) != first {
		t.Error("it was signed again within a minute")
	}
	if r.render(s, at.Add(60*time.Second)); string(r.wire) == first {
		t.Error("it was not signed again")
	}
}

func echo(t *testing.T) (addr string) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch string(body) {
		case `"long"`: // more than net/http buffers: it comes in chunks
			_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
		case `"close"`:
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "closed")
		case `"fail"`:
			http.Error(w, "no", http.StatusTeapot)
		default:
			_, _ = w.Write(body)
		}
	}))
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

func TestClient(t *testing.T) {
	c := NewClient(echo(t))
	defer c.Close()
	for _, x := range [][2]string{{"a", `"a"`}, {"long", strings.Repeat("x", 100_000)}, {"close", "closed"}, {"b", `"b"`}, {"fail", ""}, {"c", `"c"`}} {
		got, err := c.Call(SQS("SendMessage", x[0]))
		if (err != nil) != (x[0] == "fail") || string(got) != x[1] {
			t.Errorf("%s: %d bytes, %v", x[0], len(got), err)
		}
	}
}

// A server that closes a kept connection is called again.
func TestClientReconnects(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
			_ = conn.Close()
		}
	}()
	c := NewClient(ln.Addr().String())
	defer c.Close()
	for i := range 3 {
		got, err := c.Call(SNS("Publish"))
		if err != nil || string(got) != "ok" {
			t.Fatalf("call %d = %q, %v", i, got, err)
		}
	}
}

func TestLoads(t *testing.T) {
	addr := echo(t)
	r, err := For(t.Context(), addr, 3, 20*time.Millisecond, func() Step {
		r := SQS("SendMessage", "a")
		return func(c *Client) error { _, err := c.Call(r); return err }
	})
	if err != nil || r.Steps < 3 || r.PerSecond() <= 0 || r.Latency.Quantile(0.5) <= 0 {
		t.Errorf("%d steps, %v", r.Steps, err)
	}
	seen := make([]int, 10)
	if err := Times(t.Context(), addr, 2, len(seen), func(_ *Client, i int) error { seen[i]++; return nil }); err != nil || !cmp.Equal(seen, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}) {
		t.Errorf("%v, %v", seen, err)
	}
	failed := errors.New("failed")
	if err := Times(t.Context(), addr, 2, 1000, func(*Client, int) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("an error is told as %v", err)
	}
	if r, err := For(t.Context(), addr, 2, 0, func() Step { return func(*Client) error { return nil } }); err != nil || r.Steps != 2 {
		t.Errorf("without any time: %+v, %v, want one step of each worker", r, err)
	}
	if _, err := For(t.Context(), addr, 2, time.Minute, func() Step { return func(*Client) error { return failed } }); !errors.Is(err, failed) {
		t.Errorf("an error is told as %v", err)
	}
}

func TestProcess(t *testing.T) {
	if got, err := cpuOf("7 (a b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0"); err != nil || got != 2*time.Second {
		t.Errorf("CPU time %v, %v", got, err)
	}
	if _, err := cpuOf("7 (a b) S 1"); err == nil {
		t.Error("a short line tells CPU time")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("only Linux tells of processes so")
	}
	if n, err := Resident(os.Getpid()); err != nil || n < 1<<20 {
		t.Errorf("%d bytes are resident, %v", n, err)
	}
	if _, err := CPU(os.Getpid()); err != nil {
		t.Error(err)
	}
}
