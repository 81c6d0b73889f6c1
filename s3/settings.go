package s3

import "github.com/waxseal/waxseal/internal/api"

// settingOperations are those of who may do what with a bucket, and how it encrypts.
func (s *Service) settingOperations() []api.Operation {
	return []api.Operation{
		api.On("PutBucketPolicy", s.putBucketPolicy, "s3:PutBucketPolicy", onPolicy[*PutBucketPolicyInput](s, "PUT"), api.HTTP("PUT /{Bucket}?policy"), api.NoContent),
		api.On("GetBucketPolicy", s.getBucketPolicy, "s3:GetBucketPolicy", onPolicy[*GetBucketPolicyInput](s, "GET"), api.ReadOnly, api.HTTP("GET /{Bucket}?policy")),
		api.On("DeleteBucketPolicy", s.deleteBucketPolicy, "s3:DeleteBucketPolicy", onPolicy[*DeleteBucketPolicyInput](s, "DELETE"), api.HTTP("DELETE /{Bucket}?policy"), api.NoContent),
		api.On("GetBucketPolicyStatus", s.getBucketPolicyStatus, "s3:GetBucketPolicyStatus", onBucket[*GetBucketPolicyStatusInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?policyStatus")),
		api.On("PutPublicAccessBlock", s.putPublicAccessBlock, "s3:PutBucketPublicAccessBlock", onBucket[*PutPublicAccessBlockInput](s), api.HTTP("PUT /{Bucket}?publicAccessBlock")),
		api.On("GetPublicAccessBlock", s.getPublicAccessBlock, "s3:GetBucketPublicAccessBlock", onBucket[*GetPublicAccessBlockInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?publicAccessBlock")),
		api.On("DeletePublicAccessBlock", s.deletePublicAccessBlock, "s3:PutBucketPublicAccessBlock", onBucket[*DeletePublicAccessBlockInput](s), api.HTTP("DELETE /{Bucket}?publicAccessBlock"), api.NoContent),
		api.On("PutBucketEncryption", s.putBucketEncryption, "s3:PutEncryptionConfiguration", onBucket[*PutBucketEncryptionInput](s), api.HTTP("PUT /{Bucket}?encryption")),
		api.On("GetBucketEncryption", s.getBucketEncryption, "s3:GetEncryptionConfiguration", onBucket[*GetBucketEncryptionInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?encryption")),
		api.On("DeleteBucketEncryption", s.deleteBucketEncryption, "s3:PutEncryptionConfiguration", onBucket[*DeleteBucketEncryptionInput](s), api.HTTP("DELETE /{Bucket}?encryption"), api.NoContent),
	}
}
