package s3

// PutBucketVersioningInput is the input of PutBucketVersioning.
type PutBucketVersioningInput struct {
	Bucket                  string                   `rest:"path" trail:"name=bucketName"`
	VersioningConfiguration *VersioningConfiguration `rest:"body=VersioningConfiguration"`
	ChecksumAlgorithm       string                   `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5              string                   `rest:"header=content-md5"`
	ExpectedBucketOwner     string                   `rest:"header=x-amz-expected-bucket-owner"`
	MFA                     string                   `rest:"header=x-amz-mfa"`
}

// PutBucketVersioningOutput is the output of PutBucketVersioning.
type PutBucketVersioningOutput struct {
}

// PutBucketAbacInput is the input of PutBucketAbac.
type PutBucketAbacInput struct {
	Bucket              string      `rest:"path" trail:"name=bucketName"`
	AbacStatus          *AbacStatus `rest:"body=AbacStatus"`
	ChecksumAlgorithm   string      `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5          string      `rest:"header=content-md5"`
	ExpectedBucketOwner string      `rest:"header=x-amz-expected-bucket-owner"`
}

// PutBucketAbacOutput is the output of PutBucketAbac.
type PutBucketAbacOutput struct {
}

// GetBucketAbacInput is the input of GetBucketAbac.
type GetBucketAbacInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketAbacOutput is the output of GetBucketAbac.
type GetBucketAbacOutput struct {
	AbacStatus *AbacStatus `rest:"body=AbacStatus"`
}

// AbacStatus says whether policies can decide by the tags of a bucket.
type AbacStatus struct {
	Status string
}

// GetBucketVersioningInput is the input of GetBucketVersioning.
type GetBucketVersioningInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketVersioningOutput is the output of GetBucketVersioning.
type GetBucketVersioningOutput struct {
	_         struct{} `rest:"root=VersioningConfiguration"`
	MFADelete string   `element:"MfaDelete"`
	Status    string
}

// GetBucketRequestPaymentInput is the input of GetBucketRequestPayment.
type GetBucketRequestPaymentInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketRequestPaymentOutput is the output of GetBucketRequestPayment.
type GetBucketRequestPaymentOutput struct {
	_     struct{} `rest:"root=RequestPaymentConfiguration"`
	Payer string
}

// GetBucketLoggingInput is the input of GetBucketLogging.
type GetBucketLoggingInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketLoggingOutput is the output of GetBucketLogging.
type GetBucketLoggingOutput struct {
	_              struct{} `rest:"root=BucketLoggingStatus"`
	LoggingEnabled *LoggingEnabled
}

// GetBucketAccelerateConfigurationInput is the input of GetBucketAccelerateConfiguration.
type GetBucketAccelerateConfigurationInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
	RequestPayer        string `rest:"header=x-amz-request-payer"`
}

// GetBucketAccelerateConfigurationOutput is the output of GetBucketAccelerateConfiguration.
type GetBucketAccelerateConfigurationOutput struct {
	_              struct{} `rest:"root=AccelerateConfiguration"`
	RequestCharged string   `rest:"header=x-amz-request-charged"`
	Status         string
}

// GetBucketCorsInput is the input of GetBucketCors.
type GetBucketCorsInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketCorsOutput is the output of GetBucketCors, which always ends with an error.
type GetBucketCorsOutput struct {
}

// GetBucketLifecycleConfigurationInput is the input of GetBucketLifecycleConfiguration.
type GetBucketLifecycleConfigurationInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketLifecycleConfigurationOutput is the output of GetBucketLifecycleConfiguration, which always ends with an error.
type GetBucketLifecycleConfigurationOutput struct {
}

// GetBucketReplicationInput is the input of GetBucketReplication.
type GetBucketReplicationInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketReplicationOutput is the output of GetBucketReplication, which always ends with an error.
type GetBucketReplicationOutput struct {
}

// GetBucketWebsiteInput is the input of GetBucketWebsite.
type GetBucketWebsiteInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketWebsiteOutput is the output of GetBucketWebsite, which always ends with an error.
type GetBucketWebsiteOutput struct {
}

// GetObjectLockConfigurationInput is the input of GetObjectLockConfiguration.
type GetObjectLockConfigurationInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetObjectLockConfigurationOutput is the output of GetObjectLockConfiguration, which always ends with an error.
type GetObjectLockConfigurationOutput struct {
}

// VersioningConfiguration says whether a bucket keeps versions.
type VersioningConfiguration struct {
	MFADelete string `element:"MfaDelete"`
	Status    string
}

// LoggingEnabled says where access logs go.
type LoggingEnabled struct {
	TargetBucket          string
	TargetPrefix          string
	TargetGrants          []TargetGrant `element:"TargetGrants,member=Grant"`
	TargetObjectKeyFormat *TargetObjectKeyFormat
}

// TargetGrant allows a grantee something on logs.
type TargetGrant struct {
	Grantee    *Grantee
	Permission string
}

// TargetObjectKeyFormat says how logs are called.
type TargetObjectKeyFormat struct {
	PartitionedPrefix *PartitionedPrefix
	SimplePrefix      *SimplePrefix
}

// PartitionedPrefix names logs by date.
type PartitionedPrefix struct {
	PartitionDateSource string
}

// SimplePrefix names logs by time.
type SimplePrefix struct {
}
