package sqs

import (
	"context"
	"iter"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// sourceKey is the key of the record that a queue uses a dead-letter queue.
func sourceKey(deadLetters string, source name) string {
	return sourcePrefix + deadLetters + "\x00" + source.key()
}

// redriveTo checks the RedrivePolicy of c against the existing queues, and updates
// the list of the dead-letter queue's sources.
func (s *Service) redriveTo(tx store.Tx, q *queue, c change) error {
	text, given := c["RedrivePolicy"]
	if !given {
		return nil
	}
	if q.redrive != nil {
		tx.Delete(sourceKey(q.redrive.arn, q.name()))
	}
	if text == "" {
		return nil
	}
	p := storedRedrivePolicy(text)
	target := s.queues.Get(tx, p.target.key())
	switch {
	case p.target.region != q.Region || p.target.account != q.Account:
		return badRedrive(text, "Dead-letter target owner should be same as the source.")
	case target == nil:
		return badRedrive(text, "Dead letter target does not exist.")
	case target.fifo != strings.HasSuffix(q.Name, ".fifo"):
		return badRedrive(text, "Dead-letter queue must be same type of queue as the source.")
	}
	allow := target.allow
	if own, given := c["RedriveAllowPolicy"]; given && p.target == q.name() {
		allow = storedRedriveAllowPolicy(own)
	}
	if !allow.allows(q.name().arn()) {
		return badRedrive(text, "Queue does not have permission to use "+p.arn+" as a dead-letter queue.")
	}
	tx.Put(sourceKey(p.arn, q.name()), nil)
	return nil
}

// deadLetters is the dead-letter queue of a queue.
type deadLetters struct {
	*queue
	maxReceive uint32
}

// deadLetterQueue is where messages go that were received too often; nil where
// the queue has no dead-letter queue, or it was deleted: then they stay.
func (s *Service) deadLetterQueue(v *backlogView) *deadLetters {
	if v.q.redrive == nil {
		return nil
	}
	target := s.queues.Get(v.r, v.q.redrive.target.key())
	if target == nil {
		return nil
	}
	return &deadLetters{target, v.q.redrive.maxReceive}
}

// claims reports whether a message that is ready is to be moved there.
func (d *deadLetters) claims(st *state) bool {
	return d != nil && st.receives-st.before >= d.maxReceive
}

// move moves messages to the dead-letter queue without decrypting them [A3.4]. The age
// of a standard queue's messages goes on, that of a FIFO queue's begins anew; the
// latter are not deduplicated there, because each has an id of its own.
// The queue itself may be the dead-letter queue [Q171d].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html.
func (d *deadLetters) move(b *backlog, dead []candidate) {
	to := b.beside(d.queue)
	for _, c := range dead {
		m := b.message(c.o)
		if m == nil { // damaged: it stays until it is too old
			continue
		}
		b.remove(c.o, c.group, c.state)
		m.DeadLetterSource = b.q.arn
		o := to.orderAt(c.o.at())
		if d.fifo {
			m.Sent, m.Deduplication = b.now, m.ID
			o = to.nextOrder()
		}
		st := *c.state
		st.before = st.receives
		to.add(o, m.Group, &m.dataKey, m.encode(), &st)
	}
	to.close()
}

// ListDeadLetterSourceQueuesInput is the input of ListDeadLetterSourceQueues.
type ListDeadLetterSourceQueuesInput struct {
	QueueUrl   string `check:"required"`
	MaxResults *int32
	NextToken  string
}

func (in *ListDeadLetterSourceQueuesInput) queue() string { return in.QueueUrl }

// ListDeadLetterSourceQueuesOutput is the output of ListDeadLetterSourceQueues.
type ListDeadLetterSourceQueuesOutput struct {
	QueueUrls []string `name:"queueUrls" query:"QueueUrl,flat"`
	NextToken string
}

// ListDeadLetterSourceQueues lists the queues that use a queue as their dead-letter queue.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html.
func (s *Service) ListDeadLetterSourceQueues(ctx context.Context, in *ListDeadLetterSourceQueuesInput) (*ListDeadLetterSourceQueuesOutput, error) {
	return api.Do(ctx, in, onQueue[*ListDeadLetterSourceQueuesInput](s), s.listDeadLetterSourceQueues)
}

func (s *Service) listDeadLetterSourceQueues(ctx context.Context, q *queue, in *ListDeadLetterSourceQueuesInput) (*ListDeadLetterSourceQueuesOutput, error) {
	p, err := newPage(in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := new(ListDeadLetterSourceQueuesOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		*out = ListDeadLetterSourceQueuesOutput{}
		for key, source := range s.sources(r, q.arn, p.from) {
			if len(out.QueueUrls) == p.size {
				out.NextToken = p.token(key)
				break
			}
			out.QueueUrls = append(out.QueueUrls, queueURL(ctx, source))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// sources yields the queues whose dead-letter queue has the given ARN, from a key on.
func (s *Service) sources(r store.Reader, deadLetters, from string) iter.Seq2[string, name] {
	prefix := sourcePrefix + deadLetters + "\x00"
	if from != "" {
		from = prefix + from
	}
	return func(yield func(string, name) bool) {
		for key := range r.Scan(prefix, from, store.All) {
			key = strings.TrimPrefix(key, prefix)
			parts := strings.SplitN(key, "/", 3)
			if !yield(key, name{parts[0], parts[1], parts[2]}) {
				return
			}
		}
	}
}
