package inventory

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// questions are what is asked about a resource.
type questions struct {
	resource, service, account, region string
	each                               []question
	// objects is the input about the objects of a bucket that match a pattern; nil: it is none.
	objects func(pattern string) any
}

// question is whether somebody may perform an action. The operation resolves the input to
// what the decision is about.
type question struct {
	action, operation string
	input             any
}

// questionsOn are the usual actions on a resource. It fails with ErrNoSubject where the
// ARN is that of no queue, topic, key or bucket that could be here.
func (x Inventory) questionsOn(ctx context.Context, resource string) (*questions, error) {
	a, err := arn.Parse(resource)
	if err != nil {
		return nil, ErrNoSubject
	}
	q := &questions{resource: resource, service: a.Service, account: a.AccountID, region: a.Region}
	switch a.Service {
	case "sqs":
		q.ask("SendMessage", &sqs.SendMessageInput{QueueUrl: runtime.QueueURL(new(api.Request), a)}, "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage")
	case "sns":
		q.ask("Publish", &sns.PublishInput{TopicArn: &resource, Message: "m"}, "sns:Publish")
		q.ask("Subscribe", &sns.SubscribeInput{TopicArn: resource}, "sns:Subscribe")
	case "kms":
		q.ask("Encrypt", &kms.EncryptInput{KeyId: resource}, "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")
	case "s3":
		if q.account, q.region, err = x.S3.PlaceOf(ctx, a.Resource); err != nil {
			return nil, err
		}
		q.objects = func(pattern string) any { return &s3.PutObjectInput{Bucket: a.Resource, Key: pattern} }
		q.ask("PutObject", q.objects("*"), "s3:PutObject", "s3:GetObject")
	}
	if len(q.each) == 0 || q.account == "" {
		return nil, ErrNoSubject
	}
	return q, nil
}

func (q *questions) ask(operation string, input any, actions ...string) {
	for _, action := range actions {
		q.each = append(q.each, question{action, operation, input})
	}
}

// resources are the ARNs of all queues, topics, keys and buckets.
func (x Inventory) resources(ctx context.Context) (list []string, err error) {
	queues, err := x.Queues(ctx, Scope{})
	for i := range queues {
		list = append(list, queues[i].ARN)
	}
	if err != nil {
		return nil, err
	}
	topics, err := x.Topics(ctx, Scope{})
	for i := range topics {
		list = append(list, topics[i].ARN)
	}
	if err != nil {
		return nil, err
	}
	keys, err := x.KMS.Summaries(ctx, Scope{})
	for i := range keys {
		list = append(list, keys[i].ARN)
	}
	if err != nil {
		return nil, err
	}
	buckets, err := x.S3.Summaries(ctx, Scope{})
	for i := range buckets {
		list = append(list, buckets[i].ARN)
	}
	return list, err
}
