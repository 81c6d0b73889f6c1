package integration

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// clients are the SDK's clients of one configuration.
type clients struct {
	t   *testing.T
	sqs *sqs.Client
	sns *sns.Client
	kms *kms.Client
	iam *iam.Client
}

func newClients(t *testing.T, c aws.Config) *clients {
	return &clients{t, sqs.NewFromConfig(c), sns.NewFromConfig(c), kms.NewFromConfig(c), iam.NewFromConfig(c)}
}

// plainBodies sends requests whose bodies are readers and nothing more. The SDK closes a
// body as soon as it is answered; net/http, which may still be about to look whether the
// body goes on, then gets io.EOF of the SDK's WriteTo, takes it for a failure, and closes
// the connection under the answer. Only a server that answers within microseconds shows it.
type plainBodies struct{ http.RoundTripper }

func (t plainBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		plain := *r
		plain.Body = struct{ io.ReadCloser }{r.Body}
		r = &plain
	}
	return t.RoundTripper.RoundTrip(r)
}

// config is a configuration that reaches the process by url, as root.
func (p *process) config(url string) aws.Config {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.get("/_waxseal/ca.pem"))
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	p.t.Cleanup(transport.CloseIdleConnections)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: plainBodies{transport}},
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func (c *clients) queue(name string, attributes map[string]string) (url, arn string) {
	c.t.Helper()
	out, err := c.sqs.CreateQueue(c.t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.QueueUrl, c.attribute(*out.QueueUrl, "QueueArn")
}

func (c *clients) attribute(url, name string) string {
	c.t.Helper()
	out, err := c.sqs.GetQueueAttributes(c.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeName(name)},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out.Attributes[name]
}

func (c *clients) setAttribute(url, name, value string) {
	c.t.Helper()
	if _, err := c.sqs.SetQueueAttributes(c.t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{name: value}}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clients) send(url, body string) error {
	_, err := c.sqs.SendMessage(c.t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
	return err
}

func (c *clients) receive(url string) ([]sqstypes.Message, error) {
	out, err := c.sqs.ReceiveMessage(c.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

func (c *clients) delete(url string, m sqstypes.Message) error {
	_, err := c.sqs.DeleteMessage(c.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
	return err
}

// bodies receives what is there and answers the bodies.
func (c *clients) bodies(url string) []string {
	c.t.Helper()
	messages, err := c.receive(url)
	if err != nil {
		c.t.Fatal(err)
	}
	var bodies []string
	for _, m := range messages {
		bodies = append(bodies, *m.Body)
	}
	return bodies
}

func (c *clients) key() (id, arn string) {
	c.t.Helper()
	out, err := c.kms.CreateKey(c.t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.KeyMetadata.KeyId, *out.KeyMetadata.Arn
}

// role makes a role that its account may assume, with inline policies.
func (c *clients) role(name string, policies ...string) {
	c.t.Helper()
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`
	if _, err := c.iam.CreateRole(c.t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust)}); err != nil {
		c.t.Fatal(err)
	}
	for i, document := range policies {
		if _, err := c.iam.PutRolePolicy(c.t.Context(), &iam.PutRolePolicyInput{
			RoleName: &name, PolicyName: aws.String("policy-" + string(rune('a'+i))), PolicyDocument: &document,
		}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// answer is what a client sees of a failed call.
type answer struct {
	status  int
	code    string
	message string
}

// failure takes an SDK's error apart.
func failure(t *testing.T, err error) answer {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("no API error: %v", err)
	}
	a := answer{code: api.ErrorCode(), message: api.ErrorMessage()}
	if h, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		a.status = h.HTTPStatusCode()
	}
	return a
}

func want(t *testing.T, what string, err error, wanted answer) {
	t.Helper()
	if err == nil {
		t.Errorf("%s succeeded, want %+v", what, wanted)
		return
	}
	if got := failure(t, err); got != wanted {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, wanted)
	}
}

// document is a policy document of statements.
func document(t *testing.T, statements ...map[string]any) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type statement = map[string]any

// queryCall posts a form of the Query protocol, unsigned but for an access key
// in the form of a signature, and answers status and body.
func queryCall(t *testing.T, client *http.Client, url string, form url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var body strings.Builder
	if _, err := copyBody(&body, answer); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body.String()
}

func tagRole(role, key, value string) *iam.TagRoleInput {
	return &iam.TagRoleInput{RoleName: &role, Tags: []iamtypes.Tag{{Key: &key, Value: &value}}}
}
