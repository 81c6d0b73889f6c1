package runtime

import (
	"cmp"
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// receivers are the topics and queues that S3 sends to. It implements s3.Receivers.
type receivers struct{ *Runtime }

// receiver is a topic or queue and what is sent there.
type receiver struct {
	arn     arn.ARN
	service string // sns or sqs
	action  string
	in      any
	request *api.Request
}

// receiver is that of a message, with the request in which it is sent: by S3, on behalf
// of the bucket [S330] [S331].
func (r receivers) receiver(ctx context.Context, m *s3.Message) (*receiver, error) {
	to, err := arn.Parse(m.Receiver)
	if err != nil {
		return nil, err
	}
	request := r.NotificationRequest(api.RequestFrom(ctx), m.BucketARN, m.Account, to.Region)
	request.TraceHeader = m.TraceHeader
	if to.Service == "sns" {
		subject, topic := s3.Subject, m.Receiver
		return &receiver{to, "sns", "Publish", &sns.PublishInput{TopicArn: &topic, Subject: &subject, Message: m.Body}, request}, nil
	}
	return &receiver{to, "sqs", "SendMessage", &sqs.SendMessageInput{QueueUrl: QueueURL(request, to), MessageBody: m.Body}, request}, nil
}

// NotificationRequest is the environment of a notification by S3 on behalf of a bucket
// and its owner, to a region. changed is the request that changed the object, or that
// makes the receiver one.
func (rt *Runtime) NotificationRequest(changed *api.Request, bucketARN, owner, region string) *api.Request {
	return &api.Request{
		ID:              rt.config.IDs.UUID(),
		Origin:          dispatch.Origin(changed),
		Caller:          identity.ServicePrincipal(rt.Dispatcher.Service("s3").Principal),
		Account:         owner,
		Region:          region,
		Time:            rt.config.Clock.Now(),
		SecureTransport: true,
		BaseURL:         changed.PublicURL(),
		SourceARN:       bucketARN,
		SourceAccount:   owner,
		OwnerUntold:     true, // a topic with the default policy does not let S3 in
	}
}

func (r receivers) Send(ctx context.Context, m *s3.Message) (s3.Receipt, error) {
	to, err := r.receiver(ctx, m)
	if err != nil {
		return s3.Receipt{}, err
	}
	receipt := s3.Receipt{RequestID: to.request.ID}
	if to.service == "sns" {
		var out *sns.PublishOutput
		if out, err = dispatch.Invoke[sns.PublishOutput](ctx, r.Dispatcher, to.request, r.publish, to.in); err == nil {
			receipt.MessageID = out.MessageId
		}
	} else {
		var out *sqs.SendMessageOutput
		if out, err = dispatch.Invoke[sqs.SendMessageOutput](ctx, r.Dispatcher, to.request, r.sendMessage, to.in); err == nil {
			receipt.MessageID = out.MessageId
		}
	}
	if err != nil {
		receipt.RequestID = cmp.Or(api.FailedCall(err), receipt.RequestID)
	}
	return receipt, missing(err)
}

// missing adds to the error of a receiver that is not there that it is this.
func missing(err error) error {
	if errors.Is(err, sqs.ErrQueueDoesNotExist) || errors.Is(err, sns.ErrNotFound) {
		e := *api.AsError(err)
		e.Cause = s3.ErrNoReceiver
		return &e
	}
	return err
}

// Admits takes the decisions on a message without sending it. Where they deny it, the call
// is made after all: it is refused then, and the refusal is remembered. Of an encrypted
// receiver KMS is asked for a data key, as the call would ask it.
func (r receivers) Admits(ctx context.Context, m *s3.Message) error {
	to, err := r.receiver(ctx, m)
	if err != nil {
		return err
	}
	decisions, err := r.Dispatcher.DryRun(ctx, to.request, to.service, to.action, "", to.in)
	for _, d := range decisions {
		if !d.Allowed() || d.Missing {
			err = errors.Join(err, errTopicClosed)
		}
	}
	if err != nil {
		_, err := r.Send(ctx, m)
		return err
	}
	key, encryption, err := r.keyOf(ctx, to)
	if err != nil || key == "" {
		return err
	}
	module := keys{r.Runtime, to.service}
	ctx = api.WithRequest(ctx, to.request)
	_, wrapped, _, err := module.GenerateDataKey(ctx, m.Receiver, key, encryption)
	if err == nil {
		_, err = module.Decrypt(ctx, wrapped, encryption)
	}
	return err
}

// keyOf is the KMS key of a receiver, and the encryption context of its data keys; an
// empty key: it has none.
func (r receivers) keyOf(ctx context.Context, to *receiver) (key string, encryption map[string]string, err error) {
	owner := *to.request
	owner.Account = to.arn.AccountID
	ctx = api.WithRequest(ctx, &owner) // who reads its own
	if to.service == "sns" {
		out, err := r.SNS.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: to.arn.String()})
		if err != nil {
			return "", nil, err
		}
		return out.Attributes["KmsMasterKeyId"], sns.EncryptionContext(to.arn.String()), nil
	}
	out, err := r.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: QueueURL(&owner, to.arn), AttributeNames: []string{"KmsMasterKeyId"}})
	if err != nil {
		return "", nil, err
	}
	return out.Attributes["KmsMasterKeyId"], sqs.EncryptionContext(to.arn.String()), nil
}
