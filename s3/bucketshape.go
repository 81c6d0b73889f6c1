package s3

import (
	"time"
)

// CreateBucketInput is the input of CreateBucket.
type CreateBucketInput struct {
	Bucket                     string                     `rest:"path" trail:"name=bucketName"`
	ACL                        string                     `rest:"header=x-amz-acl"`
	BucketNamespace            string                     `rest:"header=x-amz-bucket-namespace"`
	CreateBucketConfiguration  *CreateBucketConfiguration `rest:"body=CreateBucketConfiguration"`
	GrantFullControl           string                     `rest:"header=x-amz-grant-full-control"`
	GrantRead                  string                     `rest:"header=x-amz-grant-read"`
	GrantReadACP               string                     `rest:"header=x-amz-grant-read-acp"`
	GrantWrite                 string                     `rest:"header=x-amz-grant-write"`
	GrantWriteACP              string                     `rest:"header=x-amz-grant-write-acp"`
	ObjectLockEnabledForBucket *bool                      `rest:"header=x-amz-bucket-object-lock-enabled"`
	ObjectOwnership            *string                    `rest:"header=x-amz-object-ownership"`
}

// CreateBucketOutput is the output of CreateBucket.
type CreateBucketOutput struct {
	BucketArn string `rest:"header=x-amz-bucket-arn"`
	Location  string `rest:"header=location"`
}

// HeadBucketInput is the input of HeadBucket.
type HeadBucketInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// HeadBucketOutput is the output of HeadBucket.
type HeadBucketOutput struct {
	AccessPointAlias   *bool  `rest:"header=x-amz-access-point-alias"`
	BucketArn          string `rest:"header=x-amz-bucket-arn"`
	BucketLocationName string `rest:"header=x-amz-bucket-location-name"`
	BucketLocationType string `rest:"header=x-amz-bucket-location-type"`
	BucketRegion       string `rest:"header=x-amz-bucket-region"`
}

// ListBucketsInput is the input of ListBuckets.
type ListBucketsInput struct {
	BucketRegion      *string `rest:"query=bucket-region"`
	ContinuationToken *string `rest:"query=continuation-token"`
	MaxBuckets        *int32  `rest:"query=max-buckets"`
	Prefix            *string `rest:"query=prefix"`
}

// ListBucketsOutput is the output of ListBuckets.
type ListBucketsOutput struct {
	_                 struct{} `rest:"root=ListAllMyBucketsResult"`
	Owner             *Owner   // first: the SDK for Java counts on it
	Buckets           []Bucket `element:"Buckets,member=Bucket"`
	ContinuationToken string
	Prefix            string
}

// DeleteBucketInput is the input of DeleteBucket.
type DeleteBucketInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// DeleteBucketOutput is the output of DeleteBucket.
type DeleteBucketOutput struct {
}

// GetBucketLocationInput is the input of GetBucketLocation.
type GetBucketLocationInput struct {
	Bucket              string `rest:"path" trail:"name=bucketName"`
	ExpectedBucketOwner string `rest:"header=x-amz-expected-bucket-owner"`
}

// GetBucketLocationOutput is the output of GetBucketLocation.
type GetBucketLocationOutput struct {
	_                  struct{} `rest:"root=LocationConstraint"`
	LocationConstraint string   `element:",text"`
}

// CreateBucketConfiguration says where a bucket is to be, and its tags.
type CreateBucketConfiguration struct {
	Bucket             *BucketInfo
	Location           *LocationInfo
	LocationConstraint string
	Tags               []Tag `element:"Tags,member=Tag"`
}

// Bucket is a bucket in a list.
type Bucket struct {
	BucketArn    string
	BucketRegion string
	CreationDate time.Time
	Name         string
}

// Owner is the account that owns something, by its canonical user id.
type Owner struct {
	DisplayName string
	ID          string
}

// BucketInfo tells what a directory bucket is.
type BucketInfo struct {
	DataRedundancy string
	Type           string
}

// LocationInfo tells where a directory bucket is.
type LocationInfo struct {
	Name string
	Type string
}

// Tag is a tag of a bucket or an object.
type Tag struct {
	Key   string `check:"required"`
	Value string `check:"required" out:"always"`
}
