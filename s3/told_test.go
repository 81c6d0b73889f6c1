package s3

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/trail"
)

const (
	topicARN    = "arn:aws:sns:us-east-1:111122223333:image-uploads"
	queueARN    = "arn:aws:sqs:us-east-1:111122223333:uploads"
	functionARN = "arn:aws:lambda:us-east-1:111122223333:function:resize"
)

// receivers is SNS, SQS and EventBridge as these tests see them.
type receivers struct {
	mu       sync.Mutex
	refusing map[string]error // by ARN
	asked    []string
	sent     []Message
	events   []BridgeEvent
	records  []trail.Delivery
}

func (r *receivers) Admits(_ context.Context, m *Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, m.Receiver)
	return r.refusing[m.Receiver]
}

func (r *receivers) Send(_ context.Context, m *Message) (Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refusing[m.Receiver]; err != nil {
		return Receipt{RequestID: "refused"}, err
	}
	r.sent = append(r.sent, *m)
	return Receipt{RequestID: "call", MessageID: fmt.Sprint("message ", len(r.sent))}, nil
}

func (r *receivers) PutEvent(_ context.Context, e *BridgeEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, *e)
	return nil
}

func (r *receivers) Record(d trail.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d.ID = ""
	r.records = append(r.records, d)
}

func (r *receivers) refuse(arn string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusing[arn] = err
}

// told is a world whose notifications go to receivers.
type told struct {
	*world
	*receivers
}

func newTold(t *testing.T) *told {
	w := &told{newWorld(t), &receivers{refusing: map[string]error{}}}
	w.connect()
	return w
}

// connect has the service send to the receivers.
func (w *told) connect() {
	s := w.Service
	s.receivers, s.buses, s.recorder = w.receivers, w.receivers, w.receivers
	s.Start()
}

// configure has the bucket tell events.
func (w *told) configure(c *NotificationConfiguration) error {
	_, err := w.PutBucketNotificationConfiguration(w.ctx, &PutBucketNotificationConfigurationInput{Bucket: name, NotificationConfiguration: c})
	return err
}

func (w *told) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// eventually waits until something is so.
func (w *told) eventually(what string, so func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		done := so()
		w.mu.Unlock()
		if done {
			return
		} else if time.Now().After(end) {
			w.t.Fatalf("%s does not come: sent %+v, recorded %+v", what, w.sent, w.records)
		}
	}
}

// bodies are what was sent, as soon as there is so much.
func (w *told) bodies(n int) []string {
	w.t.Helper()
	w.eventually(fmt.Sprint(n, " messages"), func() bool { return len(w.sent) >= n })
	w.mu.Lock()
	defer w.mu.Unlock()
	var bodies []string
	for _, m := range w.sent {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

func toQueue(id string, events ...string) *NotificationConfiguration {
	return &NotificationConfiguration{QueueConfigurations: []QueueConfiguration{{Id: id, QueueArn: queueARN, Events: events}}}
}

// filter is a filter of rules, each "name=value".
func filter(rules ...string) *NotificationConfigurationFilter {
	key := new(KeyFilter)
	for _, rule := range rules {
		name, value, _ := strings.Cut(rule, "=")
		key.FilterRules = append(key.FilterRules, FilterRule{name, value})
	}
	return &NotificationConfigurationFilter{Key: key}
}

// BridgeEvents are the events that EventBridge got.
func (r *receivers) BridgeEvents() []BridgeEvent { return r.events }
