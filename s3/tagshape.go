package s3

// GetBucketTaggingInput is the input of GetBucketTagging.
type GetBucketTaggingInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketTaggingOutput is the output of GetBucketTagging.
type GetBucketTaggingOutput struct {
	_      struct{} `rest:"root=Tagging"`
	TagSet []Tag    `element:"TagSet,member=Tag"`
}

// PutBucketTaggingInput is the input of PutBucketTagging.
type PutBucketTaggingInput struct {
	Bucket              string   `rest:"path" trail:"name=bucketName"`
	Tagging             *Tagging `rest:"body=Tagging"`
	ChecksumAlgorithm   string   `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5          string   `rest:"header=content-md5"`
	ExpectedBucketOwner string   `rest:"header=x-amz-expected-bucket-owner"`
}

// PutBucketTaggingOutput is the output of PutBucketTagging.
type PutBucketTaggingOutput struct {
}

// DeleteBucketTaggingInput is the input of DeleteBucketTagging.
type DeleteBucketTaggingInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// DeleteBucketTaggingOutput is the output of DeleteBucketTagging.
type DeleteBucketTaggingOutput struct {
}

// GetObjectTaggingInput is the input of GetObjectTagging.
type GetObjectTaggingInput struct {
	Bucket              string  `rest:"path" trail:"name=bucketName"`
	Key                 string  `rest:"path"`
	ExpectedBucketOwner string  `rest:"header=x-amz-expected-bucket-owner"`
	RequestPayer        string  `rest:"header=x-amz-request-payer"`
	VersionId           *string `rest:"query=versionId"`
}

// GetObjectTaggingOutput is the output of GetObjectTagging.
type GetObjectTaggingOutput struct {
	_         struct{} `rest:"root=Tagging"`
	TagSet    []Tag    `element:"TagSet,member=Tag"`
	VersionId string   `rest:"header=x-amz-version-id"`
}

// PutObjectTaggingInput is the input of PutObjectTagging.
type PutObjectTaggingInput struct {
	Bucket              string   `rest:"path" trail:"name=bucketName"`
	Key                 string   `rest:"path"`
	Tagging             *Tagging `rest:"body=Tagging"`
	ChecksumAlgorithm   string   `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5          string   `rest:"header=content-md5"`
	ExpectedBucketOwner string   `rest:"header=x-amz-expected-bucket-owner"`
	RequestPayer        string   `rest:"header=x-amz-request-payer"`
	VersionId           *string  `rest:"query=versionId"`
}

// PutObjectTaggingOutput is the output of PutObjectTagging.
type PutObjectTaggingOutput struct {
	VersionId string `rest:"header=x-amz-version-id"`
}

// DeleteObjectTaggingInput is the input of DeleteObjectTagging.
type DeleteObjectTaggingInput struct {
	Bucket              string  `rest:"path" trail:"name=bucketName"`
	Key                 string  `rest:"path"`
	ExpectedBucketOwner string  `rest:"header=x-amz-expected-bucket-owner"`
	VersionId           *string `rest:"query=versionId"`
}

// DeleteObjectTaggingOutput is the output of DeleteObjectTagging.
type DeleteObjectTaggingOutput struct {
	VersionId string `rest:"header=x-amz-version-id"`
}

// Tagging is a set of tags.
type Tagging struct {
	TagSet []Tag `element:"TagSet,member=Tag"`
}
