package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// publicAccess are the settings of Block Public Access of a bucket.
type publicAccess struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

// blockEverything is what a new bucket has [S041].
func blockEverything() *publicAccess { return &publicAccess{true, true, true, true} }

// blocks are the settings in force; none are where nobody has set them.
func (b *bucket) blocks() publicAccess {
	if b.PublicAccess == nil {
		return publicAccess{}
	}
	return *b.PublicAccess
}

// restrictPublic denies what a public policy allows to anybody but the services of AWS and the
// principals of the bucket's account.
var restrictPublic = func() *policyeval.Document {
	d, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":{"Sid":"RestrictPublicBuckets","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",` +
		`"Condition":{"StringNotEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}}`)
	if err != nil {
		panic("s3: " + err.Error()) // it is well-formed
	}
	return d
}()

// block is what RestrictPublicBuckets denies, while the bucket's policy is public [S214].
func (b *bucket) block() []*policyeval.Policy {
	if !b.public || !b.blocks().RestrictPublicBuckets {
		return nil
	}
	return []*policyeval.Policy{{Name: b.arn(), Document: restrictPublic}}
}

func (in *PutPublicAccessBlockInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutPublicAccessBlock sets what public access of a bucket is blocked.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html.
func (s *Service) PutPublicAccessBlock(ctx context.Context, in *PutPublicAccessBlockInput) (*PutPublicAccessBlockOutput, error) {
	return api.Do(ctx, in, onBucket[*PutPublicAccessBlockInput](s), s.putPublicAccessBlock)
}

func (s *Service) putPublicAccessBlock(ctx context.Context, b *bucket, in *PutPublicAccessBlockInput) (*PutPublicAccessBlockOutput, error) {
	if in.PublicAccessBlockConfiguration == nil {
		return nil, ErrMalformedXML
	}
	c := in.PublicAccessBlockConfiguration
	set := &publicAccess{isTrue(c.BlockPublicAcls), isTrue(c.IgnorePublicAcls), isTrue(c.BlockPublicPolicy), isTrue(c.RestrictPublicBuckets)}
	return &PutPublicAccessBlockOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.PublicAccess = set })
}

func (in *GetPublicAccessBlockInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetPublicAccessBlock tells what public access of a bucket is blocked.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html.
func (s *Service) GetPublicAccessBlock(ctx context.Context, in *GetPublicAccessBlockInput) (*GetPublicAccessBlockOutput, error) {
	return api.Do(ctx, in, onBucket[*GetPublicAccessBlockInput](s), s.getPublicAccessBlock)
}

func (s *Service) getPublicAccessBlock(_ context.Context, b *bucket, _ *GetPublicAccessBlockInput) (*GetPublicAccessBlockOutput, error) {
	if b.PublicAccess == nil {
		return nil, ErrNoPublicAccessBlock.Detailed("BucketName", b.Name) // [S209]
	}
	is := b.blocks()
	return &GetPublicAccessBlockOutput{&PublicAccessBlockConfiguration{
		&is.BlockPublicAcls, &is.BlockPublicPolicy, &is.IgnorePublicAcls, &is.RestrictPublicBuckets,
	}}, nil
}

func (in *DeletePublicAccessBlockInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// DeletePublicAccessBlock blocks no public access of a bucket any more.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html.
func (s *Service) DeletePublicAccessBlock(ctx context.Context, in *DeletePublicAccessBlockInput) (*DeletePublicAccessBlockOutput, error) {
	return api.Do(ctx, in, onBucket[*DeletePublicAccessBlockInput](s), s.deletePublicAccessBlock)
}

func (s *Service) deletePublicAccessBlock(ctx context.Context, b *bucket, _ *DeletePublicAccessBlockInput) (*DeletePublicAccessBlockOutput, error) {
	return &DeletePublicAccessBlockOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.PublicAccess = nil })
}
