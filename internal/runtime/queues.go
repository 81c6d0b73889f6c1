package runtime

import (
	"cmp"
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// queues is SQS as SNS delivers to it: as the service principal, on behalf of
// the topic. It implements sns.Queues.
type queues struct{ *Runtime }

func (queues) Share(text string) sns.QueueBody { return sqs.NewBody(text) }

func (q queues) Deliver(ctx context.Context, m sns.QueueMessage) (sns.QueueReceipt, error) {
	queue, err := arn.Parse(m.QueueArn)
	if err != nil {
		return sns.QueueReceipt{}, err
	}
	topic, err := arn.Parse(m.TopicArn)
	if err != nil {
		return sns.QueueReceipt{}, err
	}
	if topic.Region != queue.Region && arn.OptIn(topic.Region) && arn.OptIn(queue.Region) {
		return sns.QueueReceipt{}, errBothOptIn
	}
	published := api.RequestFrom(ctx)
	request := q.deliveryRequest(published, m.TopicArn, topic, queue)
	request.TraceHeader = m.TraceHeader
	// Who publishes delivers in the same moment: the identities need not be read anew.
	request.Generation = published.Generation
	receipt := sns.QueueReceipt{RequestID: request.ID}
	body, shared := m.Shared.(*sqs.Body)
	if !shared {
		body = sqs.NewBody(m.Body)
	}
	in := body.To(QueueURL(request, queue))
	in.MessageGroupId, in.MessageDeduplicationId = optional(m.GroupID), optional(m.DeduplicationID)
	if len(m.Attributes) > 0 {
		in.MessageAttributes = make(map[string]sqs.MessageAttributeValue, len(m.Attributes))
		for name, a := range m.Attributes {
			in.MessageAttributes[name] = queueAttribute(a)
		}
	}
	out, err := dispatch.Invoke[sqs.SendMessageOutput](ctx, q.Dispatcher, request, q.sendMessage, in)
	if err != nil {
		receipt.RequestID = cmp.Or(api.FailedCall(err), receipt.RequestID)
		return receipt, err
	}
	receipt.MessageID = out.MessageId
	return receipt, nil
}

// errBothOptIn refuses what SNS does not deliver.
var errBothOptIn = &api.Error{Code: "UnsupportedOperation", Message: "Amazon SNS does not deliver from one opt-in Region to another."}

// deliversAs is the service principal as which SNS delivers to a queue: where one of
// the two regions is an opt-in region, SNS's principal of that region.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html.
func (rt *Runtime) deliversAs(topic, queue arn.ARN) *api.Caller {
	regional := ""
	switch {
	case topic.Region == queue.Region:
	case arn.OptIn(queue.Region):
		regional = queue.Region
	case arn.OptIn(topic.Region):
		regional = topic.Region
	}
	if regional == "" {
		return rt.topics
	}
	service, domain, _ := strings.Cut(rt.topics.Service, ".")
	return identity.ServicePrincipal(service + "." + regional + "." + domain)
}

// DeliveryRequest is the environment of a delivery from a topic to a queue. published
// is the request in whose course it is made.
func (rt *Runtime) DeliveryRequest(published *api.Request, topic, queue arn.ARN) *api.Request {
	return rt.deliveryRequest(published, topic.String(), topic, queue)
}

// deliveryRequest is DeliveryRequest where the topic's ARN is at hand as a text, too.
func (rt *Runtime) deliveryRequest(published *api.Request, source string, topic, queue arn.ARN) *api.Request {
	return &api.Request{
		ID:              rt.config.IDs.UUID(),
		Origin:          dispatch.Origin(published),
		Caller:          rt.deliversAs(topic, queue),
		Account:         topic.AccountID,
		Region:          queue.Region,
		Time:            rt.config.Clock.Now(),
		SecureTransport: true,
		BaseURL:         published.PublicURL(),
		SourceARN:       source,
		SourceAccount:   topic.AccountID,
	}
}

// QueueURL is the URL of a queue as the caller of r would be told it.
func QueueURL(r *api.Request, queue arn.ARN) string {
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
	given := s // which takes memory of its own only here
	return &given
}
