package s3

import (
	"time"
)

// ListPartsInput is the input of ListParts.
type ListPartsInput struct {
	Bucket               string `rest:"path" trail:"name=bucketName"`
	Key                  string `rest:"path"`
	UploadId             string `rest:"query=uploadId"`
	ExpectedBucketOwner  string `rest:"header=x-amz-expected-bucket-owner"`
	MaxParts             *int32 `rest:"query=max-parts"`
	PartNumberMarker     string `rest:"query=part-number-marker"`
	RequestPayer         string `rest:"header=x-amz-request-payer"`
	SSECustomerAlgorithm string `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey       string `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5    string `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
}

// ListPartsOutput is the output of ListParts.
type ListPartsOutput struct {
	_                    struct{}  `rest:"root=ListPartsResult"`
	AbortDate            time.Time `rest:"header=x-amz-abort-date"`
	AbortRuleId          string    `rest:"header=x-amz-abort-rule-id"`
	Bucket               string
	ChecksumAlgorithm    string
	ChecksumType         string
	Initiator            *Initiator
	IsTruncated          *bool
	Key                  string
	MaxParts             *int32
	NextPartNumberMarker string
	Owner                *Owner
	PartNumberMarker     string
	Parts                []Part `element:"Part,flat"`
	RequestCharged       string `rest:"header=x-amz-request-charged"`
	StorageClass         string
	UploadId             string
}

// ListMultipartUploadsInput is the input of ListMultipartUploads.
type ListMultipartUploadsInput struct {
	Bucket              string  `rest:"path" trail:"name=bucketName"`
	Delimiter           *string `rest:"query=delimiter"`
	EncodingType        *string `rest:"query=encoding-type"`
	ExpectedBucketOwner string  `rest:"header=x-amz-expected-bucket-owner"`
	KeyMarker           *string `rest:"query=key-marker"`
	MaxUploads          *int32  `rest:"query=max-uploads"`
	Prefix              *string `rest:"query=prefix"`
	RequestPayer        string  `rest:"header=x-amz-request-payer"`
	UploadIdMarker      *string `rest:"query=upload-id-marker"`
}

// ListMultipartUploadsOutput is the output of ListMultipartUploads.
type ListMultipartUploadsOutput struct {
	_                  struct{} `rest:"root=ListMultipartUploadsResult"`
	Bucket             string
	CommonPrefixes     []CommonPrefix `element:"CommonPrefixes,flat"`
	Delimiter          string
	EncodingType       string
	IsTruncated        *bool
	KeyMarker          string `out:"always"`
	MaxUploads         *int32
	NextKeyMarker      string `out:"always"`
	NextUploadIdMarker string `out:"always"`
	Prefix             string
	RequestCharged     string            `rest:"header=x-amz-request-charged"`
	UploadIdMarker     string            `out:"always"`
	Uploads            []MultipartUpload `element:"Upload,flat"`
}

// GetObjectAttributesInput is the input of GetObjectAttributes.
type GetObjectAttributesInput struct {
	Bucket               string   `rest:"path" trail:"name=bucketName"`
	Key                  string   `rest:"path"`
	ObjectAttributes     []string `rest:"header=x-amz-object-attributes"`
	ExpectedBucketOwner  string   `rest:"header=x-amz-expected-bucket-owner"`
	MaxParts             *int32   `rest:"header=x-amz-max-parts"`
	PartNumberMarker     string   `rest:"header=x-amz-part-number-marker"`
	RequestPayer         string   `rest:"header=x-amz-request-payer"`
	SSECustomerAlgorithm string   `rest:"header=x-amz-server-side-encryption-customer-algorithm"`
	SSECustomerKey       string   `rest:"header=x-amz-server-side-encryption-customer-key" sensitive:"true" trail:"omit"`
	SSECustomerKeyMD5    string   `rest:"header=x-amz-server-side-encryption-customer-key-md5"`
	VersionId            *string  `rest:"query=versionId"`
}

// GetObjectAttributesOutput is the output of GetObjectAttributes.
type GetObjectAttributesOutput struct {
	_              struct{} `rest:"root=GetObjectAttributesResponse"`
	ETag           string
	Checksum       *Checksum
	ObjectParts    *GetObjectAttributesParts
	StorageClass   string
	ObjectSize     *int64
	DeleteMarker   *bool     `rest:"header=x-amz-delete-marker"`
	LastModified   time.Time `rest:"header=last-modified"`
	RequestCharged string    `rest:"header=x-amz-request-charged"`
	VersionId      string    `rest:"header=x-amz-version-id"`
}

// Initiator is who began an upload.
type Initiator struct {
	DisplayName string
	ID          string
}

// Part is a part in a list.
type Part struct {
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
	PartNumber        *int32
	Size              *int64
}

// MultipartUpload is an upload in a list.
type MultipartUpload struct {
	ChecksumAlgorithm string
	ChecksumType      string
	Initiated         time.Time
	Initiator         *Initiator
	Key               string
	Owner             *Owner
	StorageClass      string
	UploadId          string
}

// Checksum is the checksum of an object.
type Checksum struct {
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
}

// GetObjectAttributesParts are the parts of which an object was made.
type GetObjectAttributesParts struct {
	IsTruncated          *bool
	MaxParts             *int32
	NextPartNumberMarker string
	PartNumberMarker     string
	Parts                []ObjectPart `element:"Part,flat"`
	TotalPartsCount      *int32       `element:"PartsCount"`
}

// ObjectPart is a part of an object.
type ObjectPart struct {
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
	PartNumber        *int32
	Size              *int64
}
