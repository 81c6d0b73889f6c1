//go:build !race

package browser

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
)

const (
	notifications    = "arn:aws:sqs:us-east-1:" + account + ":notifications"
	audit            = "arn:aws:sqs:us-east-1:" + account + ":audit"
	petEvents        = "arn:aws:sns:us-east-1:" + account + ":pet-events"
	notificationsKey = "arn:aws:kms:us-east-1:" + account + ":key/11111111-2222-3333-4444-555555555555"
	reporting        = "arn:aws:iam::" + account + ":role/reporting"
)

// story is what has happened at a server: the request ids of its calls.
type story struct {
	sent, received      string // encrypted, and with calls of KMS
	untagged            string // denied, for a condition on a tag
	published           string // whose delivery to notifications is denied for a typing error in the ARN
	purged              string // denied explicitly
	stranger, anonymous string // denied
	undelivered         string // the delivery to notifications
}

// happen makes the calls that the console is looked at with, to a server with shop.yaml. What
// services do later is waited for, so that all comes in the same order every time.
func happen(t *testing.T, e *emulator) (s story) {
	t.Helper()
	before := len(e.deliveries())
	queue := func(name string) *string { return aws.String(e.url() + "/" + account + "/" + name) }
	orders, consumer, root := e.as("role/order-service"), e.as("role/notification-service"), e.as("root")
	sent, err := sqs.NewFromConfig(orders).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue("notifications"), MessageBody: aws.String("Fido has a new home")})
	s.sent = allowed(t, err, func() middleware.Metadata { return sent.ResultMetadata })
	e.pause()
	got, err := sqs.NewFromConfig(consumer).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue("notifications")})
	s.received = allowed(t, err, func() middleware.Metadata { return got.ResultMetadata })
	if len(got.Messages) != 1 {
		t.Fatalf("%d messages are received", len(got.Messages))
	}
	e.pause()
	_, err = sqs.NewFromConfig(e.as("role/reporting")).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue("notifications"), MessageBody: aws.String("a report")})
	s.untagged = denied(t, err)
	e.pause()
	published, err := sns.NewFromConfig(orders).Publish(t.Context(), &sns.PublishInput{
		TopicArn: aws.String(petEvents), Message: aws.String("Tom has a new home"),
		MessageAttributes: map[string]snstypes.MessageAttributeValue{"pet": {DataType: aws.String("String"), StringValue: aws.String("cat")}},
	})
	s.published = allowed(t, err, func() middleware.Metadata { return published.ResultMetadata })
	e.delivered(before + 2)
	for _, d := range e.deliveries() {
		if d.Status == "FAILURE" && s.undelivered == "" {
			s.undelivered = d.DecisionRequestID
		}
	}
	_, err = sqs.NewFromConfig(root).PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: queue("notifications")})
	s.purged = denied(t, err)
	e.pause()
	_, err = sqs.NewFromConfig(e.in("210987654321", "role/partner")).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue("audit"), MessageBody: aws.String("hello")})
	s.stranger = denied(t, err)
	e.pause()
	answer, err := http.Post(*queue("audit"), "application/x-www-form-urlencoded", strings.NewReader("Action=SendMessage&Version=2012-11-05&MessageBody=hello"))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	s.anonymous = answer.Header.Get("X-Amzn-Requestid")
	e.pause()
	if _, err := s3.NewFromConfig(root, func(o *s3.Options) { o.UsePathStyle = true }).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("pettracker-images"), Key: aws.String("tom.jpg"), Body: strings.NewReader("a picture"),
	}); err != nil {
		t.Fatal(err)
	}
	e.delivered(before + 3)
	if _, err := eventbridge.NewFromConfig(root).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{{
		EventBusName: aws.String("pets"), Source: aws.String("pets"), DetailType: aws.String("adoption"), Detail: aws.String(`{"state":"adopted"}`),
	}}}); err != nil {
		t.Fatal(err)
	}
	e.delivered(before + 4)
	return s
}

type delivery struct{ Status, DecisionRequestID string }

func (e *emulator) deliveries() []delivery {
	e.t.Helper()
	return control[struct{ Deliveries []delivery }](e, http.MethodGet, "deliveries", "").Deliveries
}

// delivered waits until so many deliveries have ended.
func (e *emulator) delivered(n int) {
	e.t.Helper()
	e.eventually("a delivery", func() bool {
		ended := 0
		for _, d := range e.deliveries() {
			if d.Status != "PENDING" {
				ended++
			}
		}
		return ended >= n
	})
	e.pause()
}

// pause lets a while pass between calls, where the clock stands still otherwise.
func (e *emulator) pause() {
	if e.still {
		e.config.Clock.Advance(1700 * time.Millisecond)
	}
}

// allowed is the request id of a call that must succeed.
func allowed(t *testing.T, err error, metadata func() middleware.Metadata) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := awsmiddleware.GetRequestIDMetadata(metadata())
	return id
}

// denied is the request id of a call that must not.
func denied(t *testing.T, err error) string {
	t.Helper()
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) {
		t.Fatalf("it is not denied: %v", err)
	}
	return answer.ServiceRequestID()
}
