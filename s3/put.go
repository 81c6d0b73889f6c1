package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// maxPut is how many bytes one request brings at most.
const maxPut = 5 << 30

// tooLarge is the error for a body that is longer than that [S132].
func tooLarge(size, limit int64) *api.Error {
	return ErrEntityTooLarge.Detailed("ProposedSize", strconv.FormatInt(size, 10)).Detailed("MaxSizeAllowed", strconv.FormatInt(limit, 10))
}

func (in *PutObjectInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *PutObjectInput) acl() aclAsked {
	return aclAsked{canned: in.ACL, grants: in.GrantFullControl + in.GrantRead + in.GrantReadACP + in.GrantWriteACP}
}

// putObjectChecks is what must be allowed to put an object [S226].
func (s *Service) putObjectChecks(ctx context.Context, in *PutObjectInput) ([]api.Check, *bucket, error) {
	return s.writeChecks(ctx, in, in.Key, writing{
		tags: in.Tagging != nil, acl: in.acl(), call: "PutObject",
		lock: in.lock(),
	})
}

// writing is what a call does beside writing an object.
type writing struct {
	tags bool
	acl  aclAsked
	lock lock
	call string // its name in the refusal of a public ACL
}

// writeChecks resolves a call that writes an object.
func (s *Service) writeChecks(ctx context.Context, in located, key string, w writing) ([]api.Check, *bucket, error) {
	name, owner := in.place()
	b, err := s.findBucket(ctx, name, owner)
	if err != nil {
		return nil, nil, err
	}
	if err := checkKey(key); err != nil {
		return nil, nil, err
	}
	target := s.objectTarget(b, key, nil, in)
	checks := []api.Check{{Action: "s3:PutObject", Target: target}}
	guarded := target
	w.acl.guard(ctx, b, w.call, &guarded)
	for _, further := range []struct {
		action string
		needed bool
		target api.Target
	}{
		{"s3:PutObjectTagging", w.tags, target},
		{"s3:PutObjectAcl", w.acl.asked() && !byService(ctx), guarded},
		{"s3:PutObjectRetention", w.lock.retention, target},
		{"s3:PutObjectLegalHold", w.lock.hold, target},
	} {
		if further.needed {
			checks = append(checks, api.Check{Action: further.action, Target: further.target})
		}
	}
	return checks, b, nil
}

// byService reports whether an AWS service calls for itself. The bucket policies that AWS
// documents for CloudTrail let it put objects with an ACL, and name s3:PutObject alone [T017].
func byService(ctx context.Context) bool {
	return api.RequestFrom(ctx).Caller.Type == policyeval.Service
}

// PutObject puts an object into a bucket, in the place of the one that was there.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html.
func (s *Service) PutObject(ctx context.Context, in *PutObjectInput) (*PutObjectOutput, error) {
	return api.DoChecks(ctx, in, s.putObjectChecks, s.putObject)
}

func (s *Service) putObject(ctx context.Context, b *bucket, in *PutObjectInput) (*PutObjectOutput, error) {
	o, err := in.object(b)
	if err != nil {
		return nil, err
	}
	body := claimed{contentMD5: in.ContentMD5, wanted: in.ChecksumAlgorithm, claims: in.claims(), expectHex: true}
	if err := body.check(); err != nil {
		return nil, err
	}
	if size := in.Body.Length(); size > maxPut {
		return nil, tooLarge(size, maxPut)
	}
	conditions := writeConditions{ifMatch: in.IfMatch, ifNoneMatch: in.IfNoneMatch}
	if err := s.checkWrite(ctx, b, in.Key, conditions); err != nil {
		return nil, err
	}
	key, sealed, err := s.sealFor(ctx, b, in.Key, encryptionAsked{
		Algorithm: in.ServerSideEncryption, KMSKeyID: in.SSEKMSKeyId, Context: in.SSEKMSEncryptionContext, BucketKey: in.BucketKeyEnabled,
		Customer: customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5},
	})
	if err != nil {
		return nil, err
	}
	w, err := s.receive(ctx, b, key, in.Body, &body)
	if err != nil {
		return nil, err
	}
	defer w.drop()
	o.Sealing, o.Blob, o.Size, o.Checksum = sealed, w.Blob, w.Size, body.checksum
	o.ETag = s.etagOf(sealed, body.hashes.etag())
	put, err := s.install(ctx, b, o, conditions, created(ctx), func(tx store.Tx, _ *object) error { return w.keep(tx) })
	if err != nil {
		return nil, err
	}
	return putAnswer(put), nil
}

func putAnswer(o *object) *PutObjectOutput {
	out := &PutObjectOutput{ETag: quoted(o.ETag), VersionId: o.told(),
		ServerSideEncryption: o.Sealing.Algorithm, SSEKMSKeyId: o.Sealing.KeyARN, BucketKeyEnabled: o.Sealing.usesBucketKey(),
	}
	out.ChecksumType, out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256 = o.Checksum.members()
	return out
}

// told is the version id that the writer of an object is told, and who copies it: none of
// null [S162] [S169].
func (o *object) told() string {
	if o.VersionID == nullVersion {
		return ""
	}
	return o.VersionID
}

func quoted(etag string) string { return `"` + etag + `"` }

func (in *PutObjectInput) claims() claims {
	return claims{
		in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256,
		in.ChecksumMD5 + in.ChecksumSHA512 + in.ChecksumXXHASH64 + in.ChecksumXXHASH3 + in.ChecksumXXHASH128,
	}
}

// object is the object that an input asks for, without its body.
func (in *PutObjectInput) object(b *bucket) (*object, error) {
	switch {
	case in.WriteOffsetBytes != nil:
		return nil, notImplemented("x-amz-write-offset-bytes", "")
	case in.lock().asked():
		return nil, errNoLock
	}
	return newObject(b, &described{
		key: in.Key, acl: in.acl(), storageClass: in.StorageClass, tagging: in.Tagging,
		headers: headers{
			in.ContentType, in.CacheControl, in.ContentDisposition, in.ContentEncoding, in.ContentLanguage,
			httpTime(in.Expires), in.WebsiteRedirectLocation, in.Metadata,
		},
	})
}

func (s *Service) now() time.Time { return s.clock.Now().UTC().Truncate(time.Second) }

// timeOfHTTP is how headers write times.
const timeOfHTTP = "Mon, 02 Jan 2006 15:04:05 GMT"

func httpTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeOfHTTP)
}

// claimed is what a request claims of its body, and what the body was.
type claimed struct {
	contentMD5 string
	wanted     string // the algorithm that x-amz-sdk-checksum-algorithm names
	also       string // another algorithm that is needed
	claims     claims
	// expectHex: the error for another MD5 tells the expected one in hexadecimal [S081].
	expectHex bool

	md5     []byte
	claimed checksum
	hashes  *hashes
	// checksum is what is kept.
	checksum checksum
}

// check refuses claims that no body fulfills.
func (u *claimed) check() (err error) {
	if u.md5, err = contentMD5(u.contentMD5); err != nil {
		return err
	}
	u.claimed, err = u.claims.one()
	return err
}

// trailer is the checksum that was sent behind a body; no algorithm: none was.
func trailer(body *api.Body) (claimed checksum) {
	for _, algorithm := range checksumAlgorithms {
		if value := body.Trailer(headerOf(algorithm)); value != "" {
			return checksum{algorithm, fullObject, value}
		}
	}
	return checksum{}
}

// receive stores the body of a request, and refuses one that is not as it was claimed.
func (s *Service) receive(ctx context.Context, b *bucket, key *envelope.Key, body *api.Body, u *claimed) (w *written, err error) {
	u.hashes = newHashes(u.claimed.Algorithm, strings.ToUpper(u.wanted), u.also)
	if w, err = s.write(ctx, b, key, body, u.hashes); err != nil {
		return nil, err
	}
	if u.claimed.Algorithm == "" {
		u.claimed = trailer(body)
	}
	if err = s.verify(ctx, key, w, u); err != nil {
		w.drop()
		return nil, b.orGone(err)
	}
	return w, nil
}

// verify compares a stored body with what was claimed of it.
func (s *Service) verify(ctx context.Context, key *envelope.Key, w *written, u *claimed) error {
	if err := u.checkMD5(); err != nil {
		return err
	}
	if u.claimed.Algorithm == "" {
		u.checksum, _ = u.hashes.sum(crc64NVME)
		return nil
	}
	if err := u.claimed.check(); err != nil { // of a trailer
		return err
	}
	var err error
	if u.checksum, err = s.sumOf(ctx, key, w, u.hashes, u.claimed.Algorithm); err != nil {
		return err
	}
	return u.checkSum()
}

// checkMD5 refuses a body of another MD5 than was claimed [S081].
func (u *claimed) checkMD5() error {
	got := u.hashes.md5.Sum(nil)
	if u.md5 == nil || bytes.Equal(got, u.md5) {
		return nil
	}
	expected := u.contentMD5
	if u.expectHex {
		expected = hex.EncodeToString(u.md5)
	}
	return ErrBadDigest.With("The Content-MD5 you specified did not match what we received.").
		Detailed("ExpectedDigest", expected).Detailed("CalculatedDigest", base64.StdEncoding.EncodeToString(got))
}

// checkSum refuses a body of another checksum than was claimed [S096].
func (u *claimed) checkSum() error {
	if u.checksum.Value != u.claimed.Value {
		return ErrBadDigest.Withf("The %s you specified did not match the calculated checksum.", u.claimed.Algorithm)
	}
	return nil
}

// sumOf is the checksum of a stored body: what was computed while it came, or, where its
// algorithm was known only behind it, what is computed now.
func (s *Service) sumOf(ctx context.Context, key *envelope.Key, w *written, h *hashes, algorithm string) (checksum, error) {
	if sum, ok := h.sum(algorithm); ok {
		return sum, nil
	}
	r, err := s.open(ctx, &object{Blob: w.Blob, Size: w.Size}, key, 0, w.Size)
	if err != nil {
		return checksum{}, err
	}
	defer func() { _ = r.Close() }() // it never fails
	again := newHashes(algorithm)
	if _, err := io.Copy(again, r); err != nil {
		return checksum{}, err
	}
	sum, _ := again.sum(algorithm)
	return sum, nil
}

// install makes an object the current version of its key, if the conditions hold. finish
// completes the record, in the transaction that writes it. It answers the version that the
// object has become.
func (s *Service) install(ctx context.Context, b *bucket, o *object, conditions writeConditions, event string, finish func(store.Tx, *object) error) (*object, error) {
	secret, err := s.versions.secret(ctx)
	if err != nil {
		return nil, err
	}
	first := s.sequence.next()
	o.Modified = s.now()
	var put object
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		b, err := s.present(tx, b)
		if err != nil {
			return err
		}
		asked, err := conditions.current(s, tx, b)
		if err != nil {
			return err
		}
		if err := asked.check(o.Key, s.newest(tx, b, o.Key)); err != nil {
			return err
		}
		put = *o
		if err := finish(tx, &put); err != nil {
			return err
		}
		s.putVersion(tx, b, &put, s.after(tx, b, o.Key, first), secret)
		s.happened(ctx, tx, &change{event: event, bucket: b, object: &put, sequence: put.Order.sequence(), at: o.Modified})
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.blobs.signal() // to sweep what it has replaced
	s.outbox.Committed()
	return &put, nil
}

// putVersion makes o, an object or a delete marker, the newest version of its key: one of its
// own where versioning is enabled, else in the place of the null version [S161] [S165].
func (s *Service) putVersion(tx store.Tx, b *bucket, o *object, sequence uint64, secret []byte) {
	o.Order = orderOf(sequence)
	if b.Versioning == versioningEnabled {
		o.VersionID = versionID(secret, sequence)
	} else {
		o.VersionID = nullVersion
		if former := s.find(tx, b, o.Key, wanted{id: &o.VersionID}); former != nil {
			s.objects.Delete(tx, b.versionKey(o.Key, former.Order))
			former.loosen(tx)
		}
		tx.Put(b.nullKey(o.Key), []byte(o.Order))
	}
	s.objects.Put(tx, b.versionKey(o.Key, o.Order), o)
	if o.Marker {
		s.unlist(tx, b, o.Key)
	} else {
		tx.Put(b.liveKey(o.Key), []byte(o.Order))
	}
}

// unlist takes a key from those whose objects are there. The uploads of the key are to know
// that it had one.
func (s *Service) unlist(tx store.Tx, b *bucket, key string) {
	if tx.Get(b.liveKey(key)) != nil {
		tx.Delete(b.liveKey(key))
		s.noteDeletion(tx, b, key)
	}
}

// etagOf is the ETag of an object: the MD5 of its body, unless KMS is in play [S061].
func (s *Service) etagOf(sealed sealing, md5 string) string {
	if sealed.Algorithm == algorithmAES {
		return md5
	}
	return s.ids.Hex(len(md5))
}

// created is the event of an object that is put: another where it came as a form [S310].
func created(ctx context.Context) string {
	if auth := api.RequestFrom(ctx).Auth; auth != nil && auth.Type == "POST" {
		return createdPost
	}
	return createdPut
}
