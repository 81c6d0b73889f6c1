package server

import (
	"iter"
	"net/http"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
)

// deliveries keeps what became of SNS's deliveries. It implements sns.Recorder.
type deliveries struct {
	mu   sync.Mutex
	byID map[string]*sns.Delivery
	log  *trail.Log[*sns.Delivery]
}

func newDeliveries() *deliveries {
	l := &deliveries{byID: map[string]*sns.Delivery{}}
	l.log = trail.NewLog(trail.Limits[*sns.Delivery]{
		Entries: trail.Capacity, Bytes: trail.Budget, Size: deliverySize,
		Dropped: func(d *sns.Delivery) { delete(l.byID, d.ID) },
	})
	return l
}

// Record keeps a delivery, in the place of an earlier state of it.
func (l *deliveries) Record(d sns.Delivery) {
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

// newest yields copies, newest first.
func (l *deliveries) newest() iter.Seq[sns.Delivery] {
	entries := l.log.Newest()
	return func(yield func(sns.Delivery) bool) {
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

// deliveryView is a delivery as the control API shows it.
type deliveryView struct {
	MessageID         string          `json:"messageId"`
	TopicArn          string          `json:"topicArn"`
	SubscriptionArn   string          `json:"subscriptionArn"`
	Protocol          string          `json:"protocol"`
	Endpoint          string          `json:"endpoint"`
	Status            string          `json:"status"`
	Attempts          int             `json:"attempts"`
	ProviderResponse  string          `json:"providerResponse,omitempty"`
	DecisionRequestID string          `json:"decisionRequestId,omitempty"`
	Time              time.Time       `json:"time"`
	DeadLetter        *deadLetterView `json:"deadLetter,omitempty"`
}

// deadLetterView is what became of the message on its way to the dead-letter queue.
type deadLetterView struct {
	QueueArn          string `json:"queueArn"`
	Status            string `json:"status"`
	ProviderResponse  string `json:"providerResponse,omitempty"`
	DecisionRequestID string `json:"decisionRequestId,omitempty"`
}

func viewDelivery(d sns.Delivery) deliveryView {
	v := deliveryView{
		MessageID: d.MessageID, TopicArn: d.TopicArn, SubscriptionArn: d.SubscriptionArn,
		Protocol: d.Protocol, Endpoint: d.Endpoint, Status: d.Status, Attempts: d.Attempts,
		ProviderResponse: d.ProviderResponse, DecisionRequestID: d.DecisionRequestID, Time: d.Time,
	}
	if l := d.DeadLetter; l != nil {
		v.DeadLetter = &deadLetterView{l.QueueArn, l.Status, l.ProviderResponse, l.DecisionRequestID}
	}
	return v
}

func (s *Server) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	query, err := parameters(r, "topic", "subscription", "message-id", "status", "limit")
	if err != nil {
		return err
	}
	switch query.Get("status") {
	case "", sns.StatusSuccess, sns.StatusFailure, sns.StatusPending:
	default:
		return refused(http.StatusBadRequest, "status is %s, %s or %s", sns.StatusSuccess, sns.StatusFailure, sns.StatusPending)
	}
	var entries iter.Seq[sns.Delivery]
	s.inWorld(func(w *world) { entries = w.deliveries.newest() })
	views, err := newest(query, entries, func(d sns.Delivery) bool {
		return is(query.Get("topic"), d.TopicArn) && is(query.Get("subscription"), d.SubscriptionArn) &&
			is(query.Get("message-id"), d.MessageID) && is(query.Get("status"), d.Status)
	}, viewDelivery)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, map[string]any{"deliveries": views})
	return nil
}

// maxAnswer is how much is kept of an endpoint's name and of what it answers, in bytes.
const maxAnswer = 2 << 10

func deliverySize(d *sns.Delivery) int {
	const fields = 1 << 10 // and what becomes of it: two answers that are cut
	return fields + 2*maxAnswer + len(d.TopicArn) + len(d.SubscriptionArn) + len(d.Endpoint)
}

// keptDelivery is a delivery with the answers of endpoints cut.
func keptDelivery(d sns.Delivery) sns.Delivery {
	d.Endpoint = trail.Cut(d.Endpoint, maxAnswer)
	d.ProviderResponse = trail.Cut(d.ProviderResponse, maxAnswer)
	if d.DeadLetter != nil {
		letter := *d.DeadLetter
		letter.ProviderResponse = trail.Cut(letter.ProviderResponse, maxAnswer)
		d.DeadLetter = &letter
	}
	return d
}
