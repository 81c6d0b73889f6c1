package sqs

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Summary is a queue as a list of queues shows it.
type Summary struct {
	ARN        string `json:"arn"`
	Name       string `json:"name"`
	Account    string `json:"account"`
	Region     string `json:"region"`
	FIFO       bool   `json:"fifo"`
	Encryption string `json:"encryption"` // SSE-KMS, SSE-SQS or none
	// KeyID is the KMS key as the queue's attribute names it.
	KeyID              string `json:"keyId,omitempty"`
	ReusePeriodSeconds int    `json:"reusePeriodSeconds,omitempty"`
	Visible            int64  `json:"visible"`
	InFlight           int64  `json:"inFlight"`
	Delayed            int64  `json:"delayed"`
	DeadLetterTarget   string `json:"deadLetterTarget,omitempty"` // its ARN
	HasPolicy          bool   `json:"hasPolicy"`
}

// Summaries are the queues of a scope, by account, region and name. The counts are exact.
func (s *Service) Summaries(ctx context.Context, of resource.Scope) ([]Summary, error) {
	list, due, err := s.summaries(ctx, of)
	for len(due) > 0 && err == nil {
		for some := range slices.Chunk(due, caughtUpAtOnce) {
			if err := s.catchUpSome(ctx, some); err != nil {
				return nil, err
			}
		}
		list, due, err = s.summaries(ctx, of)
	}
	return list, err
}

// caughtUpAtOnce is how many queues one transaction of catchUpSome catches up: few
// enough that other transactions do not wait long.
const caughtUpAtOnce = 64

// summaries are the queues of a scope, and the keys of those in which something is due,
// by which their counts are not exact.
func (s *Service) summaries(ctx context.Context, of resource.Scope) (list []Summary, due []string, err error) {
	now := s.clock.Now()
	err = s.engine.View(ctx, func(r store.Reader) error {
		list, due = []Summary{}, nil
		for key, q := range s.queues.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if !of.Has(q.Account, q.Region) {
				continue
			}
			v := look(r, q, now)
			n := v.counts()
			if n.visible+n.inFlight+n.delayed > 0 && v.due(&n) {
				due = append(due, key)
			}
			list = append(list, q.summary(n))
		}
		return nil
	})
	return list, due, err
}

// catchUpSome does some of what is due in the queues of the keys, by their attributes of
// now.
func (s *Service) catchUpSome(ctx context.Context, keys []string) error {
	now := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		for _, q := range s.queues.GetMany(tx, keys) {
			if q != nil { // nil: it was deleted meanwhile
				b := openBacklog(tx, q, now)
				b.catchUp()
				b.close()
			}
		}
		return nil
	})
}

func (q *queue) summary(n counts) Summary {
	out := Summary{
		ARN: q.arn, Name: q.Name, Account: q.Account, Region: q.Region, FIFO: q.fifo, Encryption: q.kind().String(),
		Visible: n.visible, InFlight: n.inFlight, Delayed: n.delayed, HasPolicy: q.policy != nil,
	}
	if q.kmsKey != "" {
		out.KeyID, out.ReusePeriodSeconds = q.kmsKey, int(q.reuse/time.Second)
	}
	if q.redrive != nil {
		out.DeadLetterTarget = q.redrive.arn
	}
	return out
}

// DataKeys are who has needed data keys of which queue, by ARN. A queue that nobody has sent
// to or received from with a KMS key has none.
func (s *Service) DataKeys(ctx context.Context) ([]envelope.Usage, error) {
	usages := s.cache.Usages()
	err := s.engine.View(ctx, func(r store.Reader) error {
		for i := range usages {
			usages[i].Reuse = 0
			if n, ok := nameOf(usages[i].Resource); ok {
				if q := s.queues.Get(r, n.key()); q != nil {
					usages[i].Reuse = q.reuse
				}
			}
		}
		return nil
	})
	return usages, err
}
