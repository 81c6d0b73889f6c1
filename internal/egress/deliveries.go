package egress

import (
	"iter"
	"sync"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
)

// Deliveries keeps what became of SNS's deliveries. It implements sns.Recorder.
type Deliveries struct {
	mu   sync.Mutex
	byID map[string]*sns.Delivery
	log  *trail.Log[*sns.Delivery]
}

// NewDeliveries remembers none yet.
func NewDeliveries() *Deliveries {
	l := &Deliveries{byID: map[string]*sns.Delivery{}}
	l.log = trail.NewLog(trail.Limits[*sns.Delivery]{
		Entries: trail.Capacity, Bytes: trail.Budget, Size: deliverySize,
		Dropped: func(d *sns.Delivery) { delete(l.byID, d.ID) },
	})
	return l
}

// Record keeps a delivery, in the place of an earlier state of it.
func (l *Deliveries) Record(d sns.Delivery) {
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
func (l *Deliveries) Newest() iter.Seq[sns.Delivery] {
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
