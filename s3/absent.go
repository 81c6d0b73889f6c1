package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// What tools read of every bucket, and no bucket has here [S083]: its owner pays, and
// nothing is logged or accelerated.

// absentOperations are the rows of the table for these.
func (s *Service) absentOperations() []api.Operation {
	return []api.Operation{
		api.On("GetBucketWebsite", absent[*GetBucketWebsiteInput, GetBucketWebsiteOutput](ErrNoWebsite), "s3:GetBucketWebsite", onBucket[*GetBucketWebsiteInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?website")),
		api.On("GetBucketCors", absent[*GetBucketCorsInput, GetBucketCorsOutput](ErrNoCORS), "s3:GetBucketCORS", onBucket[*GetBucketCorsInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?cors")),
		api.On("GetBucketLifecycleConfiguration", absent[*GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput](ErrNoLifecycle), "s3:GetLifecycleConfiguration",
			onBucket[*GetBucketLifecycleConfigurationInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?lifecycle")),
		api.On("GetObjectLockConfiguration", absent[*GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput](ErrNoObjectLock), "s3:GetBucketObjectLockConfiguration",
			onBucket[*GetObjectLockConfigurationInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?object-lock")),
		api.On("GetBucketReplication", absent[*GetBucketReplicationInput, GetBucketReplicationOutput](ErrNoReplication), "s3:GetReplicationConfiguration",
			onBucket[*GetBucketReplicationInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?replication")),
		api.On("GetBucketRequestPayment", getBucketRequestPayment, "s3:GetBucketRequestPayment", onBucket[*GetBucketRequestPaymentInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?requestPayment")),
		api.On("GetBucketLogging", getBucketLogging, "s3:GetBucketLogging", onBucket[*GetBucketLoggingInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?logging")),
		api.On("GetBucketAccelerateConfiguration", getBucketAccelerateConfiguration, "s3:GetAccelerateConfiguration",
			onBucket[*GetBucketAccelerateConfigurationInput](s), api.ReadOnly, api.HTTP("GET /{Bucket}?accelerate")),
	}
}

// absent is an operation that reads what no bucket has.
func absent[In, Out any](missing *api.Error) func(context.Context, *bucket, In) (*Out, error) {
	return func(_ context.Context, b *bucket, _ In) (*Out, error) {
		return nil, missing.Detailed("BucketName", b.Name)
	}
}

func (in *GetBucketWebsiteInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *GetBucketCorsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *GetBucketLifecycleConfigurationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *GetObjectLockConfigurationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *GetBucketReplicationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *GetBucketRequestPaymentInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func getBucketRequestPayment(context.Context, *bucket, *GetBucketRequestPaymentInput) (*GetBucketRequestPaymentOutput, error) {
	return &GetBucketRequestPaymentOutput{Payer: "BucketOwner"}, nil
}

func (in *GetBucketLoggingInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func getBucketLogging(context.Context, *bucket, *GetBucketLoggingInput) (*GetBucketLoggingOutput, error) {
	return &GetBucketLoggingOutput{}, nil
}

func (in *GetBucketAccelerateConfigurationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func getBucketAccelerateConfiguration(context.Context, *bucket, *GetBucketAccelerateConfigurationInput) (*GetBucketAccelerateConfigurationOutput, error) {
	return &GetBucketAccelerateConfigurationOutput{}, nil
}
