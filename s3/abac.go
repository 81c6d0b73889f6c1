package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// The states of a bucket's access control by its tags [S247].
const (
	abacEnabled  = "Enabled"
	abacDisabled = "Disabled"
)

// errTagsDecide is the error for tags that are to be changed by an operation that needs no
// permission for the single tag, of a bucket whose tags decide.
var errTagsDecide = ErrMethodNotAllowed.With("The specified method is not allowed against this resource: attribute-based access control is enabled for the bucket, whose tags are changed by TagResource and UntagResource.")

// deciding are the bucket's tags, if they may decide; for its objects, too.
func (b *bucket) deciding() map[string]string {
	if !b.TagsDecide {
		return nil
	}
	tags := make(map[string]string, len(b.Tags))
	for _, t := range b.Tags {
		tags[t.Key] = t.Value
	}
	return tags
}

func (in *PutBucketAbacInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketAbac says whether policies can decide by the tags of a bucket.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html.
func (s *Service) PutBucketAbac(ctx context.Context, in *PutBucketAbacInput) (*PutBucketAbacOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketAbacInput](s), s.putBucketABAC)
}

func (s *Service) putBucketABAC(ctx context.Context, b *bucket, in *PutBucketAbacInput) (*PutBucketAbacOutput, error) {
	switch {
	case in.AbacStatus == nil:
		return nil, ErrMissingBody
	case in.AbacStatus.Status != abacEnabled && in.AbacStatus.Status != abacDisabled:
		return nil, ErrMalformedXML
	}
	return &PutBucketAbacOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.TagsDecide = in.AbacStatus.Status == abacEnabled })
}

func (in *GetBucketAbacInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketAbac tells whether policies can decide by the tags of a bucket.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAbac.html.
func (s *Service) GetBucketAbac(ctx context.Context, in *GetBucketAbacInput) (*GetBucketAbacOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketAbacInput](s), s.getBucketABAC)
}

func (s *Service) getBucketABAC(_ context.Context, b *bucket, _ *GetBucketAbacInput) (*GetBucketAbacOutput, error) {
	status := abacDisabled
	if b.TagsDecide {
		status = abacEnabled
	}
	return &GetBucketAbacOutput{&AbacStatus{status}}, nil
}
