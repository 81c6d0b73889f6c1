package s3

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// copySource is what a copy is made of, as x-amz-copy-source names it [S178] [S179].
type copySource struct {
	bucket, key, owner string
	version            *string
}

func (c *copySource) place() (bucket, expectedOwner string) { return c.bucket, c.owner }

// badSource is the error for a header that names no object. AWS gives the name of the header
// for its value.
var badSource = badArgument("Invalid copy source object key", "x-amz-copy-source", "x-amz-copy-source")

// parseSource reads the header: /BUCKET/KEY, encoded as in a form, where a space may be a plus,
// and the version behind it. A whole URL with such a path is one, too, whatever its host is.
func parseSource(header, owner string) (*copySource, error) {
	path, query, versioned := strings.Cut(header, "?")
	if scheme, rest, ok := strings.Cut(path, "://"); ok && (scheme == "http" || scheme == "https") {
		_, path, _ = strings.Cut(rest, "/")
	}
	path, err := url.QueryUnescape(path)
	if err != nil {
		return nil, badSource
	}
	name, key, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || name == "" || key == "" {
		return nil, badSource
	}
	c := &copySource{bucket: name, key: key, owner: owner}
	if !versioned {
		return c, nil
	}
	id, ok := strings.CutPrefix(query, "versionId=")
	if id, err = url.QueryUnescape(id); !ok || err != nil {
		return nil, badSource
	}
	c.version = &id
	return c, nil
}

// sourceChecks is what must be allowed to read what a copy is made of [S229].
func (s *Service) sourceChecks(ctx context.Context, header, owner string) ([]api.Check, *spot, error) {
	source, err := parseSource(header, owner)
	if err != nil {
		return nil, nil, err
	}
	return s.readChecks(ctx, source, source.key, source.version, versionAction(source.version, "s3:GetObject", "s3:GetObjectVersion"))
}

// sourceConditions are the conditions that a copy puts on its source.
func sourceConditions(in *CopyObjectInput) *readConditions {
	return &readConditions{
		optional(in.CopySourceIfMatch), optional(in.CopySourceIfNoneMatch), in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince,
	}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// checkSource refuses a source that cannot be copied, or whose conditions do not hold
// [S169] [S180].
func (s *Service) checkSource(o *object, conditions *readConditions) error {
	if o.Marker {
		return ErrInvalidRequest.With("The source of a copy request may not specifically refer to a delete marker by version id.")
	}
	if failed := conditions.failed(o, s.clock.Now()); failed != "" {
		return preconditionFailed("x-amz-copy-source-" + failed)
	}
	if o.StorageClass == glacier || o.StorageClass == deepArchive {
		return ErrNotInActiveTier
	}
	return nil
}

func (in *CopyObjectInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *CopyObjectInput) acl() aclAsked {
	return aclAsked{canned: in.ACL, grants: in.GrantFullControl + in.GrantRead + in.GrantReadACP + in.GrantWriteACP}
}

func (in *CopyObjectInput) lock() lock {
	return lockAsked(in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus,
		in.ObjectLockEventHold, in.ObjectLockEventHoldDurationDays, in.ObjectLockEventHoldDurationYears)
}

// copying is what CopyObject works on.
type copying struct {
	source *spot
	target *bucket
}

// The directives of a copy: what is taken from the source, or replaced.
const (
	directiveCopy    = "COPY"
	directiveReplace = "REPLACE"
)

// copyObjectChecks is what must be allowed to copy an object: to read the source and to
// write the copy, and the tags of both where they are copied [S229].
func (s *Service) copyObjectChecks(ctx context.Context, in *CopyObjectInput) ([]api.Check, *copying, error) {
	if err := in.checkDirectives(); err != nil {
		return nil, nil, err
	}
	checks, source, err := s.sourceChecks(ctx, in.CopySource, in.ExpectedSourceBucketOwner)
	if err != nil {
		return nil, nil, err
	}
	tags := in.TaggingDirective == directiveReplace && in.Tagging != nil
	if o := source.object; in.TaggingDirective != directiveReplace && o != nil && len(o.Tags) > 0 {
		checks, tags = append(checks, api.Check{
			Action: "s3:GetObjectTagging", Target: s.objectTarget(source.bucket, source.key, o, nil),
		}), true
	}
	more, target, err := s.writeChecks(ctx, in, in.Key, writing{
		tags: tags, acl: in.acl(), call: "CopyObject",
		lock: in.lock(),
	})
	return append(checks, more...), &copying{source, target}, err
}

func (in *CopyObjectInput) checkDirectives() error {
	switch in.MetadataDirective {
	case "", directiveCopy, directiveReplace:
	default:
		return badArgument("Unknown metadata directive.", "x-amz-metadata-directive", in.MetadataDirective)
	}
	switch in.AnnotationDirective { // objects have no annotations here: there are none to copy or to leave
	case "", directiveCopy, "EXCLUDE":
	default:
		return badArgument("Unknown annotation directive.", "x-amz-object-annotation-directive", in.AnnotationDirective)
	}
	switch in.TaggingDirective {
	case "", directiveCopy, directiveReplace:
	default:
		return badArgument("Unknown tagging directive.", "x-amz-tagging-directive", in.TaggingDirective)
	}
	return nil
}

// CopyObject makes an object of another one.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html.
func (s *Service) CopyObject(ctx context.Context, in *CopyObjectInput) (*CopyObjectOutput, error) {
	return api.DoChecks(ctx, in, s.copyObjectChecks, s.copyObject)
}

func (s *Service) copyObject(ctx context.Context, c *copying, in *CopyObjectInput) (*CopyObjectOutput, error) {
	o, err := s.copyOf(c, in)
	if err != nil {
		return nil, err
	}
	conditions := writeConditions{ifMatch: in.IfMatch, ifNoneMatch: in.IfNoneMatch}
	if err := s.checkWrite(ctx, c.target, in.Key, conditions); err != nil {
		return nil, err
	}
	w, err := s.copyBody(ctx, c, o, in)
	if err != nil {
		return nil, err
	}
	defer w.drop()
	put, err := s.install(ctx, c.target, o, conditions, createdCopy, func(tx store.Tx, _ *object) error { return w.keep(tx) })
	if err != nil {
		return nil, err
	}
	out := &CopyObjectOutput{
		CopyObjectResult: &CopyObjectResult{ETag: quoted(put.ETag), LastModified: put.Modified}, CopySourceVersionId: c.source.object.told(),
		VersionId:            c.target.versionTold(put),
		ServerSideEncryption: put.Sealing.Algorithm, SSEKMSKeyId: put.Sealing.KeyARN, BucketKeyEnabled: put.Sealing.usesBucketKey(),
	}
	r := out.CopyObjectResult
	r.ChecksumType, r.ChecksumCRC32, r.ChecksumCRC32C, r.ChecksumCRC64NVME, r.ChecksumSHA1, r.ChecksumSHA256 = put.Checksum.members()
	return out, nil
}

// copyOf is the object that a copy is to be, without its body [S177].
func (s *Service) copyOf(c *copying, in *CopyObjectInput) (*object, error) {
	from := c.source.object
	switch {
	case in.lock().asked():
		return nil, errNoLock
	case in.ChecksumAlgorithm != "" && newHash(in.ChecksumAlgorithm) == nil:
		return nil, unknownAlgorithm()
	}
	if err := s.checkSource(from, sourceConditions(in)); err != nil {
		return nil, err
	}
	if err := (customerKey{in.CopySourceSSECustomerAlgorithm, in.CopySourceSSECustomerKey, in.CopySourceSSECustomerKeyMD5}).toRead(); err != nil {
		return nil, err
	}
	if from.Size > maxPut {
		return nil, ErrInvalidRequest.Withf("The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(maxPut))
	}
	if c.ontoItself(in) && !in.changes() && c.target.Encryption == nil && !from.Sealing.underKMS() { // [S175] [S176]
		return nil, ErrInvalidRequest.With("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	d := &described{key: in.Key, acl: in.acl(), storageClass: in.StorageClass, headers: from.headers}
	if in.MetadataDirective == directiveReplace {
		d.headers = headers{
			in.ContentType, in.CacheControl, in.ContentDisposition, in.ContentEncoding, in.ContentLanguage,
			httpTime(in.Expires), "", in.Metadata,
		}
	}
	d.WebsiteRedirectLocation = in.WebsiteRedirectLocation
	if in.TaggingDirective == directiveReplace {
		d.tagging = in.Tagging
	}
	o, err := newObject(c.target, d)
	if err == nil && in.TaggingDirective != directiveReplace {
		o.Tags = append([]resource.Tag(nil), from.Tags...)
	}
	return o, err
}

// ontoItself reports whether an object is to be copied to its own place.
func (c *copying) ontoItself(in *CopyObjectInput) bool {
	return c.source.bucket.ID == c.target.ID && c.source.key == in.Key && !strings.Contains(in.CopySource, "?versionId=")
}

// changes reports whether a copy differs from its source.
func (in *CopyObjectInput) changes() bool {
	return in.MetadataDirective == directiveReplace || in.StorageClass != "" || in.WebsiteRedirectLocation != "" ||
		in.ServerSideEncryption != "" || in.SSEKMSKeyId != "" || in.SSECustomerAlgorithm != "" || in.BucketKeyEnabled != nil
}

// copyBody stores the body of a copy, with what is known of it [S108].
func (s *Service) copyBody(ctx context.Context, c *copying, o *object, in *CopyObjectInput) (*written, error) {
	from := c.source.object
	key, sealed, err := s.sealFor(ctx, c.target, in.Key, encryptionAsked{
		Algorithm: in.ServerSideEncryption, KMSKeyID: in.SSEKMSKeyId, Context: in.SSEKMSEncryptionContext, BucketKey: in.BucketKeyEnabled,
		Customer: customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5},
	})
	if err != nil {
		return nil, err
	}
	body, err := s.openObject(ctx, c.source.bucket, from, extent{0, from.Size})
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }() // it never fails
	algorithm := from.Checksum.Algorithm
	if in.ChecksumAlgorithm != "" {
		algorithm = in.ChecksumAlgorithm
	}
	h := newHashes(algorithm)
	w, err := s.write(ctx, c.target, key, body, h)
	if err != nil {
		return nil, err
	}
	o.Sealing, o.Blob, o.Size, o.ETag = sealed, w.Blob, w.Size, s.etagOf(sealed, h.etag())
	o.Checksum, _ = h.sum(algorithm)
	return w, nil
}

// copyRange is the part of a source that a part is copied from [S149].
func copyRange(header *string, size int64) (extent, error) {
	if header == nil {
		return extent{0, size}, nil
	}
	malformed := badArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy", "x-amz-copy-source-range", *header)
	spec, ok := strings.CutPrefix(*header, "bytes=")
	from, to, found := strings.Cut(spec, "-")
	first, fromOK := digits(from)
	last, toOK := digits(to)
	switch {
	case !ok || !found || !fromOK || !toOK || last < first:
		return extent{}, malformed
	case first >= size:
		return extent{}, ErrInvalidRequest.With("The specified copy range is invalid for the source object size")
	case last >= size:
		return extent{}, badArgument("Range specified is not valid for source object of size: "+strconv.FormatInt(size, 10), "x-amz-copy-source-range", *header)
	}
	return extent{first, last - first + 1}, nil
}
