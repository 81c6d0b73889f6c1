package integration

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// The program tells in one answer what the queue's policy and its key both
// lack, in words that can be followed.
func TestExplainMessageByTheProgram(t *testing.T) {
	p := serve(t)
	c := newClients(t, p.config(p.url))
	topic := c.topic("news")
	id, keyARN := c.key()
	_, queueARN := c.queue("inbox", map[string]string{"KmsMasterKeyId": id})
	c.subscribe(topic, queueARN)
	published, err := c.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	text := unwrapped(run(t, p.env(), binary(t), "explain", "--message", *published.MessageId))
	want := "In the way from the topic to " + queueARN + ", as things are now: " +
		"1. " + queueARN + " has no policy that allows sqs:SendMessage by sns.amazonaws.com " +
		"add to the policy of " + queueARN + `: { "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage", "Resource": "` + queueARN +
		`", "Condition": { "StringEquals": { "aws:SourceArn": "` + topic + `", "aws:SourceAccount": "123456789012" } } } ` +
		"2. no statement in the policy of " + keyARN + " allows kms:GenerateDataKey and kms:Decrypt by sns.amazonaws.com " +
		"add to the policy of " + keyARN + `: { "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": [ "kms:GenerateDataKey*", "kms:Decrypt" ], "Resource": "*", "Condition": { "StringEquals": { "aws:SourceArn": "` +
		topic + `", "aws:SourceAccount": "123456789012" } } } ` +
		"The decision then: DENIED sqs:SendMessage"
	if !strings.HasPrefix(text, "FAILURE sqs "+queueARN+" (1 attempt)") || !strings.Contains(text, want) {
		t.Errorf("explain --message:\n%s\nwant in it:\n%s", text, want)
	}
	if strings.Contains(text, "To allow it:") {
		t.Errorf("what to add is told twice:\n%s", text)
	}
	if _, err := tryRun(t, p.env(), binary(t), "explain", "--message", "no-such-message"); err == nil || !strings.Contains(err.Error(), "no delivery of message no-such-message is remembered") {
		t.Errorf("explain of a message that never was: %v", err)
	}
}

// unwrapped is a text whose words stand in one line.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }
