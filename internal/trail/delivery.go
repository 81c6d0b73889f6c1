package trail

import (
	"iter"
	"sync"
	"time"
)

// The sources of deliveries: the names of the services that deliver.
const (
	SourceSNS    = "sns"
	SourceEvents = "events"
	SourceS3     = "s3"
)

// The states of a delivery.
const (
	StatusSuccess = "SUCCESS"
	StatusFailure = "FAILURE"
	StatusPending = "PENDING" // not made yet, or to be tried again
)

// Delivery is what became of one message for one endpoint, in the terms of the delivery
// status log of SNS: of a message to a topic for one of its subscriptions, of an event
// for a target of a rule that matches it, of a change of an S3 object for a destination of
// the bucket's notifications.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html.
type Delivery struct {
	ID     string
	Source string // SourceSNS, SourceEvents or SourceS3
	// MessageID is SNS's message id, the id of EventBridge's event, or the request id of
	// the call that changed the S3 object.
	MessageID string
	// On whose behalf it was made: of a topic and its subscription, of a rule, or of a
	// bucket, by its name.
	TopicArn, SubscriptionArn string
	RuleArn                   string
	Bucket                    string

	Protocol string // what the endpoint is: sqs, sns, events, https, …
	Endpoint string // of a resource its ARN
	Status   string
	Attempts int
	Outcome
	// Published and Time are when the message was published and when the record was made.
	Published, Time time.Time
	// DeadLetter is how sending the message to the dead-letter queue has ended; nil: it was
	// not sent there.
	DeadLetter *DeadLetter
}

// Outcome is an endpoint's answer to one attempt.
type Outcome struct {
	// StatusCode is the answer as an HTTP status; 0: there was none.
	StatusCode int
	// ProviderResponse is the answer as AWS's log shows it.
	ProviderResponse string
	// DecisionRequestID is the request id of the call to the endpoint's service, under
	// which the decision about it is found; empty where no service was called.
	DecisionRequestID string
}

// DeadLetter is how sending a message to a dead-letter queue has ended.
type DeadLetter struct {
	QueueArn string
	Status   string
	Outcome
}

// Deliveries keeps what became of deliveries. It is safe for concurrent use.
type Deliveries struct {
	mu   sync.Mutex
	byID map[string]*Delivery
	log  *Log[*Delivery]
}

// NewDeliveries remembers none yet.
func NewDeliveries() *Deliveries {
	l := &Deliveries{byID: map[string]*Delivery{}}
	l.log = NewLog(Limits[*Delivery]{
		Entries: Capacity, Bytes: Budget, Size: deliverySize,
		Dropped: func(d *Delivery) { delete(l.byID, d.ID) },
	})
	return l
}

// Record keeps a delivery, in the place of an earlier record of the same ID.
func (l *Deliveries) Record(d Delivery) {
	d = keptDelivery(d)
	l.mu.Lock()
	defer l.mu.Unlock()
	if earlier := l.byID[d.ID]; earlier != nil {
		*earlier = d
		return
	}
	l.byID[d.ID] = &d
	l.log.Add(&d)
}

// Newest yields copies, newest first.
func (l *Deliveries) Newest() iter.Seq[Delivery] {
	entries := l.log.Newest()
	return func(yield func(Delivery) bool) {
		for d := range entries {
			l.mu.Lock()
			c := *d
			l.mu.Unlock()
			if !yield(c) {
				return
			}
		}
	}
}

// maxAnswer is how much is kept of an endpoint's name and of what it answers, in bytes.
const maxAnswer = 2 << 10

func deliverySize(d *Delivery) int {
	const fields = 1 << 10 // and what becomes of it: two answers that are cut
	return fields + 2*maxAnswer + len(d.TopicArn) + len(d.SubscriptionArn) + len(d.RuleArn) + len(d.Bucket) + len(d.Endpoint)
}

// keptDelivery is a delivery with the answers of endpoints cut.
func keptDelivery(d Delivery) Delivery {
	d.Endpoint = Cut(d.Endpoint, maxAnswer)
	d.ProviderResponse = Cut(d.ProviderResponse, maxAnswer)
	if d.DeadLetter != nil {
		letter := *d.DeadLetter
		letter.ProviderResponse = Cut(letter.ProviderResponse, maxAnswer)
		d.DeadLetter = &letter
	}
	return d
}
