package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// changeBucket changes what is said of a bucket.
func (s *Service) changeBucket(ctx context.Context, b *bucket, change func(*bucket)) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, b); err != nil {
			return err
		}
		changed := s.buckets.Edit(tx, b.Name)
		change(changed)
		s.buckets.Put(tx, b.Name, changed)
		return nil
	})
}

func (in *PutBucketVersioningInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketVersioning has a bucket keep versions of its objects, or no more new ones.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html.
func (s *Service) PutBucketVersioning(ctx context.Context, in *PutBucketVersioningInput) (*PutBucketVersioningOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketVersioningInput](s), s.putBucketVersioning)
}

func (s *Service) putBucketVersioning(ctx context.Context, b *bucket, in *PutBucketVersioningInput) (*PutBucketVersioningOutput, error) {
	asked := in.VersioningConfiguration
	switch { // [S160]
	case asked == nil:
		return nil, ErrMissingBody
	case asked.MFADelete != "" && asked.MFADelete != "Enabled" && asked.MFADelete != "Disabled":
		return nil, ErrMalformedXML
	case asked.Status == "":
		return nil, ErrIllegalVersioning
	case asked.Status != versioningEnabled && asked.Status != versioningSuspended:
		return nil, ErrMalformedXML
	case asked.MFADelete == "Enabled" || in.MFA != "":
		return nil, notImplemented("x-amz-mfa", "")
	}
	return &PutBucketVersioningOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Versioning = asked.Status })
}

func (in *GetBucketVersioningInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketVersioning tells whether a bucket keeps versions; nothing where it never did.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html.
func (s *Service) GetBucketVersioning(ctx context.Context, in *GetBucketVersioningInput) (*GetBucketVersioningOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketVersioningInput](s), s.getBucketVersioning)
}

func (s *Service) getBucketVersioning(_ context.Context, b *bucket, _ *GetBucketVersioningInput) (*GetBucketVersioningOutput, error) {
	return &GetBucketVersioningOutput{Status: b.Versioning}, nil
}

func (in *PutBucketOwnershipControlsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketOwnershipControls says whose the objects of a bucket are, and so whether
// there are ACLs.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html.
func (s *Service) PutBucketOwnershipControls(ctx context.Context, in *PutBucketOwnershipControlsInput) (*PutBucketOwnershipControlsOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketOwnershipControlsInput](s), s.putBucketOwnershipControls)
}

func (s *Service) putBucketOwnershipControls(ctx context.Context, b *bucket, in *PutBucketOwnershipControlsInput) (*PutBucketOwnershipControlsOutput, error) {
	switch asked := in.OwnershipControls; { // [S187]
	case asked == nil:
		return nil, ErrMissingBody
	case len(asked.Rules) != 1 || !ownerships[asked.Rules[0].ObjectOwnership]:
		return nil, ErrMalformedXML
	}
	return &PutBucketOwnershipControlsOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Ownership = in.OwnershipControls.Rules[0].ObjectOwnership })
}

func (in *GetBucketOwnershipControlsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketOwnershipControls tells whose the objects of a bucket are.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html.
func (s *Service) GetBucketOwnershipControls(ctx context.Context, in *GetBucketOwnershipControlsInput) (*GetBucketOwnershipControlsOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketOwnershipControlsInput](s), s.getBucketOwnershipControls)
}

func (s *Service) getBucketOwnershipControls(_ context.Context, b *bucket, _ *GetBucketOwnershipControlsInput) (*GetBucketOwnershipControlsOutput, error) {
	if b.Ownership == "" {
		return nil, ErrOwnershipNotFound.Detailed("BucketName", b.Name)
	}
	return &GetBucketOwnershipControlsOutput{OwnershipControls: &OwnershipControls{Rules: []OwnershipControlsRule{{ObjectOwnership: b.Ownership}}}}, nil
}

func (in *DeleteBucketOwnershipControlsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// DeleteBucketOwnershipControls has nothing say whose the objects of a bucket are.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html.
func (s *Service) DeleteBucketOwnershipControls(ctx context.Context, in *DeleteBucketOwnershipControlsInput) (*DeleteBucketOwnershipControlsOutput, error) {
	return api.Do(ctx, in, onBucket[*DeleteBucketOwnershipControlsInput](s), s.deleteBucketOwnershipControls)
}

func (s *Service) deleteBucketOwnershipControls(ctx context.Context, b *bucket, _ *DeleteBucketOwnershipControlsInput) (*DeleteBucketOwnershipControlsOutput, error) {
	return &DeleteBucketOwnershipControlsOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Ownership = "" })
}
