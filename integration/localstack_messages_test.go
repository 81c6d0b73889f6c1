package integration

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// SDKs whose endpoint is LocalStack's for looking at messages see them, check
// their MD5 and lose none; no other call gets through there.
func TestSDKsLookAtMessages(t *testing.T) {
	t.Parallel()
	p := serve(t)
	client := func(endpoint string) *sqs.Client {
		return sqs.New(sqs.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(endpoint), RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		})
	}
	receiving, looking := client(p.url), client(p.url+"/_aws/sqs/messages")
	for _, attributes := range []map[string]string{nil, {"KmsMasterKeyId": "alias/aws/sqs"}} {
		name := "plain"
		if attributes != nil {
			name = "sealed"
		}
		created, err := receiving.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := receiving.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: created.QueueUrl, MessageBody: aws.String("secret text")}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			seen, err := looking.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: created.QueueUrl})
			if err != nil || len(seen.Messages) != 1 {
				t.Fatalf("%s: %v, %v", name, seen, err)
			}
			body := *seen.Messages[0].Body
			raw, notEncoded := base64.StdEncoding.DecodeString(body)
			if attributes == nil && body != "secret text" || attributes != nil && (notEncoded != nil || strings.Contains(string(raw), "secret")) {
				t.Errorf("%s: the body is %q", name, body)
			}
		}
		if _, err := looking.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: created.QueueUrl}); err == nil || !strings.Contains(err.Error(), "This endpoint only accepts ReceiveMessage calls") {
			t.Errorf("%s: a purge answered %v", name, err)
		}
		got, err := receiving.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: created.QueueUrl})
		if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != "secret text" {
			t.Errorf("%s: then it received %v, %v", name, got, err)
		}
	}
	py := python(t)
	out := run(t, p.env(), py, "-c", `
import boto3, os
url = boto3.client("sqs").create_queue(QueueName="py")["QueueUrl"]
boto3.client("sqs").send_message(QueueUrl=url, MessageBody="b", MessageAttributes={"a": {"DataType": "String", "StringValue": "v"}})
looking = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"] + "/_aws/sqs/messages")
for _ in range(2):
    m = looking.receive_message(QueueUrl=url)["Messages"][0]
    print(m["Body"], m["MessageAttributes"]["a"]["StringValue"], m["Attributes"]["ApproximateReceiveCount"])
`)
	if out != "b v 0\nb v 0\n" {
		t.Errorf("boto3 saw %q", out)
	}
}
