package s3

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (in *GetObjectInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *HeadObjectInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) getObjectChecks(ctx context.Context, in *GetObjectInput) ([]api.Check, *spot, error) {
	return s.readChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:GetObject", "s3:GetObjectVersion"))
}

func (s *Service) headObjectChecks(ctx context.Context, in *HeadObjectInput) ([]api.Check, *spot, error) {
	return s.readChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:GetObject", "s3:GetObjectVersion"))
}

// reading is a call that reads an object, as GetObject and HeadObject have it alike.
type reading struct {
	method        string
	conditions    readConditions
	rangeAsked    string
	partNumber    *int32
	checksumAsked bool
	overrides     headers
	customer      customerKey
}

// found is what a reader is told of an object.
type found struct {
	*object
	extent  extent
	partial bool
	parts   *int32 // of how many parts the object was made, where one of them was asked for
	headers
	// sum is the checksum of what is told: of the object, or of one of the parts that a
	// composite one is of. No algorithm: none is told.
	sum checksum
}

// look finds what a call is to be told of an object, or why not.
func (s *Service) look(ctx context.Context, at *spot, asked *reading) (*found, error) {
	o := at.object
	if o.Marker {
		return nil, o.isMarker(asked.method)
	}
	if err := asked.customer.toRead(); err != nil {
		return nil, err
	}
	if err := asked.conditions.check(o, s.clock.Now()); err != nil {
		return nil, err
	}
	if err := asked.checkOverrides(ctx); err != nil {
		return nil, err
	}
	f := &found{object: o, extent: extent{0, o.Size}, headers: o.overridden(&asked.overrides)}
	if err := s.cut(ctx, f, asked); err != nil {
		return nil, err
	}
	switch {
	case !asked.checksumAsked:
		f.sum = checksum{}
	case f.sum.Algorithm == "" && f.extent == (extent{0, o.Size}): // [S067]
		f.sum = o.Checksum
	}
	return f, nil
}

// cut finds the part of an object that was asked for [S065]-[S068].
func (s *Service) cut(ctx context.Context, f *found, asked *reading) (err error) {
	switch {
	case asked.partNumber != nil && asked.rangeAsked != "":
		return ErrInvalidRequest.With("Cannot specify both Range header and partNumber query parameter")
	case asked.partNumber != nil:
		return s.cutPart(ctx, f, *asked.partNumber)
	case asked.rangeAsked != "":
		f.extent, f.partial, err = parseRange(asked.rangeAsked, f.Size)
	}
	return err
}

// cutPart finds a part of an object by its number.
func (s *Service) cutPart(ctx context.Context, f *found, number int32) error {
	if number < 1 || number > maxParts {
		return badPartNumber(number)
	}
	count := max(1, f.PartCount)
	if int(number) > count {
		return ErrInvalidPartNumber.Detailed("ActualPartCount", strconv.Itoa(count)).Detailed("PartNumberRequested", strconv.Itoa(int(number)))
	}
	f.partial = true
	if f.PartCount == 0 {
		return nil
	}
	f.parts = new(int32(f.PartCount)) //nolint:gosec // at most maxParts
	if f.Manifest == "" {
		return nil // the one part is empty
	}
	m, err := s.manifest(ctx, f.object)
	if err != nil {
		return err
	}
	for _, p := range m.Parts[:number-1] {
		f.extent.offset += p.Size
	}
	p := &m.Parts[number-1]
	f.extent.length = p.Size
	if f.Checksum.Type == composite { // [S102]
		f.sum = p.Checksum
		f.sum.Type = composite
	}
	return nil
}

// maxParts is how many parts an object has at most.
const maxParts = 10_000

// badPartNumber is the error for a number that no part has [S141].
func badPartNumber(number int32) error {
	return badArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", strconv.Itoa(int(number)))
}

// checkOverrides refuses headers that the request wants otherwise, of those who are
// nobody, and those that no header can have [S075].
func (r *reading) checkOverrides(ctx context.Context) error {
	o := &r.overrides
	values := []string{o.CacheControl, o.ContentDisposition, o.ContentEncoding, o.ContentLanguage, o.ContentType, o.Expires}
	all := strings.Join(values, "")
	if all == "" {
		return nil
	}
	if api.RequestFrom(ctx).Caller.Type == policyeval.Anonymous {
		return ErrInvalidRequest.With("Request specific response headers cannot be used for anonymous GET requests.")
	}
	for i, name := range []string{"cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"} {
		for _, c := range values[i] {
			if c > maxLatin1 {
				return badArgument("Header value cannot be represented using ISO-8859-1.", "response-"+name, values[i])
			}
		}
	}
	return nil
}

// maxLatin1 is the last character of ISO-8859-1.
const maxLatin1 = 0xff

// overridden are the object's headers with those that a request wants otherwise.
func (o *object) overridden(by *headers) headers {
	h := o.headers
	for _, v := range []struct {
		to *string
		by string
	}{
		{&h.ContentType, by.ContentType},
		{&h.ContentDisposition, by.ContentDisposition},
		{&h.ContentEncoding, by.ContentEncoding},
		{&h.ContentLanguage, by.ContentLanguage},
		{&h.CacheControl, by.CacheControl},
		{&h.Expires, by.Expires},
	} {
		if v.by != "" {
			*v.to = v.by
		}
	}
	return h
}

func (f *found) status() int {
	const partialContent = 206
	if f.partial {
		return partialContent
	}
	return 0
}

// storageClassTold is the class of what is not in the standard one [S063].
func (o *object) storageClassTold() string {
	if o.StorageClass == standard {
		return ""
	}
	return o.StorageClass
}

// tagCount is how many tags there are; nil: none [S064].
func (o *object) tagCount() *int32 {
	if len(o.Tags) == 0 {
		return nil
	}
	return new(int32(len(o.Tags))) //nolint:gosec // at most ten
}

// versionTold is the version id that a reader is told: none in a bucket that never had
// versions.
func (b *bucket) versionTold(o *object) string {
	if !b.versioned() {
		return ""
	}
	return o.VersionID
}

func (f *found) contentRange() string {
	if !f.partial || f.extent.length == 0 {
		return ""
	}
	return f.extent.contentRange(f.Size)
}

// GetObject reads an object, or a part of one. Close what is to be read.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
func (s *Service) GetObject(ctx context.Context, in *GetObjectInput) (*GetObjectOutput, error) {
	return api.DoChecks(ctx, in, s.getObjectChecks, s.getObject)
}

func (s *Service) getObject(ctx context.Context, at *spot, in *GetObjectInput) (*GetObjectOutput, error) {
	f, err := s.look(ctx, at, &reading{
		method:     "GET",
		conditions: readConditions{in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince},
		rangeAsked: in.Range, partNumber: in.PartNumber, checksumAsked: in.ChecksumMode != "",
		overrides: headers{
			ContentType: in.ResponseContentType, CacheControl: in.ResponseCacheControl, ContentDisposition: in.ResponseContentDisposition,
			ContentEncoding: in.ResponseContentEncoding, ContentLanguage: in.ResponseContentLanguage, Expires: httpTime(in.ResponseExpires),
		},
		customer: customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5},
	})
	if err != nil {
		return nil, err
	}
	if f.StorageClass == glacier || f.StorageClass == deepArchive {
		return nil, ErrInvalidObjectState.Detailed("StorageClass", f.StorageClass) // [S082]
	}
	body, err := s.openObject(ctx, at.bucket, f.object, f.extent)
	if err != nil {
		return nil, err
	}
	out := &GetObjectOutput{
		AcceptRanges: "bytes", Body: body, CacheControl: f.CacheControl, ContentDisposition: f.ContentDisposition,
		ContentEncoding: f.ContentEncoding, ContentLanguage: f.ContentLanguage, ContentLength: &f.extent.length,
		ContentRange: f.contentRange(), ContentType: f.ContentType, ETag: quoted(f.ETag), ExpiresString: f.Expires,
		LastModified: f.Modified, Metadata: f.Metadata, PartsCount: f.parts,
		ServerSideEncryption: f.Sealing.Algorithm, SSEKMSKeyId: f.Sealing.KeyARN, BucketKeyEnabled: f.Sealing.usesBucketKey(),
		StorageClass: f.storageClassTold(), TagCount: f.tagCount(), VersionId: at.bucket.versionTold(f.object),
		WebsiteRedirectLocation: f.WebsiteRedirectLocation, StatusCode: f.status(),
	}
	out.ChecksumType, out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256 = f.sum.members()
	return out, nil
}

// openObject opens a part of an object's body for reading. It fails with api.ErrChanged
// where the object is not there any more.
func (s *Service) openObject(ctx context.Context, b *bucket, o *object, e extent) (*reader, error) {
	var key *envelope.Key
	if e.length > 0 || o.Sealing.underKMS() {
		var err error
		if key, err = s.openFor(ctx, b, o.Key, o.Sealing); err != nil {
			return nil, err
		}
	}
	r, err := s.open(ctx, o, key, e.offset, e.length)
	if !errors.Is(err, errGone) {
		return r, err
	}
	return nil, s.engine.View(ctx, func(tx store.Reader) error {
		if err := api.Confirm(tx, o, noSuchKey(o.Key)); err != nil {
			return api.ErrChanged
		}
		return fmt.Errorf("s3: the body of %s: %w", b.objectARN(o.Key), errGone)
	})
}

// HeadObject tells what GetObject does, but for the body.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html.
func (s *Service) HeadObject(ctx context.Context, in *HeadObjectInput) (*HeadObjectOutput, error) {
	return api.DoChecks(ctx, in, s.headObjectChecks, s.headObject)
}

func (s *Service) headObject(ctx context.Context, at *spot, in *HeadObjectInput) (*HeadObjectOutput, error) {
	f, err := s.look(ctx, at, &reading{
		method:     "HEAD",
		conditions: readConditions{in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince},
		rangeAsked: in.Range, partNumber: in.PartNumber, checksumAsked: in.ChecksumMode != "",
		overrides: headers{
			ContentType: in.ResponseContentType, CacheControl: in.ResponseCacheControl, ContentDisposition: in.ResponseContentDisposition,
			ContentEncoding: in.ResponseContentEncoding, ContentLanguage: in.ResponseContentLanguage, Expires: httpTime(in.ResponseExpires),
		},
		customer: customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5},
	})
	if err != nil {
		return nil, err
	}
	if in.ChecksumMode != "" && f.Sealing.underKMS() { // [S263]
		if _, err := s.openFor(ctx, at.bucket, f.Key, f.Sealing); err != nil {
			return nil, err
		}
	}
	out := &HeadObjectOutput{
		AcceptRanges: "bytes", CacheControl: f.CacheControl, ContentDisposition: f.ContentDisposition,
		ContentEncoding: f.ContentEncoding, ContentLanguage: f.ContentLanguage, ContentLength: &f.extent.length,
		ContentRange: f.contentRange(), ContentType: f.ContentType, ETag: quoted(f.ETag), ExpiresString: f.Expires,
		LastModified: f.Modified, Metadata: f.Metadata, PartsCount: f.parts,
		ServerSideEncryption: f.Sealing.Algorithm, SSEKMSKeyId: f.Sealing.KeyARN, BucketKeyEnabled: f.Sealing.usesBucketKey(),
		StorageClass: f.storageClassTold(), TagCount: f.tagCount(), VersionId: at.bucket.versionTold(f.object),
		WebsiteRedirectLocation: f.WebsiteRedirectLocation, StatusCode: f.status(),
	}
	out.ChecksumType, out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256 = f.sum.members()
	return out, nil
}
