package s3

import (
	"time"
)

// ListObjectsInput is the input of ListObjects.
type ListObjectsInput struct {
	Bucket                   string   `rest:"path" trail:"name=bucketName"`
	Delimiter                *string  `rest:"query=delimiter"`
	EncodingType             *string  `rest:"query=encoding-type"`
	ExpectedBucketOwner      string   `rest:"header=x-amz-expected-bucket-owner"`
	Marker                   *string  `rest:"query=marker"`
	MaxKeys                  *int32   `rest:"query=max-keys"`
	OptionalObjectAttributes []string `rest:"header=x-amz-optional-object-attributes"`
	Prefix                   *string  `rest:"query=prefix"`
	RequestPayer             string   `rest:"header=x-amz-request-payer"`
}

// ListObjectsOutput is the output of ListObjects.
type ListObjectsOutput struct {
	_              struct{} `rest:"root=ListBucketResult"`
	Name           string
	Prefix         string `out:"always"`
	Marker         string `out:"always"`
	NextMarker     string
	MaxKeys        *int32
	Delimiter      string
	EncodingType   string
	IsTruncated    *bool
	Contents       []Object       `element:"Contents,flat"`
	CommonPrefixes []CommonPrefix `element:"CommonPrefixes,flat"`
	RequestCharged string         `rest:"header=x-amz-request-charged"`
}

// ListObjectsV2Input is the input of ListObjectsV2.
type ListObjectsV2Input struct {
	Bucket                   string   `rest:"path" trail:"name=bucketName"`
	ContinuationToken        *string  `rest:"query=continuation-token"`
	Delimiter                *string  `rest:"query=delimiter"`
	EncodingType             *string  `rest:"query=encoding-type"`
	ExpectedBucketOwner      string   `rest:"header=x-amz-expected-bucket-owner"`
	FetchOwner               *bool    `rest:"query=fetch-owner"`
	MaxKeys                  *int32   `rest:"query=max-keys"`
	OptionalObjectAttributes []string `rest:"header=x-amz-optional-object-attributes"`
	Prefix                   *string  `rest:"query=prefix"`
	RequestPayer             string   `rest:"header=x-amz-request-payer"`
	StartAfter               *string  `rest:"query=start-after"`
}

// ListObjectsV2Output is the output of ListObjectsV2.
type ListObjectsV2Output struct {
	_                     struct{} `rest:"root=ListBucketResult"`
	Name                  string
	Prefix                string `out:"always"`
	StartAfter            string
	ContinuationToken     string
	NextContinuationToken string
	KeyCount              *int32
	MaxKeys               *int32
	Delimiter             string
	EncodingType          string
	IsTruncated           *bool
	Contents              []Object       `element:"Contents,flat"`
	CommonPrefixes        []CommonPrefix `element:"CommonPrefixes,flat"`
	RequestCharged        string         `rest:"header=x-amz-request-charged"`
	// BucketRegion is the header by which clients find the bucket [S018].
	BucketRegion string `rest:"header=x-amz-bucket-region"`
}

// ListObjectVersionsInput is the input of ListObjectVersions.
type ListObjectVersionsInput struct {
	Bucket                   string   `rest:"path" trail:"name=bucketName"`
	Delimiter                *string  `rest:"query=delimiter"`
	EncodingType             *string  `rest:"query=encoding-type"`
	ExpectedBucketOwner      string   `rest:"header=x-amz-expected-bucket-owner"`
	KeyMarker                *string  `rest:"query=key-marker"`
	MaxKeys                  *int32   `rest:"query=max-keys"`
	OptionalObjectAttributes []string `rest:"header=x-amz-optional-object-attributes"`
	Prefix                   *string  `rest:"query=prefix"`
	RequestPayer             string   `rest:"header=x-amz-request-payer"`
	VersionIdMarker          *string  `rest:"query=version-id-marker"`
}

// ListObjectVersionsOutput is the output of ListObjectVersions.
type ListObjectVersionsOutput struct {
	_                   struct{} `rest:"root=ListVersionsResult"`
	Name                string
	Prefix              string `out:"always"`
	KeyMarker           string `out:"always"`
	VersionIdMarker     string `out:"always"`
	NextKeyMarker       string
	NextVersionIdMarker string
	MaxKeys             *int32
	Delimiter           string
	EncodingType        string
	IsTruncated         *bool
	Versions            []ObjectVersion     `element:"Version,flat"`
	DeleteMarkers       []DeleteMarkerEntry `element:"DeleteMarker,flat"`
	CommonPrefixes      []CommonPrefix      `element:"CommonPrefixes,flat"`
	RequestCharged      string              `rest:"header=x-amz-request-charged"`

	// order are the members that versions and delete markers are in, in the order of these [S157].
	order []string
}

// Mixed implements api.Mixed.
func (out *ListObjectVersionsOutput) Mixed() []string { return out.order }

// CommonPrefix stands for all keys that begin with it.
type CommonPrefix struct {
	Prefix string
}

// Object is an object in a list.
type Object struct {
	ChecksumAlgorithm []string `element:"ChecksumAlgorithm,flat"`
	ChecksumType      string
	ETag              string
	Key               string
	LastModified      time.Time
	Owner             *Owner
	RestoreStatus     *RestoreStatus
	Size              *int64
	StorageClass      string
}

// DeleteMarkerEntry is a delete marker in a list.
type DeleteMarkerEntry struct {
	IsLatest     *bool
	Key          string
	LastModified time.Time
	Owner        *Owner
	VersionId    string
}

// ObjectVersion is a version of an object in a list.
type ObjectVersion struct {
	ChecksumAlgorithm []string `element:"ChecksumAlgorithm,flat"`
	ChecksumType      string
	ETag              string
	IsLatest          *bool
	Key               string
	LastModified      time.Time
	Owner             *Owner
	RestoreStatus     *RestoreStatus
	Size              *int64
	StorageClass      string
	VersionId         string
}

// RestoreStatus tells how far the restoring of an archived object is.
type RestoreStatus struct {
	IsRestoreInProgress *bool
	RestoreExpiryDate   time.Time
}
