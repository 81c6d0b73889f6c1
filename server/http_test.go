package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/server"
)

func TestBadRequestsAreAWSErrors(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	before := storeDump(t, s)
	jsonHeader := []string{"Content-Type", "application/x-amz-json-1.0", "Authorization", servertest.Scope}
	kmsHeader := []string{"Content-Type", "application/x-amz-json-1.1", "Authorization", strings.Replace(servertest.Scope, "/sqs/", "/kms/", 1)}
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Authorization", servertest.Scope}
	to := func(service string) []string {
		return []string{"Content-Type", "application/x-www-form-urlencoded", "Authorization", strings.Replace(servertest.Scope, "/sqs/", "/"+service+"/", 1)}
	}
	toSNS := to("sns")
	for _, test := range []struct {
		name   string
		body   string
		header []string
		status int
		want   string
	}{
		{"unknown operation", `{}`, append([]string{"X-Amz-Target", "AmazonSQS.Nonsense"}, jsonHeader...), 400, "UnknownOperationException"},
		{"unknown service", `{}`, append([]string{"X-Amz-Target", "Nonsense.Do"}, jsonHeader...), 400, "UnknownOperationException"},
		{"no target", `{}`, jsonHeader, 400, "UnknownOperationException"},
		{"no JSON", `{"QueueName":`, append([]string{"X-Amz-Target", "AmazonSQS.CreateQueue"}, jsonHeader...), 400, "SerializationException"},
		{"wrong type", `{"QueueName":5}`, append([]string{"X-Amz-Target", "AmazonSQS.CreateQueue"}, jsonHeader...), 400, "SerializationException"},
		{"nothing", ``, append([]string{"X-Amz-Target", "AmazonSQS.SendMessage"}, jsonHeader...), 400, "__type"},
		{"KMS without an input", ``, append([]string{"X-Amz-Target", "TrentService.Encrypt"}, kmsHeader...), 400, "__type"},
		{"KMS constraint", `{"KeyId":"x","Plaintext":""}`, append([]string{"X-Amz-Target", "TrentService.Encrypt"}, kmsHeader...), 400, "ValidationException"},
		{"KMS unsigned", `{}`, []string{"X-Amz-Target", "TrentService.ListKeys", "Content-Type", "application/x-amz-json-1.1"}, 400, "MissingAuthenticationTokenException"},
		{"Query without Action", "QueueName=x", form, 400, "MissingAction"},
		{"Query unknown action", "Action=FooBar", form, 400, "The action FooBar is not valid for this endpoint."},
		{"Query bad encoding", "Action=ListQueues&QueueNamePrefix=%zz", form, 400, "MalformedInput"},
		{"Query, no such version", "Action=ListQueues&Version=2011-01-01", form, 400, "<Code>NoSuchVersion</Code><Message>The requested version (2011-01-01) of service AmazonSQS does not exist</Message>"},
		{"Query, an empty version", "Action=ListQueues&Version=", form, 400, "<Code>NoSuchVersion</Code><Message>The requested version () of service AmazonSQS does not exist</Message>"},
		{"Query, another service's version", "Action=SendMessage&Version=2010-03-31&QueueUrl=q&MessageBody=x", form, 400, "NoSuchVersion"},
		{"SNS, no such version", "Action=CreateTopic&Name=t&Version=2010-03-30", toSNS, 400, "<Code>InvalidAction</Code><Message>Could not find operation CreateTopic for version 2010-03-30</Message>"},
		{"STS, no such version", "Action=GetCallerIdentity&Version=2010-05-08", to("sts"), 400, "<Code>InvalidAction</Code><Message>Could not find operation GetCallerIdentity for version 2010-05-08</Message>"},
		{"IAM, no such version", "Action=CreateUser&UserName=u&Version=1", to("iam"), 400, "<Code>InvalidAction</Code><Message>Could not find operation CreateUser for version 1</Message>"},
		{"attributes in another SDK's form", "Action=SendMessage&QueueUrl=q&MessageBody=x&MessageAttributes.1.key=F&MessageAttributes.1.value.StringValue=v&MessageAttributes.1.value.DataType=String",
			form, 400, "<Code>InvalidParameterValue</Code><Message>The request must contain non-empty message attribute name.</Message>"},
		{"an attribute without a name", "Action=SendMessage&QueueUrl=q&MessageBody=x&MessageAttribute.1.Value.StringValue=v&MessageAttribute.1.Value.DataType=String",
			form, 400, "<Code>InvalidParameterValue</Code><Message>The request must contain non-empty message attribute name.</Message>"},
		{"an attribute with an empty name", "Action=SendMessage&QueueUrl=q&MessageBody=x&MessageAttribute.1.Name=&MessageAttribute.1.Value.StringValue=v&MessageAttribute.1.Value.DataType=String",
			form, 400, "<Code>InvalidParameterValue</Code><Message>The request must contain non-empty message attribute name.</Message>"},
		{"a system attribute without a name", "Action=SendMessage&QueueUrl=q&MessageBody=x&MessageSystemAttribute.1.Value.StringValue=v&MessageSystemAttribute.1.Value.DataType=String",
			form, 400, "<Code>InvalidParameterValue</Code><Message>The request must contain non-empty message system attribute name.</Message>"},
		{"JSON, an attribute with an empty name", `{"QueueUrl":"q","MessageBody":"x","MessageAttributes":{"":{"DataType":"String","StringValue":"v"}}}`, append([]string{"X-Amz-Target", "AmazonSQS.SendMessage"}, jsonHeader...), 400,
			"The request must contain non-empty message attribute name."},
		{"Query missing parameter", "Action=SendMessage&QueueUrl=q", form, 400, "The request must contain the parameter MessageBody."},
		// SNS parses an ARN before it misses other members [N201] [N202].
		{"ARN and missing attributes", "Action=SetPlatformApplicationAttributes&PlatformApplicationArn=x", toSNS, 400, "PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1"},
		{"missing attributes", "Action=SetPlatformApplicationAttributes&PlatformApplicationArn=arn:aws:sns:us-east-1:123456789012:app/ADM/none", toSNS, 400, "1 validation error detected: Value null at 'attributes'"},
		{"endpoint ARN", "Action=SetEndpointAttributes&EndpointArn=x:y", toSNS, 400, "EndpointArn Reason: An ARN must have at least 6 elements, not 2"},
		{"topic ARN", "Action=SetTopicAttributes&TopicArn=x", toSNS, 400, "TopicArn Reason: An ARN must have at least 6 elements, not 1"},
		{"resource ARN", "Action=TagResource&ResourceArn=x", toSNS, 400, "ResourceArn Reason: An ARN must have at least 6 elements, not 1"},
		{"subscription ARN", "Action=SetSubscriptionAttributes&SubscriptionArn=x", toSNS, 400, "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"},
		{"missing queue", "Action=SendMessage&QueueUrl=absent&MessageBody=x", form, 400, "The specified queue does not exist for this wsdl version."},
		{"malformed signature", `{}`, []string{"X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0", "Authorization", "AWS4-HMAC-SHA256 nonsense"}, 400, "IncompleteSignature"},
		{"body too large", strings.Repeat("x", 8<<20+1), append([]string{"X-Amz-Target", "AmazonSQS.SendMessage"}, jsonHeader...), 413, "RequestEntityTooLarge"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := servertest.Ask(s, http.MethodPost, "/", test.body, test.header...)
			servertest.WantAnswer(t, status, body, test.status, test.want)
		})
	}
	if after := storeDump(t, s); after != before {
		t.Error("a bad request changed the state")
	}
}

func TestQueuePaths(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	const path = "/123456789012/q"
	for _, test := range []struct {
		target string
		status int
		want   string
	}{
		{path + "?Action=GetQueueAttributes&AttributeName.1=QueueArn", 200, "<Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:123456789012:q</Value>"}, // [Q024]-[Q026]
		{path + "?Action=GetQueueUrl&QueueName=q", 200, "<QueueUrl>http://127.0.0.1:4566/123456789012/q</QueueUrl>"},                                    // [Q033]
		{path + "?Action=CreateQueue&QueueName=x", 400, "The action CreateQueue is not valid for this endpoint."},                                       // [Q031]
		{path + "?Action=ListQueues", 400, "The action ListQueues is not valid for this endpoint."},                                                     // [Q032]
		{path, 404, "<UnknownOperationException"},                                          // [Q030]
		{path + "?Action=ReceiveMessage", 200, "<ReceiveMessageResult/>"},                  // [Q035]
		{path + "absent?Action=ReceiveMessage&QueueUrl=q", 200, "<ReceiveMessageResult/>"}, // [Q036]
		{"/?Action=ListQueues&Version=2012-11-05", 200, "<ListQueuesResponse"},             // [Q038]
	} {
		status, body := servertest.Ask(s, http.MethodGet, test.target, "", "Authorization", servertest.Scope)
		servertest.WantAnswer(t, status, body, test.status, test.want)
	}
}

// Clients older than the present version of the API ask for its forebears.
func TestEarlierVersionsOfSQS(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	for _, version := range []string{"2012-11-05", "2011-10-01", "2009-02-01", "2008-01-01"} {
		status, body := servertest.Ask(s, http.MethodGet, "/?Action=GetQueueUrl&QueueName=q&Version="+version, "", "Authorization", servertest.Scope)
		servertest.WantAnswer(t, status, body, 200, "<QueueUrl>http://127.0.0.1:4566/123456789012/q</QueueUrl>")
		// Where no credential scope names the service, the version does: SNS has this operation, too.
		status, body = servertest.Ask(s, http.MethodGet, "/?Action=RemovePermission&Label=l&QueueUrl=q&Version="+version, "")
		servertest.WantAnswer(t, status, body, 403, "sqs:removepermission")
	}
}

// In Query AttributeNames hides MessageSystemAttributeNames, in JSON they add up [Q146].
func TestSystemAttributesAreAskedForInTwoWays(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	servertest.SQS(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"x"}`)
	const receive = "/?Action=ReceiveMessage&QueueUrl=q&VisibilityTimeout=0&MessageSystemAttributeName.1=All"
	for _, c := range []struct {
		target string
		more   bool
	}{{receive, true}, {receive + "&AttributeName.1=SenderId", false}} {
		status, body := servertest.Ask(s, http.MethodGet, c.target, "", "Authorization", servertest.Scope)
		servertest.WantAnswer(t, status, body, 200, "<Name>SenderId</Name>")
		if strings.Contains(body, "SentTimestamp") != c.more {
			t.Errorf("%s: %s", c.target, body)
		}
	}
	status, body := servertest.SQS(s, "ReceiveMessage", `{"QueueUrl":"q","MessageSystemAttributeNames":["All"],"AttributeNames":["SenderId"]}`)
	servertest.WantAnswer(t, status, body, 200, "SentTimestamp")
}

// An entry of a batch fails alone.
func TestBatchEntryWithAnAttributeWithoutName(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	entry := "&SendMessageBatchRequestEntry.1."
	status, body := servertest.Ask(s, http.MethodPost, "/", "Action=SendMessageBatch&QueueUrl=q"+entry+"Id=a"+entry+"MessageBody=x"+entry+"MessageAttributes.1.key=F"+
		"&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=y",
		"Content-Type", "application/x-www-form-urlencoded", "Authorization", servertest.Scope)
	servertest.WantAnswer(t, status, body, 200, "<Message>The request must contain non-empty message attribute name.</Message>")
	servertest.WantAnswer(t, status, body, 200, "<SendMessageBatchResultEntry><Id>b</Id>")
}

// dump writes everything that the engine holds.
func dump(ctx context.Context, e store.Engine, w io.Writer) error {
	return e.View(ctx, func(r store.Reader) error {
		for key, value := range r.Scan("", "", store.All) {
			if _, err := fmt.Fprintf(w, "%q=%q\n", key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

func storeDump(t *testing.T, s *server.Server) string {
	t.Helper()
	var b strings.Builder
	if err := dump(t.Context(), s.Engine(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// An operation that panics is answered as an internal failure; the server lives
// and the log tells where it was.
func TestPanicIsContained(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	type input struct{ Name string }
	type output struct{}
	s.AddService(api.Service{
		Name: "faulty", Principal: "faulty.amazonaws.com", Dialects: []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "Faulty"}},
		Operations: []api.Operation{
			api.Unguarded("Panic", func(context.Context, *input) (*output, error) { panic("boom") }),
			api.Unguarded("Fail", func(context.Context, *input) (*output, error) { return nil, io.ErrUnexpectedEOF }),
		},
	})
	for operation, logged := range map[string]string{"Panic": "http_test.go", "Fail": io.ErrUnexpectedEOF.Error()} {
		status, body := servertest.Ask(s, http.MethodPost, "/", `{}`, "X-Amz-Target", "Faulty."+operation, "Authorization", servertest.Scope)
		servertest.WantAnswer(t, status, body, 500, "InternalFailure")
		if strings.Contains(body, "boom") || strings.Contains(body, "EOF") {
			t.Errorf("the cause was sent: %s", body)
		}
		if !strings.Contains(log.String(), logged) {
			t.Errorf("%s is not logged: %s", logged, log.String())
		}
	}
	status, body := servertest.SQS(s, "ListQueues", `{}`)
	servertest.WantAnswer(t, status, body, 200, `{}`)
}

func TestBodyThatBreaksOff(t *testing.T) {
	s := servertest.New(t, server.Config{})
	r := httptest.NewRequest(http.MethodPost, "/", iotest.ErrReader(io.ErrUnexpectedEOF))
	r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	r.Header.Set("Authorization", servertest.Scope)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	servertest.WantAnswer(t, w.Code, w.Body.String(), 408, "RequestTimeout")
}

func TestRegionAndAccountOfACall(t *testing.T) {
	s := servertest.New(t, server.Config{Account: "111122223333", Region: "eu-west-1"})
	for _, test := range []struct{ name, credential, host, want string }{
		{"scope", "test/20260101/cn-north-1/sqs/aws4_request", "localhost", "arn:aws-cn:sqs:cn-north-1:111122223333:"},
		{"account spelled", "999988887777/20260101/us-gov-west-1/sqs/aws4_request", "localhost", "arn:aws-us-gov:sqs:us-gov-west-1:999988887777:"},
		{"no scope", "test", "localhost", "arn:aws:sqs:eu-west-1:111122223333:"},
		{"no scope, host", "test", "sqs.ap-southeast-2.localhost:4566", "arn:aws:sqs:ap-southeast-2:111122223333:"},
	} {
		header := []string{"Content-Type", "application/x-www-form-urlencoded", "Host", test.host,
			"Authorization", "AWS4-HMAC-SHA256 Credential=" + test.credential + ", SignedHeaders=host, Signature=0"}
		servertest.Ask(s, http.MethodPost, "/", "Action=CreateQueue&QueueName=q", header...)
		status, body := servertest.Ask(s, http.MethodPost, "/", "Action=GetQueueAttributes&QueueUrl=q&AttributeName.1=QueueArn", header...)
		servertest.WantAnswer(t, status, body, 200, test.want)
	}
}

func TestOnePortSpeaksBoth(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, stop := servertest.Serve(t, s)

	// One that says nothing holds up nobody.
	silent, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()

	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(t, s)}}
	client := &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	_, port, _ := net.SplitHostPort(addr)
	for _, url := range []string{"http://" + addr, "https://" + addr, "https://localhost:" + port} {
		answer, err := client.Get(url + "/_waxseal/health")
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Errorf("%s: %s", url, answer.Status)
		}
	}
	stop()
}

func TestServeWaitsForRunningCalls(t *testing.T) {
	c := clock.New()
	s := servertest.New(t, server.Config{Clock: c})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l, time.Minute) }()
	waiting := c.Waiting()
	polled := make(chan string, 1)
	go func() {
		r, _ := http.NewRequest(http.MethodPost, "http://"+l.Addr().String(), strings.NewReader(`{"QueueUrl":"q","WaitTimeSeconds":20}`))
		r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
		r.Header.Set("Authorization", servertest.Scope)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			polled <- err.Error()
			return
		}
		defer func() { _ = answer.Body.Close() }()
		body, _ := io.ReadAll(answer.Body)
		polled <- answer.Status + " " + string(body)
	}()
	servertest.Eventually(t, "a long poll", func() bool { return c.Waiting() > waiting })
	stop()
	if got := <-polled; got != "200 OK {}" {
		t.Errorf("the long poll answered %s", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestStrictCredentials(t *testing.T) {
	s := servertest.New(t, server.Config{Strict: runtime.Strict{Credentials: true}})
	status, body := servertest.SQS(s, "ListQueues", `{}`)
	servertest.WantAnswer(t, status, body, 403, "The security token included in the request is invalid.")
}

// What cannot be read of a plaintext is told to its sender, and not to the log.
func TestLogHoldsNoPlaintext(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	status, body := servertest.Ask(s, http.MethodPost, "/", `{"KeyId":"alias/a","Plaintext":"my secret"}`,
		"X-Amz-Target", "TrentService.Encrypt", "Content-Type", "application/x-amz-json-1.1", "Authorization", strings.Replace(servertest.Scope, "/sqs/", "/kms/", 1))
	servertest.WantAnswer(t, status, body, 400, "my secret")
	if text := log.String(); !strings.Contains(text, "SerializationException") || strings.Contains(text, "my secret") {
		t.Errorf("the log has:\n%s", text)
	}
}

// roots trusts the server's own CA.
func roots(t *testing.T, s *server.Server) *x509.CertPool {
	t.Helper()
	pem, err := s.CA().PEM()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool
}
