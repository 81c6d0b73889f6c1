package s3

import (
	"strconv"
	"time"
)

// lock is what a request says of how an object is to be locked.
type lock struct{ retention, hold, event bool }

func (l lock) asked() bool { return l != lock{} }

// lockAsked reads the headers of a lock.
func lockAsked(mode string, until time.Time, hold, event string, days, years *int32) lock {
	return lock{mode != "" || !until.IsZero(), hold != "", event != "" || days != nil || years != nil}
}

func (in *PutObjectInput) lock() lock {
	return lockAsked(in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus,
		in.ObjectLockEventHold, in.ObjectLockEventHoldDurationDays, in.ObjectLockEventHoldDurationYears)
}

// errNoLock is the error for an object that is to be locked: no bucket can lock here.
var errNoLock = ErrInvalidRequest.With("Bucket is missing Object Lock Configuration")

// described is what a request says of an object that is to be.
type described struct {
	key, storageClass string
	acl               aclAsked
	tagging           *string
	headers
}

// The content type of what names none [S062].
const defaultContentType = "binary/octet-stream"

// newObject is an object as it was described.
func newObject(b *bucket, d *described) (*object, error) {
	if err := d.acl.check(b); err != nil {
		return nil, err
	}
	if d.storageClass == "" {
		d.storageClass = standard
	}
	if !storageClasses[d.storageClass] {
		return nil, ErrInvalidStorageClass.Detailed("StorageClassRequested", d.storageClass) // [S082]
	}
	if err := d.checkMetadata(); err != nil {
		return nil, err
	}
	tags, err := headerTags(d.tagging)
	if err != nil {
		return nil, err
	}
	if d.ContentType == "" {
		d.ContentType = defaultContentType
	}
	return &object{Key: d.key, headers: d.headers, Tags: tags, StorageClass: d.storageClass}, nil
}

// maxMetadata is how many bytes the names and values of metadata have at most together.
const maxMetadata = 2048

func (d *described) checkMetadata() error {
	size := 0
	for name, value := range d.Metadata {
		size += len(name) + len(value)
	}
	if size > maxMetadata {
		return ErrMetadataTooLarge.Detailed("Size", strconv.Itoa(size)).Detailed("MaxSizeAllowed", strconv.Itoa(maxMetadata)) // [S019]
	}
	return nil
}

// standard is the storage class of what names none.
const standard = "STANDARD"

// storageClasses are those that an object can be put into [S082].
var storageClasses = map[string]bool{
	standard: true, "STANDARD_IA": true, "ONEZONE_IA": true, "INTELLIGENT_TIERING": true, glacier: true, "GLACIER_IR": true,
	deepArchive: true, "REDUCED_REDUNDANCY": true,
}

// The storage classes whose objects cannot be read before they are restored.
const (
	glacier     = "GLACIER"
	deepArchive = "DEEP_ARCHIVE"
)
