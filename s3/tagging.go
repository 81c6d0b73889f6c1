package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

func tagSet(tags []resource.Tag) []Tag {
	set := make([]Tag, len(tags))
	for i, t := range tags {
		set[i] = Tag{t.Key, t.Value}
	}
	return set
}

func (in *PutBucketTaggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketTagging gives a bucket tags in the place of those that it has.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html.
func (s *Service) PutBucketTagging(ctx context.Context, in *PutBucketTaggingInput) (*PutBucketTaggingOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketTaggingInput](s), s.putBucketTagging)
}

func (s *Service) putBucketTagging(ctx context.Context, b *bucket, in *PutBucketTaggingInput) (*PutBucketTaggingOutput, error) {
	if b.TagsDecide {
		return nil, errTagsDecide
	}
	if in.Tagging == nil {
		return nil, ErrMissingBody
	}
	tags := tagsOf(in.Tagging.TagSet)
	if err := checkBucketTags(tags, b.reservedFor(ctx)); err != nil {
		return nil, err
	}
	if err := b.keepsSystemTags(ctx, tags); err != nil {
		return nil, err
	}
	return &PutBucketTaggingOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Tags = tags })
}

func (in *GetBucketTaggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketTagging tells a bucket's tags.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html.
func (s *Service) GetBucketTagging(ctx context.Context, in *GetBucketTaggingInput) (*GetBucketTaggingOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketTaggingInput](s), s.getBucketTagging)
}

func (s *Service) getBucketTagging(_ context.Context, b *bucket, _ *GetBucketTaggingInput) (*GetBucketTaggingOutput, error) {
	if len(b.Tags) == 0 { // [S181]
		return nil, ErrNoSuchTagSet.Detailed("BucketName", b.Name)
	}
	return &GetBucketTaggingOutput{TagSet: tagSet(b.Tags)}, nil
}

func (in *DeleteBucketTaggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// DeleteBucketTagging takes a bucket's tags away, but for those of AWS.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html.
func (s *Service) DeleteBucketTagging(ctx context.Context, in *DeleteBucketTaggingInput) (*DeleteBucketTaggingOutput, error) {
	return api.Do(ctx, in, onBucket[*DeleteBucketTaggingInput](s), s.deleteBucketTagging)
}

func (s *Service) deleteBucketTagging(ctx context.Context, b *bucket, _ *DeleteBucketTaggingInput) (*DeleteBucketTaggingOutput, error) {
	if b.TagsDecide {
		return nil, errTagsDecide
	}
	return &DeleteBucketTaggingOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Tags = b.systemTags() })
}

func (in *PutObjectTaggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) putObjectTaggingChecks(ctx context.Context, in *PutObjectTaggingInput) ([]api.Check, *spot, error) {
	return s.changeChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:PutObjectTagging", "s3:PutObjectVersionTagging"))
}

// PutObjectTagging gives an object tags in the place of those that it has.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html.
func (s *Service) PutObjectTagging(ctx context.Context, in *PutObjectTaggingInput) (*PutObjectTaggingOutput, error) {
	return api.DoChecks(ctx, in, s.putObjectTaggingChecks, s.putObjectTagging)
}

func (s *Service) putObjectTagging(ctx context.Context, at *spot, in *PutObjectTaggingInput) (*PutObjectTaggingOutput, error) {
	if in.Tagging == nil {
		return nil, ErrMissingBody
	}
	tags := tagsOf(in.Tagging.TagSet)
	if err := checkObjectTags(tags); err != nil {
		return nil, err
	}
	return &PutObjectTaggingOutput{VersionId: at.versionTold()}, s.tagObject(ctx, at, "PUT", tags, taggingPut)
}

func (in *GetObjectTaggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) getObjectTaggingChecks(ctx context.Context, in *GetObjectTaggingInput) ([]api.Check, *spot, error) {
	checks, at, err := s.changeChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:GetObjectTagging", "s3:GetObjectVersionTagging"))
	if err == nil && at.object == nil && in.VersionId == nil {
		checks[len(checks)-1].Target.Missing = noSuchKey(in.Bucket + "/" + in.Key) // [S185]
	}
	return checks, at, err
}

// GetObjectTagging tells an object's tags.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html.
func (s *Service) GetObjectTagging(ctx context.Context, in *GetObjectTaggingInput) (*GetObjectTaggingOutput, error) {
	return api.DoChecks(ctx, in, s.getObjectTaggingChecks, s.getObjectTagging)
}

func (s *Service) getObjectTagging(_ context.Context, at *spot, _ *GetObjectTaggingInput) (*GetObjectTaggingOutput, error) {
	if at.object.Marker {
		return nil, at.object.isMarker("GET") // [S167]
	}
	return &GetObjectTaggingOutput{TagSet: tagSet(at.object.Tags), VersionId: at.versionTold()}, nil
}

func (in *DeleteObjectTaggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) deleteObjectTaggingChecks(ctx context.Context, in *DeleteObjectTaggingInput) ([]api.Check, *spot, error) {
	return s.changeChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"))
}

// DeleteObjectTagging takes an object's tags away.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html.
func (s *Service) DeleteObjectTagging(ctx context.Context, in *DeleteObjectTaggingInput) (*DeleteObjectTaggingOutput, error) {
	return api.DoChecks(ctx, in, s.deleteObjectTaggingChecks, s.deleteObjectTagging)
}

func (s *Service) deleteObjectTagging(ctx context.Context, at *spot, _ *DeleteObjectTaggingInput) (*DeleteObjectTaggingOutput, error) {
	return &DeleteObjectTaggingOutput{VersionId: at.versionTold()}, s.tagObject(ctx, at, "DELETE", nil, taggingDelete)
}

func (at *spot) versionTold() string { return at.bucket.versionTold(at.object) }

// tagObject changes the tags of an object.
func (s *Service) tagObject(ctx context.Context, at *spot, method string, tags []resource.Tag, event string) error {
	if at.object.Marker {
		return at.object.isMarker(method) // [S167]
	}
	defer s.outbox.Committed()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, at.bucket); err != nil {
			return err
		}
		if err := api.Confirm(tx, at.object, noSuchKey(at.key)); err != nil {
			return err
		}
		place := at.bucket.versionKey(at.key, at.object.Order)
		tagged := s.objects.Edit(tx, place)
		tagged.Tags = tags
		s.objects.Put(tx, place, tagged)
		s.happened(ctx, tx, &change{event: event, bucket: at.bucket, object: tagged, at: s.now()})
		return nil
	})
}
