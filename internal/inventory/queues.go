package inventory

import (
	"context"

	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// Queues are the queues, by ARN.
func (x Inventory) Queues(ctx context.Context, of Scope) ([]sqs.Summary, error) {
	list, err := x.SQS.Summaries(ctx, of)
	return byKey(list, err, func(q *sqs.Summary) string { return q.ARN })
}

// Topics are the topics with their subscriptions, by ARN.
func (x Inventory) Topics(ctx context.Context, of Scope) ([]sns.Summary, error) {
	list, err := x.SNS.Summaries(ctx, of)
	return byKey(list, err, func(t *sns.Summary) string { return t.ARN })
}
