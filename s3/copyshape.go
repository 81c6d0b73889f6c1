package s3

import (
	"time"
)

// CopyObjectInput is the input of CopyObject.
type CopyObjectInput struct {
	Bucket                           string            `rest:"path" trail:"name=bucketName"`
	CopySource                       string            `rest:"header=x-amz-copy-source"`
	Key                              string            `rest:"path"`
	ACL                              string            `rest:"header=x-amz-acl"`
	AnnotationDirective              string            `rest:"header=x-amz-object-annotation-directive"`
	BucketKeyEnabled                 *bool             `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CacheControl                     string            `rest:"header=cache-control"`
	ChecksumAlgorithm                string            `rest:"header=x-amz-checksum-algorithm"`
	ContentDisposition               string            `rest:"header=content-disposition"`
	ContentEncoding                  string            `rest:"header=content-encoding"`
	ContentLanguage                  string            `rest:"header=content-language"`
	ContentType                      string            `rest:"header=content-type"`
	CopySourceIfMatch                string            `rest:"header=x-amz-copy-source-if-match"`
	CopySourceIfModifiedSince        time.Time         `rest:"header=x-amz-copy-source-if-modified-since"`
	CopySourceIfNoneMatch            string            `rest:"header=x-amz-copy-source-if-none-match"`
	CopySourceIfUnmodifiedSince      time.Time         `rest:"header=x-amz-copy-source-if-unmodified-since"`
	CopySourceSSECustomerAlgorithm   string            `rest:"header=x-amz-copy-source-server-side-encryption-customer-algorithm"`
	CopySourceSSECustomerKey         string            `rest:"header=x-amz-copy-source-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	CopySourceSSECustomerKeyMD5      string            `rest:"header=x-amz-copy-source-server-side-encryption-customer-key-md5"`
	ExpectedBucketOwner              string            `rest:"header=x-amz-expected-bucket-owner"`
	ExpectedSourceBucketOwner        string            `rest:"header=x-amz-source-expected-bucket-owner"`
	Expires                          time.Time         `rest:"header=expires"`
	GrantFullControl                 string            `rest:"header=x-amz-grant-full-control"`
	GrantRead                        string            `rest:"header=x-amz-grant-read"`
	GrantReadACP                     string            `rest:"header=x-amz-grant-read-acp"`
	GrantWriteACP                    string            `rest:"header=x-amz-grant-write-acp"`
	IfMatch                          *string           `rest:"header=if-match"`
	IfNoneMatch                      *string           `rest:"header=if-none-match"`
	Metadata                         map[string]string `rest:"headers=x-amz-meta-"`
	MetadataDirective                string            `rest:"header=x-amz-metadata-directive"`
	ObjectLockEventHold              string            `rest:"header=x-amz-object-lock-event-hold"`
	ObjectLockEventHoldDurationDays  *int32            `rest:"header=x-amz-object-lock-event-hold-duration-days"`
	ObjectLockEventHoldDurationYears *int32            `rest:"header=x-amz-object-lock-event-hold-duration-years"`
	ObjectLockLegalHoldStatus        string            `rest:"header=x-amz-object-lock-legal-hold"`
	ObjectLockMode                   string            `rest:"header=x-amz-object-lock-mode"`
	ObjectLockRetainUntilDate        time.Time         `rest:"header=x-amz-object-lock-retain-until-date"`
	RequestPayer                     string            `rest:"header=x-amz-request-payer"`
	SSECustomerAlgorithm             string            `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey                   string            `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5                string            `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSEncryptionContext          string            `rest:"header=x-amz-server-side-encryption-context"`
	SSEKMSKeyId                      string            `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption             string            `rest:"header=x-amz-server-side-encryption"`
	StorageClass                     string            `rest:"header=x-amz-storage-class"`
	Tagging                          *string           `rest:"header=x-amz-tagging"`
	TaggingDirective                 string            `rest:"header=x-amz-tagging-directive"`
	WebsiteRedirectLocation          string            `rest:"header=x-amz-website-redirect-location"`
}

// CopyObjectOutput is the output of CopyObject.
type CopyObjectOutput struct {
	BucketKeyEnabled        *bool             `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CopyObjectResult        *CopyObjectResult `rest:"body=CopyObjectResult"`
	CopySourceVersionId     string            `rest:"header=x-amz-copy-source-version-id"`
	Expiration              string            `rest:"header=x-amz-expiration"`
	RequestCharged          string            `rest:"header=x-amz-request-charged"`
	SSECustomerAlgorithm    string            `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5       string            `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSEncryptionContext string            `rest:"header=x-amz-server-side-encryption-context"`
	SSEKMSKeyId             string            `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption    string            `rest:"header=x-amz-server-side-encryption"`
	VersionId               string            `rest:"header=x-amz-version-id"`
}

// UploadPartCopyInput is the input of UploadPartCopy.
type UploadPartCopyInput struct {
	Bucket                         string    `rest:"path" trail:"name=bucketName"`
	CopySource                     string    `rest:"header=x-amz-copy-source"`
	Key                            string    `rest:"path"`
	PartNumber                     *int32    `rest:"query=partNumber"`
	UploadId                       string    `rest:"query=uploadId"`
	CopySourceIfMatch              string    `rest:"header=x-amz-copy-source-if-match"`
	CopySourceIfModifiedSince      time.Time `rest:"header=x-amz-copy-source-if-modified-since"`
	CopySourceIfNoneMatch          string    `rest:"header=x-amz-copy-source-if-none-match"`
	CopySourceIfUnmodifiedSince    time.Time `rest:"header=x-amz-copy-source-if-unmodified-since"`
	CopySourceRange                *string   `rest:"header=x-amz-copy-source-range"`
	CopySourceSSECustomerAlgorithm string    `rest:"header=x-amz-copy-source-server-side-encryption-customer-algorithm"`
	CopySourceSSECustomerKey       string    `rest:"header=x-amz-copy-source-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	CopySourceSSECustomerKeyMD5    string    `rest:"header=x-amz-copy-source-server-side-encryption-customer-key-md5"`
	ExpectedBucketOwner            string    `rest:"header=x-amz-expected-bucket-owner"`
	ExpectedSourceBucketOwner      string    `rest:"header=x-amz-source-expected-bucket-owner"`
	RequestPayer                   string    `rest:"header=x-amz-request-payer"`
	SSECustomerAlgorithm           string    `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey                 string    `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5              string    `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
}

// UploadPartCopyOutput is the output of UploadPartCopy.
type UploadPartCopyOutput struct {
	BucketKeyEnabled     *bool           `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CopyPartResult       *CopyPartResult `rest:"body=CopyPartResult"`
	CopySourceVersionId  string          `rest:"header=x-amz-copy-source-version-id"`
	RequestCharged       string          `rest:"header=x-amz-request-charged"`
	SSECustomerAlgorithm string          `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5    string          `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSKeyId          string          `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption string          `rest:"header=x-amz-server-side-encryption"`
}

// CopyObjectResult tells what a copy became.
type CopyObjectResult struct {
	ChecksumCRC32     string
	ChecksumCRC32C    string
	ChecksumCRC64NVME string
	ChecksumMD5       string
	ChecksumSHA1      string
	ChecksumSHA256    string
	ChecksumSHA512    string
	ChecksumType      string
	ChecksumXXHASH128 string
	ChecksumXXHASH3   string
	ChecksumXXHASH64  string
	ETag              string
	LastModified      time.Time
}

// CopyPartResult tells what a copied part became.
type CopyPartResult struct {
	ChecksumCRC32     string
	ChecksumCRC32C    string
	ChecksumCRC64NVME string
	ChecksumMD5       string
	ChecksumSHA1      string
	ChecksumSHA256    string
	ChecksumSHA512    string
	ChecksumXXHASH128 string
	ChecksumXXHASH3   string
	ChecksumXXHASH64  string
	ETag              string
	LastModified      time.Time
}
