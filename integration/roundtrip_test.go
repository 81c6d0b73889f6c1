package integration

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

func copyBody(w io.Writer, r *http.Response) (int64, error) { return io.Copy(w, r.Body) }

// schemes runs a test over both schemes of one server's port.
func schemes(t *testing.T, test func(t *testing.T, p *process, url string)) {
	p := serve(t)
	t.Run("http", func(t *testing.T) { test(t, p, p.url) })
	t.Run("https", func(t *testing.T) { test(t, p, p.httpsURL()) })
}

func TestSecureQueueWithTheGoSDK(t *testing.T) {
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		c := newClients(t, p.config(endpoint))
		scheme, _, _ := strings.Cut(endpoint, ":")
		id, _ := c.key()
		if _, err := c.kms.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/pettracker-" + scheme), TargetKeyId: &id}); err != nil {
			t.Fatal(err)
		}
		queue, queueARN := c.queue("secure-"+scheme, map[string]string{
			"KmsMasterKeyId": id, "KmsDataKeyReusePeriodSeconds": "300", "VisibilityTimeout": "30", "MessageRetentionPeriod": "345600",
		})
		if want := endpoint + "/123456789012/secure-" + scheme; queue != want {
			t.Errorf("QueueUrl = %s, want %s", queue, want)
		}
		policy := document(t, statement{
			"Sid": "AllowOnlyNotificationService", "Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:role/notification-service"},
			"Action": []string{"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}, "Resource": queueARN,
		})
		c.setAttribute(queue, "Policy", policy)
		if got := c.attribute(queue, "Policy"); got != policy {
			t.Errorf("Policy reads back as\n%s\nwant\n%s", got, policy)
		}

		const body = `{"email": "user@example.com", "petName": "Max"}`
		if err := c.send(queue, body); err != nil {
			t.Fatal(err)
		}
		messages, err := c.receive(queue)
		if err != nil || len(messages) != 1 || *messages[0].Body != body {
			t.Fatalf("received %v, %v", messages, err)
		}
		if err := c.delete(queue, messages[0]); err != nil {
			t.Fatal(err)
		}
		if got := c.attribute(queue, "ApproximateNumberOfMessagesNotVisible"); got != "0" {
			t.Errorf("%s messages are in flight after the delete", got)
		}
	})
}

func TestRoundTripWithJavaScript(t *testing.T) {
	t.Parallel()
	js := node(t)
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		ca := p.caBundle()
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "AWS_CA_BUNDLE="+ca, "NODE_EXTRA_CA_CERTS="+ca)
		if out := run(t, env, js, "js/roundtrip.mjs"); out != "ok\n" {
			t.Errorf("printed %q", out)
		}
	})
}

func TestRoundTripByQuery(t *testing.T) {
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		client := p.config(endpoint).HTTPClient.(*http.Client)
		call := func(url string, form url.Values, into any) {
			t.Helper()
			status, body := queryCall(t, client, url, form)
			if status != http.StatusOK {
				t.Fatalf("%v: %d\n%s", form, status, body)
			}
			if err := xml.Unmarshal([]byte(body), into); err != nil {
				t.Fatalf("%v: %v\n%s", form, err, body)
			}
		}
		scheme, _, _ := strings.Cut(endpoint, ":")
		var created struct {
			XMLName  xml.Name `xml:"http://queue.amazonaws.com/doc/2012-11-05/ CreateQueueResponse"`
			QueueUrl string   `xml:"CreateQueueResult>QueueUrl"`
		}
		call(endpoint, url.Values{"Action": {"CreateQueue"}, "Version": {"2012-11-05"}, "QueueName": {"query-" + scheme}}, &created)

		var sent struct {
			MD5OfMessageBody string `xml:"SendMessageResult>MD5OfMessageBody"`
		}
		call(created.QueueUrl, url.Values{"Action": {"SendMessage"}, "MessageBody": {"message"}}, &sent)
		if sent.MD5OfMessageBody != "78e731027d8fd50ed642340b7c9a63b3" { // [Q098]
			t.Errorf("MD5OfMessageBody = %s", sent.MD5OfMessageBody)
		}

		var received struct {
			Messages []struct{ Body, ReceiptHandle string } `xml:"ReceiveMessageResult>Message"`
			ID       string                                 `xml:"ResponseMetadata>RequestId"`
		}
		// Kombu polls so: no QueueUrl, no Version.
		call(created.QueueUrl, url.Values{"Action": {"ReceiveMessage"}}, &received)
		if len(received.Messages) != 1 || received.Messages[0].Body != "message" || received.ID == "" {
			t.Fatalf("received %+v", received)
		}
		call(endpoint, url.Values{
			"Action": {"DeleteMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {created.QueueUrl}, "ReceiptHandle": {received.Messages[0].ReceiptHandle},
		}, &struct{}{})

		var attributes struct {
			Attributes []struct{ Name, Value string } `xml:"GetQueueAttributesResult>Attribute"`
		}
		call(created.QueueUrl, url.Values{"Action": {"GetQueueAttributes"}, "AttributeName.1": {"ApproximateNumberOfMessagesNotVisible"}}, &attributes)
		if len(attributes.Attributes) != 1 || attributes.Attributes[0].Value != "0" {
			t.Errorf("after the delete: %+v", attributes.Attributes)
		}
	})
}
