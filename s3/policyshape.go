package s3

// PutBucketPolicyInput is the input of PutBucketPolicy.
type PutBucketPolicyInput struct {
	Bucket                        string `rest:"path"`
	Policy                        string `rest:"body"`
	ChecksumAlgorithm             string `rest:"header=x-amz-sdk-checksum-algorithm"`
	ConfirmRemoveSelfBucketAccess *bool  `rest:"header=x-amz-confirm-remove-self-bucket-access"`
	ContentMD5                    string `rest:"header=content-md5"`
	ExpectedBucketOwner           string `rest:"header=x-amz-expected-bucket-owner"`
}

// PutBucketPolicyOutput is the output of PutBucketPolicy.
type PutBucketPolicyOutput struct{}

// GetBucketPolicyInput is the input of GetBucketPolicy.
type GetBucketPolicyInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketPolicyOutput is the output of GetBucketPolicy.
type GetBucketPolicyOutput struct {
	Policy string `rest:"body"`
}

// DeleteBucketPolicyInput is the input of DeleteBucketPolicy.
type DeleteBucketPolicyInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// DeleteBucketPolicyOutput is the output of DeleteBucketPolicy.
type DeleteBucketPolicyOutput struct{}

// GetBucketPolicyStatusInput is the input of GetBucketPolicyStatus.
type GetBucketPolicyStatusInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketPolicyStatusOutput is the output of GetBucketPolicyStatus.
type GetBucketPolicyStatusOutput struct {
	PolicyStatus *PolicyStatus `rest:"body=PolicyStatus"`
}

// PolicyStatus says whether a policy is public.
type PolicyStatus struct {
	IsPublic *bool
}

// PutPublicAccessBlockInput is the input of PutPublicAccessBlock.
type PutPublicAccessBlockInput struct {
	Bucket                         string                          `rest:"path"`
	PublicAccessBlockConfiguration *PublicAccessBlockConfiguration `rest:"body=PublicAccessBlockConfiguration" validate:"required"`
	ChecksumAlgorithm              string                          `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5                     string                          `rest:"header=content-md5"`
	ExpectedBucketOwner            string                          `rest:"header=x-amz-expected-bucket-owner"`
}

// PutPublicAccessBlockOutput is the output of PutPublicAccessBlock.
type PutPublicAccessBlockOutput struct{}

// GetPublicAccessBlockInput is the input of GetPublicAccessBlock.
type GetPublicAccessBlockInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetPublicAccessBlockOutput is the output of GetPublicAccessBlock.
type GetPublicAccessBlockOutput struct {
	PublicAccessBlockConfiguration *PublicAccessBlockConfiguration `rest:"body=PublicAccessBlockConfiguration"`
}

// DeletePublicAccessBlockInput is the input of DeletePublicAccessBlock.
type DeletePublicAccessBlockInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// DeletePublicAccessBlockOutput is the output of DeletePublicAccessBlock.
type DeletePublicAccessBlockOutput struct{}

// PublicAccessBlockConfiguration are the settings of Block Public Access. One that is left
// out is false [S209].
type PublicAccessBlockConfiguration struct {
	BlockPublicAcls       *bool
	BlockPublicPolicy     *bool
	IgnorePublicAcls      *bool
	RestrictPublicBuckets *bool
}

// PutBucketEncryptionInput is the input of PutBucketEncryption.
type PutBucketEncryptionInput struct {
	Bucket                            string                             `rest:"path"`
	ServerSideEncryptionConfiguration *ServerSideEncryptionConfiguration `rest:"body=ServerSideEncryptionConfiguration" validate:"required"`
	ChecksumAlgorithm                 string                             `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5                        string                             `rest:"header=content-md5"`
	ExpectedBucketOwner               string                             `rest:"header=x-amz-expected-bucket-owner"`
}

// PutBucketEncryptionOutput is the output of PutBucketEncryption.
type PutBucketEncryptionOutput struct{}

// GetBucketEncryptionInput is the input of GetBucketEncryption.
type GetBucketEncryptionInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketEncryptionOutput is the output of GetBucketEncryption.
type GetBucketEncryptionOutput struct {
	ServerSideEncryptionConfiguration *ServerSideEncryptionConfiguration `rest:"body=ServerSideEncryptionConfiguration"`
}

// DeleteBucketEncryptionInput is the input of DeleteBucketEncryption.
type DeleteBucketEncryptionInput struct {
	Bucket              string `rest:"path"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// DeleteBucketEncryptionOutput is the output of DeleteBucketEncryption.
type DeleteBucketEncryptionOutput struct{}

// ServerSideEncryptionConfiguration says how objects are encrypted whose writers do not say.
type ServerSideEncryptionConfiguration struct {
	Rules []ServerSideEncryptionRule `element:"Rule,flat"`
}

// ServerSideEncryptionRule is the one rule that a bucket has.
type ServerSideEncryptionRule struct {
	ApplyServerSideEncryptionByDefault *ServerSideEncryptionByDefault
	BlockedEncryptionTypes             *BlockedEncryptionTypes
	BucketKeyEnabled                   *bool
}

// ServerSideEncryptionByDefault names an algorithm and a KMS key.
type ServerSideEncryptionByDefault struct {
	KMSMasterKeyID string
	SSEAlgorithm   string
}

// BlockedEncryptionTypes are the kinds of encryption that writers cannot ask for.
type BlockedEncryptionTypes struct {
	EncryptionType []string `element:"EncryptionType,flat"`
}
