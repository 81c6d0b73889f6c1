package inventory

import (
	"context"

	"github.com/waxseal/waxseal/s3"
)

// Buckets are the buckets, by ARN.
func (x Inventory) Buckets(ctx context.Context, of Scope) ([]s3.Summary, error) {
	list, err := x.S3.Summaries(ctx, of)
	return byKey(list, err, func(b *s3.Summary) string { return b.ARN })
}
