package sns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// The values of FifoThroughputScope: where a FIFO topic looks for duplicates.
const (
	scopeTopic        = "Topic"
	scopeMessageGroup = "MessageGroup"
)

// deduplicationPeriod is how long a FIFO topic takes a deduplication id only once.
const deduplicationPeriod = 5 * time.Minute

// sequenceRecord counts the messages of a FIFO topic.
type sequenceRecord struct{ Last uint64 }

// sequenceNumber is the n-th of a topic's sequence numbers: 20 digits.
func sequenceNumber(n uint64) string { return fmt.Sprintf("1%016d000", n) }

// dedupRecord is the answer to a message that a FIFO topic has accepted, for duplicates.
type dedupRecord struct {
	MessageID, Sequence string
	Expires             time.Time
}

// orders are the locks under which FIFO topics deliver, one a topic, so that
// all subscribers see the same order.
type orders struct {
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

func (o *orders) lock(topic string) (unlock func()) {
	o.mu.Lock()
	l := o.locks[topic]
	if l == nil {
		l = new(sync.Mutex)
		o.locks[topic] = l
	}
	o.mu.Unlock()
	l.Lock()
	return l.Unlock
}

// dedupKey is the message's key among those that the topic took.
func (m *message) dedupKey(topic *topicRecord) string {
	group := ""
	if topic.attribute(attrFifoThroughputScope) == scopeMessageGroup {
		group = m.GroupID
	}
	return topic.Arn + "\x00" + group + "\x00" + m.DeduplicationID
}

// publishInOrder delivers messages of a FIFO topic, except duplicates: these get the
// ids of the first message [N132].
//
// A message is remembered when it has been delivered: a publisher who gets no
// answer because the server dies publishes again, and it is better delivered
// twice to a standard queue than never. FIFO queues drop the second.
func (s *Service) publishInOrder(ctx context.Context, topic *topicRecord, messages []*message) error {
	for _, m := range messages {
		if m.DeduplicationID == "" { // [N131]
			sum := sha256.Sum256([]byte(m.Text))
			m.DeduplicationID = hex.EncodeToString(sum[:])
		}
	}
	unlock := s.orders.lock(topic.Arn)
	defer unlock()
	fresh, err := s.number(ctx, topic, messages)
	if err != nil {
		return err
	}
	// The subscriptions are read under the lock: a replay that ends under it
	// hands over to what is published next.
	recipients, err := s.recipientsNow(ctx, topic, fresh)
	if err != nil {
		return err
	}
	if err := s.fanOutAll(ctx, topic, fresh, recipients); err != nil {
		return err
	}
	return s.remember(ctx, topic, fresh)
}

// number gives messages their sequence numbers and answers those that are new.
func (s *Service) number(ctx context.Context, topic *topicRecord, messages []*message) ([]*message, error) {
	now := s.clock.Now()
	drawn := make([]string, len(messages))
	for i, m := range messages {
		drawn[i] = m.ID
	}
	var fresh []*message
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		fresh = nil
		if err := confirm(tx, topic); err != nil {
			return err
		}
		taken := map[string]*dedupRecord{}
		count := sequenceRecord{}
		if stored := s.sequences.get(tx, topic.Arn); stored != nil {
			count = *stored
		}
		for i, m := range messages {
			key := m.dedupKey(topic)
			before := taken[key]
			if before == nil {
				before = s.dedup.get(tx, key)
			}
			if before != nil && now.Before(before.Expires) {
				m.ID, m.Sequence = before.MessageID, before.Sequence
				continue
			}
			count.Last++
			m.ID, m.Sequence = drawn[i], sequenceNumber(count.Last)
			taken[key] = &dedupRecord{m.ID, m.Sequence, now.Add(deduplicationPeriod)}
			fresh = append(fresh, m)
		}
		s.sequences.put(tx, topic.Arn, &count)
		return nil
	})
	return fresh, err
}

// remember stores what a FIFO topic delivered: for deduplication, and in the
// topic's archive.
func (s *Service) remember(ctx context.Context, topic *topicRecord, messages []*message) error {
	if len(messages) == 0 {
		return nil
	}
	entries := make([]*archived, 0, len(messages))
	if topic.retention > 0 {
		for _, m := range messages {
			entry, err := s.archived(topic, m)
			if err != nil {
				return err
			}
			entries = append(entries, entry)
		}
	}
	now := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		s.forgetOld(tx, topic, now)
		expires := now.Add(deduplicationPeriod)
		for _, m := range messages {
			key := m.dedupKey(topic)
			s.dedup.put(tx, key, &dedupRecord{m.ID, m.Sequence, expires})
			s.dedupEnds.put(tx, dedupEndKey(topic.Arn, expires, key), new(struct{}))
		}
		for _, entry := range entries {
			s.archive.put(tx, entry.key(topic.Arn), entry)
		}
		return nil
	})
}

// dedupEndKey is where the end of a deduplication record stands: in order of time.
func dedupEndKey(topic string, expires time.Time, key string) string {
	return topic + "\x00" + timeKey(expires) + strings.TrimPrefix(key, topic)
}

// sweep is how many old records one publication clears away. It is more than
// it adds, so that they do not pile up.
const sweep = 4 * maxBatch

// forgetOld clears away some of what the topic need not remember any more.
func (s *Service) forgetOld(tx store.Tx, topic *topicRecord, now time.Time) {
	prefix := topic.Arn + "\x00"
	var ended, old []string
	for key := range s.dedupEnds.keys(tx, prefix, "", sweep) {
		if key >= prefix+timeKey(now.Add(time.Nanosecond)) {
			break
		}
		ended = append(ended, key)
	}
	for _, key := range ended {
		s.dedupEnds.delete(tx, key)
		of := topic.Arn + key[len(prefix)+20:]
		if record := s.dedup.get(tx, of); record != nil && !now.Before(record.Expires) {
			s.dedup.delete(tx, of)
		}
	}
	limit := prefix + timeKey(now.Add(-topic.retention).Add(time.Nanosecond))
	for key := range s.archive.keys(tx, prefix, "", sweep) {
		if key >= limit {
			break
		}
		old = append(old, key)
	}
	for _, key := range old {
		s.archive.delete(tx, key)
	}
}
