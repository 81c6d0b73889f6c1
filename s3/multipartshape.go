package s3

import (
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// CreateMultipartUploadInput is the input of CreateMultipartUpload.
type CreateMultipartUploadInput struct {
	Bucket                           string            `rest:"path" trail:"name=bucketName"`
	Key                              string            `rest:"path"`
	ACL                              string            `rest:"header=x-amz-acl"`
	BucketKeyEnabled                 *bool             `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CacheControl                     string            `rest:"header=cache-control"`
	ChecksumAlgorithm                string            `rest:"header=x-amz-checksum-algorithm"`
	ChecksumType                     string            `rest:"header=x-amz-checksum-type"`
	ContentDisposition               string            `rest:"header=content-disposition"`
	ContentEncoding                  string            `rest:"header=content-encoding"`
	ContentLanguage                  string            `rest:"header=content-language"`
	ContentType                      string            `rest:"header=content-type"`
	ExpectedBucketOwner              string            `rest:"header=x-amz-expected-bucket-owner"`
	Expires                          time.Time         `rest:"header=expires"`
	GrantFullControl                 string            `rest:"header=x-amz-grant-full-control"`
	GrantRead                        string            `rest:"header=x-amz-grant-read"`
	GrantReadACP                     string            `rest:"header=x-amz-grant-read-acp"`
	GrantWriteACP                    string            `rest:"header=x-amz-grant-write-acp"`
	Metadata                         map[string]string `rest:"headers=x-amz-meta-"`
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
	WebsiteRedirectLocation          string            `rest:"header=x-amz-website-redirect-location"`
}

// CreateMultipartUploadOutput is the output of CreateMultipartUpload.
type CreateMultipartUploadOutput struct {
	_                       struct{}  `rest:"root=InitiateMultipartUploadResult"`
	AbortDate               time.Time `rest:"header=x-amz-abort-date"`
	AbortRuleId             string    `rest:"header=x-amz-abort-rule-id"`
	Bucket                  string
	BucketKeyEnabled        *bool  `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	ChecksumAlgorithm       string `rest:"header=x-amz-checksum-algorithm"`
	ChecksumType            string `rest:"header=x-amz-checksum-type"`
	Key                     string
	RequestCharged          string `rest:"header=x-amz-request-charged"`
	SSECustomerAlgorithm    string `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5       string `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSEncryptionContext string `rest:"header=x-amz-server-side-encryption-context"`
	SSEKMSKeyId             string `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption    string `rest:"header=x-amz-server-side-encryption"`
	UploadId                string
}

// UploadPartInput is the input of UploadPart.
type UploadPartInput struct {
	Bucket               string    `rest:"path" trail:"name=bucketName"`
	Key                  string    `rest:"path"`
	PartNumber           *int32    `rest:"query=partNumber"`
	UploadId             string    `rest:"query=uploadId"`
	Body                 *api.Body `rest:"body"`
	ChecksumAlgorithm    string    `rest:"header=x-amz-sdk-checksum-algorithm"`
	ChecksumCRC32        string    `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C       string    `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME    string    `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5          string    `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1         string    `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256       string    `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512       string    `rest:"header=x-amz-checksum-sha512"`
	ChecksumXXHASH128    string    `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3      string    `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64     string    `rest:"header=x-amz-checksum-xxhash64"`
	ContentLength        *int64    `rest:"header=content-length"`
	ContentMD5           string    `rest:"header=content-md5"`
	ExpectedBucketOwner  string    `rest:"header=x-amz-expected-bucket-owner"`
	RequestPayer         string    `rest:"header=x-amz-request-payer"`
	SSECustomerAlgorithm string    `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey       string    `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5    string    `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
}

// UploadPartOutput is the output of UploadPart.
type UploadPartOutput struct {
	BucketKeyEnabled     *bool  `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	ChecksumCRC32        string `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C       string `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME    string `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5          string `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1         string `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256       string `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512       string `rest:"header=x-amz-checksum-sha512"`
	ChecksumXXHASH128    string `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3      string `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64     string `rest:"header=x-amz-checksum-xxhash64"`
	ETag                 string `rest:"header=etag"`
	RequestCharged       string `rest:"header=x-amz-request-charged"`
	SSECustomerAlgorithm string `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5    string `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSKeyId          string `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption string `rest:"header=x-amz-server-side-encryption"`
}

// CompleteMultipartUploadInput is the input of CompleteMultipartUpload.
type CompleteMultipartUploadInput struct {
	Bucket               string                    `rest:"path" trail:"name=bucketName"`
	Key                  string                    `rest:"path"`
	UploadId             string                    `rest:"query=uploadId"`
	ChecksumCRC32        string                    `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C       string                    `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME    string                    `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5          string                    `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1         string                    `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256       string                    `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512       string                    `rest:"header=x-amz-checksum-sha512"`
	ChecksumType         string                    `rest:"header=x-amz-checksum-type"`
	ChecksumXXHASH128    string                    `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3      string                    `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64     string                    `rest:"header=x-amz-checksum-xxhash64"`
	ExpectedBucketOwner  string                    `rest:"header=x-amz-expected-bucket-owner"`
	IfMatch              *string                   `rest:"header=if-match"`
	IfNoneMatch          *string                   `rest:"header=if-none-match"`
	MpuObjectSize        *int64                    `rest:"header=x-amz-mp-object-size"`
	MultipartUpload      *CompletedMultipartUpload `rest:"body=CompleteMultipartUpload"`
	RequestPayer         string                    `rest:"header=x-amz-request-payer"`
	SSECustomerAlgorithm string                    `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey       string                    `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5    string                    `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
}

// CompleteMultipartUploadOutput is the output of CompleteMultipartUpload.
type CompleteMultipartUploadOutput struct {
	_                    struct{} `rest:"root=CompleteMultipartUploadResult"`
	Bucket               string
	BucketKeyEnabled     *bool `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	ChecksumCRC32        string
	ChecksumCRC32C       string
	ChecksumCRC64NVME    string
	ChecksumMD5          string
	ChecksumSHA1         string
	ChecksumSHA256       string
	ChecksumSHA512       string
	ChecksumType         string
	ChecksumXXHASH128    string
	ChecksumXXHASH3      string
	ChecksumXXHASH64     string
	ETag                 string
	Expiration           string `rest:"header=x-amz-expiration"`
	Key                  string
	Location             string
	RequestCharged       string `rest:"header=x-amz-request-charged"`
	SSEKMSKeyId          string `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption string `rest:"header=x-amz-server-side-encryption"`
	VersionId            string `rest:"header=x-amz-version-id"`
}

// AbortMultipartUploadInput is the input of AbortMultipartUpload.
type AbortMultipartUploadInput struct {
	Bucket               string    `rest:"path" trail:"name=bucketName"`
	Key                  string    `rest:"path"`
	UploadId             string    `rest:"query=uploadId"`
	ExpectedBucketOwner  string    `rest:"header=x-amz-expected-bucket-owner"`
	IfMatchInitiatedTime time.Time `rest:"header=x-amz-if-match-initiated-time"`
	RequestPayer         string    `rest:"header=x-amz-request-payer"`
}

// AbortMultipartUploadOutput is the output of AbortMultipartUpload.
type AbortMultipartUploadOutput struct {
	RequestCharged string `rest:"header=x-amz-request-charged"`
}

// CompletedMultipartUpload lists the parts that make an object.
type CompletedMultipartUpload struct {
	Parts []CompletedPart `element:"Part,flat"`
}

// CompletedPart is a part of the object that is to be made.
type CompletedPart struct {
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
	PartNumber        *int32
}
