package s3

// GetBucketAclInput is the input of GetBucketAcl.
type GetBucketAclInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketAclOutput is the output of GetBucketAcl.
type GetBucketAclOutput struct {
	_      struct{} `rest:"root=AccessControlPolicy"`
	Grants []Grant  `element:"AccessControlList,member=Grant"`
	Owner  *Owner
}

// GetObjectAclInput is the input of GetObjectAcl.
type GetObjectAclInput struct {
	Bucket              string  `rest:"path" trail:"name=bucketName"`
	Key                 string  `rest:"path"`
	ExpectedBucketOwner string  `rest:"header=x-amz-expected-bucket-owner"`
	RequestPayer        string  `rest:"header=x-amz-request-payer"`
	VersionId           *string `rest:"query=versionId"`
}

// GetObjectAclOutput is the output of GetObjectAcl.
type GetObjectAclOutput struct {
	_              struct{} `rest:"root=AccessControlPolicy"`
	Grants         []Grant  `element:"AccessControlList,member=Grant"`
	Owner          *Owner
	RequestCharged string `rest:"header=x-amz-request-charged"`
}

// PutBucketAclInput is the input of PutBucketAcl.
type PutBucketAclInput struct {
	Bucket              string               `rest:"path" trail:"name=bucketName"`
	ACL                 string               `rest:"header=x-amz-acl"`
	AccessControlPolicy *AccessControlPolicy `rest:"body=AccessControlPolicy"`
	ChecksumAlgorithm   string               `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5          string               `rest:"header=content-md5"`
	ExpectedBucketOwner string               `rest:"header=x-amz-expected-bucket-owner"`
	GrantFullControl    string               `rest:"header=x-amz-grant-full-control"`
	GrantRead           string               `rest:"header=x-amz-grant-read"`
	GrantReadACP        string               `rest:"header=x-amz-grant-read-acp"`
	GrantWrite          string               `rest:"header=x-amz-grant-write"`
	GrantWriteACP       string               `rest:"header=x-amz-grant-write-acp"`
}

// PutBucketAclOutput is the output of PutBucketAcl.
type PutBucketAclOutput struct {
}

// PutObjectAclInput is the input of PutObjectAcl.
type PutObjectAclInput struct {
	Bucket              string               `rest:"path" trail:"name=bucketName"`
	Key                 string               `rest:"path"`
	ACL                 string               `rest:"header=x-amz-acl"`
	AccessControlPolicy *AccessControlPolicy `rest:"body=AccessControlPolicy"`
	ChecksumAlgorithm   string               `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5          string               `rest:"header=content-md5"`
	ExpectedBucketOwner string               `rest:"header=x-amz-expected-bucket-owner"`
	GrantFullControl    string               `rest:"header=x-amz-grant-full-control"`
	GrantRead           string               `rest:"header=x-amz-grant-read"`
	GrantReadACP        string               `rest:"header=x-amz-grant-read-acp"`
	GrantWrite          string               `rest:"header=x-amz-grant-write"`
	GrantWriteACP       string               `rest:"header=x-amz-grant-write-acp"`
	RequestPayer        string               `rest:"header=x-amz-request-payer"`
	VersionId           *string              `rest:"query=versionId"`
}

// PutObjectAclOutput is the output of PutObjectAcl.
type PutObjectAclOutput struct {
	RequestCharged string `rest:"header=x-amz-request-charged"`
}

// GetBucketOwnershipControlsInput is the input of GetBucketOwnershipControls.
type GetBucketOwnershipControlsInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketOwnershipControlsOutput is the output of GetBucketOwnershipControls.
type GetBucketOwnershipControlsOutput struct {
	OwnershipControls *OwnershipControls `rest:"body=OwnershipControls"`
}

// PutBucketOwnershipControlsInput is the input of PutBucketOwnershipControls.
type PutBucketOwnershipControlsInput struct {
	Bucket              string             `rest:"path" trail:"name=bucketName"`
	OwnershipControls   *OwnershipControls `rest:"body=OwnershipControls"`
	ChecksumAlgorithm   string             `rest:"header=x-amz-sdk-checksum-algorithm"`
	ContentMD5          string             `rest:"header=content-md5"`
	ExpectedBucketOwner string             `rest:"header=x-amz-expected-bucket-owner"`
}

// PutBucketOwnershipControlsOutput is the output of PutBucketOwnershipControls.
type PutBucketOwnershipControlsOutput struct {
}

// DeleteBucketOwnershipControlsInput is the input of DeleteBucketOwnershipControls.
type DeleteBucketOwnershipControlsInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// DeleteBucketOwnershipControlsOutput is the output of DeleteBucketOwnershipControls.
type DeleteBucketOwnershipControlsOutput struct {
}

// Grant allows a grantee something.
type Grant struct {
	Grantee    *Grantee
	Permission string
}

// AccessControlPolicy is an ACL.
type AccessControlPolicy struct {
	Grants []Grant `element:"AccessControlList,member=Grant"`
	Owner  *Owner
}

// OwnershipControls says whose the objects of a bucket are.
type OwnershipControls struct {
	Rules []OwnershipControlsRule `element:"Rule,flat"`
}

// Grantee is whom a grant is for.
type Grantee struct {
	Type         string `element:",attr=xsi:type"`
	DisplayName  string
	EmailAddress string
	ID           string
	URI          string
}

// OwnershipControlsRule says whose the objects of a bucket are.
type OwnershipControlsRule struct {
	ObjectOwnership string
}
