package s3

import (
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. B is the id of a bucket: a bucket that is made again is another one.
// ORDER tells the versions of a key apart, the newest first.
//
//	s3.bucket    NAME                   bucket
//	s3.owned     ACCOUNT 0 NAME         nothing: the account owns the bucket
//	s3.live      B 0 KEY                ORDER of the current version; of keys that are there
//	s3.object    B 0 KEY' 0 1 ORDER     object: a version, or a delete marker
//	s3.null      B 0 KEY                ORDER of the version with the id null, where there is one
//	s3.chunk     BLOB 0 INDEX           a piece of a body, encrypted
//	s3.manifest  ID                     manifest: the pieces of a body that came in parts
//	s3.upload    B 0 KEY' 0 1 SEQUENCE  upload: one that was neither completed nor aborted
//	s3.part      UPLOAD 0 NUMBER        part
//	s3.loose     KIND ID                nothing: a blob or the like that no record names, to be swept
//	s3.secret                           the key of version ids, wrapped by the HSM
//
// KEY' is the key with each byte 0 followed by a byte 255: so keys are in the order of
// their bytes, and all versions of a key stand together.
const (
	ownedPrefix = "s3.owned\x00"
	livePrefix  = "s3.live\x00"
	nullPrefix  = "s3.null\x00"
	chunkPrefix = "s3.chunk\x00"
	loosePrefix = "s3.loose\x00"
	secretKey   = "s3.secret\x00"
)

// bucket is a bucket without its objects.
type bucket struct {
	store.Version `json:"-"`

	Name, ID        string
	Account, Region string
	// Location is the constraint that it was made with, where that is not the region's name.
	Location string `json:",omitempty"`
	Created  time.Time
	Tags     []resource.Tag `json:",omitempty"`
	// TagsDecide: policies can decide by Tags.
	TagsDecide bool `json:",omitempty"`
	// Versioning is Enabled or Suspended; empty: it never was either.
	Versioning string `json:",omitempty"`
	// Notifications are which events are told; nil: none.
	Notifications *notifications `json:",omitempty"`
	// Ownership says whose its objects are; empty: nothing says so any more.
	Ownership string `json:",omitempty"`
	// Policy is the bucket's policy as it was given; empty: it has none. PolicyEpoch is when
	// it was set: it means the principals of that time.
	Policy      string `json:",omitempty"`
	PolicyEpoch uint64 `json:",omitempty"`
	// PublicAccess are the settings of Block Public Access; nil: nobody has set any.
	PublicAccess *publicAccess `json:",omitempty"`
	// Encryption is the bucket's default; nil: it is S3's.
	Encryption *bucketEncryption `json:",omitempty"`

	// policy is Policy, compiled, and public whether it is public.
	policy *policyeval.Policy
	public bool
}

func (b *bucket) arn() string { return bucketARN(b.Region, b.Name) }

// bucketARN is the ARN of a bucket, which names neither its region nor its account [S235].
func bucketARN(region, name string) string {
	return arn.ARN{Partition: arn.Partition(region), Service: "s3", Resource: name}.String()
}

func (b *bucket) objectARN(key string) string { return b.arn() + "/" + key }

// versioned reports whether an object of the bucket can have had several versions.
func (b *bucket) versioned() bool { return b.Versioning != "" }

// The states of a bucket's versioning [S160].
const (
	versioningEnabled   = "Enabled"
	versioningSuspended = "Suspended"
)

// object is a version of an object, or a delete marker.
type object struct {
	store.Version `json:"-"`

	Key       string
	Order     order
	VersionID string // null is one, too
	Marker    bool   `json:",omitempty"`
	Modified  time.Time
	Size      int64  `json:",omitempty"`
	ETag      string `json:",omitempty"` // without quotes
	// Blob or Manifest is where the body is; neither: it is empty.
	Blob     string `json:",omitempty"`
	Manifest string `json:",omitempty"`
	// PartCount is of how many parts it was made; 0: it came in one piece.
	PartCount int      `json:",omitempty"`
	Sealing   sealing  `json:",omitzero"`
	Checksum  checksum `json:",omitzero"`
	headers
	Tags         []resource.Tag `json:",omitempty"`
	StorageClass string         `json:",omitempty"`
}

// headers are what a writer says of an object, and a reader is told.
type headers struct {
	ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage string `json:",omitempty"`
	Expires                                                                         string `json:",omitempty"`
	WebsiteRedirectLocation                                                         string `json:",omitempty"`
	// Metadata are the names, in lower case and without x-amz-meta-, and values.
	Metadata map[string]string `json:",omitempty"`
}

// nullVersion is the id of what was put while the bucket's versioning was not enabled [S161].
const nullVersion = "null"

// liveKey and nullKey are where the order of a key's current version and of its null
// version stand.
func (b *bucket) liveKey(key string) string { return livePrefix + b.ID + "\x00" + key }

func (b *bucket) nullKey(key string) string { return nullPrefix + b.ID + "\x00" + key }

// versionsOf is the prefix of a key's versions, and versionKey the place of one of them.
func (b *bucket) versionsOf(key string) string {
	return b.ID + "\x00" + escaped(key) + "\x00\x01"
}

func (b *bucket) versionKey(key string, o order) string { return b.versionsOf(key) + string(o) }

func ownedKey(account, name string) string { return ownedPrefix + account + "\x00" + name }
