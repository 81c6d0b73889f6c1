package sns

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
)

// Queues takes messages to SQS. The calls are made as the service principal
// sns.amazonaws.com, or sns.REGION.amazonaws.com where either is in an opt-in
// region and the other in another, with the topic as aws:SourceArn and its owner as
// aws:SourceAccount, so that the queue's policy and its key's policy decide.
type Queues interface {
	// Share makes of a text what its deliveries to several queues have in common.
	Share(text string) QueueBody
	// Deliver sends one message. Its error is SQS's *api.Error; the receipt has the
	// request id in either case.
	Deliver(ctx context.Context, m QueueMessage) (QueueReceipt, error)
}

// QueueBody is what Queues makes of a text once.
type QueueBody any

// QueueMessage is one message for a queue.
type QueueMessage struct {
	QueueArn string // may be of another account and region than the topic
	TopicArn string
	Body     string
	Shared   QueueBody // of Body; nil: it goes to no other queue
	// Attributes are message attributes, given with raw delivery only.
	Attributes map[string]MessageAttributeValue
	// GroupID and DeduplicationID are empty where the message has none.
	GroupID, DeduplicationID string
	TraceHeader              string // system attribute AWSTraceHeader
}

// QueueReceipt is what SQS answered.
type QueueReceipt struct {
	// RequestID is the id of the SendMessage call; where it failed, that of the refused
	// call, which may be one to KMS. The decision is found by it.
	RequestID string
	MessageID string // empty where the queue did not take the message
}

// HTTPSender posts to HTTP and HTTPS endpoints.
type HTTPSender interface {
	// Post makes one request and answers its response, whatever its status. It fails
	// where there is no response: the request could not be made, or was not answered
	// within 15 seconds. Redirections are not followed.
	Post(ctx context.Context, p *Post) (PostResponse, error)
	// Reach answers why no connection to an endpoint can be made, TLS included; nil: it
	// can be made, or this machine cannot find out. It does not take long.
	Reach(ctx context.Context, url string) error
}

// Post is one request. User name and password of the URL are for an endpoint
// that asks for them, by Basic or Digest authentication.
type Post struct {
	URL    string
	Header map[string]string
	Body   string
}

// PostResponse is a response: its status and the beginning of its body.
type PostResponse struct {
	Status int
	Body   string
}

// Outbox keeps captured messages: those to endpoints to which nothing is really sent.
type Outbox interface{ Capture(c Captured) }

// Captured is a message that was captured instead of sent.
type Captured struct {
	Time time.Time
	// Account and Region are the topic's, or the publisher's if it published directly to
	// the endpoint.
	Account, Region string
	// Protocol is email, email-json, sms, lambda, firehose, application or
	// audit: findings of a data protection policy.
	Protocol string
	// Endpoint is the address, the phone number, the ARN, or where findings go.
	Endpoint        string
	TopicArn        string // empty for what was published to the endpoint itself
	SubscriptionArn string
	MessageID       string
	Subject         string
	// Body is what would have been sent: a mail's text, Lambda's event, the
	// payload for the push service.
	Body       string
	Attributes map[string]MessageAttributeValue
	// Structured: it was published with MessageStructure json.
	Structured bool
}

// Recorder keeps the records of deliveries.
type Recorder interface {
	// Record keeps a delivery, in place of an earlier record of the same ID.
	Record(d trail.Delivery)
}
