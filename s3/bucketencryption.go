package s3

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
)

// bucketEncryption is how a bucket's objects are encrypted whose writers do not say.
type bucketEncryption struct {
	Algorithm string
	KeyID     string `json:",omitempty"` // as it was given [S191]
	BucketKey bool   `json:",omitempty"`
	// BlocksCustomerKeys: it was said that keys of customers are blocked, which they are anyway.
	BlocksCustomerKeys bool `json:",omitempty"`
}

// encryption is the bucket's default: that of S3, unless somebody has set one [S190].
func (b *bucket) encryption() bucketEncryption {
	if b.Encryption == nil {
		return bucketEncryption{Algorithm: algorithmAES}
	}
	return *b.Encryption
}

const (
	blockedCustomerKeys = "SSE-C"
	blockedNone         = "NONE"
)

// readEncryption is the default that a configuration sets [S191].
func readEncryption(c *ServerSideEncryptionConfiguration) (*bucketEncryption, error) {
	if c == nil || len(c.Rules) != 1 {
		return nil, ErrMalformedXML
	}
	rule := &c.Rules[0]
	set := &bucketEncryption{Algorithm: algorithmAES, BucketKey: isTrue(rule.BucketKeyEnabled)}
	if blocked := rule.BlockedEncryptionTypes; blocked != nil {
		if slices.ContainsFunc(blocked.EncryptionType, func(t string) bool { return t != blockedCustomerKeys && t != blockedNone }) {
			return nil, ErrMalformedXML
		}
		if slices.Contains(blocked.EncryptionType, blockedNone) {
			return nil, ErrNotImplemented
		}
		set.BlocksCustomerKeys = len(blocked.EncryptionType) > 0
	}
	by := rule.ApplyServerSideEncryptionByDefault
	if by == nil {
		return set, nil
	}
	switch by.SSEAlgorithm {
	case algorithmAES, algorithmKMS:
	case "aws:kms:dsse", "aws:fsx":
		return nil, ErrNotImplemented
	default:
		return nil, ErrMalformedXML
	}
	if by.SSEAlgorithm == algorithmAES && by.KMSMasterKeyID != "" {
		return nil, ErrInvalidArgument.With("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse").
			Detailed("ArgumentName", "ApplyServerSideEncryptionByDefault")
	}
	set.Algorithm, set.KeyID = by.SSEAlgorithm, by.KMSMasterKeyID
	return set, nil
}

func (in *PutBucketEncryptionInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketEncryption sets how objects are encrypted whose writers do not say. The key is
// not looked at [S191].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html.
func (s *Service) PutBucketEncryption(ctx context.Context, in *PutBucketEncryptionInput) (*PutBucketEncryptionOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketEncryptionInput](s), s.putBucketEncryption)
}

func (s *Service) putBucketEncryption(ctx context.Context, b *bucket, in *PutBucketEncryptionInput) (*PutBucketEncryptionOutput, error) {
	set, err := readEncryption(in.ServerSideEncryptionConfiguration)
	if err != nil {
		return nil, err
	}
	return &PutBucketEncryptionOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Encryption = set })
}

func (in *GetBucketEncryptionInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketEncryption tells how objects are encrypted whose writers do not say.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html.
func (s *Service) GetBucketEncryption(ctx context.Context, in *GetBucketEncryptionInput) (*GetBucketEncryptionOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketEncryptionInput](s), s.getBucketEncryption)
}

func (s *Service) getBucketEncryption(_ context.Context, b *bucket, _ *GetBucketEncryptionInput) (*GetBucketEncryptionOutput, error) {
	is := b.encryption()
	rule := ServerSideEncryptionRule{
		ApplyServerSideEncryptionByDefault: &ServerSideEncryptionByDefault{is.KeyID, is.Algorithm}, BucketKeyEnabled: &is.BucketKey,
	}
	if is.BlocksCustomerKeys {
		rule.BlockedEncryptionTypes = &BlockedEncryptionTypes{[]string{blockedCustomerKeys}}
	}
	return &GetBucketEncryptionOutput{&ServerSideEncryptionConfiguration{[]ServerSideEncryptionRule{rule}}}, nil
}

func (in *DeleteBucketEncryptionInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// DeleteBucketEncryption makes the bucket's default that of S3 again [S191].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html.
func (s *Service) DeleteBucketEncryption(ctx context.Context, in *DeleteBucketEncryptionInput) (*DeleteBucketEncryptionOutput, error) {
	return api.Do(ctx, in, onBucket[*DeleteBucketEncryptionInput](s), s.deleteBucketEncryption)
}

func (s *Service) deleteBucketEncryption(ctx context.Context, b *bucket, _ *DeleteBucketEncryptionInput) (*DeleteBucketEncryptionOutput, error) {
	return &DeleteBucketEncryptionOutput{}, s.changeBucket(ctx, b, func(b *bucket) { b.Encryption = nil })
}
