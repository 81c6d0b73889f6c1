package s3

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// An upload is an object that comes in parts. Each part is a blob; the completed object's
// manifest names those that it is made of.

// upload is an upload that was neither completed nor aborted.
type upload struct {
	store.Version `json:"-"`

	Key, ID                    string
	Initiated                  time.Time
	InitiatorID, InitiatorName string
	// Initiator is the ARN of who began it, as of InitiatorEpoch: it is allowed to end it [S227]. None:
	// nobody has signed.
	Initiator       string `json:",omitempty"`
	InitiatorEpoch  uint64 `json:",omitempty"`
	Algorithm, Type string `json:",omitempty"` // of the checksum; none: nobody named one
	Sealing         sealing
	// SSE and KMSKeyID are what the request asked for: conditions of policies on them hold for
	// the parts, too.
	SSE, KMSKeyID string `json:",omitempty"`
	headers
	Tags         []resource.Tag `json:",omitempty"`
	StorageClass string
	// Before is the current version of the key when the upload began, and Deleted whether an
	// object of the key was deleted since: conditions of completing ask what has happened [S072].
	Before  order `json:",omitempty"`
	Deleted bool  `json:",omitempty"`
}

// part is a part that was uploaded.
type part struct {
	segment
	Number   int32
	ETag     string
	Modified time.Time
	// Checksum is by the upload's algorithm; CRC64 what every part has.
	Checksum checksum `json:",omitzero"`
	CRC64    string
}

// uploadKey is the place of an upload among those of its key, in the order in which they began.
func (b *bucket) uploadKey(key, id string) string {
	sequence, _, _ := strings.Cut(id, ".")
	return b.versionsOf(key) + sequence
}

func partKey(upload string, number int32) string { return fmt.Sprintf("%s\x00%05d", upload, number) }

// newUploadID is the id of an upload: its place, and what nobody can guess.
func (s *Service) newUploadID() string {
	return fmt.Sprintf("%016x.%s", s.sequence.next(), s.ids.Hex(uploadDigits))
}

// uploadDigits is how many digits of an upload's id are random.
const uploadDigits = 48

// uploading is what a call on an upload works on.
type uploading struct {
	bucket *bucket
	upload *upload
}

func noSuchUpload(id string) *api.Error { return ErrNoSuchUpload.Detailed("UploadId", id) }

// findUpload finds an upload of a key [S142].
func (s *Service) findUpload(r store.Reader, b *bucket, key, id string) *upload {
	if u := s.uploads.Get(r, b.uploadKey(key, id)); u != nil && u.ID == id {
		return u
	}
	return nil
}

// noteDeletion notes in the uploads of a key that its object was deleted.
func (s *Service) noteDeletion(tx store.Tx, b *bucket, key string) {
	var places []string
	for place, u := range s.uploads.Scan(tx, b.versionsOf(key), "", store.All) {
		if !u.Deleted {
			places = append(places, place)
		}
	}
	for _, place := range places {
		u := s.uploads.Edit(tx, place)
		u.Deleted = true
		s.uploads.Put(tx, place, u)
	}
}

// uploadChecks resolves a call on an upload. Who is allowed it is told where there is none.
func (s *Service) uploadChecks(ctx context.Context, in located, key, id, action string) ([]api.Check, *uploading, error) {
	name, owner := in.place()
	b, err := s.findBucket(ctx, name, owner)
	if err != nil {
		return nil, nil, err
	}
	on := &uploading{bucket: b}
	err = s.engine.View(ctx, func(r store.Reader) error {
		on.upload = s.findUpload(r, b, key, id)
		return nil
	})
	target := s.objectTarget(b, key, nil, &uploadKeys{in, on.upload})
	if on.upload == nil {
		target.Missing = noSuchUpload(id)
	} else {
		target.Grants = on.upload.grants()
	}
	return []api.Check{{Action: action, Target: target}}, on, err
}

// grants are what who began an upload is allowed of it, and its account, unless a policy denies
// it: to list its parts and to abort it [S227].
func (u *upload) grants() []policyeval.Grant {
	who, err := arn.Parse(u.Initiator)
	if err != nil {
		return nil
	}
	grant := policyeval.Grant{ID: "initiator of " + u.ID, Grantee: u.Initiator, Epoch: u.InitiatorEpoch, Operations: []string{"AbortMultipartUpload", "ListMultipartUploadParts"}}
	ofAccount := grant
	ofAccount.Grantee = arn.New("iam", "", who.AccountID, "root").String()
	return []policyeval.Grant{grant, ofAccount}
}

func (in *CreateMultipartUploadInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *CreateMultipartUploadInput) acl() aclAsked {
	return aclAsked{canned: in.ACL, grants: in.GrantFullControl + in.GrantRead + in.GrantReadACP + in.GrantWriteACP}
}

func (in *CreateMultipartUploadInput) lock() lock {
	return lockAsked(in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus,
		in.ObjectLockEventHold, in.ObjectLockEventHoldDurationDays, in.ObjectLockEventHoldDurationYears)
}

func (s *Service) createMultipartUploadChecks(ctx context.Context, in *CreateMultipartUploadInput) ([]api.Check, *bucket, error) {
	return s.writeChecks(ctx, in, in.Key, writing{
		tags: in.Tagging != nil, acl: in.acl(), call: "PutObject",
		lock: in.lock(),
	})
}

// CreateMultipartUpload begins an object that comes in parts.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html.
func (s *Service) CreateMultipartUpload(ctx context.Context, in *CreateMultipartUploadInput) (*CreateMultipartUploadOutput, error) {
	return api.DoChecks(ctx, in, s.createMultipartUploadChecks, s.createMultipartUpload)
}

func (s *Service) createMultipartUpload(ctx context.Context, b *bucket, in *CreateMultipartUploadInput) (*CreateMultipartUploadOutput, error) {
	u, err := in.upload(b)
	if err != nil {
		return nil, err
	}
	_, u.Sealing, err = s.sealFor(ctx, b, in.Key, encryptionAsked{
		Algorithm: in.ServerSideEncryption, KMSKeyID: in.SSEKMSKeyId, Context: in.SSEKMSEncryptionContext, BucketKey: in.BucketKeyEnabled,
		Customer: customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5},
	})
	if err != nil {
		return nil, err
	}
	u.SSE, u.KMSKeyID = in.ServerSideEncryption, in.SSEKMSKeyId
	u.ID, u.Initiated = s.newUploadID(), s.now()
	u.Initiator = api.RequestFrom(ctx).Caller.ARN
	u.InitiatorID, u.InitiatorName = initiator(api.RequestFrom(ctx))
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, b); err != nil {
			return err
		}
		begun := *u
		begun.InitiatorEpoch = s.policies.Epoch(tx)
		if now := s.newest(tx, b, u.Key); now != nil {
			begun.Before = now.Order
		}
		s.uploads.Put(tx, b.uploadKey(u.Key, u.ID), &begun)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &CreateMultipartUploadOutput{
		Bucket: b.Name, Key: u.Key, UploadId: u.ID, ChecksumAlgorithm: u.Algorithm, ChecksumType: u.Type,
		ServerSideEncryption: u.Sealing.Algorithm, SSEKMSKeyId: u.Sealing.KeyARN, BucketKeyEnabled: u.Sealing.usesBucketKey(),
	}, nil
}

// initiator is who begins an upload, as lists of uploads tell it [S146].
func initiator(r *api.Request) (id, name string) {
	if r.Caller.Type == policyeval.Root || r.Caller.ARN == "" {
		return canonicalID(r.Account), r.Account
	}
	return r.Caller.ARN, r.Caller.Name
}

// upload is the upload that an input asks for.
func (in *CreateMultipartUploadInput) upload(b *bucket) (*upload, error) {
	if in.lock().asked() {
		return nil, errNoLock
	}
	o, err := newObject(b, &described{
		key: in.Key, acl: in.acl(), storageClass: in.StorageClass, tagging: in.Tagging,
		headers: headers{
			in.ContentType, in.CacheControl, in.ContentDisposition, in.ContentEncoding, in.ContentLanguage,
			httpTime(in.Expires), in.WebsiteRedirectLocation, in.Metadata,
		},
	})
	if err != nil {
		return nil, err
	}
	u := &upload{Key: in.Key, headers: o.headers, Tags: o.Tags, StorageClass: o.StorageClass}
	u.Algorithm, u.Type, err = checksumOfParts(in.ChecksumAlgorithm, in.ChecksumType)
	return u, err
}

// checksumOfParts is the algorithm and the type of the checksum of an object that comes in
// parts [S099]-[S101].
func checksumOfParts(algorithm, kind string) (string, string, error) {
	whole := algorithm == crc32IEEE || algorithm == crc32Castagnoli || algorithm == crc64NVME
	switch {
	case algorithm == "" && kind != "":
		return "", "", ErrInvalidRequest.With("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	case algorithm == "":
		return "", "", nil
	case newHash(algorithm) == nil:
		return "", "", unknownAlgorithm()
	case kind == "":
		return algorithm, defaultType(algorithm), nil
	case kind != fullObject && kind != composite:
		return "", "", ErrInvalidRequest.With("Value for x-amz-checksum-type header is invalid.")
	case kind == fullObject && !whole, kind == composite && algorithm == crc64NVME:
		return "", "", ErrInvalidRequest.Withf("The %s checksum type cannot be used with the %s checksum algorithm.", kind, strings.ToLower(algorithm))
	}
	return algorithm, kind, nil
}

// defaultType is the type that a checksum of an algorithm has where nobody says which [S100].
func defaultType(algorithm string) string {
	if algorithm == crc64NVME {
		return fullObject
	}
	return composite
}

func (in *AbortMultipartUploadInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) abortMultipartUploadChecks(ctx context.Context, in *AbortMultipartUploadInput) ([]api.Check, *uploading, error) {
	return s.uploadChecks(ctx, in, in.Key, in.UploadId, "s3:AbortMultipartUpload")
}

// AbortMultipartUpload ends an upload of which nothing becomes.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html.
func (s *Service) AbortMultipartUpload(ctx context.Context, in *AbortMultipartUploadInput) (*AbortMultipartUploadOutput, error) {
	return api.DoChecks(ctx, in, s.abortMultipartUploadChecks, s.abortMultipartUpload)
}

func (s *Service) abortMultipartUpload(ctx context.Context, on *uploading, in *AbortMultipartUploadInput) (*AbortMultipartUploadOutput, error) {
	if !in.IfMatchInitiatedTime.IsZero() {
		return nil, notImplemented("x-amz-if-match-initiated-time", "")
	}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if s.findUpload(tx, on.bucket, on.upload.Key, on.upload.ID) == nil {
			return noSuchUpload(on.upload.ID)
		}
		s.uploads.Delete(tx, on.bucket.uploadKey(on.upload.Key, on.upload.ID))
		tx.Put(looseKey(looseUpload, on.upload.ID), nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.blobs.signal()
	return &AbortMultipartUploadOutput{}, nil
}
