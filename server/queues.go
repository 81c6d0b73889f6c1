package server

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// queues is SQS as SNS delivers to it: as the service principal, on behalf of
// the topic. It implements sns.Queues.
type queues struct{ dispatcher *dispatcher }

func (q queues) Deliver(ctx context.Context, m *sns.QueueMessage) (sns.QueueReceipt, error) {
	queue, err := arn.Parse(m.QueueArn)
	if err != nil {
		return sns.QueueReceipt{}, err
	}
	topic, err := arn.Parse(m.TopicArn)
	if err != nil {
		return sns.QueueReceipt{}, err
	}
	request := q.request(api.RequestFrom(ctx), topic, queue)
	request.TraceHeader = m.TraceHeader
	receipt := sns.QueueReceipt{RequestID: request.ID}
	in := &sqs.SendMessageInput{
		QueueUrl:               queueURL(request, queue),
		MessageBody:            m.Body,
		MessageGroupId:         optional(m.GroupID),
		MessageDeduplicationId: optional(m.DeduplicationID),
	}
	if len(m.Attributes) > 0 {
		in.MessageAttributes = make(map[string]sqs.MessageAttributeValue, len(m.Attributes))
		for name, a := range m.Attributes {
			in.MessageAttributes[name] = queueAttribute(a)
		}
	}
	out, err := invoke[sqs.SendMessageOutput](withRefusal(ctx, &receipt.RequestID), q.dispatcher, request, "sqs", "SendMessage", in)
	if err == nil {
		receipt.MessageID = out.MessageId
	}
	return receipt, err
}

// request is the environment of a delivery. published is the request in whose
// course it is made.
func (q queues) request(published *api.Request, topic, queue arn.ARN) *api.Request {
	return &api.Request{
		ID:              q.dispatcher.ids.UUID(),
		Origin:          origin(published),
		Caller:          identity.ServicePrincipal(q.dispatcher.services["sns"].Principal),
		Account:         topic.AccountID,
		Region:          queue.Region,
		Time:            q.dispatcher.clock.Now(),
		SecureTransport: true,
		BaseURL:         published.BaseURL,
		SourceARN:       topic.String(),
		SourceAccount:   topic.AccountID,
	}
}

func queueURL(r *api.Request, queue arn.ARN) string {
	return r.BaseURL + "/" + queue.AccountID + "/" + queue.Resource
}

func queueAttribute(a sns.MessageAttributeValue) sqs.MessageAttributeValue {
	v := sqs.MessageAttributeValue{DataType: a.DataType, BinaryValue: a.BinaryValue}
	if a.StringValue != nil {
		v.StringValue = *a.StringValue
	}
	return v
}

// optional is nil for an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
