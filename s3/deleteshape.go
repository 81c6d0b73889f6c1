package s3

import (
	"time"
)

// DeleteObjectInput is the input of DeleteObject.
type DeleteObjectInput struct {
	Bucket                    string    `rest:"path" trail:"name=bucketName"`
	Key                       string    `rest:"path"`
	BypassGovernanceRetention *bool     `rest:"header=x-amz-bypass-governance-retention"`
	ExpectedBucketOwner       string    `rest:"header=x-amz-expected-bucket-owner"`
	IfMatch                   *string   `rest:"header=if-match"`
	IfMatchLastModifiedTime   time.Time `rest:"header=x-amz-if-match-last-modified-time"`
	IfMatchSize               *int64    `rest:"header=x-amz-if-match-size"`
	MFA                       string    `rest:"header=x-amz-mfa"`
	RequestPayer              string    `rest:"header=x-amz-request-payer"`
	VersionId                 *string   `rest:"query=versionId"`
}

// DeleteObjectOutput is the output of DeleteObject.
type DeleteObjectOutput struct {
	DeleteMarker   *bool  `rest:"header=x-amz-delete-marker"`
	RequestCharged string `rest:"header=x-amz-request-charged"`
	VersionId      string `rest:"header=x-amz-version-id"`
}

// DeleteObjectsInput is the input of DeleteObjects.
type DeleteObjectsInput struct {
	Bucket                    string  `rest:"path" trail:"name=bucketName"`
	Delete                    *Delete `rest:"body=Delete"`
	BypassGovernanceRetention *bool   `rest:"header=x-amz-bypass-governance-retention"`
	ChecksumAlgorithm         string  `rest:"header=x-amz-sdk-checksum-algorithm"`
	ExpectedBucketOwner       string  `rest:"header=x-amz-expected-bucket-owner"`
	MFA                       string  `rest:"header=x-amz-mfa"`
	RequestPayer              string  `rest:"header=x-amz-request-payer"`
	// ContentMD5 and Checksums are the checksums of the document, of which one must be there [S080].
	ContentMD5 string            `rest:"header=content-md5"`
	Checksums  map[string]string `rest:"headers=x-amz-checksum-"`
}

// DeleteObjectsOutput is the output of DeleteObjects.
type DeleteObjectsOutput struct {
	_              struct{}        `rest:"root=DeleteResult"`
	Deleted        []DeletedObject `element:"Deleted,flat"`
	Errors         []Error         `element:"Error,flat"`
	RequestCharged string          `rest:"header=x-amz-request-charged"`
}

// Delete lists the objects that are to be deleted.
type Delete struct {
	Objects []ObjectIdentifier `element:"Object,flat"`
	Quiet   *bool
}

// DeletedObject is an object that was deleted, or a marker that was made.
type DeletedObject struct {
	DeleteMarker          *bool
	DeleteMarkerVersionId string
	Key                   string
	VersionId             string
}

// Error is why an object was not deleted.
type Error struct {
	Code      string
	Key       string
	Message   string
	VersionId string
}

// ObjectIdentifier names an object, or one version of it.
type ObjectIdentifier struct {
	Key              string
	ETag             string
	LastModifiedTime time.Time
	Size             *int64
	VersionId        *string
}
