package trail

import (
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
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
	// QueueMessageID is the id that SQS gave the message, in place of a ProviderResponse:
	// who reads the delivery finds one that is made of it.
	QueueMessageID string
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
	mu      sync.Mutex
	pending map[uuid.UUID]uint64 // by id, the numbers in log
	routes  map[route]*sharedRoute
	pinned  int // how many bytes routes takes
	log     *Log[*keptDelivery]
}

// keptDelivery is a Delivery as it is kept.
type keptDelivery struct {
	route                 *sharedRoute
	letter                *DeadLetter // nil: none was sent
	id, message, decision ID
	queued                ID // that SQS gave the message, in place of response
	published, at         Moment
	attempts, code        int32
	response              string
}

func (d *keptDelivery) isPending() bool { return d.route.status == StatusPending }

// route is what the deliveries for one endpoint have in common that end alike.
type route struct {
	source, topic, subscription, rule, bucket, protocol, endpoint, status string
}

type sharedRoute struct {
	Piece
	route
}

const (
	// maxAnswer is how much is kept of an endpoint's name and of what it answers, in bytes.
	maxAnswer = 2 << 10
	// maxRoutes is how many bytes the routes take that are at hand for deliveries to come.
	maxRoutes = 256 << 10

	deliveryOverhead = 176 + 24 + 40 // with the log's and that of pending
	letterOverhead   = 128
	routeOverhead    = 512 // with that of routes
)

// NewDeliveries remembers none yet.
func NewDeliveries() *Deliveries {
	l := &Deliveries{pending: map[uuid.UUID]uint64{}}
	l.log = NewLog(Limits[*keptDelivery]{
		Entries: Capacity, Bytes: DeliveryBudget, Size: (*keptDelivery).size,
		Piece: func(d *keptDelivery) *Piece { return &d.route.Piece },
		Dropped: func(d *keptDelivery) {
			if d.isPending() {
				delete(l.pending, d.id.hash())
			}
		},
	})
	return l
}

// Record keeps a delivery, in the place of an earlier record of the same ID that was pending.
func (l *Deliveries) Record(d Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := &keptDelivery{
		route: l.route(&d), id: IDOf(d.ID), message: IDOf(d.MessageID), decision: IDOf(d.DecisionRequestID),
		published: MomentOf(d.Published), at: MomentOf(d.Time), attempts: int32(d.Attempts), code: int32(d.StatusCode),
		queued: IDOf(d.QueueMessageID), response: Cut(d.ProviderResponse, maxAnswer),
	}
	if d.DeadLetter != nil {
		letter := *d.DeadLetter
		letter.Outcome = letter.told()
		letter.ProviderResponse = Cut(letter.ProviderResponse, maxAnswer)
		kept.letter = &letter
	}
	l.put(kept)
}

// put keeps a delivery in the place of the pending one of its id, if there is one.
func (l *Deliveries) put(d *keptDelivery) {
	if len(l.pending) == 0 && !d.isPending() { // as mostly
		l.log.Add(d)
		return
	}
	id := d.id.hash()
	n, earlier := l.pending[id]
	if !earlier || !l.log.Replace(n, d) {
		n = l.log.Add(d)
	}
	if d.isPending() {
		l.pending[id] = n
	} else {
		delete(l.pending, id)
	}
}

// told is the outcome as who reads the delivery finds it.
func (o Outcome) told() Outcome {
	if o.QueueMessageID != "" {
		o.ProviderResponse = `{"sqsRequestId":"` + o.DecisionRequestID + `","sqsMessageId":"` + o.QueueMessageID + `"}`
		o.QueueMessageID = ""
	}
	return o
}

// route is the one of a delivery, which it shares with others.
func (l *Deliveries) route(d *Delivery) *sharedRoute {
	r := route{d.Source, d.TopicArn, d.SubscriptionArn, d.RuleArn, d.Bucket, d.Protocol, Cut(d.Endpoint, maxAnswer), d.Status}
	if shared := l.routes[r]; shared != nil {
		return shared
	}
	texts := 0
	for _, text := range []*string{&r.topic, &r.subscription, &r.rule, &r.bucket, &r.endpoint} {
		*text = strings.Clone(*text)
		texts += len(*text)
	}
	shared := &sharedRoute{Piece{Size: routeOverhead + texts}, r}
	if l.pinned += shared.Size; l.pinned > maxRoutes || l.routes == nil {
		l.routes, l.pinned = map[route]*sharedRoute{}, shared.Size
	}
	l.routes[r] = shared
	return shared
}

// Newest yields them, newest first.
func (l *Deliveries) Newest() iter.Seq[Delivery] {
	entries := l.log.Newest()
	return func(yield func(Delivery) bool) {
		for d := range entries {
			if !yield(d.restore()) {
				return
			}
		}
	}
}

func (d *keptDelivery) restore() Delivery {
	r := d.route
	made := Delivery{
		ID: d.id.String(), Source: r.source, MessageID: d.message.String(), TopicArn: r.topic, SubscriptionArn: r.subscription, RuleArn: r.rule,
		Bucket: r.bucket, Protocol: r.protocol, Endpoint: r.endpoint, Status: r.status, Attempts: int(d.attempts),
		Outcome:   Outcome{int(d.code), d.response, d.queued.String(), d.decision.String()}.told(),
		Published: d.published.Time(), Time: d.at.Time(),
	}
	if d.letter != nil {
		letter := *d.letter
		made.DeadLetter = &letter
	}
	return made
}

func (d *keptDelivery) size() int {
	n := deliveryOverhead + d.id.Size() + d.message.Size() + d.decision.Size() + d.queued.Size() + len(d.response)
	if d.letter != nil {
		n += letterOverhead + len(d.letter.QueueArn) + len(d.letter.ProviderResponse) + len(d.letter.DecisionRequestID)
	}
	return n
}
