package s3

import (
	"io"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// PutObjectInput is the input of PutObject.
type PutObjectInput struct {
	Bucket                           string            `rest:"path" trail:"name=bucketName"`
	Key                              string            `rest:"path"`
	ACL                              string            `rest:"header=x-amz-acl"`
	Body                             *api.Body         `rest:"body"`
	BucketKeyEnabled                 *bool             `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CacheControl                     string            `rest:"header=cache-control"`
	ChecksumAlgorithm                string            `rest:"header=x-amz-sdk-checksum-algorithm"`
	ChecksumCRC32                    string            `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C                   string            `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME                string            `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5                      string            `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1                     string            `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256                   string            `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512                   string            `rest:"header=x-amz-checksum-sha512"`
	ChecksumXXHASH128                string            `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3                  string            `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64                 string            `rest:"header=x-amz-checksum-xxhash64"`
	ContentDisposition               string            `rest:"header=content-disposition"`
	ContentEncoding                  string            `rest:"header=content-encoding"`
	ContentLanguage                  string            `rest:"header=content-language"`
	ContentLength                    *int64            `rest:"header=content-length"`
	ContentMD5                       string            `rest:"header=content-md5"`
	ContentType                      string            `rest:"header=content-type"`
	ExpectedBucketOwner              string            `rest:"header=x-amz-expected-bucket-owner"`
	Expires                          time.Time         `rest:"header=expires"`
	GrantFullControl                 string            `rest:"header=x-amz-grant-full-control"`
	GrantRead                        string            `rest:"header=x-amz-grant-read"`
	GrantReadACP                     string            `rest:"header=x-amz-grant-read-acp"`
	GrantWriteACP                    string            `rest:"header=x-amz-grant-write-acp"`
	IfMatch                          *string           `rest:"header=if-match"`
	IfNoneMatch                      *string           `rest:"header=if-none-match"`
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
	WriteOffsetBytes                 *int64            `rest:"header=x-amz-write-offset-bytes"`
}

// PutObjectOutput is the output of PutObject.
type PutObjectOutput struct {
	BucketKeyEnabled        *bool  `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	ChecksumCRC32           string `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C          string `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME       string `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5             string `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1            string `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256          string `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512          string `rest:"header=x-amz-checksum-sha512"`
	ChecksumType            string `rest:"header=x-amz-checksum-type"`
	ChecksumXXHASH128       string `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3         string `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64        string `rest:"header=x-amz-checksum-xxhash64"`
	ETag                    string `rest:"header=etag"`
	Expiration              string `rest:"header=x-amz-expiration"`
	RequestCharged          string `rest:"header=x-amz-request-charged"`
	SSECustomerAlgorithm    string `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5       string `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSEncryptionContext string `rest:"header=x-amz-server-side-encryption-context"`
	SSEKMSKeyId             string `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption    string `rest:"header=x-amz-server-side-encryption"`
	Size                    *int64 `rest:"header=x-amz-object-size"`
	VersionId               string `rest:"header=x-amz-version-id"`
}

// GetObjectInput is the input of GetObject.
type GetObjectInput struct {
	Bucket                     string    `rest:"path" trail:"name=bucketName"`
	Key                        string    `rest:"path"`
	ChecksumMode               string    `rest:"header=x-amz-checksum-mode"`
	ExpectedBucketOwner        string    `rest:"header=x-amz-expected-bucket-owner"`
	IfMatch                    *string   `rest:"header=if-match"`
	IfModifiedSince            time.Time `rest:"header=if-modified-since"`
	IfNoneMatch                *string   `rest:"header=if-none-match"`
	IfUnmodifiedSince          time.Time `rest:"header=if-unmodified-since"`
	PartNumber                 *int32    `rest:"query=partNumber"`
	Range                      string    `rest:"header=range"`
	RequestPayer               string    `rest:"header=x-amz-request-payer"`
	ResponseCacheControl       string    `rest:"query=response-cache-control"`
	ResponseContentDisposition string    `rest:"query=response-content-disposition"`
	ResponseContentEncoding    string    `rest:"query=response-content-encoding"`
	ResponseContentLanguage    string    `rest:"query=response-content-language"`
	ResponseContentType        string    `rest:"query=response-content-type"`
	ResponseExpires            time.Time `rest:"query=response-expires"`
	SSECustomerAlgorithm       string    `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey             string    `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5          string    `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	VersionId                  *string   `rest:"query=versionId"`
}

// GetObjectOutput is the output of GetObject.
type GetObjectOutput struct {
	AcceptRanges                     string            `rest:"header=accept-ranges"`
	Body                             io.ReadCloser     `rest:"body"`
	BucketKeyEnabled                 *bool             `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CacheControl                     string            `rest:"header=cache-control"`
	ChecksumCRC32                    string            `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C                   string            `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME                string            `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5                      string            `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1                     string            `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256                   string            `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512                   string            `rest:"header=x-amz-checksum-sha512"`
	ChecksumType                     string            `rest:"header=x-amz-checksum-type"`
	ChecksumXXHASH128                string            `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3                  string            `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64                 string            `rest:"header=x-amz-checksum-xxhash64"`
	ContentDisposition               string            `rest:"header=content-disposition"`
	ContentEncoding                  string            `rest:"header=content-encoding"`
	ContentLanguage                  string            `rest:"header=content-language"`
	ContentLength                    *int64            `rest:"header=content-length"`
	ContentRange                     string            `rest:"header=content-range"`
	ContentType                      string            `rest:"header=content-type"`
	DeleteMarker                     *bool             `rest:"header=x-amz-delete-marker"`
	ETag                             string            `rest:"header=etag"`
	Expiration                       string            `rest:"header=x-amz-expiration"`
	Expires                          time.Time         `rest:"header=expires"`
	ExpiresString                    string            `rest:"header=expires"`
	LastModified                     time.Time         `rest:"header=last-modified"`
	Metadata                         map[string]string `rest:"headers=x-amz-meta-"`
	MissingMeta                      *int32            `rest:"header=x-amz-missing-meta"`
	ObjectLockEventHold              string            `rest:"header=x-amz-object-lock-event-hold"`
	ObjectLockEventHoldDurationDays  *int32            `rest:"header=x-amz-object-lock-event-hold-duration-days"`
	ObjectLockEventHoldDurationYears *int32            `rest:"header=x-amz-object-lock-event-hold-duration-years"`
	ObjectLockLegalHoldStatus        string            `rest:"header=x-amz-object-lock-legal-hold"`
	ObjectLockMode                   string            `rest:"header=x-amz-object-lock-mode"`
	ObjectLockRetainUntilDate        time.Time         `rest:"header=x-amz-object-lock-retain-until-date"`
	PartsCount                       *int32            `rest:"header=x-amz-mp-parts-count"`
	ReplicationStatus                string            `rest:"header=x-amz-replication-status"`
	RequestCharged                   string            `rest:"header=x-amz-request-charged"`
	Restore                          string            `rest:"header=x-amz-restore"`
	SSECustomerAlgorithm             string            `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5                string            `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSKeyId                      string            `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption             string            `rest:"header=x-amz-server-side-encryption"`
	StorageClass                     string            `rest:"header=x-amz-storage-class"`
	TagCount                         *int32            `rest:"header=x-amz-tagging-count"`
	VersionId                        string            `rest:"header=x-amz-version-id"`
	WebsiteRedirectLocation          string            `rest:"header=x-amz-website-redirect-location"`
	// StatusCode is 206 for a part of an object.
	StatusCode int `rest:"status"`
}

// HeadObjectInput is the input of HeadObject.
type HeadObjectInput struct {
	Bucket                     string    `rest:"path" trail:"name=bucketName"`
	Key                        string    `rest:"path"`
	ChecksumMode               string    `rest:"header=x-amz-checksum-mode"`
	ExpectedBucketOwner        string    `rest:"header=x-amz-expected-bucket-owner"`
	IfMatch                    *string   `rest:"header=if-match"`
	IfModifiedSince            time.Time `rest:"header=if-modified-since"`
	IfNoneMatch                *string   `rest:"header=if-none-match"`
	IfUnmodifiedSince          time.Time `rest:"header=if-unmodified-since"`
	PartNumber                 *int32    `rest:"query=partNumber"`
	Range                      string    `rest:"header=range"`
	RequestPayer               string    `rest:"header=x-amz-request-payer"`
	ResponseCacheControl       string    `rest:"query=response-cache-control"`
	ResponseContentDisposition string    `rest:"query=response-content-disposition"`
	ResponseContentEncoding    string    `rest:"query=response-content-encoding"`
	ResponseContentLanguage    string    `rest:"query=response-content-language"`
	ResponseContentType        string    `rest:"query=response-content-type"`
	ResponseExpires            time.Time `rest:"query=response-expires"`
	SSECustomerAlgorithm       string    `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey             string    `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5          string    `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	VersionId                  *string   `rest:"query=versionId"`
}

// HeadObjectOutput is the output of HeadObject.
type HeadObjectOutput struct {
	AcceptRanges                     string            `rest:"header=accept-ranges"`
	ArchiveStatus                    string            `rest:"header=x-amz-archive-status"`
	BucketKeyEnabled                 *bool             `rest:"header=x-amz-server-side-encryption-bucket-key-enabled"`
	CacheControl                     string            `rest:"header=cache-control"`
	ChecksumCRC32                    string            `rest:"header=x-amz-checksum-crc32"`
	ChecksumCRC32C                   string            `rest:"header=x-amz-checksum-crc32c"`
	ChecksumCRC64NVME                string            `rest:"header=x-amz-checksum-crc64nvme"`
	ChecksumMD5                      string            `rest:"header=x-amz-checksum-md5"`
	ChecksumSHA1                     string            `rest:"header=x-amz-checksum-sha1"`
	ChecksumSHA256                   string            `rest:"header=x-amz-checksum-sha256"`
	ChecksumSHA512                   string            `rest:"header=x-amz-checksum-sha512"`
	ChecksumType                     string            `rest:"header=x-amz-checksum-type"`
	ChecksumXXHASH128                string            `rest:"header=x-amz-checksum-xxhash128"`
	ChecksumXXHASH3                  string            `rest:"header=x-amz-checksum-xxhash3"`
	ChecksumXXHASH64                 string            `rest:"header=x-amz-checksum-xxhash64"`
	ContentDisposition               string            `rest:"header=content-disposition"`
	ContentEncoding                  string            `rest:"header=content-encoding"`
	ContentLanguage                  string            `rest:"header=content-language"`
	ContentLength                    *int64            `rest:"header=content-length"`
	ContentRange                     string            `rest:"header=content-range"`
	ContentType                      string            `rest:"header=content-type"`
	DeleteMarker                     *bool             `rest:"header=x-amz-delete-marker"`
	ETag                             string            `rest:"header=etag"`
	Expiration                       string            `rest:"header=x-amz-expiration"`
	Expires                          time.Time         `rest:"header=expires"`
	ExpiresString                    string            `rest:"header=expires"`
	LastModified                     time.Time         `rest:"header=last-modified"`
	Metadata                         map[string]string `rest:"headers=x-amz-meta-"`
	MissingMeta                      *int32            `rest:"header=x-amz-missing-meta"`
	ObjectLockEventHold              string            `rest:"header=x-amz-object-lock-event-hold"`
	ObjectLockEventHoldDurationDays  *int32            `rest:"header=x-amz-object-lock-event-hold-duration-days"`
	ObjectLockEventHoldDurationYears *int32            `rest:"header=x-amz-object-lock-event-hold-duration-years"`
	ObjectLockLegalHoldStatus        string            `rest:"header=x-amz-object-lock-legal-hold"`
	ObjectLockMode                   string            `rest:"header=x-amz-object-lock-mode"`
	ObjectLockRetainUntilDate        time.Time         `rest:"header=x-amz-object-lock-retain-until-date"`
	PartsCount                       *int32            `rest:"header=x-amz-mp-parts-count"`
	ReplicationStatus                string            `rest:"header=x-amz-replication-status"`
	RequestCharged                   string            `rest:"header=x-amz-request-charged"`
	Restore                          string            `rest:"header=x-amz-restore"`
	SSECustomerAlgorithm             string            `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKeyMD5                string            `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	SSEKMSKeyId                      string            `rest:"header=x-amz-server-side-encryption-aws-kms-key-id"`
	ServerSideEncryption             string            `rest:"header=x-amz-server-side-encryption"`
	StorageClass                     string            `rest:"header=x-amz-storage-class"`
	TagCount                         *int32            `rest:"header=x-amz-tagging-count"`
	VersionId                        string            `rest:"header=x-amz-version-id"`
	WebsiteRedirectLocation          string            `rest:"header=x-amz-website-redirect-location"`
	// StatusCode is 206 for a part of an object.
	StatusCode int `rest:"status"`
}
