package runtime_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/server"
)

// heap is how many bytes are in use once what nobody uses is collected.
func heap() int {
	runtime.GC()
	runtime.GC() // pools keep what they hold for one more collection
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

const megabyte = 1 << 20

// hostile are requests that carry as much as they can where the trail looks. A
// header's text is made anew for each: as one of all of them it would count once.
func hostile(s *server.Server) map[string]func(i int) {
	long := strings.Repeat("x", 4*megabyte)
	header := func() string { return strings.Repeat("h", megabyte) }
	form := func(body string, header ...string) {
		servertest.Ask(s, http.MethodPost, "/", body, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
	}
	return map[string]func(i int){
		"an unsigned request with a long queue URL": func(int) { form("Action=SendMessage&MessageBody=x&QueueUrl=" + long) },
		"a long queue URL of a queue that there is not": func(int) {
			servertest.SQS(s, "SendMessage", `{"MessageBody":"x","QueueUrl":"http://h/123456789012/`+long+`"}`)
		},
		"a short name behind a long URL": func(int) {
			servertest.SQS(s, "GetQueueAttributes", `{"QueueUrl":"http://`+long+`/123456789012/kept"}`)
		},
		"a long user agent": func(int) {
			form("Action=ListQueues&Version=2012-11-05", "User-Agent", header(), "Authorization", servertest.Scope)
		},
		"a long ARN of a key": func(int) {
			kmsCall(s, "Encrypt", `{"Plaintext":"eA==","KeyId":"arn:aws:kms:us-east-1:123456789012:key/`+long+`"}`)
		},
		"a signature with much behind it": func(int) {
			form("Action=ListQueues&Version=2012-11-05", "Authorization", servertest.Scope+header())
		},
		"a long topic ARN": func(int) {
			form("Action=Publish&Version=2010-03-31&Message=x&TopicArn=arn:aws:sns:us-east-1:123456789012:" + long)
		},
		"a long tag": func(int) { servertest.SQS(s, "CreateQueue", `{"QueueName":"q","tags":{"k":"`+long+`"}}`) },
		"many tags": func(int) {
			var tags strings.Builder
			for i := range 3000 {
				fmt.Fprintf(&tags, `,"k%d":"%s"`, i, long[:1000])
			}
			servertest.SQS(s, "CreateQueue", `{"QueueName":"q","tags":{`+tags.String()[1:]+`}}`)
		},
		"a long encryption context": func(int) {
			kmsCall(s, "Encrypt", `{"KeyId":"alias/aws/sqs","Plaintext":"eA==","EncryptionContext":{"k":"`+long+`"}}`)
		},
		"a long access key": func(i int) { form(fmt.Sprintf("Action=ListQueues&AWSAccessKeyId=%d%s", i, long)) },
		"an access key in a long query string": func(i int) {
			servertest.Ask(s, http.MethodGet, fmt.Sprintf("/?Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%d/20260101/us-east-1/sqs/aws4_request&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=60&X-Amz-Signature=0&Long=%s", i, header()), "")
		},
		"long headers": func(int) {
			form("Action=ListQueues&Version=2012-11-05", "User-Agent", header(), "Referer", header(), "X-Amzn-Trace-Id", header(), "Authorization", servertest.Scope)
		},
		"a long host": func(int) {
			form("Action=ListQueues&Version=2012-11-05", "Host", header(), "Authorization", servertest.Scope)
		},
		"a request that fails with a long message": func(int) {
			form("Action=Publish&Version=2010-03-31&Message=x&PhoneNumber=%2B15550001&MessageStructure=" + long)
		},
	}
}

// kmsCall makes a call of KMS as root.
func kmsCall(s http.Handler, operation, body string) (int, string) {
	return servertest.Ask(s, http.MethodPost, "/", body, "X-Amz-Target", "TrentService."+operation, "Content-Type", "application/x-amz-json-1.1",
		"Authorization", strings.Replace(servertest.Scope, "/sqs/", "/kms/", 1))
}

func TestTheTrailTakesNoMoreThanItsBudget(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"kept"}`)
	for name, send := range hostile(s) {
		t.Run(name, func(t *testing.T) {
			send(0) // what is made once
			before := heap()
			const n = 20
			for i := range n {
				send(i)
			}
			// A record may have 100 kB, a decision 64.
			if took := heap() - before; took > n*megabyte/4 {
				t.Errorf("%d requests take %d kB", n, took/1024)
			}
		})
	}
	d := s.Runtime().Dispatcher
	if n := d.Decisions().Bytes(); n > trail.DecisionBudget {
		t.Errorf("decisions hold %d bytes", n)
	}
	if n := d.Records().Bytes(); n > trail.CallBudget {
		t.Errorf("events hold %d bytes", n)
	}
	runtime.KeepAlive(s)
}

func TestRecordsAreCutAsCloudTrailCutsThem(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.Ask(s, http.MethodPost, "/", "Action=CreateQueue&Version=2012-11-05&QueueName=q&Attribute.1.Name=Policy&Attribute.1.Value="+strings.Repeat("x", 200<<10),
		"Content-Type", "application/x-www-form-urlencoded", "Authorization", servertest.Scope, "User-Agent", strings.Repeat("a", 2000))
	event := servertest.Events(s)[0]
	if len(event.UserAgent) != trail.MaxUserAgent || len(event.ErrorMessage) > trail.MaxErrorMessage {
		t.Errorf("userAgent of %d, errorMessage of %d bytes", len(event.UserAgent), len(event.ErrorMessage))
	}
	if got := string(event.RequestParameters); !strings.HasPrefix(got, `{"omitted":true,"originalSize":2048`) || !strings.HasSuffix(got, `,"reason":"requestParameters too large"}`) {
		t.Errorf("requestParameters = %.200s", got)
	}
}

func TestADecisionThatIsCutSaysSo(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.Ask(s, http.MethodPost, "/", "Action=SendMessage&MessageBody=x&QueueUrl="+strings.Repeat("x", megabyte), "Content-Type", "application/x-www-form-urlencoded")
	d := servertest.Decisions(s)[0]
	if !d.Cut || len(d.Request.Resource) != 2<<10 || len(d.Message) != trail.MaxErrorMessage || d.Verdict.Allowed {
		t.Errorf("kept: cut %v, a resource of %d, a message of %d bytes", d.Cut, len(d.Request.Resource), len(d.Message))
	}
	text := explain.Explainer{Runtime: s.Runtime()}.Request(t.Context(), d.RequestID, policyeval.TextOptions{})
	if !strings.Contains(text, "The request carried more than is kept") || len(text) > 20_000 {
		t.Errorf("explained in %d bytes: %.500s", len(text), text)
	}
	if values, _, ok := d.Request.Context.Get("aws:SecureTransport"); !ok || values[0] != "false" {
		t.Errorf("aws:SecureTransport = %v", values)
	}
}

func TestOrdinaryEntriesAreAllKept(t *testing.T) {
	s := servertest.New(t, server.Config{})
	agent := "aws-sdk-go-v2/1.41.0 os/linux lang/go#1.26 md/GOOS#linux md/GOARCH#amd64 api/sqs#1.42.0 " + strings.Repeat("m/E,b,D ", 20)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("User-Agent", agent)
	for range trail.Capacity + 10 {
		servertest.Ask(s, http.MethodPost, "/", "Action=CreateQueue&Version=2012-11-05&QueueName=orders&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=30",
			"Content-Type", "application/x-www-form-urlencoded", "Authorization", servertest.Scope, "User-Agent", agent)
	}
	if d, e := len(servertest.Decisions(s)), len(servertest.Events(s)); d != trail.Capacity || e != trail.Capacity {
		t.Errorf("%d decisions and %d events are kept, want %d", d, e, trail.Capacity)
	}
}
