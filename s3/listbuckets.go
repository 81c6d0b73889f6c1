package s3

import (
	"context"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// maxBuckets is how many buckets one page lists at most.
const maxBuckets = 10_000

// ListBuckets lists the caller's account's buckets, in the order of their names.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html.
func (s *Service) ListBuckets(ctx context.Context, in *ListBucketsInput) (*ListBucketsOutput, error) {
	r := api.RequestFrom(ctx)
	limit, from, err := s.bucketsAsked(in)
	if err != nil {
		return nil, err
	}
	out := &ListBucketsOutput{Owner: ownerOf(r.Account)}
	if in.Prefix != nil {
		out.Prefix = *in.Prefix
	}
	asked := in.MaxBuckets != nil || in.Prefix != nil || in.BucketRegion != nil || from != "" // [S045]
	var buckets []*bucket
	err = s.engine.View(ctx, func(r2 store.Reader) error {
		buckets = s.ownedBuckets(r2, r.Account, out.Prefix, from, in.BucketRegion, limit+1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(buckets) > limit {
		out.ContinuationToken = resource.NewToken(buckets[limit].Name)
		buckets = buckets[:limit]
	}
	out.Buckets = make([]Bucket, len(buckets))
	for i, b := range buckets {
		out.Buckets[i] = Bucket{Name: b.Name, CreationDate: b.Created, BucketArn: b.arn()}
		if asked {
			out.Buckets[i].BucketRegion = b.Region
		}
	}
	return out, nil
}

// bucketsAsked is how many buckets an input asks for, and from which on.
func (s *Service) bucketsAsked(in *ListBucketsInput) (limit int, from string, err error) {
	limit = maxBuckets
	if in.MaxBuckets != nil {
		if n := int(*in.MaxBuckets); n >= 1 && n <= maxBuckets {
			limit = n
		} else {
			return 0, "", badArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", strconv.Itoa(n))
		}
	}
	if in.BucketRegion != nil && !s.isRegion(*in.BucketRegion) {
		return 0, "", ErrInvalidArgument.With("Argument value "+*in.BucketRegion+" is not a valid AWS Region").Detailed("ArgumentName", "bucket-region") // [S046]
	}
	if in.ContinuationToken == nil {
		return limit, "", nil
	}
	from, valid := resource.ReadToken(*in.ContinuationToken)
	if !valid {
		return 0, "", errBadToken
	}
	return limit, from, nil
}

// errBadToken is the error for a token that this list never gave [S155].
var errBadToken = ErrInvalidArgument.With("The continuation token provided is incorrect").Detailed("ArgumentName", "continuation-token")

// ownedBuckets are the first n buckets of an account from a name on, with a prefix and in
// a region, if one is given.
func (s *Service) ownedBuckets(r store.Reader, account, prefix, from string, region *string, n int) (buckets []*bucket) {
	begin := ownedKey(account, "")
	if from != "" {
		from = begin + from
	}
	for key := range r.Scan(begin+prefix, from, store.All) {
		b := s.buckets.Get(r, strings.TrimPrefix(key, begin))
		if b == nil || region != nil && *region != b.Region {
			continue
		}
		if buckets = append(buckets, b); len(buckets) == n {
			break
		}
	}
	return buckets
}

func (s *Service) isRegion(name string) bool {
	_, ok := s.regions.Find(name)
	return ok
}
