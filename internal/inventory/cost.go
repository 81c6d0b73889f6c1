package inventory

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/envelope"
)

// Cost is what the calls of KMS for queues and topics cost in a month, as AWS estimates it.
type Cost struct {
	USDPer10000 float64        `json:"usdPer10000"` // of requests to KMS
	Days        int            `json:"days"`        // of the month
	Queues      []ResourceCost `json:"queues"`      // and topics, by ARN
}

// ResourceCost is what the key of a queue or topic costs.
type ResourceCost struct {
	ARN                string `json:"arn"`
	KeyID              string `json:"keyId"` // as its attribute names it
	ReusePeriodSeconds int    `json:"reusePeriodSeconds"`
	// Producers and Consumers are the requesters that were seen so far.
	Producers []string `json:"producers"`
	Consumers []string `json:"consumers"`
	Calls     KMSCalls `json:"calls"`
	// Monthly is for some reuse periods, and for the one that is set. That of a topic is fixed.
	Monthly []Monthly `json:"monthly"`
}

// KMSCalls is how often KMS was called since the start.
type KMSCalls struct{ GenerateDataKey, Decrypt int }

// Monthly is what a month costs where all who were seen so far go on all the time.
type Monthly struct {
	ReusePeriodSeconds int     `json:"reusePeriodSeconds"`
	Requests           int     `json:"requests"`
	USD                float64 `json:"usd"`
}

const (
	usdPer10000 = 0.03
	monthDays   = 30
)

// Costs are what the keys of queues and topics cost.
func (x Inventory) Costs(ctx context.Context, of Scope) (*Cost, error) {
	usages, err := x.dataKeyUsages(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*envelope.Usage{}
	for i := range usages {
		by[usages[i].Resource] = &usages[i]
	}
	queues, err := x.Queues(ctx, of)
	if err != nil {
		return nil, err
	}
	topics, err := x.Topics(ctx, of)
	if err != nil {
		return nil, err
	}
	cost := &Cost{USDPer10000: usdPer10000, Days: monthDays, Queues: []ResourceCost{}}
	for i := range queues {
		if q := &queues[i]; q.KeyID != "" {
			cost.Queues = append(cost.Queues, resourceCost(q.ARN, q.KeyID, q.ReusePeriodSeconds, by[q.ARN], 60, 300, 86400))
		}
	}
	for i := range topics {
		if t := &topics[i]; t.KeyID != "" {
			cost.Queues = append(cost.Queues, resourceCost(t.ARN, t.KeyID, int(envelope.DefaultReuse/time.Second), by[t.ARN]))
		}
	}
	return cost, nil
}

func resourceCost(arn, keyID string, reuse int, seen *envelope.Usage, periods ...int) ResourceCost {
	out := ResourceCost{ARN: arn, KeyID: keyID, ReusePeriodSeconds: reuse, Producers: []string{}, Consumers: []string{}}
	if seen != nil {
		out.Calls = KMSCalls{seen.GenerateDataKey, seen.Decrypt}
		for i := range seen.Requesters {
			list := &out.Producers
			if seen.Requesters[i].Decrypts {
				list = &out.Consumers
			}
			*list = append(*list, label(&seen.Requesters[i]))
		}
	}
	for _, list := range []*[]string{&out.Producers, &out.Consumers} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if !slices.Contains(periods, reuse) {
		periods = append(periods, reuse)
		slices.Sort(periods)
	}
	for _, period := range periods {
		out.Monthly = append(out.Monthly, monthly(period, len(out.Producers), len(out.Consumers)))
	}
	return out
}

// monthly is AWS's formula R = B/D × (2P + C): B the seconds of the month, D the reuse
// period, P the principals that send and C those that receive [A6.6]. SNS itself asks KMS for
// publishers alone [B7].
func monthly(period, producers, consumers int) Monthly {
	const seconds = monthDays * 24 * 60 * 60
	requests := math.Ceil(seconds / float64(period) * float64(2*producers+consumers))
	return Monthly{period, int(requests), math.Round(requests*usdPer10000*100) / 1e6}
}
